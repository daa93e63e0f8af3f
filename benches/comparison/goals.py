"""One table of everything: what panarc and its peers take, a row for each thing and set."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

from .report import machine_line, ratio, write_bytes, write_seconds
from .window_report import write_short
from .windows import MEASURES

_NONE = "n/a"
_OURS = "panarc"
_WINDOW_TITLES = {measure.title: measure.title for measure in MEASURES} | {
    measure.title: f"windows, {measure.title}" for measure in MEASURES if measure.task != "open"
}


@dataclass(frozen=True, slots=True)
class Goal:
    """A row: what, of which set, and what each program takes, written and as a number."""

    what: str
    set_name: str
    values: dict[str, float]
    written: dict[str, str]


def goals_of_comparison(comparison: dict[str, Any]) -> Iterator[Goal]:
    """Yield the rows of what ``compare.py`` measured: archive, wall time of each verb, and the peak of ``create``.

    The time of ``--help``, which no set matters to, is that beside the first one.
    """
    for number, measured in enumerate(comparison["sets"]):
        results = {result["tool_name"]: result for result in measured["results"] if not result["error"]}
        sizes = {name: median(result["archive_bytes"]) for name, result in results.items() if result["archive_bytes"]}
        medians = {name: result["medians"] for name, result in results.items()}
        verbs = dict.fromkeys(verb for middles in medians.values() for verb in middles)
        name = measured["name"]
        yield Goal("archive", name, sizes, {tool: f"{size:,.0f} B" for tool, size in sizes.items()})
        for verb in verbs:
            if verb == "--help" and number > 0:
                continue
            walls = {tool: middles[verb]["wall"] for tool, middles in medians.items() if verb in middles}
            yield Goal(verb, name, walls, {tool: write_seconds(wall) for tool, wall in walls.items()})
            if verb == "create":
                peaks = {tool: middles[verb]["peak"] for tool, middles in medians.items() if verb in middles}
                yield Goal("create, peak", name, peaks, {tool: write_bytes(peak) for tool, peak in peaks.items()})


def goals_of_windows(windows: dict[str, Any]) -> Iterator[Goal]:
    """Yield the rows of what ``windows.py`` measured; of AGC's two ways to open an archive the faster one counts.

    Of the first samples of a set there is only how much less time they take.
    """
    sets = windows["sets"]
    for measured in sets:
        if any(_fewer(measured["name"], whole["name"]) for whole in sets):
            continue
        for measure in MEASURES:
            values: dict[str, float] = {}
            for result in measured["results"]:
                name = result["library"].partition(",")[0]
                if measure.title in result["medians"] and not result["error"]:
                    value = result["medians"][measure.title]
                    values[name] = min(value, values.get(name, value))
            written = {name: write_short(value) for name, value in values.items()}
            yield Goal(_WINDOW_TITLES[measure.title], measured["name"], values, written)
    for whole, fewer in pairwise(sets):
        if not _fewer(fewer["name"], whole["name"]):
            continue
        for measure in MEASURES[1:3]:
            growth = {}
            for more, less in zip(whole["results"], fewer["results"], strict=True):
                value = ratio(more["medians"].get(measure.title), less["medians"].get(measure.title))
                if value is not None and "," not in more["library"]:
                    growth[more["library"]] = value
            title = f"{_WINDOW_TITLES[measure.title]}, {whole['samples']} : {fewer['samples']} samples"
            yield Goal(title, whole["name"], growth, {name: f"{value:.2f}" for name, value in growth.items()})


def _fewer(name: str, whole: str) -> bool:
    return re.fullmatch(re.escape(whole) + r"-first\d+", name) is not None


def goal_table(goals: list[Goal]) -> str:
    """Return the Markdown table; ratios are panarc's value divided by a peer's, below 1 where panarc is better."""
    peers = list(dict.fromkeys(name for goal in goals for name in goal.values if name != _OURS))
    titles = ["what", "set", _OURS, *peers, *(f"{_OURS} : {peer}" for peer in peers)]
    lines = ["| " + " | ".join(titles) + " |", "| --- | --- |" + " ---: |" * (len(titles) - 2)]
    for goal in goals:
        if not goal.values:
            continue
        cells = [goal.written.get(name, _NONE) for name in (_OURS, *peers)]
        for peer in peers:
            share = ratio(goal.values.get(_OURS), goal.values.get(peer))
            cells.append(_NONE if share is None else f"{share:.2f}")
        lines.append("| " + " | ".join([goal.what, goal.set_name, *cells]) + " |")
    return "\n".join(lines) + "\n"


def goal_introduction(measured: list[dict[str, Any]]) -> str:
    """Return the lines above the table: the machine, the versions, how often."""
    versions = {
        name: tool["version"] or "did not start"
        for part in measured
        for name, tool in part.get("tools", {}).items()
        if tool["version"] or name not in measured[0].get("tools", {})
    }
    runs = max(part["runs"] for part in measured)
    threads = measured[0]["threads"]
    lines = [
        f"{machine_line(measured[0]['machine'])}. {threads} threads each, medians of at most {runs} runs, the programs "
        "in turn; the last columns are ratios, below 1 where panarc is better.",
        "",
    ]
    return "\n".join(lines + [f"* {name}: {version}" for name, version in versions.items()]) + "\n"


def publish(path: Path, text: str) -> None:
    """Put `text` between the markers of a document.

    Raises
    ------
    ValueError
        If the markers are not there.
    """
    begin, end = "<!-- measured:begin -->", "<!-- measured:end -->"
    old = path.read_text(encoding="utf-8")
    before, found_begin, rest = old.partition(begin)
    _, found_end, after = rest.partition(end)
    if not (found_begin and found_end):
        raise ValueError(f"{path.name} has no place for measurements")
    path.write_text(f"{before}{begin}\n\n{text.strip()}\n\n{end}{after}", encoding="utf-8")
