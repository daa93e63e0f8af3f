"""What getctg asks for: ``contig``, ``contig@sample``, ``contig:from-to``, ``contig@sample:from-to``."""

from __future__ import annotations

import re

from ..resolve import Resolver, readings
from ..spans import position

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..archive import Archive
    from ..contig import Contig

_RANGE = re.compile(r"(.*):([0-9]+)-([0-9]+)", re.DOTALL | re.ASCII)


def find(archive: Archive, queries: list[str]) -> Iterator[tuple[str, Contig, tuple[int, int] | None]]:
    """Yield each query with its contig and, where a part of it is asked for, the first and last position, from 0.

    Raises
    ------
    SampleNotFoundError, ContigNotFoundError, AmbiguousContigError
        If nothing, or more than one contig, fits.
    """
    answers = Resolver(archive).resolve([tuple(readings(query, split=_split)) for query in queries])
    for query, answer in zip(queries, answers, strict=True):
        if isinstance(answer, Exception):
            raise answer
        contig, span = answer
        yield query, contig, None if span is None else (span[0] or 0, span[1] or 0)


def _split(text: str) -> tuple[str, tuple[int, int]] | None:
    match = _RANGE.fullmatch(text)
    return None if match is None else (match[1], (position(match[2]), position(match[3])))
