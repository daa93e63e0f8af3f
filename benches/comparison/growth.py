"""Archives of a whole collection and of half of it: how large they are, and how the work grows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from .inputs import InputSet, half_of
from .process import CommandError, Usage
from .report import SetSize, middle_usage, ratio, write_bytes, write_seconds
from .schedule import Plan, create_once
from .tools import Agc, Tool
from .verification import verify

_NONE = "n/a"


@dataclass(slots=True)
class Growth:
    """What one tool did with the whole and with half of a collection.

    Attributes
    ----------
    tool
        Which tool, and with which options.
    archive_bytes
        Size of the archive of the whole.
    whole, half
        Runs of both.
    verified
        Whether the sequence came back; nothing if it was not looked at.
    error
        Why the tool was given up.
    """

    tool: Tool
    archive_bytes: int | None = None
    whole: list[Usage] = field(default_factory=list)
    half: list[Usage] = field(default_factory=list)
    verified: bool | None = None
    error: str | None = None

    def factor(self, share: float) -> float | None:
        """Return processor time for a base of the whole, divided by that for a base of the half.

        Parameters
        ----------
        share
            Bases of the half as a fraction of the whole.
        """
        whole, half = middle_usage(self.whole), middle_usage(self.half)
        return whole.cpu / half.cpu * share if whole and half and half.cpu else None


@dataclass(frozen=True, slots=True)
class GrowthOfSet:
    """All tools on one collection."""

    size: SetSize
    half_bytes: int
    rows: list[Growth]

    @property
    def best_of_agc(self) -> int | None:
        """Bytes of the smallest archive that AGC makes in any mode."""
        sizes = [row.archive_bytes for row in self.rows if isinstance(row.tool, Agc) and row.archive_bytes]
        return min(sizes, default=None)


def measure_growth(tools: list[Tool], inputs: InputSet, plan: Plan, folder: Path) -> GrowthOfSet:
    """Make archives of the whole and of half a set with each tool in turn.

    Parameters
    ----------
    tools
        The tools, in the order of their runs.
    inputs
        The set.
    plan
        How often, how long.  Only what panarc made is verified.
    folder
        An empty folder for the archives.
    """
    half = half_of(inputs, folder)
    size = SetSize(inputs.name, len(inputs.files), *inputs.warm())
    growth = GrowthOfSet(size, half.warm()[1], [Growth(tool) for tool in tools])
    for number in range(1, plan.runs + 1):
        for row in growth.rows:
            _run_both(row, inputs, half, plan, folder, last=number == plan.runs)
    return growth


def _run_both(row: Growth, inputs: InputSet, half: InputSet, plan: Plan, folder: Path, *, last: bool) -> None:
    if row.error is not None:
        return
    archive = folder / f"archive{row.tool.suffix}"
    try:
        row.half.append(create_once(row.tool, half, archive, plan.timeout))
        row.whole.append(create_once(row.tool, inputs, archive, plan.timeout))
    except CommandError as error:
        row.error = str(error)
        plan.say(f"{inputs.name}: {row.tool.name}: {row.error}")
        return
    row.archive_bytes = archive.stat().st_size
    plan.say(f"{inputs.name}: {row.tool.name}: {row.archive_bytes:,} B in {row.whole[-1].wall:.2f} s")
    if last and plan.check and not isinstance(row.tool, Agc):
        difference = verify(row.tool, inputs, archive)
        row.verified = difference is None
        row.error = f"verify: {difference}" if difference else None


def _written(value: float | None, write: Callable[[float], str]) -> str:
    return _NONE if value is None else write(value)


def _written_usage(usage: Usage | None, *, with_peak: bool) -> list[str]:
    if usage is None:
        return [_NONE] * (2 + with_peak)
    cells = [write_seconds(usage.wall), write_seconds(usage.cpu)]
    return [*cells, write_bytes(usage.peak)] if with_peak else cells


def growth_table(growth: GrowthOfSet) -> str:
    """Return the Markdown table of one collection."""
    size = growth.size
    share = growth.half_bytes / size.fasta_bytes

    lines = [
        f"### {size.name}: {size.samples} samples, {write_bytes(size.fasta_bytes)} of FASTA",
        "",
        "| tool | archive, B | : best of AGC | create | CPU | peak | half | CPU | growth |",
        "| --- |" + " ---: |" * 8,
    ]
    for row in growth.rows:
        cells = [
            _written(row.archive_bytes, "{:,.0f}".format),
            _written(ratio(row.archive_bytes, growth.best_of_agc), "{:.3f}".format),
            *_written_usage(middle_usage(row.whole), with_peak=True),
            *_written_usage(middle_usage(row.half), with_peak=False),
            _written(row.factor(share), "{:.2f}".format),
        ]
        lines.append(f"| {row.tool.name} | " + " | ".join(cells) + " |")
    notes = [f"{row.tool.name} failed: {row.error}" for row in growth.rows if row.error]
    notes += [f"{row.tool.name}: all sequence verified" for row in growth.rows if row.verified]
    return "\n".join(lines + [""] * bool(notes) + [f"* {note}" for note in notes]) + "\n"


def growth_as_json(growth: GrowthOfSet) -> dict[str, Any]:
    """Return one collection as plain values, without paths."""
    share = growth.half_bytes / growth.size.fasta_bytes
    return {
        **asdict(growth.size),
        "half_fasta_bytes": growth.half_bytes,
        "best_of_agc": growth.best_of_agc,
        "rows": [
            {
                "tool": row.tool.name,
                "options": list(row.tool.options),
                "archive_bytes": row.archive_bytes,
                "ratio": ratio(row.archive_bytes, growth.best_of_agc),
                "whole": [asdict(usage) for usage in row.whole],
                "half": [asdict(usage) for usage in row.half],
                "growth": row.factor(share),
                "verified": row.verified,
                "error": row.error,
            }
            for row in growth.rows
        ],
    }
