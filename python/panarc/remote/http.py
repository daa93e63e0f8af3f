"""Ranges of a file on an HTTP server, by the standard library alone."""

from __future__ import annotations

import threading
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
from .bundles import bundled, covered, header, of_store
from .connections import Connections, credentials, origin, shown, split
from .reply import BodyError, CutError, NoRangeError, Reply, parts_of, whole_of
from .retry import PASSING, Attempts
from .source import TAIL, never, side_by_side

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from http.client import HTTPConnection
    from typing import TypeVar
    from urllib.parse import SplitResult

    from .connections import Origin

    T = TypeVar("T")

#: Redirections that are followed.
_REDIRECTIONS = 10
_REDIRECTS = (301, 302, 303, 307, 308)

#: Longest body that is read only to use the connection again.
_SMALL = 4 << 10

#: Statuses of servers that do not understand what they are asked for: a range from the end.
_NOT_UNDERSTOOD = (400, 405, 416, 501)

_OPTIONS = ("headers", "timeout", "retries", "connections")


class _AgainError(Exception):
    """Something that may go better the next time."""

    def __init__(self, error: RemoteError | MissingFileError, pause: float | None = None) -> None:
        super().__init__(str(error))
        self.error = error
        self.pause = pause


class HttpSource:
    """A file on an HTTP server. All requests are for ranges, and on the condition that the file is still the same.

    A file of at most 64 KiB, which would be read whole in any case, may also come from a server that gives no ranges.

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
        #: Whether one request may ask for several ranges; None until the first has shown it.
        self._several: bool | None = None
        self._trying = threading.Lock()
        self.size = 0
        self.tail = b""
        #: All of the file, if the server gives no ranges.
        self._whole: bytes | None = None
        #: Whether it was seen that the file is another one by now.
        self.changed = False
        self._open()

    def read_ranges(self, ranges: list[tuple[int, int]], given_up: Callable[[], bool] = never) -> list[bytes]:
        """Return the bytes of each range."""
        if self._whole is not None:
            return [self._whole[start:end] for start, end in ranges]
        bundles = bundled(ranges)
        found: dict[tuple[int, int], bytes] = {}
        if self._several is None and len(bundles) < len(ranges) and self._trying.acquire(blocking=False):
            # One request shows whether there are several; other threads go on without.
            try:
                tried = max(bundles, key=len)
                [found] = side_by_side(lambda _: self._bundle(tried), 1, 1, given_up)
            finally:
                self._trying.release()
        jobs = bundles if self._several else [[one] for one in ranges]
        jobs = [left for job in jobs if (left := [one for one in job if one not in found])]
        for came in side_by_side(lambda number: self._job(jobs[number]), len(jobs), self._threads, given_up):
            found |= came
        return [found[one] for one in ranges]

    @property
    def identity(self) -> tuple[str, str]:
        """What the server tells of this version of the file: tag and date."""
        return self._identity or ("", "")

    @property
    def bundles(self) -> bool:
        """Whether one request gives several ranges, as far as is known."""
        return self._several is not False

    # --- opening -----------------------------------------------------------------------------------------------------

    def _open(self) -> None:
        reply = self._request(f"bytes=-{TAIL}", [(0, TAIL)], _NOT_UNDERSTOOD)
        if reply.whole is None and reply.status != 206:
            # Some servers know no ranges from the end. One byte tells the size.
            reply = self._request("bytes=0-0", [(0, 1)])
            if reply.status == 416 and reply.size == 0:
                return
            if reply.whole is None:
                self._learn(reply, 0, 1)
                start = max(0, self.size - TAIL)
                self.tail = self._range(start, self.size)
                return
        if reply.whole is not None:
            self._whole = self.tail = reply.whole
            self.size = len(reply.whole)
            self._identity = reply.etag or "", reply.modified or ""
            return
        self._learn(reply, None, None)
        self.tail = reply.parts[0].body

    def _learn(self, reply: Reply, start: int | None, end: int | None) -> None:
        """Take size and identity of the file from the first range that came."""
        if reply.status == 200:
            raise NoRangesError(
                None,
                f"{self.name}: cannot read: the server gives no ranges, only whole files; download the archive, or"
                " put it where ranges can be read",
            )
        if reply.status != 206:
            raise NoRangesError(
                None, f"{self.name}: cannot read: the server does not tell which range it gives (status {reply.status})"
            )
        part = reply.parts[0]
        self.size = part.size
        wanted = (max(0, self.size - TAIL), self.size) if start is None else (start, end)
        if (part.start, part.end) != wanted:
            raise RemoteError(None, f"{self.name}: cannot read: the server gives another range than was asked for")
        self._identity = reply.etag or "", reply.modified or ""
        if of_store(reply.headers):
            self._several = False

    # --- reading -----------------------------------------------------------------------------------------------------

    def _job(self, ranges: list[tuple[int, int]]) -> dict[tuple[int, int], bytes]:
        """Return the bytes of ranges, by one request if that is possible."""
        found = self._bundle(ranges) if len(ranges) > 1 else {}
        return found | {one: self._range(*one) for one in ranges if one not in found}

    def _bundle(self, ranges: list[tuple[int, int]]) -> dict[tuple[int, int], bytes]:
        """Ask for several ranges at once; what came of them. What does not come is to be asked for by itself.

        A server that gives anything but all of them is not asked for several again.
        """
        try:
            reply = self._follow(header(ranges), ranges)
        except _AgainError:
            # Once it has given several, it may have been something that passes.
            self._several = self._several or False
            return {}
        except (RemoteError, MissingFileError):
            self._several = False
            return {}
        if not self._same(reply) or any(part.size != self.size for part in reply.parts):
            raise self._changed()
        found = covered(ranges, reply.parts)
        if len(found) < len(set(ranges)):
            self._several = False
        elif self._several is None:
            self._several = True
        return found

    def _range(self, start: int, end: int) -> bytes:
        reply = self._request(header([(start, end)]), [(start, end)])
        same = self._same(reply)
        if reply.status == 416 or not same:
            raise self._changed()
        if reply.status == 200:
            # An answer to If-Range that the file is another; or to no condition, that there are no ranges any more.
            raise self._changed() if self._condition() and not reply.etag else self._no_ranges_now()
        part = reply.parts[0]
        if part.size != self.size:
            raise self._changed()
        if (part.start, part.end) != (start, end):
            raise RemoteError(None, f"{self.name}: cannot read: the server gives another range than was asked for")
        return part.body

    def _same(self, reply: Reply) -> bool:
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
        self.changed = True
        return RemoteChangedError(None, f"{self.name}: the file has changed since it was opened; open it again")

    def _no_ranges_now(self) -> NoRangesError:
        return NoRangesError(
            None, f"{self.name}: cannot read: the server gave a whole file where a range was asked for"
        )

    # --- requests ----------------------------------------------------------------------------------------------------

    def _request(self, header: str, wanted: list[tuple[int, int]], also: tuple[int, ...] = ()) -> Reply:
        """Ask for a range, or what of it the file has; again if that may help. Of statuses `also` these are replies."""
        attempts = Attempts(self._retries)
        while True:
            try:
                return self._follow(header, wanted, also)
            except _AgainError as again:
                if not attempts.again(again.pause):
                    raise again.error from None

    def _follow(self, header: str, wanted: list[tuple[int, int]], also: tuple[int, ...] = ()) -> Reply:
        """Ask where the last redirection led to, and follow further ones."""
        for _ in range(_REDIRECTIONS + 1):
            parts = self._parts
            moved, reply = self._ask(parts, header, wanted)
            if moved is not None:
                self._parts = self._moved(parts, moved)
                continue
            if reply.status in (200, 206, 416, *also):
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

    def _ask(self, parts: SplitResult, header: str, wanted: list[tuple[int, int]]) -> tuple[str | None, Reply]:
        """Make one request; return where it is redirected to if it is, and the reply."""
        where = origin(parts)
        headers = {"Accept-Encoding": "identity", "User-Agent": "panarc", "Range": header} | self._condition()
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
                return self._answer(connection, where, response, wanted)
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
        self,
        connection: HTTPConnection,
        where: Origin,
        response: HTTPResponse,
        wanted: list[tuple[int, int]],
    ) -> tuple[str | None, Reply]:
        status = response.status
        parts = self._read(lambda: parts_of(response, wanted, self._timeout)) if status == 206 else []
        whole = None
        if status == 200 and self._identity is None:
            whole = self._read(lambda: whole_of(response, TAIL, self._timeout))
        if status != 206 and whole is None and not self._small(response):
            # Whatever else is coming is not wanted.
            connection.close()
        elif response.isclosed() and not response.will_close:
            self._connections.give(where, connection)
        else:
            connection.close()
        location = response.getheader("Location")
        if status in PASSING:
            raise _AgainError(self._refused(status), _seconds(response.getheader("Retry-After")))
        return (location if status in _REDIRECTS else None), Reply(response, parts, whole)

    def _small(self, response: HTTPResponse) -> bool:
        """Read a body nobody wants, if it is small, so that the connection can be used again."""
        if response.length is None or response.length > _SMALL:
            return False
        response.read()
        return True

    def _read(self, body: Callable[[], T]) -> T:
        try:
            return body()
        except CutError as error:
            raise _AgainError(RemoteError(None, f"{self.name}: cannot read: {error}")) from None
        except NoRangeError as error:
            raise NoRangesError(None, f"{self.name}: cannot read: {error}") from None
        except BodyError as error:
            raise RemoteError(None, f"{self.name}: cannot read: {error}") from None


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
