"""A stretch of a contig that knows where it is from, as pyfaidx gives it."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_PAIRS = str.maketrans("ACGTNRYSWKMBDHVUacgtnryswkmbdhvu", "TGCANYRSWMKVHDBAtgcanyrswmkvhdba")


class Sequence:
    """Bases, and where they are from. ``-sequence`` is the reverse complement.

    Parameters
    ----------
    name
        Name of the contig.
    seq
        The bases.
    start, end
        First and last position, from 1 (or as `Fasta` was told); the greater one first where the bases are in reverse;
        None where they are not a stretch.
    comp
        Whether this is the complement.
    """

    __slots__ = ("comp", "end", "name", "seq", "start")

    def __init__(
        self, name: str = "", seq: str = "", start: int | None = None, end: int | None = None, comp: bool = False
    ) -> None:
        self.name = name
        self.seq = seq
        self.start = start
        self.end = end
        self.comp = comp

    @property
    def fancy_name(self) -> str:
        """Name, with positions and strand where they are known."""
        name = self.name
        if self.start is not None and self.end is not None:
            name = f"{name}:{self.start}-{self.end}"
        return f"{name} (complement)" if self.comp else name

    @property
    def reverse(self) -> Sequence:
        """The same bases from their end."""
        return self[::-1]

    @property
    def complement(self) -> Sequence:
        """The bases that pair with these."""
        return Sequence(self.name, self.seq.translate(_PAIRS), self.start, self.end, not self.comp)

    @property
    def orientation(self) -> int | None:
        """1 for bases as they are in the contig, -1 for their reverse complement, None for all else."""
        if self.start is None or self.end is None:
            return None
        if self.start < self.end and not self.comp:
            return 1
        return -1 if self.start > self.end and self.comp else None

    @property
    def gc(self) -> float:
        """Share of G and C among the bases."""
        letters = self.seq.upper()
        return (letters.count("G") + letters.count("C")) / len(letters) if letters else 0.0

    @property
    def gc_strict(self) -> float:
        """Share of G and C among A, C, G and T."""
        counts = {letter: self.seq.upper().count(letter) for letter in "ACGT"}
        known = sum(counts.values())
        return (counts["G"] + counts["C"]) / known if known else 0.0

    def __neg__(self) -> Sequence:
        return self.reverse.complement

    def __getitem__(self, key: int | slice) -> Sequence:
        if not isinstance(key, slice):
            places = range(len(self))
            at = places[key]
            return self[at : at + 1]
        low, high, step = key.indices(len(self))
        seq = self.seq[key]
        if self.start is None or self.end is None or abs(step) > 1:
            return Sequence(self.name, seq, None, None, self.comp)
        # Where positions are counted from 1, both ends are meant.
        one_based = bool(self.seq) and len(self) == abs(self.end - self.start) + 1
        onward = -1 if self.start > self.end else 1
        if step == -1:
            start, end = self.start + onward * (low + 1 - one_based), self.start + onward * (high + 1)
        else:
            start, end = self.start + onward * low, self.start + onward * (high - one_based)
        return Sequence(self.name, seq, start, end, self.comp)

    def __iter__(self) -> Iterator[str]:
        return iter(self.seq)

    def __len__(self) -> int:
        return len(self.seq)

    def __str__(self) -> str:
        return self.seq

    def __eq__(self, other: object) -> bool:
        return str(other) == self.seq if isinstance(other, (str, Sequence)) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.seq)

    def __repr__(self) -> str:
        return f">{self.fancy_name}\n{self.seq}"
