"""Random values that are the same on every machine.

NumPy promises a stable stream for its bit generators and for ``SeedSequence``, but not for the distributions of
``Generator``.  So all values here are made from the raw 64-bit words of PCG64 with integer arithmetic, IEEE
multiplication and comparison; nothing depends on a mathematical library, on byte order or on the NumPy version.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Bases = NDArray[np.uint8]
Integers = NDArray[np.int64]

ACGT: Bases = np.frombuffer(b"ACGT", dtype=np.uint8)
_WORD_BASES = 8
_BLOCK_BASES = 1 << 24


class Draws:
    """A stream of random values named by a seed and a path of integers.

    Streams with different paths are independent, so a branch of a tree mutates in the same way whatever was simulated
    before it.

    Parameters
    ----------
    seed
        Seed of the whole collection.
    path
        What the stream is for, for example a purpose and the number of a branch.
    """

    def __init__(self, seed: int, *path: int) -> None:
        self._generator = np.random.PCG64(np.random.SeedSequence(entropy=seed, spawn_key=path))

    def words(self, count: int) -> NDArray[np.uint64]:
        """Return `count` random 64-bit words."""
        return np.asarray(self._generator.random_raw(count), dtype=np.uint64)

    def below(self, bound: int | Integers, count: int) -> Integers:
        """Return `count` integers from 0 to `bound` - 1, where `bound` (or each of an array of them) is below 2**32.

        The bias of taking the upper half of a product is at most `bound` / 2**32, which no benchmark can notice.
        """
        largest = int(np.max(bound, initial=0))
        if largest >= 1 << 32:
            raise ValueError(f"cannot draw below {largest}: bounds end at 2**32 - 1")
        product = (self.words(count) >> np.uint64(32)) * np.asarray(bound).astype(np.uint64)
        values: Integers = (product >> np.uint64(32)).astype(np.int64)
        return values

    def fraction(self) -> float:
        """Return a number in [0, 1)."""
        return int(self.words(1)[0] >> np.uint64(11)) / float(1 << 53)

    def count(self, expected: float) -> int:
        """Return `expected` rounded down or up at random, so that the mean is `expected`."""
        whole = int(expected)
        return whole + (self.fraction() < expected - whole)

    def lengths(self, shortest: int, octaves: int, count: int) -> Integers:
        """Return `count` lengths from `shortest` to `shortest` * 2**`octaves` - 1, each octave equally likely."""
        floors = np.int64(shortest) << self.below(octaves, count)
        lengths: Integers = floors + self.below(floors, count)
        return lengths

    def bases(self, count: int) -> Bases:
        """Return `count` random letters of ACGT."""
        letters = np.empty(count, dtype=np.uint8)
        for start in range(0, count, _BLOCK_BASES):
            size = min(_BLOCK_BASES, count - start)
            codes = self.words(-(-size // _WORD_BASES)).astype("<u8").view(np.uint8)[:size]
            letters[start : start + size] = ACGT[codes & 3]
        return letters

    def order(self, count: int) -> Integers:
        """Return a random permutation of the integers below `count`."""
        return np.argsort(self.words(count), kind="stable").astype(np.int64)
