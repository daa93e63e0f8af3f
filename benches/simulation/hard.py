"""Collections that are not alike: what makes segments, groups and references a poor fit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import numpy as np

from .draws import Bases, Draws
from .mutation import Genome, Rates, mutate, reverse_complement
from .populations import (
    Descent,
    Output,
    ancestor_genome,
    chromosome_names,
    descendants,
    fragments,
    sample_names,
    write_unrelated,
)
from .repeats import SMALL_CHANGES, RepeatRegion, element_arrays, satellite_arrays, tandem_arrays

_SITES, _SAMPLE, _CLADE, _BAD = range(10, 14)

_UNRELATED_SAMPLES, _UNRELATED_BASES = 6, 1_500_000
_FRAGMENTED_SAMPLES, _FRAGMENTED_BASES, _FRAGMENTS = 4, 12_000_000, 100_000
_WHOLE_BASES = 1_000_000
_REPEAT_SAMPLES, _REPEAT_BASES = 8, 1_000_000
_ARRAY_SAMPLES, _ARRAY_BASES = 4, 1_000_000
_DISTANT_BASES, _IDENTITIES, _CLADE_SAMPLES = 1_000_000, (95, 90, 85), 2
_VIRUSES, _VIRUS_BASES = 2_000, 30_000
_RELATIVES, _RELATIVE_BASES, _SMALL_RELATIVE_BASES = 10, 5_000_000, 1_000_000
_JUNK_BASES, _DRAFT_CONTIGS = 5_000, 20

_VIRUS_RATES = Rates(substitutions=0.001, indels=0.0001)
_SAME_RATES = Rates(substitutions=0.001, indels=0.0001).scaled(large=0.0)
_CLADE_RATES = Rates(substitutions=0.005, indels=0.0005)
_DRAFT_RATES = Rates(substitutions=0.01, indels=0.001, gaps=30.0)

Records = Iterable[tuple[str, Bases]]


def _write_samples(output: Output, samples: Iterable[Records], number: int) -> int:
    names = sample_names(number)
    bases = sum(output.write(name, iter(records)) for name, records in zip(names, samples, strict=True))
    output.list_samples(names)
    return bases


def _ordered(ancestor: Genome, descent: Descent) -> list[Genome]:
    """Return all samples by number, so that those close in the tree are not neighbours."""
    return [genome for _, genome in sorted(descendants(ancestor, descent), key=lambda pair: pair[0])]


def _write_unrelated(output: Output, seed: int, scale: float) -> int:
    descent = Descent(seed, _UNRELATED_SAMPLES, Rates())
    return write_unrelated(round(_UNRELATED_BASES * scale), 4, 0.2, descent, output)


def _shattered(genome: Genome, seed: int, sample: int) -> Iterator[tuple[str, Bases]]:
    return fragments(genome, _FRAGMENTED_BASES // _FRAGMENTS, Draws(seed, _SAMPLE, sample), shortest=1)


def _write_fragments(output: Output, seed: int, scale: float) -> int:
    ancestor = ancestor_genome(round(_FRAGMENTED_BASES * scale), 1, 0.1, seed)
    genomes = _ordered(ancestor, Descent(seed, _FRAGMENTED_SAMPLES, _SAME_RATES))
    samples = (_shattered(genome, seed, number) for number, genome in enumerate(genomes))
    return _write_samples(output, samples, _FRAGMENTED_SAMPLES)


def _write_fragments_of_whole(output: Output, seed: int, scale: float) -> int:
    ancestor = ancestor_genome(round(_WHOLE_BASES * scale), 1, 0.1, seed)
    first, *others = _ordered(ancestor, Descent(seed, _FRAGMENTED_SAMPLES, _SAME_RATES))
    whole: Records = zip(chromosome_names(1), first, strict=True)
    shattered: list[Records] = [_shattered(genome, seed, number) for number, genome in enumerate(others)]
    return _write_samples(output, [whole, *shattered], _FRAGMENTED_SAMPLES)


def _write_repeats(output: Output, seed: int, scale: float) -> int:
    region = RepeatRegion(round(_REPEAT_BASES * scale), Draws(seed, _SITES))
    samples = ([("region", region.sample(Draws(seed, _SAMPLE, number)))] for number in range(_REPEAT_SAMPLES))
    return _write_samples(output, samples, _REPEAT_SAMPLES)


def _write_relatives_of(
    ancestral: Callable[[int, Draws], Bases],
) -> Callable[[Output, int, float], int]:
    def write(output: Output, seed: int, scale: float) -> int:
        ancestor = [ancestral(round(_ARRAY_BASES * scale), Draws(seed, _SITES))]
        genomes = (mutate(ancestor, SMALL_CHANGES, 1.0, Draws(seed, _SAMPLE, n)) for n in range(_ARRAY_SAMPLES))
        return _write_samples(output, ([("array", genome[0])] for genome in genomes), _ARRAY_SAMPLES)

    return write


def _write_distant(output: Output, seed: int, scale: float) -> int:
    """Write the ancestor and, in turn, samples of clades that have 95, 90 and 85 % of its bases."""
    ancestor = ancestor_genome(round(_DISTANT_BASES * scale), 1, 0.1, seed)
    genomes = [ancestor]
    clades = []
    for identity in _IDENTITIES:
        divergence = (100 - identity) / 100
        rates = Rates(substitutions=divergence, indels=divergence / 10)
        clades.append(mutate(ancestor, rates, 1.0, Draws(seed, _CLADE, identity)))
    for number in range(_CLADE_SAMPLES * len(clades)):
        clade = clades[number % len(clades)]
        genomes.append(mutate(clade, _CLADE_RATES, 1.0, Draws(seed, _SAMPLE, number)))
    samples = (zip(chromosome_names(1), genome, strict=True) for genome in genomes)
    return _write_samples(output, samples, len(genomes))


def _write_viruses(output: Output, seed: int, scale: float) -> int:
    ancestor = ancestor_genome(_VIRUS_BASES, 1, 0.0, seed)
    genomes = _ordered(ancestor, Descent(seed, max(1, round(_VIRUSES * scale)), _VIRUS_RATES))
    names = sample_names(len(genomes))
    return output.write("viruses", zip(names, (genome[0] for genome in genomes), strict=True))


def _write_after(bad: Records, ancestor: Genome, seed: int, output: Output) -> int:
    relatives = _ordered(ancestor, Descent(seed, _RELATIVES, Rates()))
    named = (zip(chromosome_names(len(genome)), genome, strict=True) for genome in relatives)
    return _write_samples(output, [bad, *named], 1 + _RELATIVES)


def _write_bad_first(output: Output, seed: int, scale: float) -> int:
    """Write relatives after a sample of junk, four fifths of which are N."""
    draws = Draws(seed, _BAD)
    gap = np.full(_JUNK_BASES * 4 // 5, ord("N"), dtype=np.uint8)
    junk = np.concatenate((draws.bases(_JUNK_BASES // 10), gap, draws.bases(_JUNK_BASES // 10)))
    ancestor = ancestor_genome(round(_RELATIVE_BASES * scale), 1, 0.1, seed)
    return _write_after([("junk", junk)], ancestor, seed, output)


def _write_half_first(output: Output, seed: int, scale: float) -> int:
    """Write relatives after a draft of half the genome, in 20 contigs with 1 % of errors and many gaps."""
    draws = Draws(seed, _BAD)
    ancestor = ancestor_genome(round(_SMALL_RELATIVE_BASES * scale), 1, 0.1, seed)
    draft = mutate(ancestor, _DRAFT_RATES, 1.0, draws)[0]
    contigs = [
        (f"contig{place}", reverse_complement(contig) if place % 2 else contig)
        for place, contig in enumerate(np.array_split(draft, 2 * _DRAFT_CONTIGS)[::2], start=1)
    ]
    return _write_after(contigs, ancestor, seed, output)


HARD: dict[str, Callable[[Output, int, float], int]] = {
    "unrelated": _write_unrelated,
    "fragments": _write_fragments,
    "whole-first": _write_fragments_of_whole,
    "repeats": _write_repeats,
    "tandems": _write_relatives_of(tandem_arrays),
    "satellites": _write_relatives_of(satellite_arrays),
    "elements": _write_relatives_of(element_arrays),
    "distant": _write_distant,
    "viruses": _write_viruses,
    "bad-first": _write_bad_first,
    "half-first": _write_half_first,
}


def write_hard(names: list[str], output: Output, *, seed: int, scale: float = 1.0) -> int:
    """Write collections, each into a folder of its own name, and return the bases written.

    Parameters
    ----------
    names
        Keys of `HARD`.
    output
        Where the folders go.
    seed
        Seed of each collection.
    scale
        Factor of the length of genomes, and of the number of viruses.
    """
    return sum(HARD[name](Output(output.folder / name, output.compress), seed, scale) for name in names)
