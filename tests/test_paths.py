"""Relative paths mean the file that they meant first; paths may be bytes; several where one is expected are refused."""

from __future__ import annotations

import copy
import os
import pickle
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import pytest

import panarc
from panarc.adapters import Fasta, FastaFile, seq_records

BASES = {"A": b"ACGTTGCA" * 40, "B": b"TTTTTTTT" * 40}


class Odd(os.PathLike[bytes]):
    """A path that is bytes."""

    def __init__(self, path: bytes) -> None:
        self.path = path

    def __fspath__(self) -> bytes:
        return self.path


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two folders, each with an archive of the same name; the first is the working directory."""
    for name, bases in BASES.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.fa").write_bytes(b">chr1\n" + bases + b"\n")
        with panarc.create(tmp_path / name / "p.agc") as builder:
            builder.add_sample("s", {"chr1": bases})
    monkeypatch.chdir(tmp_path / "A")
    return tmp_path


def samples(path: Path) -> tuple[str, ...]:
    with panarc.open(path) as archive:
        return archive.samples


@pytest.mark.parametrize("given", ["p.agc", b"p.agc", Path("p.agc"), "./p.agc", "../A/p.agc"], ids=repr)
def test_what_is_open_stays_what_it_is(
    folder: Path, monkeypatch: pytest.MonkeyPatch, given: str | bytes | Path
) -> None:
    archive = panarc.open(given)
    contig = archive["s"]["chr1"]
    before = pickle.dumps((archive, archive["s"], contig))
    monkeypatch.chdir(folder / "B")
    for one, sample, again in (
        (archive, archive["s"], contig),
        pickle.loads(before),
        pickle.loads(pickle.dumps((archive, archive["s"], contig))),
        copy.copy((archive, archive["s"], contig)),
        copy.deepcopy((archive, archive["s"], contig)),
        (copy.copy(archive), copy.deepcopy(archive["s"]), copy.copy(contig)),
    ):
        assert again[:] == sample["chr1"][:] == one.fetch("chr1") == BASES["A"]
        assert (one, again) == (archive, contig)
    assert archive.path == os.fsdecode(given)
    archive.close()
    assert pickle.loads(before)[2][:] == BASES["A"]


def test_pickles_reach_what_links_and_dots_meant(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What ``..`` means depends on the links before it: a path is not simplified."""
    (folder / "deep" / "er").mkdir(parents=True)
    (folder / "A" / "link").symlink_to(folder / "deep" / "er")
    (folder / "deep" / "p.agc").write_bytes((folder / "B" / "p.agc").read_bytes())
    text = pickle.dumps(panarc.open("link/../p.agc")["s"]["chr1"])
    monkeypatch.chdir("/")
    assert pickle.loads(text)[:] == BASES["B"]
    # A link leads where it leads when the archive is opened again.
    link = folder / "current.agc"
    link.symlink_to(folder / "A" / "p.agc")
    text = pickle.dumps(panarc.open(link))
    link.unlink()
    link.symlink_to(folder / "B" / "p.agc")
    assert pickle.loads(text).fetch("chr1") == BASES["B"]


def test_appending_goes_to_what_was_opened(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = panarc.open("p.agc")
    monkeypatch.chdir(folder / "B")
    with archive.append() as builder:
        builder.add_sample("new", {"chr1": b"GGGG" * 40})
    assert samples(folder / "A" / "p.agc") == ("s", "new")
    assert samples(folder / "B" / "p.agc") == ("s",)
    with archive.append(output="more.agc") as builder:
        monkeypatch.chdir(folder)
        builder.add_sample("more", {"chr1": b"GGGG" * 40})
    # A path that is given now means what it means now.
    assert samples(folder / "B" / "more.agc") == ("s", "new", "more")


@pytest.mark.parametrize("existing", [False, True])
@pytest.mark.parametrize("how", ["close", "with", "append"])
def test_builders_write_where_they_were_made(
    folder: Path, monkeypatch: pytest.MonkeyPatch, how: str, existing: bool
) -> None:
    if existing:
        (folder / "A" / "late.agc").write_bytes((folder / "A" / "p.agc").read_bytes())
    if how == "append":
        builder = panarc.append("p.agc", output="late.agc", overwrite=existing)
    else:
        builder = panarc.create("late.agc", overwrite=existing)
    monkeypatch.chdir(folder / "B")
    if how == "with":
        with builder:
            builder.add_sample("new", {"chr1": b"ACGT" * 10})
    else:
        builder.add_sample("new", {"chr1": b"ACGT" * 10})
        builder.close()
    assert samples(folder / "A" / "late.agc") == (("s", "new") if how == "append" else ("new",))
    assert sorted(os.listdir()) == ["a.fa", "p.agc"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
def test_pipes_that_builders_write_to_later(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo("pipe")
    with ThreadPoolExecutor(1) as pool:
        read = pool.submit((folder / "A" / "pipe").read_bytes)
        with panarc.create("pipe") as builder:
            monkeypatch.chdir(folder / "B")
            builder.add_sample("new", {"chr1": b"ACGT" * 10})
        content = read.result(30)
    with panarc.open(BytesIO(content)) as archive:
        assert archive.fetch("chr1") == b"ACGT" * 10
    assert sorted(os.listdir()) == ["a.fa", "p.agc"]


def test_what_callers_do_meanwhile_moves_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Iterables and callbacks of the caller's run within calls that write."""
    archive = panarc.open("p.agc")

    def regions() -> list[str]:
        monkeypatch.chdir(folder / "B")
        return ["chr1:1-8"]

    archive.write_regions("parts.fa", (region for ask in [regions] for region in ask()))
    assert (folder / "A" / "parts.fa").read_bytes() == b">chr1:1-8\nACGTTGCA\n"


def test_repairing_ends_where_it_began(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with panarc.append("p.agc", output="two.agc") as two:
        two.add_sample("t", {"chr1": BASES["A"][:200] + b"G" * 50, "chr2": b"ACCA" * 99})
    whole = Path("two.agc").read_bytes()
    for at in range(0, len(whole), 8):
        damaged = bytearray(whole)
        damaged[at] ^= 255
        Path("two.agc").write_bytes(damaged)
        try:
            found = panarc.repair("two.agc", "repaired.agc", progress=lambda _done: os.chdir(folder / "B"))
        except panarc.CorruptArchiveError:
            continue
        finally:
            monkeypatch.chdir(folder / "A")
        if found.action == "salvage" and found.samples:
            assert len(samples(folder / "A" / "repaired.agc")) == found.samples
            break
    else:
        raise AssertionError("nothing was repaired")
    assert sorted(os.listdir(folder / "B")) == ["a.fa", "p.agc"]


def test_adapters_stay_where_they_are(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ours, other, archive = FastaFile("p.agc", "s"), Fasta(b"p.agc", "s"), panarc.open("p.agc")
    monkeypatch.chdir(folder / "B")
    assert ours.fetch("chr1") == str(other["chr1"]) == BASES["A"].decode()
    assert [str(record.seq) for record in seq_records(archive)] == [BASES["A"].decode()]
    assert ours.filename == b"p.agc"


def test_a_working_directory_that_is_gone(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = folder / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    with pytest.raises(panarc.MissingFileError, match=r"p\.agc: cannot open"):
        panarc.open("p.agc")
    with pytest.raises(panarc.FileError, match=r"late\.agc: cannot create"):
        panarc.create("late.agc")
    assert panarc.open(folder / "A" / "p.agc").fetch("chr1") == BASES["A"]


def test_files_that_are_open_are_told_apart(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open("p.agc", "rb") as first, open(folder / "B" / "p.agc", "rb") as other, open("p.agc", "rb") as again:
        monkeypatch.chdir(folder / "B")
        with panarc.open(first) as one, panarc.open(other) as two, panarc.open(again) as three:
            assert one != two
            assert one == three == panarc.open(folder / "A" / "p.agc")
            assert copy.deepcopy(one["s"]["chr1"])[:] == BASES["A"]
            with pytest.raises(panarc.ParameterError, match="only a local archive"):
                one.append()


# --- bytes, and what is no path --------------------------------------------------------------------------------------

KINDS: list[Callable[[bytes], object]] = [bytes, os.fsdecode, lambda path: Path(os.fsdecode(path)), Odd]


@pytest.mark.parametrize("kind", KINDS, ids=["bytes", "str", "Path", "PathLike[bytes]"])
@pytest.mark.parametrize("name", [b"x.agc", b"caf\xc3\xa9.agc", b"\xff\xfe.agc"], ids=repr)
def test_paths_are_what_open_takes(folder: Path, kind: Callable[[bytes], object], name: bytes) -> None:
    def of(text: bytes) -> str:
        # Whatever it is, it passes as a path.
        return kind(text)  # type: ignore[return-value]

    with panarc.create(of(name)) as builder:
        assert builder.add_fasta(of(b"a.fa")) == 1
        assert builder.add_fasta([of(b"a.fa")], sample="again") == 1
        assert builder.add_records(of(b"../B/a.fa")) == 1
    assert name in os.listdir(b".")
    with panarc.append(of(name), output=of(b"two-" + name)) as builder:
        builder.add_sample("more", {"chr1": b"ACGT"})
    with panarc.open(of(b"two-" + name)) as archive:
        assert archive.samples == ("a", "again", "chr1", "more")
        assert archive.path == os.fsdecode(b"two-" + name)
        archive.write_fasta(of(name + b".fa"), ["more"])
        archive["more"].write_fasta(of(name + b".2.fa"))
        archive.write_regions(of(name + b".3.fa"), ["chr1@more"])
        for number in (b"", b".2", b".3"):
            assert Path(os.fsdecode(name + number + b".fa")).read_bytes() == b">chr1\nACGT\n"
        assert pickle.loads(pickle.dumps(archive["more"]["chr1"]))[:] == b"ACGT"
        assert archive.verify(against={"again": of(b"a.fa"), "a": [of(b"a.fa")]}).ok
    assert panarc.repair(of(name), of(b"repaired.agc")).action == "none"
    assert FastaFile(of(name), "a").filename == name
    assert Fasta(of(name), "a").filename == os.fsdecode(name)


def test_standard_output_by_bytes(folder: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    panarc.open("p.agc").write_fasta(b"-", line_width=0)
    assert capfdbinary.readouterr().out == b">chr1\n" + BASES["A"] + b"\n"


WRONG = [["p.agc"], ("p.agc",), {"p.agc"}, 5, 1.5, None, bytearray(b"p.agc"), object()]


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: type(wrong).__name__)
@pytest.mark.parametrize(
    "call",
    [
        lambda path: panarc.open(path),
        lambda path: panarc.create(path),
        lambda path: panarc.append(path),
        lambda path: panarc.repair(path, "x.agc"),
        lambda path: panarc.repair("p.agc", path),
        lambda path: panarc.open("p.agc").write_fasta(path),
        lambda path: FastaFile(path),
        lambda path: Fasta(path),
    ],
    ids=["open", "create", "append", "repair", "repair to", "write_fasta", "FastaFile", "Fasta"],
)
def test_what_is_no_path_is_refused_by_one_sentence(
    folder: Path, call: Callable[[object], object], wrong: object, request: pytest.FixtureRequest
) -> None:
    called = request.node.callspec.id.split("-")[0]
    if wrong is None and any(called.startswith(name) for name in ("create", "write_fasta")):
        pytest.skip("None is standard output")
    with pytest.raises(panarc.ParameterError) as raised:
        call(wrong)
    text = str(raised.value)
    assert "\n" not in text
    if isinstance(wrong, (list, tuple, set)):
        assert f"not a {type(wrong).__name__} of them" in text
    else:
        assert type(wrong).__name__ in text
    assert sorted(os.listdir()) == ["a.fa", "p.agc"]


@pytest.mark.parametrize("wrong", [5, None, [5], [["a.fa"]], [b"a.fa", None]], ids=repr)
def test_inputs_that_are_no_paths(folder: Path, wrong: object) -> None:
    for add in ("add_fasta", "add_records"):
        builder = panarc.create("new.agc")
        with pytest.raises(panarc.ParameterError, match=r"path"):
            getattr(builder, add)(wrong)
        assert builder.closed
    if wrong is not None:
        with pytest.raises(panarc.ParameterError, match="path"):
            panarc.open("p.agc").verify(against=wrong)  # type: ignore[arg-type]


def test_text_files_are_no_archives(folder: Path) -> None:
    with open("p.agc", encoding="latin-1") as file, pytest.raises(panarc.ParameterError, match="binary file"):
        panarc.open(file)  # type: ignore[arg-type]


@pytest.mark.parametrize("path", ["", b"", "a\0b", "none.agc", "none/x.agc"], ids=repr)
def test_paths_where_nothing_is(folder: Path, path: str | bytes) -> None:
    with pytest.raises(panarc.FileError):
        panarc.open(path)
    with pytest.raises(panarc.FileError):
        panarc.append(path)
    if path in ("", b"", "none/x.agc"):
        with pytest.raises(panarc.FileError):
            panarc.create(path)
