"""The verb create."""

from __future__ import annotations

import sys

from .. import _core, building
from .arguments import note_ignored
from .inputs import check_output, collect
from .messages import erasable
from .progress import Progress, State, file_bytes
from .status import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..builder import Builder
    from .inputs import Input
    from .messages import Messages
    from .option import Options


def create(options: Options, messages: Messages) -> None:
    """Make an archive from FASTA files."""
    output = None if options.output == "-" else options.output
    if output is None and sys.stdout.isatty():
        raise UsageError("an archive is not written to a terminal; use -o FILE or redirect the output")
    note_ignored(options, messages)
    _core.keep_memory_low()
    inputs = collect(options.arguments, options.lists, split=options.split is not None)
    if output is not None:
        check_output(output, inputs)
    with building.create(
        output,
        k=options.k,
        min_match=options.min_match,
        segment_size=options.segment_size,
        pack_cardinality=options.pack_cardinality,
        threads=options.threads,
        memory_limit=options.memory_limit,
        level=options.level,
        keep_case=options.keep_case,
        digests=options.digests,
        md5=options.md5,
        overwrite=options.force,
    ) as build:
        fill(build, inputs, options, messages)
    report(build._counts, options.stats, messages)


def fill(build: Builder, inputs: list[Input], options: Options, messages: Messages) -> None:
    """Add all files and complete the archive."""
    paths = [path for file in inputs for path in file.paths]
    # There may be many files to ask.
    total, done = file_bytes(paths) if erasable(sys.stderr) else None, 0

    def state() -> State:
        taken = build._core.bytes_taken
        return State(done, build.bases, None if total is None else min(1.0, taken / total) if total else 1.0)

    with Progress(len(paths), "files", state, limit=build.memory_limit):
        for file in inputs:
            _add(build, file, options, messages)
            done += len(file.paths)
        build.close()


def _add(build: Builder, file: Input, options: Options, messages: Messages) -> None:
    """Add one sample, or all that some files hold."""
    names = ", ".join(file.paths)
    allow = options.allow_missing_eof
    if file.sample is None and options.split is not None:
        samples = build.add_records(file.paths, options.split, allow_missing_eof=allow)
        messages.note(f"{names}: {samples} samples")
    else:
        contigs = build.add_fasta(file.paths, file.sample, allow_missing_eof=allow)
        messages.note(f"{names}: {contigs} contigs, sample '{file.sample}'")


def report(counts: _core._Counts | None, path: str | None, messages: Messages) -> None:
    """Say what a finished build did, at -v and in the file asked for."""
    if counts is None:
        return
    # Where there was a line of progress, its end is told; what runs by itself has silence when all is well.
    messages.note(
        f"{counts['samples']} samples, {counts['contigs']} contigs, {counts['bases']} bases"
        f" in {counts['archive_bytes']} bytes, {counts['elapsed']:.2f} s",
        level=0 if erasable(sys.stderr) else 1,
    )
    if counts["mapped_sparsely"]:
        # Places of seeds have 32 bits; with fewer bases than that it was the limit.
        also = "" if counts["bases"] < 1 << 32 else ", or there are more than 4.29 billion distinct bases"
        messages.warning(
            f"the memory limit could not hold all distinct sequence{also}: the archive is larger than it would be"
        )
    messages.note(f"{counts['segments']} segments in {counts['groups']} groups", level=2)
    stages = ", ".join(f"{name} {seconds:.2f} s" for name, seconds in counts["seconds"].items())
    waits = ", ".join(f"{name} {seconds:.2f} s" for name, seconds in counts["waited"].items())
    messages.note(f"work: {stages}; waiting: {waits}", level=2)
    peaks = ", ".join(f"{name} {size}" for name, size in counts["peak_bytes"].items())
    messages.note(f"peak bytes: {peaks}; on disk {counts['spilled_bytes']}; limit {counts['memory_limit']}", level=2)
    if path is not None:
        import json

        text = json.dumps(counts, indent=2) + "\n"
        if path == "-":
            sys.stderr.write(text)
        else:
            from .output import write_file

            write_file(text.encode(), path)
