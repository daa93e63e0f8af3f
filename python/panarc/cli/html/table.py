"""The table behind a plot."""

from __future__ import annotations

from . import text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def table(caption: str, columns: Sequence[str], rows: Iterable[Sequence[str | int]]) -> str:
    """Return a table that is folded away; text is a name and is escaped, numbers are exact.

    Parameters
    ----------
    caption
        What is in it.
    columns
        Heads of the columns.
    rows
        The cells of each row.
    """
    rows = list(rows)
    kinds = [' class="n"' if isinstance(value, int) else "" for value in rows[0]] if rows else [""] * len(columns)
    heads = "".join(
        f'<th scope="col"{kind}>{text.name(column)}</th>' for column, kind in zip(columns, kinds, strict=True)
    )
    body = "\n".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
    return (
        f"<details><summary>{text.name(caption)}</summary>\n"
        f'<div class="scroll" tabindex="0" role="region" aria-label="{text.name(caption)}">'
        f"<table><thead><tr>{heads}</tr></thead>\n<tbody>\n{body}\n</tbody></table></div></details>"
    )


def _cell(value: str | int) -> str:
    return f"<td>{text.name(value)}</td>" if isinstance(value, str) else f'<td class="n">{text.number(value)}</td>'
