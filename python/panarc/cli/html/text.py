"""Names and numbers as the page shows them."""

from __future__ import annotations

from html import escape

from ..messages import printable

#: Letters of a name that are shown; what is longer is cut.
LONGEST = 120


def name(text: str) -> str:
    """Return a name that does nothing in HTML: no markup, no control or surrogate characters, not too long."""
    return escape(plain(text))


def plain(text: str) -> str:
    """Return a name without control and surrogate characters, not too long; for JSON."""
    text = printable(text)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}\N{HORIZONTAL ELLIPSIS}"


def number(value: int) -> str:
    """Return a number: 1,234."""
    return f"{value:,}"


def size(value: float) -> str:
    """Return a number of bytes with a unit, to three digits: 4.10 MB."""
    for unit in ("B", "kB", "MB", "GB"):
        if value < 999.5:
            return f"{value:.0f} B" if unit == "B" else f"{_three(value)} {unit}"
        value /= 1000
    return f"{_three(value)} TB"


def short(value: float) -> str:
    """Return a number without a unit of its own, to three digits: 12.3 k."""
    for unit in ("", " k", " M", " G"):
        if value < 999.5:
            return (
                (f"{value:.0f}" if value == int(value) else _three(value)) + unit if not unit else _three(value) + unit
            )
        value /= 1000
    return f"{_three(value)} T"


def percent(part: float, whole: float) -> str:
    """Return a share: 12.3 %."""
    return f"{100 * part / whole:.1f} %" if whole else "0.0 %"


def _three(value: float) -> str:
    return f"{value:.2f}" if value < 9.995 else f"{value:.1f}" if value < 99.95 else f"{value:.0f}"
