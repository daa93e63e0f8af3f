"""Reading an archive: a mapping from sample names to samples."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

from . import _core
from .contig import Contig
from .errors import ContigNotFoundError, ParameterError, SampleNotFoundError
from .sample import Sample

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import TracebackType
    from typing import Literal

    from .builder import Builder
    from .facts import ArchiveInfo, Params
    from .stats import ArchiveStats

    #: Core sample, place of the contig in it, start, end, header (None: the contig's own).
    Record = tuple[_core.Sample, int, int | None, int | None, str | None]

_LARGEST = (1 << 64) - 1


def open(path: str | os.PathLike[str], *, cache_bytes: int | None = None) -> Archive:
    """Open an archive. Only the names of its samples are read.

    Parameters
    ----------
    path
        The archive.
    cache_bytes
        Bytes of decoded segments that are kept at most, for requests near each other; None for 128 MiB.

    Raises
    ------
    MissingFileError, FileError
        If it cannot be read.
    CorruptArchiveError, UnsupportedVersionError
        If it is no archive that this version reads.
    """
    return Archive(path, cache_bytes=cache_bytes)


class Archive(Mapping[str, Sample]):
    """An open archive; made by `open`.

    A mapping from the names of the samples, in the archive's order, to `Sample` objects. It never changes, and any
    number of threads may share it. Two archives are equal only if they are the same object.
    """

    def __init__(self, path: str | os.PathLike[str], *, cache_bytes: int | None = None) -> None:
        if cache_bytes is not None and not 0 <= cache_bytes <= _LARGEST:
            raise ParameterError(f"cache_bytes is {cache_bytes}; it must not be negative")
        self._core: _core.Archive | None = _core.Archive(path, cache_bytes=cache_bytes)
        self._path = os.fspath(path)
        self._names = tuple(self._core.samples())
        self._places = {name: place for place, name in enumerate(self._names)}

    @property
    def path(self) -> str:
        """The file, as it was given."""
        return self._path

    @property
    def samples(self) -> tuple[str, ...]:
        """Names of the samples, in the archive's order."""
        return self._names

    @property
    def reference(self) -> str | None:
        """Name of the reference sample, which is the first one; None if there is no sample."""
        return self._names[0] if self._names else None

    @property
    def params(self) -> Params:
        """Parameters that the archive was built with."""
        from .facts import Params

        return Params(**self._native().params)

    @property
    def info(self) -> ArchiveInfo:
        """What the archive says about itself."""
        from .facts import ArchiveInfo

        core = self._native()
        return ArchiveInfo(core.format, core.size, core.group_count, dict(core.info), tuple(core.commands))

    def append(
        self,
        path: str | os.PathLike[str] | None = None,
        *,
        threads: int | None = None,
        memory_limit: int | str | None = None,
        level: str = "balanced",
    ) -> Builder:
        """Begin an archive that has all of this one, and what is added; see `panarc.append`.

        This object goes on showing the archive as it was opened.
        """
        from .builder import append

        return append(self._path, path, threads=threads, memory_limit=memory_limit, level=level)

    def stats(self) -> ArchiveStats:
        """Find out where the archive's bytes went. No sequence is decoded for it.

        Raises
        ------
        CorruptArchiveError
            If what tells it is damaged.
        """
        from .stats import ArchiveStats, GroupStats, SampleStats

        kinds, groups, samples = self._native().usage()
        return ArchiveStats(
            kinds,
            tuple(GroupStats(*row) for row in groups),
            tuple(SampleStats(name, *row) for name, row in zip(self._names, samples, strict=True)),
        )

    def fetch(
        self,
        region: str,
        start: int | None = None,
        end: int | None = None,
        *,
        sample: str | None = None,
        strand: Literal["+", "-"] = "+",
        clamp: bool = False,
    ) -> bytes:
        """Return the bases of a region.

        Parameters
        ----------
        region
            A region string, counted from 1 with both ends meant (``chrI:1,001-2,000``, ``chrI:1001-``), or the name of
            a contig. What is the name of a contig as a whole is never taken apart, whatever ``:`` it holds.
        start, end
            With either of them `region` is a contig's name, and they count from 0, half-open; the end is the contig's
            unless given.
        sample
            Name of the sample. Without it exactly one sample must hold the contig.
        strand
            ``"-"`` for the reverse complement.
        clamp
            Cut the range to the contig instead of refusing it.

        Raises
        ------
        SampleNotFoundError, ContigNotFoundError
            If there is no such sample or contig.
        AmbiguousContigError
            If several contigs are meant.
        RangeError
            If the range is not within the contig.
        ParameterError
            If the region makes no sense.
        """
        if start is None and end is None:
            contig, start, end = self._parse(region, sample)
        else:
            contig, start = self.contig(region, sample), 0 if start is None else start
        return contig.fetch(start, end, strand=strand, clamp=clamp)

    def contig(self, name: str, sample: str | None = None) -> Contig:
        """Return a contig by its header or first word; without `sample`, exactly one sample must have it."""
        if sample is None:
            sample = self._names[self._native().locate(name)]
        return self[sample][name]

    def write_fasta(
        self,
        target: str | os.PathLike[str] | None,
        samples: Iterable[str] | None = None,
        *,
        line_width: int = 80,
        gzip_level: int = 0,
    ) -> None:
        """Write whole samples as FASTA, one after another.

        Parameters
        ----------
        target
            A file, which appears when it is complete; None or ``"-"`` for standard output.
        samples
            Names of samples; None for all.
        line_width
            Bases a line; 0 for one line a contig.
        gzip_level
            Level of BGZF compression, 1 to 9; 0 for plain text.
        """
        names = list(self._names if samples is None else samples)
        for name in names:
            self._check(name)
        _check_fasta(line_width, gzip_level)
        self._native().export_samples(names, _target(target), line_width=line_width, gzip_level=gzip_level)

    def close(self) -> None:
        """Let go of the file. Samples and contigs of a closed archive give nothing any more."""
        self._core = None

    @property
    def closed(self) -> bool:
        """Whether the archive is closed."""
        return self._core is None

    def __getitem__(self, sample: str) -> Sample:
        self._check(sample)
        return Sample(self, sample)

    def __contains__(self, sample: object) -> bool:
        return sample in self._places

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    # A mapping compares its items otherwise, and cannot be hashed.
    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)

    def __enter__(self) -> Archive:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        state = ", closed" if self.closed else ""
        return f"<panarc.Archive '{self._path}', {len(self)} samples{state}>"

    def _native(self) -> _core.Archive:
        if self._core is None:
            raise ParameterError(f"{self._path}: the archive is closed")
        return self._core

    def _check(self, sample: str) -> None:
        if sample not in self._places:
            raise SampleNotFoundError(f"{self._path}: no sample named {sample!r}")

    def _parse(self, region: str, sample: str | None) -> tuple[Contig, int, int | None]:
        """Take a region string as a contig's name first, then apart."""
        from .region import parse_region

        try:
            return self.contig(region, sample), 0, None
        except ContigNotFoundError:
            place = parse_region(region)
            if place.contig == region:
                raise
        return self.contig(place.contig, sample), place.start, place.end

    def _write_records(self, records: list[Record], target: str | None, line_width: int, gzip_level: int) -> None:
        _check_fasta(line_width, gzip_level)
        self._native().export(records, _target(target), line_width=line_width, gzip_level=gzip_level)


def _target(target: str | os.PathLike[str] | None) -> str | None:
    return None if target is None or target == "-" else os.fspath(target)


def _check_fasta(line_width: int, gzip_level: int) -> None:
    if not 0 <= line_width <= 1 << 40:
        raise ParameterError(f"line_width is {line_width}; it must not be negative")
    if not 0 <= gzip_level <= 9:
        raise ParameterError(f"gzip_level is {gzip_level}; it must be from 0 to 9")
