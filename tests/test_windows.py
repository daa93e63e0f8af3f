"""The scripts that measure windows, and that put everything measured into one table."""

from __future__ import annotations

import json
import sys
from itertools import takewhile
from pathlib import Path
from typing import Any

import pytest

import panarc

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "benches"))

import suite
import windows
from comparison.goals import goal_table, goals_of_comparison, goals_of_windows, publish
from comparison.process import CommandError, Usage
from comparison.window_report import growth_lines, window_table, write_short
from comparison.windows import MEASURES, Library, Readings, WindowPlan, draw_windows, read_windows

# Speaks as AGC's module does, and reads with panarc.
FAKE = """
import panarc

class StringVector(list):
    pass

class CAGCFile:
    def Open(self, path, prefetch):
        self.archive = panarc.open(path)
        return True

    def ListSample(self, names):
        names.extend(sorted(self.archive.samples))

    def ListCtg(self, sample, names):
        names.extend(contig.header for contig in self.archive[sample])

    def GetCtgLen(self, sample, name):
        return len(self.archive[sample][name])

    def GetCtgSeq(self, sample, name, start, end):
        return self.archive.fetch(name, start, end + 1 - LOST, sample=sample).decode()
"""

TITLES = [measure.title for measure in MEASURES]


def module(folder: Path, *, lost: int = 0) -> Path:
    """Write a module that stands in for AGC's; it may lose bases at the end of each window."""
    folder.mkdir()
    path = folder / "py_agc_api.py"
    path.write_text(FAKE.replace("LOST", str(lost)))
    return path


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Make an archive of three samples."""
    path = tmp_path / "a.agc"
    with panarc.create(path) as builder:
        for number in range(3):
            contigs = {
                "chr1 long": b"ACGTTGCA" * (2000 + number),
                f"chr2 of {number}": b"GATTACA" * 300,
                "chr3": b"ACGT",
            }
            builder.add_sample(f"s{number}", contigs)
    return path


def test_windows_are_of_all_places(archive: Path) -> None:
    contigs = [("a", "x", 5), ("a", "y", 4), ("b", "x", 3), ("b", "y", 7)]
    drawn = draw_windows(contigs, WindowPlan(2000, 4, 1, 1))
    assert set(drawn) == {
        *(("a", "x", start, start + 4) for start in range(2)),
        ("a", "y", 0, 4),
        *(("b", "y", start, start + 4) for start in range(4)),
    }
    counts = [drawn.count(window) for window in set(drawn)]
    assert min(counts) > 200
    assert drawn == draw_windows(contigs, WindowPlan(2000, 4, 1, 1))
    assert drawn != draw_windows(contigs, WindowPlan(2000, 4, 1, 1, seed=2))
    with pytest.raises(CommandError, match="no contig has 8 bases"):
        draw_windows(contigs, WindowPlan(1, 8, 1, 1))


def test_libraries_read_the_same(tmp_path: Path, archive: Path) -> None:
    (tmp_path / "work").mkdir()
    fake = {"library": "agc", "module": str(module(tmp_path / "good")), "prefetch": False}
    lossy = {"library": "agc", "module": str(module(tmp_path / "bad", lost=1).parent), "prefetch": True}
    libraries = [
        Library("panarc", archive, {"library": "panarc"}, batches=True),
        Library("good", archive, fake),
        Library("lossy", archive, lossy),
        Library("missing", tmp_path / "none.agc", fake),
    ]
    said: list[str] = []
    ours, good, bad, missing = read_windows(libraries, WindowPlan(30, 500, 2, 2, say=said.append), tmp_path / "work")
    assert list(ours.seconds) == TITLES
    assert all(len(seconds) == 2 and min(seconds) > 0 for seconds in ours.seconds.values())
    assert len(set(ours.digests.values())) == 2, "all measures read the same windows; one lists samples"
    assert ours.error is good.error is None
    assert list(good.seconds) == TITLES[:5]
    assert good.digests.items() < ours.digests.items()
    assert bad.error == "one by one, warm: other bases than panarc"
    assert missing.error is not None
    assert "No such file" in missing.error or "none.agc" in missing.error
    assert str(tmp_path) not in missing.error
    assert any(line.startswith("panarc, one by one, warm 2/2: ") for line in said)


def test_the_script(tmp_path: Path) -> None:
    genomes = tmp_path / "genomes"
    genomes.mkdir()
    for name in "abc":
        (genomes / f"{name}.fa").write_text(f">c {name}\n{'ACGTTGCATT' * 100}\n")
    files = ["--json", str(tmp_path / "all.json"), "--markdown", str(tmp_path / "table.md")]
    numbers = ["--runs", "1", "--windows", "10", "--length", "100", "--fewer", "2"]
    places = ["--workspace", str(tmp_path), "--archives", str(tmp_path)]
    command = f"{sys.executable} -m panarc"
    windows.main(["--panarc", command, "--set", f"tiny={genomes}", *numbers, *places, *files])
    plain = json.loads((tmp_path / "all.json").read_text())
    assert plain["complete"] is True
    assert [(part["name"], part["samples"]) for part in plain["sets"]] == [("tiny", 3), ("tiny-first2", 2)]
    assert {path.name for path in tmp_path.glob("*.agc")} == {"tiny.panarc.agc", "tiny-first2.panarc.agc"}
    for part in plain["sets"]:
        (result,) = part["results"]
        assert list(result["medians"]) == TITLES
    text = (tmp_path / "table.md").read_text()
    assert "### tiny : tiny-first2" in text
    assert str(tmp_path) not in text + (tmp_path / "all.json").read_text()


def test_nothing_to_measure_is_an_error(tmp_path: Path) -> None:
    for arguments in ([], ["--panarc", "panarc"], ["--agc", "agc"]):
        with pytest.raises(SystemExit):
            windows.main(arguments)
    with pytest.raises(SystemExit):
        suite.main(["--data", str(tmp_path / "missing"), "--out", str(tmp_path)])


def readings(name: str, seconds: dict[str, list[float]], error: str | None = None) -> Readings:
    """Make readings of a library."""
    usages = {title: [Usage(1.0, 1.0, 20_000_000)] for title in seconds}
    return Readings(Library(name, Path("none"), {}), seconds, usages, error=error)


def test_tables_of_windows() -> None:
    ours = readings("panarc", {"open and list samples": [0.002], "one by one, warm": [3e-6, 1e-6, 2e-6]})
    theirs = readings("agc", {"one by one, warm": [8e-6]}, error="late")
    lines = window_table("set", 3, [ours, theirs]).splitlines()
    assert lines == [
        "### Windows of set: 3 samples",
        "",
        "| what | panarc | agc | panarc : agc |",
        "| --- | ---: | ---: | ---: |",
        "| open and list samples | 2.00 ms | n/a | n/a |",
        "| one by one, warm | 2.0 µs | 8.0 µs | 0.25 |",
        "| one by one, warm: peak of the process | 20 MB | 20 MB | 1.00 |",
        "",
        "* agc failed: late",
    ]
    few = [readings("panarc", {"one by one, warm": [1e-6]}), readings("agc", {})]
    assert growth_lines([ours, theirs], few, ("many", "few")).splitlines()[-1] == "| one by one, warm | 2.00 | n/a |"
    assert write_short(0.25) == "250 ms"


def test_one_table_of_everything(tmp_path: Path) -> None:
    def result(name: str, wall: float, error: str | None = None) -> dict[str, Any]:
        medians = {"create": {"wall": wall, "cpu": 1.0, "peak": 50_000_000}}
        return {"tool_name": name, "archive_bytes": [1000], "medians": medians, "error": error}

    def library(name: str, warm: float) -> dict[str, Any]:
        return {"library": name, "medians": {"one by one, warm": warm}, "error": None}

    comparison = {
        "sets": [{"name": "x", "results": [result("panarc", 1.0), result("agc", 4.0), result("zstd", 1, "no")]}]
    }
    few = {"name": "x-first2", "samples": 2, "results": [library("panarc", 1e-6)] * 3}
    many = [library("panarc", 2e-6), library("agc", 9e-6), library("agc, prefetching", 8e-6)]
    measured = {"sets": [{"name": "x", "samples": 9, "results": many}, few]}
    lines = goal_table([*goals_of_comparison(comparison), *goals_of_windows(measured)]).splitlines()
    assert lines == [
        "| what | set | panarc | agc | panarc : agc |",
        "| --- | --- | ---: | ---: | ---: |",
        "| archive | x | 1,000 B | 1,000 B | 1.00 |",
        "| create | x | 1.00 s | 4.00 s | 0.25 |",
        "| create, peak | x | 50 MB | 50 MB | 1.00 |",
        "| windows, one by one, warm | x | 2.0 µs | 8.0 µs | 0.25 |",
        "| windows, one by one, warm, 9 : 2 samples | x | 2.00 | 9.00 | 0.22 |",
    ]
    document = tmp_path / "doc.md"
    document.write_text("a\n<!-- measured:begin -->\nold\n<!-- measured:end -->\nb\n")
    for _ in range(2):
        publish(document, "new\n")
        assert document.read_text() == "a\n<!-- measured:begin -->\n\nnew\n\n<!-- measured:end -->\nb\n"
    document.write_text("a\n")
    with pytest.raises(ValueError, match=r"doc\.md has no place"):
        publish(document, "new\n")


def test_documents_have_a_place_for_measurements() -> None:
    for document in (suite.DOCUMENT, suite.README):
        text = document.read_text(encoding="utf-8")
        assert text.count("<!-- measured:begin -->") == text.count("<!-- measured:end -->") == 1


def test_the_readme_shows_some_of_the_measured_rows() -> None:
    measured, shown = (rows(document.read_text(encoding="utf-8")) for document in (suite.DOCUMENT, suite.README))
    assert shown == [row for row in measured if (row[1], row[0]) in suite.IN_README]
    assert len(shown) == len(suite.IN_README)


def rows(document: str) -> list[list[str]]:
    """Return the cells of the first table between the lines that mark measurements."""
    lines = document.partition("<!-- measured:begin -->")[2].partition("| what | set |")[2].splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in takewhile(bool, lines[2:])]
