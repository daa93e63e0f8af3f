"""The page of `panarc stats --html`: well formed, complete in itself, safe, and with the numbers that --json has."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import random
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import html5lib
import pytest

import panarc
from helpers import GOLDEN, bases, mutate, panarc_command

HOSTILE = [
    '</script><script>document.title="owned"</script>',
    '"><img src=x onerror=alert(1)>',
    "{{script}}",
    "\u202eevil",
    "\x1b[31mred",
    "&lt;<b>'",
    "<!--<script>",
    "x" * 4000,
]
NAMES = sorted(path.stem for path in GOLDEN.glob("*.agc"))
SPACE = "{http://www.w3.org/1999/xhtml}"


class Page:
    """A page as a browser takes it, but that whatever is not well formed is an error."""

    def __init__(self, data: bytes) -> None:
        parser = html5lib.HTMLParser(strict=True)
        self.text = data.decode("utf-8")
        self.root = parser.parse(self.text)

    def all(self, tag: str) -> list:  # type: ignore[type-arg]
        return list(self.root.iter(SPACE + tag))

    def data(self) -> dict:  # type: ignore[type-arg]
        (found,) = (script for script in self.all("script") if script.get("type") == "application/json")
        value: dict = json.loads(found.text)  # type: ignore[type-arg]
        return value

    def table(self, caption: str) -> list[list[str]]:
        """Rows of the table behind a plot, its head left out; numbers without commas."""
        for details in self.all("details"):
            if (details.find(SPACE + "summary").text or "").startswith(caption):
                rows = [["".join(cell.itertext()) for cell in row] for row in details.iter(SPACE + "tr")]
                return [[re.sub(r"(?<=\d),(?=\d)", "", cell) for cell in row] for row in rows[1:]]
        raise AssertionError(caption)


def page(path: Path, folder: Path) -> Page:
    done = panarc_command("stats", "--html", folder / "report.html", path)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    return Page((folder / "report.html").read_bytes())


def numbers(path: Path) -> dict:  # type: ignore[type-arg]
    done = panarc_command("stats", "--json", path)
    assert done.returncode == 0
    found: dict = json.loads(done.stdout)  # type: ignore[type-arg]
    return found


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rng = random.Random(3)
    path = tmp_path_factory.mktemp("hostile") / "a<b>&'\".agc"
    ancestors = [bases(rng, rng.randint(2000, 9000)) for _ in HOSTILE]
    with panarc.create(path, segment_size=1000) as builder:
        for number, name in enumerate(HOSTILE):
            contigs = [own if number == 0 else mutate(rng, own) for own in ancestors]
            headers = [other.encode("ascii", "replace").decode()[:300] for other in HOSTILE]
            builder.add_sample(name, zip(headers, contigs, strict=True))
    return path


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """More samples and contigs than a page has rows and cells."""
    rng = random.Random(4)
    path = tmp_path_factory.mktemp("many") / "many.agc"
    ancestors = [bases(rng, rng.randint(50, 1500)) for _ in range(1200)]
    with panarc.create(path, segment_size=500) as builder:
        for number in range(601):
            kept = ancestors if number == 0 else rng.sample(ancestors, 4)
            new = [bases(rng, 300)] if number % 7 == 3 else []
            builder.add_sample(f"s{number}", {f"c{i}": own for i, own in enumerate([*kept, *new])})
    return path


@pytest.mark.parametrize("name", [*NAMES, "hostile", "hundreds"])
def test_numbers_are_those_of_json(name: str, tmp_path: Path, hostile: Path, many: Path) -> None:
    path = {"hostile": hostile, "hundreds": many}.get(name, GOLDEN / f"{name}.agc")
    found, stats = page(path, tmp_path), numbers(path)
    kinds = {row[0]: int(row[1]) for row in found.table("Table: bytes")}
    assert kinds.pop("Sum") == stats["size"] == path.stat().st_size == sum(kinds.values())
    assert sorted(kinds.values()) == sorted(filter(None, stats["bytes"].values()))
    if stats["samples"]:
        rows = found.table("Table: samples")
        if len(stats["samples"]) <= 500:
            columns = ("contigs", "bases", "segments", "reference_bytes", "delta_bytes", "bytes")
            assert [[int(cell) for cell in row[1:]] for row in rows] == [
                [sample[column] for column in columns] for sample in stats["samples"]
            ]
        else:
            assert len(rows) <= 200
            assert sum(int(row[-1]) for row in rows) == sum(sample["bytes"] for sample in stats["samples"])
    used = [group for group in stats["groups"] if group["segments"] or group["bytes"]]
    if used:
        rows = found.table("Table: groups")
        assert sum(int(row[1]) for row in rows) == len(used)
        assert sum(int(row[-1]) for row in rows) == sum(group["bytes"] for group in used)
        assert [int(row[-1]) for row in found.table("Table: the largest")] == sorted(
            (group["bytes"] for group in used), reverse=True
        )[:25]
    along, data = stats["along"], found.data()
    if along is None or not along["cells"]:
        assert data is None
        return
    assert data["cells"] == along["cells"]
    assert len(data["cells"]) <= 240 and len(data["rows"]) <= 200
    for row, wanted in zip(data["rows"], along["rows"], strict=True):
        assert row["bytes"] == wanted["bytes"] and row["segments"] == wanted["segments"]
        assert (row["newBytes"], row["newSegments"]) == (wanted["elsewhere_bytes"], wanted["elsewhere_segments"])
    by_sample = [[int(cell) for cell in row[1:5]] for row in found.table("Table: by sample")]
    assert by_sample == [
        [sum(row["bytes"]), sum(row["segments"]), row["elsewhere_bytes"], row["elsewhere_segments"]]
        for row in along["rows"]
    ]
    assert [int(row[1]) for row in found.table("Table: by place")] == along["cells"]


@pytest.mark.parametrize("name", [*NAMES, "hostile", "hundreds"])
def test_what_is_told_along_the_reference_adds_up(name: str, hostile: Path, many: Path) -> None:
    path = {"hostile": hostile, "hundreds": many}.get(name, GOLDEN / f"{name}.agc")
    with panarc.open(path) as archive:
        stats = archive.stats(cells=40, rows=7)
        assert archive.stats().along is None
        if not stats.samples:
            assert stats.along is None
            return
        assert stats.along is not None
        assert sum(stats.along.cells) == stats.samples[0].bases
        assert len(stats.along.cells) <= 40 and len(stats.along.rows) <= 7
        at = 0
        for row in stats.along.rows:
            run = stats.samples[row.first : row.first + row.samples]
            assert row.first == at and len(run) == row.samples
            at += row.samples
            assert sum(row.bytes) + row.elsewhere_bytes == sum(sample.bytes for sample in run)
            assert sum(row.segments) + row.elsewhere_segments == sum(sample.segments for sample in run)
            assert len(row.bytes) == len(row.segments) == len(stats.along.cells)
        assert at == len(stats.samples)
        # The reference is at home in itself.
        assert archive.stats(cells=40, rows=100_000).along.rows[0].elsewhere_segments == 0  # type: ignore[union-attr]


def test_a_difference_shows_where_it_is(tmp_path: Path) -> None:
    rng = random.Random(8)
    contigs = {"a": bases(rng, 40_000), "b": bases(rng, 60_000)}
    changed = bytearray(contigs["b"])
    for place in range(30_000, 32_000, 10):
        changed[place] = ord("A") if changed[place] != ord("A") else ord("C")
    with panarc.create(tmp_path / "a.agc", segment_size=2000) as builder:
        builder.add_sample("first", contigs)
        builder.add_sample("second", {"b": bytes(changed), "a": contigs["a"], "new": bases(rng, 5000)})
    found, stats = page(tmp_path / "a.agc", tmp_path), numbers(tmp_path / "a.agc")
    row = stats["along"]["rows"][1]
    dearest = row["bytes"].index(max(row["bytes"]))
    start = sum(stats["along"]["cells"][:dearest])
    assert start <= 74_000 and start + stats["along"]["cells"][dearest] >= 68_000
    assert row["elsewhere_bytes"] > 1000 and row["elsewhere_segments"] >= 1
    # Whether a segment ends before or behind what differs is the builder's choice.
    match = re.fullmatch("b:(\\d+)\N{EN DASH}(\\d+)", found.table("Table: by sample")[1][5])
    assert match is not None and int(match[1]) <= 34_000 and int(match[2]) >= 28_000


def test_it_needs_nothing_else_and_runs_its_own_script_only(hostile: Path, tmp_path: Path) -> None:
    found = page(hostile, tmp_path)
    assert not [e for tag in ("link", "img", "iframe", "object", "embed", "base", "a") for e in found.all(tag)]
    for element in found.root.iter():
        for name, value in element.attrib.items():
            assert not str(name).lower().startswith("on")
            assert str(name) not in ("src", "href", "action", "data", "style")
            assert "url(" not in value
    (style,) = found.all("style")
    assert "url(" not in style.text and "@import" not in style.text
    own, data = reversed(found.all("script"))
    assert data.get("type") == "application/json" and own.get("type") is None
    assert not re.search(r"innerHTML|outerHTML|document\.write|eval|fetch\(|XMLHttp|import\(", own.text)
    (policy,) = (meta.get("content") for meta in found.all("meta") if meta.get("http-equiv"))
    digest = base64.b64encode(hashlib.sha256(own.text.encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'" in policy


def test_names_are_shown_and_do_nothing(hostile: Path, tmp_path: Path) -> None:
    found = page(hostile, tmp_path)
    assert len(found.all("script")) == 2 and len(found.all("title")) >= 1
    shown = [row[0] for row in found.table("Table: samples")]
    assert shown[:3] == HOSTILE[:3]
    assert shown[3] == r"\u202eevil" and shown[4] == r"\x1b[31mred"
    assert shown[7] == "x" * 119 + "…"
    assert [row["name"] for row in found.data()["rows"]] == shown
    assert "".join(found.all("h1")[0].itertext()) == hostile.name
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", found.text)


def test_names_that_are_no_text(tmp_path: Path) -> None:
    with panarc.create(tmp_path / "a.agc") as builder:
        builder.add_sample(os.fsdecode(b"odd\xff"), {os.fsdecode(b"c\xfe"): b"ACGT" * 100})
    shown = page(tmp_path / "a.agc", tmp_path).table("Table: samples")[0][0]
    assert shown.startswith("odd") and shown.isprintable()


def test_plots_have_labels_and_stay_small(many: Path, tmp_path: Path) -> None:
    found = page(many, tmp_path)
    assert len(found.text) < 600_000
    headings = {heading.get("id") for heading in found.all("h2")}
    assert {section.get("aria-labelledby") for section in found.all("section")} == headings
    (canvas,) = found.all("canvas")
    assert canvas.get("role") == "img" and canvas.get("aria-label") and canvas.get("tabindex") == "0"
    columns = [div for div in found.all("div") if div.get("class") == "columns"]
    assert len(columns) == 1 and "601 samples" in columns[0].get("aria-label")


def test_the_same_archive_gives_the_same_page(many: Path, tmp_path: Path) -> None:
    done = panarc_command("stats", "--html", "-", many)
    assert done.stdout.decode() == page(many, tmp_path).text


def test_it_appears_complete_or_not_at_all(many: Path, tmp_path: Path) -> None:
    report = tmp_path / "r.html"
    report.write_text("before")
    broken = tmp_path / "broken.agc"
    broken.write_bytes(many.read_bytes()[:-20])
    done = panarc_command("stats", "--html", report, broken)
    assert done.returncode == 1 and report.read_text() == "before"
    done = panarc_command("stats", "--html", tmp_path / "no" / "r.html", many)
    assert done.returncode == 1 and b"r.html: cannot write: No such file or directory" in done.stderr
    report.chmod(0o640)
    link = tmp_path / "link.html"
    link.symlink_to(report)
    assert panarc_command("stats", "--html", link, many).returncode == 0
    assert link.is_symlink() and report.read_text("utf-8").startswith("<!DOCTYPE html>")
    assert stat.S_IMODE(report.stat().st_mode) == 0o640
    assert sorted(os.listdir(tmp_path)) == ["broken.agc", "link.html", "r.html"]


def test_a_full_disk_leaves_nothing(many: Path, tmp_path: Path) -> None:
    limit = "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
    run = "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)); from panarc.cli import main; sys.exit(main())"
    done = subprocess.run(
        [sys.executable, "-c", limit + run, "stats", "--html", tmp_path / "r.html", many], capture_output=True
    )
    assert done.returncode == 1 and b"r.html: cannot write: File too large" in done.stderr
    assert os.listdir(tmp_path) == []


def test_it_is_one_form_of_several(many: Path) -> None:
    assert panarc_command("stats", "--html", "r", "--json", many).returncode == 2
    done = panarc_command("stats", "--html", "r", "-o", "x", many)
    assert done.returncode == 2 and b"exclude each other" in done.stderr


def test_cells_and_rows_have_bounds(many: Path) -> None:
    with panarc.open(many) as archive:
        for cells, rows in [(-1, 1), (100_001, 1), (5, 0), (5, 100_001)]:
            with pytest.raises(panarc.ParameterError, match="may be more than"):
                archive.stats(cells=cells, rows=rows)


# --- in a browser ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def browser() -> str:
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    pytest.skip("no Chromium is installed")


def shown(browser: str, path: Path, folder: Path) -> str:
    """Return the page as it is after its script has run."""
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=3000", "--window-size=1000,800"]
    command = [browser, *flags, f"--user-data-dir={folder / 'profile'}", "--dump-dom", path.as_uri()]
    return subprocess.run(command, capture_output=True, timeout=120, check=True).stdout.decode()


@pytest.mark.parametrize("name", ["hostile", "hundreds", "toy", "empty"])
def test_a_browser_draws_it(name: str, browser: str, tmp_path: Path, hostile: Path, many: Path) -> None:
    path = {"hostile": hostile, "hundreds": many, "toy": GOLDEN / "toy.agc"}.get(name, tmp_path / "empty.agc")
    if name == "empty":
        with panarc.create(path) as builder:
            builder.add_sample("nothing", {"c": b""})
            builder.add_sample("something", {"c": b"ACGT" * 50})
    page(path, tmp_path)
    dom = shown(browser, tmp_path / "report.html", tmp_path)
    title = re.search("<title>(.*?)</title>", dom)
    assert title is not None and title[1].endswith("panarc stats")
    if 'id="strips"' not in dom:
        assert name == "empty"
        return
    # What the script fills in when it has drawn all rows.
    assert re.search(r'id="low">\u2264 [\d.,]+<', dom) and re.search(r'id="high">\u2265 [\d.,]+<', dom)
    assert 'id="unit">bytes per 1,000 bases<' in dom
    canvas = re.search(r"<canvas[^>]*>", dom)
    assert canvas is not None and re.search(r'width="[1-9]\d+"', canvas[0])
    assert 'id="measure" class="choice">' in dom
