"""The verb append."""

from __future__ import annotations

import sys

from .. import _core, building
from .arguments import note_ignored
from .create import fill, report
from .inputs import check_output, collect
from .status import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .messages import Messages
    from .option import Options


#: Samples that are named where many are passed over.
_NAMED = 5


def append(options: Options, messages: Messages) -> None:
    """Add the samples of FASTA files to an archive."""
    if not options.arguments:
        raise UsageError("there is no archive to append to")
    archive, *files = options.arguments
    if options.in_place and options.output is not None:
        raise UsageError("-o and --in-place exclude each other")
    output = archive if options.in_place else options.output
    if output in (None, "-") and sys.stdout.isatty():
        raise UsageError("an archive is not written to a terminal; use -o FILE, --in-place, or redirect the output")
    note_ignored(options, messages)
    _core.keep_memory_low()
    inputs = collect(files, options.lists, split=options.split is not None)
    if output not in (None, "-"):
        check_output(output, inputs)
    with building.append(
        archive,
        output="-" if output is None else output,
        threads=options.threads,
        memory_limit=options.memory_limit,
        level=options.level,
        keep_case=options.keep_case,
        digests=options.digests,
        md5=options.md5,
        overwrite=options.force,
        wait=options.wait,
        skip_existing=options.skip_existing,
    ) as build:
        build._appends = False
        fill(build, inputs, options, messages)
    if unrelated := build._unrelated():
        messages.warning(unrelated)
    if build.skipped:
        messages.warning(_passed_over(build.skipped, archive))
    report(build._counts, options.stats, messages)


def _passed_over(samples: tuple[str, ...], archive: str) -> str:
    """Return what is said of samples that were not added."""
    named = ", ".join(f"'{name}'" for name in samples[:_NAMED])
    more = f" and {len(samples) - _NAMED} more" if len(samples) > _NAMED else ""
    return f"{archive} has sample{'s' if len(samples) > 1 else ''} {named}{more} already; passed over"
