"""HTTP servers on loopback that give ranges of files, well or in every wrong way; they count what they are asked."""

from __future__ import annotations

import re
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal

Fault = Literal[
    "no-ranges",
    "whole-short",
    "no-suffix",
    "suffix-400",
    "suffix-405",
    "suffix-501",
    "other-range",
    "short",
    "long",
    "endless",
    "no-length-told",
    "multipart",
    "gzip",
    "stall",
    "drip",
    "hang",
    "close",
    "503",
    "403",
    "404",
]


#: How a server answers who asks for several ranges.
Several = Literal[
    "parts",
    "reversed",
    "quoted",
    "adorned",
    "coalesced",
    "one-part",
    "first",
    "fewer",
    "whole",
    "another-range",
    "another-size",
    "cut-part",
    "long-part",
    "endless-headers",
    "no-end",
    "no-boundary",
    "416",
    "400",
    "503",
    "close",
]


@dataclass
class Asked:
    """A request that came: status and bytes of the answer's body."""

    method: str
    path: str
    range: str | None
    status: int
    size: int
    headers: dict[str, str]


@dataclass
class Server:
    """What a server has, and how it behaves. Files can be changed while it runs."""

    files: dict[str, bytes]
    url: str = ""
    #: The fault of the next requests, one for each; then that of all others.
    next: list[Fault | None] = field(default_factory=list)
    always: Fault | None = None
    etag: str | None = '"one"'
    modified: str | None = "Mon, 01 Jan 2024 00:00:00 GMT"
    redirects: dict[str, str] = field(default_factory=dict)
    retry_after: str | None = None
    password: str | None = None
    heeds_if_range: bool = True
    chunked: bool = False
    #: Whether whole files come in chunks, too.
    chunk_all: bool = False
    several: Several = "parts"
    #: Headers of answers with ranges.
    more: dict[str, str] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    connections: int = 0
    #: Requests that hang, and what lets them go on.
    hanging: int = 0
    go: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def taken(self) -> list[Asked]:
        """Return the requests since the last call."""
        with self.lock:
            taken, self.asked = self.asked, []
        return taken

    def fault(self) -> Fault | None:
        with self.lock:
            return self.next.pop(0) if self.next else self.always


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    served: Server

    def setup(self) -> None:
        super().setup()
        with self.served.lock:
            self.served.connections += 1

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_CONNECT(self) -> None:
        self._answer(405, b"")

    def do_GET(self) -> None:
        server = self.served
        path = self.path.partition("?")[0]
        if "://" in path:
            # As a proxy gets it.
            path = "/" + path.split("/", 3)[3]
        if path in server.redirects:
            self._answer(302, b"", Location=server.redirects[path])
            return
        if server.password is not None and self.headers.get("Authorization") != server.password:
            self._answer(401, b"who are you?")
            return
        fault = server.fault()
        if fault == "hang":
            with server.lock:
                server.hanging += 1
            server.go.wait(60)
            fault = None
        if fault in ("403", "404", "503"):
            more = {"Retry-After": server.retry_after} if fault == "503" and server.retry_after else {}
            self._answer(int(fault), b"no", **more)
            return
        content = server.files.get(path)
        if content is None:
            self._answer(404, b"not here")
            return
        self._ranges(content, fault)

    def _ranges(self, content: bytes, fault: Fault | None) -> None:
        server = self.served
        match = re.fullmatch(r"bytes=([0-9]*)-([0-9]*)", self.headers.get("Range", ""))
        several = re.fullmatch(r"bytes=([0-9]+-[0-9]+(?:,[0-9]+-[0-9]+)+)", self.headers.get("Range", ""))
        told: dict[str, str] = dict(server.more)
        if server.etag is not None:
            told["ETag"] = server.etag
        if server.modified is not None:
            told["Last-Modified"] = server.modified
        condition = self.headers.get("If-Range")
        other = server.heeds_if_range and condition not in (None, server.etag, server.modified)
        if several is not None and fault is None and not other:
            pairs = [pair.split("-") for pair in several[1].split(",")]
            self._several(content, [(int(start), int(end) + 1) for start, end in pairs], told)
            return
        if match is None or fault in ("no-ranges", "whole-short") or other or (fault == "no-suffix" and not match[1]):
            self._answer(200, content, "short" if fault == "whole-short" else None, **told)
            return
        if fault and fault.startswith("suffix-") and not match[1]:
            self._answer(int(fault.removeprefix("suffix-")), b"Invalid byte range")
            return
        if match[1]:
            start, end = int(match[1]), min(len(content), int(match[2]) + 1)
        else:
            start, end = max(0, len(content) - int(match[2])), len(content)
        if start >= len(content):
            self._answer(416, b"", **{"Content-Range": f"bytes */{len(content)}"})
            return
        part = content[start:end]
        told["Content-Range"] = f"bytes {start}-{end - 1}/{len(content)}"
        match fault:
            case "other-range":
                told["Content-Range"] = f"bytes {start - 7}-{end - 8}/{len(content)}"
            case "multipart":
                del told["Content-Range"]
                told["Content-Type"] = "multipart/byteranges; boundary=x"
            case "gzip":
                told["Content-Encoding"] = "gzip"
            case "long":
                part += b"x" * 5
            case "no-length-told":
                told["Content-Range"] = f"bytes {start}-{end - 1}/*"
        self._answer(206, part, fault, **told)

    def _several(self, content: bytes, ranges: list[tuple[int, int]], told: dict[str, str]) -> None:
        kind = self.served.several
        size = len(content)
        if any(start >= size for start, _ in ranges):
            self._answer(416, b"", **{"Content-Range": f"bytes */{size}"})
            return
        match kind:
            case "whole":
                self._answer(200, content, **told)
                return
            case "416" | "400" | "503":
                self._answer(int(kind), b"no")
                return
            case "close":
                self._answer(206, b"", "close")
                return
            case "first" | "one-part":
                start, end = ranges[0] if kind == "first" else (ranges[0][0], ranges[-1][1])
                self._answer(206, content[start:end], **told, **{"Content-Range": f"bytes {start}-{end - 1}/{size}"})
                return
            case "reversed":
                ranges = ranges[::-1]
            case "coalesced":
                ranges = [(ranges[0][0], ranges[1][1]), *ranges[2:]]
            case "fewer":
                ranges = ranges[:-1]
            case "another-range":
                ranges = [(start + 1, end + 1) for start, end in ranges]
            case "another-size":
                size += 1
        boundary = "b'(),-./:=? +_x" if kind == "quoted" else "THIS_STRING_SEPARATES"
        before = b"this is what stands before\r\n" if kind == "adorned" else b""
        body = bytearray(before)
        for start, end in ranges:
            part = content[start:end] if kind != "cut-part" else content[start : end - 1]
            body += f"\r\n--{boundary}{' ' * 3 if kind == 'adorned' else ''}\r\n".encode().removeprefix(
                b"" if body else b"\r\n"
            )
            if kind == "adorned":
                body += b"X-First: bytes 0-1/2\r\n"
            if kind == "endless-headers":
                body += b"X-More: x\r\n" * 100_000
            name = "CONTENT-range" if kind == "adorned" else "Content-Range"
            body += f"Content-Type: a/b\r\n{name}: bytes {start}-{end - 1}/{size}\r\n\r\n".encode() + part
            body += b"x" * (kind == "long-part")
        if kind != "no-end":
            body += f"\r\n--{boundary}--\r\n".encode() + b"and behind" * (kind == "adorned")
        value = f'"{boundary}"' if kind == "quoted" else boundary
        parameter = "" if kind == "no-boundary" else f"; boundary={value}"
        self._answer(206, bytes(body), **told, **{"Content-Type": f"multipart/byteranges{parameter}"})

    def _answer(self, status: int, body: bytes, fault: Fault | None = None, /, **headers: str) -> None:
        asked = Asked(self.command, self.path, self.headers.get("Range"), status, len(body), dict(self.headers))
        with self.served.lock:
            self.served.asked.append(asked)
        if fault == "close":
            self.close_connection = True
            return
        if fault == "stall":
            time.sleep(1.5)
            self.close_connection = True
            return
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        chunked = (
            fault == "endless" or (self.served.chunked and status == 206) or (self.served.chunk_all and status == 200)
        )
        if chunked:
            self.send_header("Transfer-Encoding", "chunked")
        else:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        try:
            if fault == "endless":
                while True:
                    self.wfile.write(b"4000\r\n" + b"x" * 0x4000 + b"\r\n")
            elif chunked:
                middle = len(body) // 2
                for part in (body[:middle], body[middle:]):
                    if part:
                        self.wfile.write(f"{len(part):x}\r\n".encode() + part + b"\r\n")
                self.wfile.write(b"0\r\n\r\n")
            elif fault == "short":
                self.wfile.write(body[:-1])
                self.close_connection = True
            elif fault == "drip":
                for at in range(len(body)):
                    self.wfile.write(body[at : at + 1])
                    self.wfile.flush()
                    time.sleep(0.05)
            else:
                self.wfile.write(body)
        except OSError:
            self.close_connection = True


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        pass


def make_handler(served: Server) -> type[BaseHTTPRequestHandler]:
    """Return what answers requests to a server."""
    return type("Handler", (_Handler,), {"served": served})


@contextmanager
def serving(**files: bytes) -> Iterator[Server]:
    """Serve files, each under its name and ``.agc``."""
    served = Server({f"/{name}.agc": content for name, content in files.items()})
    with _Quiet(("127.0.0.1", 0), make_handler(served)) as server:
        served.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield served
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def s3_server(bucket: str) -> Iterator[str]:
    """Run an S3 server with an empty bucket; its URL."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    with urllib.request.urlopen(urllib.request.Request(f"{url}/{bucket}", b"", method="PUT"), timeout=60) as response:
        assert response.status == 200
    yield url
    server.stop()


def s3_environment(url: str) -> dict[str, str]:
    """Return environment variables that lead clients there."""
    return {
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": url,
        "AWS_ALLOW_HTTP": "true",
        "NO_PROXY": "127.0.0.1",
    }
