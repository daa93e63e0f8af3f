"""What a typed program does with panarc; it passes `mypy --strict`."""

from __future__ import annotations

import sys
from pathlib import Path

import panarc


def build(target: Path, contigs: dict[str, bytes]) -> panarc.BuildStats:
    """Make an archive of one sample from memory, and one that streams."""
    with panarc.create(target, threads=2, memory_limit="256MB") as builder:
        builder.add_sample("whole", contigs)
        with builder.sample("streamed") as sample:
            for name, letters in contigs.items():
                with sample.contig(name) as contig:
                    contig.write(letters)
    stats = builder.stats
    assert stats is not None
    return stats


def lengths(archive: panarc.Archive) -> dict[str, int]:
    """Return the bases of each sample."""
    return {name: sum(len(contig) for contig in sample) for name, sample in archive.items()}


def describe(archive: panarc.Archive) -> str:
    """Return some facts, each of the type that it should have."""
    contig: panarc.Contig = archive["whole"]["chr1"]
    first: int = contig[0]
    part: bytes = contig[:10]
    many: list[bytes] = archive.fetch_many([panarc.Region("chr1", 0, 5, sample="whole"), ("streamed", "chr1", 0, 5)])
    total: int = archive.stats().bytes["references"]
    level: dict[str, list[str] | list[int]] = archive["whole"].seqcol()
    return f"{chr(first)} {part.decode()} {len(many)} {total > 0} {level['names']}"


def main(target: Path) -> None:
    """Build, read, and handle what can go wrong."""
    stats = build(target, {"chr1": b"ACGTTGCA" * 500, "chr2": b"GATTACA" * 100})
    with panarc.open(target, verify=True) as archive:
        print(stats.samples, lengths(archive), describe(archive))
        try:
            archive.fetch("chr1:1-10", sample="nobody")
        except KeyError as error:
            assert isinstance(error, panarc.SampleNotFoundError)
            print(error)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
