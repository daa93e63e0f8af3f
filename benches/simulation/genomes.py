"""Genomes without parents."""

from __future__ import annotations

import numpy as np

from .draws import Bases, Draws
from .mutation import Genome, reverse_complement, substitute

_FAMILIES = 40
_SHORTEST_FAMILY = 250
_FAMILY_OCTAVES = 5
_SUBFAMILY_DIVERGENCES = (0.0, 0.02, 0.05, 0.1, 0.2)
_COPY_DIVERGENCE = 0.02


def chromosome_lengths(length: int, chromosomes: int) -> list[int]:
    """Divide `length` among chromosomes, of which the first is almost twice as long as the last."""
    shares = [2 * chromosomes - number for number in range(chromosomes)]
    ends = [length * sum(shares[: number + 1]) // sum(shares) for number in range(chromosomes)]
    return [end - start for start, end in zip([0, *ends], ends, strict=False)]


def random_genome(length: int, chromosomes: int, repeats: float, draws: Draws) -> Genome:
    """Make a genome of random letters and of copies of repeat families.

    Parameters
    ----------
    length
        Bases in all.
    chromosomes
        Their number.
    repeats
        Bases written as copies of repeats, as a fraction of the genome; copies may lie over copies.
    draws
        Random values of the genome.
    """
    families = _repeat_families(draws)
    genome = []
    for size in chromosome_lengths(length, chromosomes):
        chromosome = draws.bases(size)
        _scatter(chromosome, families, repeats, draws)
        genome.append(chromosome)
    return genome


def _repeat_families(draws: Draws) -> list[Bases]:
    members = []
    for size in draws.lengths(_SHORTEST_FAMILY, _FAMILY_OCTAVES, _FAMILIES).tolist():
        founder = draws.bases(size)
        members += [substitute(founder, share * size, draws) for share in _SUBFAMILY_DIVERGENCES]
    return members


def _scatter(chromosome: Bases, families: list[Bases], repeats: float, draws: Draws) -> None:
    mean = sum(map(len, families)) / len(families)
    count = draws.count(repeats * len(chromosome) / mean)
    starts = draws.below(len(chromosome), count).tolist()
    choices = draws.below(len(families), count).tolist()
    strands = draws.below(2, count).tolist()
    for start, choice, strand in zip(starts, choices, strands, strict=True):
        member = families[choice]
        copy = substitute(member, _COPY_DIVERGENCE * len(member), draws)
        if strand:
            copy = reverse_complement(copy)
        end = min(len(chromosome), start + len(copy))
        chromosome[start:end] = copy[: end - start]


def near_empty_blocks(length: int, ends: int, draws: Draws) -> list[Bases]:
    """Return the blocks of a sequence of N with `ends` random bases at either side."""
    ends = min(ends, length // 2)
    block = np.full(1 << 24, ord("N"), dtype=np.uint8)
    middle = length - 2 * ends
    whole, rest = divmod(middle, len(block))
    return [draws.bases(ends), *[block] * whole, block[:rest], draws.bases(ends)]
