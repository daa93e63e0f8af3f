"""An archive in the place of a `pyfaidx.Fasta`."""

from __future__ import annotations

from ..errors import ParameterError
from .faidx import Faidx, FetchError
from .references import References
from .sequence import Sequence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from types import TracebackType
    from typing import Any

    from numpy import uint8
    from numpy.typing import DTypeLike, NDArray

    from ..archive import Archive
    from ..paths import Path

#: What is done where several contigs have one name.
_DUPLICATES = ("stop", "first", "last", "longest", "shortest", "drop")

#: Bases of what iteration gives, as lines.
_LINE = 60


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
        Refuse what reaches beyond the end of a contig, or ends before it begins; else it is cut, or empty.
    one_based_attributes
        Count `Sequence.start` from 1; else from 0.
    sequence_always_upper
        Give upper case only.
    default_seq
        What stands in place of each base beyond the end of a contig, where bounds are not strict; None for nothing.
    read_long_names
        Call contigs by their whole headers; only of one sample.
    key_function
        Makes the names by which contigs are called from their own.
    split_char
        Takes names apart; each part is a name of the contig.
    filt_function
        Tells of each name whether there is to be a record of it.
    duplicate_action
        Which contig it is where several have one name: ``"stop"`` for a `ValueError`, ``"first"``, ``"last"``,
        ``"longest"``, ``"shortest"``, or ``"drop"`` for none of them.
    read_ahead, build_index, rebuild, indexname, gzi_indexname
        Accepted, since callers have them, and without effect: an archive needs no index, and what it has decoded is
        kept for what is near.
    mutable
        Must be False: archives cannot be written to.
    """

    def __init__(
        self,
        archive: Archive | Path,
        sample: str | None = None,
        *,
        as_raw: bool = False,
        strict_bounds: bool = False,
        one_based_attributes: bool = True,
        sequence_always_upper: bool = False,
        default_seq: str | None = None,
        read_long_names: bool = False,
        key_function: Callable[[str], str] | None = None,
        split_char: str | None = None,
        filt_function: Callable[[str], bool] | None = None,
        duplicate_action: str = "stop",
        read_ahead: int | None = None,
        build_index: bool = True,
        rebuild: bool = True,
        indexname: object = None,
        gzi_indexname: object = None,
        mutable: bool = False,
    ) -> None:
        if read_ahead and not isinstance(read_ahead, int):
            raise ParameterError(f"read_ahead value must be int, not {type(read_ahead)}")
        if duplicate_action not in _DUPLICATES:
            known = ", ".join(_DUPLICATES)
            raise ParameterError(f"duplicate_action is {duplicate_action!r}; it must be one of {known}")
        if mutable:
            raise ParameterError("mutable is True, but an archive cannot be written to")
        references = References(archive, sample)
        self.filename = references.archive.path
        self.mutable = mutable
        one = references.sample
        own = list(one.headers) if read_long_names and one is not None else references.names

        def called() -> Iterator[tuple[str, str]]:
            for name in own:
                key = name if key_function is None else key_function(name)
                for part in key.split(split_char) if split_char else [key]:
                    if filt_function is None or filt_function(part):
                        yield part, name

        def length(name: str) -> int:
            contig = references.find(name)
            return 0 if contig is None else len(contig)

        try:
            names = _chosen(called(), duplicate_action, length)
        except KeyError as error:
            references.close()
            message = f"{self.filename}: several contigs would have the same name: {error.args[0]!r}"
            raise ParameterError(message) from None
        self.faidx = Faidx(
            references,
            names,
            as_raw=as_raw,
            strict_bounds=strict_bounds,
            one_based_attributes=one_based_attributes,
            sequence_always_upper=sequence_always_upper,
            default_seq=default_seq,
        )

    @property
    def records(self) -> dict[str, FastaRecord]:
        """All records by name."""
        return {name: FastaRecord(self, name) for name in self.faidx.names}

    def keys(self) -> list[str]:
        """Return the names of all records."""
        return list(self.faidx.names)

    def values(self) -> list[FastaRecord]:
        """Return all records."""
        return list(self)

    def items(self) -> list[tuple[str, FastaRecord]]:
        """Return pairs of names and records."""
        return list(self.records.items())

    def get_seq(self, name: str, start: int, end: int, rc: bool = False) -> Sequence | str:
        """Return a stretch.

        Parameters
        ----------
        name
            Name of the record.
        start, end
            Positions from 1, both ends meant; an end before the start means nothing, as the place before the start.
        rc
            Whether the reverse complement is wanted.

        Raises
        ------
        FetchError
            If there is no such record, or the positions make no sense.
        """
        found = self.faidx.stretch(name, start, end)
        return self._given(-found if rc else found)

    def get_spliced_seq(self, name: str, intervals: Iterable[Iterable[int]], rc: bool = False) -> Sequence | str:
        """Return stretches, each from 1 with both ends meant, one behind another; `rc` for their reverse complement."""
        parts = [self.faidx.stretch(name, start, end).seq for start, end in intervals]
        found = Sequence(name, "".join(parts))
        return self._given(Sequence(name, (-found).seq) if rc else found)

    def close(self) -> None:
        """Close the archive, if it was opened here."""
        self.faidx.close()

    def __getitem__(self, key: str | int) -> FastaRecord:
        if isinstance(key, int):
            try:
                key = self.keys()[key]
            except IndexError:
                raise IndexError(f"Index {key} out of range for {self.filename}.") from None
        if not isinstance(key, str):
            raise TypeError(f"Record name must be a string, not {type(key).__name__}.")
        if key not in self.faidx.names:
            raise KeyError(f"{key} not in {self.filename}.")
        return FastaRecord(self, key)

    def __contains__(self, name: object) -> bool:
        return name in self.faidx.names

    def __iter__(self) -> Iterator[FastaRecord]:
        return iter(self.records.values())

    def __len__(self) -> int:
        """All bases, as in pyfaidx."""
        return sum(map(len, self))

    def __enter__(self) -> Fasta:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f'Fasta("{self.filename}")'

    def _ipython_key_completions_(self) -> list[str]:
        return self.keys()

    def _given(self, found: Sequence) -> Sequence | str:
        return found.seq if self.faidx.as_raw else found


class FastaRecord:
    """A record of a `Fasta`: ``record[10:20]`` is a stretch, ``str(record)`` all of its bases."""

    __slots__ = ("_contig", "_fasta", "name")

    def __init__(self, fasta: Fasta, name: str) -> None:
        self._fasta = fasta
        self._contig = fasta.faidx.contig(name)
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
        length = len(self)
        if not isinstance(key, slice):
            # pyfaidx gives an empty sequence beyond the end: a loop over positions would go on for ever.
            if not -length <= key < length:
                raise FetchError(f"position {key} is outside {self.name}, which has {length} bases")
            place = key % length
            return self._fasta._given(self._stretch(place, place + 1))
        if key.step is not None and key.step < 0:
            first, last, _ = key.indices(length)
            found = self._stretch(last + 1, first + 1) if first > last else self._stretch(0, 0)
        else:
            start = 0 if key.start is None else key.start
            stop = length if key.stop is None else key.stop
            found = self._stretch(start + length if start < 0 else start, stop + length if stop < 0 else stop)
        if self._fasta.faidx.as_raw:
            return found.seq[:: key.step]
        return found[:: key.step]

    def __iter__(self) -> Iterator[Sequence | str]:
        """Yield the bases in pieces of 60, as lines."""
        return (self[line] for line in self._lines())

    def __reversed__(self) -> Iterator[Sequence | str]:
        return (self[line][::-1] for line in reversed(self._lines()))

    def __len__(self) -> int:
        return len(self._contig)

    def __str__(self) -> str:
        return self._contig.decode().upper() if self._fasta.faidx.sequence_always_upper else self._contig.decode()

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> NDArray[Any]:
        import numpy

        letters: NDArray[uint8] = numpy.frombuffer(str(self).encode(), numpy.uint8)
        return numpy.array(letters.view("S1"), dtype, copy=copy)

    def __repr__(self) -> str:
        return f'FastaRecord("{self.name}")'

    def _stretch(self, start: int, end: int) -> Sequence:
        return self._fasta.faidx.stretch(self.name, start + 1, end)

    def _lines(self) -> list[slice]:
        return [slice(start, min(start + _LINE, len(self))) for start in range(0, len(self), _LINE)]


def _chosen(called: Iterable[tuple[str, str]], duplicates: str, length: Callable[[str], int]) -> dict[str, str]:
    """Return names with the contigs that they are.

    Raises
    ------
    KeyError
        If two contigs have one name, and that is to be refused.
    """
    names: dict[str, str] = {}
    dropped = set()
    for key, name in called:
        if key not in names:
            names[key] = name
        elif duplicates == "stop":
            raise KeyError(key)
        elif duplicates == "drop":
            dropped.add(key)
        elif (
            duplicates == "last"
            or (duplicates == "longest" and length(name) > length(names[key]))
            or (duplicates == "shortest" and length(name) < length(names[key]))
        ):
            names[key] = name
    return {key: name for key, name in names.items() if key not in dropped}
