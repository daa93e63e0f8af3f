"""Rare shapes and histories of archives that reading, appending and mending must get right."""

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Iterable
from pathlib import Path

import pytest
import zstandard

import panarc
from containers import Streams, changed, read_streams, write_streams
from helpers import GOLDEN, bases, check, command, panarc_command, reverse_complement
from measured import measured, needs_linux
from panarc import errors

K, SEGMENT_SIZE = 21, 60_000
#: Where the forms of the collection's integers begin, one for each number of bytes.
FORMS = (0, 0x80, 0x4080, 0x204080, 0x10204080)


def prefix(value: int) -> bytes:
    form = max(number for number, start in enumerate(FORMS) if value >= start)
    rest = value - FORMS[form]
    if form == 4:
        return b"\xf0" + rest.to_bytes(4, "big")
    out = bytearray(rest.to_bytes(form + 1, "big"))
    out[0] |= 0xF0 << (4 - form) & 0xFF
    return bytes(out)


def integers(data: bytes) -> list[int]:
    found, at = [], 0
    while at < len(data):
        form = next(number for number in range(5) if number == 4 or not data[at] & 0x80 >> number)
        first = 0 if form == 4 else data[at] & 0x7F >> form
        found.append(int.from_bytes(bytes([first]) + data[at + 1 : at + 1 + form], "big") + FORMS[form])
        at += 1 + form
    return found


def fold(value: int, expected: int) -> int:
    if value < expected:
        return 2 * (expected - value) - 1
    return 2 * (value - expected) if value < 2 * expected else value


def unfold(code: int, expected: int) -> int:
    if code >= 2 * expected:
        return code
    return (2 * expected - code) // 2 if code & 1 else (code + 2 * expected) // 2


def details(columns: Iterable[bytes]) -> bytes:
    frames = [(len(column), zstandard.compress(column)) for column in columns]
    return b"".join(prefix(raw) + prefix(len(frame)) for raw, frame in frames) + b"".join(frame for _, frame in frames)


def columns(payload: bytes) -> list[bytes]:
    at, sizes = 0, []
    for _ in range(10):
        end = at + 1
        while not integers_end(payload[at:end]):
            end += 1
        sizes.append(integers(payload[at:end])[0])
        at = end
    found = []
    for raw, packed in zip(sizes[::2], sizes[1::2], strict=True):
        found.append(zstandard.ZstdDecompressor().decompress(payload[at : at + packed], max_output_size=raw))
        at += packed
    return found


def integers_end(data: bytes) -> bool:
    """Whether the bytes are one whole integer."""
    form = next(number for number in range(5) if number == 4 or not data[0] & 0x80 >> number)
    return len(data) == 1 + form


def strange(path: Path, *, length: int, names: list[bytes], samples: int = 1) -> None:
    """An archive of one named sample whose contigs each are a run of N: `length` of them, in a few bytes.

    `samples` are in the collection, with one contig each if they are several.
    """

    def packed(content: bytes) -> list[tuple[int, bytes]]:
        return [(len(content), zstandard.compress(content))]

    count = len(names)
    each = [prefix(1)] * samples if samples > 1 else [prefix(count)]
    split = names if samples > 1 else [b"".join(names)]
    contigs = prefix(samples) + b"".join(number + text for number, text in zip(each, split, strict=True))
    shape = prefix(samples) + b"".join(number + prefix(1) * (count if samples == 1 else 1) for number in each)
    table = [
        shape,
        prefix(16) * count,
        prefix(1) + prefix(2) * (count - 1),
        prefix(fold(length, SEGMENT_SIZE + K)) * count,
        prefix(0) * count,
    ]
    streams: Streams = {
        "collection-samples": packed(prefix(1) + b"s\0"),
        "collection-contigs": packed(contigs),
        "collection-details": [(0, details(table))],
    }
    for digit in "0123456789ABCDEF":
        streams[f"x{digit}d"] = []
    streams |= {
        "xGr": [(0, bytes([0, 1, 2, 3] * 300))],
        "xGd": [(0, b"\x1e%d\x04\xff" % (length - 4))],
        "params": [(0, struct.pack("<4I", K, 15, 100, SEGMENT_SIZE))],
        "splitters": [(0, b"")],
        "segment-splitters": [(1, b"\xff" * 16 + bytes(4))],
        "file_type_info": [(2, b"file_version_major\0003\0file_version_minor\0000\0")],
    }
    write_streams(path, streams)


# --- what is long ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("threads", [1, 2])
def test_long_stretches_of_one_segment(threads: int, tmp_path: Path) -> None:
    whole = bases(random.Random("long"), 900_000)
    with panarc.create(tmp_path / "a.agc", segment_size=1_000_000) as builder:
        builder.add_sample("a", {"c": whole})
    spans = [(0, 700_000), (5, 300_000), (600_000, 900_000), (1, 2), (0, 900_000)]
    expected = [whole[start:end] for start, end in spans]
    with panarc.open(tmp_path / "a.agc", threads=threads) as archive:
        asks = [("a", "c", start, end) for start, end in spans]
        assert archive.fetch_many(asks) == expected
        buffer = bytearray(sum(map(len, expected)))
        assert archive.fetch_into(buffer, asks) == len(buffer)
        assert buffer == b"".join(expected)
        archive.fetch_into(buffer, asks, strand="-")
        assert buffer == b"".join(map(reverse_complement, expected))


def test_the_strange_archive_is_read(tmp_path: Path) -> None:
    """What follows is about what is wrong with the like of it."""
    strange(tmp_path / "a.agc", length=1000, names=[b"c\0", b"d\0"])
    check(tmp_path / "a.agc", {"s": [("c", b"N" * 1000), ("d", b"N" * 1000)]})


@needs_linux
@pytest.mark.parametrize("verb", [["verify"], ["repair", "-o", "new.agc"]])
def test_a_segment_of_gigabytes(verb: list[str], tmp_path: Path) -> None:
    path = tmp_path / "a.agc"
    strange(path, length=(1 << 31) - 1, names=[b"c%d\0" % number for number in range(4)])
    assert path.stat().st_size < 4000
    limit = {"PANARC_MEMORY_LIMIT": "100MB"}
    done = measured(command(verb[0], *verb[1:], path), tmp_path, limit)
    assert done.status == 1, done.said
    assert done.peak < 100_000_000
    assert "internal" not in done.said
    assert not (tmp_path / "new.agc").exists()
    with panarc.open(path) as archive:
        assert archive.fetch("c1", 1 << 30, (1 << 30) + 5, sample="s") == b"NNNNN"


@needs_linux
def test_names_of_gigabytes(tmp_path: Path) -> None:
    """A name of a million letters, and 899 like it in two bytes each."""
    path = tmp_path / "a.agc"
    strange(path, length=1000, names=[b"x" * 1_000_000 + b"\0", *[b"\x81\0"] * 899])
    for verb in (["check"], ["getctg", "foo@s"]):
        done = measured(command(verb[0], path, *verb[1:]), tmp_path, {"PANARC_MEMORY_LIMIT": "100MB"})
        assert done.status == 1, done.said
        assert done.peak < 250_000_000


@needs_linux
def test_append_to_an_archive_with_a_part_beyond_its_limit(tmp_path: Path) -> None:
    streams = read_streams(GOLDEN / "w-no-keys.agc")
    raw = 300_000_000
    streams["xGr"] = [(raw, zstandard.compress(bytes(raw)) + b"\0")]
    path, new = tmp_path / "a.agc", tmp_path / "new.fa"
    write_streams(path, streams)
    new.write_text(">c\n" + "ACGT" * 20 + "\n")
    done = measured(command("append", "--memory-limit", "100MB", "-o", tmp_path / "b.agc", path, new), tmp_path)
    assert done.status == 1, done.said
    assert "memory limit" in done.said
    assert done.peak < 100_000_000
    assert not (tmp_path / "b.agc").exists()


# --- names and samples -----------------------------------------------------------------------------------------------


def test_samples_without_a_name(tmp_path: Path) -> None:
    """A sample that is added must not be found behind one that has no name."""
    path, new = tmp_path / "a.agc", tmp_path / "new.fa"
    strange(path, length=1000, names=[b"c\0", b"hidden\0"], samples=2)
    new.write_text(">c\n" + "ACGT" * 20 + "\n")
    done = panarc_command("append", "-o", str(tmp_path / "b.agc"), str(path), str(new))
    assert (done.returncode, b"names 1" in done.stderr) == (1, True), done.stderr
    assert not (tmp_path / "b.agc").exists()
    assert panarc_command("verify", str(path)).returncode == 1
    with panarc.open(path) as archive:
        assert not archive.check().ok


@pytest.mark.parametrize(("stream", "options"), [("panarc-case", {"keep_case": True}), ("panarc-digest", {})])
def test_what_a_later_version_wrote_is_not_dropped(stream: str, options: dict[str, bool], tmp_path: Path) -> None:
    path = tmp_path / "a.agc"
    with panarc.create(path, **options) as builder:  # type: ignore[arg-type]
        builder.add_sample("a", {"c": b"acgtACGTACGT" * 100})
    streams = read_streams(path)
    # The version is part of what the checksum is of.
    content = streams[stream][-1][1][:-4]
    streams[stream][-1] = 9, content + zlib.crc32((9).to_bytes(8, "little") + content).to_bytes(4, "little")
    write_streams(path, streams)
    before = path.read_bytes()
    with pytest.raises(panarc.ParameterError, match=r"a later version of panarc wrote its (lower case|digests)"):
        panarc.append(path)
    assert path.read_bytes() == before


def test_no_splitter_is_a_run_of_a(tmp_path: Path) -> None:
    """C++ AGC takes the k-mer of value 0 for none, and cuts wrongly there when it appends (QUIRKS 1.10)."""
    rng = random.Random("poly")
    with panarc.create(tmp_path / "a.agc", segment_size=10_000) as builder:
        for number in range(3):
            contigs = {"c": bases(rng, 9000) + b"C" + b"A" * 21, "d": b"T" * 21 + bases(rng, 9000)}
            contigs["e"] = bases(rng, 9000)
            builder.add_sample(f"s{number}", contigs)
    streams = read_streams(tmp_path / "a.agc")
    [(_, splitters)], [(_, keys)] = streams["splitters"], streams["segment-splitters"]
    kmers = [splitters[at : at + 8] for at in range(0, len(splitters), 8)]
    kmers += [keys[at : at + 8] for start in range(0, len(keys), 20) for at in (start, start + 8)]
    assert len(kmers) > 2
    assert bytes(8) not in kmers


# --- lengths that old appends wrote ----------------------------------------------------------------------------------


def test_damage_does_not_hide_that_lengths_are_wrong(tmp_path: Path) -> None:
    """Of the samples that AGC 3.0 to 3.2.1 appended only what is damaged is lost."""
    whole = read_streams(GOLDEN / "old-append.agc")
    with panarc.open(GOLDEN / "old-append.agc") as archive:
        expected = {name: [contig[:] for contig in sample] for name, sample in archive.items()}
    tried = 0
    for name, parts in whole.items():
        if not (name.startswith("x") and parts and parts[0][0] > 0):
            continue
        streams = dict(whole)
        metadata, payload = parts[0]
        # The magic number of its frame: none of it can be decoded.
        streams[name] = [(metadata, payload[:1] + bytes([payload[1] ^ 0x55]) + payload[2:]), *parts[1:]]
        lost = dict.fromkeys(expected, 0)
        with panarc.open(changed(streams, tmp_path)) as archive:
            for sample, contigs in expected.items():
                for contig, wanted in zip(archive[sample], contigs, strict=True):
                    try:
                        assert contig[:] == wanted
                    except errors.CorruptArchiveError:
                        lost[sample] += 1
        tried += 1
        assert all(count <= max(1, len(expected[sample]) // 3) for sample, count in lost.items()), (name, lost)
    assert tried > 20


def test_lengths_of_short_contigs_are_mended(tmp_path: Path) -> None:
    """A sample of contigs too short for groups has nothing else that could tell that its lengths are wrong."""
    path = GOLDEN / "toy.agc"
    with panarc.open(path) as archive:
        expected = {name: [(contig.header, contig[:]) for contig in sample] for name, sample in archive.items()}
    streams = read_streams(path)
    k, _, _, segment_size = struct.unpack("<4I", streams["params"][0][1])
    [(metadata, payload)] = streams["collection-details"]
    table = columns(payload)
    lengths = [unfold(code, segment_size + k) for code in integers(table[3])]
    assert lengths == [len(sequence) for contigs in expected.values() for _, sequence in contigs]
    right = sum(len(contigs) for contigs in list(expected.values())[:2])
    table[3] = b"".join(
        prefix(fold(length, segment_size + k if number < right else k)) for number, length in enumerate(lengths)
    )
    streams["collection-details"] = [(metadata, details(table))]
    write_streams(tmp_path / "old.agc", streams)
    check(tmp_path / "old.agc", expected)
    with panarc.open(tmp_path / "old.agc") as archive:
        assert archive.verify().ok
    with panarc.append(tmp_path / "old.agc") as builder:
        builder.add_sample("new", {"c": b"ACGT" * 100})
    check(tmp_path / "old.agc", {**expected, "new": [("c", b"ACGT" * 100)]})
