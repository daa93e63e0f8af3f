"""The verb stats: where an archive's bytes went."""

from __future__ import annotations

from dataclasses import asdict, fields

from .. import archive
from ..stats import GroupStats, SampleStats
from .arguments import archive_only
from .kinds import LABELS
from .output import write_file, write_lines
from .status import UsageError
from .tables import json_lines, tsv

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ..stats import ArchiveStats
    from .messages import Messages
    from .option import Options

    Row = GroupStats | SampleStats

#: Cells along the reference, and rows of samples, that JSON and the page tell apart.
CELLS, ROWS = 240, 200


def stats(options: Options, _messages: Messages) -> None:
    """Print where an archive's bytes went."""
    if options.html is not None and options.output is not None:
        raise UsageError("-o and --html exclude each other; --html names the file")
    store = archive.open(archive_only(options))
    if options.html is not None:
        from .html.page import page

        write_file(page(store, store.stats(cells=CELLS, rows=ROWS)), options.html)
        return
    found = store.stats(cells=CELLS if options.json else 0, rows=ROWS)
    lines: Iterable[str]
    if options.json:
        lines = _json(found)
    elif options.groups:
        lines = _rows(GroupStats, found.groups)
    elif options.samples:
        lines = _rows(SampleStats, found.samples)
    else:
        lines = _table(found, store.info.groups)
    write_lines(lines, options.output)


def _table(found: ArchiveStats, groups: int) -> Iterator[str]:
    """Yield bytes by kind, leaving out what takes none, and counts."""
    size, bases = found.size, found.bases
    for kind, count in [*found.bytes.items(), ("total", size)]:
        if count:
            yield f"{LABELS.get(kind, 'Archive'):<17}{count:>17,}{100 * count / size:>8.2f} %"
    counts = {
        "Samples": len(found.samples),
        "Contigs": sum(sample.contigs for sample in found.samples),
        "Bases": bases,
        "Segments": sum(sample.segments for sample in found.samples),
        "Groups": groups,
        "Deltas": sum(group.deltas for group in found.groups),
        "Packs": sum(group.packs for group in found.groups),
    }
    yield ""
    for label, count in counts.items():
        yield f"{label:<17}{count:>17,}"
    yield f"{'Bases a byte':<17}{bases / size:>17,.2f}"
    if bases:
        yield f"{'Bits a base':<17}{8 * size / bases:>17,.4f}"


def _rows(kind: type[Row], rows: Sequence[Row]) -> Iterator[str]:
    columns = _columns(kind)
    return tsv(map(_heading, columns), ([getattr(row, column) for column in columns] for row in rows))


def _json(found: ArchiveStats) -> list[str]:
    """Return everything that is known."""
    facts = {"size": found.size, "bases": found.bases, "unclaimed": found.unclaimed, "bytes": found.bytes}
    rows = {"groups": _objects(GroupStats, found.groups), "samples": _objects(SampleStats, found.samples)}
    along = None if found.along is None else asdict(found.along)
    return json_lines(facts | rows | {"along": along})


def _objects(kind: type[Row], rows: Sequence[Row]) -> list[dict[str, int | str]]:
    columns = _columns(kind)
    return [{_heading(column): getattr(row, column) for column in columns} for row in rows]


def _heading(column: str) -> str:
    """Return what the tables of all verbs call a column."""
    return "sample" if column == "name" else column


def _columns(kind: type[Row]) -> list[str]:
    return [field.name for field in fields(kind)] + ["bytes"]
