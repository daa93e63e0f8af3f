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
