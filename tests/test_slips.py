"""Slips that users make: what was meant is told, and nothing is lost by them."""

from __future__ import annotations

import gc
import os
import pickle
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

import panarc
from helpers import panarc_command, temporaries
from measured import needs_linux
from panarc import errors
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
