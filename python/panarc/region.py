"""Regions, and the strings for them: ``chrI``, ``chrI:1,001-2,000``, ``chrI:1001``, ``chrI:1001-``, ``chrI:-2000``."""

from __future__ import annotations

from dataclasses import dataclass

from .errors import ParameterError
from .spans import bounds, split_region

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal


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

    Examples
    --------
    >>> panarc.parse_region("chrI:1,001-2,000")
    Region(contig='chrI', start=1000, end=2000, sample=None, strand='+')
    """
    parts = split_region(text)
    if parts is None:
        return Region(text)
    contig, span = parts
    try:
        return Region(contig, *bounds(span))
    except ParameterError as error:
        raise ParameterError(f"region '{text}': {error}") from None
