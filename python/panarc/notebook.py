"""How archives, samples and contigs look in notebooks. Names are others' text: all of them are escaped."""

from __future__ import annotations

from html import escape

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from .contig import Contig
    from .opened import Opened
    from .sample import Sample

#: Rows that a table has at most.
ROWS = 10

#: Letters of a name that are shown at most.
_LETTERS = 100


def archive(shown: Opened) -> str:
    """Return an archive as HTML: what it is called, and its first samples."""
    state = ", closed" if shown.closed else ""
    head = f"panarc archive <code>{_text(shown._shown)}</code>, {_count(len(shown), 'sample')}{state}"
    return _table(head, ("sample",), [(name,) for name in shown.samples[:ROWS]], len(shown))


def sample(shown: Sample) -> str:
    """Return a sample as HTML: its name, and its first contigs with their lengths."""
    head = f"sample <b>{_text(shown.name)}</b>, {_count(len(shown), 'contig')}, {_count(shown.bases, 'base')}"
    core = shown._core
    rows = [(core.header(place), f"{core.length(place):,}") for place in range(min(ROWS, len(core)))]
    return _table(head, ("contig", "bases"), rows, len(core))


def contig(shown: Contig) -> str:
    """Return a contig as HTML: its header, where it is, and its length. No bases are decoded."""
    strand = ", other strand" if shown.strand == "-" else ""
    where = f"of sample <b>{_text(shown.sample.name)}</b>"
    return f"<p>contig <b>{_text(shown.header)}</b> {where}, {_count(len(shown), 'base')}{strand}</p>"


def _table(head: str, names: Sequence[str], rows: Sequence[Sequence[str]], count: int) -> str:
    titles = "".join(f"<th>{name}</th>" for name in names)
    lines = "".join(f"<tr>{''.join(f'<td>{_text(cell)}</td>' for cell in row)}</tr>" for row in rows)
    more = f"<p>and {count - len(rows):,} more</p>" if count > len(rows) else ""
    return f"<p>{head}</p><table><thead><tr>{titles}</tr></thead><tbody>{lines}</tbody></table>{more}"


def _text(name: str) -> str:
    """Return a name that can stand in HTML. What is no text in a name, and what is too long, is left out."""
    whole = name if len(name) <= _LETTERS else name[:_LETTERS] + "…"
    return escape(whole.encode("utf-8", "replace").decode("utf-8"))


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
