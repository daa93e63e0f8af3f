"""Where the bytes went: `Archive.stats` and the verb stats, compared with what the oracle finds."""

from __future__ import annotations

import importlib.util
import json
import random
import re
import sys
from collections import defaultdict
from pathlib import Path
from types import ModuleType

import pytest

import panarc
from damage import damaged
from helpers import GOLDEN, ORACLE, bases, mutate, panarc_command

NAMES = sorted(path.stem for path in GOLDEN.glob("*.agc"))
# The oracle alone does not read formats 1 and 2. It counts for each part what parts share, and knows the shortest gaps.
BY_ORACLE = [name for name in NAMES if not name.startswith("format") and name not in ("w-share", "w-gaps")]
RAW_GROUPS = 16


@pytest.fixture(scope="module")
def oracle() -> ModuleType:
    spec = importlib.util.spec_from_file_location("agc_oracle", ORACLE)
    assert spec is not None and spec.loader is not None
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Relatives in packs of four; the last sample is equal to the first."""
    rng = random.Random(17)
    path = tmp_path_factory.mktemp("stats") / "a.agc"
    ancestor = bases(rng, 30_000)
    with panarc.create(path, segment_size=1000, pack_cardinality=4) as builder:
        builder.add_sample("first", {"c1": ancestor})
        for number in range(11):
            builder.add_sample(f"s{number}", {"c1": mutate(rng, ancestor), "empty": b"", "c2": bases(rng, 10)})
        builder.add_sample("first\tagain", {"c1": ancestor})
    return path


def check_sums(stats: panarc.ArchiveStats, path: Path) -> None:
    assert stats.size == sum(stats.bytes.values()) == path.stat().st_size
    assert sum(group.reference_bytes for group in stats.groups) == stats.bytes["references"]
    assert sum(group.delta_bytes for group in stats.groups) == stats.bytes["deltas"]
    assert sum(group.segments for group in stats.groups) == sum(sample.segments for sample in stats.samples)
    shared = sum(sample.bytes for sample in stats.samples)
    assert shared + stats.unclaimed == stats.bytes["references"] + stats.bytes["deltas"]
    assert min(stats.bytes.values()) >= 0 <= stats.unclaimed


@pytest.mark.parametrize("name", NAMES)
def test_sums(name: str) -> None:
    with panarc.open(GOLDEN / f"{name}.agc") as archive:
        stats = archive.stats()
        check_sums(stats, GOLDEN / f"{name}.agc")
        assert [sample.name for sample in stats.samples] == list(archive.samples)
        assert [sample.contigs for sample in stats.samples] == [len(sample) for sample in archive.values()]
        lengths = [sum(len(contig) for contig in sample) for sample in archive.values()]
        assert [sample.bases for sample in stats.samples] == lengths
        assert stats.bases == sum(lengths)


@pytest.mark.parametrize("name", [*BY_ORACLE, "built"])
def test_shares_are_those_of_the_first_users(name: str, oracle: ModuleType, built: Path) -> None:
    path = built if name == "built" else GOLDEN / f"{name}.agc"
    archive = oracle.Archive(str(path), lax=True, old_append=True)
    first: dict[tuple[int, int], int] = {}
    for place, sample in enumerate(archive.sample_names):
        for _, segments in archive.contigs(sample):
            for segment in segments:
                first.setdefault((segment.group, segment.number), place)
    # Users of each part, by stream and number of the part.
    users: dict[tuple[str, int], list[int]] = defaultdict(list)
    for (group, number), place in first.items():
        if group >= RAW_GROUPS and number == 0:
            users[archive.ref_name(group), 0].append(place)
        else:
            index = number - (group >= RAW_GROUPS)
            users[archive.delta_name(group), index // archive.pack].append(place)
    shares = dict.fromkeys(range(len(archive.sample_names)), 0)
    for (stream, number), places in users.items():
        part = archive.box.streams[stream].parts[number]
        each, rest = divmod(part.payload - part.offset + part.size, len(places))
        for order, place in enumerate(places):
            shares[place] += each + (order < rest)
    with panarc.open(path) as reader:
        stats = reader.stats()
    assert [sample.bytes for sample in stats.samples] == list(shares.values())
    deltas = sum(group >= RAW_GROUPS and number > 0 for group, number in first)
    assert sum(group.deltas for group in stats.groups if group.group >= RAW_GROUPS) == deltas
    assert sum(group.packs for group in stats.groups) == sum(
        len(archive.box.streams[archive.delta_name(group)].parts)
        for group in range(archive.n_groups)
        if archive.delta_name(group) in archive.box.streams
    )


def test_what_is_equal_costs_nothing(built: Path) -> None:
    with panarc.open(built) as archive:
        stats = archive.stats()
    check_sums(stats, built)
    assert stats.samples[-1].segments > 0 == stats.samples[-1].bytes
    assert (stats.unclaimed, stats.bytes["other"], stats.bytes["gaps"]) == (0, 0, 0)


def test_what_is_no_part_of_the_format() -> None:
    with panarc.open(GOLDEN / "w-extra.agc") as extra, panarc.open(GOLDEN / "w-gaps.agc") as gaps:
        assert extra.stats().bytes["other"] > 0 == extra.stats().bytes["gaps"]
        assert gaps.stats().bytes["gaps"] > 0 == gaps.stats().bytes["other"]


def test_a_closed_archive(built: Path) -> None:
    archive = panarc.open(built)
    archive.close()
    with pytest.raises(panarc.ParameterError, match="is closed"):
        archive.stats()


@pytest.mark.parametrize("name", ["toy", "names", "pack7", "w-share", "format1", "format2"])
def test_damage(name: str, tmp_path: Path) -> None:
    original = (GOLDEN / f"{name}.agc").read_bytes()
    path = tmp_path / "damaged.agc"
    refused = 0
    for seed in range(200):
        path.write_bytes(damaged(original, seed))
        try:
            with panarc.open(path) as archive:
                check_sums(archive.stats(cells=20), path)
        except panarc.InternalError:
            raise
        except panarc.Error as error:
            refused += 1
            assert len(str(error).splitlines()) == 1
    assert 0 < refused < 200


def test_a_segment_that_is_stored_nowhere(built: Path, tmp_path: Path) -> None:
    path = tmp_path / "x.agc"
    path.write_bytes(built.read_bytes().replace(b"xGd\0", b"yGd\0"))
    with panarc.open(path) as archive, pytest.raises(panarc.CorruptArchiveError) as caught:
        archive.stats()
    message = r".*x\.agc: damaged archive, sample 's\d+', contig 'c1': there is no member \d+ of group 16"
    assert re.fullmatch(message, str(caught.value))
    done = panarc_command("stats", path)
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.decode() == f"panarc: error: {caught.value}\n"


# --- the command -----------------------------------------------------------------------------------------------------


def lines(*arguments: str | Path) -> list[str]:
    done = panarc_command("stats", *arguments)
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout.decode().splitlines()


def test_table(built: Path) -> None:
    with panarc.open(built) as archive:
        stats, groups = archive.stats(), archive.info.groups
    table = lines(built)
    split = table.index("")
    assert repr(stats) == f"<panarc.ArchiveStats of {stats.size} bytes: {stats.bases} bases in 13 samples>"
    kinds, counts = table[:split], dict(line.rsplit(None, 1) for line in table[split + 1 :])
    rows = [re.fullmatch(r"([A-Z][a-z ]+?) +([\d,]+) +([\d.]+) %", line) for line in kinds]
    numbers = [int(row[2].replace(",", "")) for row in rows if row]
    assert numbers == [*filter(None, stats.bytes.values()), stats.size]
    assert kinds[0].startswith("References ") and kinds[-1].startswith("Archive ") and kinds[-1].endswith(" 100.00 %")
    assert sum(float(row[3]) for row in rows[:-1] if row) == pytest.approx(100, abs=0.1)
    assert (counts["Samples"], counts["Bases"], counts["Groups"]) == ("13", f"{stats.bases:,}", f"{groups:,}")
    assert counts["Bases a byte"] == f"{stats.bases / stats.size:.2f}"
    assert len({len(line) for line in table[split + 1 :]}) == 1


def test_table_of_an_archive_without_bases(tmp_path: Path) -> None:
    with panarc.create(tmp_path / "a.agc") as builder:
        builder.add_sample("none", {})
    table = lines(tmp_path / "a.agc")
    assert table[-1].split() == ["Bases", "a", "byte", "0.00"]


def test_tables_of_groups_and_samples(built: Path) -> None:
    with panarc.open(built) as archive:
        stats = archive.stats()
    head, *rows = lines("--samples", built)
    assert head.split("\t") == ["sample", "contigs", "bases", "segments", "reference_bytes", "delta_bytes", "bytes"]
    assert [row.split("\t")[0] for row in rows] == ["first", *(f"s{number}" for number in range(11)), r"first\tagain"]
    assert [int(row.split("\t")[-1]) for row in rows] == [sample.bytes for sample in stats.samples]
    head, *rows = lines("--groups", built)
    assert head.split("\t") == ["group", "segments", "deltas", "packs", "reference_bytes", "delta_bytes", "bytes"]
    assert [[int(cell) for cell in row.split("\t")] for row in rows] == [
        [g.group, g.segments, g.deltas, g.packs, g.reference_bytes, g.delta_bytes, g.bytes] for g in stats.groups
    ]


def test_json(built: Path, tmp_path: Path) -> None:
    with panarc.open(built) as archive:
        stats = archive.stats()
    assert lines("--json", "-o", tmp_path / "s.json", built) == []
    found = json.loads((tmp_path / "s.json").read_text("ascii"))
    assert list(found) == ["size", "bases", "unclaimed", "bytes", "groups", "samples", "along"]
    assert list(found["along"]) == ["cells", "rows"] and len(found["along"]["rows"]) == len(stats.samples)
    assert found["bytes"] == stats.bytes
    assert (found["size"], found["bases"], found["unclaimed"]) == (stats.size, stats.bases, 0)
    assert [sample["sample"] for sample in found["samples"]] == [sample.name for sample in stats.samples]
    assert [sample["bytes"] for sample in found["samples"]] == [sample.bytes for sample in stats.samples]
    assert [group["delta_bytes"] for group in found["groups"]] == [group.delta_bytes for group in stats.groups]


def test_one_form_at_a_time(built: Path) -> None:
    done = panarc_command("stats", "--json", "--groups", built)
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"not allowed with argument --json" in done.stderr
