"""Collections of many samples, one FASTA file each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .draws import Bases, Draws
from .fasta import create_fasta
from .genomes import random_genome
from .mutation import Genome, Rates, mutate, reverse_complement
from .tree import coalescent, walk

_TREE, _BRANCH, _FRAGMENTS, _GENOME = range(4)
_SHORTEST_CONTIG = 200


@dataclass(frozen=True, slots=True)
class Descent:
    """How samples descend from their ancestor.

    Attributes
    ----------
    seed
        Seed of the collection.
    samples
        Number of samples.
    rates
        Events from root to leaf.
    private
        Fraction of the events that no other sample shares, at least.
    fragmented
        Fraction of the samples that are written as many contigs in random order and strand.
    contig_length
        Mean length of those contigs.
    """

    seed: int
    samples: int
    rates: Rates
    private: float = 0.2
    fragmented: float = 0.0
    contig_length: int = 20_000


@dataclass(frozen=True, slots=True)
class Output:
    """Where a collection goes, and in which form."""

    folder: Path
    compress: bool = False

    def write(self, name: str, records: Iterator[tuple[str, Bases]]) -> int:
        """Write one sample and return its bases."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with create_fasta(self.folder / f"{name}.fa", compress=self.compress) as fasta:
            for header, sequence in records:
                fasta.record(header, sequence)
            return fasta.total_bases

    def list_samples(self, names: list[str]) -> None:
        """Write the file names of all samples, in order, into ``samples.txt``."""
        suffix = ".fa.gz" if self.compress else ".fa"
        (self.folder / "samples.txt").write_text("".join(f"{name}{suffix}\n" for name in names))


def sample_names(samples: int) -> list[str]:
    """Return names whose alphabetical order is that of their numbers."""
    width = len(str(samples))
    return [f"sample{number:0{width}d}" for number in range(1, samples + 1)]


def write_descendants(headers: list[str], ancestor: Genome, descent: Descent, output: Output) -> int:
    """Write samples that descend from one genome along a random tree.

    Parameters
    ----------
    headers
        One for each chromosome of `ancestor`.
    ancestor
        The genome at the root.
    descent
        What happens below it.
    output
        Where the files go.

    Returns
    -------
    int
        Bases written.
    """
    names = sample_names(descent.samples)
    bases = 0
    for leaf, genome in descendants(ancestor, descent):
        draws = Draws(descent.seed, _FRAGMENTS, leaf)
        broken = draws.fraction() < descent.fragmented
        records = fragments(genome, descent.contig_length, draws) if broken else zip(headers, genome, strict=True)
        bases += output.write(names[leaf], iter(records))
    output.list_samples(names)
    return bases


def descendants(ancestor: Genome, descent: Descent) -> Iterator[tuple[int, Genome]]:
    """Yield the genome of every sample with its number, in the order of the tree."""
    tree = coalescent(descent.samples, descent.private, Draws(descent.seed, _TREE))

    def descend(genome: Genome, node: int) -> Genome:
        branch = tree.branches[node]
        return mutate(genome, descent.rates, branch, Draws(descent.seed, _BRANCH, node)) if branch else genome

    return walk(tree, ancestor, descend)


def write_unrelated(length: int, chromosomes: int, repeats: float, descent: Descent, output: Output) -> int:
    """Write random genomes that have nothing in common, and return the bases written."""
    names = sample_names(descent.samples)
    bases = 0
    for number, name in enumerate(names):
        genome = random_genome(length, chromosomes, repeats, Draws(descent.seed, _GENOME, number))
        bases += output.write(name, iter(zip(chromosome_names(chromosomes), genome, strict=True)))
    output.list_samples(names)
    return bases


def ancestor_genome(length: int, chromosomes: int, repeats: float, seed: int) -> Genome:
    """Make the random genome at the root of a collection."""
    return random_genome(length, chromosomes, repeats, Draws(seed, _GENOME))


def chromosome_names(chromosomes: int) -> list[str]:
    """Return ``chr1``, ``chr2`` and so on."""
    return [f"chr{number}" for number in range(1, chromosomes + 1)]


def fragments(
    genome: Genome, contig_length: int, draws: Draws, shortest: int = _SHORTEST_CONTIG
) -> Iterator[tuple[str, Bases]]:
    """Yield a genome as contigs cut anywhere, in random order and strand.

    Parameters
    ----------
    genome
        The chromosomes.
    contig_length
        Mean length of a contig.
    draws
        Random values of this sample.
    shortest
        What is shorter is left out, as assemblers do.
    """
    pieces: list[Bases] = []
    for chromosome in genome:
        cuts = np.unique(draws.below(len(chromosome), len(chromosome) // contig_length))
        pieces += [piece for piece in np.split(chromosome, cuts.tolist()) if len(piece) >= shortest]
    strands = draws.below(2, len(pieces)).tolist()
    for place, number in enumerate(draws.order(len(pieces)).tolist(), start=1):
        piece = pieces[number]
        yield f"contig{place:06d}", reverse_complement(piece) if strands[number] else piece
