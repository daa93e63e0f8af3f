"""Tables and JSON of windows."""

from __future__ import annotations

from dataclasses import asdict
from statistics import median
from typing import Any

from .report import middle_usage, ratio, write_bytes
from .windows import MEASURES, Readings

_NONE = "n/a"


def middle_seconds(readings: Readings, title: str) -> float | None:
    """Return the median time for a window (or opening) of a measure."""
    found = readings.seconds.get(title)
    return median(found) if found else None


def write_short(seconds: float) -> str:
    """Write a short time in milliseconds or microseconds."""
    if seconds >= 0.1:
        return f"{seconds * 1e3:.0f} ms"
    return f"{seconds * 1e3:.2f} ms" if seconds >= 1e-3 else f"{seconds * 1e6:.1f} µs"


def window_table(name: str, samples: int, readings: list[Readings]) -> str:
    """Return the Markdown table of one set: time for a window (or opening), and the peak of the process."""
    first, *others = [found.library.name for found in readings]
    titles = [first, *others, *(f"{first} : {other}" for other in others)]
    lines = [
        f"### Windows of {name}: {samples} samples",
        "",
        "| what | " + " | ".join(titles) + " |",
        "| --- |" + " ---: |" * len(titles),
    ]
    for measure in MEASURES:
        values = [middle_seconds(found, measure.title) for found in readings]
        if all(value is None for value in values):
            continue
        cells = [_NONE if value is None else write_short(value) for value in values]
        ratios = [ratio(values[0], value) for value in values[1:]]
        cells += [_NONE if value is None else f"{value:.2f}" for value in ratios]
        lines.append(f"| {measure.title} | " + " | ".join(cells) + " |")
        peaks = [middle_usage(found.usages.get(measure.title)) for found in readings]
        if measure.title == "one by one, warm":
            sizes = [_NONE if usage is None else write_bytes(usage.peak) for usage in peaks]
            shares = [ratio(peaks[0].peak, usage.peak) if peaks[0] and usage else None for usage in peaks[1:]]
            sizes += [_NONE if share is None else f"{share:.2f}" for share in shares]
            lines.append(f"| {measure.title}: peak of the process | " + " | ".join(sizes) + " |")
    notes = [f"{found.library.name} failed: {found.error}" for found in readings if found.error]
    return "\n".join(lines + [""] * bool(notes) + [f"* {note}" for note in notes]) + "\n"


def growth_lines(many: list[Readings], few: list[Readings], names: tuple[str, str]) -> str:
    """Return the table of how much longer a window takes where there are more samples."""
    titles = [measure.title for measure in MEASURES if middle_seconds(many[0], measure.title) is not None]
    lines = [
        f"### {names[0]} : {names[1]}",
        "",
        "| what | " + " | ".join(found.library.name for found in many) + " |",
        "| --- |" + " ---: |" * len(many),
    ]
    for title in titles:
        pairs = zip(many, few, strict=True)
        values = [ratio(middle_seconds(more, title), middle_seconds(less, title)) for more, less in pairs]
        lines.append(f"| {title} | " + " | ".join(_NONE if v is None else f"{v:.2f}" for v in values) + " |")
    return "\n".join(lines) + "\n"


def readings_as_json(readings: Readings) -> dict[str, Any]:
    """Return what a library did as plain values, without paths."""
    return {
        "library": readings.library.name,
        "archive_bytes": readings.library.archive.stat().st_size if readings.library.archive.exists() else None,
        "seconds": readings.seconds,
        "medians": {title: median(values) for title, values in readings.seconds.items()},
        "usages": {title: [asdict(usage) for usage in usages] for title, usages in readings.usages.items()},
        "digests": readings.digests,
        "error": readings.error,
    }
