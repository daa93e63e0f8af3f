"""An archive in the place of a `pyfaidx.Fasta`."""

from __future__ import annotations

from ..errors import Error
from .references import References
from .sequence import Sequence

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable, Iterator
    from types import TracebackType
    from typing import Any

    from numpy import uint8
    from numpy.typing import DTypeLike, NDArray

    from ..archive import Archive
    from ..contig import Contig


class FetchError(Error, IndexError):
    """What was asked for is not there, as pyfaidx's error of this name says."""


class Fasta:
    """What `pyfaidx.Fasta` offers for reading: records by name, and stretches of them by slices.

    Parameters
    ----------
    archive
        An open archive, or the path of one.
    sample
        Name of the sample whose contigs these are. Without it there are those of all samples, called ``SAMPLE#CONTIG``.
    as_raw
        Give text in place of `Sequence` objects.
    strict_bounds
        Refuse what reaches beyond the end of a contig; else it is cut.
    one_based_attributes
        Count `Sequence.start` from 1; else from 0.
    sequence_always_upper
        Give upper case only.
    read_long_names
        Call contigs by their whole headers; only of one sample.
    key_function
        Makes the names by which contigs are called from their own.
    """

    def __init__(
        self,
        archive: Archive | str | os.PathLike[str],
        sample: str | None = None,
        *,
        as_raw: bool = False,
        strict_bounds: bool = False,
        one_based_attributes: bool = True,
        sequence_always_upper: bool = False,
        read_long_names: bool = False,
        key_function: Callable[[str], str] | None = None,
    ) -> None:
        self._references = References(archive, sample)
        self.filename = self._references.archive.path
        self.as_raw = as_raw
        self.strict_bounds = strict_bounds
        self.one_based_attributes = one_based_attributes
        self.sequence_always_upper = sequence_always_upper
        one = self._references.sample
        own = list(one.headers) if read_long_names and one is not None else self._references.names
        #: Names by which contigs are called, with those that the archive knows.
        self._names = {name if key_function is None else key_function(name): name for name in own}
        if len(self._names) < len(own):
            raise ValueError(f"{self.filename}: several contigs would have the same name")

    def keys(self) -> list[str]:
        """Return the names of all records."""
        return list(self._names)

    def values(self) -> list[FastaRecord]:
        """Return all records."""
        return list(self)

    def items(self) -> list[tuple[str, FastaRecord]]:
        """Return pairs of names and records."""
        return [(name, self[name]) for name in self._names]

    def get_seq(self, name: str, start: int, end: int, rc: bool = False) -> Sequence | str:
        """Return a stretch.

        Parameters
        ----------
        name
            Name of the record.
        start, end
            Positions from 1, both ends meant.
        rc
            Whether the reverse complement is wanted.

        Raises
        ------
        FetchError
            If there is no such record, or the positions make no sense.
        """
        if name not in self._names:
            raise FetchError(f"Requested rname {name} does not exist! Please check your FASTA file.")
        if start < 1:
            raise FetchError("Requested start coordinate must be greater than 1.")
        found = self._sequence(name, self._contig(name), start - 1, end)
        return self._given(-found if rc else found)

    def get_spliced_seq(self, name: str, intervals: list[list[int]], rc: bool = False) -> Sequence | str:
        """Return stretches, each from 1 with both ends meant, one behind another; `rc` for their reverse complement."""
        parts = [self.get_seq(name, start, end) for start, end in intervals]
        found = Sequence(name, "".join(map(str, parts)))
        return self._given(Sequence(name, (-found).seq) if rc else found)

    def close(self) -> None:
        """Close the archive, if it was opened here."""
        self._references.close()

    def __getitem__(self, key: str | int) -> FastaRecord:
        if isinstance(key, int):
            try:
                key = list(self._names)[key]
            except IndexError:
                raise IndexError(f"Index {key} out of range for {self.filename}.") from None
        if key not in self._names:
            raise KeyError(f"{key} not in {self.filename}.")
        return FastaRecord(self, key, self._contig(key))

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[FastaRecord]:
        return (self[name] for name in self._names)

    def __len__(self) -> int:
        """All bases, as in pyfaidx."""
        return sum(len(self._contig(name)) for name in self._names)

    def __enter__(self) -> Fasta:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f'Fasta("{self.filename}")'

    def _contig(self, name: str) -> Contig:
        found = self._references.find(self._names[name])
        if found is None:
            raise KeyError(f"{name} not in {self.filename}.")
        return found

    def _sequence(self, name: str, contig: Contig, start: int, end: int) -> Sequence:
        """Return the bases from `start` to `end`, from 0, half-open."""
        if end > len(contig) and self.strict_bounds:
            raise FetchError(f"Requested end coordinate {end} outside of {name}. \n")
        seq = contig.fetch(start, max(start, end), clamp=True).decode()
        if self.sequence_always_upper:
            seq = seq.upper()
        first = start + self.one_based_attributes
        return Sequence(name, seq, first, start + len(seq) if seq else first)

    def _given(self, found: Sequence) -> Sequence | str:
        return found.seq if self.as_raw else found


class FastaRecord:
    """A record of a `Fasta`: ``record[10:20]`` is a stretch, ``str(record)`` all of its bases."""

    def __init__(self, fasta: Fasta, name: str, contig: Contig) -> None:
        self._fasta = fasta
        self._contig = contig
        self.name = name

    @property
    def long_name(self) -> str:
        """Whole header."""
        return self._contig.header

    @property
    def unpadded_len(self) -> int:
        """Length without N at both ends."""
        return len(str(self).strip("Nn"))

    def __getitem__(self, key: int | slice) -> Sequence | str:
        fasta, length = self._fasta, len(self)
        if not isinstance(key, slice):
            if not -length <= key < length:
                raise FetchError(f"position {key} is outside {self.name}, which has {length} bases")
            key = key % length
            return fasta._given(self._stretch(key, key + 1))
        start, stop, step = key.indices(length)
        backward = step > 0 and stop < start
        if fasta.strict_bounds and key.stop is not None and (key.stop > length or backward):
            raise FetchError(f"Requested coordinates start={start + 1} end={key.stop} are outside of {self.name}.")
        if step == 1:
            return fasta._given(self._stretch(start, max(start, stop)))
        if step == -1:
            return fasta._given(self._stretch(stop + 1, max(start, stop) + 1).reverse)
        return fasta._given(self._stretch(0, length)[key])

    def __iter__(self) -> Iterator[Sequence | str]:
        """Yield the bases in pieces of 60, as lines."""
        return (self._fasta._given(line) for line in self._lines(range(0, len(self), 60)))

    def __reversed__(self) -> Iterator[Sequence | str]:
        starts = reversed(range(0, len(self), 60))
        return (self._fasta._given(line.reverse) for line in self._lines(starts))

    def __len__(self) -> int:
        return len(self._contig)

    def __str__(self) -> str:
        return self._stretch(0, len(self)).seq

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> NDArray[Any]:
        import numpy

        letters: NDArray[uint8] = numpy.frombuffer(str(self).encode(), numpy.uint8)
        return numpy.array(letters.view("S1"), dtype, copy=copy)

    def __repr__(self) -> str:
        return f'FastaRecord("{self.name}")'

    def _stretch(self, start: int, end: int) -> Sequence:
        return self._fasta._sequence(self.name, self._contig, start, end)

    def _lines(self, starts: Iterable[int]) -> Iterator[Sequence]:
        return (self._stretch(start, min(start + 60, len(self))) for start in starts)
