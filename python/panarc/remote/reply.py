"""What comes of a request for ranges: no more than was asked for, and not for longer than is bearable."""

from __future__ import annotations

import re
import time

from .multipart import AROUND, MalformedError, Part, boundary, content_range, parts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from http.client import HTTPResponse

#: Slowest transfer that is waited for, beside the timeout, in bytes a second: a body must end some time.
_SLOWEST = 16 << 10

#: Bytes taken from a connection at once.
_PIECE = 256 << 10

_NO_RANGE = re.compile(r"\s*bytes\s+\*/([0-9]{1,18})\s*", re.ASCII | re.IGNORECASE)


class BodyError(Exception):
    """A body is not what was asked for."""


class NoRangeError(BodyError):
    """An answer does not tell which range it has."""


class CutError(Exception):
    """The connection ended before the body."""


class Reply:
    """Status, headers, and what came of the ranges that were asked for.

    Parameters
    ----------
    response
        Of which nothing but the headers was read.
    parts
        What its body has.
    whole
        All of the file, if that came, and is small.
    """

    def __init__(self, response: HTTPResponse, parts: list[Part], whole: bytes | None = None) -> None:
        self.status = response.status
        self.etag = response.getheader("ETag")
        self.modified = response.getheader("Last-Modified")
        self.headers = response.headers
        unsatisfied = _NO_RANGE.fullmatch(response.getheader("Content-Range", ""))
        #: Bytes of the file, if the answer is that it has no such range.
        self.size = None if unsatisfied is None else int(unsatisfied[1])
        self.parts = parts
        self.whole = whole


def parts_of(response: HTTPResponse, wanted: list[tuple[int, int]], timeout: float) -> list[Part]:
    """Read a body with status 206.

    Parameters
    ----------
    response
        Of which nothing but the headers was read.
    wanted
        The ranges that were asked for. Of a single one only the length is looked at.
    timeout
        Seconds that a body without content may take; each 16 KiB take a second more.

    Raises
    ------
    BodyError
        If it has other ranges.
    CutError, TimeoutError
        If it ends too early, or takes too long.
    """
    if response.getheader("Content-Encoding", "identity").lower() != "identity":
        raise BodyError("the server compresses what must come as it is")
    length = sum(end - start for start, end in wanted)
    several = len(wanted) > 1
    body = _Body(response, timeout + length / _SLOWEST)
    between = boundary(response.headers) if several else None
    if between is None:
        # Ranges that are near each other may come as one.
        found = [_single(response, body, length + several * AROUND * len(wanted))]
    else:
        try:
            found = parts(body.read, between, wanted)
        except MalformedError as error:
            raise BodyError(f"what the server gives is malformed: {error}") from None
        # What stands behind the last boundary says nothing.
        body.at_end(AROUND)
    body.close()
    return found


def whole_of(response: HTTPResponse, most: int, timeout: float) -> bytes | None:
    """Read the body of a whole file; None if it has more than `most` bytes, or is not as it is on the server.

    Raises
    ------
    CutError, TimeoutError
        If it ends too early, or takes too long.
    """
    if response.getheader("Content-Encoding", "identity").lower() != "identity":
        return None
    if response.length is not None and response.length > most:
        return None
    body = _Body(response, timeout + most / _SLOWEST)
    came = bytearray()
    while piece := body.read(most + 1 - len(came)):
        came += piece
        if len(came) > most:
            return None
    body.close()
    return bytes(came)


def _single(response: HTTPResponse, body: _Body, length: int) -> Part:
    span = content_range(response.getheader("Content-Range", ""))
    if span is None:
        raise NoRangeError("the server does not tell which range it gives")
    start, end, size = span
    if not 0 < end - start <= length or response.length not in (None, end - start):
        raise BodyError("the server gives another range than was asked for")
    came = bytearray()
    while len(came) < end - start:
        piece = body.read(end - start - len(came))
        if not piece:
            raise CutError(f"the connection ended after {len(came)} of {end - start} bytes")
        came += piece
    if not body.at_end(0):
        raise BodyError("the server gives more bytes than were asked for")
    return Part(start, end, size, bytes(came))


class _Body:
    """The bytes of a body, which must come within some seconds."""

    def __init__(self, response: HTTPResponse, seconds: float) -> None:
        self._response = response
        self._end = time.monotonic() + seconds
        self._length = self._left = response.length
        # Of a body that is not in chunks `read1` of some versions of Python loses count.
        self._read = response.read1 if response.chunked else response.fp.read1

    def read(self, most: int) -> bytes:
        """Return at most so many bytes, and at least one; none at the end."""
        most = min(most, _PIECE) if self._left is None else min(most, _PIECE, self._left)
        if most == 0:
            return b""
        piece = self._read(most)
        if time.monotonic() > self._end:
            raise TimeoutError
        if self._left is not None:
            if not piece:
                came = 0 if self._length is None else self._length - self._left
                raise CutError(f"the connection ended after {came} of {self._length} bytes")
            self._left -= len(piece)
        return piece

    def at_end(self, most: int) -> bool:
        """Whether no more than so many bytes are left. They are read, so that the connection can be used again."""
        if self._response.will_close and self._left is None and not self._response.chunked:
            return True
        while piece := self.read(most + 1):
            most -= len(piece)
            if most < 0:
                return False
        return True

    def close(self) -> None:
        """Tell the connection that it can be used again, if all was read."""
        if self._left == 0:
            self._response.close()
