"""Archives of some kilobytes that announce, and truly hold, gigabytes: refused before they are asked for."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

import pytest

import panarc
from containers import Streams, read_streams, write_streams
from helpers import GOLDEN, command
from measured import measured, needs_linux
from panarc import errors

GIB = 1 << 30
#: What a part may take in these tests, and what the whole process may have then.
LIMIT = 64 << 20
PEAK = 400 << 20
BLOCK = 128 << 10


def frame(size: int, start: bytes = b"", byte: int = 0) -> bytes:
    """A zstd frame of `start` and then one byte again and again: four bytes for 128 KiB."""
    out = b"\x28\xb5\x2f\xfd\xe0" + struct.pack("<Q", size)
    if start:
        out += struct.pack("<I", len(start) << 3)[:3] + start
    blocks = []
    left = size - len(start)
    while left > 0:
        length = min(left, BLOCK)
        left -= length
        blocks.append(struct.pack("<I", length << 3 | 1 << 1 | (left == 0))[:3] + bytes([byte]))
    return out + b"".join(blocks)


def prefix(value: int) -> bytes:
    """The integer of the collection's streams, in its longest form or in one byte."""
    return bytes([value]) if value < 0x80 else b"\xf0" + (value - 0x10204080).to_bytes(4, "big")


def reference(streams: Streams) -> None:
    streams["xGr"] = [(2 * GIB, frame(2 * GIB) + b"\0")]


def tuples(streams: Streams) -> None:
    size = GIB // 2
    body = frame(size)
    # The last byte of the block says how many codes a byte has.
    body = (
        body[:-4]
        + struct.pack("<I", (BLOCK - 1) << 3 | 1 << 1)[:3]
        + b"\0"
        + struct.pack("<I", 1 << 3 | 1)[:3]
        + b"\x40"
    )
    streams["xGr"] = [((size - 2) * 4, body + b"\1")]


def pack(streams: Streams) -> None:
    for name in streams:
        if name.startswith("x") and name.endswith("d"):
            streams[name] = [(2 * GIB, frame(2 * GIB, byte=0xFF) + b"\0")]


def contigs(streams: Streams) -> None:
    count = GIB // 2
    start = prefix(1) + prefix(count)
    streams["collection-contigs"] = [(count + len(start), frame(count + len(start), start))]


def empty_samples(streams: Streams) -> None:
    count = GIB // 2
    start = prefix(count)
    streams["collection-contigs"] = [(count + len(start), frame(count + len(start), start))]


def samples(streams: Streams) -> None:
    count = GIB // 2
    start = prefix(count)
    streams["collection-samples"] = [(count + len(start), frame(count + len(start), start))]


def rows(streams: Streams) -> None:
    columns = [(1, frame(1)), (1, frame(1)), (1, frame(1)), (1, frame(1)), (GIB, frame(GIB))]
    sizes = [prefix(raw) for raw, _ in columns]
    # 16 KiB and more take three bytes to say.
    packed = [
        bytes([len(body)]) if len(body) < 0x80 else (0xC00000 + len(body) - 0x4080).to_bytes(3, "big")
        for _, body in columns
    ]
    head = b"".join(a + b for a, b in zip(sizes, packed, strict=True))
    streams["collection-details"] = [(0, head + b"".join(body for _, body in columns))]


BOMBS = [reference, tuples, pack, contigs, empty_samples, samples, rows]


@needs_linux
@pytest.mark.parametrize("bomb", BOMBS, ids=lambda bomb: bomb.__name__)
def test_bombs(bomb: Callable[[Streams], None], tmp_path: Path) -> None:
    streams = read_streams(GOLDEN / "w-no-keys.agc")
    bomb(streams)
    path = tmp_path / "bomb.agc"
    write_streams(path, streams)
    assert path.stat().st_size < 8 << 20
    done = measured(command("getcol", path), tmp_path, {"PANARC_MEMORY_LIMIT": str(LIMIT)})
    assert done.status == 1, done.said
    assert done.peak < PEAK
    assert len(done.said.splitlines()) == 1 and "internal" not in done.said


@pytest.mark.parametrize("bomb", [reference, pack], ids=lambda bomb: bomb.__name__)
def test_there_is_a_limit_where_none_is_given(bomb: Callable[[Streams], None], tmp_path: Path) -> None:
    streams = read_streams(GOLDEN / "w-no-keys.agc")
    bomb(streams)
    path = tmp_path / "bomb.agc"
    write_streams(path, streams)
    with panarc.open(path) as archive, pytest.raises(errors.MemoryLimitError, match="limit of 1 GiB is too small"):
        for sample in archive.samples:
            for contig in archive[sample]:
                contig[:]


def test_the_limit_can_be_raised_and_lowered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PANARC_MEMORY_LIMIT", "10")
    with pytest.raises(errors.MemoryLimitError, match="limit of 10 bytes"):
        panarc.open(GOLDEN / "toy.agc")
    monkeypatch.setenv("PANARC_MEMORY_LIMIT", "4GB")
    panarc.open(GOLDEN / "toy.agc").close()


def holes(path: Path, size: int, end: bytes) -> None:
    """A file that is all holes but for its end."""
    with path.open("wb") as file:
        file.truncate(size)
        file.seek(size)
        file.write(end)


@needs_linux
@pytest.mark.parametrize("what", ["footer", "part"])
def test_files_of_holes(what: str, tmp_path: Path) -> None:
    """They take no room on disk, and may be of any size."""
    path = tmp_path / "holes.agc"
    size = 1 << 40
    if what == "footer":
        holes(path, size, struct.pack("<Q", size - 8))
    else:
        # One stream of one part, which begins with the file.
        footer = b"\1\1" + b"file_type_info\0" + b"\1\1" + b"\0" + b"\0" + b"\6" + (size - 100).to_bytes(6, "big")
        holes(path, size, footer + struct.pack("<Q", len(footer)))
    done = measured(command("listset", path), tmp_path)
    assert (done.status, len(done.said.splitlines())) == (1, 1), done.said
    assert "memory limit" in done.said
    assert done.peak < 100 << 20
