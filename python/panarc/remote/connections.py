"""Connections to HTTP servers that stay open between requests, directly or through a proxy."""

from __future__ import annotations

import base64
import os
import threading
from http.client import HTTPConnection, HTTPSConnection
from urllib.parse import SplitResult, unquote, urlsplit

from ..errors import ParameterError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ssl import SSLContext

    #: Scheme, host, port.
    Origin = tuple[str, str, int]

_PORTS = {"http": 80, "https": 443}


def split(url: str) -> SplitResult:
    """Return the parts of an HTTP URL.

    Raises
    ------
    ParameterError
        If it is none.
    """
    if any(c <= " " or c == "\x7f" for c in url):
        raise ParameterError("a URL holds no spaces and no control characters; write them as %20 and the like")
    try:
        parts = urlsplit(url)
        port_is_number = parts.port is None or parts.port > 0
    except ValueError as error:
        raise ParameterError(f"{shown(url)}: {error}") from None
    if parts.scheme.lower() not in _PORTS or not parts.hostname or not port_is_number:
        raise ParameterError(f"{shown(url)}: this is no URL of HTTP")
    return parts


def shown(url: str) -> str:
    """Return a URL as messages may show it: without password, and without a query, which may be a signature."""
    head, question, _ = url.partition("?")
    scheme, separator, rest = head.partition("://")
    authority, slash, path = rest.partition("/")
    return f"{scheme}{separator}{authority.rpartition('@')[2]}{slash}{path}{'?...' if question else ''}"


def origin(parts: SplitResult) -> Origin:
    """Return whom a URL's requests go to."""
    scheme = parts.scheme.lower()
    return scheme, parts.hostname or "", parts.port or _PORTS[scheme]


def credentials(parts: SplitResult) -> str | None:
    """Return the header that name and password in a URL stand for."""
    if parts.username is None:
        return None
    pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return "Basic " + base64.b64encode(pair.encode()).decode("ascii")


class Connections:
    """Idle connections by origin, shared by threads. After a fork none of the parent's is used.

    Parameters
    ----------
    timeout
        Seconds that connecting and each read may take.
    most
        Idle connections that are kept.
    """

    def __init__(self, timeout: float, most: int) -> None:
        self._timeout = timeout
        self._most = most
        self._lock = threading.Lock()
        self._idle: list[tuple[Origin, HTTPConnection]] = []
        self._process = os.getpid()
        self._context: SSLContext | None = None

    def take(self, where: Origin) -> tuple[HTTPConnection, bool]:
        """Return a connection, and whether it was used before: the server may have closed it since."""
        with self._lock:
            if self._process != os.getpid():
                self._process, self._idle = os.getpid(), []
            for place in range(len(self._idle) - 1, -1, -1):
                if self._idle[place][0] == where:
                    return self._idle.pop(place)[1], True
        return self._new(where), False

    def give(self, where: Origin, connection: HTTPConnection) -> None:
        """Take back a connection whose response was read to its end."""
        with self._lock:
            if self._process == os.getpid() and len(self._idle) < self._most:
                self._idle.append((where, connection))
                return
        connection.close()

    def target(self, parts: SplitResult) -> tuple[str, dict[str, str]]:
        """Return what a request line asks for, and headers for the proxy if there is one for plain HTTP."""
        path = (parts.path or "/") + ("?" + parts.query if parts.query else "")
        proxy = _proxy(origin(parts)) if parts.scheme.lower() == "http" else None
        if proxy is None:
            return path, {}
        authorization = credentials(proxy)
        host = parts.netloc.rpartition("@")[2]
        return f"http://{host}{path}", {} if authorization is None else {"Proxy-Authorization": authorization}

    def _new(self, where: Origin) -> HTTPConnection:
        scheme, host, port = where
        proxy = _proxy(where)
        near = where if proxy is None else origin(proxy)
        if scheme == "http":
            return HTTPConnection(near[1], near[2], timeout=self._timeout)
        if self._context is None:
            import ssl

            self._context = ssl.create_default_context()
        connection = HTTPSConnection(near[1], near[2], timeout=self._timeout, context=self._context)
        if proxy is not None:
            authorization = credentials(proxy)
            headers = {} if authorization is None else {"Proxy-Authorization": authorization}
            connection.set_tunnel(host, port, headers)
        return connection


def _proxy(where: Origin) -> SplitResult | None:
    """Return the proxy that the environment names for an origin."""
    if not any(name.lower().endswith("_proxy") for name in os.environ):
        return None
    from urllib.request import getproxies, proxy_bypass

    scheme, host, port = where
    proxies = getproxies()
    url = proxies.get(scheme) or proxies.get("all")
    if not url or proxy_bypass(f"{host}:{port}"):
        return None
    parts = split(url if "://" in url else f"http://{url}")
    if parts.scheme.lower() != "http":
        raise ParameterError(f"{shown(url)}: a proxy is reached by http://")
    return parts
