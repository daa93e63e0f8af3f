"""The examples of the documents run as they stand."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from helpers import write_genomes

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = (
    "README.md",
    "docs/cookbook.md",
    "docs/cookbook/bacteria.md",
    "docs/cookbook/pangenome.md",
    "docs/cookbook/pipelines.md",
    "docs/cookbook/viruses.md",
    "docs/cookbook/weekly.md",
    "docs/python.md",
)
#: Its examples run one after another in one folder, and their output is that of the page.
TOUR = "docs/start.md"
SKIPPED = "<!-- no-test -->"
TIMEOUT = 120

_FENCE = re.compile(r"(`{3,})\s*(\w*)\s*$")
_LINK = re.compile(r"\]\(([^)\s]+)\)")


@dataclass(frozen=True)
class Block:
    """An example of a document."""

    place: str
    language: str
    text: str
    tested: bool


def blocks(document: str, text: str) -> Iterator[Block]:
    """Yield the fenced blocks of a document; a marker on the last line before a block that is not blank exempts it."""
    before, lines = "", iter(enumerate(text.splitlines(), start=1))
    for number, line in lines:
        if opening := _FENCE.match(line):
            inside: list[str] = []
            for _, inner in lines:
                if inner.rstrip() == opening[1]:
                    break
                inside.append(inner)
            else:
                raise AssertionError(f"{document}, line {number}: the block does not end")
            yield Block(f"{document}:{number}", opening[2], "\n".join(inside) + "\n", before.strip() != SKIPPED)
            before = ""
        elif line.strip():
            before = line


def examples(language: str) -> list[Block]:
    """Return the examples in a language that are to run."""
    found = (block for document in DOCUMENTS for block in blocks(document, (ROOT / document).read_text("utf-8")))
    return [block for block in found if block.language == language and block.tested]


def environment() -> dict[str, str]:
    """Return the environment, with the programs beside the interpreter found first."""
    beside = str(Path(sys.executable).parent)
    return os.environ | {"PATH": beside + os.pathsep + os.environ.get("PATH", ""), "PYTHONUTF8": "1"}


def run(arguments: list[str], folder: Path) -> str:
    """Run an example, which must end well, and return what it printed."""
    done = subprocess.run(
        arguments,
        cwd=folder,
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=TIMEOUT,
    )
    assert done.returncode == 0, f"status {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout


def shell(text: str, folder: Path) -> str:
    """Run an example of the shell."""
    for program in ("panarc", "bash"):
        if shutil.which(program, path=environment()["PATH"]) is None:
            pytest.skip(f"the command {program} is not installed")
    return run(["bash", "-eu", "-o", "pipefail", "-c", text], folder)


def python(text: str, folder: Path) -> str:
    """Run an example of Python."""
    return run([sys.executable, "-W", "error", "-c", text], folder)


@pytest.fixture(scope="module")
def collection(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what all examples expect: the genomes and an archive of them."""
    panarc = pytest.importorskip("panarc", reason="the package panarc is not installed")
    folder = tmp_path_factory.mktemp("docs")
    write_genomes(folder / "genomes")
    with panarc.create(folder / "pop.agc") as builder:
        for name in "abc":
            builder.add_fasta(folder / "genomes" / f"{name}.fa")
    return folder


@pytest.fixture
def folder(collection: Path, tmp_path: Path) -> Path:
    """A copy of the collection that an example may change."""
    return Path(shutil.copytree(collection, tmp_path / "example"))


@pytest.mark.parametrize("block", examples("python"), ids=lambda block: block.place)
def test_python(block: Block, folder: Path) -> None:
    if 'create("pop.agc"' in block.text:
        (folder / "pop.agc").unlink()
    python(block.text, folder)


@pytest.mark.parametrize("block", examples("sh"), ids=lambda block: block.place)
def test_shell(block: Block, folder: Path) -> None:
    if "create -o pop.agc" in block.text:
        (folder / "pop.agc").unlink()
    shell(block.text, folder)


def test_tour(tmp_path: Path) -> None:
    pytest.importorskip("panarc", reason="the package panarc is not installed")
    printed, compared = "", 0
    for block in blocks(TOUR, (ROOT / TOUR).read_text("utf-8")):
        if block.language == "text":
            assert printed == block.text, block.place
            compared += 1
        elif block.tested:
            printed = {"sh": shell, "python": python}[block.language](block.text, tmp_path)
    assert compared >= 5


@pytest.mark.parametrize("document", DOCUMENTS)
def test_documents_have_examples(document: str) -> None:
    found = [block for block in blocks(document, (ROOT / document).read_text("utf-8")) if block.tested]
    assert {"python", "sh"} & {block.language for block in found}
    assert not [block.place for block in found if not block.language], "a block without a language is never tested"


@pytest.mark.parametrize(
    "document", sorted(p.relative_to(ROOT).as_posix() for p in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
)
def test_links_lead_somewhere(document: str) -> None:
    path = ROOT / document
    text = path.read_text("utf-8")
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    anchors = {re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-") for heading in headings}
    for link in _LINK.findall(text):
        if link.startswith("#"):
            assert link[1:] in anchors, link
        elif not re.match(r"[a-z]+:", link):
            assert (path.parent / link.partition("#")[0]).exists(), link


def test_blocks_are_found_and_exempted() -> None:
    text = f"a\n```sh\none\n```\n{SKIPPED}\n\n```python\ntwo\n```\n```python\nthree\n\nfour\n```\n"
    found = [(block.place, block.language, block.text, block.tested) for block in blocks("d", text)]
    assert found == [
        ("d:2", "sh", "one\n", True),
        ("d:7", "python", "two\n", False),
        ("d:10", "python", "three\n\nfour\n", True),
    ]
    with pytest.raises(AssertionError, match="does not end"):
        list(blocks("d", "```sh\n"))
