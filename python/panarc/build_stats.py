"""What a finished build tells."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BuildStats:
    """What is in a finished archive.

    Parameters
    ----------
    samples, contigs, bases
        How many were added.
    segments
        Pieces that the contigs were cut into.
    groups
        Groups of similar segments.
    archive_bytes
        Size of the archive.
    input_bytes
        Text of FASTA files, decompressed.
    spilled_bytes
        What went to the temporary file because it need not be in memory.
    memory_limit
        The limit that held, in bytes.
    mapped_sparsely
        Whether similar sequence was not looked for everywhere at full density, so that the archive is larger than it
        could be: the limit was too small, or there are more than 4.29 billion distinct bases, under any limit.
    unrelated_samples
        Samples that share nearly nothing with those before them in the archive: less than a twentieth of their bases.
        The first sample of an archive is not among them, nor are samples of less than 10,000 bases.
    unrelated
        Names of them, of the first 100.
    elapsed
        Seconds from the start to the end.
    waited
        Seconds of waiting by stage, summed over threads.
    seconds
        Seconds of work by stage, summed over threads.
    peak_bytes
        Greatest memory of each consumer.
    """

    samples: int
    contigs: int
    bases: int
    segments: int
    groups: int
    archive_bytes: int
    input_bytes: int
    spilled_bytes: int
    memory_limit: int
    mapped_sparsely: bool
    unrelated_samples: int
    unrelated: list[str]
    elapsed: float
    waited: dict[str, float]
    seconds: dict[str, float]
    peak_bytes: dict[str, int]
