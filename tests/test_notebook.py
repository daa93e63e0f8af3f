"""How archives look in notebooks: names are shown as text, whatever they are, and keys are completed."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

import pytest

import panarc
from panarc.adapters import Fasta

EVIL = "<script>alert('x & y')</script>"
#: As names are that are not UTF-8.
ODD = b"caf\xe9".decode("utf-8", "surrogateescape")


class Text(HTMLParser):
    """What is seen of HTML, and its tags."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.seen: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.seen.append(data)


KNOWN = {"p", "b", "code", "table", "thead", "tbody", "tr", "th", "td"}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "<i>&.agc"
    with panarc.create(path) as builder:
        builder.add_sample(EVIL, {f"{EVIL} {number}": b"ACGT" * number for number in range(1, 15)} | {"n" * 500: b"A"})
        builder.add_sample("odd", {f"{ODD} <b>": b"ACGT"})
        for number in range(12):
            builder.add_sample(f"s{number}", {"chr1": b"ACGTACGT"})
    return path


def test_html(path: Path) -> None:
    archive = panarc.open(path)
    shown = Text(archive._repr_html_())
    assert set(shown.tags) <= KNOWN
    assert str(path) in shown.seen
    assert EVIL in shown.seen and "odd" in shown.seen and "s7" in shown.seen and "s8" not in shown.seen
    assert ", 14 samples" in shown.seen and "and 4 more" in shown.seen

    sample = archive[EVIL]
    html = sample._repr_html_()
    assert html is not None
    shown = Text(html)
    assert set(shown.tags) <= KNOWN
    assert shown.seen.count(EVIL) == 1
    assert f"{EVIL} 3" in shown.seen and "12" in shown.seen
    assert f", 15 contigs, {4 * 105 + 1} bases" in shown.seen and "and 5 more" in shown.seen

    html = (-sample[f"{EVIL} 14"])._repr_html_()
    assert html is not None
    shown = Text(html)
    assert set(shown.tags) <= KNOWN
    assert f"{EVIL} 14" in shown.seen and ", 56 bases, other strand" in shown.seen
    html = sample["n" * 500]._repr_html_()
    assert html is not None
    assert Text(html).seen[1] == "n" * 100 + "…"
    assert ", 1 base" in Text(html).seen

    # What is no text stands as a mark, and can be sent as UTF-8.
    html = next(iter(archive["odd"]))._repr_html_()
    assert html is not None
    html.encode("utf-8")
    assert "caf? <b>" in Text(html).seen

    archive.close()
    assert ", closed" in "".join(Text(archive._repr_html_()).seen)
    assert archive[EVIL]._repr_html_() is None


def test_what_cannot_be_shown(path: Path) -> None:
    archive = panarc.open(path)
    sample, contig = archive["odd"], panarc.Contig(archive["odd"], 0)
    archive.close()
    assert sample._repr_html_() is None
    assert contig._repr_html_() is None
    assert repr(sample) == "<panarc.Sample 'odd'>"
    assert repr(contig) == "<panarc.Contig 0 of sample 'odd'>"


def test_keys(path: Path) -> None:
    archive = panarc.open(path)
    assert archive._ipython_key_completions_() == list(archive)
    for sample in archive.values():
        keys = sample._ipython_key_completions_()
        assert keys == list(sample.keys())
        assert all(key in sample for key in keys)
    assert Fasta(archive, "s1")._ipython_key_completions_() == ["chr1"]


def test_bases(path: Path) -> None:
    archive = panarc.open(path)
    assert archive[EVIL].bases == 4 * 105 + 1
    assert archive["s1"].bases == 8
    assert [sample.bases for sample in archive.values()] == [
        sum(len(contig) for contig in sample) for sample in archive.values()
    ]
