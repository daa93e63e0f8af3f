"""BGZF files that end between two blocks, which may be cut short: refused wherever they are read, unless allowed."""

from __future__ import annotations

import gzip
import os
import random
import struct
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

import panarc
from helpers import Record, bases, bgzf, command, fasta, wrap
from panarc import errors

SAID = "the BGZF file ends without its end-of-file block, so it may be cut short"
OPTION = "--allow-missing-eof"
THREADS = ["1", "4"]


def blocks(file: bytes) -> Iterator[bytes]:
    """The blocks of a BGZF file, by the sizes that they tell."""
    while file:
        size = struct.unpack("<H", file[16:18])[0] + 1
        yield file[:size]
        file = file[size:]


@pytest.fixture
def records(rng: random.Random) -> list[Record]:
    return [(f"s{number}#1#c", bases(rng, 60_000)) for number in range(6)]


@pytest.fixture
def whole(records: list[Record], tmp_path: Path) -> Path:
    path = tmp_path / "whole.fa.gz"
    path.write_bytes(bgzf(fasta(records)))
    return path


@pytest.fixture
def cut(whole: Path, tmp_path: Path) -> Path:
    """The first three of six blocks."""
    path = tmp_path / "cut.fa.gz"
    path.write_bytes(b"".join(list(blocks(whole.read_bytes()))[:3]))
    return path


def run(*arguments: str | Path, stdin: bytes = b"") -> tuple[int, str]:
    done = subprocess.run(command(*arguments), input=stdin, capture_output=True, timeout=60)
    return done.returncode, done.stderr.decode()


def kept(path: Path, sample: str) -> bytes:
    with panarc.open(path) as archive:
        return b"".join(contig.sequence() for contig in archive[sample])


@pytest.mark.parametrize("threads", THREADS)
@pytest.mark.parametrize("source", ["file", "stdin", "pipe", "list", "-c", "pansn"])
def test_create(source: str, threads: str, cut: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.agc"
    arguments: list[str | Path] = ["create", "-t", threads, "-o", out]
    stdin, pipe = b"", tmp_path / "pipe"
    match source:
        case "file":
            arguments += [f"s={cut}"]
        case "stdin":
            arguments += ["s=-"]
            stdin = cut.read_bytes()
        case "pipe":
            os.mkfifo(pipe)
            arguments += [f"s={pipe}"]
        case "list":
            (tmp_path / "list").write_text(f"s\t{cut}\n")
            arguments += ["-i", tmp_path / "list"]
        case "-c":
            arguments += ["-c", cut]
        case _:
            arguments += ["--split", source, cut]

    def done(*more: str) -> tuple[int, str]:
        if source != "pipe":
            return run(*arguments, *more, stdin=stdin)
        with subprocess.Popen(["sh", "-c", f"cat '{cut}' > '{pipe}'"]):
            return run(*arguments, *more)

    status, said = done()
    named = "<standard input>" if source == "stdin" else str(pipe if source == "pipe" else cut)
    assert (status, len(said.splitlines())) == (1, 1)
    assert said.startswith(f"panarc: error: {named}: {SAID}") and OPTION in said
    assert not out.exists()

    assert done(OPTION) == (0, "")
    text = gzip.decompress(cut.read_bytes())
    letters = b"".join(line for line in text.splitlines() if not line.startswith(b">"))
    with panarc.open(out) as archive:
        assert b"".join(kept(out, name) for name in archive) == letters


@pytest.mark.parametrize("threads", THREADS)
def test_append_and_verify(threads: str, cut: Path, whole: Path, tmp_path: Path) -> None:
    archive = tmp_path / "a.agc"
    assert run("create", "-o", archive, f"s={whole}") == (0, "")
    before = archive.read_bytes()
    status, said = run("append", "--in-place", "-t", threads, archive, f"t={cut}")
    assert (status, SAID in said) == (1, True) and archive.read_bytes() == before
    assert run("append", OPTION, "-o", tmp_path / "b.agc", "-t", threads, archive, f"t={cut}") == (0, "")
    assert kept(tmp_path / "b.agc", "s").startswith(kept(tmp_path / "b.agc", "t"))

    status, said = run("verify", "--against", "-t", threads, archive, f"s={cut}")
    assert (status, SAID in said) == (1, True)
    done = subprocess.run(command("verify", OPTION, "--against", archive, f"s={cut}"), capture_output=True)
    assert done.returncode == 1 and b"is archived, but in none of the originals" in done.stdout
    assert run("verify", "--against", archive, f"s={whole}") == (0, "")


def test_python(cut: Path, whole: Path, tmp_path: Path) -> None:
    out = tmp_path / "a.agc"
    said = pytest.raises(errors.InputError, match=f"{cut.name}: {SAID}.*allow_missing_eof=True")
    other = tmp_path / "other.fa"
    other.write_bytes(fasta([("another", b"ACGT")]))
    with said, panarc.create(out) as builder:
        builder.add_fasta([other, cut], "s")
    with said, panarc.create(out) as builder:
        builder.add_records([other, cut])
    assert not out.exists()
    with panarc.create(out) as builder:
        assert builder.add_fasta(cut, "s", allow_missing_eof=True) == 4
    with panarc.create(tmp_path / "b.agc") as builder:
        assert builder.add_records(cut, allow_missing_eof=True) == 4
    with panarc.open(out) as archive:
        with pytest.raises(errors.InputError, match=SAID):
            archive.verify(against={"s": cut})
        assert archive.verify(against={"s": cut}, allow_missing_eof=True).ok


def test_lists_and_bed_files(whole: Path, tmp_path: Path) -> None:
    """What lists regions or files may be cut short, too: then there is no option, but other ways to go on."""
    archive = tmp_path / "a.agc"
    assert run("create", "-o", archive, f"s={whole}") == (0, "")
    for option, text in [("--bed", b"s0#1#c\t0\t10\n"), ("--regions", b"s0#1#c:1-10\n")]:
        listed, entire = tmp_path / "cut.gz", bgzf(text * 9000, 40_000)
        listed.write_bytes(b"".join(list(blocks(entire))[:1]))
        for file, stdin in [(str(listed), b""), ("-", listed.read_bytes())]:
            status, said = run("fetch", "-o", tmp_path / "o.fa", archive, option, file, stdin=stdin)
            assert status == 1 and SAID in said and OPTION not in said and "decompress it" in said
            assert not (tmp_path / "o.fa").exists()
        listed.write_bytes(entire)
        assert run("fetch", "-o", tmp_path / "o.fa", archive, option, listed) == (0, "")
        assert (tmp_path / "o.fa").read_bytes().count(b">") == 9000
        (tmp_path / "o.fa").unlink()
    files = tmp_path / "files.gz"
    files.write_bytes(next(blocks(bgzf(f"s={whole}\n".encode()))))
    status, said = run("create", "-o", tmp_path / "b.agc", "-i", files)
    assert status == 1 and f"{files}: {SAID}" in said and not (tmp_path / "b.agc").exists()


@pytest.mark.parametrize("threads", [1, 3])
def test_what_is_whole_is_taken(threads: int, records: list[Record], tmp_path: Path) -> None:
    """Only the last member counts, and plain gzip has never had such a mark."""
    one, two = fasta(records[:3]), fasta(records[3:])
    pieces = [
        bgzf(one) + bgzf(two),
        bgzf(one) + wrap(two, "gzip"),
        wrap(one, "gzip") + bgzf(two),
        wrap(one, "gzip") + wrap(two, "gzip"),
        b"".join(list(blocks(bgzf(one)))[:-1]) + wrap(two, "gzip"),
        b"".join(list(blocks(bgzf(one)))[:-1]) + bgzf(two) + bytes(512),
        wrap(one, "zstd") + wrap(two, "zstd"),
    ]
    for number, data in enumerate(pieces):
        (tmp_path / "x.fa.gz").write_bytes(data)
        with panarc.create(tmp_path / "a.agc", threads=threads, overwrite=True) as builder:
            assert builder.add_fasta(tmp_path / "x.fa.gz", "s") == len(records), number
        assert kept(tmp_path / "a.agc", "s") == b"".join(letters for _, letters in records)
