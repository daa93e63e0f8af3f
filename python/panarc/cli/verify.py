"""The verbs check and verify: whether an archive is whole."""

from __future__ import annotations

import sys
from dataclasses import asdict

from .. import archive
from . import status
from .arguments import archive_and_any, archive_only
from .inputs import collect
from .output import write_lines
from .progress import Progress, State
from .status import UsageError
from .tables import json_lines

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..report import Report
    from .messages import Messages
    from .option import Options


def check(options: Options, _messages: Messages) -> None:
    """Look whether an archive is well formed."""
    _tell(_opened(archive_only(options), options).check(), options)


def verify(options: Options, _messages: Messages) -> None:
    """Decode all that is in an archive, look whether it is right, and compare it with its originals."""
    path, files = archive_and_any(options)
    originals = _originals(files, options)
    store = _opened(path, options)
    done = 0

    def advance(samples: int) -> None:
        nonlocal done
        done = samples

    total = len(store) * (1 if originals is None else 2)

    def state() -> State:
        return State(done, store._native().done[1], done / total if total else None)

    with Progress(total, "samples", state):
        found = store.verify(
            advance, against=originals, split=options.split, allow_missing_eof=options.allow_missing_eof
        )
    _tell(found, options)


def _originals(files: list[str], options: Options) -> dict[str | None, list[str]] | None:
    """Return the files to compare with, by sample."""
    if not options.against:
        if files or options.lists:
            raise UsageError("one archive is expected; originals go with --against")
        return None
    originals: dict[str | None, list[str]] = {}
    for file in collect(files, options.lists, split=options.split is not None):
        originals.setdefault(file.sample, []).extend(file.paths)
    return originals


def _opened(path: str, options: Options) -> archive.Archive:
    return archive.open(path, memory_limit=options.memory_limit, threads=options.threads)


def _tell(found: Report, options: Options) -> None:
    """Print a report; the status is that of a failure if anything is wrong."""
    write_lines(json_lines({"ok": found.ok, **asdict(found)}) if options.json else _lines(found), options.output)
    if not found.ok:
        sys.exit(status.FAILED)


def _lines(found: Report) -> Iterator[str]:
    """Yield a line for each finding and note, and one that sums up."""
    for finding in found.findings:
        yield f"damaged: {finding}"
    for difference in found.differences:
        yield f"different: {difference}"
    for note in found.notes:
        yield f"note: {note}"
    contigs = found.contigs - found.contigs_damaged
    samples = found.samples - found.samples_lost
    if found.findings:
        yield (
            f"readable: {contigs} of {_count(found.contigs, 'contig')}, of {_count(samples, 'sample')};"
            f" lost: {_count(found.samples_lost, 'sample')}; {_count(len(found.findings), 'finding')}"
        )
    else:
        looked = "structure only"
        if found.bases:
            looked = f"{_count(found.bases, 'base')} decoded, {_count(found.digests, 'digest')} compared"
        yield f"whole: {_count(samples, 'sample')}, {_count(contigs, 'contig')}; {looked}"
    if found.compared or found.differences:
        compared = _count(found.compared, "contig")
        yield f"originals: {compared} compared, {_count(len(found.differences), 'difference')}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
