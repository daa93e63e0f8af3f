"""What goes in comes out: every base of synthetic collections, by panarc and by the strict reader of the format."""

from __future__ import annotations

import itertools
import random
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import panarc
from helpers import (
    IUPAC,
    Collection,
    Options,
    bases,
    build,
    check,
    iupac,
    mutate,
    oracle,
    relatives,
    reverse_complement,
    sha256,
    sprinkle,
    write_collection,
)

Case = Callable[[random.Random], Collection]

CASES: list[tuple[Case, Options]] = []


def case(*options: Options) -> Callable[[Case], Case]:
    """Makes a test of a generator, with each of these options."""

    def add(generator: Case) -> Case:
        CASES.extend((generator, chosen) for chosen in options)
        return generator

    return add


@case(
    {},
    {"k": 17, "min_match": 15, "segment_size": 100},
    {"k": 32, "min_match": 32, "segment_size": 1000},
    {"k": 21, "segment_size": 60_000},
    {"segment_size": 1_000_000},
    {"segment_size": 1000, "pack_cardinality": 1},
    {"segment_size": 1000, "pack_cardinality": 3},
    {"k": 24, "segment_size": 2000, "pack_cardinality": 100_000},
    {"level": "smallest"},
    {"level": "smallest", "segment_size": 1000, "pack_cardinality": 3},
)
def family(rng: random.Random) -> Collection:
    return relatives(rng, 7, [90_000, 40_000, 9000, 3000, 700, 90, 31, 1])


@case({}, {"segment_size": 1000}, {"k": 32, "pack_cardinality": 1}, {"level": "smallest"})
def one_sample(rng: random.Random) -> Collection:
    return {"alone": [("chr1", sprinkle(rng, bases(rng, 70_000))), ("chr2", bases(rng, 5))]}


@case({}, {"k": 17, "min_match": 15, "segment_size": 100, "pack_cardinality": 3})
def tiny_contigs(rng: random.Random) -> Collection:
    lengths = [0, 1, 2, 3, 16, 17, 18, 19, 20, 21, 30, 31, 32, 33, 62, 99, 100, 101, 0]
    return {
        f"s{number}": [(f"c{place}", iupac(rng, length)) for place, length in enumerate(lengths)] for number in range(9)
    }


@case({})
def nothing_but_empty_contigs(rng: random.Random) -> Collection:
    return {"a": [("x", b""), ("y", b"")], "b": [("x", b"")]}


@case({}, {"segment_size": 100, "pack_cardinality": 3})
def one_base(rng: random.Random) -> Collection:
    return {f"s{letter}": [("c", bytes([letter]))] for letter in IUPAC}


@case({}, {"k": 17, "segment_size": 100}, {"level": "smallest"})
def repeats(rng: random.Random) -> Collection:
    unit = bases(rng, 171)
    blocks = [b"A" * 30_000, b"T" * 5000, b"N" * 20_000, b"AC" * 4000, b"CAG" * 3000, unit * 60, bases(rng, 9000)]
    collection: Collection = {}
    for number in range(5):
        records = [(f"c{place}", mutate(rng, block, 0.001 * number + 1e-9)) for place, block in enumerate(blocks)]
        joined = b"".join(rng.sample(blocks, len(blocks)))
        collection[f"s{number}"] = [*records, ("joined", joined), ("back", reverse_complement(joined))]
    return collection


@case({"segment_size": 1000}, {"segment_size": 100, "k": 17})
def poly_a_splitters(rng: random.Random) -> Collection:
    left, right = bases(rng, 5000), bases(rng, 5000)
    reference = left + b"A" * 40 + right
    return {
        "reference": [("c", reference)],
        "same": [("c", reference), ("only", bases(rng, 3000) + b"A" * 40 + bases(rng, 3000))],
        "back": [("c", reverse_complement(reference)), ("runs", b"A" * 40 + b"C" + b"A" * 90)],
    }


@case({}, {"segment_size": 1000})
def ambiguity_everywhere(rng: random.Random) -> Collection:
    first = iupac(rng, 30_000)
    return {"a": [("c", first)], "b": [("c", mutate(rng, first)), ("d", iupac(rng, 9000).lower())], "c": [("c", first)]}


@case({}, {"segment_size": 1000, "pack_cardinality": 3})
def unrelated(rng: random.Random) -> Collection:
    return {f"s{number}": [("a", bases(rng, 40_000)), ("b", bases(rng, 700))] for number in range(5)}


@case({}, {"segment_size": 100})
def a_long_stretch_without_splitters(rng: random.Random) -> Collection:
    stranger = bases(rng, 900_000)
    return {
        "small": [("c", bases(rng, 3000))],
        "large": [("c", stranger)],
        "again": [("c", mutate(rng, stranger, 0.001)), ("back", reverse_complement(stranger[:300_000]))],
    }


@case({}, {"segment_size": 1000})
def inversions(rng: random.Random) -> Collection:
    forward = bases(rng, 60_000)
    turned = forward[:20_000] + reverse_complement(forward[20_000:40_000]) + forward[40_000:]
    palindrome = forward[:9000] + reverse_complement(forward[:9000])
    return {
        "a": [("c", forward)],
        "b": [("c", reverse_complement(forward))],
        "c": [("c", turned), ("p", palindrome)],
        "d": [("c", sprinkle(rng, turned)), ("p", reverse_complement(palindrome))],
    }


@case({}, {"pack_cardinality": 3}, {"pack_cardinality": 1})
def two_hundred_samples(rng: random.Random) -> Collection:
    return relatives(rng, 200, [2500, 400], rate=0.002)


@case({}, {"segment_size": 100, "pack_cardinality": 7})
def many_contigs(rng: random.Random) -> Collection:
    contigs = [bases(rng, rng.randint(20, 400)) for _ in range(3000)]
    return {
        f"s{number}": [(f"contig_{place:06}.{number} len={len(c)}", mutate(rng, c)) for place, c in enumerate(contigs)]
        for number in range(3)
    }


@case({})
def strange_headers(rng: random.Random) -> Collection:
    names = ["a", " leading", "trailing ", "a  b", "tab\tin it", "x" * 400, "a|b|c:1-2@z", ">>", "0", "c 1"]
    first = [(name, bases(rng, 300)) for name in ["żółw", *names]]
    second = [("日本 語", bases(rng, 300)), ("é", b"ACGT"), ("a b", b"AC"), ("a", b"C")]
    return {"sämple 1": first, "sample@2": second}


def name_of(value: object) -> str:
    """A readable test id."""
    if isinstance(value, dict):
        return "-".join(f"{key[0]}{number}" for key, number in value.items()) or "defaults"
    return str(getattr(value, "__name__", value))


@pytest.mark.parametrize(("generator", "options"), CASES, ids=name_of)
def test_synthetic(generator: Case, options: Options, rng: random.Random, tmp_path: Path) -> None:
    collection = generator(rng)
    files = write_collection(tmp_path / "fasta", collection)
    archive = tmp_path / "files.agc"
    build(archive, files, options)
    check(archive, collection)
    oracle("verify", archive, *files)

    through_api = tmp_path / "api.agc"
    with panarc.create(through_api, **options) as builder:
        for sample, records in collection.items():
            builder.add_sample(sample, records)
    assert sha256(through_api) == sha256(archive)


@pytest.mark.parametrize("empty", [("first",), ("middle",), ("last",), ("first", "middle", "last")])
@pytest.mark.parametrize("pack_cardinality", [1, 50])
def test_samples_without_contigs(
    empty: tuple[str, ...], pack_cardinality: int, rng: random.Random, tmp_path: Path
) -> None:
    genome = bases(rng, 50_000)
    collection: Collection = {
        "first": [("c", genome)],
        "second": [("c", mutate(rng, genome))],
        "middle": [("c", genome[:20_000])],
        "fourth": [("c", mutate(rng, genome)), ("d", bases(rng, 999))],
        "last": [("c", b"ACGT")],
    }
    collection |= {sample: [] for sample in empty}
    path = tmp_path / "a.agc"
    with panarc.create(path, segment_size=1000, pack_cardinality=pack_cardinality) as builder:
        for sample, records in collection.items():
            builder.add_sample(sample, dict(records))
    check(path, collection)
    kept = {sample: records for sample, records in collection.items() if records}
    oracle("verify", path, *write_collection(tmp_path / "fasta", kept))


def test_samples_written_as_a_stream(rng: random.Random, tmp_path: Path) -> None:
    collection = relatives(rng, 4, [60_000, 2000, 0])
    path = tmp_path / "a.agc"
    with panarc.create(path, segment_size=1000) as builder:
        for sample, records in collection.items():
            with builder.sample(sample) as open_sample:
                for header, letters in records:
                    with open_sample.contig(header) as contig:
                        for at in range(0, len(letters), 777):
                            contig.write(memoryview(letters)[at : at + 777])
    check(path, collection)
    oracle("verify", path, *write_collection(tmp_path / "fasta", collection))


@st.composite
def collections(draw: st.DrawFn) -> Collection:
    """Small collections of pieces that come again, so that groups, deltas and both strands arise."""
    alphabet = st.sampled_from([b"ACGT", b"ACGTN", b"A", b"AC", IUPAC])
    pieces = [
        bytes(random.Random(seed).choices(letters, k=length))
        for seed, letters, length in draw(
            st.lists(st.tuples(st.integers(0, 9), alphabet, st.integers(1, 400)), min_size=1, max_size=6)
        )
    ]
    piece = st.sampled_from(pieces)
    part = st.one_of(
        piece,
        piece.map(reverse_complement),
        piece.map(bytes.lower),
        st.integers(0, 60).map(lambda length: b"N" * length),
        st.binary(max_size=40).map(lambda data: bytes(IUPAC[byte & 15] for byte in data)),
    )
    contig = st.lists(part, max_size=8).map(b"".join)
    samples = draw(st.lists(st.lists(contig, max_size=4), min_size=1, max_size=6))
    return {f"s{i}": [(f"c{j}", letters) for j, letters in enumerate(sample)] for i, sample in enumerate(samples)}


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(
    collection=collections(),
    k=st.sampled_from([17, 21, 31, 32]),
    min_match=st.integers(15, 32),
    segment_size=st.sampled_from([100, 150, 1000]),
    pack_cardinality=st.integers(1, 4),
)
def test_any_small_collection(
    collection: Collection, k: int, min_match: int, segment_size: int, pack_cardinality: int
) -> None:
    options: Options = {
        "k": k,
        "min_match": min_match,
        "segment_size": segment_size,
        "pack_cardinality": pack_cardinality,
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.agc"
        with panarc.create(path, **options) as builder:
            for sample, records in collection.items():
                builder.add_sample(sample, records)
        check(path, collection)


def test_small_collections_by_the_oracle(tmp_path: Path) -> None:
    for seed, (k, size) in enumerate(itertools.product([17, 31, 32], [100, 500])):
        rng = random.Random(seed)
        collection = relatives(rng, 6, [rng.randint(0, 4000) for _ in range(5)], rate=0.02)
        files = write_collection(tmp_path / str(seed), collection)
        path = tmp_path / f"{seed}.agc"
        build(path, files, {"k": k, "segment_size": size, "pack_cardinality": 1 + seed % 4})
        check(path, collection)
        oracle("verify", path, *files)
