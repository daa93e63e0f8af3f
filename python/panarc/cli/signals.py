"""Signals that end a process, so that what was begun is cleaned up."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager

from . import status

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

#: Signals that do not end a process by themselves, cannot be caught, or tell of a fault in it, after which none of its
#: code should run.
_OTHERS = (
    *("CHLD", "CLD", "CONT", "INFO", "TSTP", "TTIN", "TTOU", "URG", "WINCH"),
    *("KILL", "STOP"),
    *("BUS", "FPE", "ILL", "SEGV", "SYS"),
)


@contextmanager
def listening() -> Iterator[None]:
    """Let the signals that end a process unwind it, so that temporary files go.

    Besides the usual ones these are warnings of batch systems (USR1, USR2, XCPU), timers, and real-time signals. Those
    that the process ignores, or has handlers for, stay as they are: Ctrl-C, pipes, limits of file sizes.
    """

    def end(number: int, _frame: FrameType | None) -> None:
        raise status.Terminated(number)

    heard: list[int] = []
    if threading.current_thread() is threading.main_thread():
        others = {getattr(signal, f"SIG{name}", None) for name in _OTHERS}
        numbers = sorted(signal.valid_signals() - others)
        heard = [number for number in numbers if signal.getsignal(number) is signal.SIG_DFL]
    for number in heard:
        signal.signal(number, end)
    try:
        yield
    finally:
        for number in heard:
            signal.signal(number, signal.SIG_DFL)
