"""Bodies of several parts (``multipart/byteranges``, RFC 9110, section 14.6)."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from email.message import Message

#: Bytes that may stand around a part: boundaries, headers, line ends. Most servers take 100 to 150.
AROUND = 1 << 10

_TYPES = ("multipart/byteranges", "multipart/x-byteranges")

_RANGE = re.compile(r"\s*bytes\s+([0-9]{1,18})-([0-9]{1,18})/([0-9]{1,18})\s*", re.ASCII | re.IGNORECASE)


class MalformedError(ValueError):
    """The body is not of the parts that were asked for."""


class Part:
    """Bytes of a file, and where in it they stand, 0-based and half-open.

    Parameters
    ----------
    start, end
        The range.
    size
        Bytes of the whole file.
    body
        The bytes of the range.
    """

    __slots__ = ("body", "end", "size", "start")

    def __init__(self, start: int, end: int, size: int, body: bytes) -> None:
        self.start = start
        self.end = end
        self.size = size
        self.body = body


def content_range(text: str) -> tuple[int, int, int] | None:
    """Return start, end and size of the file that a header ``Content-Range`` tells, 0-based and half-open."""
    found = _RANGE.fullmatch(text)
    return None if found is None else (int(found[1]), int(found[2]) + 1, int(found[3]))


def boundary(headers: Message) -> bytes | None:
    """Return what stands between the parts of a body; None for a body of one part."""
    if headers.get_content_type() not in _TYPES:
        return None
    try:
        return (headers.get_boundary() or "").encode("latin-1")
    except UnicodeEncodeError:
        return b""


def parts(read: Callable[[int], bytes], between: bytes, wanted: list[tuple[int, int]]) -> list[Part]:
    """Return the parts of a body in the order in which they come.

    They may come in any order, be fewer than wanted, and hold several ranges and the bytes between them. What is read
    is no longer than the ranges that are wanted and `AROUND` for each of them, and once more.

    Parameters
    ----------
    read
        Returns the next bytes, at least one and at most as many as it is asked for; none at the end.
    between
        The boundary.
    wanted
        The ranges that were asked for.

    Raises
    ------
    MalformedError
        If the body is anything else.
    """
    if not 0 < len(between) <= 200:
        raise MalformedError("no boundary")
    first, behind = min(start for start, _ in wanted), max(end for _, end in wanted)
    lines = _Lines(read, sum(end - start for start, end in wanted) + AROUND * (len(wanted) + 1))
    found: list[Part] = []
    # What stands before the first boundary says nothing.
    while not (last := _boundary(lines.line(), between)):
        pass
    while last == _NEXT:
        span = _headers(lines)
        if span is None or not first <= span[0] < span[1] <= min(behind, span[2]):
            raise MalformedError("a part of another range")
        start, end, size = span
        line_end = lines.line_end
        found.append(Part(start, end, size, lines.exactly(end - start)))
        # Bytes may look like a line end: a part that is one too short shows in the kind of line end behind it.
        if lines.line() or lines.line_end != line_end:
            raise MalformedError("a part longer or shorter than it says")
        last = _boundary(lines.line(), between)
        if not last:
            raise MalformedError("no boundary behind a part")
    return found


#: What a line with a boundary announces.
_NEXT, _END = 1, 2


def _boundary(line: bytes, between: bytes) -> int:
    """Return whether a line is a boundary, and of which kind; 0 if it is none."""
    if not line.startswith(b"--" + between):
        return 0
    return {b"": _NEXT, b"--": _END}.get(line[2 + len(between) :].rstrip(b" \t"), 0)


def _headers(lines: _Lines) -> tuple[int, int, int] | None:
    """Read the headers of a part; the range that they tell."""
    span = None
    while line := lines.line():
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-range":
            if span is not None:
                raise MalformedError("a part of two ranges")
            span = content_range(value.decode("latin-1"))
    return span


class _Lines:
    """Lines, and bytes between them, of a body of which no more than `most` bytes are read."""

    def __init__(self, read: Callable[[int], bytes], most: int) -> None:
        self._read = read
        self._left = most
        self._held = bytearray()
        #: How the last line ended.
        self.line_end = b""

    def _more(self, most: int) -> None:
        if self._left <= 0:
            raise MalformedError("more than was asked for")
        piece = self._read(min(most, self._left))
        if not piece:
            raise MalformedError("it ends too early")
        self._left -= len(piece)
        self._held += piece

    def line(self) -> bytes:
        """Return what stands before the next line end; of the last line, which needs none, all."""
        searched = 0
        while (end := self._held.find(b"\n", searched)) < 0:
            searched = len(self._held)
            if searched > AROUND:
                raise MalformedError("a line without end")
            try:
                self._more(AROUND)
            except MalformedError:
                if not self._held:
                    raise
                end = searched
                break
        line = bytes(self._held[:end])
        del self._held[: end + 1]
        self.line_end = b"\r\n" if line.endswith(b"\r") else b"\n"
        return line.removesuffix(b"\r")

    def exactly(self, length: int) -> bytes:
        """Return so many bytes."""
        if length > self._left + len(self._held):
            raise MalformedError("more than was asked for")
        while len(self._held) < length:
            self._more(length - len(self._held))
        found = bytes(self._held[:length])
        del self._held[:length]
        return found
