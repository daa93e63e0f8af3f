"""Names of contigs are those of samtools, pysam and pyfaidx; regions come back under names that tell them apart."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pyfaidx
import pysam
import pytest
from Bio import SeqIO

import panarc
from helpers import command, fasta
from panarc import errors
from panarc.adapters import FastaFile
from test_cli import output

LETTERS = [b"ACGTACGTAA" * 3, b"GGGGACGTAA" * 3, b"TTACCCCCGG" * 3, b"CAGTCAGTTT" * 3]

#: Headers, and the names in them.
HEADERS = {
    " chr1 first": "chr1",
    "  chr2  x": "chr2",
    "\tchr3\ty": "chr3",
    "\x0bchr4\x0cq": "chr4",
    "chr5": "chr5",
    "chr6\tz w": "chr6",
    " a:1-5 b": "a:1-5",
    " c@d#e": "c@d#e",
}


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "s.fa"
    path.write_bytes(fasta([(header, LETTERS[number % 4]) for number, header in enumerate(HEADERS)]))
    return path


@pytest.fixture
def archive(source: Path, tmp_path: Path) -> Path:
    with panarc.create(tmp_path / "s.agc") as builder:
        builder.add_fasta(source)
    return tmp_path / "s.agc"


# --- what a contig is called -----------------------------------------------------------------------------------------


def test_names_are_those_of_other_programs(source: Path, archive: Path) -> None:
    names = list(HEADERS.values())
    with pysam.FastaFile(str(source)) as theirs:
        assert list(theirs.references) == names
    os.unlink(f"{source}.fai")
    assert list(pyfaidx.Fasta(str(source)).keys()) == names
    assert [record.id for record in SeqIO.parse(source, "fasta")] == names  # type: ignore[no-untyped-call]

    with panarc.open(archive) as opened:
        sample = opened["s"]
        assert list(sample.headers) == list(HEADERS)
        assert list(sample.keys()) == [contig.name for contig in sample] == [contig.key for contig in sample] == names
        assert [record.name for record in sample.records()] == names
        assert [record.comment for record in sample.records()][:4] == ["first", "x", "y", "q"]
        assert sample.seqcol()["names"] == names
        assert opened.table()["contig"] == names
        assert opened.table()["header"] == list(HEADERS)
        for number, (header, name) in enumerate(HEADERS.items()):
            for asked in (header, name):
                assert sample[asked].sequence() == opened.fetch(asked) == LETTERS[number % 4]
                assert opened.fetch(f"{asked}:2-5") == opened.fetch(asked, 1, 5, sample="s") == LETTERS[number % 4][1:5]
        with pytest.raises(errors.ContigNotFoundError):
            sample[""]
    with FastaFile(archive, "s") as ours:
        assert list(ours.references) == names


def test_the_command_knows_them(archive: Path, source: Path, tmp_path: Path) -> None:
    names = list(HEADERS.values())
    for verb in (["listctg", "--tsv"], ["digest"]):
        assert [line.split("\t")[1] for line in output(*verb, archive).splitlines()[1:]] == names
    regions = [f"{name}:1-4" for name in names]
    wanted = "".join(f">{name}:1-4\n{LETTERS[number % 4][:4].decode()}\n" for number, name in enumerate(names))
    assert output("fetch", archive, *regions) == wanted
    (tmp_path / "r.bed").write_text("".join(f"{name}\t0\t4\n" for name in names))
    assert output("fetch", archive, "--bed", tmp_path / "r.bed") == wanted
    # Text is as it was, blanks and all.
    assert output("getset", "--fai", "-o", tmp_path / "o.fa", archive, "s") == ""
    assert (tmp_path / "o.fa").read_bytes() == source.read_bytes()
    pysam.faidx(str(source))
    assert (tmp_path / "o.fa.fai").read_bytes() == Path(f"{source}.fai").read_bytes()


def test_they_name_samples_too(tmp_path: Path) -> None:
    source, out = tmp_path / "all.fa", tmp_path / "a.agc"
    source.write_bytes(fasta([(" a#1#x one", LETTERS[0]), ("\ta#1#y", LETTERS[1]), ("a#2#x", LETTERS[2])]))
    for split, samples in [
        ("record", ("a#1#x", "a#1#y", "a#2#x")),
        ("pansn", ("a#1", "a#2")),
        ("pansn:sample", ("a",)),
    ]:
        subprocess.run(command("create", "--split", split, "-o", out, source), check=True)
        with panarc.open(out) as opened:
            assert opened.samples == samples
        assert subprocess.run(command("verify", "--split", split, "--against", out, source)).returncode == 0
        out.unlink()


@pytest.mark.parametrize("header", ["", " ", "\t \t", "\x0b"])
def test_a_header_without_a_name(header: str, tmp_path: Path) -> None:
    (tmp_path / "x.fa").write_bytes(f">a\nACGT\n>{header}\nACGT\n".encode())
    with (
        pytest.raises(errors.InputError, match=r"x\.fa, line 3: empty header"),
        panarc.create(tmp_path / "a") as builder,
    ):
        builder.add_fasta(tmp_path / "x.fa")
    empty = pytest.raises(errors.ParameterError, match="cannot be stored: it is empty")
    with empty, panarc.create(tmp_path / "a") as builder:
        builder.add_sample("s", {header: b"ACGT"})
    assert not (tmp_path / "a").exists()


# --- several contigs of one name -------------------------------------------------------------------------------------

SAME = {"c|1 assembly chr6_random": 0, "c|1 assembly chr6": 1, " c|1 chrX": 2, "c|2 other": 3}


@pytest.fixture
def same(tmp_path: Path) -> Path:
    with panarc.create(tmp_path / "same.agc") as builder:
        builder.add_sample("s", {header: LETTERS[number] for header, number in SAME.items()})
    return tmp_path / "same.agc"


@pytest.mark.parametrize("header", ["bare", "sample", "{contig}:{start}-{end}", "{sample}#{contig}:{start}-{end}"])
def test_contigs_of_one_name_are_told_apart(same: Path, header: str, tmp_path: Path) -> None:
    keys = [*list(SAME)[:3], "c|2"]
    (tmp_path / "list").write_text("".join(f"{name}:2-9\n" for name in SAME))
    text = output("fetch", "--header", header, "-l0", same, *(f"{name}:2-9" for name in SAME))
    assert output("fetch", "--header", header, "-l0", same, "--regions", tmp_path / "list") == text
    lines = text.splitlines()
    mark = "s#" if "sample" in header else ""
    assert lines[0::2] == [f">{mark}{key}:2-9" for key in keys]
    assert lines[1::2] == [LETTERS[number][1:9].decode() for number in SAME.values()]
    # What was written is understood.
    again = output("fetch", "--header", header, "-l0", same, *(line[1:] for line in lines[0::2]))
    assert again == text


def test_comments_are_not_said_twice(same: Path) -> None:
    asked = [f"{name}:1-2" for name in SAME]
    for options, last in [(["--comment"], "c|2:1-2 other"), (["--header", "full"], "s#c|2:1-2(+) other")]:
        headers = output("fetch", *options, "-l0", same, *asked).splitlines()[0::2]
        assert headers[3] == f">{last}"
        assert [header.count("assembly") for header in headers] == [1, 1, 0, 0]


def test_tables_tell_them_apart(same: Path) -> None:
    keys = [*list(SAME)[:3], "c|2"]
    with panarc.open(same) as archive:
        assert archive.table()["contig"] == list(archive["s"].keys()) == [contig.key for contig in archive["s"]] == keys
        assert [contig.name for contig in archive["s"]] == ["c|1", "c|1", "c|1", "c|2"]
        for key, number in zip(keys, SAME.values(), strict=True):
            assert archive.fetch(key) == archive["s"][key].sequence() == LETTERS[number]
        with pytest.raises(errors.AmbiguousContigError, match=r"several contigs of sample 's' are called 'c\|1'"):
            archive.fetch("c|1")
    for verb in ("listctg", "digest"):
        options = ["--tsv"] if verb == "listctg" else []
        assert [line.split("\t")[1] for line in output(verb, *options, same).splitlines()[1:]] == keys


@pytest.mark.parametrize("header", ["bare", "sample"])
@pytest.mark.parametrize("name", ["primates", "plastid", "borrelia"])
def test_real_headers_lead_back(name: str, header: str, shared_data: Path, tmp_path: Path) -> None:
    """What is fetched of real genomes has headers that differ, and that are understood."""
    path = shared_data / "real" / f"{name}.agc"
    with panarc.open(path) as archive:
        contigs = [contig for sample in archive.values() for contig in sample]
        regions = [(c.sample.name, c.header, 0, min(5, len(c))) for c in contigs]
        archive.write_regions(tmp_path / "o.fa", regions, header=header, line_width=0)
        lines = (tmp_path / "o.fa").read_text().splitlines()
        headers = [line[1:] for line in lines[0::2]]
        assert len(set(headers)) == len(headers) == len(contigs)
        assert [bases.decode() for bases in archive.fetch_many(headers)] == lines[1::2]


# --- several samples -------------------------------------------------------------------------------------------------


@pytest.fixture
def several(tmp_path: Path) -> Path:
    with panarc.create(tmp_path / "q.agc") as builder:
        for number, name in enumerate(("q1", "q2", "q3#1")):
            builder.add_sample(name, {"chr1 x": LETTERS[number], "chr2": LETTERS[3]})
    return tmp_path / "q.agc"


def headers_of(text: str) -> list[str]:
    return [line[1:] for line in text.splitlines() if line.startswith(">")]


def test_the_sample_is_told_where_there_are_several(several: Path, tmp_path: Path) -> None:
    asked = ["chr1@q1:1-5", "chr1@q2:1-5", "q3#1#chr1:1-5"]
    wanted = ["q1#chr1:1-5", "q2#chr1:1-5", "q3#1#chr1:1-5"]
    text = output("fetch", several, *asked)
    assert headers_of(text) == wanted
    assert output("fetch", several, *wanted) == text
    assert headers_of(output("fetch", "-r", "--comment", several, *asked)) == [f"{name}/rc x" for name in wanted]
    (tmp_path / "list").write_text("\n".join(asked))
    (tmp_path / "r.bed").write_text("chr1@q1\t0\t5\nchr1@q2\t0\t5\nchr1@q3#1\t0\t5\n")
    assert output("fetch", several, "--regions", tmp_path / "list") == text
    assert output("fetch", several, "--bed", tmp_path / "r.bed") == text
    assert headers_of(output("fetch", several, "--sample", "q2", "chr1:1-5", *asked[:1])) == wanted[1::-1]
    with panarc.open(several) as archive:
        target = tmp_path / "o.fa"
        archive.write_regions(target, (region for region in asked))
        assert target.read_text() == text
        archive.write_regions(target, [("q1", "chr1", 0, 5), panarc.Region("chr1", 0, 5, "q2")])
        assert headers_of(target.read_text()) == wanted[:2]
        assert [(record.sample, record.name) for record in archive.records()][::2] == [
            ("q1", "chr1"),
            ("q2", "chr1"),
            ("q3#1", "chr1"),
        ]


def test_nothing_is_told_of_one_sample(several: Path) -> None:
    assert headers_of(output("fetch", several, "chr1@q2:1-5", "q2#chr2", "chr1@q2")) == ["chr1:1-5", "chr2", "chr1"]
    assert headers_of(output("fetch", "--sample", "q3#1", several, "chr1:1-5", "chr1:2-5")) == ["chr1:1-5", "chr1:2-5"]
    own = ["--header", "{contig}"]
    assert headers_of(output("fetch", *own, several, "chr1@q1:1-5", "chr1@q2:1-5")) == ["chr1", "chr1"]


def test_the_sample_is_not_told_twice(tmp_path: Path) -> None:
    """Names as PanSN has them hold their sample already, unless another contig could be meant."""
    path = tmp_path / "pan.agc"
    with panarc.create(path) as builder:
        builder.add_sample("a#1", {"a#1#chr1": LETTERS[0]})
        builder.add_sample("a#2", {"a#2#chr1": LETTERS[1]})
        builder.add_sample("b", {"b#chr1": LETTERS[2], "chr1": LETTERS[3]})
    asked = ["a#1#chr1:1-5", "a#2#chr1:1-5", "b#chr1@b:1-5", "chr1@b:1-5"]
    text = output("fetch", path, *asked)
    assert headers_of(text) == ["a#1#chr1:1-5", "a#2#chr1:1-5", "b#b#chr1:1-5", "b#{chr1}:1-5"]
    assert output("fetch", path, *headers_of(text)) == text
    assert [line for line in text.splitlines() if line[0] != ">"] == [letters[:5].decode() for letters in LETTERS]


@pytest.mark.parametrize(("first", "told"), [(4095, True), (4096, False), (9000, False)])
def test_a_sample_that_comes_late(several: Path, tmp_path: Path, first: int, told: bool) -> None:
    """The first regions decide; none is ever left without its sample where it could be taken for one of another."""
    lines = ["chr1@q1:1-5"] * first + ["chr1@q2:1-5", "chr1@q1:1-5"] * 2
    (tmp_path / "list").write_text("\n".join(lines))
    found = headers_of(output("fetch", several, "--regions", tmp_path / "list"))
    one = "q1#chr1:1-5" if told else "chr1:1-5"
    assert found == [one] * first + ["q2#chr1:1-5", one] * 2


# --- braces ----------------------------------------------------------------------------------------------------------


def test_braces(tmp_path: Path) -> None:
    path = tmp_path / "b.agc"
    with panarc.create(path) as builder:
        builder.add_sample("s", {"chr1": LETTERS[0], "chr1:1-10": LETTERS[1], "{x}": LETTERS[2], "x": LETTERS[3]})
        builder.add_sample("t#1", {"chr1": LETTERS[3], "a}b{:2": LETTERS[2]})
    with panarc.open(path) as archive:
        for query, letters in [
            ("{chr1}:1-10@s", LETTERS[0][:10]),
            ("{chr1}@s:1-10", LETTERS[0][:10]),
            ("s#{chr1}:1-10", LETTERS[0][:10]),
            ("{chr1:1-10}", LETTERS[1]),
            ("{chr1:1-10}:3-4", LETTERS[1][2:4]),
            ("{chr1:1-10}:1,0-4", None),
            ("chr1:1-10", LETTERS[1]),
            ("{x}", LETTERS[2]),
            ("{x}:2", LETTERS[2][1:]),
            ("{{x}}:2", LETTERS[2][1:]),
            ("t#1#{chr1}", LETTERS[3]),
            ("{chr1}@t#1:-3", LETTERS[3][:3]),
            ("{a}b{:2}:3-4", LETTERS[2][2:4]),
            ("{chr9}:1-10", None),
            ("{}", None),
            ("{", None),
        ]:
            if letters is None:
                with pytest.raises(errors.ContigNotFoundError):
                    archive.fetch(query)
            else:
                assert archive.fetch(query) == letters, query
        with pytest.raises(errors.ContigNotFoundError, match=r"no contig named 'chr9'; is 'chr1' meant\?"):
            archive.fetch("{chr9}:1-10")
    # As samtools reads it.
    (tmp_path / "s.fa").write_bytes(fasta([("chr1", LETTERS[0]), ("chr1:1-10", LETTERS[1])]))
    pysam.faidx("-o", str(tmp_path / "theirs.fa"), str(tmp_path / "s.fa"), "{chr1}:1-10")
    theirs = (tmp_path / "theirs.fa").read_text().splitlines()
    # What is written would mean another contig without braces.
    text = output("fetch", path, "{chr1}:1-10@s", "{chr1}:1-9@s", "{chr1:1-10}:1-10@s")
    assert text.splitlines()[0::2] == [">{chr1}:1-10", ">chr1:1-9", ">chr1:1-10:1-10"]
    assert text.splitlines()[:2] == theirs
    for header in ("bare", "sample"):
        told = output("fetch", "--header", header, path, "{chr1}:1-10@s", "{chr1}:1-10@t#1")
        names = [line[1:] for line in told.splitlines()[0::2]]
        assert names == ["s#{chr1}:1-10", "t#1#chr1:1-10"]
        assert output("fetch", "--header", header, path, *names) == told
    region = panarc.Region
    assert panarc.parse_region("{chr1}:1-10") == region("chr1", 0, 10)
    assert panarc.parse_region("{chr1:1-10}") == region("chr1:1-10")
    assert panarc.parse_region("{chr1:1-10}:5-") == region("chr1:1-10", 4)
    assert panarc.parse_region("{chr1") == region("{chr1")
    assert panarc.parse_region("x{chr1}:2-3") == region("x{chr1}", 1, 3)
