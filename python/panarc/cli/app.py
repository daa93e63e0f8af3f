"""From the command line to an exit status."""

from __future__ import annotations

import errno
import os
import signal
import sys
import threading
from contextlib import contextmanager, suppress
from importlib import import_module

from ..errors import Error, FileError, ParameterError
from . import status
from .messages import Messages

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator, Sequence
    from types import FrameType

#: Shows the traceback of an error when it is set to 1.
TRACEBACK_VARIABLE = "PANARC_TRACEBACK"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command.

    Parameters
    ----------
    argv
        Arguments without the program's name; None for those of the process.

    Returns
    -------
    int
        0 if all is well, 1 if something is wrong with data or files, 2 if the command was not understood, 128 plus the
        number of the signal that ended it.
    """
    messages = Messages()
    try:
        return _run(sys.argv[1:] if argv is None else list(argv), messages)
    except SystemExit as end:
        # argparse has said all there is to say.
        return end.code if isinstance(end.code, int) else status.OK
    except KeyboardInterrupt:
        return status.INTERRUPTED
    except status.Terminated as end:
        return 128 + end.signal
    except BaseException as error:
        if os.environ.get(TRACEBACK_VARIABLE) == "1":
            raise
        return _explain(error, messages)


def _run(arguments: list[str], messages: Messages) -> int:
    from .parser import parse

    verb, options = parse(arguments)
    messages.verbosity = getattr(options, "verbosity", 0)
    module, function = verb
    run: Callable[[argparse.Namespace, Messages], None] = getattr(import_module(f".{module}", __package__), function)
    if sys.stdout is None and getattr(options, "output", None) in (None, "-"):
        raise FileError(errno.EBADF, "<standard output>: cannot write: it is closed")
    with _listening():
        run(options, messages)
    return status.OK


@contextmanager
def _listening() -> Iterator[None]:
    """Let the signals that end a process unwind it, so that temporary files go."""

    def end(number: int, _frame: FrameType | None) -> None:
        raise status.Terminated(number)

    heard = []
    if threading.current_thread() is threading.main_thread():
        numbers = [getattr(signal, name, None) for name in ("SIGTERM", "SIGHUP")]
        heard = [number for number in numbers if number and signal.getsignal(number) is signal.SIG_DFL]
    for number in heard:
        signal.signal(number, end)
    try:
        yield
    finally:
        for number in heard:
            signal.signal(number, signal.SIG_DFL)


def _explain(error: BaseException, messages: Messages) -> int:
    """Say in one line what went wrong, and return the exit status for it."""
    if isinstance(error, OSError) and error.errno == errno.EPIPE:
        _silence()
        return status.BROKEN_PIPE
    if isinstance(error, (Error, OSError, status.UsageError, UnicodeError)):
        messages.error(str(error))
    elif isinstance(error, MemoryError):
        messages.error("there is not enough memory")
    else:
        messages.error(f"internal error, please report it: {type(error).__name__}: {error}")
    if isinstance(error, OSError):
        _silence()
    return status.USAGE if isinstance(error, (ParameterError, status.UsageError)) else status.FAILED


def _silence() -> None:
    """Keep the interpreter from complaining about standard output once more when it ends."""
    try:
        sys.stdout.flush()
    except (OSError, ValueError, AttributeError):
        with suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
