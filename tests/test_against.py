"""Archives compared with the FASTA files that they came from."""

from __future__ import annotations

import json
import random
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

import panarc
from containers import read_streams, write_streams
from helpers import GOLDEN, Collection, Record, command, fasta, panarc_command, relatives, wrap, write_collection
from panarc import InputError, ParameterError, Report, errors

COUNTS = [700_000, 30_000, 900]


@pytest.fixture(scope="module")
def collection() -> Collection:
    made = relatives(random.Random("against"), 4, COUNTS)
    return {sample: [(name, bases.upper()) for name, bases in records] for sample, records in made.items()}


@pytest.fixture(scope="module")
def files(collection: Collection, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return write_collection(tmp_path_factory.mktemp("against"), collection, "bgzf")


@pytest.fixture(scope="module")
def path(files: list[Path]) -> Path:
    made = files[0].parent / "a.agc"
    with panarc.create(made, segment_size=10_000, threads=2) as builder:
        for file in files:
            builder.add_fasta(file)
    return made


def compared(path: Path, *files: Path, upper: bool = False) -> Report:
    """What is found, which must not depend on the number of threads."""
    reports = [panarc.open(path, threads=threads, upper=upper).verify(against=files) for threads in (1, 3)]
    assert reports[0] == reports[1]
    assert not reports[0].findings
    return reports[0]


def written(tmp_path: Path, sample: str, records: list[Record]) -> Path:
    (tmp_path / f"{sample}.fa").write_bytes(fasta(records))
    return tmp_path / f"{sample}.fa"


def messages(report: Report) -> list[tuple[str | None, str | None, str]]:
    return [(told.sample, told.contig, told.message) for told in report.differences]


def test_originals_are_the_same(path: Path, files: list[Path]) -> None:
    for given in (files, files[::-1]):
        report = compared(path, *given)
        assert report.ok
        assert (report.compared, report.notes) == (len(files) * len(COUNTS), ())


def test_some_originals(path: Path, files: list[Path]) -> None:
    assert compared(path, *files[1:]).notes == ("1 sample has no original that it could be compared with",)
    report = compared(path, files[2])
    assert (report.ok, report.compared) == (True, len(COUNTS))
    assert report.notes == ("3 samples have no original that they could be compared with",)


def substituted(at: int) -> Callable[[bytes], bytes]:
    return lambda bases: bases[:at] + (b"C" if bases[at : at + 1] != b"C" else b"G") + bases[at + 1 :]


@pytest.mark.parametrize("at", [0, 262_143, 262_144, 262_145, 699_000])
def test_a_base_is_different(path: Path, collection: Collection, tmp_path: Path, at: int) -> None:
    sample, records = next(iter(collection.items()))
    name, bases = records[0]
    changed = substituted(at)(bases)
    file = written(tmp_path, sample, [(name, substituted(600_000)(changed)), *records[1:]])
    report = compared(path, file)
    here, there = bases[at : at + 1].decode(), changed[at : at + 1].decode()
    told = f"base {at + 1}, counted from 1, is {here}; it is {there} in {file}, line 1"
    if at > 600_000:
        here, there = bases[600_000:600_001].decode(), substituted(600_000)(bases)[600_000:600_001].decode()
        told = f"base 600001, counted from 1, is {here}; it is {there} in {file}, line 1"
    assert messages(report) == [(sample, name, told)]
    assert not report.ok
    assert report.compared == len(COUNTS)


@pytest.mark.parametrize("less", [-300_000, -1, 1, 300_000])
def test_a_length_is_different(path: Path, collection: Collection, tmp_path: Path, less: int) -> None:
    sample, records = list(collection.items())[1]
    name, bases = records[0]
    other = bases[: len(bases) - less] if less > 0 else bases + b"A" * -less
    file = written(tmp_path, sample, [*records[1:], (name, other)])
    (told,) = messages(compared(path, file))
    assert told[:2] == (sample, name)
    assert told[2].startswith(f"has {len(bases)} bases; it has {len(other)} in {file}, line ")


def test_contigs_that_one_side_has(path: Path, collection: Collection, tmp_path: Path) -> None:
    sample, records = next(iter(collection.items()))
    name = records[2][0]
    file = written(tmp_path, sample, [*records[:2], ("new one", b"ACGT"), records[0], (f"{name} more", records[2][1])])
    lines = [number for number, line in enumerate(file.read_bytes().splitlines(), 1) if line.startswith(b">")]
    other = written(tmp_path, "stranger", records[:1])
    assert messages(compared(path, file, other)) == [
        (sample, "new one", f"is in {file}, line {lines[2]}, but not archived"),
        (sample, records[0][0], f"comes again in {file}, line {lines[3]}"),
        (sample, f"{name} more", f"is in {file}, line {lines[4]}, but not archived"),
        ("stranger", None, f"is in {other}, line 1, but not archived"),
        (sample, name, "is archived, but in none of the originals"),
    ]


def test_a_sample_that_is_not_archived_is_told_of_once(path: Path, collection: Collection, tmp_path: Path) -> None:
    sample, records = next(iter(collection.items()))
    many = [(f"contig {number}", b"ACGT" * 20) for number in range(500)]
    files = [written(tmp_path, "stranger", many), written(tmp_path, sample, records), written(tmp_path, "other", many)]
    wanted = [
        (name, None, f"is in {file}, line 1, but not archived")
        for name, file in [("stranger", files[0]), ("other", files[2])]
    ]
    report = compared(path, *files)
    assert messages(report) == wanted
    assert report.compared == len(records)
    # In two files, and where records tell samples.
    with panarc.open(path) as archive:
        again = archive.verify(against={"stranger": [files[0], files[2]], sample: files[1]})
        assert messages(again) == wanted[:1]
        mixed = tmp_path / "mixed.fa"
        mixed.write_bytes(fasta([(f"x#{number // 3}#{number}", b"ACGT") for number in range(9)]))
        told = messages(archive.verify(against=mixed, split="pansn"))
        assert told == [(f"x#{n}", None, f"is in {mixed}, line {6 * n + 1}, but not archived") for n in range(3)]
    # What is wrong with its text is still wrong.
    files[0].write_bytes(fasta([*many, ("last", b"ACGE")]))
    with pytest.raises(errors.InputError, match="record 'last': letter 'E'"):
        compared(path, files[0])


def test_case_counts_where_it_was_kept(collection: Collection, tmp_path: Path) -> None:
    def masked(bases: bytes) -> bytes:
        return bases[:500] + bases[500:700].lower() + bases[700:]

    sample, records = next(iter(collection.items()))
    lower = [(name, masked(bases)) for name, bases in records]
    file, plain = written(tmp_path, sample, lower), tmp_path / "plain" / f"{sample}.fa"
    plain.parent.mkdir()
    plain.write_bytes(fasta(records))
    archives = [tmp_path / "kept.agc", tmp_path / "not.agc"]
    for archive, keep in zip(archives, (True, False), strict=True):
        with panarc.create(archive, keep_case=keep) as builder:
            builder.add_fasta(file)
    assert compared(archives[0], file).ok
    report = compared(archives[0], plain)
    assert [told[1] for told in messages(report)] == [name for name, _ in records]
    assert messages(report)[0][2].startswith("base 501, counted from 1, is ")
    assert compared(archives[0], plain, upper=True).ok
    assert compared(archives[1], file).ok
    # Where append begins to keep case, samples before have none.
    grown = tmp_path / "grown.agc"
    with panarc.append(archives[1], output=grown, keep_case=True) as builder:
        builder.add_fasta(file, "again")
    store = panarc.open(grown)
    assert store.verify(against={sample: file, "again": file}).ok
    assert len(store.verify(against={sample: file, "again": [plain]}).differences) == len(records)


def test_records_that_are_samples(collection: Collection, tmp_path: Path) -> None:
    records = [(f"{sample}#1#{name.split()[0]}", bases) for sample, own in collection.items() for name, bases in own]
    file = written(tmp_path, "all", records)
    archive = tmp_path / "all.agc"
    with panarc.create(archive) as builder:
        builder.add_records(file, "pansn")
    report = panarc.open(archive).verify(against=file, split="pansn")
    assert (report.ok, report.compared) == (True, len(records))
    assert not panarc.open(archive).verify(against=file).ok
    with pytest.raises(InputError, match="line 1, record 'x': the name is not of the form"):
        panarc.open(archive).verify(against=written(tmp_path, "x", [("x", b"A")]), split="pansn")
    done = panarc_command("verify", "--against", archive, "--split", "pansn", file)
    assert done.returncode == 0
    assert done.stdout.decode().splitlines()[-1] == f"originals: {len(records)} contigs compared, 0 differences"


@pytest.mark.parametrize(
    "text", [b"", b">a\nACGT\n>b\nAC!T\n", b"ACGT\n"], ids=["nothing", "a byte that is no base", "no header"]
)
def test_originals_that_are_no_fasta(path: Path, tmp_path: Path, text: bytes) -> None:
    (tmp_path / "bad.fa").write_bytes(text)
    with pytest.raises(InputError, match=r"bad\.fa"):
        panarc.open(path).verify(against=tmp_path / "bad.fa")
    with pytest.raises(InputError, match=r"bad\.fa"):
        panarc.open(path).verify(against=[tmp_path / "bad.fa"], split="record")


def test_arguments(path: Path, files: list[Path], tmp_path: Path) -> None:
    store = panarc.open(path)
    with pytest.raises(ParameterError, match="split is 'x'"):
        store.verify(against=files, split="x")
    with pytest.raises(ParameterError, match="there are no files"):
        store.verify(against=[])
    with pytest.raises(ParameterError, match="standard input needs a sample name"):
        store.verify(against="-")
    with pytest.raises(ParameterError, match="a way to split"):
        store.verify(against={None: files[0]})  # type: ignore[arg-type]
    with pytest.raises(panarc.FileError, match=r"none\.fa"):
        store.verify(against=tmp_path / "none.fa")


def test_what_cannot_be_read_cannot_be_compared(path: Path, files: list[Path], tmp_path: Path) -> None:
    streams = read_streams(path)
    name = next(name for name in streams if name[0] == "x" and name[-1] == "r")
    metadata, payload = streams[name][0]
    streams[name][0] = metadata, payload[:-3] + bytes([payload[-3] ^ 1]) + payload[-2:]
    write_streams(tmp_path / "damaged.agc", streams)
    report = panarc.open(tmp_path / "damaged.agc").verify(against=files)
    damaged = {(told.sample, told.contig) for told in report.findings if told.contig}
    assert damaged
    assert {(told.sample, told.contig) for told in report.differences} == damaged
    assert all(told.message.startswith("cannot be compared with ") for told in report.differences)


def test_the_command_tells(path: Path, files: list[Path], collection: Collection, tmp_path: Path) -> None:
    done = panarc_command("verify", path, "--against", *files)
    assert done.returncode == 0
    assert done.stdout.decode().splitlines()[-1] == "originals: 12 contigs compared, 0 differences"
    sample, records = next(iter(collection.items()))
    file = written(tmp_path, sample, [(records[0][0], substituted(7)(records[0][1])), *records[1:]])
    (tmp_path / "list").write_text(f"{file}\n")
    done = panarc_command("verify", path, "--against", "-i", tmp_path / "list", files[1])
    lines = done.stdout.decode().splitlines()
    assert done.returncode == 1
    assert lines[0].startswith(f"different: sample '{sample}', contig '{records[0][0]}': base 8, ")
    assert lines[-1] == "originals: 6 contigs compared, 1 difference"
    told = json.loads(panarc_command("verify", path, "--json", "--against", file).stdout)
    assert (told["ok"], told["compared"], len(told["differences"])) == (False, 3, 1)
    line = command("verify", path, "--against", f"{sample}=-")
    piped = subprocess.run(line, input=wrap(file.read_bytes(), "gzip"), capture_output=True, timeout=120)
    assert piped.returncode == 1
    assert b"in <standard input>, line 1" in piped.stdout
    for wrong in ([path, files[0]], [path, "--against"], [path, "-i", tmp_path / "list"]):
        assert panarc_command("verify", *wrong).returncode == 2


def test_archives_of_agc(tmp_path: Path) -> None:
    archive = GOLDEN / "many.agc"
    store = panarc.open(archive)
    sample = next(iter(store))
    store.write_fasta(tmp_path / "x.fa", [sample])
    report = store.verify(against={sample: tmp_path / "x.fa"})
    assert (report.ok, report.compared) == (True, len(store[sample]))
