"""The verbs that write FASTA: getcol, getset, getctg."""

from __future__ import annotations

from .. import archive
from ..errors import ParameterError, RangeError
from .arguments import archive_and, archive_only, note_ignored
from .filenames import place
from .query import Found, find

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from ..archive import Record
    from .messages import Messages


def getcol(options: argparse.Namespace, messages: Messages) -> None:
    """Write all samples, to one file each or to standard output."""
    path = archive_only(options)
    note_ignored(options, messages)
    store = archive.open(path)
    samples = [name for name in store.samples if not (options.skip_reference and name == store.reference)]
    format_ = {"line_width": options.line_width, "gzip_level": options.gzip_level}
    if options.output is None or options.output == "-":
        store.write_fasta(None, samples, **format_)
        return
    suffix = ".fa.gz" if options.gzip_level else ".fa"
    for name, file in zip(samples, place(options.output, samples, suffix, force=options.force), strict=True):
        store.write_fasta(file, [name], **format_)
        messages.note(f"{file}: sample '{name}'")


def getset(options: argparse.Namespace, messages: Messages) -> None:
    """Write samples."""
    path, names = archive_and(options, "sample")
    note_ignored(options, messages)
    store = archive.open(path)
    store.write_fasta(options.output, names, line_width=options.line_width, gzip_level=options.gzip_level)


def getctg(options: argparse.Namespace, messages: Messages) -> None:
    """Write contigs, or parts of them."""
    path, queries = archive_and(options, "contig")
    note_ignored(options, messages)
    store = archive.open(path)
    records = [_record(find(store, query), query, messages) for query in queries]
    store._write_records(records, options.output, options.line_width, options.gzip_level)


def _record(found: Found, query: str, messages: Messages) -> Record:
    """Return what is written for a query; the header of a part is, as with AGC, the contig's and the range."""
    contig, first, last = found.contig, found.first, found.last
    core, index = contig.sample._core, contig._index
    if first is None or last is None:
        return core, index, None, None, None
    if last < first:
        raise ParameterError(f"'{query}' ends before it begins")
    if first >= len(contig):
        raise RangeError(f"'{query}' begins beyond the end of the contig, which has {len(contig)} bases")
    if last >= len(contig):
        messages.warning(f"'{query}' ends beyond the contig, which has {len(contig)} bases; it is cut there")
    return core, index, first, min(last + 1, len(contig)), f"{contig.header}:{first}-{last}"
