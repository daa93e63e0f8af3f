"""Where an archive's bytes went. Apart from `archive`, so that opening one need not load `dataclasses`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class GroupStats:
    """What is stored for a group.

    Parameters
    ----------
    group
        Its number; groups below 16 are raw: they have no reference, and plain segments instead of deltas.
    segments
        Segments of all samples that are in it.
    deltas
        Different deltas that they use. Segments that are equal share one, or have none if the reference is equal too.
    packs
        Pieces that its deltas are compressed in.
    reference_bytes, delta_bytes
        Bytes of the file for its reference and for its packs.
    """

    group: int
    segments: int
    deltas: int
    packs: int
    reference_bytes: int
    delta_bytes: int

    @property
    def bytes(self) -> int:
        """Bytes of the file for the group."""
        return self.reference_bytes + self.delta_bytes


@dataclass(frozen=True, slots=True)
class SampleStats:
    """What a sample holds, and its share of what is stored for groups.

    Parameters
    ----------
    name
        Its name.
    contigs, bases, segments
        How many there are.
    reference_bytes
        Bytes of the references that it is the first sample to use.
    delta_bytes
        Its share of packs. A pack's bytes are divided evenly over its deltas, and each is the first user's.
    """

    name: str
    contigs: int
    bases: int
    segments: int
    reference_bytes: int
    delta_bytes: int

    @property
    def bytes(self) -> int:
        """The sample's share of the file."""
        return self.reference_bytes + self.delta_bytes


@dataclass(frozen=True, slots=True)
class AlongRow:
    """What a sample, or a run of samples, spent along the reference.

    Parameters
    ----------
    first, samples
        Place of its first sample in the archive, from 0, and how many there are.
    bytes, segments
        Of each cell, what was spent for segments of groups that are at home there, as in `SampleStats`, and how many
        segments these are.
    elsewhere_bytes, elsewhere_segments
        The same for groups that the reference does not use: what was new.
    """

    first: int
    samples: int
    bytes: tuple[int, ...]
    segments: tuple[int, ...]
    elsewhere_bytes: int
    elsewhere_segments: int


@dataclass(frozen=True, slots=True)
class Along:
    """What was spent along the reference, the archive's first sample. A group is at home where that uses it first.

    Parameters
    ----------
    cells
        Bases of the reference in each cell, in order. A cell is one segment of the reference or several neighbours.
    rows
        Samples in order, one a row or, where there are many, a run of them.
    """

    cells: tuple[int, ...]
    rows: tuple[AlongRow, ...]


@dataclass(frozen=True, slots=True)
class ArchiveStats:
    """Where an archive's bytes went.

    Parameters
    ----------
    bytes
        All bytes of the file by what they hold; the sum is its size. ``references`` and ``deltas`` are those of groups.
        The collection is ``samples`` and ``contigs``, which are names, and ``details``, which are rows of segments;
        format 2 has names of samples with those of contigs, and format 1 has everything in ``details``. ``keys`` and
        ``splitters`` are for `append` of AGC; ``params`` and ``info`` are parameters and properties; ``case`` tells
        where lower case was, and ``digests`` are those of contigs; ``other`` is in streams that neither the format nor
        panarc knows, ``gaps`` in none, and ``footer`` tells where everything is.
    groups
        Groups, in order of their numbers.
    samples
        Samples, in the archive's order.
    along
        What was spent along the reference, if that was asked for and there is a sample.
    """

    bytes: dict[str, int]
    groups: tuple[GroupStats, ...]
    samples: tuple[SampleStats, ...]
    along: Along | None = None

    def __repr__(self) -> str:
        # There may be a million groups.
        return f"<panarc.ArchiveStats of {self.size} bytes: {self.bases} bases in {len(self.samples)} samples>"

    @property
    def size(self) -> int:
        """Bytes of the file."""
        return sum(self.bytes.values())

    @property
    def bases(self) -> int:
        """Bases of all samples."""
        return sum(sample.bases for sample in self.samples)

    @property
    def unclaimed(self) -> int:
        """Bytes of references and packs that no sample uses anything of."""
        return self.bytes["references"] + self.bytes["deltas"] - sum(sample.bytes for sample in self.samples)
