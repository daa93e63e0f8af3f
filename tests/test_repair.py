"""Damaged archives are repaired: what is recovered is right base by base, and what is lost is told."""

from __future__ import annotations

import json
import os
import random
import shutil
from pathlib import Path

import pytest
import zstandard

import panarc
from containers import Streams, changed, flip, read_streams, write_streams
from damage_campaign import damaged
from helpers import GOLDEN, Collection, panarc_command, relatives, write_collection
from panarc import CorruptArchiveError, FileError, ParameterError, Repaired
from panarc.errors import InternalError, MemoryLimitError

Content = dict[str, dict[str, bytes]]
"""Bases by sample and header, in order."""


def content(path: Path) -> Content:
    with panarc.open(path) as archive:
        return {name: {contig.header: contig[:] for contig in sample} for name, sample in archive.items()}


def recovered(found: Repaired, original: Content, path: Path) -> None:
    """Compares a new archive with what it should have: all, in order, but for what is told to be lost."""
    gone = {finding.sample for finding in found.lost if finding.contig is None}
    lost = {(finding.sample, finding.contig) for finding in found.lost}
    wanted = {
        name: {header: bases for header, bases in contigs.items() if (name, header) not in lost}
        for name, contigs in original.items()
        if name not in gone
    }
    wanted = {name: contigs for name, contigs in wanted.items() if contigs or not original[name]}
    have = content(path)
    assert list(have) == list(wanted)
    for name, contigs in wanted.items():
        assert list(have[name]) == list(contigs), name
        for header, bases in contigs.items():
            assert have[name][header].upper() == bases.upper(), (name, header)
    assert (found.samples, found.contigs) == (len(have), sum(map(len, have.values())))
    assert panarc.open(path).verify().ok


@pytest.fixture(scope="module")
def collection() -> Collection:
    return relatives(random.Random("repair"), 7, [40_000, 300_000, 900])


@pytest.fixture(scope="module")
def path(collection: Collection, tmp_path_factory: pytest.TempPathFactory) -> Path:
    files = write_collection(tmp_path_factory.mktemp("repair"), collection)
    made = files[0].parent / "a.agc"
    with panarc.create(made, pack_cardinality=3, segment_size=10_000, keep_case=True, threads=2) as builder:
        for file in files:
            builder.add_fasta(file)
    return made


@pytest.fixture(scope="module")
def original(path: Path) -> Content:
    return content(path)


@pytest.fixture
def streams(path: Path) -> Streams:
    return read_streams(path)


def repaired(damaged: Path) -> tuple[Repaired, Path]:
    output = damaged.with_name("repaired.agc")
    return panarc.repair(damaged, output, threads=2, overwrite=True), output


# --- lengths ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["old-append", "old-append-new"])
def test_lengths_of_old_appends(name: str, tmp_path: Path) -> None:
    source, output = GOLDEN / f"{name}.agc", tmp_path / "new.agc"
    found = panarc.repair(source, output)
    assert (found.action, found.lengths, found.lost, found.ok) == ("lengths", 2, (), True)
    assert content(output) == content(source)
    # All parts but the rows are what they were, byte for byte.
    before, after = read_streams(source), read_streams(output)
    assert before.keys() - after.keys() <= {stream for stream, parts in before.items() if not parts}
    for stream, parts in after.items():
        if stream != "collection-details":
            raw = [
                zstandard.decompress(p) if p[:4] == b"\x28\xb5\x2f\xfd" and stream[0] == "c" else p for _, p in parts
            ]
            old = before[stream]
            assert raw == [
                zstandard.decompress(p) if p[:4] == b"\x28\xb5\x2f\xfd" and stream[0] == "c" else p for _, p in old
            ]
    # Now they are right.
    again = panarc.repair(output, tmp_path / "again.agc")
    assert (again.action, again.ok) == ("none", True)
    assert not (tmp_path / "again.agc").exists()


@pytest.mark.parametrize("archive", ["default", "format1-append", "format2", "w-gaps", "names", "toy"])
def test_what_is_whole_is_left_alone(archive: str, tmp_path: Path) -> None:
    found = panarc.repair(GOLDEN / f"{archive}.agc", tmp_path / "new.agc")
    assert (found.action, found.report.ok, found.ok) == ("none", True, True)
    assert list(tmp_path.iterdir()) == []


# --- salvage ---------------------------------------------------------------------------------------------------------


def test_a_damaged_pack(streams: Streams, original: Content, tmp_path: Path) -> None:
    name = next(name for name, parts in streams.items() if name[0] == "x" and name[-1] == "d" and len(parts) > 1)
    flip(streams, name, 0, at=0)
    found, output = repaired(changed(streams, tmp_path))
    assert (found.action, found.ok, found.unproven, found.case_lost) == ("salvage", False, 0, 0)
    assert {(finding.stream, finding.part) for finding in found.lost} == {(name, 0)}
    assert 0 < found.contigs < found.report.contigs
    recovered(found, original, output)
    # Case comes back, parameters and digests too.
    have, info = content(output), panarc.open(output).info
    assert all(original[name][header] == bases for name in have for header, bases in have[name].items())
    assert panarc.open(output).params == panarc.open(tmp_path / "changed.agc").params
    assert (info.case, info.digests) == ("kept", "auto")


def test_a_changed_base_is_lost_by_its_digest(streams: Streams, original: Content, tmp_path: Path) -> None:
    name = next(name for name in streams if name.startswith("x") and name.endswith("r"))
    metadata, payload = streams[name][0]
    codes = bytearray(zstandard.decompress(payload[:-1]))
    codes[len(codes) // 2] ^= 1
    streams[name][0] = metadata, zstandard.compress(bytes(codes)) + payload[-1:]
    found, output = repaired(changed(streams, tmp_path))
    assert all("stored digest" in finding.message for finding in found.lost)
    assert found.lost
    recovered(found, original, output)


def test_damaged_rows_lose_a_batch(streams: Streams, original: Content, tmp_path: Path) -> None:
    flip(streams, "collection-details", 1, at=-5)
    found, output = repaired(changed(streams, tmp_path))
    assert [finding.sample for finding in found.lost] == list(original)[3:6]
    recovered(found, original, output)


def test_damaged_case_leaves_bases(streams: Streams, original: Content, tmp_path: Path) -> None:
    flip(streams, "panarc-case", 0, at=8)
    found, output = repaired(changed(streams, tmp_path))
    assert (found.lost, found.ok, found.unproven) == ((), False, 0)
    have = content(output)
    changed_case = [header for name in have for header in have[name] if have[name][header] != original[name][header]]
    assert found.case_lost >= len(changed_case) > 0
    recovered(found, original, output)


@pytest.mark.parametrize(("part", "at"), [(-1, -3), (0, -3), (0, 1)])
def test_damage_of_digests_costs_what_it_must(
    streams: Streams, original: Content, tmp_path: Path, part: int, at: int
) -> None:
    flip(streams, "panarc-digest", part, at)
    found, output = repaired(changed(streams, tmp_path))
    assert found.report.contigs_damaged > 1
    # A header or a checksum proves nothing by itself; a digest that was changed loses its contig alone.
    assert len(found.lost) == (1 if at == 1 else 0)
    assert found.unproven == 0
    recovered(found, original, output)


def test_digests_that_are_gone(streams: Streams, original: Content, tmp_path: Path) -> None:
    del streams["panarc-digest"]
    found, output = repaired(changed(streams, tmp_path))
    assert found.ok
    assert found.unproven == found.contigs == found.report.contigs
    recovered(found, original, output)


def test_a_name_that_was_changed(streams: Streams, original: Content, tmp_path: Path) -> None:
    size, payload = streams["collection-samples"][0]
    names = zstandard.decompress(payload).replace(b"sample001", b"sampleXXX")
    streams["collection-samples"][0] = size, zstandard.compress(names)
    found, output = repaired(changed(streams, tmp_path))
    assert "names of the samples" in found.report.findings[0].message
    assert (found.lost, found.unproven, found.case_lost) == ((), 0, 0)
    assert content(output) == {name.replace("001", "XXX"): contigs for name, contigs in original.items()}


def test_nothing_left(streams: Streams, tmp_path: Path) -> None:
    streams["collection-details"] = [(0, payload[:-9]) for _, payload in streams["collection-details"]]
    bad = changed(streams, tmp_path)
    with pytest.raises(CorruptArchiveError, match=f"{bad}.*no contig can be read"):
        panarc.repair(bad, tmp_path / "new.agc")
    assert [file.name for file in tmp_path.iterdir()] == ["changed.agc"]


@pytest.mark.parametrize("archive", ["s1000k21", "pack7", "format2-append", "format1", "names", "concat2"])
def test_archives_of_agc(archive: str, tmp_path: Path, rng: random.Random) -> None:
    source = GOLDEN / f"{archive}.agc"
    whole, streams = content(source), read_streams(source)
    groups = [
        name for name, parts in streams.items() if parts and name.endswith(("d", "delta")) and len(parts[0][1]) > 30
    ]
    for name in rng.sample(groups, 2):
        metadata, payload = streams[name][0]
        streams[name][0] = metadata, payload[: len(payload) // 2]
    found, output = repaired(changed(streams, tmp_path))
    assert found.lost
    assert found.unproven == found.contigs > 0
    recovered(found, whole, output)


# --- where it goes ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("link", ["same", "soft", "hard", "dots"])
def test_never_in_place(path: Path, tmp_path: Path, link: str) -> None:
    source, output = tmp_path / "a.agc", tmp_path / "b.agc"
    shutil.copy(GOLDEN / "old-append.agc", source)
    match link:
        case "same":
            output = source
        case "soft":
            output.symlink_to(source)
        case "hard":
            os.link(source, output)
        case _:
            (tmp_path / "folder").mkdir()
            output = tmp_path / "folder" / ".." / "a.agc"
    before = source.read_bytes()
    with pytest.raises(ParameterError, match="not repaired in place"):
        panarc.repair(source, output)
    assert source.read_bytes() == before


def test_what_was_there_stays_until_the_end(streams: Streams, tmp_path: Path) -> None:
    flip(streams, "collection-details", 0, at=-5)
    bad, output = changed(streams, tmp_path), tmp_path / "new.agc"
    output.write_bytes(b"as it was")

    def stop(_done: int) -> None:
        raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        panarc.repair(bad, output, overwrite=True, progress=stop)
    assert output.read_bytes() == b"as it was"
    with pytest.raises(FileError):
        panarc.repair(bad, tmp_path / "none" / "new.agc")
    with pytest.raises(ParameterError):
        panarc.repair(bad, output, threads=0)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["changed.agc", "new.agc"]


def test_the_command_tells(path: Path, streams: Streams, tmp_path: Path) -> None:
    output = tmp_path / "new.agc"
    done = panarc_command("repair", path, "-o", output)
    assert done.returncode == 0
    assert done.stdout.startswith(b"whole: 7 samples, 21 contigs")
    assert not output.exists()
    name = next(name for name, parts in streams.items() if name[0] == "x" and name[-1] == "d" and len(parts) > 1)
    flip(streams, name, 0, at=0)
    bad = changed(streams, tmp_path)
    done = panarc_command("repair", bad, "-o", output, "-t", "1")
    lines = done.stdout.decode().splitlines()
    assert done.returncode == 1
    found = panarc.repair(bad, tmp_path / "other.agc", threads=3)
    assert [line for line in lines if line.startswith("lost: ")] == [f"lost: {finding}" for finding in found.lost]
    assert lines[-1] == f"repaired: {output} has {found.samples} samples, {found.contigs} contigs"
    # The same bytes, whatever the number of threads.
    assert output.read_bytes() == (tmp_path / "other.agc").read_bytes()
    done = panarc_command("repair", "--force", "--json", bad, "-o", output)
    told = json.loads(done.stdout)
    assert (done.returncode, told["ok"], told["action"], told["contigs"]) == (1, False, "salvage", found.contigs)
    assert panarc_command("repair", bad).returncode == 2
    assert panarc_command("repair", bad, "-o", bad).returncode == 2
    assert panarc_command("repair", tmp_path / "none.agc", "-o", output).returncode == 1


# --- hostile copies --------------------------------------------------------------------------------------------------


def test_a_campaign(path: Path, original: Content, tmp_path: Path) -> None:
    """Where digests are stored, no base of what is recovered is wrong; nothing crashes, whatever is damaged."""
    data, outcomes = path.read_bytes(), {"none": 0, "salvage": 0, "refused": 0}
    bad, output = tmp_path / "bad.agc", tmp_path / "new.agc"
    for seed in range(60):
        bad.write_bytes(damaged(data, random.Random(f"repair {seed}")))
        output.unlink(missing_ok=True)
        try:
            found = panarc.repair(bad, output, threads=1, memory_limit="4GB", overwrite=True)
        except InternalError:
            raise
        except (CorruptArchiveError, MemoryLimitError):
            outcomes["refused"] += 1
            assert not output.exists()
            continue
        outcomes[found.action] += 1
        if found.action == "none":
            continue
        known = [bases.upper() for contigs in original.values() for bases in contigs.values()]
        for sample, contigs in content(output).items():
            for header, bases in contigs.items():
                assert bases.upper() in known, (seed, sample, header)
    assert outcomes["salvage"] > 5


# --- the list of parts is lost ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def grown(collection: Collection, path: Path) -> Path:
    """The same samples, the last ones appended."""
    made = path.with_name("grown.agc")
    items = list(collection.items())
    with panarc.create(made, pack_cardinality=3, segment_size=10_000, keep_case=True, digests="full") as builder:
        for name, records in items[:4]:
            builder.add_sample(name, records)
    with panarc.append(made) as builder:
        for name, records in items[4:]:
            builder.add_sample(name, records)
    return made


def footer(data: bytes | bytearray) -> int:
    return len(data) - 8 - int.from_bytes(data[-8:], "little")


@pytest.mark.parametrize("kind", ["made", "grown"])
@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 1.0])
def test_a_footer_that_is_cut_off(path: Path, grown: Path, tmp_path: Path, kind: str, share: float) -> None:
    source = path if kind == "made" else grown
    data = source.read_bytes()
    bad = tmp_path / "bad.agc"
    bad.write_bytes(data[: len(data) - 1 - int(share * (len(data) - 1 - footer(data)))])
    found, output = repaired(bad)
    assert (found.action, found.ok, found.unproven) == ("salvage", True, 0)
    assert len(found.report.findings) == 1
    assert "0 have not" in found.report.notes[-1]
    assert content(output) == content(source)
    recovered(found, content(source), output)


def test_a_footer_that_was_changed(path: Path, original: Content, tmp_path: Path, rng: random.Random) -> None:
    data = path.read_bytes()
    bad = tmp_path / "bad.agc"
    bad.write_bytes(data[: footer(data)] + rng.randbytes(len(data) - footer(data)))
    found, output = repaired(bad)
    assert found.ok
    assert content(output) == original


def test_a_list_that_lacks_the_digests(path: Path, original: Content, tmp_path: Path) -> None:
    """Where digests were, nothing is taken over without them, if they are anywhere in the file."""
    data = bytearray(path.read_bytes())
    data[data.index(b"panarc-digest\0", footer(data))] ^= 1
    bad = tmp_path / "bad.agc"
    bad.write_bytes(data)
    found, output = repaired(bad)
    assert (found.ok, found.unproven) == (True, 0)
    assert found.report.findings[0].stream == "panarc-digest"
    assert content(output) == original


def test_parts_that_are_gone_with_it(path: Path, original: Content, tmp_path: Path, rng: random.Random) -> None:
    """With the footer, bytes in many places: what cannot be proven is lost, and nothing else is taken for it."""
    whole = path.read_bytes()
    salvaged = 0
    for _ in range(30):
        data = bytearray(whole[: footer(whole)])
        for _ in range(rng.randint(1, 3)):
            start = rng.randrange(len(data) * 9 // 10)
            data[start : start + 3] = rng.randbytes(3)
        bad = tmp_path / "bad.agc"
        bad.write_bytes(data)
        try:
            found, output = repaired(bad)
        except CorruptArchiveError as error:
            assert "the list of its parts is lost" in str(error) or "no contig" in str(error)
            continue
        salvaged += 1
        recovered(found, original, output)
    assert salvaged > 10


@pytest.mark.parametrize(
    ("archive", "least"),
    [("default", 134), ("names", 76), ("append-plain-2", 598), ("toy", 13), ("s1000k21", 205), ("old-append", 90)],
)
def test_footers_of_agc(archive: str, least: int, tmp_path: Path) -> None:
    data = (GOLDEN / f"{archive}.agc").read_bytes()
    bad = tmp_path / "bad.agc"
    bad.write_bytes(data[: footer(data)])
    found, output = repaired(bad)
    assert found.contigs >= least
    assert found.unproven == found.contigs
    recovered(found, content(GOLDEN / f"{archive}.agc"), output)


@pytest.mark.parametrize("archive", ["pack1", "pack7", "many", "over-b", "append-pack4-2", "adaptive", "k17", "rc-a"])
def test_what_is_ambiguous_is_lost(archive: str, tmp_path: Path) -> None:
    """Many small packs that could be each other's: not all are found, but those that are are right."""
    data = (GOLDEN / f"{archive}.agc").read_bytes()
    bad = tmp_path / "bad.agc"
    bad.write_bytes(data[: footer(data)])
    found, output = repaired(bad)
    assert found.contigs > 0
    recovered(found, content(GOLDEN / f"{archive}.agc"), output)


def test_what_must_be_known(path: Path, streams: Streams, tmp_path: Path) -> None:
    """Without names, parameters or rows nothing can be read, and it is told what is lost."""
    bad, output = tmp_path / "bad.agc", tmp_path / "new.agc"
    for name, words in [
        ("collection-samples", "the names of its samples"),
        ("params", "its parameters"),
        ("collection-details", "rows of some of its samples"),
    ]:
        left = dict(streams)
        left[name] = [(0, b"\1")] if name != "collection-details" else left[name][:1]
        write_streams(bad, left)
        data = bad.read_bytes()
        bad.write_bytes(data[: footer(data)])
        with pytest.raises(CorruptArchiveError, match=words):
            panarc.repair(bad, output, overwrite=True)
        assert not output.exists()
    data = path.read_bytes()
    bad.write_bytes(data[: len(data) // 2])
    with pytest.raises(CorruptArchiveError, match="the list of its parts is lost"):
        panarc.repair(bad, output, overwrite=True)
    for junk in (b"", b"no archive", bytes(100_000), random.Random(1).randbytes(100_000)):
        bad.write_bytes(junk)
        with pytest.raises(CorruptArchiveError):
            panarc.repair(bad, output, overwrite=True)
    data = (GOLDEN / "format2.agc").read_bytes()
    bad.write_bytes(data[:-1])
    with pytest.raises(CorruptArchiveError, match="format 1 or 2"):
        panarc.repair(bad, output, overwrite=True)


def test_files_made_to_take_long(tmp_path: Path) -> None:
    """Beginnings of frames everywhere, which announce much: given up, or gone through, in bounded time and memory."""
    bad = tmp_path / "bad.agc"
    frame = b"\x04\x3f\xff\xff\xff\x28\xb5\x2f\xfd\xa0\xff\xff\xff\x3f"
    header = b"\x01\x01" + b"\x01" * 3 + b"\x7f"
    for piece in (frame, frame + b"\x00\x00\x00" * 4, header, b"\x00\x00\x00\xff" * 7, b"\x00\x15\x00\x00\x00"):
        bad.write_bytes(piece * (400_000 // len(piece)))
        with pytest.raises((CorruptArchiveError, MemoryLimitError)):
            panarc.repair(bad, tmp_path / "new.agc", memory_limit="4GB")


def test_real_genomes(shared_data: Path, tmp_path: Path) -> None:
    files = sorted((shared_data / "chlamydia").glob("*.f*a*"))[:4]
    assert files
    source, bad = tmp_path / "a.agc", tmp_path / "bad.agc"
    with panarc.create(source) as builder:
        for file in files:
            builder.add_fasta(file)
    data = source.read_bytes()
    bad.write_bytes(data[: footer(data) + 5])
    found, output = repaired(bad)
    assert (found.ok, found.unproven) == (True, 0)
    assert content(output) == content(source)
    # And with damage in the middle.
    middle = bytearray(data)
    middle[len(data) // 2] ^= 1
    bad.write_bytes(middle)
    found, output = repaired(bad)
    assert found.lost
    if found.contigs:
        recovered(found, content(source), output)
