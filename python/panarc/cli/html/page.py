"""The page: what sections it has, put into the template."""

from __future__ import annotations

import json
import os
import re
from base64 import b64encode
from hashlib import sha256

from ... import __version__
from ..kinds import LABELS
from . import along, bars, text
from .bars import Bar
from .table import table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ...archive import Archive
    from ...stats import ArchiveStats, GroupStats, SampleStats

#: Bars beside each other, at most.
_STANDING = 200

#: Up to so many samples have a bar with a name.
_NAMED = 40

#: Rows that a table of samples or groups has at most.
_LISTED = 500
_LARGEST_GROUPS = 25

_FOLDER = os.path.dirname(__file__)
_FIELD = re.compile(r"\{\{(\w+)\}\}")
_PARTS = ("References", "Deltas")


def page(archive: Archive, stats: ArchiveStats) -> bytes:
    """Return the page for an archive. It needs no network, and runs no script but its own."""
    script = _file("script.js")
    fields = {
        "title": text.name(os.path.basename(archive.path)),
        "about": _about(archive),
        "tiles": _tiles(archive, stats),
        "kinds": _kinds(stats),
        "samples": _samples(stats),
        "groups": _groups(stats.groups),
        "style": _file("style.css"),
        "script": script,
        "hash": b64encode(sha256(script.encode()).digest()).decode(),
        "version": text.name(__version__),
        **_along(archive, stats),
    }
    return _FIELD.sub(lambda field: fields[field[1]], _file("page.html")).encode()


def _file(name: str) -> str:
    with open(os.path.join(_FOLDER, name), encoding="utf-8") as file:
        return file.read()


def _about(archive: Archive) -> str:
    """Return a line about the file."""
    info, params = archive.info, archive.params
    facts = [
        f"AGC format {info.format}",
        *([f"made by {text.name(producer)}"] if (producer := info.properties.get("producer")) else []),
        f"k {params.k}",
        f"segment size {text.number(params.segment_size)}",
        f"packs of {text.number(params.pack_cardinality)}",
    ]
    return " · ".join(facts)


def _tiles(archive: Archive, stats: ArchiveStats) -> str:
    size, bases = stats.size, stats.bases
    tiles = [
        ("Size", text.size(size), f"{text.number(size)} bytes"),
        ("Bases", text.short(bases), text.number(bases)),
        (
            "Bases a byte",
            f"{bases / size:,.1f}" if size else "0",
            f"{8 * size / bases:.4f} bits a base" if bases else "",
        ),
        ("Samples", text.number(len(stats.samples)), _counted(sum(s.contigs for s in stats.samples), "contig")),
        ("Segments", text.number(sum(s.segments for s in stats.samples)), _deltas(stats)),
        ("Groups", text.number(archive.info.groups), _counted(sum(g.packs for g in stats.groups), "pack")),
    ]
    return "".join(
        f'<div class="tile"><dt>{label}</dt><dd>{value}<small>{more}</small></dd></div>\n'
        for label, value, more in tiles
    )


def _deltas(stats: ArchiveStats) -> str:
    return _counted(sum(group.deltas for group in stats.groups), "different delta")


def _counted(count: int, what: str) -> str:
    return f"{text.number(count)} {what}" if count == 1 else f"{text.number(count)} {what}s"


def _kinds(stats: ArchiveStats) -> str:
    kinds = sorted(((LABELS[kind], count) for kind, count in stats.bytes.items() if count), key=lambda kind: -kind[1])
    found = [Bar(label, [count], f"{text.size(count)}, {text.percent(count, stats.size)}") for label, count in kinds]
    return bars.lying(found) + table("Table: bytes by what they hold", ("What", "Bytes"), [*kinds, ("Sum", stats.size)])


def _samples(stats: ArchiveStats) -> str:
    if not stats.samples:
        return "<p>There are no samples.</p>"
    runs = _runs(stats.samples, _STANDING)
    columns = ("Contigs", "Bases", "Segments", "References, bytes", "Deltas, bytes", "Bytes")
    found = [Bar(_run_name(run), _spent(run), _run_note(run)) for run in runs]
    if len(found) <= _NAMED:
        plot = bars.lying(found, cut=True)
    else:
        most = max(found, key=lambda bar: bar.length)
        plot = bars.standing(found, f"Bytes of {len(stats.samples)} samples in order; most: {most.label}, {most.note}")
    outlier = bars.cut_off(found)
    cut = "" if outlier is None else f"<p>The bar of {text.name(outlier.label)} is cut off: {outlier.note}.</p>"
    listed: Iterable[Sequence[SampleStats]] = (
        runs if len(stats.samples) > _LISTED else ([sample] for sample in stats.samples)
    )
    rows = [
        (
            _run_name(run),
            sum(sample.contigs for sample in run),
            sum(sample.bases for sample in run),
            sum(sample.segments for sample in run),
            *_spent(run),
            sum(_spent(run)),
        )
        for run in listed
    ]
    return bars.legend(_PARTS) + plot + cut + table("Table: samples", ("Sample", *columns), rows)


def _runs(samples: Sequence[SampleStats], most: int) -> list[Sequence[SampleStats]]:
    run = -(-len(samples) // most)
    return [samples[at : at + run] for at in range(0, len(samples), run)]


def _run_name(run: Sequence[SampleStats]) -> str:
    if len(run) == 1:
        return text.plain(run[0].name)
    return f"{text.plain(run[0].name)} \N{EN DASH} {text.plain(run[-1].name)} ({len(run)} samples)"


def _run_note(run: Sequence[SampleStats]) -> str:
    return text.size(sum(_spent(run)))


def _spent(run: Sequence[SampleStats]) -> tuple[int, int]:
    return sum(sample.reference_bytes for sample in run), sum(sample.delta_bytes for sample in run)


def _groups(groups: Sequence[GroupStats]) -> str:
    """Return groups by how many segments are in them, and the largest ones."""
    groups = [group for group in groups if group.segments or group.bytes]
    if not groups:
        return "<p>There are no groups.</p>"
    classes: dict[int, list[GroupStats]] = {}
    for group in groups:
        classes.setdefault(group.segments.bit_length(), []).append(group)
    found, rows = [], []
    for power, members in sorted(classes.items()):
        low, high = (1 << power) >> 1, (1 << power) - 1
        label = f"{low:,}" if low >= high else f"{low:,} \N{EN DASH} {high:,}"
        spent = sum(group.reference_bytes for group in members), sum(group.delta_bytes for group in members)
        note = f"{_counted(len(members), 'group')}, {text.size(sum(spent))}"
        found.append(Bar(_counted(low, "segment") if low >= high else f"{label} segments", spent, note))
        segments = sum(group.segments for group in members)
        rows.append((label, len(members), segments, *spent, sum(spent)))
    largest = sorted(groups, key=lambda group: (-group.bytes, group.group))[:_LARGEST_GROUPS]
    columns = ("Group", "Segments", "Deltas", "Packs", "References, bytes", "Deltas, bytes", "Bytes")
    details = ((g.group, g.segments, g.deltas, g.packs, g.reference_bytes, g.delta_bytes, g.bytes) for g in largest)
    return (
        bars.legend(_PARTS)
        + bars.lying(found)
        + table("Table: groups by segments", ("Segments a group", "Groups", *columns[1:2], *columns[4:]), rows)
        + "\n"
        + table(f"Table: the largest {_counted(len(largest), 'group')}", columns, details)
    )


def _along(archive: Archive, stats: ArchiveStats) -> dict[str, str]:
    """Return the section of strips, and its data."""
    found = stats.along
    if found is None or archive.reference is None or not found.cells:
        return {"along": "<p>The reference has no bases.</p>", "data": "null"}
    contigs = [(contig.name, len(contig)) for contig in archive[archive.reference]]
    plot = _file("strips.html")
    # No markup can begin in it, nor end it.
    safe = json.dumps(along.data(stats, found, contigs), separators=(",", ":")).replace("<", "\\u003c")
    return {"along": plot + along.tables(stats, found, contigs), "data": safe}
