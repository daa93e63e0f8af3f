"""Regions, and the strings for them: ``chrI``, ``chrI:1,001-2,000``, ``chrI:1001``, ``chrI:1001-``, ``chrI:-2000``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .errors import ParameterError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    #: First and last position as a query has them; None for the contig's first or last.
    Span = tuple[int | None, int | None]

_NUMBER = r"[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+"
#: More than any position has.
_DIGITS = 25
_RANGE = re.compile(
    rf"(?P<contig>.+):(?:(?P<first>{_NUMBER})(?:-(?P<last>{_NUMBER})?)?|-(?P<only_last>{_NUMBER}))",
    re.DOTALL | re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Region:
    """A stretch of a contig, 0-based and half-open.

    Parameters
    ----------
    contig
        Name of the contig.
    start
        First position.
    end
        Position after the last one; None for the contig's end.
    sample
        Name of the sample; None if the contig is in one sample only, or if the sample is said elsewhere.
    strand
        ``"-"`` for the reverse complement.
    """

    contig: str
    start: int = 0
    end: int | None = None
    sample: str | None = None
    strand: Literal["+", "-"] = "+"


def parse_region(text: str) -> Region:
    """Return what a region string says. Its positions are counted from 1, and the last one is meant too.

    As with samtools, one position alone means all from there (``chrI:1001`` is ``chrI:1001-``). A text without a range
    at its end is the name of a whole contig, ``:`` and all.

    Raises
    ------
    ParameterError
        If the positions make no sense.
    """
    parts = split_region(text)
    if parts is None:
        return Region(text)
    contig, span = parts
    try:
        return Region(contig, *bounds(span))
    except ParameterError as error:
        raise ParameterError(f"region '{text}': {error}") from None


def split_region(text: str) -> tuple[str, Span] | None:
    """Take the range off a region string; None if it has none."""
    match = _RANGE.fullmatch(text)
    if match is None:
        return None
    first, last = match["first"], match["last"] or match["only_last"]
    return match["contig"], (_number(first), _number(last))


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
