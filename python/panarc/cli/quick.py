"""Command lines that are plainly right, taken without argparse: it takes longer to load than a short read lasts.

What is anything else is left to `parser`, which also says what is wrong. Both read the same table.
"""

from __future__ import annotations

from .option import Options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from .option import Option


def parse(table: Iterable[Option], arguments: list[str]) -> Options | None:
    """Return what a command line says; None if it is not in the plainest form, or not right."""
    table = list(table)
    by_flag = {flag: option for option in table for flag in option.flags}
    options, values = Options(), iter(arguments)
    groups: dict[str, str] = {}
    found = vars(options)
    found["arguments"] = []
    for option in table:
        default = option.default
        found[option.dest] = list(default) if isinstance(default, list) else default
    for text in values:
        if not text.startswith("-") or text == "-":
            found["arguments"].append(text)
            continue
        known = by_flag.get(text)
        if known is None or groups.setdefault(known.group or text, text) != text:
            return None
        value: object = known.const
        if known.takes_value:
            value = next(values, "-?")
            if value.startswith("-") and value != "-":
                return None
            if known.choices is not None and value not in known.choices:
                return None
            if known.convert is not None:
                try:
                    value = known.convert(value)
                except ValueError:
                    return None
        if known.does == "once" and found[known.dest] is not None:
            return None
        if known.does == "true":
            found[known.dest] = True
        elif known.does == "gather":
            found[known.dest].append(value)
        elif known.does == "tag":
            found[known.dest].append((known.const, value))
        else:
            found[known.dest] = value
    return options
