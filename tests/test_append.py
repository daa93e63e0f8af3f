"""Appending: onto archives of every maker and format, one by one, in place, killed, and with bad input."""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

import panarc
from helpers import (
    GOLDEN,
    Collection,
    bases,
    build,
    check,
    command,
    fasta,
    mutate,
    oracle,
    panarc_command,
    parse_fasta,
    relatives,
    sha256,
    write_collection,
)

NAMES = sorted(path.stem for path in GOLDEN.glob("*.agc"))


def contents(path: Path) -> Collection:
    """All that is in an archive."""
    with panarc.open(path) as archive:
        return {sample: [(contig.header, contig[:]) for contig in archive[sample]] for sample in archive.samples}


def strictly(path: Path) -> None:
    """Reads all of an archive by the strict reader too, which checks what the format asks for."""
    collection = contents(path)
    records = [record for records in collection.values() for record in records]
    assert parse_fasta(oracle("getset", path, *collection)) == records


def append(path: Path, collection: Collection, out: Path | None = None) -> None:
    with panarc.append(path, output=out) as builder:
        for sample, records in collection.items():
            builder.add_sample(sample, records)


def news(rng: random.Random, old: Collection) -> Collection:
    """A relative of a sample that is there, and something unheard of."""
    known = max(old.values(), key=lambda records: sum(len(sequence) for _, sequence in records), default=[])
    relative = [(f"new {number}", mutate(rng, sequence)) for number, (_, sequence) in enumerate(known) if sequence]
    return {"a new one": relative or [("c", b"ACGT")], "another": [("x", bases(rng, 5000)), ("empty", b"")]}


@pytest.mark.parametrize("name", NAMES)
def test_onto_any_archive(name: str, rng: random.Random, tmp_path: Path) -> None:
    source, out = GOLDEN / f"{name}.agc", tmp_path / "out.agc"
    before = sha256(source)
    old = contents(source)
    added = news(rng, old)
    append(source, added, out)
    assert sha256(source) == before
    assert contents(out) == old | added
    with panarc.open(out) as archive, panarc.open(source) as base:
        assert archive.info.format == 3
        if base.info.format == 3:
            assert archive.params == base.params
    strictly(out)


@pytest.mark.parametrize("name", ["default", "append-pack4-2", "pack1", "old-append", "many", "format2"])
def test_twice_onto_any_archive(name: str, rng: random.Random, tmp_path: Path) -> None:
    out = Path(shutil.copy(GOLDEN / f"{name}.agc", tmp_path / "pop.agc"))
    collection = contents(out)
    for turn in range(2):
        added = {f"{sample} {turn}": records for sample, records in news(rng, collection).items()}
        append(out, added)
        collection |= added
    assert contents(out) == collection


def test_wrong_lengths_of_old_appends_are_corrected(tmp_path: Path) -> None:
    out = tmp_path / "out.agc"
    append(GOLDEN / "old-append.agc", {"new": [("c", b"ACGT" * 500)]}, out)
    # The oracle accepts wrong ones only if it is told to.
    strictly(out)


def test_one_by_one_is_as_small_as_at_once(rng: random.Random, tmp_path: Path) -> None:
    collection = relatives(rng, 12, [120_000, 30_000])
    files = write_collection(tmp_path / "in", collection)
    whole, grown = tmp_path / "whole.agc", tmp_path / "grown.agc"
    build(whole, files)
    build(grown, files[:1])
    for file in files[1:]:
        with panarc.append(grown) as builder:
            builder.add_fasta(file)
    check(grown, collection)
    assert grown.stat().st_size <= 1.03 * whole.stat().st_size


def test_threads_and_limits_change_no_byte(rng: random.Random, tmp_path: Path) -> None:
    collection = relatives(rng, 8, [80_000, 5_000])
    files = write_collection(tmp_path / "in", collection)
    base = tmp_path / "base.agc"
    build(base, files[:5], {"pack_cardinality": 3})
    sums = set()
    for options in ("-t 1", "-t 2", "-t 5", "-t 2 --memory-limit 64MB"):
        out = tmp_path / "out.agc"
        done = panarc_command("append", "--force", *options.split(), "-o", out, base, *files[5:])
        assert done.returncode == 0, done.stderr
        check(out, collection)
        sums.add(sha256(out))
    assert len(sums) == 1


def test_an_open_archive_stays_as_it_is(rng: random.Random, tmp_path: Path) -> None:
    collection = relatives(rng, 3, [40_000])
    path = tmp_path / "pop.agc"
    build(path, write_collection(tmp_path / "in", collection))
    with panarc.open(path) as archive:
        with archive.append() as builder:
            builder.add_sample("late", {"c": b"ACGTACGT"})
        assert archive.samples == tuple(collection)
        sample, records = next(iter(collection.items()))
        assert next(iter(archive[sample])).sequence() == records[0][1].upper()
    with panarc.open(path) as archive:
        assert archive.samples == (*collection, "late")


def test_the_command(rng: random.Random, tmp_path: Path) -> None:
    collection = relatives(rng, 4, [30_000])
    files = write_collection(tmp_path / "in", collection)
    path, out = tmp_path / "pop.agc", tmp_path / "out.agc"
    build(path, files[:2])
    done = panarc_command("append", path, files[2])
    assert done.returncode == 0, done.stderr
    out.write_bytes(done.stdout)
    assert panarc_command("append", "--in-place", out, files[3]).returncode == 0
    check(out, collection)
    check(path, {name: collection[name] for name in list(collection)[:2]})


def test_what_is_refused(rng: random.Random, tmp_path: Path) -> None:
    collection = relatives(rng, 2, [20_000])
    files = write_collection(tmp_path / "in", collection)
    path = tmp_path / "pop.agc"
    build(path, files)
    before = sha256(path)
    bad = tmp_path / "bad.fa"
    bad.write_text(">c\nAC*GT\n")
    cut = tmp_path / "cut.agc"
    cut.write_bytes(path.read_bytes()[:-100])
    refusals: list[tuple[list[str | Path], int, bytes]] = [
        ([], 2, b"no archive"),
        ([path], 2, b"no files"),
        ([path, files[0]], 1, b"already a sample"),
        ([path, bad], 1, b"bad.fa"),
        ([path, tmp_path / "none.fa"], 1, b"none.fa"),
        ([tmp_path / "none.agc", f"x={files[0]}"], 1, b"none.agc"),
        ([cut, f"x={files[0]}"], 1, b"cut.agc"),
        ([files[0], f"x={files[1]}"], 1, b"AGC archive"),
    ]
    for arguments, status, said in refusals:
        done = panarc_command("append", "--in-place", *arguments)
        assert (done.returncode, said in done.stderr) == (status, True), (arguments, done.stderr)
    assert panarc_command("append", "--in-place", "-o", "x", path, files[0]).returncode == 2
    assert sha256(path) == before
    assert sorted(file.name for file in tmp_path.iterdir()) == ["bad.fa", "cut.agc", "in", "pop.agc"]


def test_damage_is_told_not_carried_on(rng: random.Random, tmp_path: Path) -> None:
    collection = relatives(rng, 4, [30_000])
    path = tmp_path / "pop.agc"
    build(path, write_collection(tmp_path / "in", collection))
    whole = path.read_bytes()
    new = {"new": [("c", mutate(rng, next(iter(collection.values()))[0][1]))]}
    for _ in range(60):
        damaged = bytearray(whole)
        for _ in range(rng.randrange(1, 6)):
            damaged[rng.randrange(len(damaged))] ^= 1 << rng.randrange(8)
        path.write_bytes(damaged)
        out = tmp_path / "out.agc"
        try:
            append(path, new, out)
        except panarc.Error:
            assert not out.exists()
        out.unlink(missing_ok=True)


def test_killed_at_any_time_the_archive_is_the_old_or_the_new_one(rng: random.Random, tmp_path: Path) -> None:
    collection = relatives(rng, 6, [200_000])
    files = write_collection(tmp_path / "in", collection)
    path = tmp_path / "pop.agc"
    build(path, files[:5])
    old = path.read_bytes()
    first = {name: collection[name] for name in list(collection)[:5]}
    ends = set()
    for _ in range(12):
        path.write_bytes(old)
        process = subprocess.Popen(command("append", "--in-place", path, files[5]))
        time.sleep(rng.uniform(0.0, 0.6))
        process.send_signal(signal.SIGKILL)
        process.wait()
        new = path.read_bytes() != old
        ends.add(new)
        check(path, collection if new else first)
    assert False in ends


def test_fasta_with_a_name_that_is_there_names_both(tmp_path: Path) -> None:
    path = tmp_path / "pop.agc"
    with panarc.create(path) as builder:
        builder.add_sample("s", {"c": b"ACGT"})
    (tmp_path / "s.fa").write_bytes(fasta([("c", b"ACGT")]))
    with pytest.raises(panarc.DuplicateError, match="'s'"), panarc.append(path) as builder:
        builder.add_fasta(tmp_path / "s.fa")
    check(path, {"s": [("c", b"ACGT")]})
