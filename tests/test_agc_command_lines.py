"""The command lines of AGC's own manual, with panarc in its place: the same answers on real genomes (PANARC_AGC)."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

import panarc
from helpers import panarc_command

#: Options of `create`, and files, as the manual has them; `col.agc` is made by the line.
CREATE = [
    "create ref.fa in1.fa in2.fa",
    "create ref.fa in1.fa.gz in2.fa.gz",
    "create -i fn.txt ref.fa",
    "create -a -i fn.txt ref.fa",
    "create -i fn.txt -o col.agc ref.fa",
    "create -i fn.txt -o col.agc -k 29 -l 22 -b 100 -t 2 ref.fa",
    "create -d -f 0.01 -s 20000 -o col.agc -v 0 ref.fa in1.fa in2.fa",
]
APPEND = [
    "append base.agc in1.fa in2.fa",
    "append -i fn.txt base.agc -o col.agc",
    "append -a -i fn.txt base.agc -o col.agc",
]
READ = [
    "getcol col.agc",
    "getcol -f -t 2 -l 100 col.agc",
    "getcol -r col.agc",
    "getset col.agc in1",
    "getset -p -t 2 col.agc in1 in2",
    "getset -s -l 61 col.agc ref",
    "getctg col.agc CTG1 CTG2",
    "getctg col.agc CTG1@in1 CTG2@in2",
    "getctg col.agc CTG1@in1:FROM-TO CTG2@in2:7-99",
    "getctg -p col.agc CTG1:FROM-TO CTG2:0-0",
    "listref col.agc",
    "listset col.agc",
    "listctg col.agc in1 in2",
]


@pytest.fixture(scope="module")
def folder(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three genomes under the names of the manual, plain and compressed, and a list of the latter two."""
    folder = tmp_path_factory.mktemp("manual")
    sources = sorted((shared_data / "chlamydia").glob("*.fa*"))[:3] or sorted((shared_data / "chlamydia").iterdir())[:3]
    with panarc.create(folder / "all.agc") as builder:
        for name, source in zip(("ref", "in1", "in2"), sources, strict=True):
            builder.add_fasta(source, sample=name)
    with panarc.open(folder / "all.agc") as archive:
        for name in archive:
            archive[name].write_fasta(folder / f"{name}.fa")
            archive[name].write_fasta(folder / f"{name}.fa.gz", gzip_level=1)
    (folder / "fn.txt").write_text("in1.fa\nin2.fa\n")
    return folder


def answer(program: str | Path, line: str, folder: Path) -> bytes:
    """What a command line prints; an archive that it makes is left as `col.agc`."""
    arguments = line.split()
    done = (
        panarc_command(*arguments, cwd=folder)
        if program == "panarc"
        else subprocess.run([str(program), *arguments], cwd=folder, capture_output=True, timeout=120)
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def made(program: str | Path, line: str, folder: Path) -> list[tuple[str, str, bytes]]:
    """Samples, headers and bases of the archive that a command line makes."""
    (folder / "col.agc").unlink(missing_ok=True)
    printed = answer(program, line, folder)
    if "-o" not in line.split():
        (folder / "col.agc").write_bytes(printed)
    with panarc.open(folder / "col.agc") as archive:
        return [(sample, contig.header, contig.sequence()) for sample in archive for contig in archive[sample]]


@pytest.mark.parametrize("line", CREATE)
def test_create(agc: Path, folder: Path, line: str) -> None:
    assert made("panarc", line, folder) == made(agc, line, folder)


@pytest.mark.parametrize("maker", ["panarc", "agc"])
@pytest.mark.parametrize("line", APPEND)
def test_append(agc: Path, folder: Path, line: str, maker: str) -> None:
    answer(agc if maker == "agc" else maker, "create -o base.agc ref.fa", folder)
    assert made("panarc", line, folder) == made(agc, line, folder)


@pytest.mark.parametrize("maker", ["panarc", "agc"])
@pytest.mark.parametrize("line", READ)
def test_reading(agc: Path, folder: Path, line: str, maker: str) -> None:
    answer(agc if maker == "agc" else maker, "create -o col.agc ref.fa in1.fa in2.fa", folder)
    with panarc.open(folder / "col.agc") as archive:
        first, second = (archive[sample].values()[0].name for sample in ("in1", "in2"))
    line = line.replace("CTG1", first).replace("CTG2", second).replace("FROM-TO", "1000-250000")
    theirs = answer(agc, line, folder)
    if line.startswith("listref"):
        theirs += b"\n"
    assert answer("panarc", line, folder) == theirs


def test_getcol_to_a_folder(agc: Path, folder: Path) -> None:
    answer("panarc", "create -o col.agc ref.fa in1.fa in2.fa", folder)
    texts = []
    for program in ("panarc", agc):
        out = folder / "out"
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir()
        answer(program, "getcol -o out/ col.agc", folder)
        texts.append({path.name: path.read_bytes() for path in out.iterdir()})
    assert texts[0] == texts[1]
    assert sorted(texts[0]) == ["in1.fa", "in2.fa", "ref.fa"]
