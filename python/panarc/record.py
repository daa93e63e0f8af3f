"""A contig with its sequence, as other libraries' FASTA readers give it."""

from __future__ import annotations

from collections.abc import Iterator

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from .contig import Contig


class Record:
    """A record of FASTA: what `Archive.records` and `Sample.records` give, one after another.

    Parameters
    ----------
    sample
        Name of the sample.
    header
        Whole header, without ``>``.
    sequence
        All bases.
    """

    __slots__ = ("header", "sample", "sequence")

    def __init__(self, sample: str, header: str, sequence: bytes) -> None:
        self.sample = sample
        self.header = header
        self.sequence = sequence

    @property
    def name(self) -> str:
        """First word of the header."""
        from .names import first_word

        return first_word(self.header)

    @property
    def comment(self) -> str:
        """What stands behind the first word of the header."""
        from .names import comment

        return comment(self.header)

    def __len__(self) -> int:
        return len(self.sequence)

    def __str__(self) -> str:
        return f">{self.header}\n{self.sequence.decode()}\n"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Record):
            return NotImplemented
        return (self.sample, self.header, self.sequence) == (other.sample, other.header, other.sequence)

    def __hash__(self) -> int:
        return hash((self.sample, self.header, self.sequence))

    def __repr__(self) -> str:
        return f"<panarc.Record {self.name!r} of sample {self.sample!r}, {len(self)} bases>"


def records(contigs: Iterable[Contig]) -> Iterator[Record]:
    """Yield contigs with their sequences, each decoded when its turn comes."""
    for contig in contigs:
        yield Record(contig.sample.name, contig.header, contig.sequence())
