"""Results as other programs read them: columns with tabs between them, or JSON."""

from __future__ import annotations

from .messages import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping


def tsv(columns: Iterable[str], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """Yield a line with the names of the columns, and one for each row; names are escaped, as they may hold tabs."""
    yield "\t".join(columns)
    for row in rows:
        yield "\t".join(printable(str(value)) for value in row)


def json_lines(value: object) -> list[str]:
    """Return JSON; bytes of names that are no text are surrogates, as in Python."""
    import json

    return json.dumps(value, indent=2).splitlines()


def json_list(rows: Iterable[Mapping[str, object]]) -> Iterator[str]:
    """Yield JSON of a list of objects, which are made one after another."""
    import json

    before = "["
    for row in rows:
        yield before if before == "[" else before + ","
        yield "  {"
        last = len(row) - 1
        for place, (key, value) in enumerate(row.items()):
            # Text and numbers one by one: what indents is written in Python, and leaves cycles behind at each call.
            plain = isinstance(value, (str, int))
            lines = [json.dumps(value)] if plain else json_lines(value)
            lines[0] = f"{json.dumps(key)}: {lines[0]}"
            lines[-1] += "," * (place < last)
            yield from ("    " + line for line in lines)
        before = "  }"
    if before == "[":
        yield "[]"
    else:
        yield before
        yield "]"
