"""Run one command and print what it cost.  A program of its own, started by ``process.py``.

On Linux a new process inherits the peak resident size of the memory it was started from: after fork as a copy, after
vfork and posix_spawn as the parent's own, because the kernel counts the old memory at exec.  A command started from a
big process would therefore be charged with that process.  This program imports next to nothing, so that what a command
inherits is about the size of a bare interpreter; ``process.measure_floor`` says how much that is.

Arguments: file for standard output, file for standard error, then the command.  Prints exit status, seconds of wall,
user and system time, and the peak resident bytes, or the number of the error if the command cannot be started.
"""

import os
import sys
import time


def main() -> None:
    """Run the command of the argument list."""
    stdout, stderr, *command = sys.argv[1:]
    create = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    files = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, stdout, create, 0o644),
        (os.POSIX_SPAWN_OPEN, 2, stderr, create, 0o644),
    ]
    start = time.perf_counter()
    try:
        child = os.posix_spawnp(command[0], command, os.environ, file_actions=files)
    except OSError as error:
        print("failed", error.errno)
        return
    _, status, usage = os.wait4(child, 0)
    wall = time.perf_counter() - start
    unit = 1 if sys.platform == "darwin" else 1024
    print(os.waitstatus_to_exitcode(status), wall, usage.ru_utime, usage.ru_stime, usage.ru_maxrss * unit)


if __name__ == "__main__":
    main()
