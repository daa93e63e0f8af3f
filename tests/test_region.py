"""Region strings, and what `Archive.fetch` makes of them."""

import itertools
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

import panarc
from panarc import AmbiguousContigError, ContigNotFoundError, ParameterError, RangeError, Region, SampleNotFoundError

RANDOM = random.Random(7)
CHR = bytes(RANDOM.choices(b"ACGTN", k=3000))
PLAIN = bytes(RANDOM.choices(b"ACGT", k=700))
COLON = bytes(RANDOM.choices(b"ACGT", k=600))
IUPAC = b"ACGTURYSWKMBDHVN"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[panarc.Archive]:
    path = tmp_path_factory.mktemp("region") / "a.agc"
    with panarc.create(path, threads=1) as builder:
        builder.add_sample("a", {"chr:1-20": COLON, "chr": CHR, "x:9": PLAIN, "codes": IUPAC})
        builder.add_sample("b", {"chr": CHR[::-1], "alone one": PLAIN})
    with panarc.open(path) as archive:
        yield archive


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("chrI", Region("chrI")),
        ("chrI:1-1", Region("chrI", 0, 1)),
        ("chrI:1,001-2,000", Region("chrI", 1000, 2000)),
        ("chrI:1001-", Region("chrI", 1000)),
        ("HLA:01:5-9", Region("HLA:01", 4, 9)),
        ("a:b", Region("a:b")),
        ("a:1-2-3", Region("a:1-2-3")),
        ("a:1,01-5", Region("a:1,01-5")),
        (":1-5", Region(":1-5")),
        ("a:-5", Region("a", 0, 5)),
        ("a:7", Region("a", 6)),
        ("a:1,007", Region("a", 1006)),
        ("a:-", Region("a:-")),
        ("a b:2-3", Region("a b", 1, 3)),
    ],
)
def test_parse(text: str, expected: Region) -> None:
    assert panarc.parse_region(text) == expected


@pytest.mark.parametrize("text", ["c:0-5", "c:6-5", "c:0", "c:-0"])
def test_parse_refuses(text: str) -> None:
    with pytest.raises(ParameterError, match=f"region '{text}'"):
        panarc.parse_region(text)


def test_strings_count_from_one_and_integers_from_zero(store: panarc.Archive) -> None:
    assert store.fetch("chr:1,001-2,000", sample="a") == CHR[1000:2000]
    assert store.fetch("chr:2991-", sample="a") == CHR[2990:]
    assert store.fetch("chr", sample="a") == CHR
    assert store.fetch("chr", 1000, 2000, sample="a") == CHR[1000:2000]
    assert store.fetch("chr", 2990, sample="a") == CHR[2990:]
    assert store.fetch("chr", end=5, sample="a") == CHR[:5]
    assert store.fetch("chr", 5, 5, sample="a") == b""


def test_names_with_colons_go_first(store: panarc.Archive) -> None:
    assert store.fetch("chr:1-20", sample="a") == COLON
    assert store.fetch("chr:1-21", sample="a") == CHR[:21]
    assert store.fetch("chr:1-20:3-4", sample="a") == COLON[2:4]
    assert store.fetch("chr:1-20", 2, 4, sample="a") == COLON[2:4]
    assert store.fetch("x:9") == PLAIN
    assert store.fetch("x:9:1-3") == PLAIN[:3]


def test_without_a_sample_only_one_may_have_the_contig(store: panarc.Archive) -> None:
    assert store.fetch("alone:11-20") == PLAIN[10:20]
    assert store.fetch("alone one:11-20") == PLAIN[10:20]
    assert store.contig("alone").sample.name == "b"
    with pytest.raises(AmbiguousContigError, match=r"contig 'chr' is in several samples \(a, b\)") as caught:
        store.fetch("chr:5-7")
    assert isinstance(caught.value, KeyError)
    with pytest.raises(ContigNotFoundError, match="no contig named 'nosuch'"):
        store.fetch("nosuch:1-2")
    with pytest.raises(ContigNotFoundError, match="no contig named 'alone' in sample 'a'"):
        store.fetch("alone", sample="a")
    with pytest.raises(SampleNotFoundError, match="no sample named 'c'"):
        store.fetch("chr", sample="c")


@pytest.mark.parametrize(("start", "end"), [(-1, 5), (5, 3001), (3001, 3001), (-5, None)])
def test_outside(store: panarc.Archive, start: int, end: int | None) -> None:
    with pytest.raises(RangeError, match="is outside contig 'chr' of length 3000") as caught:
        store.fetch("chr", start, end, sample="a")
    assert isinstance(caught.value, IndexError)


def test_a_range_that_ends_before_it_begins(store: panarc.Archive) -> None:
    message = r"range \[7, 6\) ends before it begins \(contig 'chr' of length 3000\)"
    with pytest.raises(RangeError, match=message):
        store.fetch("chr", 7, 6, sample="a")
    message = r"region 'chr' \[7, 6\): it ends before it begins, in contig 'chr' of length 3000"
    with pytest.raises(RangeError, match=message):
        store.fetch_many([("a", "chr", 7, 6)])


def test_a_range_without_end_that_begins_beyond_the_contig(store: panarc.Archive) -> None:
    assert store.fetch("chr:3000-", sample="a") == CHR[2999:]
    with pytest.raises(RangeError, match=r"^region 'chr:4,000': it begins beyond the end of contig 'chr' of"):
        store.fetch_many(["chr:4,000"], sample="a")
    with pytest.raises(RangeError, match=r"^region 'chr' \[4000, \): it begins beyond the end of"):
        store.fetch_many([("a", "chr", 4000, None)])
    with pytest.raises(RangeError, match=r"^range \[4000, \) is outside contig 'chr' of length 3000$"):
        store.fetch("chr", 4000, sample="a")


def test_clamp(store: panarc.Archive) -> None:
    assert store.fetch("chr", -10, 5, sample="a", clamp=True) == CHR[:5]
    assert store.fetch("chr:2,995-9,999", sample="a", clamp=True) == CHR[2994:]
    assert store.fetch("chr", 4000, 5000, sample="a", clamp=True) == b""
    assert store.fetch("chr", 9, 3, sample="a", clamp=True) == b""
    with pytest.raises(RangeError):
        store.fetch("chr:2995-9999", sample="a")


def test_strand(store: panarc.Archive) -> None:
    assert store.fetch("codes", strand="-") == b"NBDHVKMWSRYAACGT"
    pairs = dict(zip(b"ACGTN", b"TGCAN", strict=True))
    for start, end in itertools.combinations((0, 1, 64, 999, 3000), 2):
        expected = bytes(pairs[base] for base in reversed(CHR[start:end]))
        assert store.fetch("chr", start, end, sample="a", strand="-") == expected
    with pytest.raises(ParameterError, match="strand"):
        store.fetch("chr", sample="a", strand="reverse")  # type: ignore[arg-type]


def test_open_of_what_is_none(tmp_path: Path) -> None:
    with pytest.raises(panarc.MissingFileError, match="nosuch") as missing:
        panarc.open(tmp_path / "nosuch.agc")
    assert isinstance(missing.value, FileNotFoundError)
    (tmp_path / "text").write_bytes(b"this is no archive, whatever its name may be")
    with pytest.raises(panarc.CorruptArchiveError, match="text"):
        panarc.open(tmp_path / "text")
