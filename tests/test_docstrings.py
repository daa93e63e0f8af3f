"""Examples in docstrings run as they stand, each in a folder with `pop.agc` and `genomes/`."""

from __future__ import annotations

import doctest
import importlib
import inspect
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

import panarc
from helpers import write_genomes

MODULES = (
    "archive",
    "builder",
    "building",
    "config",
    "contig",
    "extraction",
    "opened",
    "region",
    "repaired",
    "sample",
    "writers",
)


def examples() -> list[doctest.DocTest]:
    finder = doctest.DocTestFinder(exclude_empty=True)
    modules = [panarc, *(importlib.import_module(f"panarc.{name}") for name in MODULES)]
    found = [test for module in modules for test in finder.find(module, globs={"panarc": panarc})]
    return [test for test in found if test.examples]


def public() -> Iterator[tuple[str, str]]:
    """Yield public functions, and methods of public classes, each with its docstring."""
    for name in panarc.__all__:
        value = getattr(panarc, name)
        if inspect.isfunction(value):
            yield name, value.__doc__ or ""
        elif inspect.isclass(value) and not issubclass(value, BaseException):
            for member, method in inspect.getmembers(value, inspect.isfunction):
                if method.__module__.startswith("panarc.") and not member.startswith("_"):
                    yield f"{name}.{member}", method.__doc__ or ""


@pytest.fixture(scope="module")
def collection(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("docstrings")
    write_genomes(folder / "genomes")
    with panarc.create(folder / "pop.agc") as builder:
        for name in "abc":
            builder.add_fasta(folder / "genomes" / f"{name}.fa")
    return folder


@pytest.mark.parametrize("test", examples(), ids=lambda test: test.name)
def test_example(test: doctest.DocTest, collection: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(shutil.copytree(collection, tmp_path / "example"))
    said: list[str] = []
    result = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test, out=said.append)
    assert result.attempted == len(test.examples)
    assert result.failed == 0, "".join(said)


def test_all_that_is_public_has_an_example() -> None:
    names = dict(public())
    assert {"open", "create", "append", "Archive.fetch", "Contig.fetch", "ContigWriter.write"} <= names.keys()
    assert [name for name, text in names.items() if ">>> " not in text] == []


def test_no_example_is_skipped() -> None:
    flags = [example.options for test in examples() for example in test.examples]
    assert not any(options.get(doctest.SKIP) for options in flags)
