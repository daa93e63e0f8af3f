"""What a contig has of the methods of bytes. Each decodes no more than it looks at, a window at a time."""

from __future__ import annotations

from collections.abc import Iterator

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import SupportsIndex, TypeAlias

    from typing_extensions import Buffer

    #: What is looked for: some bytes, or the number of one.
    Sought: TypeAlias = Buffer | SupportsIndex

#: Bases that are decoded at once.
WINDOW = 1 << 20


class Letters:
    """Bases that are read piece by piece; whoever derives from it gives `__len__` and `_read`."""

    __slots__ = ()

    def __len__(self) -> int:
        raise NotImplementedError

    def _read(self, start: int, end: int) -> bytes:
        raise NotImplementedError

    def count(self, sub: Sought, start: SupportsIndex | None = None, end: SupportsIndex | None = None, /) -> int:
        """Return how often `sub` is there, from `start` to `end`, without overlaps; as `bytes.count`.

        Examples
        --------
        >>> contig = panarc.open("pop.agc")["a"]["chr1"]
        >>> contig.count(b"GC", 100, 900) == contig[100:900].count(b"GC")
        True
        """
        sought = _bytes(sub)
        first, last = _bounds(start, end, len(self))
        if last - first < len(sought):
            return 0
        if not sought:
            return last - first + 1
        found, rest = 0, b""
        alone = not _overlaps_itself(sought)
        for low in range(first, last, WINDOW):
            piece = rest + self._read(low, min(low + WINDOW, last))
            if alone:
                found += piece.count(sought)
                behind = piece.rfind(sought)
                rest = piece if behind < 0 else piece[behind + len(sought) :]
            else:
                # Where matches could overlap, which ones count is known from the left alone.
                *before, rest = piece.split(sought)
                found += len(before)
            # What may be the beginning of a match.
            rest = rest[max(0, len(rest) - len(sought) + 1) :]
        return found

    def find(self, sub: Sought, start: SupportsIndex | None = None, end: SupportsIndex | None = None, /) -> int:
        """Return where `sub` is first, from `start` to `end`; -1 if it is not there; as `bytes.find`.

        Nothing behind that place is decoded, but what is in the same window of 1 Mb.

        Examples
        --------
        >>> contig = panarc.open("pop.agc")["a"]["chr1"]
        >>> contig.find(contig[500:560])
        500
        """
        sought = _bytes(sub)
        first, last = _bounds(start, end, len(self))
        if last - first < len(sought):
            return -1
        for low in range(first, last - len(sought) + 1, WINDOW):
            at = self._read(low, min(low + WINDOW + len(sought) - 1, last)).find(sought)
            if at >= 0:
                return low + at
        return -1

    def rfind(self, sub: Sought, start: SupportsIndex | None = None, end: SupportsIndex | None = None, /) -> int:
        """Return where `sub` is last, from `start` to `end`; -1 if it is not there; as `bytes.rfind`.

        Examples
        --------
        >>> contig = panarc.open("pop.agc")["a"]["chr1"]
        >>> contig.rfind(contig[-60:])
        29940
        """
        sought = _bytes(sub)
        first, last = _bounds(start, end, len(self))
        # Behind the last place where it may begin.
        high = last - len(sought) + 1
        if high <= first:
            return -1
        while high > first:
            low = max(first, high - WINDOW)
            at = self._read(low, min(high + len(sought) - 1, last)).rfind(sought)
            if at >= 0:
                return low + at
            high = low
        return -1

    def index(self, sub: Sought, start: SupportsIndex | None = None, end: SupportsIndex | None = None, /) -> int:
        """As `find`, but with a `ValueError` if it is not there.

        Examples
        --------
        >>> panarc.open("pop.agc")["a"]["chr1"].index(b"-")
        Traceback (most recent call last):
        ValueError: subsection not found
        """
        return _found(self.find(sub, start, end))

    def rindex(self, sub: Sought, start: SupportsIndex | None = None, end: SupportsIndex | None = None, /) -> int:
        """As `rfind`, but with a `ValueError` if it is not there.

        Examples
        --------
        >>> contig = panarc.open("pop.agc")["a"]["chr1"]
        >>> contig.rindex(contig[-1:])
        29999
        """
        return _found(self.rfind(sub, start, end))

    def startswith(
        self,
        prefix: Buffer | tuple[Buffer, ...],
        start: SupportsIndex | None = None,
        end: SupportsIndex | None = None,
        /,
    ) -> bool:
        """Return whether the bases from `start` to `end` begin with `prefix`, or with one of several.

        Examples
        --------
        >>> contig = panarc.open("pop.agc")["a"]["chr1"]
        >>> contig.startswith((b"-", contig[:10]))
        True
        """
        first, last = _bounds(start, end, len(self))
        return any(
            len(one) <= last - first and self._read(first, first + len(one)) == one for one in _several(prefix, "first")
        )

    def endswith(
        self,
        suffix: Buffer | tuple[Buffer, ...],
        start: SupportsIndex | None = None,
        end: SupportsIndex | None = None,
        /,
    ) -> bool:
        """Return whether the bases from `start` to `end` end with `suffix`, or with one of several.

        Examples
        --------
        >>> contig = panarc.open("pop.agc")["a"]["chr1"]
        >>> contig.endswith(contig[-10:])
        True
        """
        first, last = _bounds(start, end, len(self))
        return any(
            len(one) <= last - first and self._read(last - len(one), last) == one for one in _several(suffix, "last")
        )

    def decode(self, encoding: str = "ascii", errors: str = "strict") -> str:
        """Return the whole sequence as text.

        Examples
        --------
        >>> contig = panarc.open("pop.agc")["a"]["chr2"]
        >>> contig.decode() == str(contig[:], "ascii")
        True
        """
        return self._read(0, len(self)).decode(encoding, errors)

    def upper(self) -> bytes:
        """Return the whole sequence in upper case.

        Examples
        --------
        >>> contig = panarc.open("pop.agc")["a"]["chr2"]
        >>> contig.upper() == contig[:].upper()
        True
        """
        return self._read(0, len(self)).upper()

    def lower(self) -> bytes:
        """Return the whole sequence in lower case.

        Examples
        --------
        >>> contig = panarc.open("pop.agc")["a"]["chr2"]
        >>> contig.lower() == contig[:].lower()
        True
        """
        return self._read(0, len(self)).lower()

    def same_bases(self, other: Buffer | Letters) -> bool:
        """Return whether the bases are those of `other`: another contig, or bytes. Case counts.

        ``==`` asks something else: whether two objects are the same contig. Nothing is decoded where lengths differ,
        and nothing behind the window of 1 Mb in which the first difference is.

        Examples
        --------
        >>> archive = panarc.open("pop.agc")
        >>> contig, other = archive["a"]["chr1"], archive["b"]["chr1"]
        >>> contig.same_bases(other), contig.same_bases(contig[:])
        (False, True)
        """
        if isinstance(other, Letters):
            if len(self) != len(other):
                return False
            starts = range(0, len(self), WINDOW)
            return all(self._read(at, end) == other._read(at, end) for at in starts for end in [self._end(at)])
        view = memoryview(other).cast("B")
        if len(view) != len(self):
            return False
        starts = range(0, len(self), WINDOW)
        return all(self._read(at, end) == view[at:end] for at in starts for end in [self._end(at)])

    def _end(self, start: int) -> int:
        return min(start + WINDOW, len(self))

    def __contains__(self, sub: object) -> bool:
        return self.find(sub) >= 0  # type: ignore[arg-type]

    def _strided(self, places: range) -> bytes:
        """Return the bases at places that are not next to each other, at least two of them."""
        return b"".join(self._strides(places))

    def _strides(self, places: range) -> Iterator[bytes]:
        each = max(1, WINDOW // abs(places.step))
        for at in range(0, len(places), each):
            some = places[at : at + each]
            low, high = min(some[0], some[-1]), max(some[0], some[-1])
            yield self._read(low, high + 1)[:: places.step]


def _bytes(sought: object) -> bytes:
    """Return what is looked for as bytes; the errors are those of bytes."""
    try:
        return bytes(memoryview(sought))  # type: ignore[arg-type]
    except TypeError:
        if not hasattr(sought, "__index__"):
            kind = type(sought).__name__
            raise TypeError(f"argument should be integer or bytes-like object, not {kind!r}") from None
    number = sought.__index__()
    if not 0 <= number <= 255:
        raise ValueError("byte must be in range(0, 256)")
    return bytes([number])


def _several(given: object, which: str) -> tuple[bytes, ...]:
    try:
        return tuple(bytes(memoryview(one)) for one in (given if isinstance(given, tuple) else (given,)))
    except TypeError:
        raise TypeError(f"{which} arg must be bytes or a tuple of bytes, not {type(given).__name__}") from None


def _bounds(start: SupportsIndex | None, end: SupportsIndex | None, length: int) -> tuple[int, int]:
    """Return a range as the methods of bytes take it: cut at the end, but not moved where it begins behind it."""
    first = 0 if start is None else start.__index__()
    last = length if end is None else end.__index__()
    return max(0, first + length if first < 0 else first), min(length, max(0, last + length) if last < 0 else last)


def _found(at: int) -> int:
    if at < 0:
        raise ValueError("subsection not found")
    return at


def _overlaps_itself(sought: bytes) -> bool:
    """Whether one match may begin within another."""
    return any(sought.startswith(sought[at:]) for at in range(1, len(sought)))
