"""The verb create."""

from __future__ import annotations

import sys

from .. import builder
from .arguments import note_ignored
from .inputs import check_output, collect
from .progress import Progress
from .status import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from .messages import Messages


def create(options: argparse.Namespace, messages: Messages) -> None:
    """Make an archive from FASTA files."""
    if options.concatenated:
        raise UsageError("-c (many samples in one file) is not supported yet")
    output = None if options.output == "-" else options.output
    if output is None and sys.stdout.isatty():
        raise UsageError("an archive is not written to a terminal; use -o FILE or redirect the output")
    note_ignored(options, messages)
    if options.fallback is not None:
        messages.note("-f has no effect")
    inputs = collect(options.arguments, options.lists)
    if output is not None:
        check_output(output, inputs)
    with (
        builder.create(
            output,
            k=options.k,
            min_match=options.min_match,
            segment_size=options.segment_size,
            pack_cardinality=options.pack_cardinality,
            threads=options.threads,
        ) as build,
        Progress(len(inputs), lambda: build.bases) as progress,
    ):
        for file in inputs:
            contigs = build.add_fasta(file.path, file.sample)
            progress.advance()
            messages.note(f"{file.path}: {contigs} contigs, sample '{file.sample}'")
        build.close()
    stats = build.stats
    if stats is not None:
        messages.note(
            f"{stats.samples} samples, {stats.contigs} contigs, {stats.bases} bases in {stats.archive_bytes} bytes"
        )
        messages.note(f"{stats.segments} segments in {stats.groups} groups", level=2)
