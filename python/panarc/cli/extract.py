"""The verbs that write FASTA as those of AGC do: getcol, getset, getctg."""

from __future__ import annotations

import sys

from ..errors import ParameterError, RangeError
from ..names import shown
from .arguments import archive_and, archive_only, fasta_style, file_style, note_ignored, opened

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..contig import Contig
    from ..extraction import Record
    from .messages import Messages
    from .option import Options

#: Samples of shortened file names that are told one by one.
_TOLD = 20


def getcol(options: Options, messages: Messages) -> None:
    """Write all samples, to one file each or to standard output."""
    from .progress import Progress, State

    path = archive_only(options)
    note_ignored(options, messages)
    width, gzip, zstd, index = style = fasta_style(options)
    store = opened(path, options)
    samples = [name for name in store.samples if not (options.skip_reference and name == store.reference)]
    to_stdout = options.output is None or options.output == "-"

    def state() -> State:
        begun, bases = store._native().done
        done = max(0, begun - 1)
        return State(done, bases, done / len(samples) if samples else None)

    # Not between the lines of FASTA on a terminal.
    with Progress(len(samples), "samples", state, shown=not (to_stdout and sys.stdout.isatty())):
        if to_stdout:
            store.write_fasta(None, samples, line_width=width, gzip_level=gzip, zstd_level=zstd, index=index)
            return
        shortened = 0

        def tell(number: int, file: str, short: bool) -> None:
            nonlocal shortened
            shortened += short
            text = f"{file}: sample '{samples[number]}'"
            if short and shortened <= _TOLD:
                messages.warning(f"{text}, whose name is too long for a file")
            else:
                messages.note(text)

        store._native().export_each(samples, options.output, style, options.force, tell)
        if shortened > _TOLD:
            messages.warning(f"{shortened} samples have names that are too long for files; -v 1 tells all their files")


def getset(options: Options, messages: Messages) -> None:
    """Write samples."""
    path, names = archive_and(options, "sample")
    note_ignored(options, messages)
    width, gzip, zstd, index = file_style(options, messages)
    store = opened(path, options)
    store.write_fasta(options.output, names, line_width=width, gzip_level=gzip, zstd_level=zstd, index=index)


def getctg(options: Options, messages: Messages) -> None:
    """Write contigs, or parts of them."""
    from .query import find

    path, queries = archive_and(options, "contig")
    note_ignored(options, messages)
    style = file_style(options, messages)
    store = opened(path, options)
    records = [_record(*found, messages) for found in find(store, queries)]
    store._write_records(records, options.output, style)


def _record(query: str, contig: Contig, span: tuple[int, int] | None, messages: Messages) -> Record:
    """Return what is written for a query; the header of a part is, as with AGC, the contig's and the range."""
    core, index, length = contig.sample._core, contig._index, len(contig)
    if span is None:
        return (core, index, 0, length, False), None
    first, last = span
    asked = shown(query)
    if last < first:
        raise ParameterError(f"'{asked}' ends before it begins")
    if first >= length:
        raise RangeError(f"'{asked}' begins beyond the end of the contig, which has {length} bases")
    if last >= length:
        messages.warning(f"'{asked}' ends beyond the contig, which has {length} bases; it is cut there")
    return (core, index, first, min(last + 1, length), False), f"{contig.header}:{first}-{last}"
