"""Regions, and the strings for them: ``chrI``, ``chrI:1,001-2,000``, ``chrI:1001``, ``chrI:1001-``, ``chrI:-2000``."""

from __future__ import annotations

from dataclasses import dataclass

from .errors import ParameterError
from .names import shown
from .spans import bounds, split_region, unbraced

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    from .spans import Span

#: Stands for a name in braces; none holds it.
_NAME = "\0"


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

    As with samtools, one position alone means all from there (``chrI:1001`` is ``chrI:1001-``), and braces tell a name
    from its range (``{chrI:1-100}:5-10``). A text without a range at its end is the name of a whole contig, ``:`` and
    all.

    Raises
    ------
    ParameterError
        If the positions make no sense.

    Examples
    --------
    >>> panarc.parse_region("chrI:1,001-2,000")
    Region(contig='chrI', start=1000, end=2000, sample=None, strand='+')
    """
    braced = unbraced(text)
    if braced is not None and not braced[0]:
        _, contig, rest = braced
        parts = split_region(f"{_NAME}{rest}")
        if not rest:
            return Region(contig)
        if parts is not None and parts[0] == _NAME:
            return _spanned(text, contig, parts[1])
    parts = split_region(text)
    return Region(text) if parts is None else _spanned(text, *parts)


def _spanned(text: str, contig: str, span: Span) -> Region:
    try:
        return Region(contig, *bounds(span))
    except ParameterError as error:
        raise ParameterError(f"region '{shown(text)}': {error}") from None
