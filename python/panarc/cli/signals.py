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


@contextmanager
def listening() -> Iterator[None]:
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
