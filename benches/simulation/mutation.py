"""What happens to a genome along one branch of a tree.

Substitutions are made in place.  Everything else, from an insertion of one base to a translocation, is an `Edit`:
a stretch of one chromosome and the letters that take its place.  All edits of a branch refer to the chromosome at the
start of the branch and are applied in one pass, so the cost is that of copying the genome once.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import NamedTuple

import numpy as np

from .draws import ACGT, Bases, Draws

Genome = list[Bases]

_MEGABASE = 1_000_000
_SHORTEST_EVENT = 1_000
_EVENT_OCTAVES = 5
_SHORTEST_GAP = 50
_GAP_OCTAVES = 6
_INDEL_OCTAVES = 5
_LARGEST_SHARE = 8


def _other_letters() -> Bases:
    table = np.tile(np.arange(256, dtype=np.uint8), (3, 1))
    for shift in range(3):
        table[shift, ACGT] = np.roll(ACGT, shift + 1)
    return table


def _complements() -> Bases:
    table = np.arange(256, dtype=np.uint8)
    table[np.frombuffer(b"ACGTRYKMBVDH", dtype=np.uint8)] = np.frombuffer(b"TGCAYRMKVBHD", dtype=np.uint8)
    return table


_OTHER_LETTERS = _other_letters()
_COMPLEMENTS = _complements()


def reverse_complement(sequence: Bases) -> Bases:
    """Return the other strand of `sequence`."""
    return _COMPLEMENTS[sequence[::-1]]


@dataclass(frozen=True, slots=True)
class Rates:
    """Expected events on the way from the root of a tree to a leaf.

    Attributes
    ----------
    substitutions, indels
        Per base.  Indels are 1 to 31 bases long, half of them insertions.
    inversions, duplications, deletions, translocations, insertions
        Per megabase.  They are 1 to 32 kb long, but never more than an eighth of their chromosome.  A duplicate and
        a translocated stretch land anywhere in the genome; an insertion is foreign, that is random, sequence.
    gaps
        Runs of N per megabase, 50 to 3199 letters long, in place of what was there.
    """

    substitutions: float = 0.005
    indels: float = 0.0005
    inversions: float = 0.2
    duplications: float = 0.5
    deletions: float = 0.5
    translocations: float = 0.2
    insertions: float = 0.5
    gaps: float = 0.3

    def scaled(self, *, small: float = 1.0, large: float = 1.0) -> Rates:
        """Return rates with substitutions and indels times `small`, and all others times `large`."""
        factors = {name: small if name in ("substitutions", "indels") else large for name in self.names()}
        return replace(self, **{name: getattr(self, name) * factor for name, factor in factors.items()})

    @classmethod
    def names(cls) -> list[str]:
        """Return the names of all rates."""
        return [field.name for field in fields(cls)]


class Edit(NamedTuple):
    """Letters that take the place of the stretch from `start` to `end` (half-open)."""

    start: int
    end: int
    letters: Bases


_NOTHING = np.empty(0, dtype=np.uint8)


def substitute(sequence: Bases, expected: float, draws: Draws) -> Bases:
    """Return a copy of `sequence` with about `expected` letters of ACGT changed; other letters stay."""
    changed: Bases = sequence.copy()
    if len(changed):
        positions = np.unique(draws.below(len(changed), draws.count(expected)))
        shifts = draws.below(3, len(positions))
        changed[positions] = _OTHER_LETTERS[shifts, changed[positions]]
    return changed


def apply_edits(sequence: Bases, edits: list[Edit]) -> Bases:
    """Return `sequence` with `edits` made; of two that overlap, the one that starts first is made."""
    pieces = []
    done = 0
    for edit in sorted(edits, key=lambda edit: edit.start):
        if edit.start >= done:
            pieces += [sequence[done : edit.start], edit.letters]
            done = edit.end
    pieces.append(sequence[done:])
    changed: Bases = np.concatenate(pieces)
    return changed


def mutate(genome: Genome, rates: Rates, branch: float, draws: Draws) -> Genome:
    """Return the genome at the end of a branch.

    Parameters
    ----------
    genome
        The chromosomes at its start; they are not changed.
    rates
        Events expected on a whole way from root to leaf.
    branch
        Length of the branch as a fraction of that way.
    draws
        Random values of this branch.
    """
    edits = _rearrangements(genome, rates, branch, draws)
    mutated = []
    for chromosome, large in zip(genome, edits, strict=True):
        small = _indels(len(chromosome), rates.indels * branch * len(chromosome), draws)
        changed = substitute(chromosome, rates.substitutions * branch * len(chromosome), draws)
        mutated.append(apply_edits(changed, large + small) if large or small else changed)
    return mutated


def _indels(length: int, expected: float, draws: Draws) -> list[Edit]:
    count = draws.count(expected) if length else 0
    starts = draws.below(length, count)
    sizes = draws.lengths(1, _INDEL_OCTAVES, count)
    inserted = np.where(draws.below(2, count) == 1, sizes, 0)
    ends = np.minimum(np.where(inserted > 0, starts, starts + sizes), length)
    pool = draws.bases(int(inserted.sum()))
    stops = np.cumsum(inserted)
    columns = zip(starts.tolist(), ends.tolist(), (stops - inserted).tolist(), stops.tolist(), strict=True)
    return [Edit(start, end, pool[first:last]) for start, end, first, last in columns]


def _rearrangements(genome: Genome, rates: Rates, branch: float, draws: Draws) -> list[list[Edit]]:
    edits: list[list[Edit]] = [[] for _ in genome]
    ends = np.cumsum([len(chromosome) for chromosome in genome])
    total = int(ends[-1]) if len(ends) else 0
    if total == 0:
        return edits

    def place() -> tuple[int, int]:
        position = int(draws.below(total, 1)[0])
        number = int(np.searchsorted(ends, position, side="right"))
        return number, position - int(ends[number]) + len(genome[number])

    def stretch(shortest: int, octaves: int) -> tuple[int, int, int]:
        number, start = place()
        size = int(draws.lengths(shortest, octaves, 1)[0])
        length = len(genome[number])
        return number, start, min(length, start + min(size, 1 + length // _LARGEST_SHARE))

    def happen(kind: str) -> range:
        return range(draws.count(float(getattr(rates, kind)) * branch * total / _MEGABASE))

    for _ in happen("inversions"):
        number, start, end = stretch(_SHORTEST_EVENT, _EVENT_OCTAVES)
        edits[number].append(Edit(start, end, reverse_complement(genome[number][start:end])))
    for kind in ("duplications", "translocations"):
        for _ in happen(kind):
            number, start, end = stretch(_SHORTEST_EVENT, _EVENT_OCTAVES)
            target, position = place()
            edits[target].append(Edit(position, position, genome[number][start:end]))
            if kind == "translocations":
                edits[number].append(Edit(start, end, _NOTHING))
    for _ in happen("deletions"):
        number, start, end = stretch(_SHORTEST_EVENT, _EVENT_OCTAVES)
        edits[number].append(Edit(start, end, _NOTHING))
    for _ in happen("insertions"):
        number, start, end = stretch(_SHORTEST_EVENT, _EVENT_OCTAVES)
        edits[number].append(Edit(start, start, draws.bases(end - start)))
    for _ in happen("gaps"):
        number, start, end = stretch(_SHORTEST_GAP, _GAP_OCTAVES)
        edits[number].append(Edit(start, end, np.full(end - start, ord("N"), dtype=np.uint8)))
    return edits
