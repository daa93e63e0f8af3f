"""A contig of an open archive."""

from __future__ import annotations

import operator
from collections.abc import Iterator

from .errors import Error, ParameterError, RangeError
from .letters import Letters
from .names import first_word, shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Literal, SupportsIndex, overload

    from numpy import uint8
    from numpy.typing import DTypeLike, NDArray

    from .sample import Sample


def out_of_range(name: str, start: int, end: int | None, length: int) -> RangeError:
    """Return the error for a range, 0-based and half-open, that is none of a contig of this length."""
    name = shown(name)
    if end is not None and end < start:
        return RangeError(f"range [{start}, {end}) ends before it begins (contig '{name}' of length {length})")
    stop = "" if end is None else end
    return RangeError(f"range [{start}, {stop}) is outside contig '{name}' of length {length}")


#: Bases that lie this far apart are fetched one by one: to decode what is between them would take longer.
_SPARSE = 4096

#: How many of them at once.
_AT_ONCE = 4096


class Contig(Letters):
    """A contig; made by ``sample[name]`` or by iterating over a sample.

    It behaves like the bytes of its sequence, but decodes only what is asked for: ``contig[1000:2000]``
    and ``contig[-10:]`` are bytes, and ``contig[5]`` is a number, as with bytes. As with bytes, slices are cut to the
    contig; `fetch` refuses what lies outside. `len` decodes nothing. Of the methods of bytes it has `count`, `find`,
    `rfind`, `index`, `rindex`, `startswith`, `endswith` and ``in``, which look at a window of 1 Mb at a time, and
    `decode`, `upper` and `lower`; for all others there is ``contig[:]``. ``-contig`` is the contig on its other strand:
    its positions count from the contig's end, its bases are those of the reverse complement. ``numpy.asarray(contig)``
    and, from Python 3.12 on, ``memoryview(contig)`` and all else that takes buffers, get the whole sequence, which is
    decoded for them; before 3.12 Python has no way to offer that, and ``contig[:]`` is the buffer.

    It is not bytes where it is compared: ``==`` and `hash` tell which contig it is, in which archive and on which
    strand, so that contigs can be keys. No contig equals any bytes, as no `pathlib.Path` equals its text; `same_bases`
    compares bases. Nor can it be iterated over: `chunks` does that, or ``contig[:]``.
    """

    __slots__ = ("_digest", "_header", "_index", "_key", "_length", "_md5", "_name", "_reverse", "_sample")

    # It would ask for one base after another: slow by thousands. Use `chunks` or `sequence`.
    __iter__ = None

    def __init__(self, sample: Sample, index: int, *, reverse: bool = False, header: str | None = None) -> None:
        self._sample = sample
        self._index = index
        self._reverse = reverse
        self._header = header
        self._name: str | None = None
        self._key: str | None = None
        self._length: int | None = None
        self._digest: str | None = None
        self._md5: str | None = None

    @property
    def sample(self) -> Sample:
        """Sample that the contig is in."""
        return self._sample

    @property
    def header(self) -> str:
        """Whole header, without ``>``."""
        if self._header is None:
            self._header = self._sample._core.header(self._index)
        return self._header

    @property
    def name(self) -> str:
        """First word of the header: the name that samtools, pysam and pyfaidx know.

        Other contigs of the sample may have it, too; see `key`.
        """
        if self._name is None:
            self._name = first_word(self.header)
        return self._name

    @property
    def key(self) -> str:
        """Name by which the sample finds this contig: the first word of its header where no other contig has that.

        Where several have it, the whole header.
        """
        if self._key is None:
            name = self.name
            try:
                alone = self._sample._core.find(name) == self._index
            except KeyError:
                # Several contigs have it, or none: a header of blanks alone has no word.
                alone = False
            self._key = name if alone else self.header
        return self._key

    @property
    def strand(self) -> Literal["+", "-"]:
        """``"-"`` for what ``-contig`` gives, else ``"+"``."""
        return "-" if self._reverse else "+"

    @property
    def digest(self) -> str:
        """Digest of the sequence in upper case, as GA4GH refget has it: ``SQ.`` and 32 letters.

        On either strand it is that of the contig as it is archived. It is read where the archive stores it whole.
        Elsewhere it is computed from the sequence, and a `CorruptArchiveError` is raised if that is not what the
        archive has stored of it.
        """
        if self._digest is None:
            self._read_digests(md5=False)
        return self._digest or ""

    @property
    def md5(self) -> str:
        """MD5 of the sequence in upper case, 32 hexadecimal digits; stored or computed, as `digest`."""
        if self._md5 is None:
            self._read_digests(md5=True)
        return self._md5 or ""

    def sequence(self) -> bytes:
        """Return the whole sequence.

        Examples
        --------
        >>> contig = panarc.open("pop.agc")["a"]["chr2"]
        >>> contig.sequence() == contig[:]
        True
        """
        return self._read(0, len(self))

    def chunks(self, size: int = 1 << 20) -> Iterator[bytes]:
        """Yield the sequence in pieces of `size` bases; only the last may be shorter.

        Examples
        --------
        >>> contig = panarc.open("pop.agc")["a"]["chr2"]
        >>> [len(chunk) for chunk in contig.chunks(5000)]
        [5000, 3000]
        """
        if size < 1:
            raise ParameterError(f"the size of a chunk is {size}; it must be at least 1")
        return (self._read(start, min(start + size, len(self))) for start in range(0, len(self), size))

    def fetch(
        self, start: int = 0, end: int | None = None, *, strand: Literal["+", "-"] = "+", clamp: bool = False
    ) -> bytes:
        """Return the bases from `start` to `end`, counted from 0, half-open, on the strand that this is.

        Parameters
        ----------
        start, end
            The range; `end` None for the contig's end. Negative numbers are outside, they do not count from the end.
        strand
            ``"-"`` for the reverse complement of the range.
        clamp
            Cut the range to the contig instead of refusing it.

        Raises
        ------
        RangeError
            If the range is not within the contig.

        Examples
        --------
        >>> contig = panarc.open("pop.agc")["a"]["chr1"]
        >>> contig.fetch(1000, 1010) == contig[1000:1010]
        True
        >>> contig.fetch(29_000, 31_000)
        Traceback (most recent call last):
        panarc.errors.RangeError: range [29000, 31000) is outside contig 'chr1' of length 30000
        """
        if strand not in ("+", "-"):
            raise ParameterError(f"strand is {strand!r}; it must be '+' or '-'")
        start, length = operator.index(start), len(self)
        stop = length if end is None else operator.index(end)
        if clamp:
            start = min(max(start, 0), length)
            stop = min(max(stop, start), length)
        elif not 0 <= start <= stop <= length:
            raise out_of_range(self.name, start, None if end is None else stop, length)
        return self._read(start, stop, reverse=strand == "-")

    def numpy(
        self, start: int = 0, end: int | None = None, *, strand: Literal["+", "-"] = "+", clamp: bool = False
    ) -> NDArray[uint8]:
        """Return bases as an array of letters, a byte each, that cannot be written to. Parameters are as for `fetch`.

        It is a view of what `fetch` returns, not a copy. For an array of your own, use `Archive.fetch_into`.

        Examples
        --------
        >>> panarc.open("pop.agc")["a"]["chr1"].numpy(0, 100).shape
        (100,)
        """
        import numpy

        return numpy.frombuffer(self.fetch(start, end, strand=strand, clamp=clamp), numpy.uint8)

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, key: SupportsIndex) -> int: ...
        @overload
        def __getitem__(self, key: slice) -> bytes: ...

    def __getitem__(self, key: SupportsIndex | slice) -> int | bytes:
        length = len(self)
        if isinstance(key, slice):
            places = range(*key.indices(length))
            if not places:
                return b""
            if len(places) == 1 or places.step == 1:
                return self._read(places[0], places[-1] + 1)
            return self._scattered(places) if abs(places.step) >= _SPARSE else self._strided(places)
        place = operator.index(key)
        if not -length <= place < length:
            raise RangeError(f"position {place} is outside contig {shown(self.name)!r} of length {length}")
        place %= length
        return self._read(place, place + 1)[0]

    def __len__(self) -> int:
        if self._length is None:
            self._length = self._sample._core.length(self._index)
        return self._length

    def __neg__(self) -> Contig:
        return Contig(self._sample, self._index, reverse=not self._reverse, header=self._header)

    def __bytes__(self) -> bytes:
        return self.sequence()

    def __buffer__(self, _flags: int) -> memoryview:
        return memoryview(self.sequence())

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> NDArray[Any]:
        import numpy

        return numpy.array(self.numpy(), dtype, copy=copy)

    def __bool__(self) -> bool:
        # An empty contig is a contig; `if contig` should not ask for its length.
        return True

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Contig):
            return NotImplemented
        same = self._index == other._index and self._sample == other._sample
        return same and self._reverse == other._reverse

    def __hash__(self) -> int:
        return hash((self._sample, self._index, self._reverse))

    def __reduce__(self) -> tuple[object, ...]:
        return _reopened, (self._sample, self._index, self._reverse, self.header)

    def __repr__(self) -> str:
        strand = ", other strand" if self._reverse else ""
        try:
            return f"<panarc.Contig {self.name!r} of sample {self._sample.name!r}, {len(self)} bases{strand}>"
        except Error:
            return f"<panarc.Contig {self._index} of sample {self._sample.name!r}{strand}>"

    def _repr_html_(self) -> str | None:
        from .notebook import contig

        try:
            return contig(self)
        except Error:
            # There is nothing to be shown of a contig that cannot be read; IPython takes its `repr`.
            return None

    def _read_digests(self, *, md5: bool) -> None:
        sample = self._sample
        self._digest, self._md5 = sample.archive._native().contig_digests(sample._core, self._index, md5)

    def _scattered(self, places: range) -> bytes:
        """Return bases that are far from each other: no more is decoded than they need."""
        core, native, reverse = self._sample._core, self._sample.archive._native(), self._reverse
        found = []
        for at in range(0, len(places), _AT_ONCE):
            some = places[at : at + _AT_ONCE]
            if reverse:
                some = range(len(self) - 1 - some.start, len(self) - 1 - some.stop, -some.step)
            found += native.fetch_many([(core, self._index, place, place + 1, reverse) for place in some])
        return b"".join(found)

    def _read(self, start: int, end: int, *, reverse: bool = False) -> bytes:
        sample = self._sample
        if self._reverse:
            start, end, reverse = len(self) - end, len(self) - start, not reverse
        return sample.archive._native().fetch((sample._core, self._index, start, end, reverse))


def _reopened(sample: Sample, index: int, reverse: bool, header: str | None = None) -> Contig:
    """Return what was pickled; of a file that has been replaced the contig of the same header."""
    if header is not None and sample.archive._replaced:
        core = sample._core
        if index >= len(core) or core.header(index) != header:
            index = sample[header]._index
    return Contig(sample, index, reverse=reverse, header=header)
