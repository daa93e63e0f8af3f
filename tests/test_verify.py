"""Archives are found whole, or it is told what of them is damaged and what is not."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
import zstandard

import panarc
from containers import Streams, changed, flip, read_streams
from damage_campaign import campaign
from helpers import GOLDEN, Collection, panarc_command, relatives, run_agc, write_collection
from panarc import CorruptArchiveError, Finding, Report


@pytest.fixture(scope="module")
def collection() -> Collection:
    return relatives(random.Random("verify"), 5, [40_000, 300_000, 900])


@pytest.fixture(scope="module")
def files(collection: Collection, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return write_collection(tmp_path_factory.mktemp("verify"), collection)


@pytest.fixture(scope="module")
def path(files: list[Path]) -> Path:
    made = files[0].parent / "a.agc"
    with panarc.create(made, pack_cardinality=3, segment_size=10_000, keep_case=True, threads=2) as builder:
        for file in files:
            builder.add_fasta(file)
    return made


@pytest.fixture
def streams(path: Path) -> Streams:
    return read_streams(path)


def verified(path: Path) -> Report:
    """What is found, which must not depend on the number of threads."""
    reports = [panarc.open(path, threads=threads, memory_limit="64MB").verify() for threads in (1, 3)]
    assert reports[0] == reports[1]
    return reports[0]


def delta_stream(streams: Streams) -> str:
    return next(name for name, parts in streams.items() if name[0] == "x" and name[-1] == "d" and len(parts) > 1)


@pytest.mark.parametrize("archive", sorted(GOLDEN.glob("*.agc")), ids=lambda path: path.stem)
def test_golden_archives_are_whole(archive: Path) -> None:
    assert panarc.open(archive).check().ok
    report = verified(archive)
    assert report.ok
    assert report.samples == len(panarc.open(archive))


def test_a_whole_archive(path: Path, collection: Collection) -> None:
    report = verified(path)
    contigs = [bases for records in collection.values() for _, bases in records]
    assert report == Report((), (), (), 5, 0, len(contigs), 0, len(contigs), 0, sum(map(len, contigs)))
    done: list[int] = []
    panarc.open(path).verify(done.append)
    assert done == sorted(set(done))
    assert done[-1] == 4


def test_a_damaged_pack_is_named_with_all_that_needs_it(streams: Streams, tmp_path: Path) -> None:
    name = delta_stream(streams)
    flip(streams, name, 1, at=0)
    damaged = changed(streams, tmp_path)
    report = verified(damaged)
    first = report.findings[0]
    assert (first.stream, first.part, first.sample) == (name, 1, None)
    assert first.group is not None and first.group >= 16
    contigs = {(finding.sample, finding.contig) for finding in report.findings[1:]}
    assert len(contigs) == report.contigs_damaged > 0
    assert all(finding.stream == name and finding.part == 1 for finding in report.findings)
    # The others can be read.
    store = panarc.open(damaged)
    for sample in store.values():
        for contig in sample:
            if (sample.name, contig.header) in contigs:
                with pytest.raises(CorruptArchiveError):
                    contig[:]
            else:
                assert len(contig[:]) == len(contig)


def test_a_changed_base_is_found_by_its_digest_alone(streams: Streams, tmp_path: Path) -> None:
    name = next(name for name in streams if name.startswith("x") and name.endswith("r"))
    metadata, payload = streams[name][0]
    # Codes, or several of them in a byte: another byte stands for other codes.
    codes = bytearray(zstandard.decompress(payload[:-1]))
    codes[len(codes) // 2] ^= 1
    streams[name][0] = metadata, zstandard.compress(bytes(codes)) + payload[-1:]
    damaged = changed(streams, tmp_path)
    assert panarc.open(damaged).check().ok
    report = verified(damaged)
    assert report.contigs_damaged == len(report.findings) > 0
    assert all("stored digest" in finding.message for finding in report.findings)
    sample, header = report.findings[0].sample, report.findings[0].contig
    assert sample is not None
    assert header is not None
    assert panarc.open(damaged)[sample][header][:]
    for part in (slice(None), slice(5, 9)):
        with pytest.raises(CorruptArchiveError, match="stored digest"):
            panarc.open(damaged, verify=True)[sample][header][part]
    done = panarc_command("getset", damaged, sample, "--verify")
    assert done.returncode == 1
    assert b"stored digest" in done.stderr


def test_damaged_rows_lose_a_batch_of_samples(streams: Streams, tmp_path: Path) -> None:
    flip(streams, "collection-details", 1, at=-5)
    report = verified(changed(streams, tmp_path))
    assert report.samples_lost == 2
    assert {(finding.stream, finding.part) for finding in report.findings} == {("collection-details", 1)}
    assert [finding.sample for finding in report.findings] == list(panarc.open(tmp_path / "changed.agc"))[3:]
    assert report.contigs == 9


@pytest.mark.parametrize("name", ["panarc-digest", "panarc-case"])
@pytest.mark.parametrize("part", [0, -1])
def test_damage_of_what_proves_is_damage(streams: Streams, tmp_path: Path, name: str, part: int) -> None:
    flip(streams, name, part)
    report = verified(changed(streams, tmp_path))
    assert not report.ok
    assert all(finding.stream == name for finding in report.findings)


@pytest.mark.parametrize("name", ["panarc-digest", "panarc-case"])
def test_a_stream_that_is_gone_is_missed(streams: Streams, tmp_path: Path, name: str) -> None:
    streams[name[:-1] + "x"] = streams.pop(name)
    damaged = changed(streams, tmp_path)
    (finding,) = verified(damaged).findings
    assert (finding.stream, finding.message) == (name, "the stream is gone")
    with pytest.raises(CorruptArchiveError, match="gone"):
        panarc.open(damaged, verify=True)


def test_names_that_were_changed(streams: Streams, tmp_path: Path) -> None:
    size, payload = streams["collection-samples"][0]
    names = zstandard.decompress(payload)
    other = names.replace(list(panarc.open(changed(streams, tmp_path)))[1].encode()[-1:], b"~", 1)
    assert other != names
    streams["collection-samples"][0] = size, zstandard.compress(other)
    damaged = changed(streams, tmp_path)
    messages = {finding.message for finding in verified(damaged).findings}
    assert messages == {"it does not belong to the names of the samples"}
    with pytest.raises(CorruptArchiveError, match="names of the samples"):
        panarc.open(damaged, verify=True)


def test_headers_that_were_changed(streams: Streams, tmp_path: Path) -> None:
    size, payload = streams["collection-contigs"][0]
    names = bytearray(zstandard.decompress(payload))
    place = next(place for place in range(len(names) - 1, 0, -1) if chr(names[place]).isalnum() and names[place] < 0x7F)
    names[place] ^= 2
    streams["collection-contigs"][0] = size, zstandard.compress(bytes(names))
    report = verified(changed(streams, tmp_path))
    assert {finding.stream for finding in report.findings} <= {"panarc-digest", "collection-contigs"}
    assert report.findings


def test_structure_that_contradicts_itself(streams: Streams, tmp_path: Path) -> None:
    del streams[delta_stream(streams)][1:]
    streams["collection-contigs"].append(streams["collection-contigs"][-1])
    streams["segment-splitters"][0] = 3, b"\1\2"
    report = panarc.open(changed(streams, tmp_path)).check()
    assert {finding.stream for finding in report.findings} >= {"collection-contigs", "segment-splitters"}
    assert any("has no member" in finding.message for finding in report.findings)
    assert report.contigs_damaged > 0
    assert report.bases == 0


def test_the_command_tells(path: Path, streams: Streams, tmp_path: Path) -> None:
    for verb in ("check", "verify"):
        done = panarc_command(verb, path)
        assert done.returncode == 0
        assert done.stdout.startswith(b"whole: 5 samples, 15 contigs; ")
    name = delta_stream(streams)
    flip(streams, name, 1, at=0)
    damaged = changed(streams, tmp_path)
    done = panarc_command("verify", damaged)
    assert done.returncode == 1
    lines = done.stdout.decode().splitlines()
    assert lines[0].startswith("damaged: group ")
    assert f"stream '{name}', part 1" in lines[0]
    assert lines[-1].startswith("readable: ")
    done = panarc_command("verify", "--json", "-t", "2", damaged)
    told = json.loads(done.stdout)
    assert (done.returncode, told["ok"]) == (1, False)
    report = verified(damaged)
    assert [Finding(**finding) for finding in told["findings"]] == list(report.findings)
    assert panarc_command("verify", tmp_path / "none.agc").returncode == 1
    assert str(report.findings[0]) == lines[0].removeprefix("damaged: ")


def test_progress_can_end_it(path: Path) -> None:
    def stop(_done: int) -> None:
        raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        panarc.open(path).verify(stop)


def test_a_foreign_append_is_no_damage(path: Path, files: list[Path], agc: Path, tmp_path: Path) -> None:
    (tmp_path / "new.fa").write_bytes(files[0].read_bytes())
    (tmp_path / "grown.agc").write_bytes(run_agc(agc, "append", path, tmp_path / "new.fa"))
    report = verified(tmp_path / "grown.agc")
    assert report.ok
    assert report.samples == 6
    panarc.open(tmp_path / "grown.agc", verify=True)


def test_a_small_campaign(path: Path) -> None:
    outcomes, peak = campaign(150, [path], first=10_000)
    assert outcomes["bad"] == 0
    assert sum("found" in outcome for outcome in outcomes) > 0
    assert peak < 1 << 30
