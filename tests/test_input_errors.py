"""Input that C++ AGC stores wrongly without a word (QUIRKS 1): refused with its place, or done right."""

from __future__ import annotations

import gzip
import random
from pathlib import Path
from typing import Any

import pytest

import panarc
from helpers import Collection, bases, bgzf, build, check, fasta, oracle, panarc_command, wrap, write_collection
from panarc import errors

OLD = b"what was there before"


def refused(folder: Path, data: bytes, kind: type[errors.Error], *said: str, name: str = "bad.fa") -> None:
    """Building from these bytes fails with `said` in the message, by Python and by the command, and leaves nothing."""
    source = folder / "in" / name
    source.parent.mkdir(exist_ok=True)
    source.write_bytes(data)
    good = folder / "in" / "good.fa"
    good.write_bytes(fasta([("chr1", b"ACGTTGCA" * 400)]))
    out = folder / "out"
    out.mkdir(exist_ok=True)

    for number, files in enumerate([[source], [good, source]]):
        fresh = out / f"fresh{number}.agc"
        with pytest.raises(kind) as caught:
            build(fresh, files)
        for text in said:
            assert text in str(caught.value), (text, str(caught.value))
        assert str(source) in str(caught.value)
        assert list(out.iterdir()) == []

    old = out / "old.agc"
    old.write_bytes(OLD)
    with pytest.raises(kind):
        build(old, [good, source])
    done = panarc_command("create", "--force", "-o", old, good, source)
    assert done.returncode == 1
    assert done.stdout == b""
    lines = done.stderr.decode(errors="replace").splitlines()
    assert len(lines) == 1, lines
    for text in (*said, str(source)):
        assert text in lines[0]
    assert old.read_bytes() == OLD
    assert list(out.iterdir()) == [old]
    old.unlink()


# 1.1 and 1.2: equal names.


def test_equal_headers_in_one_sample(tmp_path: Path) -> None:
    data = fasta([("chr1 x", b"ACGT" * 99), ("chr2", b"ACGT"), ("chr1 x", b"GATTACA")])
    refused(tmp_path, data, errors.InputError, "chr1 x", "line 11", "two contigs")


def test_equal_names_through_the_interface(tmp_path: Path) -> None:
    with pytest.raises(errors.DuplicateError, match="two contigs named 'c'"), panarc.create(tmp_path / "a") as builder:
        builder.add_sample("s", [("c", b"ACGT"), ("d", b"AC"), ("c", b"ACGT")])
    with pytest.raises(errors.DuplicateError, match="sample named 's'"), panarc.create(tmp_path / "a") as builder:
        builder.add_sample("s", [("c", b"ACGT")])
        builder.add_sample("s", [("d", b"ACGT")])
    assert list(tmp_path.iterdir()) == []


def test_contigs_that_share_their_first_word(rng: random.Random, tmp_path: Path) -> None:
    genome = [bases(rng, 3000), bases(rng, 2000)]
    collection: Collection = {
        f"s{number}": [("s chrA", genome[0]), ("s chrB", genome[1]), ("s", b"ACGT")] for number in range(60)
    }
    path = tmp_path / "a.agc"
    files = write_collection(tmp_path / "fasta", collection)
    build(path, files)
    check(path, collection)
    oracle("verify", path, *files)


# 1.3, 1.4, 1.5 and 1.7: bytes that are no nucleotides.


@pytest.mark.parametrize("byte", [*b"EFIJLOPQXZejx*-.5@>_{~", 0x00, 0x01, 0x1A, 0x7F, 0x80, 0xC3, 0xFF])
def test_bytes_that_are_no_nucleotides(byte: int, tmp_path: Path) -> None:
    source = tmp_path / "bad.fa"
    source.write_bytes(b">ok\nACGT\n>the record\nACGTACGT\nACG" + bytes([byte]) + b"ACGT\n")
    with pytest.raises(errors.InputError) as caught:
        build(tmp_path / "a.agc", [source])
    for text in (str(source), "line 5", "record 'the record'", "column 4"):
        assert text in str(caught.value)
    assert not (tmp_path / "a.agc").exists()


@pytest.mark.parametrize(
    ("letters", "said"),
    [
        (b"ACGX", "letter 'X'"),
        (b"AC\xc3\x84GT", "0xC3"),
        (b"AC*", "stop codon"),
        (b"A C", "space"),
        (b"AC>GT", "'>' inside"),
    ],
)
def test_the_reason_is_told(letters: bytes, said: str, tmp_path: Path) -> None:
    refused(tmp_path, b">r 1\nACGT\n" + letters + b"\n", errors.InputError, "line 3", "record 'r 1'", said)


@pytest.mark.parametrize("byte", [*b"EX*-> \n", 0, 0x80])
def test_bytes_that_are_no_nucleotides_through_the_interface(byte: int, tmp_path: Path) -> None:
    with (
        pytest.raises(errors.InputError, match=r"sample 's', contig 'c'.* 9 "),
        panarc.create(tmp_path / "a.agc") as builder,
    ):
        builder.add_sample("s", [("c", b"ACGTACGTA" + bytes([byte]) + b"ACGT")])
    assert list(tmp_path.iterdir()) == []


def test_blanks_where_they_do_no_harm(tmp_path: Path) -> None:
    source = tmp_path / "s.fa"
    source.write_bytes(b"\n\r\n>a b \r\nACGT \r\n\n\nAC\t\nG\n>b\nT\n\n>c\nACGU")
    build(tmp_path / "a.agc", [source])
    check(tmp_path / "a.agc", {"s": [("a b ", b"ACGTACG"), ("b", b"T"), ("c", b"ACGU")]})


# 1.6: empty contigs, headers and lines.


@pytest.mark.parametrize(
    "data", [b">a\n>b\nACGT\n>c\n", b">a\n\n>b\nACGT\n>c", b"\n\n>a\r\n\r\n>b\r\nACGT\r\n>c\r\n\r\n"]
)
def test_empty_contigs(data: bytes, tmp_path: Path) -> None:
    source = tmp_path / "s.fa"
    source.write_bytes(data)
    path = tmp_path / "a.agc"
    build(path, [source])
    check(path, {"s": [("a", b""), ("b", b"ACGT"), ("c", b"")]})
    again = tmp_path / "again.fa"
    assert panarc_command("getset", "-o", again, path, "s").returncode == 0
    with panarc.create(tmp_path / "b.agc") as builder:
        builder.add_fasta(again, sample="s")
    check(tmp_path / "b.agc", {"s": [("a", b""), ("b", b"ACGT"), ("c", b"")]})


@pytest.mark.parametrize("header", [b">", b"> ", b">\t", b">\r"])
def test_empty_headers(header: bytes, tmp_path: Path) -> None:
    refused(tmp_path, b">a\nACGT\n" + header + b"\nACGT\n", errors.InputError, "line 3", "empty header")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "no FASTA record"),
        (b"\n\n", "no FASTA record"),
        (b"ACGT\n>a\nACGT\n", "before the first header"),
        (b"@r\nACGT\n+\nIIII\n", "FASTQ"),
        (b"\xff\xfe>\0a\0\n\0A\0", "UTF-16 byte order mark"),
        (b";comment\n>a\nACGT\n", "before the first header"),
    ],
)
def test_files_that_are_no_fasta(data: bytes, said: str, tmp_path: Path) -> None:
    refused(tmp_path, data, errors.InputError, said)


# 1.8: compressed data that end too soon or are damaged.


@pytest.mark.parametrize("wrapping", ["gzip", "bgzf", "zstd"])
def test_truncated_compression(wrapping: str, rng: random.Random, tmp_path: Path) -> None:
    text = fasta([("a", bases(rng, 300_000)), ("b", bases(rng, 1000))])
    data = bgzf(text, 20_000) if wrapping == "bgzf" else wrap(text, "gzip" if wrapping == "gzip" else "zstd")
    name = "bad.fa.zst" if wrapping == "zstd" else "bad.fa.gz"
    for length in (len(data) // 2, len(data) - 30, len(data) - 1):
        refused(tmp_path, data[:length], errors.InputError, name=name)


@pytest.mark.parametrize("wrapping", ["gzip", "bgzf"])
def test_damaged_compression(wrapping: str, rng: random.Random, tmp_path: Path) -> None:
    text = fasta([("a", bases(rng, 100_000))])
    data = bytearray(bgzf(text) if wrapping == "bgzf" else gzip.compress(text))
    for place in (len(data) // 3, len(data) // 2):
        damaged = data.copy()
        damaged[place] ^= 0x55
        refused(tmp_path, bytes(damaged), errors.InputError, name="bad.fa.gz")


def test_garbage_behind_gzip(rng: random.Random, tmp_path: Path) -> None:
    data = gzip.compress(fasta([("a", bases(rng, 1000))])) + b"some more text"
    refused(tmp_path, data, errors.InputError, name="bad.fa.gz")


# 1.9: compression is seen in the data, not in the name.


@pytest.mark.parametrize("name", ["s.fa", "s.txt", "s.gz", "s"])
def test_compression_is_recognised(name: str, rng: random.Random, tmp_path: Path) -> None:
    records = [("a", bases(rng, 5000)), ("b", bases(rng, 100))]
    text = fasta(records)
    for data in (text, gzip.compress(text), gzip.compress(text[:999]) + gzip.compress(text[999:]), bgzf(text)):
        (tmp_path / name).write_bytes(data)
        with panarc.create(tmp_path / "a.agc", overwrite=True) as builder:
            builder.add_fasta(tmp_path / name, sample="x")
        check(tmp_path / "a.agc", {"x": records})


# 1.11: names beyond ASCII.


def test_names_beyond_ascii(tmp_path: Path) -> None:
    data = fasta([("a", b"ACGT"), ("ż", b"ACGT"), ("ó", b"ACGT")])
    refused(tmp_path, data, errors.InputError, "ż", "line 3", "ASCII")
    refused(tmp_path, b">a\nACGT\n>\xff\xfe\nACGT\n", errors.InputError, "line 3", "UTF-8")
    fine: Collection = {"s": [("ż ó", b"ACGT"), ("a", b"AC")], "t": [("ó", b"ACGT"), ("plain words", b"A")]}
    path = tmp_path / "a.agc"
    files = write_collection(tmp_path / "fasta", fine)
    build(path, files)
    check(path, fine)
    oracle("verify", path, *files)


@pytest.mark.parametrize("name", ["", " ", "a\nb", "a\rb", "a\0b"])
def test_names_that_cannot_be_stored(name: str, tmp_path: Path) -> None:
    with pytest.raises(errors.ParameterError), panarc.create(tmp_path / "a.agc") as builder:
        builder.add_sample("s", [(name, b"ACGT")])
    with pytest.raises(errors.ParameterError), panarc.create(tmp_path / "a.agc") as builder:
        builder.add_sample(name, [("c", b"ACGT")])
    assert list(tmp_path.iterdir()) == []


# 1.19: file names that give the same sample.


@pytest.mark.parametrize("names", [("d1/s.fa", "d2/s.fa"), ("a.fa", "a.fasta"), ("x.1", "x.2"), ("r.fa", "d/../r.fa")])
def test_files_that_give_the_same_sample(names: tuple[str, str], tmp_path: Path) -> None:
    paths = [tmp_path / name for name in names]
    (tmp_path / "d").mkdir()
    for path in paths:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b">c\nACGT\n")
    archive = tmp_path / "out" / "a.agc"
    archive.parent.mkdir()
    with pytest.raises(errors.DuplicateError, match="sample named"):
        build(archive, paths)
    done = panarc_command("create", "-o", archive, *paths)
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert list(archive.parent.iterdir()) == []


# And the same for what is missing.


def test_missing_files(tmp_path: Path) -> None:
    with pytest.raises(errors.MissingFileError, match=r"absent\.fa"):
        build(tmp_path / "a.agc", [tmp_path / "absent.fa"])
    with pytest.raises(FileNotFoundError):
        panarc.open(tmp_path / "absent.agc")
    done = panarc_command("create", "-o", tmp_path / "a.agc", tmp_path / "absent.fa")
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    done = panarc_command("getset", tmp_path / "absent.agc", "s")
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_as_input(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    with pytest.raises(errors.Error):
        build(tmp_path / "a.agc", [tmp_path / "d"])
    assert not (tmp_path / "a.agc").exists()


@pytest.mark.parametrize(
    "options",
    [{"k": 16}, {"k": 33}, {"min_match": 14}, {"segment_size": 99}, {"pack_cardinality": 0}, {"level": "best"}],
)
def test_parameters_out_of_range(options: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(errors.ParameterError):
        panarc.create(tmp_path / "a.agc", **options)
    assert list(tmp_path.iterdir()) == []


def test_nothing_to_archive(tmp_path: Path) -> None:
    with pytest.raises(errors.ParameterError), panarc.create(tmp_path / "a.agc"):
        pass
    assert list(tmp_path.iterdir()) == []
