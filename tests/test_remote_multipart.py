"""Several ranges in one answer: bodies of parts, well made and hostile, and servers that have them or not."""

from __future__ import annotations

import os
import random
import threading
from collections.abc import Callable, Iterator
from email.message import Message

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panarc.errors import RemoteChangedError, RemoteError
from panarc.remote import retry
from panarc.remote.bundles import MOST_BYTES, MOST_RANGES, bundled, covered
from panarc.remote.http import HttpSource
from panarc.remote.multipart import AROUND, MalformedError, Part, boundary, parts
from panarc.remote.source import TAIL
from servers import Server, Several, serving

CONTENT = random.Random("multipart").randbytes(6 * TAIL)

Range = tuple[int, int]


# --- bodies ----------------------------------------------------------------------------------------------------------


def reader(body: bytes, pieces: Iterator[int] | None = None) -> tuple[Callable[[int], bytes], list[int]]:
    """Return what gives a body in pieces, and a list with the bytes that were given."""
    given = [0]

    def read(most: int) -> bytes:
        assert most > 0
        length = min(most, next(pieces, most) if pieces else most)
        piece = body[given[0] : given[0] + length]
        given[0] += len(piece)
        return piece

    return read, given


def written(ranges: list[Range], between: bytes, line_end: bytes = b"\r\n", before: bytes = b"") -> bytes:
    """Return a body of parts."""
    body = before
    for start, end in ranges:
        body += b"--" + between + line_end + b"Content-Type: x/y" + line_end
        body += f"Content-Range: bytes {start}-{end - 1}/{len(CONTENT)}".encode() + 2 * line_end
        body += CONTENT[start:end] + line_end
    return body + b"--" + between + b"--" + line_end


RANGES = st.lists(
    st.tuples(st.integers(0, 5000), st.integers(1, 3000)).map(lambda pair: (pair[0], pair[0] + pair[1])),
    min_size=1,
    max_size=MOST_RANGES,
)


@given(
    RANGES,
    st.text("abcXYZ019'()+_,-./:=?", min_size=1, max_size=70),
    st.sampled_from([b"\r\n", b"\n"]),
    st.sampled_from([b"", b"\r\n", b"preamble\r\n\r\n"]),
    st.lists(st.integers(1, 4000), max_size=50),
    st.randoms(use_true_random=False),
)
def test_parts_come_as_they_were_written(
    ranges: list[Range], between: str, line_end: bytes, before: bytes, pieces: list[int], rng: random.Random
) -> None:
    shuffled = rng.sample(ranges, len(ranges))
    body = written(shuffled, between.encode(), line_end, before)
    read, _ = reader(body, iter(pieces))
    found = parts(read, between.encode(), ranges)
    assert [(part.start, part.end, part.size) for part in found] == [(*one, len(CONTENT)) for one in shuffled]
    assert all(part.body == CONTENT[part.start : part.end] for part in found)
    assert covered(ranges, found) == {(start, end): CONTENT[start:end] for start, end in ranges}


@given(RANGES, st.data())
def test_bodies_that_are_damaged_give_the_same_bytes_or_none(ranges: list[Range], data: st.DataObject) -> None:
    """Whatever is told to be a range has the bytes that stand in the body, and no more is read than is bearable."""
    body = bytearray(written(ranges, b"between"))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(body)))
        length = data.draw(st.integers(0, 40))
        body[at : at + length] = data.draw(
            st.binary(max_size=40) | st.sampled_from([b"\r\n--between\r\n", b"\r\n\r\n"])
        )
    read, given = reader(bytes(body))
    try:
        found = parts(read, b"between", ranges)
    except MalformedError:
        found = []
    for part in found:
        assert len(part.body) == part.end - part.start
        assert part.body in body
    assert given[0] <= sum(end - start for start, end in ranges) + AROUND * (len(ranges) + 1)


@given(st.binary(max_size=3000), st.binary(min_size=1, max_size=5))
def test_bodies_of_anything(body: bytes, between: bytes) -> None:
    read, _ = reader(body)
    with pytest.raises(MalformedError):
        parts(read, between, [(0, 1000)])


@pytest.mark.parametrize(
    "repeated",
    [b"x", b"\n", b"\r\n--b\r\nContent-Range: bytes 0-0/9\r\n\r\nx", b"--b\r\nX: y\r\n", b"--b\r\n" + b"X: y\r\n" * 9],
)
def test_bodies_without_end(repeated: bytes) -> None:
    given = 0

    def read(most: int) -> bytes:
        nonlocal given
        start = given % len(repeated)
        given += most
        return (repeated * (most // len(repeated) + 2))[start : start + most]

    with pytest.raises(MalformedError):
        parts(read, b"b", [(0, 100), (200, 300)])
    assert given <= 200 + 3 * AROUND


@pytest.mark.parametrize("span", ["5-4/9", "0-99999999999999999/9", "90-110/9", "0-9/*", "a-b/c", "", "0-200/9"])
def test_parts_of_ranges_nobody_asked_for(span: str) -> None:
    read, given = reader(b"--b\r\nContent-Range: bytes " + span.encode() + b"\r\n\r\n" + bytes(10_000))
    with pytest.raises(MalformedError):
        parts(read, b"b", [(0, 100), (10_000_000, 10_000_010)])
    assert given[0] <= 2 * AROUND


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("multipart/byteranges; boundary=abc", b"abc"),
        ("Multipart/ByteRanges ; charset=x; BOUNDARY=abc", b"abc"),
        ('multipart/byteranges; boundary="a b:c"', b"a b:c"),
        ("multipart/x-byteranges; boundary=abc", b"abc"),
        ("multipart/byteranges", b""),
        ("text/plain; boundary=abc", None),
        ("", None),
    ],
)
def test_boundaries(value: str, expected: bytes | None) -> None:
    headers = Message()
    headers["Content-Type"] = value
    assert boundary(headers) == expected


# --- bundles ---------------------------------------------------------------------------------------------------------


@given(st.lists(st.tuples(st.integers(0, 10**9), st.integers(1, MOST_BYTES * 2)), max_size=60))
def test_bundles_are_small_and_all_of_it(pairs: list[Range]) -> None:
    ranges = [(start, start + length) for start, length in pairs]
    bundles = bundled(ranges)
    assert [one for bundle in bundles for one in bundle] == ranges
    for bundle in bundles:
        assert len(bundle) <= MOST_RANGES
        assert len(bundle) == 1 or sum(end - start for start, end in bundle) <= MOST_BYTES


def test_what_came_is_told_from_what_did_not() -> None:
    came = [Part(10, 20, 99, b"0123456789"), Part(50, 52, 99, b"ab")]
    assert covered([(12, 15), (50, 52), (51, 53)], came) == {(12, 15): b"234", (50, 52): b"ab"}


# --- servers ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setattr(retry, "sleep", lambda seconds: None)
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    with serving(far=CONTENT) as server:
        yield server


def opened(server: Server, **options: object) -> HttpSource:
    source = HttpSource(server.url + "/far.agc", options)
    server.taken()
    return source


FIRST: list[Range] = [(5, 1000), (40_000, 40_100), (90_000, 99_000)]
SECOND: list[Range] = [(7, 8), (2000, 3000), (70_000, 70_001), (100_000, 101_000)]


def contents(ranges: list[Range]) -> list[bytes]:
    return [CONTENT[start:end] for start, end in ranges]


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("kind", ["parts", "reversed", "quoted", "adorned"])
def test_several_ranges_are_one_request(server: Server, kind: Several, chunked: bool) -> None:
    server.several, server.chunked = kind, chunked
    source = opened(server)
    for ranges in (FIRST, SECOND, FIRST):
        assert source.read_ranges(ranges) == contents(ranges)
        [asked] = server.taken()
        assert asked.headers["If-Range"] == server.etag
        assert asked.size <= sum(end - start for start, end in ranges) + AROUND * (len(ranges) + 1)
    assert source.bundles
    # Such an answer leaves the connection as it was.
    assert server.connections == 1


@pytest.mark.parametrize("kind", ["coalesced", "one-part"])
def test_ranges_near_each_other_may_come_as_one(server: Server, kind: Several) -> None:
    server.several = kind
    source = opened(server)
    ranges = [(5, 1000), (1100, 1200)]
    assert source.read_ranges(ranges) == contents(ranges)
    assert len(server.taken()) == 1
    # What lies between is too much here: nobody asked for it.
    assert source.read_ranges(FIRST) == contents(FIRST)
    assert len(server.taken()) == 1 + len(FIRST)
    assert not source.bundles


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize(
    ("kind", "lacking"),
    [
        ("first", 2),
        ("fewer", 1),
        ("whole", 3),
        ("another-range", 3),
        ("cut-part", 3),
        ("long-part", 3),
        ("endless-headers", 3),
        ("no-end", 3),
        ("no-boundary", 3),
        ("416", 3),
        ("400", 3),
        ("503", 3),
        # A connection that was used before may have been closed for being idle: a new one is tried as well.
        ("close", 4),
    ],
)
def test_servers_without_several_ranges_are_asked_for_them_once(
    server: Server, kind: Several, lacking: int, chunked: bool
) -> None:
    server.several, server.chunked = kind, chunked
    source = opened(server)
    assert source.bundles
    assert source.read_ranges(FIRST) == contents(FIRST)
    assert len(server.taken()) == 1 + lacking
    assert not source.bundles
    for ranges in (SECOND, FIRST):
        assert source.read_ranges(ranges) == contents(ranges)
        asked = server.taken()
        assert [request.range for request in asked if "," in (request.range or "")] == []
        assert len(asked) == len(ranges)


def test_a_server_that_gives_several_no_more(server: Server) -> None:
    """What may pass is asked for one by one, and several are asked for again; what does not pass is remembered."""
    source = opened(server)
    assert source.read_ranges(FIRST) == contents(FIRST)
    server.taken()
    asked: list[tuple[Several, int]] = [("503", 1), ("close", 2)]
    for kind, count in asked:
        server.several = kind
        assert source.read_ranges(SECOND) == contents(SECOND)
        assert len(server.taken()) == count + len(SECOND)
        assert source.bundles
    server.several = "parts"
    assert source.read_ranges(SECOND) == contents(SECOND)
    assert len(server.taken()) == 1
    server.several = "whole"
    assert source.read_ranges(FIRST) == contents(FIRST)
    assert not source.bundles


@pytest.mark.parametrize("header", ["x-amz-request-id", "X-Goog-Generation", "x-ms-version"])
def test_stores_behind_http_are_not_asked_for_several(server: Server, header: str) -> None:
    server.several, server.more = "whole", {header: "1"}
    source = opened(server)
    assert not source.bundles
    assert source.read_ranges(FIRST) == contents(FIRST)
    assert [request.status for request in server.taken()] == [206] * len(FIRST)


def test_many_ranges_and_large_ones_are_several_requests(server: Server) -> None:
    source = opened(server)
    many = [(start, start + 10) for start in range(0, 40 * 5000, 5000)]
    assert source.read_ranges(many) == contents(many)
    assert len(server.taken()) == -(-len(many) // MOST_RANGES)
    large = [(0, 150_000), (151_000, 300_000), (300_100, 300_200)]
    assert source.read_ranges(large) == contents(large)
    assert len(server.taken()) == 2


def test_threads_ask_a_new_server_once(server: Server) -> None:
    server.several = "whole"
    source = opened(server)
    wrong = []

    def read() -> None:
        if source.read_ranges(FIRST) != contents(FIRST):
            wrong.append(1)

    threads = [threading.Thread(target=read) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    asked = [request for request in server.taken() if "," in (request.range or "")]
    assert len(asked) == 1


@pytest.mark.parametrize("proven", [False, True])
@pytest.mark.parametrize("heeds", [False, True])
@pytest.mark.parametrize("change", ["tag", "date", "size", "size-of-parts", "cut"])
def test_no_part_of_another_file(server: Server, proven: bool, heeds: bool, change: str) -> None:
    server.heeds_if_range = heeds
    if change != "tag":
        server.etag = None
    if change in ("size", "size-of-parts", "cut"):
        server.modified = None
    source = opened(server)
    if proven:
        assert source.read_ranges(SECOND) == contents(SECOND)
    match change:
        case "tag":
            server.etag = '"two"'
        case "date":
            server.modified = "Tue, 02 Jan 2024 00:00:00 GMT"
        case "size":
            server.files["/far.agc"] = CONTENT + b"more"
        case "size-of-parts":
            server.several = "another-size"
        case "cut":
            server.files["/far.agc"] = CONTENT[:500]
    with pytest.raises(RemoteChangedError):
        source.read_ranges(FIRST)


def test_bodies_of_parts_that_come_in_drops_end(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("panarc.remote.reply._SLOWEST", 1 << 30)
    source = opened(server, retries=0, timeout=0.3)
    server.always = "drip"
    with pytest.raises(RemoteError):
        source.read_ranges(FIRST)
