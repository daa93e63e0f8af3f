"""The range at the end of a region string: ``:1,001-2,000``, ``:1001``, ``:1001-``, ``:-2000``."""

from __future__ import annotations

import re

from .errors import ParameterError

TYPE_CHECKING = False
if TYPE_CHECKING:
    #: First and last position as a query has them; None for the contig's first or last.
    Span = tuple[int | None, int | None]

_NUMBER = r"[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+"
#: More than any position has.
_DIGITS = 25
_RANGE = re.compile(
    rf"(?P<contig>.+):(?:(?P<first>{_NUMBER})(?:-(?P<last>{_NUMBER})?)?|-(?P<only_last>{_NUMBER}))",
    re.DOTALL | re.ASCII,
)


def split_region(text: str) -> tuple[str, Span] | None:
    """Take the range off a region string; None if it has none."""
    match = _RANGE.fullmatch(text)
    if match is None:
        return None
    first, last = match["first"], match["last"] or match["only_last"]
    return match["contig"], (_number(first), _number(last))


def unbraced(text: str) -> tuple[str, str, str] | None:
    """Return what is before a name in braces, the name, and what is behind; None if there is none.

    As with samtools, ``{chrI:1-100}:5-10`` are bases 5 to 10 of a contig whose name looks like a region.
    """
    start, end = text.find("{"), text.rfind("}")
    if start < 0 or end <= start + 1:
        return None
    return text[:start], text[start + 1 : end], text[end + 1 :]


def bounds(span: Span) -> tuple[int, int | None]:
    """Return start and end, 0-based and half-open, of positions that count from 1.

    Raises
    ------
    ParameterError
        If they make no sense.
    """
    first, last = span
    if first == 0 or last == 0:
        raise ParameterError("it holds position 0; positions in region strings are counted from 1")
    if first is not None and last is not None and last < first:
        raise ParameterError("it ends before it begins")
    return (0 if first is None else first - 1), last


def position(digits: str) -> int:
    """Return a number; of one beyond all contigs the first digits do, as Python refuses to read thousands of them."""
    return int(digits.lstrip("0")[:_DIGITS] or 0)


def _number(text: str | None) -> int | None:
    return None if text is None else position(text.replace(",", ""))
