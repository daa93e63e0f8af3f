"""Which files are which samples: folders, several files for a sample, lists, and flags of C++ AGC."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import panarc
from helpers import Wrapping, fasta, panarc_command, wrap
from panarc import errors

LETTERS = b"ACGTTGCA" * 40


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three FASTA files, and what is none."""
    folder = tmp_path / "genomes"
    (folder / "more.fa").mkdir(parents=True)
    for name in ("b.fa", "C.FNA", "more.fa/d.fa", ".hidden.fa", "notes.txt", "b.fa.fai"):
        (folder / name).write_bytes(fasta([(f"in {name}", LETTERS)]))
    (folder / "a.fasta.gz").write_bytes(wrap(fasta([("in a", LETTERS)]), "gzip"))
    return folder


def created(*arguments: str | Path, target: Path) -> dict[str, list[str]]:
    """Samples of an archive, and their headers."""
    done = panarc_command("create", "--force", "-o", target, *arguments)
    assert (done.returncode, done.stderr) == (0, b"")
    with panarc.open(target) as archive:
        return {name: [contig.header for contig in sample] for name, sample in archive.items()}


def fails(*arguments: str | Path, target: Path, status: int = 1) -> str:
    """The one line of a run that fails and leaves nothing."""
    done = panarc_command("create", "-o", target, *arguments)
    lines = done.stderr.decode().splitlines()
    assert (done.returncode, done.stdout, len(lines)) == (status, b"", 1), lines
    assert not target.exists()
    return lines[0]


def test_a_folder_stands_for_its_files(folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "a.agc"
    wanted = {"C": ["in C.FNA"], "a": ["in a"], "b": ["in b.fa"]}
    assert created(folder, target=target) == wanted
    (tmp_path / "list").write_text(f"{folder}/more.fa\n{folder}\n")
    assert created("-i", tmp_path / "list", target=target) == {"d": ["in more.fa/d.fa"]} | wanted
    assert created(f"one={folder}", target=target) == {"one": ["in C.FNA", "in a", "in b.fa"]}
    assert list(created("-c", folder, target=target)) == ["in"]


def test_a_folder_without_fasta(folder: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty.fa"
    empty.mkdir()
    (empty / "notes.txt").write_text("none")
    assert f"{empty}: there is no FASTA file in this folder" in fails(folder, empty, target=tmp_path / "a.agc")


def test_a_dangling_link_in_a_folder(folder: Path, tmp_path: Path) -> None:
    (folder / "gone.fa").symlink_to("nowhere")
    assert f"{folder}/gone.fa: cannot open" in fails(folder, target=tmp_path / "a.agc")


def test_several_files_for_a_sample(folder: Path, tmp_path: Path) -> None:
    one, two, three = folder / "b.fa", folder / "C.FNA", folder / "a.fasta.gz"
    target = tmp_path / "a.agc"
    wanted = {"x": ["in b.fa", "in C.FNA"], "a": ["in a"]}
    assert created(f"x={one}", f"x={two}", three, target=target) == wanted
    (tmp_path / "list").write_text(f"x\t{one}\n# the same\n\nx={two}\n{three}\n")
    assert created("-i", tmp_path / "list", target=target) == wanted
    with panarc.create(tmp_path / "b.agc") as builder:
        assert builder.add_fasta([one, str(two)], sample="x") == 2
        assert builder.add_fasta([three]) == 1
    assert (tmp_path / "b.agc").read_bytes() == target.read_bytes()


def test_several_files_need_a_name(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(errors.ParameterError, match="sample name"), panarc.create(tmp_path / "a.agc") as builder:
        builder.add_fasta([folder / "b.fa", folder / "C.FNA"])


def test_equal_headers_in_two_files_of_a_sample(folder: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.fa"
    again.write_bytes(fasta([("new", LETTERS), ("in b.fa", LETTERS)]))
    said = fails(f"x={folder / 'b.fa'}", f"x={again}", target=tmp_path / "a.agc")
    assert f"{again}, line 8, record 'in b.fa': sample 'x' has two contigs named 'in b.fa'" in said


def test_an_empty_file_among_several(folder: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.touch()
    said = fails(f"x={folder / 'b.fa'}", f"x={empty}", target=tmp_path / "a.agc")
    assert f"{empty}: there is no FASTA record in it" in said


@pytest.mark.parametrize(
    "arguments",
    [
        ["x={0}", "{1}", "x={0}"],
        ["b={1}", "{0}"],
        ["{0}", "b={1}"],
        ["{0}", "{0}"],
        ["-c", "x={0}", "{1}", "x={0}"],
    ],
)
def test_a_sample_twice_is_refused(arguments: list[str], folder: Path, tmp_path: Path) -> None:
    files = [argument.format(folder / "b.fa", folder / "C.FNA") for argument in arguments]
    said = fails(*files, target=tmp_path / "a.agc")
    assert "would both be sample" in said
    assert said.count(str(folder)) == 2


def test_paths_with_spaces_and_two_lists(folder: Path, tmp_path: Path) -> None:
    spaced = tmp_path / "a b  c.fa"
    os.rename(folder / "b.fa", spaced)
    (tmp_path / "1").write_text(f"{spaced}\n")
    (tmp_path / "2").write_text(f"a name\t{folder / 'C.FNA'}\n")
    wanted = {"a": ["in a"], "a b  c": ["in b.fa"], "a name": ["in C.FNA"]}
    lists: list[str | Path] = ["-i", tmp_path / "1", "-i", tmp_path / "2"]
    assert created(*lists, folder / "a.fasta.gz", target=tmp_path / "x.agc") == wanted


def test_flags_that_are_not_needed(folder: Path, tmp_path: Path) -> None:
    plain = tmp_path / "plain.agc"
    created(folder, target=plain)
    done = panarc_command("create", "-a", "-f", "0.01", "-d", "-v", "1", "-o", tmp_path / "x.agc", folder)
    assert done.returncode == 0
    said = done.stderr.decode()
    assert "panarc: -a has no effect: what is new in any sample is always adapted to" in said
    assert "panarc: -f has no effect: all references are searched" in said
    assert "panarc: -d has no effect: " in said
    assert (tmp_path / "x.agc").read_bytes() == plain.read_bytes()
    quiet = panarc_command("create", "--force", "-adf", "0.01", "-o", tmp_path / "x.agc", folder)
    assert (quiet.returncode, quiet.stderr) == (0, b"")
    assert "-f: 'much' is no number" in fails("-f", "much", folder, target=tmp_path / "y.agc", status=2)


@pytest.mark.skipif(not os.path.exists("/dev/fd"), reason="there is no /dev/fd")
def test_descriptors_need_a_name(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    with open(reader, "rb"), open(writer, "wb") as text:
        text.write(fasta([("one", LETTERS)]))
        text.close()
        path = f"/dev/fd/{reader}"
        command = [sys.executable, "-m", "panarc", "create", "-o", str(tmp_path / "a.agc")]
        done = subprocess.run([*command, path], capture_output=True, pass_fds=[reader], check=False)
        assert done.returncode == 2 and f"{path} needs a sample name: NAME={path}".encode() in done.stderr
        assert not (tmp_path / "a.agc").exists()
        subprocess.run([*command, f"mine={path}"], pass_fds=[reader], check=True)
    with panarc.open(tmp_path / "a.agc") as archive:
        assert archive["mine"]["one"].sequence() == LETTERS


# --- lists -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("nosuch.fa", "nosuch.fa: cannot open: No such file"),
        ("n\tnosuch.fa", "nosuch.fa: cannot open: No such file"),
        ("n=/dev/null/x", "/dev/null/x: cannot open: "),
        ("other/b.fa", "'{folder}/b.fa' and 'other/b.fa' would both be sample 'b'"),
        ("empty", "empty: there is no FASTA file in this folder"),
        ("-", "standard input needs a sample name"),
        ("/dev/fd/0", "/dev/fd/0 needs a sample name"),
        (">chr1", "the line begins with '>'"),
    ],
)
def test_what_is_wrong_in_a_list_has_its_line(entry: str, said: str, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "b.fa").write_bytes(fasta([("b", LETTERS)]))
    (tmp_path / "empty").mkdir()
    listed = tmp_path / "list"
    listed.write_text(f"# files\r\n\r\n{folder}/b.fa\r\n{entry}\r\n")
    for verb in (["create", "-o", "a.agc"], ["verify", "--against", "nosuch.agc"]):
        done = panarc_command(*verb, "-i", listed, cwd=tmp_path)
        lines = done.stderr.decode().splitlines()
        assert done.returncode in (1, 2) and len(lines) == 1
        assert lines[0].startswith(f"panarc: error: {listed}, line 4: {said.format(folder=folder)}")
    # As an argument it is no line of a list.
    if entry[0] != ">" and "\t" not in entry:
        done = panarc_command("create", "-o", "a.agc", f"{folder}/b.fa", entry, cwd=tmp_path)
        assert done.stderr.decode().startswith(f"panarc: error: {said.format(folder=folder)}")


MARK = b"\xef\xbb\xbf"


@pytest.mark.parametrize("wrapping", ["plain", "gzip", "bgzf", "zstd"])
def test_a_byte_order_mark_is_skipped(wrapping: Wrapping, tmp_path: Path) -> None:
    source, target = tmp_path / "x.fa", tmp_path / "a.agc"
    source.write_bytes(wrap(MARK + fasta([("c d", LETTERS)]), wrapping))
    (tmp_path / "list").write_bytes(wrap(MARK + f"s={source}\r\n".encode(), wrapping))
    assert created("-i", tmp_path / "list", target=target) == {"s": ["c d"]}
    (tmp_path / "r").write_bytes(wrap(MARK + b"c:2-5\r\n  c:2-5\n", wrapping))
    (tmp_path / "b").write_bytes(wrap(MARK + b"c\t1\t5\r\nc 1 5\n", wrapping))
    wanted = f">c:2-5\n{LETTERS[1:5].decode()}\n" * 2
    for option, file in (("--regions", "r"), ("--bed", "b")):
        done = panarc_command("fetch", target, option, tmp_path / file)
        assert (done.returncode, done.stdout.decode(), done.stderr) == (0, wanted, b"")
        # UTF-16 is no text here.
        (tmp_path / file).write_bytes(wrap("c:2-5\n".encode("utf-16"), wrapping))
        done = panarc_command("fetch", target, option, tmp_path / file)
        assert done.returncode == 1 and b"begins with a UTF-16 byte order mark" in done.stderr
