"""A progress line on a terminal."""

from __future__ import annotations

import os
import stat
import sys
import threading
import time
from collections import deque

from .messages import ERASE, erasable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

#: Seconds between two lines, and over which the rate is taken.
_INTERVAL = 0.2
_WINDOW = 10.0

#: Seconds from which on the remaining time is told, and the share of the work.
_EARLIEST = 1.0
_LEAST = 0.01

#: Columns of a terminal that does not tell them.
_COLUMNS = 80


class State:
    """How far work is.

    Parameters
    ----------
    done
        Files or samples that are done.
    bases
        Bases that are done.
    share
        The share of all work that is done, from 0 to 1; None if nobody knows.
    """

    __slots__ = ("bases", "done", "share")

    def __init__(self, done: int, bases: int, share: float | None) -> None:
        self.done = done
        self.bases = bases
        self.share = share


class Progress:
    """Shows on standard error how far work is, if that is a terminal; a context manager.

    A line is as wide as the terminal at most; what matters least is left out. There are no colours. Terminals that
    cannot erase a line (TERM=dumb) get nothing.

    Parameters
    ----------
    total, what
        Number of files, or of whatever `what` says, in all.
    state
        Returns how far the work is; asked from another thread.
    limit
        Bytes of memory that the process may have; None for no such limit.
    last
        What is said in place of the remaining time when all that is counted is done.
    shown
        Whether there is to be a line at all.
    """

    def __init__(
        self,
        total: int,
        what: str,
        state: Callable[[], State],
        *,
        limit: int | None = None,
        last: str = "finishing",
        shown: bool = True,
    ) -> None:
        self._total = total
        self._what = what
        self._state = state
        self._limit = limit
        self._last = last
        self._shown = shown and erasable(sys.stderr)
        self._past: deque[tuple[float, int]] = deque()
        self._start = time.monotonic()
        self._end = threading.Event()
        self._thread: threading.Thread | None = None

    def line(self, seconds: float, columns: int = _COLUMNS) -> str:
        """Return what is shown after that many seconds on a terminal of that many columns."""
        state = self._state()
        # In the order of the line, each with its rank: the last rank is the first to go.
        parts = [
            (1, f"{state.done}/{self._total} {self._what}"),
            (3, f"{_short(state.bases)}b"),
            (0, f"{self._rate(seconds, state.bases) / 1e6:.1f} Mb/s"),
            (5, _clock(seconds)),
        ]
        if state.share is not None and state.share >= 1:
            parts.append((2, self._last))
        elif state.share is not None and seconds >= _EARLIEST and state.share >= _LEAST:
            parts.append((2, f"{_clock(seconds / state.share - seconds)} left"))
        memory = _resident()
        if memory is not None:
            limit = "" if self._limit is None else f" of {_short(self._limit)}B"
            parts.append((4, f"{_short(memory)}B{limit}"))
        # The last column stays free: some terminals go on in the next line when it is written to.
        while len(line := ", ".join(text for _, text in parts)) > columns - 1 and parts:
            parts.remove(max(parts))
        return line

    def __enter__(self) -> Progress:
        if self._shown:
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
                sys.stderr.write(ERASE + self.line(time.monotonic() - self._start, _columns()))
                sys.stderr.flush()
            sys.stderr.write(ERASE)
            sys.stderr.flush()
        except (OSError, ValueError):
            # The terminal is gone; the work goes on.
            pass

    def _rate(self, seconds: float, bases: int) -> float:
        """Return bases a second, of the last seconds."""
        past = self._past
        past.append((seconds, bases))
        while len(past) > 1 and past[1][0] < seconds - _WINDOW:
            past.popleft()
        since, before = past[0] if len(past) > 1 and seconds > _WINDOW else (0.0, 0)
        return (bases - before) / (seconds - since) if seconds > since else 0.0


def file_bytes(paths: list[str]) -> int | None:
    """Return the size of files together; None if one of them has none, as a pipe."""
    total = 0
    for path in paths:
        try:
            found = os.stat(path)
        except OSError:
            return None
        if not stat.S_ISREG(found.st_mode):
            return None
        total += found.st_size
    return total


def _columns() -> int:
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns or _COLUMNS
    except (OSError, ValueError):
        return _COLUMNS


def _resident() -> int | None:
    """Return the bytes of memory that the process has; None where the system does not tell."""
    try:
        with open("/proc/self/statm", "rb") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return None


def _clock(seconds: float) -> str:
    """Return a time: 12 s, 3:05, 1:02:03."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, second = divmod(whole, 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"


def _short(number: float) -> str:
    """Return a number with a unit: 12.3 M."""
    for unit in ("", "k", "M", "G"):
        if number < 999.95 if unit else number < 1000:
            return f"{number:.1f} {unit}" if unit else f"{number:.0f} "
        number /= 1000
    return f"{number:.1f} T"
