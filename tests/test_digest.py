"""Digests of contigs: the right ones, whoever asks; what has another sequence than its digest tells is never given."""

from __future__ import annotations

import hashlib
import json
import random
from base64 import urlsafe_b64encode
from itertools import chain
from pathlib import Path

import pytest

import panarc
from containers import read_streams, write_streams
from helpers import (
    Collection,
    bases,
    check,
    iupac,
    md5,
    panarc_command,
    read_fasta,
    relatives,
    run_agc,
    write_collection,
)

STREAM = "panarc-digest"
LONG = 262_144


def digest_of(sequence: bytes) -> str:
    return "SQ." + urlsafe_b64encode(hashlib.sha512(sequence.upper()).digest()[:24]).decode()


def collection_of(rng: random.Random, samples: int = 5) -> Collection:
    """Relatives, contigs at the bound of whole digests, one of all letters, one in lower case, and an empty one."""
    collection = relatives(rng, samples, [20_000, 3000])
    collection["s at the bound"] = [("below", bases(rng, LONG - 1)), ("at", bases(rng, LONG)), ("few", b"ACG")]
    collection["s of all sorts"] = [("codes", iupac(rng, 3000)), ("lower", bases(rng, 900).lower()), ("empty", b"")]
    return collection


def check_digests(path: Path, collection: Collection) -> None:
    for verify in (False, True):
        with panarc.open(path, verify=verify) as archive:
            assert archive.verify_reads is verify
            for name, records in collection.items():
                for contig, (_, sequence) in zip(archive[name], records, strict=True):
                    assert contig.digest == digest_of(sequence)
                    assert contig.md5 == md5(sequence.upper())
                    assert contig[5:17] == sequence.upper()[5:17]
                    assert contig.sequence() == sequence.upper()


def create(path: Path, collection: Collection, **options: object) -> None:
    with panarc.create(path, overwrite=True, **options) as builder:  # type: ignore[arg-type]
        for name, records in collection.items():
            builder.add_sample(name, records)


def append(path: Path, collection: Collection, **options: object) -> None:
    with panarc.append(path, **options) as builder:  # type: ignore[arg-type]
        for name, records in collection.items():
            builder.add_sample(name, records)


def facts(path: Path) -> tuple[str, int, bool]:
    with panarc.open(path) as archive:
        return archive.info.digests, archive.info.digests_from, archive.info.md5


@pytest.mark.parametrize("digests", ["auto", "full", "none"])
@pytest.mark.parametrize("with_md5", [False, True])
def test_they_are_those_of_the_sequence(tmp_path: Path, rng: random.Random, digests: str, with_md5: bool) -> None:
    collection = collection_of(rng)
    path = tmp_path / "a.agc"
    create(path, collection, digests=digests, md5=with_md5, pack_cardinality=3, threads=2)
    check(path, collection)
    check_digests(path, collection)
    kept = digests != "none"
    assert facts(path) == (digests, 0, with_md5 and kept)
    streams = read_streams(path)
    assert (STREAM in streams) is kept
    if not kept:
        return
    *parts, _header = streams[STREAM]
    lengths = [[len(s) for _, s in records] for records in collection.values()]
    batches = [list(chain.from_iterable(lengths[at : at + 3])) for at in range(0, len(lengths), 3)]

    def size(length: int) -> int:
        return (24 if digests == "full" or length >= LONG else 4) + 16 * with_md5

    assert [count for count, _ in parts] == [len(batch) for batch in batches]
    assert [len(payload) for _, payload in parts] == [sum(map(size, batch)) + 4 for batch in batches]


def test_the_bytes_are_the_same_for_any_threads_and_digests_change_nothing_else(
    tmp_path: Path, rng: random.Random
) -> None:
    collection = collection_of(rng)
    made = []
    for threads in (1, 2, 4):
        path = tmp_path / f"{threads}.agc"
        create(path, collection, threads=threads)
        made.append(path.read_bytes())
    assert made[0] == made[1] == made[2]
    none, case = tmp_path / "none.agc", tmp_path / "case.agc"
    create(none, collection, digests="none")
    create(case, collection, keep_case=True)
    streams, with_case = read_streams(tmp_path / "1.agc"), read_streams(case)
    assert streams[STREAM] == with_case[STREAM]
    del streams[STREAM]
    without = read_streams(none)
    assert STREAM.encode() in streams.pop("file_type_info")[0][1]
    assert STREAM.encode() not in without.pop("file_type_info")[0][1]
    assert streams == without


def test_short_contigs_take_four_bytes(tmp_path: Path, rng: random.Random) -> None:
    collection = relatives(rng, 100, [300] * 10)
    sizes = {}
    for digests in ("auto", "none"):
        create(tmp_path / digests, collection, digests=digests)
        sizes[digests] = (tmp_path / digests).stat().st_size
    assert 4000 <= sizes["auto"] - sizes["none"] <= 4100
    with panarc.open(tmp_path / "auto") as archive:
        assert 4000 <= archive.stats().bytes["digests"] <= 4050


@pytest.mark.parametrize("threads", [1, 3])
def test_they_go_on_where_they_ended(tmp_path: Path, rng: random.Random, threads: int) -> None:
    collection = relatives(rng, 7, [9000, 400])
    names = list(collection)
    path = tmp_path / "a.agc"
    create(path, {names[0]: collection[names[0]]}, digests="full", md5=True, pack_cardinality=3)
    for name in names[1:]:
        # The archive's own rule counts, whatever is asked for.
        append(path, {name: collection[name]}, digests="none", threads=threads)
    check_digests(path, collection)
    assert facts(path) == ("full", 0, True)
    assert len(read_streams(path)[STREAM]) == 4


def test_what_has_none_gets_none(tmp_path: Path, rng: random.Random) -> None:
    collection = relatives(rng, 7, [9000, 400])
    names = list(collection)
    path = tmp_path / "a.agc"
    create(path, {name: collection[name] for name in names[:4]}, digests="none", pack_cardinality=3)
    append(path, {names[4]: collection[names[4]]}, digests="none")
    assert facts(path)[0] == "none"
    for name in names[5:]:
        append(path, {name: collection[name]})
        assert facts(path) == ("auto", 5, False)
    check_digests(path, collection)


def test_cpp_agc_leaves_them_out_and_panarc_begins_anew(tmp_path: Path, rng: random.Random, agc: Path) -> None:
    collection = relatives(rng, 6, [9000, 400])
    names = list(collection)
    first, second = tmp_path / "first.agc", tmp_path / "second.agc"
    create(first, {name: collection[name] for name in names[:3]}, pack_cardinality=4)
    files = write_collection(tmp_path, {name: collection[name] for name in names[3:5]})
    second.write_bytes(run_agc(agc, "append", first, *files))
    assert facts(second) == ("none", 0, False)
    append(second, {names[5]: collection[names[5]]})
    assert facts(second) == ("auto", 5, False)
    check_digests(second, collection)


def test_those_of_other_samples_are_not_used(tmp_path: Path, rng: random.Random) -> None:
    collection = relatives(rng, 3, [9000])
    other = relatives(rng, 3, [9000])
    path, strange, mixed = tmp_path / "a.agc", tmp_path / "b.agc", tmp_path / "c.agc"
    create(path, collection)
    create(strange, {f"x{name}": records for name, records in other.items()})
    write_streams(mixed, read_streams(path) | {STREAM: read_streams(strange)[STREAM]})
    assert facts(mixed)[0] == "stale"
    check(mixed, collection)
    with pytest.raises(panarc.CorruptArchiveError, match="names of the samples"):
        panarc.open(mixed, verify=True)
    append(mixed, {"new": [("c", bases(rng, 500))]})
    assert facts(mixed) == ("auto", 3, False)


@pytest.mark.parametrize("which", [0, -1])
def test_damaged_digests_are_named(tmp_path: Path, rng: random.Random, which: int) -> None:
    path = tmp_path / "a.agc"
    create(path, relatives(rng, 3, [9000]))
    streams = read_streams(path)
    metadata, payload = streams[STREAM][which]
    streams[STREAM][which] = metadata, bytes([payload[0] ^ 1]) + payload[1:]
    write_streams(path, streams)
    with panarc.open(path) as archive:
        contig = next(iter(archive[archive.samples[0]]))
        assert len(contig.sequence()) == len(contig)
        with pytest.raises(panarc.CorruptArchiveError, match=STREAM):
            _ = contig.digest
    with pytest.raises(panarc.CorruptArchiveError, match=STREAM), panarc.open(path, verify=True) as archive:
        archive[archive.samples[0]][contig.name][:5]


@pytest.mark.parametrize("digests", ["auto", "full"])
def test_wrong_bases_are_never_given(tmp_path: Path, rng: random.Random, digests: str) -> None:
    related = relatives(rng, 2, [9000, 5000])
    collection = {name: [(h, s.upper()) for h, s in records] for name, records in related.items()}
    names = list(collection)
    changed = dict(collection)
    header, sequence = collection[names[1]][0]
    swapped = bytes([ord("C") if sequence[2000] != ord("C") else ord("G")])
    changed[names[1]] = [(header, sequence[:2000] + swapped + sequence[2001:]), collection[names[1]][1]]
    path, other = tmp_path / "a.agc", tmp_path / "b.agc"
    create(path, collection, digests=digests)
    create(other, changed, digests=digests)
    # The other sequence under the digests of the first.
    write_streams(other, read_streams(other) | {STREAM: read_streams(path)[STREAM]})
    check(other, changed)
    wrong, right = header.split()[0], collection[names[1]][1][0].split()[0]
    place = f"sample '{names[1]}', contig '{header}'"
    with panarc.open(other, verify=True, threads=2) as archive:
        sample = archive[names[1]]
        assert sample[right].sequence() == collection[names[1]][1][1]
        assert archive[names[0]][wrong][:9] == collection[names[0]][0][1][:9]
        reads = (
            lambda: sample[wrong].sequence(),
            lambda: sample[wrong][:10],
            lambda: sample[wrong].fetch(3000, 3010, strand="-"),
            lambda: list(sample[wrong].chunks(1000)),
            lambda: archive.fetch(wrong, 0, 5, sample=names[1]),
            lambda: archive.fetch_many([(names[1], right, 0, 5), (names[1], wrong, 0, 5)]),
            lambda: archive.fetch_into(bytearray(100), [(names[1], wrong, 0, 100)]),
            lambda: sample.write_fasta(tmp_path / "out.fa"),
            lambda: archive.write_fasta(tmp_path / "out.fa"),
            lambda: archive.write_regions(tmp_path / "out.fa", [f"{wrong}@{names[1]}:1-9"]),
        )
        for read in reads:
            with pytest.raises(panarc.CorruptArchiveError) as error:
                read()
            assert place in str(error.value)
        assert not (tmp_path / "out.fa").exists()
    with panarc.open(other) as archive:
        contig = archive[names[1]][wrong]
        assert contig.sequence() == changed[names[1]][0][1]
        if digests == "auto":
            with pytest.raises(panarc.CorruptArchiveError, match="stored digest"):
                _ = contig.digest
    verbs: list[list[str | Path]] = [
        ["getcol", other],
        ["getset", other, names[1]],
        ["getctg", other, f"{wrong}@{names[1]}:0-9"],
        ["fetch", other, f"{wrong}@{names[1]}:1-9"],
    ]
    for verb in verbs:
        assert panarc_command(*verb).returncode == 0
        found = panarc_command(*verb, "--verify")
        assert found.returncode == 1 and place in found.stderr.decode()
    assert panarc_command("fetch", other, f"{right}@{names[1]}:1-9", "--verify").returncode == 0


def test_a_sample_is_a_sequence_collection(tmp_path: Path) -> None:
    # From the specification of sequence collections.
    path = tmp_path / "a.agc"
    records = [("chrX", b"TTGGGGAA"), ("chr1 of it", b"ggaa"), ("chr2", b"GCGC")]
    create(path, {"s": records})
    with panarc.open(path) as archive:
        sample = archive["s"]
        assert (
            sample.seqcol()
            == sample.seqcol(level=2)
            == {
                "lengths": [8, 4, 4],
                "names": ["chrX", "chr1", "chr2"],
                "sequences": [
                    "SQ.iYtREV555dUFKg2_agSJW6suquUyPpMw",
                    "SQ.YBbVX0dLKG1ieEDCiMmkrTZFt_Z5Vdaj",
                    "SQ.AcLxtBuKEPk_7PGE_H4dGElwZHCujwH6",
                ],
            }
        )
        assert sample.seqcol(level=1) == {
            "lengths": "cGRMZIb3AVgkcAfNv39RN7hnT5Chk7RX",
            "names": "Fw1r9eRxfOZD98KKrhlYQNEdSRHoVxAG",
            "sequences": "0uDQVLuHaOZi1u76LjV__yrVUIz9Bwhr",
        }
        assert sample.seqcol(level=0) == "XZlrcEGi6mlopZ2uD8ObHkQB1d0oDwKk"
        with pytest.raises(panarc.ParameterError, match="level"):
            sample.seqcol(level=3)  # type: ignore[call-overload]


def test_the_command_prints_them(tmp_path: Path, rng: random.Random) -> None:
    collection = relatives(rng, 2, [3000, 200])
    path = tmp_path / "a.agc"
    files = write_collection(tmp_path, collection)
    assert panarc_command("create", "-o", path, "--digests", "full", "--md5", *files).returncode == 0
    rows = [
        {"sample": name, "contig": header.split()[0], "length": len(s), "digest": digest_of(s), "md5": md5(s.upper())}
        for name, records in collection.items()
        for header, s in records
    ]
    printed = panarc_command("digest", path).stdout.decode().splitlines()
    assert printed[0] == "sample\tcontig\tlength\tdigest"
    assert printed[1:] == ["\t".join(str(v) for v in list(row.values())[:4]) for row in rows]
    assert json.loads(panarc_command("digest", path, "--json", "--md5").stdout) == rows
    name = list(collection)[1]
    (one,) = json.loads(panarc_command("digest", path, "--sample", name, "--seqcol", "--json").stdout)
    with panarc.open(path) as archive:
        sample = archive[name]
        expected = {"sample": name, "digest": sample.seqcol(0), "digests": sample.seqcol(1), **sample.seqcol()}
        assert one == expected
        assert (
            panarc_command("digest", path, "--seqcol").stdout.decode().splitlines()[2] == f"{name}\t{sample.seqcol(0)}"
        )
    assert b"of all contigs, and MD5s" in panarc_command("info", path).stdout
    assert json.loads(panarc_command("info", "--json", path).stdout)["digests"]["stored"] == "full"
    assert panarc_command("digest", path, "--sample", "none").returncode == 1
    with pytest.raises(panarc.ParameterError, match="digests"):
        panarc.create(tmp_path / "b.agc", digests="some")


def test_real_genomes(tmp_path: Path, shared_data: Path) -> None:
    files = sorted((shared_data / "chlamydia").glob("*.fna.gz"))[:3] or pytest.skip("no chlamydia")
    path = tmp_path / "a.agc"
    with panarc.create(path, md5=True) as builder:
        for file in files:
            builder.add_fasta(file)
    with panarc.open(path, verify=True) as archive:
        for sample, file in zip(archive.values(), files, strict=True):
            for contig, (header, sequence) in zip(sample, read_fasta(file), strict=True):
                assert (contig.header, contig.digest) == (header, digest_of(sequence))
                assert contig.md5 == md5(sequence.upper())
