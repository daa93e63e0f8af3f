"""Archives by AGC 1.1, 2.1, 3.0 and 3.2.2, and by a writer that uses the format's freedoms, read exactly."""

from __future__ import annotations

import gzip
import random
from pathlib import Path

import pytest

import panarc
from helpers import GOLDEN, Record, md5, panarc_command, parse_fasta, windows

NAMES = sorted(path.stem for path in GOLDEN.glob("*.agc"))
WINDOWED = ["old-append", "old-append-new", "rc-a", "pack1", "k17", "format1-append", "w-short-matches", "names"]

Row = tuple[str, int, str]
"""Header, length and md5 of a contig."""


def expected(name: str) -> dict[str, list[Row]]:
    """What stands beside the archive."""
    samples: dict[str, list[Row]] = {}
    with gzip.open(GOLDEN / f"{name}.tsv.gz", "rt", encoding="utf-8", errors="surrogateescape", newline="\n") as table:
        for line in table:
            sample, header, length, digest = line.rstrip("\n").split("\t")
            rows = samples.setdefault(sample, [])
            if header:
                rows.append((header.replace("\\t", "\t"), int(length), digest))
    return samples


def test_all_archives_are_there() -> None:
    assert len(NAMES) == 45


@pytest.mark.parametrize("name", NAMES)
def test_every_base(name: str) -> None:
    with panarc.open(GOLDEN / f"{name}.agc") as archive:
        wanted = expected(name)
        assert list(archive.samples) == list(wanted)
        for sample, rows in wanted.items():
            contigs = list(archive[sample])
            assert len(archive[sample]) == len(rows)
            assert [(contig.header, len(contig)) for contig in contigs] == [row[:2] for row in rows]
            assert [md5(contig.sequence()) for contig in contigs] == [row[2] for row in rows]


@pytest.mark.parametrize("name", WINDOWED)
def test_windows_are_slices_of_the_whole(name: str, rng: random.Random) -> None:
    with panarc.open(GOLDEN / f"{name}.agc") as archive:
        contigs = [contig for sample in archive.samples for contig in archive[sample]]
        for contig in rng.choices(contigs, k=200):
            whole = contig.sequence()
            for start, end in windows(rng, len(whole), 3):
                assert contig[start:end] == whole[start:end], (contig.header, start, end)
        longest = max(contigs, key=len)
        assert b"".join(longest.chunks()) == longest.sequence()


@pytest.mark.parametrize("name", ["default", "format1-append", "format2", "old-append", "names", "w-minimum"])
def test_getset_gives_the_same_records(name: str, tmp_path: Path) -> None:
    for number, (sample, rows) in enumerate(expected(name).items()):
        if number % 7 and number > 3:
            continue
        out = tmp_path / "out.fa"
        done = panarc_command("getset", "-o", out, GOLDEN / f"{name}.agc", sample)
        assert (done.returncode, done.stderr) == (0, b"")
        assert [summary(record) for record in parse_fasta(out.read_bytes())] == rows
        if number == 0:
            assert panarc_command("getset", GOLDEN / f"{name}.agc", sample).stdout == out.read_bytes()


def summary(record: Record) -> Row:
    header, letters = record
    return header, len(letters), md5(letters)
