"""What was spent along the reference: a strip of colours for each sample, and the tables behind it."""

from __future__ import annotations

from bisect import bisect_right

from . import text
from .table import table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...stats import Along, ArchiveStats

    #: Name and length of a contig of the reference.
    Contigs = Sequence[tuple[str, int]]

#: How many bases colours count bytes and segments for.
_PER = {"bytes": 1000, "segments": 1_000_000}

#: Contigs that get a mark are at least this part of the reference.
_MARKED = 0.004


def data(stats: ArchiveStats, along: Along, contigs: Contigs) -> dict[str, object]:
    """Return what the script draws strips from: exact numbers, and names without control characters."""
    total = sum(along.cells)
    return {
        "cells": along.cells,
        "places": _places(along, contigs),
        "marks": [mark for mark in _starts(contigs) if mark[2] >= _MARKED * total],
        "rows": [
            {
                "name": label,
                "bytes": row.bytes,
                "segments": row.segments,
                "newBytes": row.elsewhere_bytes,
                "newSegments": row.elsewhere_segments,
            }
            for label, row in zip(labels(stats, along), along.rows, strict=True)
        ],
        "per": _PER,
        "ends": {
            "bytes": _ends([row.bytes for row in along.rows], along.cells, _PER["bytes"]),
            "segments": _ends([row.segments for row in along.rows], along.cells, _PER["segments"]),
        },
    }


def labels(stats: ArchiveStats, along: Along) -> list[str]:
    """Return what rows are called: a sample's name, or the first and last of a run."""
    names = [text.plain(sample.name) for sample in stats.samples]
    ends = [(names[row.first], names[row.first + row.samples - 1], row.samples) for row in along.rows]
    return [first if count == 1 else f"{first} \N{EN DASH} {last} ({count} samples)" for first, last, count in ends]


def tables(stats: ArchiveStats, along: Along, contigs: Contigs) -> str:
    """Return the numbers by sample and by cell."""
    places = _places(along, contigs)
    by_sample = (
        (
            label,
            sum(row.bytes),
            sum(row.segments),
            row.elsewhere_bytes,
            row.elsewhere_segments,
            places[max(range(len(places)), key=row.bytes.__getitem__)] if any(row.bytes) else "",
        )
        for label, row in zip(labels(stats, along), along.rows, strict=True)
    )
    by_cell = (
        (place, bases, sum(row.bytes[cell] for row in along.rows), sum(row.segments[cell] for row in along.rows))
        for cell, (place, bases) in enumerate(zip(places, along.cells, strict=True))
    )
    columns = ("Sample", "Bytes along", "Segments along", "Bytes of new", "Segments of new", "Dearest place")
    return (
        table("Table: by sample", columns, by_sample)
        + "\n"
        + table("Table: by place", ("Place", "Bases", "Bytes, all samples", "Segments, all samples"), by_cell)
    )


def _ends(rows: Sequence[Sequence[int]], cells: Sequence[int], per: int) -> tuple[float, float]:
    """Return the least and greatest number for `per` bases that colours tell apart, leaving out rare extremes.

    The reference itself, which costs most by far, counts only if there is nothing else.
    """
    found: list[float] = []
    for chosen in (rows[1:], rows[:1]):
        found = sorted(
            per * value / bases for row in chosen for value, bases in zip(row, cells, strict=True) if value and bases
        )
        if found:
            break
    if not found:
        return 0.1, 1.0
    low, high = found[len(found) // 50], found[-1 - len(found) // 100]
    return _rounded(low), _rounded(high if high > low else low * 2)


def _rounded(value: float) -> float:
    return float(f"{value:.3g}")


def _starts(contigs: Contigs) -> list[tuple[str, int, int]]:
    """Return name, start and length of each contig of the reference."""
    starts, at = [], 0
    for name, length in contigs:
        starts.append((text.plain(name), at, length))
        at += length
    return starts


def _places(along: Along, contigs: Contigs) -> list[str]:
    """Return where each cell is, as people write it: from 1, both ends meant."""
    starts = [start for start in _starts(contigs) if start[2]]
    offsets = [start for _, start, _ in starts]
    places, at = [], 0
    for bases in along.cells:
        if not bases or not starts:
            places.append("nothing")
            continue
        first, start, _ = starts[bisect_right(offsets, at) - 1]
        at += bases
        last, other, _ = starts[bisect_right(offsets, at - 1) - 1]
        begin, end = f"{first}:{at - bases - start + 1:,}", f"{at - other:,}"
        places.append(f"{begin}\N{EN DASH}{end}" if start == other else f"{begin} \N{EN DASH} {last}:{end}")
    return places
