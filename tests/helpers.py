"""What the tests share: seeded synthetic genomes, FASTA in all its wrappings, archives built and checked."""

from __future__ import annotations

import gzip
import hashlib
import os
import random
import re
import struct
import subprocess
import sys
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal, TypedDict

import zstandard

import panarc

TESTS = Path(__file__).resolve().parent
GOLDEN = TESTS / "data" / "golden"
ORACLE = TESTS / "oracle" / "agc_oracle.py"

Record = tuple[str, bytes]
"""Whole header without `>`, and letters as a FASTA file would hold them (any case)."""

Collection = dict[str, list[Record]]
"""Records of each sample, in order."""

Wrapping = Literal["plain", "gzip", "bgzf", "zstd"]

SUFFIX: dict[Wrapping, str] = {"plain": ".fa", "gzip": ".fa.gz", "bgzf": ".fa.gz", "zstd": ".fa.zst"}


class Options(TypedDict, total=False):
    """Keyword arguments of `panarc.create`."""

    k: int
    min_match: int
    segment_size: int
    pack_cardinality: int
    threads: int
    level: str


# --- genomes ---------------------------------------------------------------------------------------------------------

IUPAC = b"ACGTNRYSWKMBDHVU"
_FOUR = bytes(b"ACGT"[byte & 3] for byte in range(256))
_SIXTEEN = bytes(IUPAC[byte & 15] for byte in range(256))
_COMPLEMENT = bytes.maketrans(b"ACGTacgt", b"TGCAtgca")


def bases(rng: random.Random, length: int) -> bytes:
    """Random A, C, G, T."""
    return rng.randbytes(length).translate(_FOUR)


def iupac(rng: random.Random, length: int) -> bytes:
    """Random letters of the whole alphabet."""
    return rng.randbytes(length).translate(_SIXTEEN)


def reverse_complement(sequence: bytes) -> bytes:
    return sequence.translate(_COMPLEMENT)[::-1]


def mutate(rng: random.Random, sequence: bytes, rate: float = 0.003, rearrangements: int = 1) -> bytes:
    """A relative: point changes, short insertions and deletions at `rate`, and some large rearrangements."""
    out = bytearray()
    at = 0
    while sequence:
        event = at + int(rng.expovariate(rate))
        if event >= len(sequence):
            break
        out += sequence[at:event]
        at = event
        match rng.randrange(10):
            case 0:
                out += bases(rng, rng.randint(1, 20))
            case 1:
                at += rng.randint(1, 20)
            case _:
                out += rng.choice([b"A", b"C", b"G", b"T"])
                at += 1
    out += sequence[at:]
    for _ in range(rearrangements):
        if len(out) < 500:
            break
        start = rng.randrange(len(out) - 300)
        end = start + rng.randint(50, min(4000, len(out) - start))
        piece = bytes(out[start:end])
        match rng.randrange(4):
            case 0:
                out[start:start] = bases(rng, len(piece))
            case 1:
                del out[start:end]
            case 2:
                out[start:end] = reverse_complement(piece)
            case _:
                out[end:end] = piece
    return bytes(out)


def sprinkle(rng: random.Random, sequence: bytes) -> bytes:
    """Runs of N of many lengths, single ambiguity codes and stretches in lower case."""
    out = bytearray(sequence)
    if len(out) < 50:
        return bytes(out)
    for length in rng.sample([1, 2, 3, 4, 5, 6, 17, 100, 1000], 3):
        start = rng.randrange(len(out))
        length = min(length, len(out) - start)
        out[start : start + length] = b"N" * length
    for _ in range(len(out) // 2000):
        out[rng.randrange(len(out))] = rng.choice(IUPAC)
    for _ in range(3):
        start = rng.randrange(len(out))
        end = start + rng.randint(1, 500)
        out[start:end] = out[start:end].lower()
    return bytes(out)


def relatives(rng: random.Random, samples: int, contigs: Sequence[int], rate: float = 0.003) -> Collection:
    """Samples that descend from one ancestor whose contigs have the given lengths."""
    ancestor = [bases(rng, length) for length in contigs]
    collection: Collection = {}
    for number in range(samples):
        records: list[Record] = []
        for place, sequence in enumerate(ancestor):
            own = sprinkle(rng, mutate(rng, sequence, rate) if number else sequence)
            if number and rng.random() < 0.2:
                own = reverse_complement(own)
            records.append((f"chr{place + 1} sample={number} length={len(own)}", own))
        if number % 3 == 2:
            rng.shuffle(records)
        collection[f"sample{number:03}"] = records
    return collection


# --- FASTA -----------------------------------------------------------------------------------------------------------


def fasta(records: Iterable[Record], width: int = 60, newline: bytes = b"\n") -> bytes:
    """Records as FASTA text; a contig without letters gets an empty line, which AGC wants."""
    out = bytearray()
    for header, letters in records:
        out += b">" + os.fsencode(header) + newline
        for at in range(0, len(letters) or 1, width):
            out += letters[at : at + width] + newline
    return bytes(out)


def bgzf(data: bytes, block: int = 0xFF00) -> bytes:
    """Data as BGZF: gzip members of at most 64 KiB that tell their size, and an empty one at the end."""
    out = bytearray()
    for at in [*range(0, len(data), block), len(data)]:
        piece = data[at : at + block] if at < len(data) else b""
        deflate = zlib.compressobj(6, zlib.DEFLATED, -15)
        body = deflate.compress(piece) + deflate.flush()
        out += b"\x1f\x8b\x08\x04\0\0\0\0\0\xff\x06\0BC\x02\0" + struct.pack("<H", len(body) + 25)
        out += body + struct.pack("<II", zlib.crc32(piece), len(piece))
    return bytes(out)


def wrap(data: bytes, wrapping: Wrapping) -> bytes:
    """The data plain or compressed."""
    match wrapping:
        case "gzip":
            return gzip.compress(data, 6, mtime=0)
        case "bgzf":
            return bgzf(data)
        case "zstd":
            return zstandard.compress(data)
        case _:
            return data


def write_collection(folder: Path, collection: Collection, wrapping: Wrapping = "plain") -> list[Path]:
    """One FASTA file a sample, named so that the sample's name follows from it."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for sample, records in collection.items():
        path = folder / f"{sample}{SUFFIX[wrapping]}"
        path.write_bytes(wrap(fasta(records), wrapping))
        paths.append(path)
    return paths


def read_fasta(path: Path) -> list[Record]:
    """A FASTA file, plain or compressed; letters in upper case. Written apart from panarc's own parser."""
    data = path.read_bytes()
    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    elif data[:4] == b"\x28\xb5\x2f\xfd":
        data = zstandard.ZstdDecompressor().decompressobj().decompress(data)
    return parse_fasta(data)


def parse_fasta(data: bytes) -> list[Record]:
    """FASTA text as panarc or AGC write it."""
    records = []
    for record in re.split(rb"(?m)^>", data)[1:]:
        header, _, body = record.partition(b"\n")
        records.append((os.fsdecode(header.rstrip(b"\r")), body.translate(None, b"\r\n").upper()))
    return records


def write_genomes(folder: Path) -> None:
    """Three relatives of two contigs each, as README, cookbook, help and docstrings expect them."""
    generator = random.Random(1)
    ancestors = [generator.choices("ACGT", k=length) for length in (30_000, 8_000)]
    folder.mkdir()
    for name in "abc":
        with (folder / f"{name}.fa").open("w") as file:
            for number, ancestor in enumerate(ancestors, start=1):
                contig = list(ancestor)
                for place in generator.sample(range(len(contig)), 50):
                    contig[place] = generator.choice("ACGT")
                file.write(f">chr{number} sample {name}\n")
                file.writelines("".join(contig[at : at + 80]) + "\n" for at in range(0, len(contig), 80))


# --- archives --------------------------------------------------------------------------------------------------------


def build(path: Path, files: Iterable[Path], options: Options | None = None, *, overwrite: bool = True) -> None:
    """Builds an archive from FASTA files."""
    with panarc.create(path, **(options or {}), overwrite=overwrite) as builder:
        for file in files:
            builder.add_fasta(file)


def check(path: Path, collection: Mapping[str, Iterable[Record]]) -> None:
    """Compares names, lengths and every base of an archive with what went in."""
    with panarc.open(path) as archive:
        assert list(archive.samples) == list(collection)
        for sample, records in collection.items():
            wanted = [(header, letters.upper()) for header, letters in records]
            contigs = list(archive[sample])
            assert [contig.header for contig in contigs] == [header for header, _ in wanted], sample
            for contig, (header, letters) in zip(contigs, wanted, strict=True):
                assert len(contig) == len(letters), (sample, header)
                assert contig.sequence() == letters, (sample, header)


def windows(rng: random.Random, length: int, count: int) -> Iterator[tuple[int, int]]:
    """Random ranges inside a contig: of many sizes, at both ends too."""
    for _ in range(count):
        size = min(length, rng.choice([0, 1, 2, 31, 100, 1000, 10_000, length]))
        start = rng.choice([0, length - size, rng.randint(0, length - size), rng.randint(0, length - size)])
        yield start, start + size


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


# --- programs --------------------------------------------------------------------------------------------------------


def command(*arguments: str | Path) -> list[str]:
    """The command line of `panarc`."""
    return [sys.executable, "-m", "panarc", *map(str, arguments)]


def panarc_command(
    *arguments: str | Path, timeout: float = 120, cwd: Path | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Runs `panarc` to its end, whatever its exit status."""
    return subprocess.run(command(*arguments), capture_output=True, timeout=timeout, stdin=subprocess.DEVNULL, cwd=cwd)


def temporaries(folder: Path, process: int) -> list[Path]:
    """Unfinished files of a process in a folder, with a name or without; paths under which they can be looked at."""
    found = [path for path in folder.iterdir() if path.name.startswith(".panarc-")]
    for handle in Path(f"/proc/{process}/fd").glob("*"):
        try:
            unnamed = os.readlink(handle).startswith(f"{folder}/#")
        except OSError:
            continue
        found += [handle] if unnamed else []
    return found


def oracle(*arguments: str | Path) -> bytes:
    """Runs the strict reader of the format, which must be content; its output."""
    done = subprocess.run([sys.executable, str(ORACLE), *map(str, arguments)], capture_output=True, timeout=600)
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    return done.stdout


def run_agc(agc: Path, *arguments: str | Path) -> bytes:
    """AGC's exit status says nothing: only what it prints counts."""
    return subprocess.run([str(agc), *map(str, arguments)], capture_output=True, timeout=600).stdout
