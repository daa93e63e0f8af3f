"""Which files are which samples: folders, several files for a sample, lists, and flags of C++ AGC."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import panarc
from helpers import fasta, panarc_command, wrap
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
