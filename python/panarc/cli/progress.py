"""A progress line on a terminal."""

from __future__ import annotations

import sys
import threading
import time

from .messages import ERASE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

_INTERVAL = 0.2


class Progress:
    """Shows on standard error how far work is, if that is a terminal; a context manager.

    Parameters
    ----------
    total
        Number of files, or of `what` is counted, in all; None if nobody knows.
    bases
        Returns the number of bases done; asked from another thread. None if nobody knows.
    what
        What is counted.
    """

    def __init__(self, total: int | None = None, bases: Callable[[], int] | None = None, what: str = "files") -> None:
        self._total = total
        self._what = what
        self._bases = bases
        self._done = 0
        self._start = time.monotonic()
        self._end = threading.Event()
        self._thread: threading.Thread | None = None

    def advance(self, count: int) -> None:
        """Count more as done."""
        self._done += count

    def line(self, seconds: float) -> str:
        """Return what is shown after that many seconds."""
        of = "" if self._total is None else f"/{self._total}"
        done = f"{self._done}{of} {self._what}"
        if self._bases is None:
            return f"{done}, {seconds:.0f} s"
        bases = self._bases()
        rate = bases / seconds if seconds > 0 else 0.0
        return f"{done}, {_short(bases)}b, {_short(rate)}b/s, {seconds:.0f} s"

    def __enter__(self) -> Progress:
        if sys.stderr is not None and sys.stderr.isatty():
            self._thread = threading.Thread(target=self._show, daemon=True)
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._thread is not None:
            self._end.set()
            self._thread.join()

    def _show(self) -> None:
        try:
            while not self._end.wait(_INTERVAL):
                sys.stderr.write(ERASE + self.line(time.monotonic() - self._start))
                sys.stderr.flush()
            sys.stderr.write(ERASE)
            sys.stderr.flush()
        except (OSError, ValueError):
            # The terminal is gone; the work goes on.
            pass


def _short(number: float) -> str:
    """Return a number with a unit: 12.3 M."""
    for unit in ("", "k", "M", "G"):
        if number < 1000:
            return f"{number:.0f} {unit}" if not unit else f"{number:.1f} {unit}"
        number /= 1000
    return f"{number:.1f} T"
