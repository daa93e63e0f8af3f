"""Contigs as Biopython's records."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from Bio.SeqRecord import SeqRecord

    from ..archive import Archive


def seq_records(archive: Archive, samples: Iterable[str] | None = None) -> Iterator[SeqRecord]:
    """Yield contigs as `Bio.SeqRecord.SeqRecord` objects, as `Bio.SeqIO.parse` gives them of FASTA.

    Parameters
    ----------
    archive
        An open archive.
    samples
        Names of the samples, in the order wanted; None for all. The name of a record's sample is its annotation
        ``sample``.

    Raises
    ------
    ImportError
        If Biopython is not installed.
    SampleNotFoundError
        If there is no such sample.
    """
    from Bio.Seq import Seq
    from Bio.SeqRecord import SeqRecord

    for record in archive.records(samples):
        yield SeqRecord(
            Seq(record.sequence),
            id=record.name,
            name=record.name,
            description=record.header,
            annotations={"sample": record.sample},
        )
