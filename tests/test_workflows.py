"""The workflows of the cookbook do what they say: their commands are run, and by Snakemake itself where it is there."""

from __future__ import annotations

import gzip
import itertools
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from helpers import write_genomes
from test_docs import ROOT, blocks, environment, run

PAGE = "docs/cookbook/pipelines.md"
SAMPLES = ["a", "b", "c"]

_RULE = re.compile(r"^rule (\w+):\n((?:    .*\n|\n)+)", re.MULTILINE)
_DIRECTIVE = re.compile(r"^    (\w+):((?: .*)?\n(?:        .*\n)*)", re.MULTILINE)
_PROCESS = re.compile(r'^process (\w+) \{\n(.*?)    script:\n    """\n(.*?)    """\n\}', re.MULTILINE | re.DOTALL)
_FIELD = re.compile(r"\$\{([^}]+)\}")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder as the page wants it, without an archive."""
    pytest.importorskip("panarc", reason="the package panarc is not installed")
    if shutil.which("bash") is None:
        pytest.skip("there is no bash")
    write_genomes(tmp_path / "genomes")
    (tmp_path / "regions.bed").write_text("chr1@a\t100\t200\nchr1@b\t100\t200\nchr2@c\t0\t50\n")
    return tmp_path


def workflow(language: str) -> str:
    """Return the workflow of a language, which the page has once."""
    (found,) = (block for block in blocks(PAGE, (ROOT / PAGE).read_text("utf-8")) if block.language == language)
    return found.text


def bases(text: str) -> str:
    """Return all bases of FASTA text."""
    return "".join(line for line in text.splitlines() if not line.startswith(">"))


def check_results(folder: Path, samples: Path) -> None:
    """Compare what a workflow made with the genomes."""
    for name in SAMPLES:
        packed = samples / f"{name}.fa.gz"
        original = (folder / "genomes" / f"{name}.fa").read_text()
        assert gzip.decompress(packed.read_bytes()).decode() == original
        assert Path(f"{packed}.fai").stat().st_size and Path(f"{packed}.gzi").stat().st_size
    chromosomes = {
        (name, number): bases(contig)
        for name in SAMPLES
        for number, contig in enumerate((folder / "genomes" / f"{name}.fa").read_text().split("\n>"), start=1)
    }
    # The first line of each contig is its header, which `split` leaves without `>` from the second on.
    wanted = []
    for (name, number), start, end in ((("a", 1), 100, 200), (("b", 1), 100, 200), (("c", 2), 0, 50)):
        sequence = chromosomes[name, number].removeprefix(f"chr{number} sample {name}")
        wanted += [f">{name}#chr{number}:{start + 1}-{end}", sequence[start:end]]
    found = (folder / "windows.fa").read_text()
    assert [line for line in found.splitlines() if line.startswith(">")] == wanted[::2]
    assert bases(found) == "".join(wanted[1::2])
    assert "originals: 6 contigs compared, 0 differences" in (folder / "verified.txt").read_text()


class Files(list[str]):
    """Files of a rule: some by name, and all of them as words of a command."""

    def __init__(self, *given: str | list[str], **named: str | list[str]) -> None:
        super().__init__()
        for files in (*given, *named.values()):
            self += [files] if isinstance(files, str) else files
        self.__dict__.update((name, Files(files)) for name, files in named.items())

    def __format__(self, _: str) -> str:
        return " ".join(self)


def filled(pattern: str, **values: list[str]) -> list[str]:
    """Return a pattern with all combinations of values, as Snakemake's `expand` does."""
    choices = itertools.product(*values.values())
    return [pattern.format(**dict(zip(values, choice, strict=True))) for choice in choices]


def snakemake_commands(text: str) -> Iterator[tuple[str, str]]:
    """Yield rules and their commands, with all fields filled in, in the order in which they can run."""
    names = {
        "SAMPLES": SAMPLES,
        "expand": filled,
        "multiext": lambda stem, *ends: [stem + end for end in ends],
        "given": Files,
        "dict": dict,
    }
    for rule, body in _RULE.findall(text):
        directives = dict(_DIRECTIVE.findall(body))
        if "shell" not in directives:
            continue
        values = {
            "input": eval(f"given({directives['input']})", names),
            "output": eval(f"given({directives['output']})", names),
            "threads": int(directives["threads"]),
            "resources": SimpleNamespace(**eval(f"dict({directives.get('resources', '')})", names)),
        }
        command = eval(directives["shell"].strip(), {})
        wildcards = SAMPLES if any("{sample}" in file for file in values["output"]) else [""]
        for sample in wildcards:
            once = command.format(**values, wildcards=SimpleNamespace(sample=sample))
            yield rule, once.replace("{sample}", sample)


def test_commands_of_snakemake(folder: Path) -> None:
    (folder / "samples").mkdir()  # Snakemake makes folders of outputs.
    ran = []
    for rule, command in snakemake_commands(workflow("snakemake")):
        run(["bash", "-euo", "pipefail", "-c", command], folder)
        ran.append(rule)
    assert ran == ["archive", "verify", "sample", "sample", "sample", "windows"]
    check_results(folder, folder / "samples")


def test_snakemake_itself(folder: Path) -> None:
    snakemake = shutil.which("snakemake", path=environment()["PATH"])
    if snakemake is None:
        pytest.skip("snakemake is not installed (pip install --group pipelines)")
    (folder / "Snakefile").write_text(workflow("snakemake"))
    run([snakemake, "--cores", "2"], folder)
    check_results(folder, folder / "samples")


def interpolated(text: str, values: dict[str, str]) -> str:
    """Return text of Nextflow with its fields filled in."""
    return _FIELD.sub(lambda field: values[field[1]], text)


def test_commands_of_nextflow(folder: Path) -> None:
    values = {
        "task.cpus": "2",
        "task.memory.toMega()": "256",
        "fasta": " ".join(f"genomes/{name}.fa" for name in SAMPLES),
        "archive": "collection.agc",
        "bed": "regions.bed",
    }
    ran = []
    for process, declared, script in _PROCESS.findall(workflow("nextflow")):
        each: list[dict[str, str]] = [{"sample": name} for name in SAMPLES] if "val(sample)" in declared else [{}]
        for own in each:
            fields = values | own
            run(["bash", "-euo", "pipefail", "-c", interpolated(script, fields)], folder)
            for output in re.findall(r"output:\n    .*path ['\"]([^'\"]+)['\"]", declared):
                pattern = interpolated(output, fields)
                assert list(folder.glob(pattern)), f"{process} makes no {pattern}"
            ran.append(process)
    assert ran == ["CREATE", "VERIFY", "SAMPLE", "SAMPLE", "SAMPLE", "WINDOWS"]
    check_results(folder, folder)
