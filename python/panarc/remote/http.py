"""Ranges of a file on an HTTP server, by the standard library alone."""

from __future__ import annotations

import re
import time
from http.client import HTTPException, HTTPResponse
from urllib.parse import urljoin

from ..errors import (
    Error,
    MissingFileError,
    NoRangesError,
    ParameterError,
    RemoteAccessError,
    RemoteChangedError,
    RemoteError,
    RemoteTimeoutError,
)
from .connections import Connections, credentials, origin, shown, split
from .retry import PASSING, Attempts
from .source import TAIL, side_by_side

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from http.client import HTTPConnection
    from urllib.parse import SplitResult

#: Redirections that are followed.
_REDIRECTIONS = 10
_REDIRECTS = (301, 302, 303, 307, 308)

#: Slowest transfer that is waited for, beside the timeout, in bytes a second: a body must end some time.
_SLOWEST = 16 << 10

#: Bytes taken from a connection at once.
_PIECE = 256 << 10

#: Longest body that is read only to use the connection again.
_SMALL = 4 << 10

_RANGE = re.compile(r"\s*bytes\s+([0-9]{1,18})-([0-9]{1,18})/([0-9]{1,18})\s*", re.ASCII | re.IGNORECASE)
_NO_RANGE = re.compile(r"\s*bytes\s+\*/([0-9]{1,18})\s*", re.ASCII | re.IGNORECASE)

_OPTIONS = ("headers", "timeout", "retries", "connections")


class _AgainError(Exception):
    """Something that may go better the next time."""

    def __init__(self, error: RemoteError | MissingFileError, pause: float | None = None) -> None:
        super().__init__(str(error))
        self.error = error
        self.pause = pause


class _Reply:
    """What came of a request: status, headers, and the body of a range that was asked for."""

    def __init__(self, response: HTTPResponse, body: bytes) -> None:
        self.status = response.status
        self.range = _RANGE.fullmatch(response.getheader("Content-Range", ""))
        self.unsatisfied = _NO_RANGE.fullmatch(response.getheader("Content-Range", ""))
        self.etag = response.getheader("ETag")
        self.modified = response.getheader("Last-Modified")
        self.body = body

    def span(self) -> tuple[int, int, int] | None:
        """Return start, end and size of the file as the server tells them, 0-based and half-open."""
        return None if self.range is None else (int(self.range[1]), int(self.range[2]) + 1, int(self.range[3]))


class HttpSource:
    """A file on an HTTP server. All requests are for ranges, and on the condition that the file is still the same.

    Parameters
    ----------
    url
        The file; name and password in it are sent as basic authorization, to that server alone.
    options
        ``headers`` (a mapping; sent to that server alone), ``timeout`` (seconds for connecting and for each read; 30),
        ``retries`` (how often a request is made again; 4), ``connections`` (at once; 8).

    Raises
    ------
    NoRangesError
        If the server does not give ranges.
    MissingFileError, RemoteAccessError, RemoteTimeoutError, RemoteError
        If it gives nothing.
    """

    def __init__(self, url: str, options: Mapping[str, object]) -> None:
        for name in options:
            if name not in _OPTIONS:
                raise ParameterError(f"storage_options: '{name}' is not one of {', '.join(_OPTIONS)}")
        self.name = shown(url)
        self._first = self._parts = split(url)
        self._threads = int(_number(options, "connections", 8, 1, 256))
        self._retries = int(_number(options, "retries", 4, 0, 100))
        self._timeout = _number(options, "timeout", 30, 0.001, 1e6)
        self._headers = _headers(options.get("headers", {}))
        self._connections = Connections(self._timeout, self._threads)
        self._identity: tuple[str, str] | None = None
        self.size = 0
        self.tail = b""
        self._open()

    def read_ranges(self, ranges: list[tuple[int, int]]) -> list[bytes]:
        """Return the bytes of each range."""
        return side_by_side(lambda number: self._range(*ranges[number]), len(ranges), self._threads)

    # --- opening -----------------------------------------------------------------------------------------------------

    def _open(self) -> None:
        reply = self._request(f"bytes=-{TAIL}", TAIL)
        if reply.status != 206:
            # Some servers know no ranges from the end. One byte tells the size.
            probe = self._request("bytes=0-0", 1)
            if probe.status == 416 and probe.unsatisfied is not None and int(probe.unsatisfied[1]) == 0:
                return
            self._learn(probe, 0, 1)
            start = max(0, self.size - TAIL)
            self.tail = self._range(start, self.size)
            return
        self._learn(reply, None, None)
        self.tail = reply.body

    def _learn(self, reply: _Reply, start: int | None, end: int | None) -> None:
        """Take size and identity of the file from the first range that came."""
        if reply.status == 200:
            raise NoRangesError(
                None,
                f"{self.name}: cannot read: the server gives no ranges, only whole files; download the archive, or"
                " put it where ranges can be read",
            )
        span = reply.span()
        if reply.status != 206 or span is None:
            raise NoRangesError(
                None, f"{self.name}: cannot read: the server does not tell which range it gives (status {reply.status})"
            )
        first, behind, self.size = span
        wanted = (max(0, self.size - TAIL), self.size) if start is None else (start, end)
        if (first, behind) != wanted:
            raise RemoteError(None, f"{self.name}: cannot read: the server gives another range than was asked for")
        self._identity = reply.etag or "", reply.modified or ""

    # --- reading -----------------------------------------------------------------------------------------------------

    def _range(self, start: int, end: int) -> bytes:
        reply = self._request(f"bytes={start}-{end - 1}", end - start)
        same = self._same(reply)
        if reply.status == 416 or not same:
            raise self._changed()
        if reply.status == 200:
            # An answer to If-Range that the file is another; or to no condition, that there are no ranges any more.
            raise self._changed() if self._condition() and not reply.etag else self._no_ranges_now()
        span = reply.span()
        if span is not None and span[2] != self.size:
            raise self._changed()
        if reply.status != 206 or span is None or span[:2] != (start, end):
            raise RemoteError(None, f"{self.name}: cannot read: the server gives another range than was asked for")
        return reply.body

    def _same(self, reply: _Reply) -> bool:
        """Whether a reply is about the file that was opened, as far as the server tells."""
        if self._identity is None:
            return True
        etag, modified = self._identity
        if etag and reply.etag:
            return etag == reply.etag
        return not (modified and reply.modified) or modified == reply.modified

    def _condition(self) -> dict[str, str]:
        """Return the header that asks for a range of the very file, or for all of another."""
        if self._identity is None:
            return {}
        etag, modified = self._identity
        # A weak tag says that files are alike, not that their bytes are the same.
        validator = etag if etag and not etag.startswith("W/") else "" if etag else modified
        return {"If-Range": validator} if validator else {}

    def _changed(self) -> RemoteChangedError:
        return RemoteChangedError(None, f"{self.name}: the file has changed since it was opened; open it again")

    def _no_ranges_now(self) -> NoRangesError:
        return NoRangesError(
            None, f"{self.name}: cannot read: the server gave a whole file where a range was asked for"
        )

    # --- requests ----------------------------------------------------------------------------------------------------

    def _request(self, wanted: str, length: int) -> _Reply:
        """Ask for a range of `length` bytes, or fewer where the file is shorter; again if that may help."""
        attempts = Attempts(self._retries)
        while True:
            try:
                return self._follow(wanted, length)
            except _AgainError as again:
                if not attempts.again(again.pause):
                    raise again.error from None

    def _follow(self, wanted: str, length: int) -> _Reply:
        """Ask where the last redirection led to, and follow further ones."""
        for _ in range(_REDIRECTIONS + 1):
            parts = self._parts
            moved, reply = self._ask(parts, wanted, length)
            if moved is not None:
                self._parts = self._moved(parts, moved)
                continue
            if reply.status in (200, 206, 416):
                return reply
            if reply.status in (401, 403, 404, 410) and parts is not self._first:
                # What a redirection led to is often good for some minutes only.
                self._parts = self._first
                raise _AgainError(self._refused(reply.status))
            raise self._refused(reply.status)
        self._parts = self._first
        raise RemoteError(None, f"{self.name}: cannot open: more than {_REDIRECTIONS} redirections")

    def _moved(self, parts: SplitResult, location: str) -> SplitResult:
        try:
            moved = split(urljoin(parts.geturl(), location))
        except (ParameterError, ValueError):
            raise RemoteError(
                None, f"{self.name}: cannot open: the server redirects to what is no URL of HTTP"
            ) from None
        if parts.scheme.lower() == "https" and moved.scheme.lower() != "https":
            raise RemoteError(None, f"{self.name}: cannot open: the server redirects from https to http")
        return moved

    def _refused(self, status: int) -> RemoteError | MissingFileError:
        if status in (404, 410):
            return MissingFileError(None, f"{self.name}: cannot open: there is no such file on the server ({status})")
        if status in (401, 403, 407):
            return RemoteAccessError(None, f"{self.name}: cannot read: the server denies access ({status})")
        if status in (408, 504):
            return RemoteTimeoutError(None, f"{self.name}: cannot read: the server's time ran out ({status})")
        return RemoteError(None, f"{self.name}: cannot read: the server answers with status {status}")

    def _ask(self, parts: SplitResult, wanted: str, length: int) -> tuple[str | None, _Reply]:
        """Make one request; return where it is redirected to if it is, and the reply."""
        where = origin(parts)
        headers = {"Accept-Encoding": "identity", "User-Agent": "panarc", "Range": wanted} | self._condition()
        if where == origin(self._first):
            authorization = credentials(self._first)
            headers |= ({"Authorization": authorization} if authorization else {}) | self._headers
        target, more = self._connections.target(parts)
        used = True
        while used:
            connection, used = self._connections.take(where)
            started = False
            try:
                connection.request("GET", target, headers=headers | more)
                response = connection.getresponse()
                started = True
                return self._answer(connection, where, response, length)
            except Error:
                connection.close()
                raise
            except TimeoutError:
                connection.close()
                message = f"{self.name}: cannot read: no answer within {self._timeout:g} seconds"
                raise _AgainError(RemoteTimeoutError(None, message)) from None
            except (OSError, HTTPException) as error:
                connection.close()
                # A server may close a connection that was idle; another one tells more.
                if started or not used:
                    raise self._broken(error) from None
            except BaseException:
                connection.close()
                raise
        raise AssertionError("a new connection is never taken for a used one")

    def _broken(self, error: Exception) -> Exception:
        """Return what is raised for a connection that failed."""
        import ssl

        reason = str(error) or type(error).__name__
        failure = RemoteError(getattr(error, "errno", None), f"{self.name}: cannot read: {reason[:300]}")
        return failure if isinstance(error, ssl.SSLCertVerificationError) else _AgainError(failure)

    def _answer(
        self, connection: HTTPConnection, where: tuple[str, str, int], response: HTTPResponse, length: int
    ) -> tuple[str | None, _Reply]:
        status = response.status
        body = self._body(response, length) if status == 206 else b""
        if status != 206 and not self._small(response):
            # Whatever else is coming is not wanted.
            connection.close()
        elif response.isclosed() and not response.will_close:
            self._connections.give(where, connection)
        else:
            connection.close()
        location = response.getheader("Location")
        if status in PASSING:
            raise _AgainError(self._refused(status), _seconds(response.getheader("Retry-After")))
        return (location if status in _REDIRECTS else None), _Reply(response, body)

    def _small(self, response: HTTPResponse) -> bool:
        """Read a body nobody wants, if it is small, so that the connection can be used again."""
        if response.length is None or response.length > _SMALL:
            return False
        response.read()
        return True

    def _body(self, response: HTTPResponse, length: int) -> bytes:
        """Read the body of a range: no more than was asked for, and all of it within a time."""
        if response.getheader("Content-Encoding", "identity").lower() != "identity":
            raise RemoteError(None, f"{self.name}: cannot read: the server compresses what must come as it is")
        span = _Reply(response, b"").span()
        if span is None:
            raise NoRangesError(None, f"{self.name}: cannot read: the server does not tell which range it gives")
        expected = span[1] - span[0]
        if not 0 < expected <= length or response.length not in (None, expected):
            raise RemoteError(None, f"{self.name}: cannot read: the server gives another range than was asked for")
        end = time.monotonic() + self._timeout + length / _SLOWEST
        # Of a body that is not in chunks `read1` of some versions of Python loses count.
        read = response.read1 if response.chunked else response.fp.read1
        body = bytearray()
        while len(body) < expected:
            piece = read(min(_PIECE, expected - len(body)))
            if not piece:
                message = f"{self.name}: cannot read: the connection ended after {len(body)} of {expected} bytes"
                raise _AgainError(RemoteError(None, message))
            body += piece
            if time.monotonic() > end:
                raise TimeoutError
        if response.chunked and response.read1(1):
            raise RemoteError(None, f"{self.name}: cannot read: the server gives more bytes than were asked for")
        if response.length is not None:
            response.close()
        return bytes(body)


def _seconds(text: str | None) -> float | None:
    """Return the seconds of a Retry-After header; dates are left aside."""
    return float(text) if text and text.strip().isdecimal() and len(text) < 10 else None


def _number(options: Mapping[str, object], name: str, default: float, least: float, most: float) -> float:
    value = options.get(name, default)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not least <= value <= most:
        raise ParameterError(f"storage_options: {name} is {value!r}; it must be a number from {least} to {most}")
    return value


def _headers(value: object) -> dict[str, str]:
    from collections.abc import Mapping as AnyMapping

    if not isinstance(value, AnyMapping) or not all(
        isinstance(k, str) and isinstance(v, str) for k, v in value.items()
    ):
        raise ParameterError("storage_options: headers is a mapping of names to texts")
    return dict(value)
