"""The verb fetch: regions, as samtools faidx extracts them."""

from __future__ import annotations

from .arguments import file_style, opened
from .regions import asks

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..asks import Ask, Found
    from .messages import Messages
    from .option import Options


def fetch(options: Options, messages: Messages) -> None:
    """Write regions."""
    path, wanted = asks(options)
    style = file_style(options, messages)
    store = opened(path, options)
    if options.sample is not None:
        store._check(options.sample)

    def cut(ask: Ask, found: Found) -> None:
        left = f"bases {found.start + 1} to {found.end} are left" if found.start < found.end else "nothing is left"
        messages.warning(f"{ask.label()} is cut to its contig, which has {len(found.contig)} bases: {left}")

    store._write_asks(
        options.output,
        wanted,
        header=options.header,
        comment=options.comment,
        clamp=options.truncate,
        style=style,
        notice=cut,
    )
