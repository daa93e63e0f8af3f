"""One command and what it cost."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

_LAUNCHER = Path(__file__).with_name("launcher.py")
_TAIL_CHARACTERS = 300
_FOLDERS = re.compile(r"""(?<![\w:/])(?:/[^\s/'"]+)+/""")


class CommandError(Exception):
    """A command is missing, failed or took too long; the message says which and why."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What one run of a command cost.

    Attributes
    ----------
    wall
        Seconds from start to end.
    cpu
        Seconds of user and system time, of all its processes.
    peak
        Peak resident bytes of its largest process.
    """

    wall: float
    cpu: float
    peak: int


def measure(command: list[str], *, timeout: float | None = None, stdout: Path | None = None) -> Usage:
    """Run `command` to its end and measure it.

    Parameters
    ----------
    command
        Program and arguments.
    timeout
        Seconds after which the command and its children are killed.
    stdout
        File for its standard output; discarded if none is given.

    Raises
    ------
    CommandError
        If it cannot be started, fails or takes longer than `timeout`.
    """
    name = Path(command[0]).name
    with TemporaryDirectory(prefix="measure-") as folder:
        stderr = Path(folder, "stderr")
        launcher = [sys.executable, "-I", "-S", str(_LAUNCHER), str(stdout or os.devnull), str(stderr), *command]
        with subprocess.Popen(launcher, stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
            try:
                printed, _ = process.communicate(timeout=timeout)
            except subprocess.TimeoutExpired:
                kill_session(process)
                raise CommandError(f"{name} took more than {timeout:g} s") from None
            except BaseException:
                kill_session(process)
                raise
        fields = printed.split()
        if not fields:
            raise CommandError(f"{name} could not be measured")
        if fields[0] == "failed":
            raise CommandError(f"{name} cannot be started: {os.strerror(int(fields[1]))}")
        if fields[0] != "0":
            tail = without_folders(stderr.read_text(errors="replace"))[-_TAIL_CHARACTERS:] if stderr.exists() else ""
            raise CommandError(
                f"{name} ended with status {fields[0]}" + (f": {' '.join(tail.split())}" if tail else "")
            )
    return Usage(
        wall=round(float(fields[1]), 5), cpu=round(float(fields[2]) + float(fields[3]), 5), peak=int(fields[4])
    )


def measure_floor() -> int:
    """Return the peak resident bytes of a command that does nothing, which no measurement can go below."""
    return measure(["true"]).peak


def without_folders(text: str) -> str:
    """Return `text` with only the last part of every absolute path, since reports are published."""
    return _FOLDERS.sub("", text)


def kill_session(process: subprocess.Popen[str] | subprocess.Popen[bytes]) -> None:
    """Kill a process that was started in a session of its own, and its children."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
