"""Archives behind an object: one that gives ranges, or a file of any library that can seek."""

from __future__ import annotations

import io
import threading

from ..errors import ParameterError, RemoteError
from .source import TAIL, never, side_by_side

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


class ObjectSource:
    """An object of the caller's.

    Parameters
    ----------
    read
        Returns the bytes of some ranges, 0-based and half-open.
    name, size
        What messages call it, and its bytes.
    apart
        Whether `read` is called by a thread of its own, so that the caller's can give up waiting.
    """

    def __init__(
        self,
        read: Callable[[list[tuple[int, int]]], list[bytes]],
        name: str,
        size: int,
        apart: bool = False,
    ) -> None:
        self.name = name
        self.size = size
        self.bundles = False
        self._read = read
        self._apart = apart
        start = max(0, size - TAIL)
        self.tail = self.read_ranges([(start, size)])[0] if size else b""

    def read_ranges(self, ranges: list[tuple[int, int]], given_up: Callable[[], bool] = never) -> list[bytes]:
        """Return the bytes of each range; exactly as many as asked for."""
        found = side_by_side(lambda _: self._read(ranges), 1, 1, given_up)[0] if self._apart else self._read(ranges)
        for (start, end), part in zip(ranges, found, strict=True):
            if len(part) != end - start:
                raise RemoteError(
                    None, f"{self.name}: cannot read: {len(part)} bytes came of {end - start} at byte {start}"
                )
        return found


def from_object(what: Any) -> ObjectSource:
    """Return what reads by way of an object.

    Raises
    ------
    ParameterError
        If the object gives no ranges.
    """
    get_ranges = getattr(what, "get_ranges", None)
    read_at = getattr(what, "read_at", None) or getattr(what, "readat", None)
    seeks = hasattr(what, "seek") and hasattr(what, "read")
    if get_ranges is None and read_at is None and not seeks:
        raise _nothing_to_read(what)
    if isinstance(what, io.TextIOBase):
        raise ParameterError("an archive is read from a binary file: open it with mode 'rb'")
    size, name = _size(what), _name(what)
    if get_ranges is not None:

        def ranges_of(ranges: list[tuple[int, int]]) -> list[bytes]:
            starts, ends = [start for start, _ in ranges], [end for _, end in ranges]
            return [bytes(part) for part in get_ranges(starts=starts, ends=ends)]

        return ObjectSource(ranges_of, name, size)
    if read_at is not None:
        return ObjectSource(lambda ranges: [bytes(read_at(start, end - start)) for start, end in ranges], name, size)
    return ObjectSource(_seeker(what), name, size)


def _seeker(file: Any) -> Callable[[list[tuple[int, int]]], list[bytes]]:
    """Return what reads a file that has one position: one thread at a time."""
    lock = threading.Lock()

    def read(ranges: list[tuple[int, int]]) -> list[bytes]:
        found = []
        with lock:
            for start, end in ranges:
                file.seek(start)
                parts, left = [], end - start
                while left > 0 and (part := file.read(left)):
                    parts.append(bytes(part))
                    left -= len(parts[-1])
                found.append(b"".join(parts))
        return found

    return read


def _size(what: Any) -> int:
    size = getattr(what, "size", None)
    if callable(size):
        size = size()
    if isinstance(size, int):
        return size
    if hasattr(what, "seek") and hasattr(what, "read"):
        what.seek(0, io.SEEK_END)
        return int(what.tell())
    if hasattr(what, "__len__"):
        return len(what)
    raise _nothing_to_read(what)


def _nothing_to_read(what: object) -> ParameterError:
    if isinstance(what, (list, tuple, set, frozenset)):
        return ParameterError(f"one archive is expected, not a {type(what).__name__} of them")
    return ParameterError(
        f"an archive cannot be read from {type(what).__name__}: it takes a path, a URL, a binary file that can seek, or"
        " an object with a size and get_ranges(starts=, ends=) or read_at(start, length)"
    )


def _name(what: Any) -> str:
    for attribute in ("name", "full_name", "path", "url"):
        name = getattr(what, attribute, None)
        if isinstance(name, str) and name:
            return name
    return f"<{type(what).__name__}>"
