"""Many samples in one file: `Builder.add_records`, `-c` and `--split`."""

from __future__ import annotations

import random
import subprocess
from pathlib import Path

import pytest
import zstandard

import panarc
from helpers import (
    Collection,
    Record,
    bases,
    check,
    command,
    fasta,
    mutate,
    oracle,
    panarc_command,
    read_fasta,
    relatives,
    run_agc,
)
from measured import measured
from panarc import errors

LETTERS = b"ACGTTGCA" * 40


def written(path: Path, records: list[Record]) -> Path:
    path.write_bytes(fasta(records))
    return path


def samples(path: Path) -> dict[str, list[str]]:
    """Headers of each sample's contigs."""
    with panarc.open(path) as archive:
        return {name: [contig.header for contig in sample] for name, sample in archive.items()}


def fails(*arguments: str | Path, status: int = 1) -> str:
    """The one line that a run says which fails and leaves nothing."""
    target = next(Path(argument) for argument in arguments if str(argument).endswith(".agc"))
    done = panarc_command(*arguments)
    lines = done.stderr.decode().splitlines()
    assert (done.returncode, done.stdout, len(lines)) == (status, b"", 1), lines
    assert not target.exists()
    return lines[0]


@pytest.fixture
def strains(rng: random.Random) -> list[Record]:
    """Records of one contig each, with and without further words."""
    ancestor = bases(rng, 6000)
    return [(f"strain{number}{' some words' * (number % 2)}", mutate(rng, ancestor)) for number in range(120)]


# Each record is a sample.


def test_each_record_is_a_sample(strains: list[Record], tmp_path: Path) -> None:
    source = written(tmp_path / "all.fa", strains)
    with panarc.create(tmp_path / "a.agc") as builder:
        assert builder.add_records(source) == len(strains)
    collection = {header.split()[0]: [(header, letters)] for header, letters in strains}
    check(tmp_path / "a.agc", collection)
    oracle("verify", tmp_path / "a.agc")
    for flags in (["-c"], ["--split", "record"]):
        done = panarc_command("create", "--force", "-v", "1", *flags, "-o", tmp_path / "b.agc", source)
        assert done.returncode == 0
        assert f"panarc: {source}: 120 samples\n" in done.stderr.decode()
        assert (tmp_path / "b.agc").read_bytes() == (tmp_path / "a.agc").read_bytes()


def test_same_bytes_as_one_file_a_sample(strains: list[Record], tmp_path: Path) -> None:
    with panarc.create(tmp_path / "a.agc", threads=1) as builder:
        builder.add_records([written(tmp_path / "1", strains[:50]), written(tmp_path / "2", strains[50:])])
    with panarc.create(tmp_path / "b.agc", threads=3) as builder:
        for record in strains:
            builder.add_fasta(written(tmp_path / "one", [record]), sample=record[0].split()[0])
    assert (tmp_path / "a.agc").read_bytes() == (tmp_path / "b.agc").read_bytes()


def test_neighbours_of_one_first_word_are_one_sample(rng: random.Random, tmp_path: Path) -> None:
    # QUIRKS 1.2: C++ AGC loses most of these contigs.
    genome = [bases(rng, 3000), bases(rng, 2000)]
    collection: Collection = {f"s{number}": [] for number in range(100)}
    for name, records in collection.items():
        records += [(f"{name} chrA", mutate(rng, genome[0])), (f"{name}\tchrB", mutate(rng, genome[1]))]
    source = written(tmp_path / "two.fa", [record for records in collection.values() for record in records])
    done = panarc_command("create", "-c", "-o", tmp_path / "a.agc", source)
    assert (done.returncode, done.stderr) == (0, b"")
    check(tmp_path / "a.agc", collection)


def test_a_sample_goes_on_in_the_next_file(tmp_path: Path) -> None:
    one = written(tmp_path / "1.fa", [("a x", LETTERS), ("b x", LETTERS)])
    two = written(tmp_path / "2.fa", [("b y", LETTERS), ("c", LETTERS)])
    done = panarc_command("create", "-c", "-o", tmp_path / "a.agc", one, two)
    assert (done.returncode, done.stderr) == (0, b"")
    assert samples(tmp_path / "a.agc") == {"a": ["a x"], "b": ["b x", "b y"], "c": ["c"]}
    comes_back = pytest.raises(errors.InputError, match="already a sample named 'b'")
    with comes_back, panarc.create(tmp_path / "b.agc") as builder:
        builder.add_records(one)
        builder.add_records(two)


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        (["a", "b", "a y"], "line 5, record 'a y': there is already a sample named 'a'; the records of a sample must"),
        (["a", "b x", "b x"], "line 5, record 'b x': sample 'b' has two contigs named 'b x'"),
        (["a", "b", " a"], "line 5, record ' a': there is already a sample named 'a'; the records of a sample must"),
    ],
)
def test_records_that_are_refused(headers: list[str], said: str, tmp_path: Path) -> None:
    source = written(tmp_path / "all.fa", [(header, b"ACGT") for header in headers])
    with pytest.raises(errors.InputError) as caught, panarc.create(tmp_path / "a.agc") as builder:
        builder.add_records(source)
    assert f"{source}, {said}" in str(caught.value)
    assert f"{source}, {said}" in fails("create", "-c", "-o", tmp_path / "a.agc", source)


def test_a_file_without_records_is_refused(tmp_path: Path) -> None:
    good = written(tmp_path / "good.fa", [("a", LETTERS)])
    empty = written(tmp_path / "empty.fa", [])
    said = fails("create", "-c", "-o", tmp_path / "a.agc", good, empty)
    assert f"{empty}: there is no FASTA record in it" in said


def test_a_named_file_is_one_sample(tmp_path: Path) -> None:
    reference = written(tmp_path / "ref.fa", [("chr1", LETTERS), ("chr2", LETTERS)])
    source = written(tmp_path / "all.fa", [("a", LETTERS), ("b", LETTERS)])
    done = panarc_command("create", "-c", "-o", tmp_path / "a.agc", f"R={reference}", source, f"S={source}")
    assert (done.returncode, done.stderr) == (0, b"")
    assert samples(tmp_path / "a.agc") == {"R": ["chr1", "chr2"], "a": ["a"], "b": ["b"], "S": ["a", "b"]}


def test_a_file_named_like_a_record_before(tmp_path: Path) -> None:
    source = written(tmp_path / "all.fa", [("a", LETTERS), ("b", LETTERS)])
    said = fails("create", "-c", "-o", tmp_path / "a.agc", source, f"a={source}")
    assert f"{source}: there is already a sample named 'a'" in said


def test_records_from_standard_input(tmp_path: Path) -> None:
    done = subprocess.run(
        command("create", "-c", "-o", tmp_path / "a.agc", "-"), input=b">a\nACGT\n>b\nAC\n", capture_output=True
    )
    assert (done.returncode, done.stderr) == (0, b"")
    check(tmp_path / "a.agc", {"a": [("a", b"ACGT")], "b": [("b", b"AC")]})


def test_names_of_records_are_no_paths(tmp_path: Path) -> None:
    # QUIRKS 5: `getcol` of C++ AGC follows them.
    source = written(tmp_path / "all.fa", [(name, LETTERS) for name in ("../../x", "/abs/path", "hCoV-19/a|b")])
    assert panarc_command("create", "-c", "-o", tmp_path / "a.agc", source).returncode == 0
    assert panarc_command("getcol", "-o", tmp_path / "out", tmp_path / "a.agc").returncode == 0
    found = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert found == ["%2Fabs%2Fpath.fa", "..%2F..%2Fx.fa", "hCoV-19%2Fa%7Cb.fa"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.agc", "all.fa", "out"]


def test_the_peak_does_not_grow_with_the_records(tmp_path: Path) -> None:
    rng = random.Random("records")
    ancestor = bases(rng, 10_000)
    source = tmp_path / "all.fa"
    peaks = []
    for first, last in ((0, 2000), (2000, 6000)):
        with source.open("ab") as file:
            file.writelines(fasta([(f"r{number}", mutate(rng, ancestor, 0.001))]) for number in range(first, last))
        run = measured(command("create", "--force", "-c", "-t", "2", "-o", tmp_path / "a.agc", source), tmp_path)
        assert run.status == 0, run.said
        peaks.append(run.peak)
    with panarc.open(tmp_path / "a.agc") as archive:
        assert len(archive.samples) == 6000
    # The text grows by 40 MB; some of what is kept for the work grows with the work, to its bound.
    assert peaks[1] < peaks[0] + 10_000_000, peaks


# PanSN names.

PANSN = ["REF#0#chr1", "HG1#1#ctg1 x", "HG1#1#ctg2#y", "HG1#2#ctg1", "HG2#1#ctg1"]


@pytest.mark.parametrize(
    ("split", "wanted"),
    [
        ("pansn", {"REF#0": PANSN[:1], "HG1#1": PANSN[1:3], "HG1#2": PANSN[3:4], "HG2#1": PANSN[4:]}),
        ("pansn:sample", {"REF": PANSN[:1], "HG1": PANSN[1:4], "HG2": PANSN[4:]}),
    ],
)
def test_pansn(split: str, wanted: dict[str, list[str]], tmp_path: Path) -> None:
    source = written(tmp_path / "all.fa", [(header, LETTERS) for header in PANSN])
    parts = [written(tmp_path / f"{at}.fa", [(PANSN[at], LETTERS)]) for at in range(len(PANSN))]
    for number, files in enumerate([[source], parts]):
        path = tmp_path / f"{number}.agc"
        done = panarc_command("create", "--split", split, "-o", path, *files)
        assert (done.returncode, done.stderr) == (0, b"")
        assert samples(path) == wanted
    with panarc.create(tmp_path / "2.agc") as builder:
        assert builder.add_records(source, split=split) == len(wanted)
    assert (tmp_path / "0.agc").read_bytes() == (tmp_path / "1.agc").read_bytes() == (tmp_path / "2.agc").read_bytes()


def test_pansn_haplotypes_that_come_back(tmp_path: Path) -> None:
    source = written(tmp_path / "all.fa", [(header, LETTERS) for header in ("a#1#x", "a#2#x", "a#1#y")])
    said = fails("create", "--split", "pansn", "-o", tmp_path / "a.agc", source)
    assert f"{source}, line 15, record 'a#1#y': there is already a sample named 'a#1'" in said
    assert "sort them by name" in said
    assert panarc_command("create", "--split", "pansn:sample", "-o", tmp_path / "a.agc", source).returncode == 0
    assert samples(tmp_path / "a.agc") == {"a": ["a#1#x", "a#2#x", "a#1#y"]}


@pytest.mark.parametrize("header", ["chr1", "GRCh38#chr1", "#1#c", "a##c", "a#1#", "chr1 a#b#c"])
def test_names_that_are_not_pansn(header: str, tmp_path: Path) -> None:
    source = written(tmp_path / "all.fa", [("a#1#c", b"ACGT"), (header, b"ACGT")])
    said = fails("create", "--split", "pansn", "-o", tmp_path / "a.agc", source)
    assert f"{source}, line 3, record '{header}': the name is not of the form sample#haplotype#contig" in said


def test_pansn_behind_a_reference_with_plain_names(tmp_path: Path) -> None:
    reference = written(tmp_path / "ref.fa", [("chr1", LETTERS)])
    source = written(tmp_path / "all.fa", [("a#1#c", LETTERS)])
    (tmp_path / "list").write_text(f"GRCh38\t{reference}\n{source}\n")
    done = panarc_command("create", "--split", "pansn", "-o", tmp_path / "a.agc", "-i", tmp_path / "list")
    assert (done.returncode, done.stderr) == (0, b"")
    assert samples(tmp_path / "a.agc") == {"GRCh38": ["chr1"], "a#1": ["a#1#c"]}


# Onto an archive.


def test_append(tmp_path: Path) -> None:
    one = written(tmp_path / "1.fa", [("a#1#x", LETTERS), ("a#2#x", LETTERS)])
    two = written(tmp_path / "2.fa", [("a#2#y", LETTERS)])
    three = written(tmp_path / "3.fa", [("b#1#x", LETTERS), ("b#1#y", LETTERS)])
    first, target = tmp_path / "first.agc", tmp_path / "a.agc"
    assert panarc_command("create", "--split", "pansn", "-o", first, one).returncode == 0
    said = fails("append", "--split", "pansn", "-o", target, "--", first, two)
    assert f"{two}, line 1, record 'a#2#y': there is already a sample named 'a#2'" in said
    assert panarc_command("append", "--split", "pansn", "-o", target, first, three).returncode == 0
    assert panarc_command("append", "-c", "--in-place", target, f"n={two}", f"n={three}", three).returncode == 0
    assert samples(target) == {
        "a#1": ["a#1#x"],
        "a#2": ["a#2#x"],
        "b#1": ["b#1#x", "b#1#y"],
        "n": ["a#2#y", "b#1#x", "b#1#y"],
        "b#1#x": ["b#1#x"],
        "b#1#y": ["b#1#y"],
    }


# The interface.


def test_no_files(tmp_path: Path) -> None:
    with pytest.raises(errors.ParameterError, match="no files"), panarc.create(tmp_path / "a.agc") as builder:
        builder.add_records([])
    with pytest.raises(errors.ParameterError, match="no files"), panarc.create(tmp_path / "a.agc") as builder:
        builder.add_fasta(iter(()), sample="x")


def test_a_way_to_split_that_there_is_not(tmp_path: Path) -> None:
    source = written(tmp_path / "all.fa", [("a", LETTERS)])
    with pytest.raises(errors.ParameterError, match="split is 'word'"), panarc.create(tmp_path / "a.agc") as builder:
        builder.add_records(source, split="word")
    assert not (tmp_path / "a.agc").exists()


def test_records_between_other_samples(tmp_path: Path) -> None:
    source = written(tmp_path / "all.fa", [("a", LETTERS), ("b", LETTERS)])
    with panarc.create(tmp_path / "a.agc") as builder:
        builder.add_sample("first", {"c": LETTERS})
        assert builder.add_records(iter([source])) == 2
        builder.add_fasta(source, sample="last")
    assert samples(tmp_path / "a.agc") == {"first": ["c"], "a": ["a"], "b": ["b"], "last": ["a", "b"]}


# Beside C++ AGC.


def as_agc_does(agc: Path, folder: Path, files: list[Path]) -> None:
    """`-c` of both programs gives the same names and the same bases, by either's archive."""
    run_agc(agc, "create", "-c", "-o", folder / "theirs.agc", *files)
    done = panarc_command("create", "-c", "-o", folder / "ours.agc", *files)
    assert (done.returncode, done.stderr) == (0, b"")
    names = run_agc(agc, "listset", folder / "theirs.agc")
    assert (
        run_agc(agc, "listset", folder / "ours.agc") == names == panarc_command("listset", folder / "ours.agc").stdout
    )
    each = names.decode().splitlines()
    ours, theirs = (run_agc(agc, "listctg", folder / path, *each) for path in ("ours.agc", "theirs.agc"))
    assert ours == theirs
    ours, theirs = (run_agc(agc, "getset", folder / path, *each) for path in ("ours.agc", "theirs.agc"))
    assert ours == theirs != b""
    ours, theirs = (run_agc(agc, "listref", folder / path) for path in ("ours.agc", "theirs.agc"))
    assert ours == theirs


@pytest.mark.parametrize("separate", [False, True], ids=["alone", "reference"])
def test_concatenated_as_agc(separate: bool, agc: Path, strains: list[Record], tmp_path: Path) -> None:
    files = [written(tmp_path / "all.fa", strains)]
    if separate:
        reference = relatives(random.Random(1), 1, [9000, 4000])["sample000"]
        files.insert(0, written(tmp_path / "ref.fa", reference))
    as_agc_does(agc, tmp_path, files)


def test_concatenated_genomes_of_a_virus_as_agc(agc: Path, shared_data: Path, tmp_path: Path) -> None:
    source = tmp_path / "all.fa"
    with (shared_data / "small" / "sars2_1000.fa.zst").open("rb") as packed, source.open("wb") as file:
        zstandard.ZstdDecompressor().copy_stream(packed, file)
    as_agc_does(agc, tmp_path, [source])
    check(tmp_path / "ours.agc", {header.split()[0]: [(header, letters)] for header, letters in read_fasta(source)})
