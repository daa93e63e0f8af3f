"""Collections of an awkward shape: one huge contig, very many small ones, nothing but N, very many samples."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from .draws import Draws
from .fasta import create_fasta
from .genomes import near_empty_blocks
from .mutation import Rates
from .populations import Descent, Output, ancestor_genome, write_descendants

_BLOCK_BASES = 1 << 24
_LONG_CONTIG = 300_000_000
_CONTIGS, _CONTIG_BASES = 300_000, 300
_CONTIG_BATCH = 10_000
_EMPTY_BASES, _EMPTY_ENDS = 50_000_000, 1_000
_SAMPLES, _SAMPLE_BASES = 2_000, 30_000
_NEAR_IDENTICAL = Rates(substitutions=0.001, indels=0.0001)


def _write_one_contig(output: Output, seed: int, scale: float) -> int:
    draws = Draws(seed)
    length = round(_LONG_CONTIG * scale)
    with create_fasta(output.folder / "one-contig.fa", compress=output.compress) as fasta:
        fasta.begin("contig")
        for start in range(0, length, _BLOCK_BASES):
            fasta.write(draws.bases(min(_BLOCK_BASES, length - start)))
        return fasta.total_bases


def _write_many_contigs(output: Output, seed: int, scale: float) -> int:
    draws = Draws(seed)
    contigs = round(_CONTIGS * scale)
    with create_fasta(output.folder / "many-contigs.fa", compress=output.compress) as fasta:
        for first in range(0, contigs, _CONTIG_BATCH):
            count = min(_CONTIG_BATCH, contigs - first)
            for number, sequence in enumerate(draws.bases(count * _CONTIG_BASES).reshape(count, _CONTIG_BASES)):
                fasta.record(f"contig{first + number + 1:06d}", sequence)
        return fasta.total_bases


def _write_all_n(output: Output, seed: int, scale: float) -> int:
    with create_fasta(output.folder / "all-n.fa", compress=output.compress) as fasta:
        fasta.begin("gap")
        for block in near_empty_blocks(round(_EMPTY_BASES * scale), _EMPTY_ENDS, Draws(seed)):
            fasta.write(block)
        return fasta.total_bases


def _write_many_samples(output: Output, seed: int, scale: float) -> int:
    folder = Output(output.folder / "many-samples", output.compress)
    descent = Descent(seed, max(1, round(_SAMPLES * scale)), _NEAR_IDENTICAL)
    return write_descendants(["genome"], ancestor_genome(_SAMPLE_BASES, 1, 0.0, seed), descent, folder)


SHAPES: dict[str, Callable[[Output, int, float], int]] = {
    "one-contig": _write_one_contig,
    "many-contigs": _write_many_contigs,
    "all-n": _write_all_n,
    "many-samples": _write_many_samples,
}


def write_shapes(names: list[str], folder: Path, *, seed: int, scale: float = 1.0, compress: bool = False) -> int:
    """Write the shapes `names` into `folder` and return the bases written.

    Parameters
    ----------
    names
        Keys of `SHAPES`.
    folder
        Where the files go.
    seed
        Seed of each shape.
    scale
        Factor of the length of the contig, the number of contigs, the length of the gap and the number of samples.
    compress
        Write gzip.
    """
    folder.mkdir(parents=True, exist_ok=True)
    return sum(SHAPES[name](Output(folder, compress), seed, scale) for name in names)
