"""What reads for a `Fasta`, in the place of a `pyfaidx.Faidx`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..errors import Error
from .sequence import Sequence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..contig import Contig
    from .references import References


class FetchError(Error, IndexError):
    """What was asked for is not there, as pyfaidx's error of this name says."""


class IndexRecord:
    """What an index says of a record. There are no lines in an archive: only its length is known."""

    __slots__ = ("rlen",)

    def __init__(self, rlen: int) -> None:
        self.rlen = rlen

    def __len__(self) -> int:
        return self.rlen


class Index(Mapping[str, IndexRecord]):
    """The records of a `Fasta` by name, in their order."""

    def __init__(self, faidx: Faidx) -> None:
        self._faidx = faidx

    def __getitem__(self, name: str) -> IndexRecord:
        return IndexRecord(len(self._faidx.contig(name)))

    def __contains__(self, name: object) -> bool:
        return name in self._faidx.names

    def __iter__(self) -> Iterator[str]:
        return iter(self._faidx.names)

    def __len__(self) -> int:
        return len(self._faidx.names)


class Faidx:
    """Stretches of records by name, from 1 with both ends meant.

    Parameters
    ----------
    references
        Where the contigs are.
    names
        Names of records, with those of the contigs that they are.
    as_raw, strict_bounds, one_based_attributes, sequence_always_upper, default_seq
        See `Fasta`.
    """

    def __init__(
        self,
        references: References,
        names: dict[str, str],
        *,
        as_raw: bool,
        strict_bounds: bool,
        one_based_attributes: bool,
        sequence_always_upper: bool,
        default_seq: str | None,
    ) -> None:
        self._references = references
        self.names = names
        self.filename = references.archive.path
        self.as_raw = as_raw
        self.strict_bounds = strict_bounds
        self.one_based_attributes = one_based_attributes
        self.sequence_always_upper = sequence_always_upper
        self.default_seq = default_seq

    @property
    def index(self) -> Index:
        """Records by name."""
        return Index(self)

    def fetch(self, name: str, start: int, end: int) -> Sequence | str:
        """Return a stretch; see `Fasta.get_seq`."""
        found = self.stretch(name, start, end)
        return found.seq if self.as_raw else found

    def stretch(self, name: str, start: int, end: int) -> Sequence:
        """Return a stretch as `fetch` does, whatever `as_raw` is."""
        start, end = int(start), int(end)
        if name not in self.names:
            raise FetchError(f"Requested rname {name} does not exist! Please check your FASTA file.")
        if start < 1:
            raise FetchError("Requested start coordinate must be greater than 1.")
        contig, before = self.contig(name), start - 1
        if self.strict_bounds and end < before:
            raise FetchError(f"Requested coordinates start={start} end={end} are invalid.\n")
        if self.strict_bounds and end > len(contig):
            raise FetchError(f"Requested end coordinate {end} outside of {name}. \n")
        seq = contig.fetch(before, max(before, end), clamp=True).decode()
        if self.default_seq and len(seq) < end - before:
            seq += self.default_seq * (end - before - len(seq))
        else:
            # Of an empty stretch this is the place before its start.
            end = before + len(seq)
        if self.sequence_always_upper:
            seq = seq.upper()
        return Sequence(name, seq, start if self.one_based_attributes else before, end)

    def get_long_name(self, name: str) -> str:
        """Return the whole header of a record."""
        return self.contig(name).header

    def contig(self, name: str) -> Contig:
        """Return the contig that a record is.

        Raises
        ------
        KeyError
            If there is no such record.
        """
        found = self._references.find(self.names[name]) if name in self.names else None
        if found is None:
            raise KeyError(f"{name} not in {self.filename}.")
        return found

    def close(self) -> None:
        """Close the archive, if it was opened here."""
        self._references.close()

    def __repr__(self) -> str:
        return f'Faidx("{self.filename}")'
