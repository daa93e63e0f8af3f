"""What `ArchiveStats.bytes` has, as people call it."""

from __future__ import annotations

LABELS = {
    "references": "References",
    "deltas": "Deltas",
    "samples": "Names of samples",
    "contigs": "Names of contigs",
    "details": "Rows of segments",
    "keys": "Keys of groups",
    "splitters": "Splitters",
    "params": "Parameters",
    "info": "Properties",
    "case": "Lower case",
    "digests": "Digests",
    "other": "Unknown streams",
    "gaps": "Gaps",
    "footer": "Footer",
}
