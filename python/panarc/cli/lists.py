"""The verbs that print names and facts: listref, listset, listctg, info. Their layout is AGC's."""

from __future__ import annotations

from .. import archive
from .arguments import archive_and, archive_only
from .output import encoded, write_lines

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from .messages import Messages


def listref(options: argparse.Namespace, _messages: Messages) -> None:
    """Print the name of the reference sample."""
    reference = archive.open(archive_only(options)).reference
    write_lines([] if reference is None else [reference], options.output)


def listset(options: argparse.Namespace, _messages: Messages) -> None:
    """Print the names of the samples, sorted by their bytes as AGC does; getcol has the archive's order."""
    write_lines(sorted(archive.open(archive_only(options)).samples, key=encoded), options.output)


def listctg(options: argparse.Namespace, _messages: Messages) -> None:
    """Print the names of samples, each with the headers of its contigs."""
    path, names = archive_and(options, "sample")
    store = archive.open(path)
    samples = [store[name] for name in names]

    def lines() -> Iterator[str]:
        for sample in samples:
            yield sample.name
            for header in sample.headers:
                yield f"   {header}"

    write_lines(lines(), options.output)


def info(options: argparse.Namespace, _messages: Messages) -> None:
    """Print facts about an archive: first what AGC prints, then more."""
    store = archive.open(archive_only(options))
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
    }
    if about.format == 1:
        # Archives of format 1 do not store it.
        del facts["Segment size"]
    width = len("Min. match length")
    lines = [f"{label:<{width}}: {fact}" for label, fact in facts.items()]
    lines.append("Command lines:")
    lines += [f"{date} : {command}" for command, date in about.commands]
    write_lines(lines, options.output)
