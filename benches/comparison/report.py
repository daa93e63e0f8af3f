"""Medians, ratios, Markdown tables and JSON."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from .process import Usage
from .schedule import VERBS, Result

_NONE = "n/a"
_NEAR_FLOOR = 1.1


@dataclass(frozen=True, slots=True)
class SetSize:
    """How big a set is: samples, bytes of its files, bytes of the FASTA in them."""

    name: str
    samples: int
    file_bytes: int
    fasta_bytes: int


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table: its title, its value in a result, and how the value is written."""

    title: str
    value: Callable[[Result], float | None]
    write: Callable[[float], str]


def middle_usage(usages: list[Usage] | None) -> Usage | None:
    """Return the medians of wall time, processor time and peak, each on its own."""
    if not usages:
        return None
    return Usage(
        wall=median(usage.wall for usage in usages),
        cpu=median(usage.cpu for usage in usages),
        peak=round(median(usage.peak for usage in usages)),
    )


def ratio(ours: float | None, theirs: float | None) -> float | None:
    """Return `ours` divided by `theirs`, if there are both."""
    return ours / theirs if ours is not None and theirs else None


def write_bytes(count: float) -> str:
    """Write a number of bytes in units of 1000."""
    for unit in ("B", "kB", "MB"):
        if count < 999.5:
            return f"{count:.3g} {unit}" if count < 99.95 and unit != "B" else f"{count:.0f} {unit}"
        count /= 1000
    return f"{count:.2f} GB"


def write_seconds(seconds: float) -> str:
    """Write a time in seconds, or in milliseconds if it is short."""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    return f"{seconds:.2f} s" if seconds < 100 else f"{seconds:.0f} s"


def rows(floor: int) -> list[Row]:
    """Return the rows of the table, given the smallest peak that can be measured."""

    def usage_of(verb: str, what: str) -> Callable[[Result], float | None]:
        def value(result: Result) -> float | None:
            usage = middle_usage(result.usages.get(verb))
            return None if usage is None else float(getattr(usage, what))

        return value

    def archive(result: Result) -> float | None:
        return median(result.archive_bytes) if result.archive_bytes else None

    def write_peak(peak: float) -> str:
        return ("≤ " if peak <= floor * _NEAR_FLOOR else "") + write_bytes(peak)

    table = [Row("archive", archive, write_bytes)]
    for verb in VERBS:
        table.append(Row(f"{verb}, wall", usage_of(verb, "wall"), write_seconds))
        table.append(Row(f"{verb}, CPU", usage_of(verb, "cpu"), write_seconds))
        table.append(Row(f"{verb}, peak", usage_of(verb, "peak"), write_peak))
    return table


def table_of(size: SetSize, results: list[Result], floor: int) -> str:
    """Return the Markdown table of one set.

    Behind the columns of the tools come ratios of the first tool to each other one, below 1 where the first is better.

    Parameters
    ----------
    size
        The set.
    results
        One for each tool.
    floor
        The smallest peak that can be measured.
    """
    first, *others = results
    titles = [result.tool_name for result in results] + [f"{first.tool_name} : {other.tool_name}" for other in others]
    lines = [
        f"### {size.name}: {size.samples} samples, {write_bytes(size.fasta_bytes)} of FASTA",
        "",
        "| what | " + " | ".join(titles) + " |",
        "| --- |" + " ---: |" * len(titles),
    ]
    for row in rows(floor):
        values = [row.value(result) for result in results]
        if all(value is None for value in values):
            continue
        cells = [_NONE if value is None else row.write(value) for value in values]
        ratios = [ratio(values[0], value) for value in values[1:]]
        cells += [_NONE if value is None else f"{value:.2f}" for value in ratios]
        lines.append(f"| {row.title} | " + " | ".join(cells) + " |")
    notes = [f"{result.tool_name} failed: {result.error}" for result in results if result.error]
    notes += [f"{result.tool_name}: all sequence verified" for result in results if result.verified]
    notes += [
        f"{result.tool_name}: archives differ in size" for result in results if len(set(result.archive_bytes)) > 1
    ]
    return "\n".join(lines + [""] * bool(notes) + [f"* {note}" for note in notes]) + "\n"


def describe_machine() -> dict[str, Any]:
    """Return processor, cores, memory, system and date."""
    return {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_bytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "python": platform.python_version(),
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def machine_line(machine: dict[str, Any]) -> str:
    """Return the machine in one line."""
    memory = write_bytes(machine["memory_bytes"])
    return f"{machine['processor']}, {machine['cores']} cores, {memory}, {machine['system']}, {machine['date'][:10]}"


def as_json(result: Result) -> dict[str, Any]:
    """Return a result as plain values, with medians beside the runs."""
    plain = asdict(result)
    middles = {verb: middle_usage(usages) for verb, usages in result.usages.items()}
    plain["medians"] = {verb: asdict(usage) for verb, usage in middles.items() if usage}
    return plain


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text().splitlines():
            if line.startswith("model name"):
                return " ".join(line.partition(":")[2].split())
    return platform.processor() or platform.machine()
