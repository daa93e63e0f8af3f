"""The verb repair: a new archive of what can be read of a damaged one."""

from __future__ import annotations

import sys
from dataclasses import asdict

from .. import _core
from ..repaired import repair as make
from . import status
from .arguments import archive_only
from .output import write_lines
from .progress import Progress, State
from .status import UsageError
from .tables import json_lines

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..repaired import Repaired
    from .messages import Messages
    from .option import Options


def repair(options: Options, _messages: Messages) -> None:
    """Make a new archive of what can be read of a damaged one."""
    path = archive_only(options)
    if options.output in (None, "-"):
        raise UsageError("the new archive is missing; use -o FILE")
    _core.keep_memory_low()
    done = 0

    def advance(sample: int) -> None:
        nonlocal done
        done = sample

    with Progress(None, "samples", lambda: State(done, None, None)):
        found = make(
            path,
            options.output,
            threads=options.threads,
            memory_limit=options.memory_limit,
            overwrite=options.force,
            progress=advance,
        )
    write_lines(json_lines({"ok": found.ok, **asdict(found)}) if options.json else _lines(found, options.output), None)
    if not found.ok:
        sys.exit(status.FAILED)


def _lines(found: Repaired, output: str) -> Iterator[str]:
    """Yield a line for each finding and loss, and some that sum up."""
    for finding in found.report.findings:
        yield f"damaged: {finding}"
    for note in found.report.notes:
        yield f"note: {note}"
    for finding in found.lost:
        yield f"lost: {finding}"
    if found.case_lost:
        yield f"lost: the lower case of {found.case_lost} contigs, which are in upper case now"
    if found.unproven and found.action == "salvage":
        yield f"note: no digest proves {found.unproven} of the contigs; their lengths and overlaps agree"
    held = f"{found.samples} samples, {found.contigs} contigs"
    match found.action:
        case "none":
            yield f"whole: {held}; nothing to repair, nothing written"
        case "lengths":
            yield f"repaired: lengths of {found.lengths} samples; {output} has all {held}"
        case _:
            yield f"repaired: {output} has {held}" + ("; nothing is lost" if found.ok else "")
