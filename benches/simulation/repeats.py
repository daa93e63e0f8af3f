"""Sequence full of repeats: a region like the human MHC, and ancestors that are nothing but repeats.

All sites of the region are drawn once for the collection, on its ancestor.  What stands at them, and how often, is each
sample's own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .draws import ACGT, Bases, Draws, Integers
from .mutation import Edit, Rates, apply_edits, mutate, reverse_complement, substitute

SMALL_CHANGES = Rates(substitutions=0.002, indels=0.0002).scaled(large=0.0)

_FAMILIES, _ELEMENT_BASES, _ELEMENTS_PER_MEGABASE = 5, 6_000, 60
_DUPLICATIONS, _SHORTEST_DUPLICATION, _DUPLICATION_OCTAVES = 3, 10_000, 3
_MONOMER_BASES, _MONOMERS, _UNITS = 171, 12, 50
_MONOMER_DIVERGENCE, _UNIT_DIVERGENCE, _COPY_DIVERGENCE = 0.25, 0.01, 0.002
_LONGEST_PERIOD, _TANDEM_BASES, _TANDEM_OCTAVES = 100, 128, 4
_OLD_TANDEM_DIVERGENCE, _OLD_SATELLITE_DIVERGENCE = 0.02, 0.2
_POLY_A_SITES, _POLY_A_BASES, _POLY_A_OCTAVES = 60, 16, 6


def _changed(percent: int, sequence: Bases, draws: Draws) -> Bases:
    return substitute(sequence, percent * len(sequence) / 100, draws)


def _satellite_units(count: int, draws: Draws) -> list[Bases]:
    """Return higher-order units, each of twelve monomers that differ much; the units differ little."""
    monomer = draws.bases(_MONOMER_BASES)
    monomers = [substitute(monomer, _MONOMER_DIVERGENCE * len(monomer), draws) for _ in range(_MONOMERS)]
    unit: Bases = np.concatenate(monomers)
    return [substitute(unit, _UNIT_DIVERGENCE * len(unit), draws) for _ in range(count)]


def tandem_arrays(length: int, draws: Draws) -> Bases:
    """Return arrays of all periods from 1 to 100, one after the other, old enough for copies to differ by 4 %."""
    arrays = [np.resize(draws.bases(period), length // _LONGEST_PERIOD) for period in range(1, 1 + _LONGEST_PERIOD)]
    return substitute(np.concatenate(arrays), _OLD_TANDEM_DIVERGENCE * length, draws)


def satellite_arrays(length: int, draws: Draws) -> Bases:
    """Return an array of young higher-order units, and one of monomers that have drifted far apart."""
    half = length // 2
    units = _satellite_units(1 + half // (_MONOMER_BASES * _MONOMERS), draws)
    monomers = np.resize(draws.bases(_MONOMER_BASES), half)
    old = substitute(monomers, _OLD_SATELLITE_DIVERGENCE * half, draws)
    array: Bases = np.concatenate([*units, old])
    return array


def element_arrays(length: int, draws: Draws) -> Bases:
    """Return copies of one mobile element end to end, each 1 to 5 % from what it is a copy of."""
    founder = draws.bases(_ELEMENT_BASES)
    copies = [_changed(1 + number % 5, founder, draws) for number in range(1 + length // _ELEMENT_BASES)]
    array: Bases = np.concatenate(copies)
    return array


@dataclass(frozen=True, slots=True)
class Insertion:
    """Sequence that a sample may have at one site of the ancestor."""

    position: int
    letters: Bases


class RepeatRegion:
    """The ancestor of a collection, and all that is repeated in it.

    Parameters
    ----------
    length
        Bases of the ancestor without repeats; the numbers of sites are for a megabase and go with it.
    draws
        Random values of the collection.
    """

    def __init__(self, length: int, draws: Draws) -> None:
        self._scale = length / 1e6
        self._ancestor = draws.bases(length)
        self._families = [draws.bases(_ELEMENT_BASES) for _ in range(_FAMILIES)]
        self._elements = [self._element(draws) for _ in range(self._number(_ELEMENTS_PER_MEGABASE))]
        self._satellite_site = length // 2
        self._satellite = _satellite_units(self._number(_UNITS), draws)
        stride = max(1, round(1 / self._scale))
        self._tandems = [
            Insertion(self._site(draws), draws.bases(period)) for period in range(1, 1 + _LONGEST_PERIOD, stride)
        ]
        self._poly_a_sites = draws.below(length, self._number(_POLY_A_SITES)).tolist()

    def sample(self, draws: Draws) -> Bases:
        """Return the region of one sample, made with random values of its own."""
        present = draws.below(2, len(self._elements)).tolist()
        insertions = [element for element, there in zip(self._elements, present, strict=True) if there]
        insertions += [self._element(draws) for _ in range(len(self._elements) // 6)]
        insertions += [self._duplication(draws) for _ in range(_DUPLICATIONS)]
        insertions.append(Insertion(self._satellite_site, self._satellite_array(draws)))
        insertions += [Insertion(site.position, self._tandem(site.letters, draws)) for site in self._tandems]
        poly_a = draws.lengths(_POLY_A_BASES, _POLY_A_OCTAVES, len(self._poly_a_sites)).tolist()
        insertions += [
            Insertion(site, np.full(size, ACGT[0], dtype=np.uint8))
            for site, size in zip(self._poly_a_sites, poly_a, strict=True)
        ]
        edits = [Edit(one.position, one.position, one.letters) for one in insertions]
        region: Bases = mutate([apply_edits(self._ancestor, edits)], SMALL_CHANGES, 1.0, draws)[0]
        return region

    def _number(self, per_megabase: int) -> int:
        return max(1, round(per_megabase * self._scale))

    def _site(self, draws: Draws) -> int:
        return int(draws.below(len(self._ancestor), 1)[0])

    def _element(self, draws: Draws) -> Insertion:
        family = self._families[int(draws.below(_FAMILIES, 1)[0])]
        copy = _changed(1 + int(draws.below(5, 1)[0]), family, draws)
        strand = int(draws.below(2, 1)[0])
        return Insertion(self._site(draws), reverse_complement(copy) if strand else copy)

    def _duplication(self, draws: Draws) -> Insertion:
        """Return a stretch of the ancestor, 1 to 3 % changed, for somewhere else."""
        start = self._site(draws)
        size = min(int(draws.lengths(_SHORTEST_DUPLICATION, _DUPLICATION_OCTAVES, 1)[0]), len(self._ancestor) // 8)
        copied = self._ancestor[start : start + size]
        return Insertion(self._site(draws), _changed(1 + int(draws.below(3, 1)[0]), copied, draws))

    def _satellite_array(self, draws: Draws) -> Bases:
        """Return the units with some runs of them repeated and others lost, as unequal crossing-over does."""
        order: Integers = np.arange(len(self._satellite))
        for _ in range(3):
            start = int(draws.below(len(order), 1)[0])
            end = start + 1 + int(draws.below(1 + len(self._satellite) // 5, 1)[0])
            can_lose = 2 * len(order) > len(self._satellite) and (start > 0 or end < len(order))
            loses = int(draws.below(2, 1)[0]) == 1 and can_lose
            pieces = (order[:start], order[end:]) if loses else (order[:end], order[start:])
            order = np.concatenate(pieces)
        array = np.concatenate([self._satellite[number] for number in order.tolist()])
        return substitute(array, _COPY_DIVERGENCE * len(array), draws)

    def _tandem(self, unit: Bases, draws: Draws) -> Bases:
        size = max(2 * len(unit), int(draws.lengths(_TANDEM_BASES, _TANDEM_OCTAVES, 1)[0]))
        array: Bases = np.resize(unit, size)
        return substitute(array, _COPY_DIVERGENCE * size, draws)
