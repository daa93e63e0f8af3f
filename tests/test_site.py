"""The site has every page, and its reference every public name."""

from __future__ import annotations

import inspect
import re
import xml.etree.ElementTree
from pathlib import Path

import pytest

from test_docs import DOCUMENTS, ROOT, TOUR, blocks
from test_remote_docs import DOCUMENT as REMOTE

DOCS = ROOT / "docs"
PAGES = sorted(path.relative_to(DOCS).as_posix() for path in DOCS.glob("**/*.md"))
#: Pages whose examples are about a checkout, its tools and hours of work.
FOR_DEVELOPERS = {"docs/benchmarks.md", "docs/readers.md", "docs/fuzzing.md"}


def test_every_page_is_in_the_navigation_once() -> None:
    nav = (ROOT / "mkdocs.yml").read_text("utf-8").partition("\nnav:\n")[2].partition("\n\n")[0]
    named = re.findall(r": (\S+\.md)$", nav, re.MULTILINE)
    assert len(named) == len(set(named))
    assert set(PAGES) <= set(named)


def test_reference_has_every_public_name() -> None:
    panarc = pytest.importorskip("panarc", reason="the package panarc is not installed")
    adapters = pytest.importorskip("panarc.adapters")
    told = re.findall(r"^::: (\S+)$", (DOCS / "reference.md").read_text("utf-8"), re.MULTILINE)
    public = [f"panarc.{name}" for name in panarc.__all__ if name != "__version__"]
    public += [f"panarc.adapters.{name}" for name in adapters.__all__]
    assert sorted(told) == sorted(public)


def test_reference_shows_what_classes_inherit() -> None:
    panarc = pytest.importorskip("panarc", reason="the package panarc is not installed")
    entries = re.split(r"^(?=:::|#)", (DOCS / "reference.md").read_text("utf-8"), flags=re.MULTILINE)
    heirs = {
        f"::: panarc.{name}"
        for name in panarc.__all__
        if inspect.isclass(kind := getattr(panarc, name))
        and any(base.__module__.startswith("panarc.") for base in kind.__mro__[1:])
        and not issubclass(kind, Exception)
    }
    assert "::: panarc.Archive" in heirs
    assert heirs == {entry.partition("\n")[0] for entry in entries if "inherited_members: true" in entry}


def test_defaults_of_functions_are_those_of_config() -> None:
    """Signatures repeat them, so that the reference shows values."""
    panarc = pytest.importorskip("panarc", reason="the package panarc is not installed")
    defaults = {name: one.default for name, one in inspect.signature(panarc.Config).parameters.items()}
    for function in (panarc.create, panarc.append, panarc.Archive.append):
        own = {name: one.default for name, one in inspect.signature(function).parameters.items() if name in defaults}
        assert own and own == {name: defaults[name] for name in own}


def test_pages_with_examples_are_tested() -> None:
    with_examples = set()
    for page in PAGES:
        found = blocks(page, (DOCS / page).read_text("utf-8"))
        if any(block.tested and block.language in {"python", "sh"} for block in found):
            with_examples.add(f"docs/{page}")
    assert with_examples - FOR_DEVELOPERS <= {*DOCUMENTS, TOUR, REMOTE}


@pytest.mark.parametrize("drawing", sorted(DOCS.glob("img/*.svg")), ids=lambda path: path.name)
def test_drawings_stand_alone(drawing: Path) -> None:
    text = drawing.read_text("utf-8")
    root = xml.etree.ElementTree.fromstring(text)
    assert root.get("viewBox") and root.get("aria-label")
    assert "prefers-color-scheme: dark" in text
    assert not re.search(r"""(?:href|src)\s*=\s*["'](?!#)|url\((?!#)""", text), "it loads from elsewhere"


@pytest.mark.parametrize("page", PAGES)
def test_drawings_fit_their_page(page: str) -> None:
    """Text is not wrapped as code is; 93 letters fit beside each other where a screen is wide enough for the site."""
    text = (DOCS / page).read_text("utf-8")
    drawings = re.findall(r"^```text\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert [line for drawing in drawings for line in drawing.splitlines() if len(line) > 93] == []
