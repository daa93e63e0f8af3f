"""From the command line to an exit status."""

from __future__ import annotations

import errno
import gc
import os
import sys
from importlib import import_module

from ..errors import Error, ParameterError
from . import status
from .messages import Messages

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import NoReturn

    from .option import Options

#: Verbs that make archives; they know what they may replace.
_MAKERS = ("create", "append", "repair")

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
    # Nothing here makes cycles that matter, and looking for them takes a tenth of a short run.
    collecting = gc.isenabled()
    gc.disable()
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
    finally:
        if collecting:
            gc.enable()


def command() -> NoReturn:
    """Run the command and end the process at once.

    The interpreter would take down all its modules first, a tenth of a short run. Who wants that, a profiler or a
    measurement of coverage, runs ``python -m panarc``.
    """
    end = main()
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except (OSError, ValueError):
            end = end or status.FAILED
    os._exit(end)


def _run(arguments: list[str], messages: Messages) -> int:
    from .command_line import parse
    from .output import check_not_read, check_open

    verb, options = parse(arguments)
    messages.verbosity = getattr(options, "verbosity", 0)
    run: Callable[[Options, Messages], None] = getattr(import_module(f".{verb.module}", __package__), verb.function)
    to_stdout = options.output in (None, "-")
    if to_stdout:
        check_open()
    if verb.module not in _MAKERS:
        for output in (options.output, getattr(options, "html", None)):
            check_not_read(output, options.arguments[:1])
    try:
        if to_stdout and not verb.builds:
            # Nothing is left behind when a signal ends this, and the handlers take long to load.
            run(options, messages)
        else:
            from .signals import listening

            with listening():
                run(options, messages)
    except status.UsageError as error:
        raise status.UsageError(f"{error} (see 'panarc {arguments[0]} --help')") from error
    return status.OK


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
        from contextlib import suppress

        with suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
