"""The verb digest: digests of contigs, and of samples as sequence collections."""

from __future__ import annotations

from .. import archive
from .arguments import archive_only
from .output import write_lines
from .tables import json_list, tsv

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..sample import Sample
    from .messages import Messages
    from .option import Options


def digest(options: Options, _messages: Messages) -> None:
    """Print digests."""
    store = archive.open(archive_only(options))
    for name in options.samples:
        store._check(name)
    # Samples are gone through one by one: all of them at once could be large.
    samples = (store[name] for name in options.samples or store.samples)
    if options.seqcol:
        columns = ["sample", "digest"]
        found: Iterator[dict[str, object]] = map(_collection if options.json else _top, samples)
    else:
        columns = ["sample", "contig", "length", "digest", *(["md5"] if options.md5 else [])]
        found = (row for sample in samples for row in _rows(sample, md5=options.md5))
    if options.json:
        write_lines(json_list(found), options.output)
    else:
        write_lines(tsv(columns, ([row[column] for column in columns] for row in found)), options.output)


def _rows(sample: Sample, *, md5: bool) -> Iterator[dict[str, object]]:
    """Yield what is known of each contig."""
    for key, contig in sample.items():
        # The MD5 first: what is computed for it has the digest, too.
        more = {"md5": contig.md5} if md5 else {}
        row = {"sample": sample.name, "contig": key, "length": len(contig), "digest": contig.digest}
        yield row | more


def _top(sample: Sample) -> dict[str, object]:
    """Return the digest of a sample's sequence collection."""
    return {"sample": sample.name, "digest": sample.seqcol(0)}


def _collection(sample: Sample) -> dict[str, object]:
    """Return a sample's sequence collection at all levels."""
    from ..seqcol import top

    digests = sample.seqcol(1)
    return {"sample": sample.name, "digest": top(digests), "digests": digests, **sample.seqcol(2)}
