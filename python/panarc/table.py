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
        for key, contig in sample.items():
            names.append(sample.name)
            contigs.append(key)
            headers.append(contig.header)
            lengths.append(len(contig))
            if digests:
                found.append(contig.digest)
    table: dict[str, list[str] | list[int]] = {"sample": names, "contig": contigs, "header": headers, "length": lengths}
    return {**table, "digest": found} if digests else table
