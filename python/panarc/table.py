"""Columns of facts about contigs."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from .sample import Sample


def columns(samples: Iterable[Sample], *, digests: bool) -> dict[str, list[str] | list[int]]:
    """Return lists of equal length; see `Archive.table`."""
    names: list[str] = []
    contigs: list[str] = []
    headers: list[str] = []
    lengths: list[int] = []
    found: list[str] = []
    for sample in samples:
        own = sample.headers
        names += [sample.name] * len(own)
        contigs += sample.keys()
        headers += own
        lengths += sample._core.lengths()
        if digests:
            found += (contig.digest for contig in sample)
    table: dict[str, list[str] | list[int]] = {"sample": names, "contig": contigs, "header": headers, "length": lengths}
    return {**table, "digest": found} if digests else table
