"""Lower case, kept on request: every base comes back as it was, in any way that it can be asked for."""

from __future__ import annotations

import json
import random
import zlib
from itertools import pairwise
from pathlib import Path

import pytest

import panarc
from containers import read_streams, write_streams
from helpers import (
    GOLDEN,
    Collection,
    Record,
    Wrapping,
    bases,
    check,
    fasta,
    iupac,
    mutate,
    oracle,
    panarc_command,
    parse_fasta,
    run_agc,
    sha256,
    windows,
    write_collection,
)

STREAM = "panarc-case"
_PAIRS = bytes.maketrans(b"ACGTURYSWKMBDHVNacgturyswkmbdhvn", b"TGCAAYRSWMKVHDBNtgcaayrswmkvhdbn")


def masked(rng: random.Random, sequence: bytes, scale: float) -> bytes:
    """A sequence with runs of lower case that are about as long as what is between them."""
    cuts = [0]
    while cuts[-1] < len(sequence):
        cuts.append(cuts[-1] + 1 + int(rng.expovariate(1 / scale)))
    pieces = [sequence[start:end] for start, end in pairwise(cuts)]
    return b"".join(piece.lower() if number % 2 == 0 else piece for number, piece in enumerate(pieces))


def collection_of(rng: random.Random, samples: int = 5, length: int = 60_000) -> Collection:
    """Relatives whose contigs are masked in all manners: long and short runs, all, none, at both ends, single bases."""
    ancestor = bases(rng, length)
    collection: Collection = {}
    for number in range(samples):
        own = mutate(rng, ancestor)
        collection[f"s{number}"] = [
            ("long runs", masked(rng, own, 2000)),
            ("short runs", masked(rng, mutate(rng, own), 3)),
            ("none", bases(rng, 3000)),
            ("all", bases(rng, 3000).lower()),
            ("empty", b""),
            ("codes", masked(rng, iupac(rng, 2000), 20)),
            ("first", b"a" + bases(rng, 500)),
            ("last", bases(rng, 500) + b"a"),
            ("one", b"n"),
        ]
    return collection


def case_of(path: Path) -> str:
    with panarc.open(path) as archive:
        return archive.info.case


def check_case(path: Path, collection: Collection) -> None:
    """Compares every base with what went in, and in upper case with the readers that know nothing of it."""
    with panarc.open(path) as archive:
        assert archive.info.case == "kept"
        found = {name: [(contig.header, contig.sequence()) for contig in sample] for name, sample in archive.items()}
        assert found == collection
    with panarc.open(path, upper=True) as archive:
        for name, records in collection.items():
            assert [contig[:] for contig in archive[name]] == [letters.upper() for _, letters in records]
    raised = [(header, letters.upper()) for records in collection.values() for header, letters in records]
    assert parse_fasta(oracle("getset", path, *collection)) == raised


def create(path: Path, collection: Collection, *, keep_case: bool = True, threads: int = 2, limit: str = "1GB") -> None:
    with panarc.create(
        path, keep_case=keep_case, threads=threads, memory_limit=limit, segment_size=5000, overwrite=True
    ) as builder:
        for name, records in collection.items():
            builder.add_sample(name, records)


@pytest.mark.parametrize("wrapping", ["plain", "gzip", "bgzf", "zstd"])
def test_the_command_gives_back_what_it_took(wrapping: Wrapping, rng: random.Random, tmp_path: Path) -> None:
    collection = collection_of(rng)
    files = write_collection(tmp_path / "in", collection, wrapping)
    path = tmp_path / "a.agc"
    assert panarc_command("create", "--keep-case", "-o", path, *files).returncode == 0
    check_case(path, collection)
    if wrapping == "plain":
        oracle("verify", path, *files)
    # What `fasta` writes for a contig without letters is a line without letters.
    text = b"".join(map(fasta, collection.values())).replace(b">empty\n\n", b">empty\n")
    assert panarc_command("getcol", "-l", "60", path).stdout == text
    assert panarc_command("getset", "-l", "60", path, *collection).stdout == text
    upper = panarc_command("getcol", "-l", "60", "--upper", path).stdout
    assert parse_fasta(upper) == parse_fasta(text) and upper.count(b"\n") == text.count(b"\n")
    assert not any(line.islower() for line in upper.splitlines() if not line.startswith(b">"))


def test_lines_of_all_kinds(tmp_path: Path) -> None:
    text = b">c  x\r\nacGT  \r\n\r\nN\nnN \t\nryRY\n>d\n\n>e\nACgt"
    (tmp_path / "s.fa").write_bytes(text)
    with panarc.create(tmp_path / "a.agc", keep_case=True) as builder:
        builder.add_fasta(tmp_path / "s.fa")
    check_case(tmp_path / "a.agc", {"s": [("c  x", b"acGTNnNryRY"), ("d", b""), ("e", b"ACgt")]})


def test_ranges_and_strands(rng: random.Random, tmp_path: Path) -> None:
    collection = collection_of(rng)
    path = tmp_path / "a.agc"
    create(path, collection)
    with panarc.open(path) as archive:
        asked: list[tuple[str, str, int, int | None]] = []
        expected = []
        for name, records in collection.items():
            for header, letters in records:
                contig = archive[name][header]
                assert b"".join(contig.chunks(777)) == letters
                for start, end in windows(rng, len(letters), 25):
                    piece = letters[start:end]
                    assert contig[start:end] == contig.fetch(start, end) == piece
                    reverse = piece.translate(_PAIRS)[::-1]
                    assert contig.fetch(start, end, strand="-") == reverse
                    assert archive.fetch(header, start, end, sample=name, strand="-") == reverse
                    asked.append((name, header, start, end))
                    expected.append(piece)
        order = rng.sample(range(len(asked)), len(asked))
        found = archive.fetch_many([asked[place] for place in order])
        assert found == [expected[place] for place in order]
        found = archive.fetch_many([asked[place] for place in order], strand="-")
        assert found == [expected[place].translate(_PAIRS)[::-1] for place in order]


def test_regions_that_are_read_by_themselves(rng: random.Random, tmp_path: Path) -> None:
    """Long ones are written piece by piece, on the other strand from their end."""
    letters = masked(rng, bases(rng, 900_000), 40)
    path = tmp_path / "a.agc"
    create(path, {"s": [("c", letters)]})
    for flags, wanted in ([], letters[99:800_000]), (["-r"], letters[99:800_000].translate(_PAIRS)[::-1]):
        done = panarc_command("fetch", "-l", "0", *flags, path, "c:100-800000")
        assert (done.returncode, done.stdout.splitlines()[1]) == (0, wanted), done.stderr
        done = panarc_command("fetch", "-l", "0", "--upper", *flags, path, "c:100-800000")
        assert done.stdout.splitlines()[1] == wanted.upper()
    done = panarc_command("getctg", "-l", "0", path, "c:50-700000")
    assert done.stdout.splitlines()[1] == letters[50:700_001]


def test_bytes_follow_from_the_input_alone(rng: random.Random, tmp_path: Path) -> None:
    collection = collection_of(rng, 12)
    files = write_collection(tmp_path / "in", collection)
    sums = set()
    for threads in (1, 2, 5):
        create(tmp_path / "a.agc", collection, threads=threads)
        sums.add(sha256(tmp_path / "a.agc"))
    create(tmp_path / "a.agc", collection, limit="800MB")
    sums.add(sha256(tmp_path / "a.agc"))
    with panarc.create(tmp_path / "a.agc", overwrite=True, keep_case=True, segment_size=5000) as builder:
        for name, records in collection.items():
            pieces = rng.choice([1000, 65_536, 7])
            split = {h: [text[at : at + pieces] for at in range(0, len(text), pieces)] for h, text in records}
            builder.add_sample(name, split)
    sums.add(sha256(tmp_path / "a.agc"))
    with panarc.create(tmp_path / "a.agc", overwrite=True, keep_case=True, segment_size=5000, threads=3) as builder:
        for file in files:
            builder.add_fasta(file)
    sums.add(sha256(tmp_path / "a.agc"))
    assert len(sums) == 1


def test_nothing_changes_unless_it_is_kept(rng: random.Random, tmp_path: Path) -> None:
    collection = collection_of(rng)
    raised: Collection = {name: [(h, text.upper()) for h, text in records] for name, records in collection.items()}
    for number, (keep_case, records) in enumerate([(False, collection), (False, raised), (True, collection)]):
        create(tmp_path / f"{number}.agc", records, keep_case=keep_case)
    assert sha256(tmp_path / "0.agc") == sha256(tmp_path / "1.agc")
    assert case_of(tmp_path / "0.agc") == "upper"
    check(tmp_path / "0.agc", collection)
    kept = read_streams(tmp_path / "2.agc")
    plain = read_streams(tmp_path / "0.agc")
    assert kept.pop(STREAM)
    assert STREAM.encode() in kept.pop("file_type_info")[0][1]
    assert STREAM.encode() not in plain.pop("file_type_info")[0][1]
    assert kept == plain
    # Where there is no lower case, it takes a header.
    create(tmp_path / "3.agc", raised)
    check_case(tmp_path / "3.agc", raised)
    assert len(read_streams(tmp_path / "3.agc")[STREAM]) == 1


def test_many_samples_in_one_file(rng: random.Random, tmp_path: Path) -> None:
    sequence = masked(rng, bases(rng, 20_000), 30)
    records: list[Record] = [(f"s{number}#1#c", masked(rng, mutate(rng, sequence.upper()), 30)) for number in range(4)]
    file, path = tmp_path / "all.fa", tmp_path / "a.agc"
    file.write_bytes(fasta(records))
    assert panarc_command("create", "--keep-case", "-c", "-o", path, file).returncode == 0
    check_case(path, {header: [(header, letters)] for header, letters in records})
    assert panarc_command("create", "--force", "--keep-case", "--split", "pansn", "-o", path, file).returncode == 0
    check_case(path, {header[:4]: [(header, letters)] for header, letters in records})


def test_append_goes_on(rng: random.Random, tmp_path: Path) -> None:
    collection = collection_of(rng, 8)
    names = list(collection)
    files = write_collection(tmp_path / "in", collection)
    path, whole = tmp_path / "a.agc", tmp_path / "whole.agc"
    assert panarc_command("create", "--force", "--keep-case", "-o", path, *files[:2]).returncode == 0
    assert panarc_command("append", "--in-place", path, files[2]).returncode == 0
    assert panarc_command("append", "--in-place", "--keep-case", path, *files[3:5]).returncode == 0
    check_case(path, {name: collection[name] for name in names[:5]})
    for name in names[5:]:
        with panarc.append(path) as builder:
            builder.add_sample(name, collection[name])
    check_case(path, collection)
    # An archive that grew is about as large as one made at once.
    assert panarc_command("create", "--keep-case", "-o", whole, *files).returncode == 0
    size = [sum(len(payload) for _, payload in read_streams(archive)[STREAM]) for archive in (path, whole)]
    assert size[0] == size[1]


@pytest.mark.parametrize("name", ["default", "many", "format1", "format2", "old-append", "w-extra"])
def test_append_onto_upper_case(name: str, rng: random.Random, tmp_path: Path) -> None:
    new = collection_of(rng, 2, 5000)
    path, out = GOLDEN / f"{name}.agc", tmp_path / "a.agc"
    with panarc.open(path) as archive:
        old = {sample: [(contig.header, contig[:]) for contig in archive[sample]] for sample in archive.samples}
        with archive.append(output=out, keep_case=True) as builder:
            for sample, records in new.items():
                builder.add_sample(sample, records)
    assert case_of(out) == "kept"
    with panarc.open(out) as archive:
        found = {sample: [(contig.header, contig[:]) for contig in archive[sample]] for sample in archive.samples}
    assert found == old | new
    with panarc.append(path, output=tmp_path / "b.agc") as builder:
        builder.add_sample("s0", new["s0"])
    assert case_of(tmp_path / "b.agc") == "upper"


@pytest.fixture
def grafted(rng: random.Random, tmp_path: Path) -> tuple[Path, Collection]:
    """An archive with lower case of fewer samples: as programs leave it that copy streams they do not know."""
    collection = collection_of(rng)
    path = tmp_path / "grafted.agc"
    create(path, dict(list(collection.items())[:-1]))
    case = read_streams(path)[STREAM]
    create(path, collection, keep_case=False)
    write_streams(path, read_streams(path) | {STREAM: case})
    return path, collection


def test_what_is_for_other_samples_is_not_used(grafted: tuple[Path, Collection]) -> None:
    path, collection = grafted
    assert case_of(path) == "stale"
    check(path, collection)
    assert b"Lower case       : kept for other samples, so not used\n" in panarc_command("info", path).stdout
    assert json.loads(panarc_command("info", "--json", path).stdout)["case"] == "stale"
    # It goes when the archive is written anew.
    for keep_case, case in (False, "upper"), (True, "kept"):
        out = path.with_name(f"{case}.agc")
        with panarc.append(path, output=out, keep_case=keep_case) as builder:
            builder.add_sample("new", {"c": b"acGT"})
        assert (STREAM in read_streams(out), case_of(out)) == (keep_case, case)
        with panarc.open(out) as archive:
            assert archive["new"]["c"][:] == (b"acGT" if keep_case else b"ACGT")
            assert archive["s0"]["all"][:].isupper()


def test_other_names_are_other_samples(rng: random.Random, tmp_path: Path) -> None:
    collection = collection_of(rng, 2, 2000)
    path = tmp_path / "a.agc"
    create(path, collection)
    case = read_streams(path)[STREAM]
    create(path, {f"S{name[1:]}": records for name, records in collection.items()}, keep_case=False)
    write_streams(path, read_streams(path) | {STREAM: case})
    assert case_of(path) == "stale"


def test_what_a_later_version_writes_is_not_used(rng: random.Random, tmp_path: Path) -> None:
    collection = collection_of(rng, 2, 2000)
    path = tmp_path / "a.agc"
    create(path, collection)
    streams = read_streams(path)
    content = streams[STREAM][-1][1][:-4]
    # The version is part of what the checksum is of.
    streams[STREAM][-1] = 2, content + zlib.crc32((2).to_bytes(8, "little") + content).to_bytes(4, "little")
    write_streams(path, streams)
    assert case_of(path) == "later"
    check(path, collection)
    with pytest.raises(panarc.ParameterError, match="a later version of panarc wrote its lower case"):
        panarc.append(path)


def test_damage_is_told_and_case_never_wrong(rng: random.Random, tmp_path: Path) -> None:
    collection = collection_of(rng, 3, 200_000)
    whole, path = tmp_path / "whole.agc", tmp_path / "a.agc"
    create(whole, collection)
    streams = read_streams(whole)
    assert len(streams[STREAM]) > 1
    told = 0
    for _ in range(120):
        parts = [(metadata, bytearray(payload)) for metadata, payload in streams[STREAM]]
        number = rng.randrange(len(parts))
        metadata, payload = parts[number]
        match rng.randrange(4):
            case 0:
                metadata = rng.choice([0, 1, metadata + 1, metadata - 1, 1 << 40, (1 << 64) - 1])
            case 1:
                del payload[rng.randrange(len(payload)) :]
            case 2:
                parts.insert(number, parts[rng.randrange(len(parts))])
                number += 1
            case _:
                payload[rng.randrange(len(payload))] ^= 1 << rng.randrange(8)
        parts[number] = metadata, payload
        write_streams(path, streams | {STREAM: [(metadata, bytes(payload)) for metadata, payload in parts]})
        with panarc.open(path) as archive, panarc.open(path, upper=True) as upper:
            try:
                used = archive.info.case == "kept"
                for name, records in collection.items():
                    for header, letters in records:
                        assert archive[name][header][:] == (letters if used else letters.upper())
            except panarc.CorruptArchiveError as error:
                assert STREAM in str(error)
                told += 1
            assert upper["s1"]["short runs"][:] == collection["s1"][1][1].upper()
    assert told > 60


def test_case_beyond_a_contig_is_told(rng: random.Random, tmp_path: Path) -> None:
    """Samples of the same names whose sequence is another one: nothing but the length can tell."""
    path = tmp_path / "a.agc"
    create(path, {"s": [("c", bases(rng, 3000).lower())]})
    case = read_streams(path)[STREAM]
    create(path, {"s": [("c", bases(rng, 2000))]}, keep_case=False)
    write_streams(path, read_streams(path) | {STREAM: case})
    with panarc.open(path) as archive, pytest.raises(panarc.CorruptArchiveError, match="beyond the end"):
        archive["s"]["c"].sequence()


def test_statistics_and_facts(rng: random.Random, tmp_path: Path) -> None:
    path = tmp_path / "a.agc"
    create(path, collection_of(rng))
    with panarc.open(path) as archive:
        stats = archive.stats()
    assert stats.size == path.stat().st_size
    assert stats.bytes["case"] >= sum(len(payload) for _, payload in read_streams(path)[STREAM])
    assert stats.bytes["other"] == 0
    assert b"Lower case " in panarc_command("stats", path).stdout
    assert b"Lower case       : kept\n" in panarc_command("info", path).stdout
    assert json.loads(panarc_command("info", "--json", path).stdout)["case"] == "kept"


def test_agc_reads_and_appends(agc: Path, rng: random.Random, tmp_path: Path) -> None:
    collection = collection_of(rng)
    for records in collection.values():
        # In AGC an empty contig ends what it reads.
        del records[4]
    files = write_collection(tmp_path / "in", collection)
    path, out = tmp_path / "a.agc", tmp_path / "out.agc"
    create(path, dict(list(collection.items())[:-1]))
    for name, records in list(collection.items())[:-1]:
        wanted = [(header, letters.upper()) for header, letters in records]
        assert parse_fasta(run_agc(agc, "getset", path, name)) == wanted
    run_agc(agc, "append", "-o", out, path, files[-1])
    assert case_of(out) == "upper"
    check(out, collection)
    # A program that had kept the stream would have left it stale.
    write_streams(out, read_streams(out) | {STREAM: read_streams(path)[STREAM]})
    assert case_of(out) == "stale"
    check(out, collection)


def test_an_open_archive_is_read_by_many_threads(rng: random.Random, tmp_path: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    collection = collection_of(rng, 4)
    path = tmp_path / "a.agc"
    create(path, collection)
    with panarc.open(path, cache_bytes=0) as archive, ThreadPoolExecutor(8) as pool:
        wanted = [(name, header, letters) for name, records in collection.items() for header, letters in records] * 3
        found = pool.map(lambda ask: archive[ask[0]][ask[1]][:], wanted)
        assert all(one == letters for one, (_, _, letters) in zip(found, wanted, strict=True))
