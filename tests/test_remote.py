"""Archives behind HTTP: the same bases in few requests, and one clear error for each way in which servers go wrong."""

from __future__ import annotations

import base64
import os
import pickle
import random
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from typing import ClassVar

import pytest

import panarc
from helpers import build, panarc_command, relatives, write_collection
from panarc.errors import (
    CorruptArchiveError,
    MissingFileError,
    NoRangesError,
    ParameterError,
    RemoteAccessError,
    RemoteChangedError,
    RemoteError,
    RemoteTimeoutError,
)
from panarc.remote import retry
from panarc.remote.source import TAIL
from servers import Asked, Fault, Server, Several, serving

ARCHIVE = "/far.agc"


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of 1.2 million distinct bases, most of which is not in its tail."""
    folder = tmp_path_factory.mktemp("remote")
    collection = relatives(random.Random("remote"), 12, [900_000, 300_000, 20_000, 300, 20], rate=0.002)
    path = folder / "far.agc"
    build(path, write_collection(folder / "fasta", collection), {"segment_size": 30_000})
    assert path.stat().st_size > 4 * TAIL
    return path


@pytest.fixture
def server(path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server that has it; nothing waits before it asks again."""
    monkeypatch.setattr(retry, "sleep", lambda seconds: None)
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    with serving(far=path.read_bytes()) as server:
        yield server


@pytest.fixture
def local(path: Path) -> Iterator[panarc.Archive]:
    with panarc.open(path) as archive:
        yield archive


def everything(archive: panarc.Archive) -> list[tuple[str, str, bytes]]:
    return [(name, contig.header, contig.sequence()) for name in archive for contig in archive[name]]


def window(archive: panarc.Archive, rng: random.Random, size: int = 4096) -> tuple[str, str, int, int]:
    """A window of a long contig."""
    name = rng.choice(archive.samples)
    contig = rng.choice([contig for contig in archive[name] if len(contig) > size])
    start = rng.randrange(len(contig) - size)
    return name, contig.name, start, start + size


def sizes(asked: list[Asked]) -> int:
    return sum(request.size for request in asked)


# --- what is read, and in how many requests --------------------------------------------------------------------------


def test_all_bases_and_facts_are_those_of_the_file(server: Server, local: panarc.Archive, tmp_path: Path) -> None:
    with panarc.open(server.url + ARCHIVE) as far:
        assert far.samples == local.samples
        assert everything(far) == everything(local)
        assert far.info == local.info
        assert far.stats() == local.stats()
        assert far.check() == local.check()
        assert far.verify() == local.verify()
        assert far.path == server.url + ARCHIVE
        sample = local.samples[5]
        assert far[sample]["chr1"].digest == local[sample]["chr1"].digest
        for archive, name in ((far, "far.fa"), (local, "local.fa")):
            archive.write_fasta(tmp_path / name)
        assert (tmp_path / "far.fa").read_bytes() == (tmp_path / "local.fa").read_bytes()
    assert {request.status for request in server.taken()} == {206}


def test_a_cold_window_takes_five_requests_at_most(server: Server, local: panarc.Archive, rng: random.Random) -> None:
    counts = []
    for _ in range(30):
        name, contig, start, end = window(local, rng)
        with panarc.open(server.url + ARCHIVE) as far:
            asked = server.taken()
            assert [request.range for request in asked] == [f"bytes=-{TAIL}"]
            assert far.fetch(contig, start, end, sample=name) == local.fetch(contig, start, end, sample=name)
        more = server.taken()
        # The tail, a page of the collection unless it is there, and a reference and a pack for each segment touched.
        counts.append(1 + len(more))
        assert sizes(more) < 60_000
    assert sorted(counts)[len(counts) // 2] <= 3
    assert max(counts) <= 5


def test_windows_of_real_genomes(shared_data: Path, tmp_path: Path, rng: random.Random) -> None:
    """Yeasts: a cold window takes four requests as a rule, five or fewer nearly always, and no more than 300 kB."""
    path = tmp_path / "yeasts.agc"
    build(path, sorted((shared_data / "yeast").glob("*.fa*")))
    counts, volumes = [], []
    with panarc.open(path) as near, serving(far=path.read_bytes()) as server:
        for _ in range(60):
            name, contig, start, end = window(near, rng)
            with panarc.open(server.url + ARCHIVE) as far:
                assert far.fetch(contig, start, end, sample=name) == near.fetch(contig, start, end, sample=name)
            asked = server.taken()
            counts.append(len(asked))
            volumes.append(sizes(asked))
    assert sorted(counts)[len(counts) // 2] <= 4
    assert sum(count <= 5 for count in counts) >= 0.9 * len(counts)
    assert max(volumes) <= 300_000


def test_what_was_read_is_not_asked_for_again(server: Server, local: panarc.Archive, rng: random.Random) -> None:
    with panarc.open(server.url + ARCHIVE) as far:
        asks = [window(local, rng) for _ in range(20)]
        first = [far.fetch(contig, start, end, sample=name) for name, contig, start, end in asks]
        server.taken()
        assert [far.fetch(contig, start, end, sample=name) for name, contig, start, end in asks] == first
        # Decoded segments are given up, bytes are kept.
        far.clear_cache()
        assert far.fetch_many(asks) == first
        assert server.taken() == []


def test_many_regions_are_fetched_together(server: Server, local: panarc.Archive) -> None:
    contig = local[local.samples[0]]["chr1"]
    asks = [(local.samples[3], contig.name, at, at + 100) for at in range(0, 880_000, 10_000)]
    with panarc.open(server.url + ARCHIVE) as far:
        server.taken()
        assert far.fetch_many(asks) == local.fetch_many(asks)
        assert len(server.taken()) <= 8
    with panarc.open(server.url + ARCHIVE) as far:
        server.taken()
        assert far[local.samples[3]][contig.name].sequence() == local[local.samples[3]][contig.name].sequence()
        assert len(server.taken()) <= 8


def test_a_small_memory_limit_changes_no_base(server: Server, local: panarc.Archive) -> None:
    with panarc.open(server.url + ARCHIVE, memory_limit="4MB", cache_bytes=0) as far:
        for name in local.samples[:3]:
            assert [contig.sequence() for contig in far[name]] == [contig.sequence() for contig in local[name]]


def test_threads_share_what_comes(server: Server, local: panarc.Archive) -> None:
    far = panarc.open(server.url + ARCHIVE)
    wrong: list[object] = []

    def read(seed: int) -> None:
        rng = random.Random(seed % 2)
        for _ in range(40):
            name, contig, start, end = window(local, rng)
            if far.fetch(contig, start, end, sample=name) != local.fetch(contig, start, end, sample=name):
                wrong.append((name, contig, start))

    threads = [threading.Thread(target=read, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    ranges = [request.range for request in server.taken()]
    assert len(ranges) == len(set(ranges))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_forked_processes_read_on(server: Server, local: panarc.Archive) -> None:
    far = panarc.open(server.url + ARCHIVE)
    name = local.samples[1]
    children = []
    for place in range(3):
        child = os.fork()
        if child == 0:
            start = 100_000 + 200_000 * place
            same = far[name]["chr1"][start : start + 5000] == local[name]["chr1"][start : start + 5000]
            os._exit(0 if same else 1)
        children.append(child)
    assert far[name]["chr1"][:5000] == local[name]["chr1"][:5000]
    for child in children:
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_pickles_open_again(server: Server, local: panarc.Archive) -> None:
    options = {"headers": {"X-Who": "me"}}
    with panarc.open(server.url + ARCHIVE, upper=True, storage_options=options) as far:
        server.taken()
        with pickle.loads(pickle.dumps(far)) as again:
            assert server.taken()[0].headers["X-Who"] == "me"
            assert again.samples == local.samples
            assert again[local.samples[2]]["chr2"][5:500] == local[local.samples[2]]["chr2"][5:500]


def test_verified_reading(server: Server, path: Path, local: panarc.Archive) -> None:
    with panarc.open(server.url + ARCHIVE, verify=True) as far:
        assert far[local.samples[1]]["chr1"][10:20] == local[local.samples[1]]["chr1"][10:20]
    damaged = bytearray(path.read_bytes())
    damaged[1000] ^= 255
    server.files["/damaged.agc"] = bytes(damaged)
    with panarc.open(server.url + "/damaged.agc", verify=True) as far:
        assert not far.verify().ok
        with pytest.raises(CorruptArchiveError, match=r"damaged\.agc"):
            everything(far)


@pytest.mark.parametrize("content", [b"", b"x", b"x" * 100, b"x" * (2 * TAIL)])
def test_what_is_no_archive(server: Server, content: bytes) -> None:
    server.files["/none.agc"] = content
    with pytest.raises(CorruptArchiveError, match=r"none\.agc"):
        panarc.open(server.url + "/none.agc")


# --- servers of many kinds -------------------------------------------------------------------------------------------


def test_connections_are_used_again(server: Server, local: panarc.Archive, rng: random.Random) -> None:
    with panarc.open(server.url + ARCHIVE, storage_options={"connections": 2}) as far:
        for _ in range(20):
            name, contig, start, end = window(local, rng)
            far.fetch(contig, start, end, sample=name)
    assert len(server.taken()) > 10
    assert server.connections <= 2


@pytest.mark.parametrize("chunked", [False, True])
def test_servers_without_ranges_from_the_end(server: Server, local: panarc.Archive, chunked: bool) -> None:
    server.always, server.chunked = "no-suffix", chunked
    with panarc.open(server.url + ARCHIVE) as far:
        size = local.info.size
        expected = [f"bytes=-{TAIL}", "bytes=0-0", f"bytes={size - TAIL}-{size - 1}"]
        assert [request.range for request in server.taken()] == expected
        assert far[local.samples[4]]["chr1"][:9000] == local[local.samples[4]]["chr1"][:9000]


@pytest.mark.parametrize("fault", ["suffix-400", "suffix-405", "suffix-501"])
@pytest.mark.parametrize("several", ["parts", "400"])
def test_servers_that_know_absolute_ranges_alone(
    server: Server, local: panarc.Archive, fault: Fault, several: Several
) -> None:
    server.always, server.several = fault, several
    with panarc.open(server.url + ARCHIVE) as far:
        size = local.info.size
        expected = [f"bytes=-{TAIL}", "bytes=0-0", f"bytes={size - TAIL}-{size - 1}"]
        assert [request.range for request in server.taken()] == expected
        assert everything(far) == everything(local)
        assert far.check().ok
    # What is wrong with the file is said as it is elsewhere.
    with pytest.raises(MissingFileError, match="no such file"):
        panarc.open(server.url + "/none.agc")
    for content in (b"", b"x", b"x" * (2 * TAIL)):
        server.files["/none.agc"] = content
        with pytest.raises(CorruptArchiveError, match=r"none\.agc"):
            panarc.open(server.url + "/none.agc")


def test_a_server_that_understands_nothing(server: Server) -> None:
    server.next = ["suffix-400"]
    server.files[ARCHIVE] = b""
    server.always = "403"
    with pytest.raises(RemoteAccessError, match="403"):
        panarc.open(server.url + ARCHIVE)


class RangeHTTPServer(SimpleHTTPRequestHandler):
    """As the package of this name answers: by absolute ranges, and too much for the first byte."""

    where = b""
    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.asked.append(self.headers.get("Range", ""))
        match = re.fullmatch(r"bytes=(\d+)-(\d+)?", self.headers.get("Range", ""))
        if match is None:
            self.send_error(400, "Invalid byte range")
            return
        first, last = int(match[1]), min(int(match[2] or len(self.where)), len(self.where) - 1)
        if first >= len(self.where):
            self.send_error(416, "Requested Range Not Satisfiable")
            return
        self.send_response(206)
        self.send_header("Content-Range", f"bytes {first}-{last}/{len(self.where)}")
        self.send_header("Content-Length", str(last - first + 1))
        self.end_headers()
        # Its `stop` is taken for none where it is 0.
        self.wfile.write(self.where[first : last + 1 if last else None])

    def log_message(self, format: str, *args: object) -> None:
        pass


def test_a_server_of_http_1_0(server: Server, path: Path, local: panarc.Archive) -> None:
    asked: list[str] = []
    handler = type("Handler", (RangeHTTPServer,), {"where": path.read_bytes(), "asked": asked})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as older:
        older.daemon_threads = True
        older.handle_error = lambda *_: None  # type: ignore[method-assign]
        thread = threading.Thread(target=older.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            with panarc.open(f"http://127.0.0.1:{older.server_port}/x.agc") as far:
                assert everything(far) == everything(local)
        finally:
            older.shutdown()
            thread.join()
    assert asked[:2] == [f"bytes=-{TAIL}", "bytes=0-0"]


@pytest.fixture
def small(tmp_path: Path) -> bytes:
    """An archive that is no larger than what is read of any archive when it is opened."""
    with panarc.create(tmp_path / "small.agc") as builder:
        for name in ("a", "b"):
            builder.add_sample(name, {"chr1": "".join(random.Random(name).choices("ACGT", k=20_000))})
    content = (tmp_path / "small.agc").read_bytes()
    assert len(content) < TAIL
    return content


@pytest.mark.parametrize("chunked", [False, True])
def test_small_files_from_servers_without_ranges(server: Server, small: bytes, chunked: bool) -> None:
    server.always, server.chunk_all = "no-ranges", chunked
    server.files["/small.agc"] = small
    for _ in range(2):
        # The cache for bytes is as small as it can be: what was read stays.
        with panarc.open(server.url + "/small.agc", memory_limit="16MB") as far, panarc.open(BytesIO(small)) as near:
            assert [request.status for request in server.taken()] == [200]
            assert everything(far) == everything(near)
            assert far.verify().ok
            assert server.taken() == []
            assert pickle.loads(pickle.dumps(far)) == far
            server.taken()
    for content in (b"", b"x", b"x" * TAIL):
        server.files["/none.agc"] = content
        with pytest.raises(CorruptArchiveError, match=r"none\.agc"):
            panarc.open(server.url + "/none.agc")
    server.taken()
    server.files["/large.agc"] = b"x" * (TAIL + 1)
    with pytest.raises(NoRangesError, match="gives no ranges, only whole files"):
        panarc.open(server.url + "/large.agc")
    assert len(server.taken()) == 2


def test_small_files_that_come_cut(server: Server, small: bytes) -> None:
    server.files["/small.agc"] = small
    server.next, server.always = ["whole-short", "whole-short"], "no-ranges"
    with panarc.open(server.url + "/small.agc") as far:
        assert len(far) == 2
        assert len(server.taken()) == 3
    server.always = "whole-short"
    with pytest.raises(RemoteError, match="the connection ended after"):
        panarc.open(server.url + "/small.agc", storage_options={"retries": 1})


def test_servers_that_tell_nothing_of_a_file(server: Server, local: panarc.Archive) -> None:
    server.etag = server.modified = None
    with panarc.open(server.url + ARCHIVE) as far:
        assert far[local.samples[4]]["chr1"][:9000] == local[local.samples[4]]["chr1"][:9000]
        assert all("If-Range" not in request.headers for request in server.taken())


@pytest.mark.parametrize(
    ("etag", "modified", "condition"),
    [
        ('"one"', None, '"one"'),
        ('W/"one"', "Mon, 01 Jan 2024 00:00:00 GMT", None),
        (None, "Mon, 01 Jan 2024 00:00:00 GMT", "Mon, 01 Jan 2024 00:00:00 GMT"),
    ],
)
def test_conditions(server: Server, etag: str | None, modified: str | None, condition: str | None) -> None:
    server.etag, server.modified = etag, modified
    with panarc.open(server.url + ARCHIVE) as far:
        server.taken()
        assert far[far.samples[0]]["chr1"][:10]
        assert {request.headers.get("If-Range") for request in server.taken()} == {condition}


def test_redirections_are_followed_and_remembered(server: Server, local: panarc.Archive) -> None:
    server.redirects = {"/a": "/b?signature=secret", "/b": ARCHIVE}
    with panarc.open(server.url + "/a") as far:
        assert [request.status for request in server.taken()] == [302, 302, 206]
        assert far[local.samples[1]]["chr1"][:4000] == local[local.samples[1]]["chr1"][:4000]
        assert {request.path for request in server.taken()} == {ARCHIVE}
        # What a redirection led to is gone; another leads on.
        server.files["/new.agc"] = server.files.pop(ARCHIVE)
        server.redirects = {"/a": "/new.agc"}
        assert far[local.samples[1]]["chr1"][300_000:304_000] == local[local.samples[1]]["chr1"][300_000:304_000]
    server.redirects = {"/a": "/b", "/b": "/a"}
    with pytest.raises(RemoteError, match="more than 10 redirections"):
        panarc.open(server.url + "/a")
    server.redirects = {"/a": "ftp://elsewhere/x"}
    with pytest.raises(RemoteError, match="no URL of HTTP"):
        panarc.open(server.url + "/a")


def test_credentials_go_to_one_server_and_into_no_message(server: Server, path: Path) -> None:
    expected = "Basic " + base64.b64encode(b"me:pass word").decode()
    server.password = expected
    url = server.url.replace("://", "://me:pass%20word@") + ARCHIVE + "?token=secret"
    with panarc.open(url) as far:
        assert far.samples
        with pytest.raises(KeyError) as missing:
            far["nobody"]
        for text in (repr(far), str(missing.value)):
            assert "pass" not in text
            assert "secret" not in text
    with pytest.raises(RemoteAccessError, match="401") as denied:
        panarc.open(url.replace("pass%20word", "pass%20other"))
    assert "pass" not in str(denied.value)
    with panarc.open(server.url + ARCHIVE, storage_options={"headers": {"Authorization": expected}}) as far:
        assert far.samples
    with serving(far=path.read_bytes()) as other:
        server.password = None
        server.redirects = {"/there": other.url + ARCHIVE}
        options = {"headers": {"X-Token": "secret"}}
        with panarc.open(server.url.replace("://", "://me:p@") + "/there", storage_options=options) as far:
            assert far[far.samples[0]]["chr1"][:10]
        assert all("Authorization" not in request.headers for request in other.asked)
        assert all("X-Token" not in request.headers for request in other.asked)
        assert any("X-Token" in request.headers for request in server.asked)


def test_proxies(server: Server, monkeypatch: pytest.MonkeyPatch, local: panarc.Archive) -> None:
    monkeypatch.setenv("http_proxy", server.url.replace("://", "://us:er@"))
    with panarc.open("http://archives.invalid" + ARCHIVE) as far:
        assert far[local.samples[2]]["chr1"][:50] == local[local.samples[2]]["chr1"][:50]
    asked = server.taken()
    assert {request.path for request in asked} == {"http://archives.invalid" + ARCHIVE}
    assert {request.headers["Host"] for request in asked} == {"archives.invalid"}
    assert all(request.headers["Proxy-Authorization"].startswith("Basic ") for request in asked)
    monkeypatch.setenv("https_proxy", server.url)
    with pytest.raises(RemoteError, match="405"):
        panarc.open("https://archives.invalid/x", storage_options={"retries": 0})
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with panarc.open(server.url + ARCHIVE):
        assert server.taken()[-1].path == ARCHIVE


# --- what goes wrong -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("faults", [["503"], ["close"], ["short"], ["503", "close", "short", "503"]])
def test_what_may_pass_is_tried_again(server: Server, local: panarc.Archive, faults: list[Fault | None]) -> None:
    server.next = list(faults)
    with panarc.open(server.url + ARCHIVE) as far:
        assert len(server.taken()) == len(faults) + 1
        server.next = list(faults)
        assert far[local.samples[2]]["chr1"][:40] == local[local.samples[2]]["chr1"][:40]
        assert server.next == []


def test_pauses_grow_and_follow_the_server(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(retry, "sleep", pauses.append)
    server.always = "503"
    with pytest.raises(RemoteError, match="status 503"):
        panarc.open(server.url + ARCHIVE)
    assert len(server.taken()) == 5
    assert len(pauses) == 4
    assert all(0.1 * 2**n <= pause <= 0.2 * 2**n for n, pause in enumerate(pauses))
    pauses.clear()
    server.always, server.next, server.retry_after = None, ["503", "503"], "7"
    panarc.open(server.url + ARCHIVE).close()
    assert pauses == [7, 7]
    server.next, server.retry_after = ["503"], "100000"
    panarc.open(server.url + ARCHIVE).close()
    assert pauses[2:] == [retry.LONGEST_PAUSE]


@pytest.mark.parametrize(
    ("fault", "error", "message", "requests"),
    [
        ("404", MissingFileError, "there is no such file", 1),
        ("403", RemoteAccessError, "denies access", 1),
        ("503", RemoteError, "503", 3),
        ("close", RemoteError, "cannot read", 3),
        ("short", RemoteError, "the connection ended after 65535 of 65536 bytes", 3),
        ("no-ranges", NoRangesError, "gives no ranges", 2),
        ("multipart", NoRangesError, "does not tell which range", 1),
        ("no-length-told", NoRangesError, "does not tell which range", 1),
        ("other-range", RemoteError, "another range", 1),
        ("long", RemoteError, "another range", 1),
        ("endless", RemoteError, "more bytes than", 1),
        ("gzip", RemoteError, "compresses", 1),
        ("stall", RemoteTimeoutError, "no answer within 0.3 seconds", 3),
    ],
)
def test_what_does_not_pass_is_one_error(
    server: Server, fault: Fault, error: type[Exception], message: str, requests: int
) -> None:
    options = {"retries": 2, "timeout": 0.3}
    server.always = fault
    with pytest.raises(error, match=message) as raised:
        panarc.open(server.url + ARCHIVE, storage_options=options)
    assert server.url + ARCHIVE in str(raised.value)
    assert isinstance(raised.value, OSError)
    assert len(server.taken()) == requests
    server.always = None
    # The same once the archive is open, and nothing wrong stays when it is over.
    with panarc.open(server.url + ARCHIVE, storage_options=options) as far:
        name = far.samples[1]
        server.always = fault
        with pytest.raises((RemoteError, MissingFileError)) as later:
            far.fetch("chr1", 200_000, 200_100, sample=name)
        assert server.url + ARCHIVE in str(later.value)
        for look in (far.verify, far.check):
            with pytest.raises((RemoteError, MissingFileError)):
                look()
        server.always = None
        with panarc.open(server.url + ARCHIVE) as again:
            expected = again[name]["chr1"][200_000:200_100]
        assert far.fetch("chr1", 200_000, 200_100, sample=name) == expected


def test_bodies_that_come_in_drops_end(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("panarc.remote.reply._SLOWEST", 1 << 30)
    server.always = "drip"
    with pytest.raises(RemoteTimeoutError):
        panarc.open(server.url + ARCHIVE, storage_options={"retries": 0, "timeout": 0.3})


def _another_tag(server: Server) -> None:
    server.etag = '"two"'


def _another_date(server: Server) -> None:
    server.etag, server.modified = None, "Tue, 02 Jan 2024 00:00:00 GMT"


def _another_size(server: Server) -> None:
    server.etag = server.modified = None
    server.files[ARCHIVE] += b"more"


def _cut(server: Server) -> None:
    server.etag = server.modified = None
    server.files[ARCHIVE] = server.files[ARCHIVE][:10]


@pytest.mark.parametrize("heeds", [True, False])
@pytest.mark.parametrize("change", [_another_tag, _another_date, _another_size, _cut])
def test_files_that_change_are_noticed(server: Server, heeds: bool, change: Callable[[Server], None]) -> None:
    server.heeds_if_range = heeds
    with panarc.open(server.url + ARCHIVE) as far:
        name = far.samples[1]
        change(server)
        with pytest.raises(RemoteChangedError, match="has changed since it was opened"):
            far[name]["chr1"][300_000:300_100]
    if change is not _cut and change is not _another_size:
        with panarc.open(server.url + ARCHIVE) as far:
            assert len(far[name]["chr1"][300_000:300_100]) == 100


def test_no_server(server: Server) -> None:
    with serving() as gone:
        url = gone.url
    with pytest.raises(RemoteError, match="refused"):
        panarc.open(url + "/x.agc")


@pytest.mark.parametrize(
    ("url", "options", "message"),
    [
        ("http://", {}, "no URL of HTTP"),
        ("http://host:port/x", {}, "http://host:port/x"),
        ("http://host/a b", {}, "spaces"),
        ("http://host/\r\nX: y", {}, "control"),
        ("http://host/x", {"timeout": 0}, "timeout"),
        ("http://host/x", {"retries": "many"}, "retries"),
        ("http://host/x", {"headers": ["a"]}, "headers"),
        ("http://host/x", {"colour": 1}, "colour"),
        ("local.agc", {"timeout": 1}, "storage_options are for URLs"),
    ],
)
def test_wrong_parameters(url: str, options: dict[str, object], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        panarc.open(url, storage_options=options)


# --- the command -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        ["getset", "A", "sample003", "sample001"],
        ["getctg", "A", "chr2@sample004:1000-200000", "chr3@sample001"],
        ["getcol", "A"],
        ["fetch", "A", "chr1@sample002:5-77", "--sample", "sample001"],
        ["listref", "A"],
        ["listset", "--json", "A"],
        ["listctg", "A", "sample002"],
        ["info", "A"],
        ["stats", "A"],
        ["digest", "A"],
        ["check", "A"],
        ["verify", "A"],
        ["getset", "--verify", "--memory-limit", "8MB", "A", "sample003"],
    ],
)
def test_verbs_take_urls(server: Server, path: Path, arguments: list[str]) -> None:
    far = panarc_command(*(server.url + ARCHIVE if word == "A" else word for word in arguments))
    near = panarc_command(*(path if word == "A" else word for word in arguments))
    assert (far.returncode, far.stderr) == (0, b"")
    assert far.stdout == near.stdout
    assert far.stdout


def test_the_command_tells_what_is_wrong(server: Server, tmp_path: Path) -> None:
    done = panarc_command("listset", server.url + "/nothing.agc")
    assert (done.returncode, done.stderr.count(b"\n")) == (1, 1)
    assert b"there is no such file on the server (404)" in done.stderr
    server.always = "no-ranges"
    done = panarc_command("getset", "-o", tmp_path / "out.fa", server.url + ARCHIVE, "sample000")
    assert (done.returncode, done.stderr.count(b"\n")) == (1, 1)
    assert b"gives no ranges" in done.stderr
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "new.fa").write_bytes(b">a\nACGT\n")
    done = panarc_command("append", "-o", tmp_path / "out.agc", server.url + ARCHIVE, tmp_path / "new.fa")
    assert done.returncode == 2
    assert b"only a local archive can be added to" in done.stderr


def test_archives_behind_urls_are_not_added_to(server: Server, tmp_path: Path) -> None:
    with panarc.open(server.url + ARCHIVE) as far, pytest.raises(ParameterError, match="local archive"):
        far.append(output=tmp_path / "out.agc")


def test_local_files_load_nothing_of_this(path: Path) -> None:
    code = (
        "import sys, panarc; panarc.open(sys.argv[1]).close();"
        "print([name for name in sys.modules if name.startswith(('panarc.remote', 'http', 'ssl', 'socket', 'urllib'))])"
    )
    done = subprocess.run([sys.executable, "-c", code, path], capture_output=True, check=True, text=True)
    assert done.stdout == "[]\n"
