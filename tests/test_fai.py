"""FASTA as samtools takes it: `--fai` writes what `samtools faidx` would, and fetch gives what it gives."""

from __future__ import annotations

import os
import random
from pathlib import Path
from typing import Literal

import pysam
import pytest
import zstandard

import panarc
from helpers import bases
from test_cli import failure, fasta, output, run

RANDOM = random.Random(31)
LONG = bases(RANDOM, 300_000)
#: Lengths around those of lines and of BGZF blocks, whose text has 65,280 bytes.
SAMPLES = {
    "a": {
        "chr1 first": LONG,
        "empty": b"",
        "one": b"A",
        "line": LONG[:80],
        "lines": LONG[:160],
        "odd": LONG[:161],
        "\ttab\tin it": LONG[:7],
    },
    "b": {"chr2": LONG[::-1][:65_280], "x": LONG[:65_000]},
}


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("fai") / "a.agc"
    with panarc.create(path, threads=2) as builder:
        for name, contigs in SAMPLES.items():
            builder.add_sample(name, contigs)
    return path


def check(file: Path) -> None:
    """Compare the indexes of a file with those that samtools writes, and the file with what they find in it."""
    packed = file.read_bytes()[:2] == b"\x1f\x8b"
    suffixes = (".fai", ".gzi") if packed else (".fai",)
    assert sorted(found.name for found in file.parent.glob(f"{file.name}*")) == sorted(
        file.name + suffix for suffix in ("", *suffixes)
    )
    ours = [Path(f"{file}{suffix}").read_bytes() for suffix in suffixes]
    with pysam.FastaFile(os.fspath(file)) as opened:
        for name, length in zip(opened.references, opened.lengths, strict=True):
            assert len(opened.fetch(name, 0, min(length, 70_000))) == min(length, 70_000)
    for suffix in suffixes:
        Path(f"{file}{suffix}").unlink()
    pysam.faidx(os.fspath(file))
    assert [Path(f"{file}{suffix}").read_bytes() for suffix in suffixes] == ours


@pytest.mark.parametrize("level", [0, 1, 9])
@pytest.mark.parametrize("width", [0, 1, 60, 80, 1 << 30])
def test_samples(path: Path, tmp_path: Path, level: int, width: int) -> None:
    file = tmp_path / "out.fa"
    with panarc.open(path) as archive:
        archive.write_fasta(file, gzip_level=level, line_width=width, index=True)
        check(file)
        archive["b"].write_fasta(file, gzip_level=level, line_width=width, index=True)
        check(file)


@pytest.mark.parametrize("text", [65_279, 65_280, 65_281, 3 * 65_280])
def test_blocks_that_are_just_full(tmp_path: Path, text: int) -> None:
    with panarc.create(tmp_path / "a.agc") as builder:
        builder.add_sample("s", {"c": bases(RANDOM, text - len(">c\n\n"))})
    assert output("getset", "-l0", "-g1", "--fai", "-o", tmp_path / "o.fa.gz", tmp_path / "a.agc", "s") == ""
    check(tmp_path / "o.fa.gz")


@pytest.mark.parametrize("level", ["0", "6"])
def test_verbs(path: Path, tmp_path: Path, level: str) -> None:
    suffix = ".fa" if level == "0" else ".fa.gz"
    options = ("-g", level, "--fai", "-o")
    for verb, arguments in {
        "getset": ["a", "b"],
        "getctg": ["chr1", "chr2:5-99"],
        "fetch": ["chr1:5-9", "empty", "chr1"],
    }.items():
        assert output(verb, *options, tmp_path / f"{verb}{suffix}", path, *arguments) == ""
        check(tmp_path / f"{verb}{suffix}")
    assert output("getcol", *options, tmp_path / "all", path) == ""
    assert len(os.listdir(tmp_path / "all")) == (4 if level == "0" else 6)
    index = tmp_path / "all" / f"a{suffix}.fai"
    (tmp_path / "all" / f"a{suffix}").unlink()
    assert f"{index}: is there already" in failure("getcol", *options, tmp_path / "all", path)
    assert output("getcol", "--force", *options, tmp_path / "all", path) == ""
    for name in SAMPLES:
        check(tmp_path / "all" / f"{name}{suffix}")


def test_names_must_differ(path: Path, tmp_path: Path) -> None:
    target = tmp_path / "o.fa"
    target.write_text("what was there")
    message = failure("fetch", "--fai", "-o", target, path, "chr1:1-5", "one", "chr1:1-5")
    assert "two records are called 'chr1:1-5' (the second is of sample 'a')" in message
    assert os.listdir(tmp_path) == ["o.fa"] and target.read_text() == "what was there"


@pytest.mark.parametrize("strand", ["+", "-"])
@pytest.mark.parametrize(
    "region", ["chr1:5-90", "chr1:1,000-2,000", "chr1:299,990", "chr1:-100", "line", "odd:161-161"]
)
def test_fetch_is_as_samtools(path: Path, tmp_path: Path, region: str, strand: Literal["+", "-"]) -> None:
    with panarc.open(path) as archive:
        archive.write_fasta(tmp_path / "a.fa", ["a"])
    reverse = strand == "-"
    theirs = tmp_path / "theirs.fa"
    pysam.faidx(*(["-i"] if reverse else []), "-n", "80", "-o", str(theirs), str(tmp_path / "a.fa"), region)
    ours = output("fetch", *(["-r"] if reverse else []), path, region)
    # samtools calls a region as it was written.
    assert ours.splitlines()[1:] == theirs.read_text().splitlines()[1:]
    if region in ("line", "chr1:5-90"):
        assert ours == theirs.read_text()


@pytest.mark.parametrize("verb", ["getset", "getcol"])
def test_zstd(path: Path, tmp_path: Path, verb: str) -> None:
    arguments = ["a"] if verb == "getset" else ["-r"]
    frame = run(verb, "--zstd", "19", path, *arguments).stdout
    expected = SAMPLES["a" if verb == "getset" else "b"]
    text = zstandard.ZstdDecompressor().decompressobj().decompress(frame).decode()
    assert text == fasta({name: letters.decode() for name, letters in expected.items()})
    if verb == "getcol":
        assert output("getcol", "--zstd", "1", "-o", tmp_path / "out", path) == ""
        assert sorted(os.listdir(tmp_path / "out")) == ["a.fa.zst", "b.fa.zst"]
