"""What the verbs have in common in taking their arguments."""

from __future__ import annotations

from .. import _core
from .status import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..archive import Archive
    from ..extraction import Style
    from .messages import Messages
    from .option import Options


def archive_only(options: Options) -> str:
    """Return the archive, which must be the only argument."""
    archive, rest = archive_and_any(options)
    if rest:
        raise UsageError(f"one archive is expected; '{rest[0]}' is too much")
    return archive


def archive_and(options: Options, what: str) -> tuple[str, list[str]]:
    """Return the archive and the names behind it, of which there must be one at least."""
    archive, rest = archive_and_any(options)
    if not rest:
        raise UsageError(f"the name of a {what} is missing behind the archive")
    return archive, rest


def archive_and_any(options: Options) -> tuple[str, list[str]]:
    """Return the archive and what is behind it, if anything is."""
    if not options.arguments:
        raise UsageError("the archive is missing")
    return options.arguments[0], options.arguments[1:]


def opened(path: str, options: Options) -> Archive:
    """Open an archive to read bases from it."""
    from ..archive import open as open_archive

    return open_archive(
        path,
        memory_limit=options.memory_limit,
        threads=options.threads,
        upper=options.upper,
        verify=options.verify,
    )


def fasta_style(options: Options) -> Style:
    """Return how FASTA is to be written."""
    from ..extraction import fasta_style

    return fasta_style(options.line_width, options.gzip_level, options.zstd_level, options.fai)


def file_style(options: Options, messages: Messages) -> Style:
    """Return how FASTA is to be written into the file of -o, whose name counts for more than -g and --zstd."""
    width, gzip, zstd, index = fasta_style(options)
    if options.output not in (None, "-") and (gzip or zstd):
        named, asked = _core.named_packing(options.output), "BGZF" if gzip else "zstd"
        if named not in ("plain", asked):
            flag = "-g" if gzip else "--zstd"
            messages.warning(f"{options.output} is written as its name says, by {named}: {flag} has no effect")
            return width, 0, 0, index
    return width, gzip, zstd, index


def note_ignored(options: Options, messages: Messages) -> None:
    """Say at -v 1 which of the flags given have no effect, and why."""
    for name, reason in vars(options).items():
        if name.startswith("ignored_") and reason:
            messages.note(f"-{name.removeprefix('ignored_')} has no effect: {reason}")
