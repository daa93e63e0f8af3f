"""What getctg asks for: ``contig``, ``contig@sample``, ``contig:from-to``, ``contig@sample:from-to``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ..errors import ContigNotFoundError, SampleNotFoundError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..archive import Archive
    from ..contig import Contig

_RANGE = re.compile(r"(.*):([0-9]+)-([0-9]+)", re.DOTALL | re.ASCII)


@dataclass(frozen=True, slots=True)
class Found:
    """A contig and, where a part of it is asked for, the first and last position, from 0."""

    contig: Contig
    first: int | None = None
    last: int | None = None


def find(archive: Archive, query: str) -> Found:
    """Return what a query means.

    Names may hold ``@`` and ``:``, so all ways to read it are tried, until one fits the archive: first those with a
    sample, from the last ``@`` to the first, then those without; and each without a range before with one. So every
    contig can be asked for: with its sample behind it, whatever its name is.

    Raises
    ------
    SampleNotFoundError, ContigNotFoundError, AmbiguousContigError
        If nothing, or more than one contig, fits.
    """
    for name, sample, first, last in _readings(query):
        if sample is None or sample in archive:
            try:
                return Found(archive.contig(name, sample), first, last)
            except ContigNotFoundError:
                continue
    raise _nothing(archive, query)


def _readings(query: str) -> Iterator[tuple[str, str | None, int | None, int | None]]:
    """Yield contig, sample, first and last position of all ways to read a query."""
    whole: list[tuple[str, int | None, int | None]] = [(query, None, None)]
    match = _RANGE.fullmatch(query)
    if match:
        whole.append((match[1], int(match[2]), int(match[3])))
    at = query.rfind("@")
    while at > 0:
        for text, first, last in whole:
            if at < len(text) - 1:
                yield text[:at], text[at + 1 :], first, last
        at = query.rfind("@", 0, at)
    for text, first, last in whole:
        if text:
            yield text, None, first, last


def _nothing(archive: Archive, query: str) -> Exception:
    """Return the error that says best why nothing fits."""
    readings = list(_readings(query))
    for name, sample, _, _ in readings:
        if sample is not None and sample in archive:
            return ContigNotFoundError(f"{archive.path}: no contig named '{name}' in sample '{sample}'")
    for _, sample, first, _ in reversed(readings):
        if sample is not None and (first is not None) == (_RANGE.fullmatch(query) is not None):
            return SampleNotFoundError(f"{archive.path}: no sample named '{sample}', and no contig named '{query}'")
    return ContigNotFoundError(f"{archive.path}: no contig named '{readings[-1][0] if readings else query}'")
