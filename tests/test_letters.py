"""A contig answers as the bytes of its sequence do, and decodes no more than that takes."""

from __future__ import annotations

import random
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import panarc
from panarc import Contig, letters

RNG = random.Random("letters")
#: Repeats, so that matches overlap and meet the borders of windows.
BASES = bytes(RNG.choices(b"ACGT", k=300)) + b"A" * 200 + b"AT" * 150 + b"ACGACGAC" * 40 + b"NNRYK" * 9 + b"T" * 3
LOWER = bytes(RNG.choices(b"ACGTacgt", k=900))
LONG = bytes(RNG.choices(b"ACGT", k=3_000_000))
PAIRS = bytes.maketrans(b"ACGTNRYKacgt", b"TGCANYRMtgca")
CONTIGS = {"mixed": BASES, "one": b"G", "none": b"", "masked": LOWER}


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[panarc.Archive]:
    path = tmp_path_factory.mktemp("letters") / "a.agc"
    with panarc.create(path, segment_size=200, keep_case=True) as builder:
        builder.add_sample("s", CONTIGS)
        builder.add_sample("t", {"mixed": BASES, "other": BASES[:-1] + b"G"})
    with panarc.open(path) as archive:
        yield archive


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Contig]:
    path = tmp_path_factory.mktemp("large") / "a.agc"
    with panarc.create(path) as builder:
        builder.add_sample("s", {"chr1": LONG})
    with panarc.open(path) as archive:
        yield archive["s"]["chr1"]


class Reads:
    """What reads an archive, with what was asked of it."""

    def __init__(self, core: Any) -> None:
        self.core = core
        self.bases = 0

    def fetch(self, stretch: tuple[object, int, int, int, bool]) -> bytes:
        self.bases += stretch[3] - stretch[2]
        found: bytes = self.core.fetch(stretch)
        return found

    def fetch_many(self, stretches: list[tuple[object, int, int, int, bool]]) -> list[bytes]:
        self.bases += sum(stretch[3] - stretch[2] for stretch in stretches)
        found: list[bytes] = self.core.fetch_many(stretches)
        return found


@pytest.fixture
def reads(large: Contig, monkeypatch: pytest.MonkeyPatch) -> Reads:
    reads = Reads(large.sample.archive._native())
    len(large)
    monkeypatch.setattr(type(large.sample.archive), "_native", lambda _self: reads)
    return reads


bounds = st.none() | st.integers(-len(BASES) - 5, len(BASES) + 5)
sought = (
    st.sampled_from([b"", b"A", b"AA", b"AAA", b"AT", b"ATAT", b"TATA", b"ACGACGAC", b"NNRYK", b"a", b"-", 65, 0])
    | st.tuples(st.integers(0, len(BASES)), st.integers(0, 40)).map(lambda at: BASES[at[0] : at[0] + at[1]])
    | st.binary(max_size=3)
)


@pytest.mark.parametrize("window", [1, 2, 3, 7, 64, 1 << 20])
@given(sub=sought, start=bounds, end=bounds)
@example(sub=b"", start=len(BASES), end=None)
@example(sub=b"", start=len(BASES) + 1, end=None)
@example(sub=b"", start=5, end=4)
@example(sub=b"AT", start=-1, end=None)
@settings(max_examples=60)
def test_searching_as_bytes(
    archive: panarc.Archive, window: int, sub: bytes | int, start: int | None, end: int | None
) -> None:
    before, letters.WINDOW = letters.WINDOW, window
    try:
        for sample, name in (("s", "mixed"), ("s", "none"), ("s", "one")):
            contig = archive[sample][name]
            for ours, theirs in ((contig, contig[:]), (-contig, contig[:].translate(PAIRS)[::-1])):
                assert ours.count(sub, start, end) == theirs.count(sub, start, end)
                assert ours.find(sub, start, end) == theirs.find(sub, start, end)
                assert ours.rfind(sub, start, end) == theirs.rfind(sub, start, end)
                assert (sub in ours) == (sub in theirs)
                for call in ("index", "rindex"):
                    try:
                        expected: object = getattr(theirs, call)(sub, start, end)
                    except ValueError as error:
                        with pytest.raises(ValueError, match=re.escape(str(error))):
                            getattr(ours, call)(sub, start, end)
                    else:
                        assert getattr(ours, call)(sub, start, end) == expected
                if isinstance(sub, bytes):
                    for given in (sub, (b"x", sub), ()):
                        assert ours.startswith(given, start, end) == theirs.startswith(given, start, end)
                        assert ours.endswith(given, start, end) == theirs.endswith(given, start, end)
    finally:
        letters.WINDOW = before


ODD: list[Any] = ["ACGT", None, 256, -1, 1.5, [65], ["A"], (b"-", "C"), object()]


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: f"{type(odd).__name__} {odd}" if odd != ODD[-1] else "object")
@pytest.mark.parametrize(
    "call", ["count", "find", "rfind", "index", "rindex", "startswith", "endswith", "__contains__"]
)
def test_what_cannot_be_sought_as_bytes(archive: panarc.Archive, call: str, odd: Any) -> None:
    with pytest.raises((TypeError, ValueError)) as expected:
        getattr(BASES, call)(odd)
    with pytest.raises(expected.type):
        getattr(archive["s"]["mixed"], call)(odd)


def test_whole_sequences_as_bytes(archive: panarc.Archive) -> None:
    for name, bases in CONTIGS.items():
        contig = archive["s"][name]
        assert contig.decode() == contig.decode("utf-8", "replace") == bases.decode()
        assert contig.upper() == bases.upper()
        assert contig.lower() == bases.lower()
        assert bytes(contig) == bases
        for view in (bytearray(b"GAC"), memoryview(b"GAC"), np.frombuffer(b"GAC", np.uint8)):
            assert contig.find(view) == bases.find(b"GAC")
        if sys.version_info >= (3, 12):
            assert memoryview(contig) == bases
            assert b"".join([contig, contig]) == 2 * bases
            assert re.search(b"G", contig) is not None or not bases


def test_unknown_encodings(archive: panarc.Archive) -> None:
    with pytest.raises(LookupError):
        archive["s"]["mixed"].decode("no such encoding")


def test_which_contig_and_which_bases(archive: panarc.Archive) -> None:
    """Contigs are keys: equal are those that are the same contig. Bases are compared by name."""
    contig, same, other = archive["s"]["mixed"], archive["t"]["mixed"], archive["t"]["other"]
    assert contig == archive["s"]["mixed"]
    assert hash(contig) == hash(archive["s"]["mixed"])
    assert contig != same
    assert contig not in [BASES, BASES.decode(), same]
    assert {contig: 1, same: 2, BASES: 3}[archive["s"]["mixed"]] == 1
    assert contig.same_bases(same) and contig.same_bases(BASES) and contig.same_bases(bytearray(BASES))
    assert not contig.same_bases(other)
    assert not contig.same_bases(-contig)
    assert (-contig).same_bases(BASES.translate(PAIRS)[::-1])
    assert not contig.same_bases(BASES + b"A")
    assert not contig.same_bases(BASES.lower())
    assert archive["s"]["none"].same_bases(b"")
    with pytest.raises(TypeError):
        contig.same_bases("ACGT")  # type: ignore[arg-type]


@pytest.mark.parametrize("step", [2, 3, 100, 4095, 4096, 5000, 10**6, 10**9, -1, -2, -4096, -(10**6)])
def test_strides_decode_what_they_need(large: Contig, reads: Reads, step: int) -> None:
    for start, stop in ((None, None), (5, -7), (2_999_999, None), (-1, 10), (2_000_000, 1_000_000)):
        reads.bases = 0
        expected = LONG[start:stop:step]
        assert large[start:stop:step] == expected
        most = len(expected) if abs(step) >= 4096 else len(expected) * abs(step)
        assert reads.bases <= max(1, most)
        other = LONG.translate(PAIRS)[::-1]
        assert (-large)[start:stop:step] == other[start:stop:step]


def test_searching_stops_where_it_has_found(large: Contig, reads: Reads) -> None:
    window = letters.WINDOW
    cases: list[tuple[Callable[[], object], object, int]] = [
        (lambda: large.find(LONG[70:100]), 70, window + 30),
        (lambda: large.rfind(LONG[-90:-60]), len(LONG) - 90, window + 30),
        (lambda: LONG[:60] in large, True, window + 60),
        (lambda: large.startswith(LONG[:20]), True, 20),
        (lambda: large.endswith((b"x" * 9, LONG[-20:])), True, 29),
        (lambda: large.startswith(b"A", 10**9), False, 0),
        (lambda: large.count(b"ACGT", 1000, 2000), LONG.count(b"ACGT", 1000, 2000), 1000),
        (lambda: large.count(b"ACA"), LONG.count(b"ACA"), len(LONG)),
        (lambda: large.find(b"-" * 50), -1, len(LONG) + 3 * 50),
        (lambda: large.same_bases(LONG[:-1]), False, 0),
        (lambda: large.same_bases(b"N" + LONG[1:]), False, window),
    ]
    for call, expected, most in cases:
        reads.bases = 0
        assert call() == expected
        assert reads.bases <= most


def test_builders_take_contigs(archive: panarc.Archive, tmp_path: Path) -> None:
    with panarc.create(tmp_path / "b.agc", keep_case=True) as builder:
        builder.add_sample("s", {contig.header: contig for contig in archive["s"]})
        with builder.sample("t") as sample:
            sample.add_contig("x", -archive["s"]["mixed"])
    with panarc.open(tmp_path / "b.agc") as again:
        assert {contig.header: contig[:] for contig in again["s"]} == CONTIGS
        assert again["t"]["x"].same_bases(-archive["s"]["mixed"])
