"""Region strings: ``chrI``, ``chrI:1,001-2,000``, ``chrI:1001-``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .errors import ParameterError

_NUMBER = r"[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+"
_RANGE = re.compile(rf"(?P<contig>.+):(?P<first>{_NUMBER})-(?P<last>{_NUMBER})?", re.DOTALL | re.ASCII)


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
    """

    contig: str
    start: int = 0
    end: int | None = None


def parse_region(text: str) -> Region:
    """Return what a region string says. Its positions are counted from 1, and the last one is meant too.

    A text without a range at its end is the name of a whole contig, ``:`` and all. One position alone (``chrI:1001``)
    is refused, because tools do not agree whether it means one base or all from there: write ``chrI:1001-1001`` or
    ``chrI:1001-``.

    Raises
    ------
    ParameterError
        If the positions make no sense.
    """
    match = _RANGE.fullmatch(text)
    if match is None:
        contig, colon, position = text.rpartition(":")
        if colon and contig and re.fullmatch(_NUMBER, position, re.ASCII):
            raise ParameterError(
                f"region '{text}' has one position; write {text}-{position} for one base, {text}- for all from it"
            )
        return Region(text)
    first = int(match["first"].replace(",", ""))
    last = None if match["last"] is None else int(match["last"].replace(",", ""))
    if first == 0:
        raise ParameterError(f"region '{text}' begins at 0; positions in region strings are counted from 1")
    if last is not None and last < first:
        raise ParameterError(f"region '{text}' ends before it begins")
    return Region(match["contig"], first - 1, last)
