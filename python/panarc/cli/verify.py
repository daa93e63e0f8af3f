"""The verbs check and verify: whether an archive is whole."""

from __future__ import annotations

import sys
from dataclasses import asdict

from .. import archive
from . import status
from .arguments import archive_only
from .output import write_lines
from .progress import Progress, State
from .tables import json_lines

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..report import Report
    from .messages import Messages
    from .option import Options


def check(options: Options, _messages: Messages) -> None:
    """Look whether an archive is well formed."""
    _tell(_opened(options).check(), options)


def verify(options: Options, _messages: Messages) -> None:
    """Decode all that is in an archive, and look whether it is right."""
    store = _opened(options)
    done = 0

    def advance(samples: int) -> None:
        nonlocal done
        done = samples

    def state() -> State:
        return State(done, store._native().done[1], done / len(store) if len(store) else None)

    with Progress(len(store), "samples", state):
        found = store.verify(advance)
    _tell(found, options)


def _opened(options: Options) -> archive.Archive:
    return archive.open(archive_only(options), memory_limit=options.memory_limit, threads=options.threads)


def _tell(found: Report, options: Options) -> None:
    """Print a report; the status is that of a failure if anything is wrong."""
    write_lines(json_lines({"ok": found.ok, **asdict(found)}) if options.json else _lines(found), options.output)
    if not found.ok:
        sys.exit(status.FAILED)


def _lines(found: Report) -> Iterator[str]:
    """Yield a line for each finding and note, and one that sums up."""
    for finding in found.findings:
        yield f"damaged: {finding}"
    for note in found.notes:
        yield f"note: {note}"
    contigs = found.contigs - found.contigs_damaged
    samples = found.samples - found.samples_lost
    if found.ok:
        looked = f"{found.bases} bases decoded, {found.digests} digests compared" if found.bases else "structure only"
        yield f"whole: {samples} samples, {contigs} contigs; {looked}"
    else:
        yield (
            f"readable: {contigs} of {found.contigs} contigs, of {samples} samples;"
            f" lost: {found.samples_lost} samples; {len(found.findings)} findings"
        )
