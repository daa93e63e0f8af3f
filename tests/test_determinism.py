"""The same input and parameters give the same bytes, whatever the threads, the compression and the chunks."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

import panarc
from helpers import SUFFIX, Collection, Options, Wrapping, bases, bgzf, build, fasta, relatives, sha256, wrap

OPTIONS: list[Options] = [
    {},
    {"segment_size": 1000, "pack_cardinality": 3},
    {"k": 17, "segment_size": 200},
    {"level": "smallest"},
]
THREADS = [1, 2, 3, 8]
PIECES = [1, 7, 1000, 1 << 30]


@pytest.fixture(scope="module")
def collection() -> Collection:
    """Larger than the chunks inside, with contigs that end everywhere in them."""
    rng = random.Random("determinism")
    family = relatives(rng, 7, [300_000, 70_000, 5000, 300, 0])
    family["stranger"] = [("c", bases(rng, 200_000))]
    return family


@pytest.mark.parametrize("options", OPTIONS, ids=["defaults", "s1000-p3", "k17-s200", "smallest"])
def test_threads_and_compression(options: Options, collection: Collection, tmp_path: Path) -> None:
    sums = set()
    wrappings: list[Wrapping] = ["plain", "gzip", "bgzf", "zstd"]
    for wrapping in wrappings:
        files = []
        for sample, records in collection.items():
            files.append(tmp_path / wrapping / f"{sample}{SUFFIX[wrapping]}")
            files[-1].parent.mkdir(exist_ok=True)
            files[-1].write_bytes(wrap(fasta(records), wrapping))
        for threads in THREADS:
            path = tmp_path / "a.agc"
            build(path, files, {**options, "threads": threads})
            sums.add(sha256(path))
    assert len(sums) == 1


@pytest.mark.parametrize("options", OPTIONS[1:3], ids=["s1000-p3", "k17-s200"])
def test_pieces_of_the_interface(options: Options, collection: Collection, tmp_path: Path) -> None:
    few = {
        sample: [(header, letters[:40_000]) for header, letters in records] for sample, records in collection.items()
    }
    path = tmp_path / "a.agc"
    sums = set()
    for piece in PIECES:
        for threads in THREADS:
            chosen: Options = {**options, "threads": threads}
            with panarc.create(path, overwrite=True, **chosen) as builder:
                for sample, records in few.items():
                    with builder.sample(sample) as open_sample:
                        for header, letters in records:
                            with open_sample.contig(header) as contig:
                                for at in range(0, len(letters), piece):
                                    contig.write(letters[at : at + piece])
            sums.add(sha256(path))
    assert len(sums) == 1


def test_line_ends_widths_and_block_sizes(collection: Collection, tmp_path: Path) -> None:
    sums = set()
    for number, (width, newline) in enumerate([(60, b"\n"), (1, b"\n"), (80, b"\r\n"), (1 << 30, b"\n")]):
        files = []
        for sample, records in list(collection.items())[:3]:
            files.append(tmp_path / str(number) / f"{sample}.fa.gz")
            files[-1].parent.mkdir(exist_ok=True)
            files[-1].write_bytes(bgzf(fasta(records, width, newline), block=1000 * (number + 1)))
        path = tmp_path / "a.agc"
        build(path, files)
        sums.add(sha256(path))
    assert len(sums) == 1


def test_the_same_again_and_again(collection: Collection, tmp_path: Path) -> None:
    """Races show themselves seldom: many small builds with more threads than cores."""
    few = {
        sample: [(header, letters[:20_000]) for header, letters in records] for sample, records in collection.items()
    }
    path = tmp_path / "a.agc"
    sums = set()
    for _ in range(40):
        with panarc.create(path, overwrite=True, segment_size=200, k=17, pack_cardinality=1, threads=8) as builder:
            for sample, records in few.items():
                builder.add_sample(sample, records)
        sums.add(sha256(path))
    assert len(sums) == 1
