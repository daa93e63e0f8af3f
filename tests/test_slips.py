"""Slips that users make: what was meant is told, and nothing is lost by them."""

from __future__ import annotations

import bz2
import gc
import gzip
import io
import lzma
import os
import pickle
import random
import re
import subprocess
import sys
import tarfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import zstandard

import panarc
from helpers import GOLDEN, bases, bgzf, fasta, mutate, panarc_command, temporaries
from measured import needs_linux
from panarc import errors
from panarc.cli.pointers import POINTERS
from panarc.cli.verbs import VERBS
from panarc.meant import meant as meant_of

CONTIGS = {"chrI": b"ACGT" * 50, "chrII extra words": b"GATTACA" * 30}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "pop.agc"
    with panarc.create(path) as builder:
        for name in ("S288C", "SK1", "DBVPG6044"):
            builder.add_sample(name, CONTIGS)
    return path


# --- names -----------------------------------------------------------------------------------------------------------


def test_names_that_are_nearly_right(path: Path) -> None:
    archive = panarc.open(path)
    sample, contig = errors.SampleNotFoundError, errors.ContigNotFoundError
    with pytest.raises(sample, match=r"no sample named 'S288c'; is 'S288C' meant\?$"):
        archive["S288c"]
    with pytest.raises(contig, match=r"no contig named 'chrIl' in sample 'SK1'; is 'chrI+' meant\?$"):
        archive["SK1"]["chrIl"]
    with pytest.raises(contig, match=r"'chrll' in sample 'SK1'.*$"):
        archive.fetch("chrll:1-10", sample="SK1")
    with pytest.raises(contig, match=r"no contig named 'chr_I'; is 'chrI' meant\?$"):
        archive.fetch("chr_I")
    with pytest.raises(sample, match=r"is 'DBVPG6044' meant\?$"):
        archive.fetch_many([("DBVPG604", "chrI", 0, 5)])


@pytest.mark.parametrize(
    ("asked", "meant"), [("sk1", "SK1"), ("CHRi", "chrI"), ("I", "chrI"), ("2", "chr2"), ("chrMT", "MT"), ("mt", "MT")]
)
def test_names_of_another_spelling(asked: str, meant: str) -> None:
    assert meant_of(asked, ["S288C", "SK10", "SK1", "chrI1", "chrI", "chr2", "MT"]) == f"; is '{meant}' meant?"


def test_only_so_many_names_are_looked_at() -> None:
    def names() -> Iterator[str]:
        for number in range(10_000):
            yield f"sample{number}"
        pytest.fail("these are too many")

    assert meant_of("sampel7", names()) == "; is 'sample7' meant?"


def test_nothing_heavy_is_loaded_before_a_message_is_read(path: Path) -> None:
    code = (
        "import sys, panarc\n"
        "archive = panarc.open(sys.argv[1])\n"
        "assert archive.get('S288c') is None and 'chrIl' not in archive['SK1']\n"
        "try:\n    archive['S288c']\nexcept KeyError as error:\n    told = error\n"
        "assert 'difflib' not in sys.modules\n"
        "print(told)"
    )
    done = subprocess.run([sys.executable, "-c", code, path], capture_output=True, timeout=60, check=True)
    assert done.stdout.endswith(b"is 'S288C' meant?\n")


def test_names_that_are_like_none(path: Path) -> None:
    archive = panarc.open(path)
    for key in ("nothing of the kind", "", 7):
        with pytest.raises(errors.SampleNotFoundError) as told:
            archive[key]  # type: ignore[index]
        assert "meant" not in str(told.value)
    assert archive.get("S288c") is None


def test_the_question_outlives_the_archive(path: Path) -> None:
    with panarc.open(path) as archive, pytest.raises(errors.ContigNotFoundError) as told:
        archive["SK1"]["chr1"]
    assert "no contig named 'chr1'" in str(told.value)
    with panarc.open(path) as archive, pytest.raises(errors.SampleNotFoundError) as missing:
        archive["S288c"]
    again = pickle.loads(pickle.dumps(missing.value))
    assert type(again) is errors.SampleNotFoundError
    assert str(again) == str(missing.value)
    assert "is 'S288C' meant?" in str(again)


def test_the_command_asks_too(path: Path) -> None:
    for arguments, asked in [(("getset", path, "S288c"), "S288C"), (("getctg", path, "chrI1@SK1"), "chrI")]:
        done = panarc_command(*map(str, arguments))
        assert (done.returncode, done.stdout) == (1, b"")
        assert f"; is '{asked}' meant?" in done.stderr.decode()


def test_a_name_where_names_are_expected(path: Path, tmp_path: Path) -> None:
    archive = panarc.open(path)
    out = tmp_path / "out.fa"
    for call in (
        lambda: archive.records("SK1"),
        lambda: archive.write_fasta(out, "SK1"),
        lambda: archive.table("SK1"),
    ):
        with pytest.raises(panarc.ParameterError, match="'SK1' is one name; a list of names of samples is expected"):
            call()
    regions = "'chrI@SK1' is one region; a list of regions is expected"
    with pytest.raises(panarc.ParameterError, match=regions):
        archive.fetch_many("chrI@SK1")
    with pytest.raises(panarc.ParameterError, match=regions):
        archive.write_regions(out, "chrI@SK1")
    with pytest.raises(panarc.ParameterError, match="b'SK1' is one name"):
        archive.records(b"SK1")  # type: ignore[arg-type]
    assert not out.exists()


def test_a_part_of_a_name() -> None:
    names = ["sample9#1", "sample1#1", "sample1#2", "HG002#1#chr1", "S288C.v2", "x_sample1"]
    for asked, wanted in [
        ("sample1", "sample1#1"),
        ("SAMPLE1", "sample1#1"),
        ("sample1#3", "sample1#2"),
        ("HG002", "HG002#1#chr1"),
        ("chr1", "HG002#1#chr1"),
        ("s288c", "S288C.v2"),
    ]:
        assert meant_of(asked, names) == f"; is '{wanted}' meant?", asked
    assert meant_of("", names) == ""
    assert meant_of("sampl", ["sample1x", "samplx"]) == "; is 'samplx' meant?"


def test_a_sample_where_a_contig_is_expected(path: Path) -> None:
    said = "'S288C' is a sample, not a contig; name one of its contigs, as contig@sample, or extract the whole sample"
    verbs: list[list[str | Path]] = [
        ["fetch", path, "S288C"],
        ["fetch", path, "S288C:1-10"],
        ["fetch", path, "{S288C}:1-10"],
        ["fetch", path, "--sample", "S288C", "S288C"],
        ["getctg", path, "S288C"],
    ]
    for words in verbs:
        done = panarc_command(*words)
        assert done.returncode == 1 and said in done.stderr.decode() and not done.stdout
    archive = panarc.open(path)
    asks: list[Callable[[], object]] = [
        lambda: archive.fetch("S288C"),
        lambda: archive.contig("S288C"),
        lambda: archive.fetch_many(["S288C"]),
    ]
    for ask in asks:
        with pytest.raises(errors.ContigNotFoundError, match="'S288C' is a sample, not a contig"):
            ask()


@pytest.mark.parametrize(
    ("verb", "said"),
    [
        ("faidx", "fetch extracts regions as samtools faidx does"),
        ("list", "listset prints the samples, listctg their contigs"),
        ("ls", "listset"),
        ("extract", "getset extracts samples, getcol all of them"),
        ("remove", "samples cannot be removed from an archive"),
        ("delete", "samples cannot be removed from an archive"),
        ("add", "append adds samples"),
        ("merge", "archives cannot be merged"),
        ("compress", "create makes an archive"),
    ],
)
def test_verbs_of_other_programs(verb: str, said: str) -> None:
    done = panarc_command(verb, "x.agc")
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.decode().startswith(f"panarc: error: there is no verb '{verb}': {said}")
    assert len(done.stderr.splitlines()) == 1


def test_pointers_point_to_verbs() -> None:
    assert not POINTERS.keys() & VERBS.keys()
    for text in POINTERS.values():
        assert set(re.findall(r"[a-z]+", text)) & VERBS.keys() or text == "archives need no index"


# --- files of another kind -------------------------------------------------------------------------------------------


def _tar(data: bytes) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        entry = tarfile.TarInfo("genomes/a.fa")
        entry.size = len(data)
        tar.addfile(entry, io.BytesIO(data))
    return out.getvalue()


FASTA = b">c\nACGT\n"
KINDS = {
    "archive": (None, "this is an AGC archive; 'panarc append' adds FASTA to one"),
    "golden": ((GOLDEN / "toy.agc").read_bytes(), "this is an AGC archive"),
    "tar": (_tar(FASTA), "this is a tar archive; unpack it"),
    "tar.gz": (gzip.compress(_tar(FASTA)), "this is a tar archive; unpack it"),
    "gz.gz": (gzip.compress(gzip.compress(FASTA)), "the file is compressed twice (gzip inside)"),
    "zst.gz": (gzip.compress(zstandard.compress(FASTA)), "the file is compressed twice (zstd inside)"),
    "xz": (lzma.compress(FASTA), "xz-compressed input is not supported"),
    "bz2": (bz2.compress(FASTA), "bzip2-compressed input is not supported"),
    "fastq": (b"@r\nACGT\n+\nIIII\n", "this looks like FASTQ, not FASTA"),
    "protein": (
        b">p\nMKVLAAGIE\n",
        "letter 'L' is not an IUPAC nucleotide code, but an amino acid; is this protein FASTA?",
    ),
    "stop": (b">p\nMKVAAG*\n", "is this protein FASTA?"),
    "html": (b"<!DOCTYPE html>\n<html>", "this looks like an HTML page, not FASTA"),
    "bam": (bgzf(b"BAM\x01\0\0"), "this looks like BAM, not FASTA"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_no_fasta_is_named(kind: str, path: Path, tmp_path: Path) -> None:
    data, said = KINDS[kind]
    file, out = tmp_path / "x.fa", tmp_path / "o.agc"
    file.write_bytes(path.read_bytes() if data is None else data)
    verbs: list[list[str | Path]] = [["create", "-o", out], ["create", "-c", "-o", out], ["append", "-o", out, path]]
    for words in verbs:
        done = panarc_command(*words, file)
        assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (1, b"", 1)
        told = done.stderr.decode()
        assert told.startswith(f"panarc: error: {file}") and said in told and not out.exists()
    assert said in panarc_command("verify", "--against", path, f"S288C={file}").stderr.decode()


# --- what is unlike the rest -----------------------------------------------------------------------------------------


def test_a_sample_that_is_like_none_is_told_of(tmp_path: Path, rng: random.Random) -> None:
    one, other = bases(rng, 60_000), bases(rng, 60_000)
    samples = {"like": mutate(rng, one), "stranger": other, "its like": mutate(rng, other), "short": bases(rng, 900)}
    archive, files = tmp_path / "a.agc", []
    with panarc.create(archive) as builder:
        builder.add_sample("one", {"c": one})
    for name, letters in samples.items():
        files.append(tmp_path / f"{name}.fa")
        files[-1].write_bytes(fasta([("c", letters)]))
    before = {}
    for threads in ("1", "4"):
        out = tmp_path / f"{threads}.agc"
        done = panarc_command("append", "-t", threads, "-o", out, archive, *files)
        assert done.returncode == 0
        said = f"{out}: sample 'stranger' shares nearly nothing with those before it; is it the right one?"
        assert done.stderr.decode() == f"panarc: warning: {said}\n"
        before[threads] = out.read_bytes()
    assert before["1"] == before["4"]
    assert panarc_command("append", "-o", tmp_path / "b.agc", archive, files[0], files[3]).stderr == b""

    builder = panarc.append(archive, output=tmp_path / "c.agc")
    for file in files:
        builder.add_fasta(file)
    with pytest.warns(panarc.UnrelatedSampleWarning, match="sample 'stranger' shares nearly nothing"):
        builder.close()
    assert builder.stats is not None
    assert (builder.stats.unrelated_samples, builder.stats.unrelated) == (1, ["stranger"])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with panarc.append(archive, output=tmp_path / "c.agc", overwrite=True) as builder:
            builder.add_fasta(files[0])
        assert builder.stats is not None and builder.stats.unrelated == []
        # A new archive may be of anything; it is told in the statistics.
        with panarc.create(tmp_path / "d.agc") as builder:
            for file in files[:2]:
                builder.add_fasta(file)
        assert builder.stats is not None and builder.stats.unrelated == ["stranger"]
    many = [(f"s{number}", bases(rng, 12_000)) for number in range(5)]
    (tmp_path / "many.fa").write_bytes(fasta(many))
    said = panarc_command("append", "-c", "-o", tmp_path / "e.agc", archive, tmp_path / "many.fa").stderr.decode()
    assert "5 samples share nearly nothing with those before them ('s0', 's1', 's2', …)" in said


# --- long names ------------------------------------------------------------------------------------------------------


def test_long_names_are_cut(path: Path, tmp_path: Path) -> None:
    long = "x" * 50_000
    (tmp_path / "list").write_text(f"{long}:1-2\n")
    (tmp_path / "r.bed").write_text(f"{long}\t0\t5\n")
    (tmp_path / "x.fa").write_text(f">{long}\nACGT\n>{long}\nACGT\n")
    verbs: list[list[str | Path]] = [
        ["fetch", path, f"{long}:1-2"],
        ["fetch", path, f"chrI@{long}"],
        ["fetch", path, "--sample", long, "chrI"],
        ["fetch", path, "--regions", tmp_path / "list"],
        ["fetch", path, "--bed", tmp_path / "r.bed"],
        ["getctg", path, f"{long}:1-2"],
        ["getset", path, long],
        ["create", "-o", tmp_path / "o.agc", tmp_path / "x.fa"],
    ]
    for words in verbs:
        done = panarc_command(*words)
        assert done.returncode == 1 and len(done.stderr) < 1000 and "x" * 100 in done.stderr.decode()
    archive = panarc.open(path)
    asks: list[Callable[[], object]] = [
        lambda: archive[long],
        lambda: archive["SK1"][long],
        lambda: archive.fetch(long),
        lambda: archive.fetch(long, 1, 2, sample="SK1"),
        lambda: archive.fetch_many([("SK1", long, 1, 2)]),
        lambda: panarc.parse_region(f"{long}:5-2"),
        lambda: archive.table(long),
    ]
    for ask in asks:
        with pytest.raises(panarc.Error) as caught:
            ask()
        assert len(str(caught.value)) < 1000
    with panarc.create(tmp_path / "long.agc") as builder:
        builder.add_sample("s", {long: b"ACGT"})
    with panarc.open(tmp_path / "long.agc") as opened:
        asks = [
            lambda: opened["s"][long].fetch(3, 9),
            lambda: opened["s"][long][9],
            lambda: opened.fetch(f"{long}:9"),
        ]
        for ask in asks:
            with pytest.raises(errors.RangeError) as caught:
                ask()
            assert len(str(caught.value)) < 1000


def test_limits_are_told_in_readable_units(path: Path, tmp_path: Path) -> None:
    (tmp_path / "x.fa").write_bytes(FASTA)
    done = panarc_command("create", "--memory-limit", "5MB", "-o", tmp_path / "o.agc", tmp_path / "x.fa")
    told = re.fullmatch(
        r"panarc: error: memory limit of 5 MB is too small: [\d.]+ MB are in use already; the rest is the least that a"
        r" build takes; the smallest limit that would do is about ([\d.]+ MB)\n",
        done.stderr.decode(),
    )
    assert done.returncode == 1 and told, done.stderr
    enough = panarc.parse_size(told[1]) * 11 // 10
    assert (
        panarc_command("create", "--memory-limit", str(enough), "-o", tmp_path / "o.agc", tmp_path / "x.fa").returncode
        == 0
    )


# --- outputs ---------------------------------------------------------------------------------------------------------


def test_an_archive_in_the_place_of_sequence(path: Path, tmp_path: Path) -> None:
    """`-o *.fa` takes the first file as the output."""
    files = [tmp_path / f"{name}.fa" for name in "abc"]
    for file in files:
        file.write_bytes(b">c\n" + b"ACGT" * 30 + b"\n")
    before = {file: file.read_bytes() for file in tmp_path.iterdir()}
    for verb in (["create", "-o"], ["append", path, "-o"], ["repair", path, "-o"]):
        done = panarc_command(*map(str, [*verb, files[0], *(files[1:] if verb[0] != "repair" else [])]))
        assert done.returncode != 0
        said = done.stderr.decode()
        assert f"{files[0]}: cannot replace: it looks like FASTA" in said
        assert len(said.splitlines()) == 1
        assert {file: file.read_bytes() for file in tmp_path.iterdir()} == before


@pytest.mark.parametrize(("start", "kind"), [(b">c\nA", "FASTA"), (b"\x1f\x8b\x08", "gzip"), (b"\x28\xb5\x2f", "zstd")])
def test_what_an_archive_does_not_replace(tmp_path: Path, start: bytes, kind: str) -> None:
    out = tmp_path / "x"
    out.write_bytes(start)
    with pytest.raises(panarc.FileError, match=f"cannot replace: it looks like {kind}"):
        panarc.create(out)
    assert out.read_bytes() == start
    for other in (b"", b">", b"some text"):
        out.write_bytes(other)
        with panarc.create(out, overwrite=bool(other)) as builder:
            builder.add_sample("s", CONTIGS)
        assert panarc.open(out).samples == ("s",)


def test_what_is_to_be_added_is_no_output(path: Path, tmp_path: Path) -> None:
    with pytest.raises(TypeError):
        panarc.append(path, tmp_path / "new.fa")  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        panarc.open(path).append(tmp_path / "new.fa")  # type: ignore[call-arg]


def test_a_builder_that_is_forgotten(tmp_path: Path) -> None:
    builder = panarc.create(tmp_path / "x.agc")
    builder.add_sample("s", CONTIGS)
    with pytest.warns(ResourceWarning, match=r"unclosed <panarc.Builder '.*x.agc', open>: the archive is not written"):
        del builder
        gc.collect()
    assert list(tmp_path.iterdir()) == []


def test_a_builder_that_is_not_forgotten(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with panarc.create(tmp_path / "x.agc") as builder:
            builder.add_sample("s", CONTIGS)
        given_up = panarc.create(tmp_path / "y.agc")
        given_up.abort()
        with pytest.raises(panarc.ParameterError):
            panarc.create(tmp_path / "z.agc", k=3)
        del builder, given_up
        gc.collect()
    assert [file.name for file in tmp_path.iterdir()] == ["x.agc"]


# --- files that are no archives ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b">c\nACGT\n" * 100, "it looks like FASTA ('panarc create' makes archives of FASTA)"),
        (b"\x1f\x8b\x08\0" * 100, "it looks like gzip ('panarc create' makes archives of FASTA)"),
        (b"\x28\xb5\x2f\xfd" * 100, "it looks like zstd ('panarc create' makes archives of FASTA)"),
        (b"some text\n" * 100, "it begins as none does"),
        (b"BZh91AY&SY" * 100, "it looks like bzip2"),
        (b"\xfd7zXZ\0" * 100, "it looks like xz"),
        (b"PK\x03\x04" * 100, "it looks like zip"),
        (b"pop.agc".ljust(257, b"\0") + b"ustar\x0000" + bytes(500), "it looks like tar; unpack it"),
        (b"@read\nACGT\n+\nIIII\n" * 100, "it looks like FASTQ"),
        (b"LOCUS       AB1 12 bp\n" * 100, "it looks like GenBank"),
        (b"x", "it begins as none does"),
        (b"", "it is empty"),
    ],
)
def test_a_file_that_is_something_else(tmp_path: Path, content: bytes, said: str) -> None:
    path, out = tmp_path / "x.agc", str(tmp_path / "out.agc")
    path.write_bytes(content)
    new = tmp_path / "new.fa"
    new.write_bytes(b">c\nACGT\n")
    for words in (["listset"], ["check"], ["verify"], ["repair", "-o", out], ["append", "-o", out]):
        done = panarc_command(*words, str(path), *([str(new)] if words[0] == "append" else []))
        assert (done.returncode, done.stdout) == (1, b"")
        assert done.stderr.decode() == f"panarc: error: {path}: this is no AGC archive; {said}\n"
    with pytest.raises(errors.CorruptArchiveError, match="no AGC archive"):
        panarc.open(path)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["new.fa", "x.agc"]


def test_an_archive_whose_end_is_lost_is_damaged(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])
    assert b"pop.agc: damaged archive: " in panarc_command("listset", str(path)).stderr


# --- nobody listens --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [[], ["nosuch"], ["getset", "--nosuch"]])
def test_misuse_is_misuse_where_nobody_listens(words: list[str]) -> None:
    for output in ("&-", "/dev/full") if os.path.exists("/dev/full") else ("&-",):
        command = ["sh", "-c", f'exec "$0" "$@" 2>{output}', sys.executable, "-m", "panarc", *words]
        done = subprocess.run(command, stdout=subprocess.PIPE, timeout=60, check=False)
        assert (done.returncode, done.stdout) == (2, b"")


# --- an archive in the place of what is read from it -----------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        ["getset", "-o", "A", "A", "SK1"],
        ["getset", "-o", "LINK", "A", "SK1"],
        ["getset", "-o", "A", "LINK", "SK1"],
        ["getcol", "-o", "A", "A"],
        ["getctg", "-o", "A", "A", "chrI@SK1"],
        ["fetch", "-o", "A", "A", "chrI@SK1:1-5"],
        ["listset", "-o", "A", "A"],
        ["listctg", "--json", "-o", "A", "A"],
        ["info", "-o", "A", "A"],
        ["digest", "-o", "A", "A"],
        ["stats", "--html", "A", "A"],
        ["check", "-o", "A", "A"],
        ["verify", "-o", "A", "A"],
    ],
)
def test_text_does_not_replace_its_archive(path: Path, tmp_path: Path, words: list[str]) -> None:
    link = tmp_path / "link.agc"
    link.symlink_to(path)
    before = path.read_bytes()
    done = panarc_command(*({"A": str(path), "LINK": str(link)}.get(word, word) for word in words))
    assert (done.returncode, done.stdout) in [(1, b""), (2, b"")]
    assert len(done.stderr.splitlines()) == 1
    assert path.read_bytes() == before
    assert link.is_symlink()
    assert sorted(file.name for file in tmp_path.iterdir()) == ["link.agc", "pop.agc"]


def test_text_of_the_module_does_not_replace_its_archive(path: Path, tmp_path: Path) -> None:
    before = path.read_bytes()
    named = tmp_path / "out.fa"
    os.link(path, tmp_path / "out.fa.fai")
    with panarc.open(path) as archive:
        refused = pytest.raises(panarc.FileError, match="it is the archive that is read")
        with refused:
            archive.write_fasta(path)
        with refused:
            archive.write_regions(path, ["chrI@SK1"])
        with refused:
            archive.write_fasta(named, ["SK1"], index=True)
    assert path.read_bytes() == before
    assert sorted(file.name for file in tmp_path.iterdir()) == ["out.fa.fai", "pop.agc"]


# --- modes -----------------------------------------------------------------------------------------------------------


@needs_linux
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o666])
def test_who_may_read_an_archive_may_read_its_successor(path: Path, mode: int) -> None:
    path.chmod(mode)
    builder = panarc.append(path)
    [temporary, *_] = temporaries(path.parent, os.getpid())
    assert temporary.stat().st_mode & 0o077 == 0
    builder.add_sample("new", CONTIGS)
    builder.close()
    assert path.stat().st_mode & 0o777 == mode
    with panarc.create(path, overwrite=True) as builder:
        builder.add_sample("other", CONTIGS)
    assert path.stat().st_mode & 0o777 == mode
