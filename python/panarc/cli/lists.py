"""The verbs that print names and facts: listref, listset, listctg, info; as AGC does, or for other programs."""

from __future__ import annotations

from .. import archive
from .arguments import archive_and_any, archive_only
from .output import encoded, write_lines
from .tables import json_lines, json_list, tsv

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..archive import Archive
    from ..sample import Sample
    from .messages import Messages
    from .option import Options


#: What is known of lower case, in words.
_CASE = {
    "upper": "not kept",
    "kept": "kept",
    "stale": "kept for other samples, so not used",
    "later": "kept by a later version of panarc, so not used",
}


#: Which digests are stored, in words.
_DIGESTS = {
    "none": "none",
    "auto": "whole for long contigs, the first bytes for others",
    "full": "of all contigs",
    "stale": "of other samples, so not used",
    "later": "stored by a later version of panarc, so not used",
}


def listref(options: Options, _messages: Messages) -> None:
    """Print the name of the reference sample."""
    reference = archive.open(archive_only(options)).reference
    names = [] if reference is None else [reference]
    lines: Iterable[str] = names
    if options.json:
        lines = json_lines({"reference": reference})
    elif options.tsv:
        lines = tsv(["sample"], ([name] for name in names))
    write_lines(lines, options.output)


def listset(options: Options, _messages: Messages) -> None:
    """Print the names of the samples, sorted by their bytes as AGC does; getcol has the archive's order."""
    store = archive.open(archive_only(options))
    names = sorted(store.samples, key=encoded)
    columns = ["sample", "contigs", "bases"]
    # Samples are gone through one by one: all of them at once could be large.
    rows = ((name, len(store[name]), sum(store[name]._core.lengths())) for name in names)
    lines: Iterable[str] = names
    if options.json:
        lines = json_list(dict(zip(columns, row, strict=True)) for row in rows)
    elif options.tsv:
        lines = tsv(columns, rows)
    write_lines(lines, options.output)


def listctg(options: Options, _messages: Messages) -> None:
    """Print the names of samples, each with the headers of its contigs; all samples if none is named."""
    path, names = archive_and_any(options)
    store = archive.open(path)
    samples: Iterable[Sample] = [store[name] for name in names] if names else store.values()
    columns = ["sample", "contig", "length", "header"]
    rows = (
        (sample.name, key, length, header)
        for sample in samples
        for key, header, length in zip(sample.keys(), sample.headers, sample._core.lengths(), strict=True)
    )

    def lines() -> Iterator[str]:
        for sample in samples:
            yield sample.name
            for header in sample.headers:
                yield f"   {header}"

    if options.json:
        write_lines(json_list(dict(zip(columns, row, strict=True)) for row in rows), options.output)
    else:
        write_lines(tsv(columns, rows) if options.tsv else lines(), options.output)


def info(options: Options, _messages: Messages) -> None:
    """Print facts about an archive: first what AGC prints, then more."""
    store = archive.open(archive_only(options))
    if options.json:
        lines = json_lines(_facts(store))
    elif options.tsv:
        lines = list(tsv(["key", "value"], _flat(_facts(store))))
    else:
        lines = _table(store)
    write_lines(lines, options.output)


def _facts(store: Archive) -> dict[str, object]:
    about, params = store.info, store.params
    return {
        "format": about.format,
        "properties": about.properties,
        "params": {
            "k": params.k,
            "min_match": params.min_match,
            # Archives of format 1 do not store it.
            "segment_size": None if about.format == 1 else params.segment_size,
            "pack_cardinality": params.pack_cardinality,
        },
        "samples": len(store),
        "reference": store.reference,
        "groups": about.groups,
        "size": about.size,
        "case": about.case,
        "digests": {"stored": about.digests, "from_sample": about.digests_from, "md5": about.md5},
        "bytes": store.stats().bytes,
        "commands": [{"command": command, "date": date} for command, date in about.commands],
    }


def _flat(value: object, key: str = "") -> Iterator[tuple[str, object]]:
    """Yield the leaves of nested facts, with keys such as ``params.k``; what is not known has no line."""
    parts: Iterable[tuple[object, object]] | None = None
    if isinstance(value, dict):
        parts = value.items()
    elif isinstance(value, list):
        parts = enumerate(value)
    if parts is not None:
        for name, part in parts:
            yield from _flat(part, f"{key}.{name}" if key else str(name))
    elif value is not None:
        yield key, value


def _digests(store: Archive) -> str:
    about = store.info
    text = _DIGESTS[about.digests]
    if about.digests_from:
        text += f", from sample {about.digests_from + 1} on"
    if about.md5:
        text += ", and MD5s"
    return text


def _table(store: Archive) -> list[str]:
    params, about = store.params, store.info
    facts: dict[str, object] = {
        "No. samples": len(store),
        "k-mer length": params.k,
        "Min. match length": params.min_match,
        "Segment size": params.segment_size,
        "Batch size": params.pack_cardinality,
        "Reference name": store.reference or "",
        "Format": about.format,
        "Producer": about.properties.get("comment", ""),
        "No. groups": about.groups,
        "Archive bytes": about.size,
        "Lower case": _CASE[about.case],
        "Digests": _digests(store),
    }
    if about.format == 1:
        # Archives of format 1 do not store it.
        del facts["Segment size"]
    width = len("Min. match length")
    lines = [f"{label:<{width}}: {fact}" for label, fact in facts.items()]
    if about.commands:
        # Archives of format 3 have none.
        lines.append("Command lines:")
        lines += [f"{date} : {command}" for command, date in about.commands]
    return lines
