"""Adapters answer as the libraries in whose place they stand: the same calls on both, on the same bases."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyfaidx
import pysam
import pytest
from Bio import SeqIO

import panarc
from helpers import fasta, iupac
from panarc.adapters import Fasta, FastaFile, FetchError, seq_records

Answer = tuple[str, Any]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two samples; the FASTA of the first is what the other libraries read."""
    made = tmp_path_factory.mktemp("adapters")
    rng = random.Random("adapters")
    records = []
    for name, length in (("chr1 first one", 4000), ("chr2", 61), ("scaffold:3-4 odd", 600)):
        letters = bytearray(iupac(rng, length).replace(b"U", b"T"))
        letters[length // 3 : length // 2] = letters[length // 3 : length // 2].lower()
        letters[:5] = b"NNnnN"
        records.append((name, bytes(letters)))
    (made / "a.fa").write_bytes(fasta(records, 60))
    with panarc.create(made / "x.agc", keep_case=True) as builder:
        builder.add_fasta(made / "a.fa")
        builder.add_sample("b", {"chr1": b"ACGT", "z": b"GG"})
    return made


def answer(call: str, **names: Any) -> Answer:
    """What a call gives, in words that both sides have, or the kind of its error."""
    try:
        return "gives", plain(eval(call, names))
    except Exception as error:
        kinds = (KeyError, IndexError, ValueError, TypeError, AttributeError)
        return "raises", next((kind.__name__ for kind in kinds if isinstance(error, kind)), "error")


def plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, (str, bytes, int, float, bool, type(None))):
        return value
    if hasattr(value, "fancy_name"):
        # Without positions, pyfaidx's orientation is an error.
        orientation = None if value.start is None else value.orientation
        return value.fancy_name, value.name, value.seq, value.start, value.end, orientation
    if hasattr(value, "long_name"):
        return "record", value.name, value.long_name, len(value), str(value)
    return [plain(one) for one in value]


@pytest.fixture
def samtools(folder: Path) -> Iterator[tuple[pysam.FastaFile, FastaFile]]:
    with pysam.FastaFile(str(folder / "a.fa")) as theirs, FastaFile(folder / "x.agc", "a") as ours:
        yield theirs, ours


PYSAM = """
f.references
f.lengths
f.nreferences
len(f)
'chr1' in f
'chr9' in f
5 in f if False else None
f.is_open()
f.closed
f.fetch('chr1', 0, 5)
f.fetch('chr1', 5)
f.fetch('chr1', 5, 5)
f.fetch('chr1', 6, 5)
f.fetch('chr1', -1, 5)
f.fetch('chr1', 0, -1)
f.fetch('chr1', 3990, 5000)
f.fetch('chr1', 5000, 5001)
f.fetch('chr1', 5000)
f.fetch('chr1', None, 3)
f.fetch(reference='chr2', start=2, end=4)
f.fetch('chr2')
f.fetch('chr9')
f.fetch('chr1:2-5')
f.fetch()
f.fetch(region='chr1:2-5')
f.fetch(region='chr1')
f.fetch(region='chr9:1-3')
f.fetch(region='chr1:5-2')
f.fetch(region='chr1:0-2')
f.fetch(region='chr1:x-2')
f.fetch('chr1', region='chr2:1-2')
f.get_reference_length('chr2')
f.get_reference_length('chr9')
f['chr2']
f['chr9']
list(f)
""".strip().splitlines()


@pytest.mark.parametrize("call", PYSAM)
def test_as_pysam(samtools: tuple[pysam.FastaFile, FastaFile], call: str) -> None:
    theirs, ours = samtools
    assert answer(call, f=ours) == answer(call, f=theirs)


def test_random_windows_as_pysam(samtools: tuple[pysam.FastaFile, FastaFile]) -> None:
    theirs, ours = samtools
    rng = random.Random("windows")
    for _ in range(300):
        name = rng.choice(theirs.references)
        start, end = rng.randrange(4100), rng.randrange(4100)
        call = f"f.fetch({name!r}, {start}, {end})"
        assert answer(call, f=ours) == answer(call, f=theirs)


def test_closed_as_pysam(folder: Path) -> None:
    theirs, ours = pysam.FastaFile(str(folder / "a.fa")), FastaFile(folder / "x.agc", "a")
    theirs.close()
    ours.close()
    for call in ("f.closed", "f.is_open()", "f.fetch('chr1')", "len(f)"):
        assert answer(call, f=ours) == answer(call, f=theirs)
    ours.close()
    store = panarc.open(folder / "x.agc")
    with FastaFile(store, "b") as other:
        assert other.fetch("chr1") == "ACGT"
        assert other.filename == str(folder / "x.agc").encode()
        assert "sample 'b'" in repr(other)
    assert not store.closed


def test_all_samples(folder: Path) -> None:
    with FastaFile(folder / "x.agc") as every, Fasta(folder / "x.agc") as other:
        assert every.references == ["a#chr1", "a#chr2", "a#scaffold:3-4", "b#chr1", "b#z"] == other.keys()
        assert every.lengths == [4000, 61, 600, 4, 2]
        assert every.fetch("b#chr1", 1, 3) == "CG" == str(other["b#chr1"][1:3])
        assert every.fetch(region="b#chr1:2-3") == "CG"
        assert every.fetch(region="a#scaffold:3-4:10-20") == every.fetch("a#scaffold:3-4", 9, 20)
        assert "c#chr1" not in every
        assert "chr1" not in every
    with pytest.raises(panarc.SampleNotFoundError):
        FastaFile(folder / "x.agc", "c")


PYFAIDX = """
list(f.keys())
list(f.values())
list(f.items())
list(f)
len(f)
'chr1' in f
'chr9' in f
f['chr1']
f['chr9']
f[0]
f[1]
f[3]
len(f['chr1'])
f['chr1'][0:5]
f['chr1'][5]
f['chr1'][0]
f['chr1'][-1]
f['chr1'][-5:]
f['chr1'][:]
f['chr1'][3:3]
f['chr1'][5:2]
f['chr1'][3990:5000]
f['chr1'][0:10:2]
f['chr1'][::-1]
f['chr1'][9:3:-1]
-f['chr1'][1300:1400]
(-f['chr1'][1300:1400])[3:10]
-(-f['chr1'][1300:1400])
f['chr1'][1300:1400].reverse
f['chr1'][1300:1400].complement
f['chr1'][1300:1400].complement.reverse
f['chr1'][0:12][2:5]
f['chr1'][0:12][2]
f['chr1'][10:20][2:5]
len(f['chr1'][0:5])
f['chr1'][0:500].gc
f['chr1'][0:500].gc_strict
f['chr1'][0:5] == 'NNnnN'
list(f['chr1'])
list(f['chr2'])
str(f['chr2'])
f['chr2'].unpadded_len
f.get_seq('chr1', 1, 5)
f.get_seq('chr1', 100, 150, rc=True)
f.get_seq('chr1', 0, 5)
f.get_seq('chr1', 1, 5000)
f.get_seq('chr9', 1, 5)
f.get_spliced_seq('chr1', [[1, 3], [50, 70]])
f.get_spliced_seq('chr1', [[1, 3], [50, 70]], rc=True)
f['scaffold:3-4'][10:20]
""".strip().splitlines()

OPTIONS: list[dict[str, Any]] = [
    {},
    {"as_raw": True},
    {"strict_bounds": True},
    {"one_based_attributes": False},
    {"sequence_always_upper": True},
]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("call", PYFAIDX)
def test_as_pyfaidx(folder: Path, call: str, options: dict[str, Any]) -> None:
    theirs = pyfaidx.Fasta(str(folder / "a.fa"), **options)
    with Fasta(folder / "x.agc", "a", **options) as ours:
        expected, found = answer(call, f=theirs), answer(call, f=ours)
    theirs.close()
    if options.get("as_raw") and expected in (("raises", "TypeError"), ("raises", "AttributeError")) and "get_" in call:
        # pyfaidx takes its own text for a Sequence.
        assert found[0] == "gives"
        with Fasta(folder / "x.agc", "a") as ours:
            assert found[1] == eval(call, {"f": ours}).seq
    else:
        assert found == expected


def test_names_as_pyfaidx(folder: Path) -> None:
    for options in ({"read_long_names": True}, {"key_function": str.upper}):
        theirs = pyfaidx.Fasta(str(folder / "a.fa"), **options)
        ours = Fasta(folder / "x.agc", "a", **options)
        assert ours.keys() == list(theirs.keys())
        for name in ours.keys():  # noqa: SIM118
            assert plain(ours[name][3:9]) == plain(theirs[name][3:9])
    with pytest.raises(ValueError, match="same name"):
        Fasta(folder / "x.agc", "a", key_function=lambda _name: "x")


def test_arrays_as_pyfaidx(folder: Path) -> None:
    theirs, ours = pyfaidx.Fasta(str(folder / "a.fa")), Fasta(folder / "x.agc", "a")
    assert (np.asarray(ours["chr2"]) == np.asarray(theirs["chr2"])).all()
    assert [str(line) for line in reversed(ours["chr2"])] == [str(line) for line in reversed(theirs["chr2"])]
    assert repr(ours["chr2"]) == repr(theirs["chr2"])
    assert repr(ours["chr2"][3:5]) == repr(theirs["chr2"][3:5])
    with pytest.raises(FetchError):
        ours["chr2"][61]


def test_as_biopython(folder: Path) -> None:
    theirs = list(SeqIO.parse(folder / "a.fa", "fasta"))  # type: ignore[no-untyped-call]
    store = panarc.open(folder / "x.agc")
    ours = list(seq_records(store, ["a"]))
    assert [(record.id, record.name, record.description, str(record.seq)) for record in ours] == [
        (record.id, record.name, record.description, str(record.seq)) for record in theirs
    ]
    assert [record.annotations["sample"] for record in seq_records(store)] == ["a"] * 3 + ["b"] * 2


# --- systematically --------------------------------------------------------------------------------------------------

GRID_BASES = b"ACGTNRYKac" + b"GATTACAC" * 7 + b"NNn"


@pytest.fixture(scope="module")
def grid(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Contigs that end at, before and behind the end of a line, in every order."""
    made = tmp_path_factory.mktemp("grid")
    records = [(f"c{length}", GRID_BASES[:length]) for length in (6, 1, 5, 10, 4, 9)]
    (made / "g.fa").write_bytes(fasta(records, 5))
    with panarc.create(made / "g.agc", keep_case=True) as builder:
        builder.add_fasta(made / "g.fa")
    return made


GRID_OPTIONS: list[dict[str, Any]] = [
    {},
    {"strict_bounds": True},
    {"as_raw": True},
    {"one_based_attributes": False},
    {"default_seq": "N"},
    {"default_seq": "x", "sequence_always_upper": True, "one_based_attributes": False},
    {"strict_bounds": True, "as_raw": True, "sequence_always_upper": True},
    {"build_index": True, "rebuild": False, "read_ahead": None},
]

#: What is done with a stretch. `None` for what text cannot do.
AFTER = ["{}", "{}[::-1]", "-{}", "{}[1:]", "{}[:-1]", "{}[0:0]", "{}[::2]", "(-{})[1:3]", "-(-{})", "{}.reverse[2:4]"]


def shows(call: str, fasta: Any) -> Answer:
    return answer(call, f=fasta)


@pytest.mark.parametrize("options", GRID_OPTIONS, ids=str)
@pytest.mark.parametrize("name", ["c6", "c1", "c10", "c9"])
def test_all_stretches_as_pyfaidx(grid: Path, name: str, options: dict[str, Any]) -> None:
    """Each start and end there can be, and some that there cannot; by `get_seq`, `fetch` and slices."""
    length, raw = int(name[1:]), options.get("as_raw", False)
    with pyfaidx.Fasta(str(grid / "g.fa"), **options) as theirs, Fasta(grid / "g.agc", "g", **options) as ours:
        calls = []
        for start in range(-1, length + 4):
            for end in range(-1, length + 4):
                calls.append(f"f.get_seq({name!r}, {start}, {end})")
                calls.append(f"f.faidx.fetch({name!r}, {start}, {end})")
                calls.append(f"f[{name!r}][{start}:{end}]")
                calls += [f"f[{name!r}][{start}:{end}:{step}]" for step in (1, 2, 3, -1, -2)]
            calls += [f"f[{name!r}][{start}:]", f"f[{name!r}][:{start}]", f"f[{name!r}][{start}::-1]"]
            calls.append(f"f[{name!r}][-{length}:{start}]")
            if -length <= start < length:
                calls.append(f"f[{name!r}][{start}]")
        for number, call in enumerate(calls):
            for after in AFTER if not raw and number % 5 == 0 else AFTER[:1]:
                made = after.format(call)
                assert shows(made, ours) == shows(made, theirs), made
        for call in ("list(f[{!r}])", "str(f[{!r}])", "len(f[{!r}])", "f.faidx.get_long_name({!r})"):
            if "list" not in call:
                assert shows(call.format(name), ours) == shows(call.format(name), theirs)


@pytest.mark.parametrize(("start", "end"), [(1, 9), (0, 9), (9, 1), (0, 8)])
def test_all_slices_of_sequences_as_pyfaidx(start: int, end: int) -> None:
    from panarc.adapters.sequence import Sequence

    seq = "ACGTTGCAN"[: abs(end - start) + (start > 0 and end > 0)]
    theirs, ours = pyfaidx.Sequence("c", seq, start, end), Sequence("c", seq, start, end)
    keys: list[Any] = [None, *range(-11, 12)]
    for low in keys:
        for high in keys:
            for step in (None, 1, 2, -1, -2):
                key = slice(low, high, step)
                assert plain(ours[key]) == plain(theirs[key]), key
                assert plain(-ours[key]) == plain(-theirs[key]), key
    for place in range(-11, 11):
        call = f"f[{place}]"
        assert answer(call, f=ours) == answer(call, f=theirs)


@pytest.mark.parametrize(
    "options",
    [
        {"split_char": "|"},
        {"split_char": "|", "duplicate_action": "first"},
        {"split_char": "|", "duplicate_action": "last"},
        {"split_char": "|", "duplicate_action": "longest"},
        {"split_char": "|", "duplicate_action": "shortest"},
        {"split_char": "|", "duplicate_action": "drop"},
        {"split_char": "|", "duplicate_action": "drop", "filt_function": lambda name: name != "gi"},
        {"filt_function": lambda name: name.startswith("g")},
        {"key_function": lambda name: name[::-1], "filt_function": lambda name: name.endswith("g")},
        {"duplicate_action": "nothing"},
        {"read_ahead": "much"},
    ],
    ids=lambda options: " ".join(f"{name}={value}" for name, value in options.items() if isinstance(value, str)) or "-",
)
def test_names_that_are_made_as_pyfaidx(tmp_path: Path, options: dict[str, Any]) -> None:
    records = [("gi|1|x one", b"ACGT"), ("gi|2|x two", b"ACGTACGT"), ("other", b"AC"), ("gi|3", b"A")]
    (tmp_path / "n.fa").write_bytes(fasta(records, 60))
    with panarc.create(tmp_path / "n.agc") as builder:
        builder.add_fasta(tmp_path / "n.fa")

    def shown(make: Any) -> object:
        try:
            with make() as found:
                return [(name, str(record), record.long_name) for name, record in found.items()]
        except (ValueError, AssertionError):
            return "refused"

    ours = shown(lambda: Fasta(tmp_path / "n.agc", "n", **options))
    assert ours == shown(lambda: pyfaidx.Fasta(str(tmp_path / "n.fa"), **options))


def test_what_an_archive_cannot_do(folder: Path) -> None:
    with pytest.raises(ValueError, match="cannot be written to"):
        Fasta(folder / "x.agc", "a", mutable=True)
    fasta = Fasta(folder / "x.agc", "a", indexname="x.fai", gzi_indexname=None, build_index=False)
    assert fasta.faidx.index["chr2"].rlen == len(fasta.faidx.index["chr2"]) == 61
    assert list(fasta.faidx.index) == fasta.keys() == list(fasta.records)
    assert "chr9" not in fasta.faidx.index
    assert fasta.faidx.filename == str(folder / "x.agc")
    for name in (7.5, b"chr1", None):
        with pytest.raises(TypeError):
            fasta[name]  # type: ignore[index]


@pytest.mark.parametrize("name", ["c6", "c1", "c10", "c9"])
def test_all_stretches_as_pysam(grid: Path, name: str) -> None:
    length = int(name[1:])
    with pysam.FastaFile(str(grid / "g.fa")) as theirs, FastaFile(grid / "g.agc", "g") as ours:
        positions: list[Any] = [None, *range(-2, length + 3), 2.0, "1", b"1"]
        calls = [f"f.fetch({name!r}, {start!r}, {end!r})" for start in positions for end in positions]
        calls += [f"f.fetch({name.encode()!r}, {start!r})" for start in positions]
        spans = [f"{start}-{end}" for start in range(-1, length + 3) for end in range(length + 3)]
        calls += [f"f.fetch(region='{name}:{span}')" for span in spans]
        calls += [f"f.fetch(region={region!r})" for region in ("", name, f"{name}:a-b", "nothing:1-2")]
        calls += [f"f[{name.encode()!r}]", "f.fetch(b'nothing')", "f[b'nothing']"]
        for call in calls:
            assert answer(call, f=ours) == answer(call, f=theirs), call


def test_reading_ahead_as_pyfaidx(grid: Path) -> None:
    """What pyfaidx has read ahead changes what it answers where an end comes before its start: that is left out."""
    with (
        pyfaidx.Fasta(str(grid / "g.fa"), read_ahead=3) as theirs,
        Fasta(grid / "g.agc", "g", read_ahead=3) as ours,
    ):
        for start in range(1, 12):
            for end in range(start, 14):
                assert plain(ours.get_seq("c10", start, end)) == plain(theirs.get_seq("c10", start, end))


def test_names_as_bytes(folder: Path) -> None:
    with FastaFile(str(folder / "x.agc").encode(), b"a") as one, FastaFile(folder / "x.agc") as every:
        assert one.fetch(b"chr1", 3, 9) == one.fetch("chr1", 3, 9) == every.fetch(b"a#chr1", 3, 9)
        assert one.fetch(region=b"chr1:4-9") == one.fetch("chr1", 3, 9)
        assert b"chr2" in one and b"chr9" not in one and b"b#z" in every
        assert one.get_reference_length(b"chr2") == 61
        with pytest.raises(KeyError, match="'chr9'"):
            one.fetch(b"chr9")


def test_records_into_archives(folder: Path, tmp_path: Path) -> None:
    """What Biopython reads, and what it writes to FASTA."""
    from Bio.Seq import MutableSeq, Seq
    from Bio.SeqRecord import SeqRecord

    changing: Any = MutableSeq
    made: list[Any] = [
        SeqRecord(Seq("ACGT"), id="x", description="x whole header"),
        SeqRecord(changing("GGTA"), id="y", description="a comment"),
        SeqRecord(Seq(b"TTTT"), id="z", description=""),
        SeqRecord(Seq(""), id="none", description="two\nlines"),
    ]
    SeqIO.write(made, tmp_path / "made.fa", "fasta")
    parsed = list(SeqIO.parse(folder / "a.fa", "fasta"))  # type: ignore[no-untyped-call]
    with panarc.create(tmp_path / "r.agc", keep_case=True) as builder:
        builder.add_fasta(tmp_path / "made.fa", "written")
        assert builder.add_sample("made", made) == 4
        assert builder.add_sample("parsed", SeqIO.parse(folder / "a.fa", "fasta")) == 3  # type: ignore[no-untyped-call]
        assert builder.add_sample("dict", SeqIO.to_dict(parsed)) == 3  # type: ignore[no-untyped-call]
        builder.add_sample("named", {"another": made[0], "x": made[0].seq, "y": made[1]})
        builder.add_sample("pairs", [("p", Seq("ACGT")), ("q", made[1].seq), made[2]])
        builder.add_sample("unknown", [SeqRecord(Seq("ACGT"), id="u")])
        with builder.sample("streamed") as sample:
            sample.add_contig("s", [Seq("AC"), "GT"])
    with panarc.open(tmp_path / "r.agc") as archive, panarc.open(folder / "x.agc") as store:
        found = {sample: [(contig.header, contig[:]) for contig in archive[sample]] for sample in archive}
        original = [(contig.header, contig[:]) for contig in store["a"]]
    assert found["made"] == found["written"]
    assert found["made"][0] == ("x whole header", b"ACGT")
    assert found["parsed"] == found["dict"] == original
    assert found["named"] == [("another", b"ACGT"), ("x", b"ACGT"), ("y a comment", b"GGTA")]
    assert found["pairs"] == [("p", b"ACGT"), ("q", b"GGTA"), ("z", b"TTTT")]
    assert found["unknown"] == [("u", b"ACGT")]
    assert found["streamed"] == [("s", b"ACGT")]


def test_records_of_any_kind(tmp_path: Path) -> None:
    class Record:
        def __init__(self, id: str, description: str | None, seq: object) -> None:
            self.id, self.description, self.seq = id, description, seq

    with panarc.create(tmp_path / "r.agc") as builder:
        builder.add_sample("s", [Record("a", None, "ACGT"), Record("b", "b c", [b"AC", "GT"])])
    assert panarc.open(tmp_path / "r.agc")["s"].headers == ("a", "b c")


@pytest.mark.parametrize("kind", ["one record", "unknown bases", "no pairs", "text"])
def test_records_that_cannot_be_archived(tmp_path: Path, kind: str) -> None:
    from Bio.Seq import Seq
    from Bio.SeqRecord import SeqRecord

    wrong: dict[str, tuple[Any, str]] = {
        "one record": (SeqRecord(Seq("ACGT"), id="x"), "contigs need names"),
        "unknown bases": ([SeqRecord(Seq(None, 10), id="x")], "sequence of Seq cannot be read"),
        "no pairs": ([b"ACGT"], "pairs of a name and a sequence, or records, not bytes"),
        "text": (["AC"], "pairs of a name and a sequence, or records, not str"),
    }
    given, message = wrong[kind]
    builder = panarc.create(tmp_path / "r.agc")
    with pytest.raises(panarc.Error, match=message):
        builder.add_sample("s", given)
    assert builder.closed
    assert not (tmp_path / "r.agc").exists()
