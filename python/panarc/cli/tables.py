"""Results as other programs read them: columns with tabs between them, or JSON."""

from __future__ import annotations

from .messages import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def tsv(columns: Iterable[str], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """Yield a line with the names of the columns, and one for each row; names are escaped, as they may hold tabs."""
    yield "\t".join(columns)
    for row in rows:
        yield "\t".join(printable(str(value)) for value in row)


def json_lines(value: object) -> list[str]:
    """Return JSON; bytes of names that are no text are surrogates, as in Python."""
    import json

    return json.dumps(value, indent=2).splitlines()


def json_list(values: Iterable[object]) -> Iterator[str]:
    """Yield JSON of a list, whose elements are made one after another."""
    before = None
    for value in values:
        lines = ["  " + line for line in json_lines(value)]
        if before is None:
            yield "["
        else:
            yield before + ","
        yield from lines[:-1]
        before = lines[-1]
    if before is None:
        yield "[]"
    else:
        yield before
        yield "]"
