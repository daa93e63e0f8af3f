"""Reading an archive: a mapping from sample names to samples."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress

from . import _core
from .contig import Contig
from .cpus import available_cpus
from .errors import ParameterError, SampleNotFoundError
from .sample import Sample

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from types import TracebackType
    from typing import Any, Literal, Protocol

    from numpy import uint8
    from numpy.typing import NDArray
    from typing_extensions import Buffer

    from .asks import Ask, Notice, RegionLike, Stretch
    from .builder import Builder
    from .facts import ArchiveInfo, Params
    from .originals import Originals
    from .record import Record as Whole
    from .remote.source import Source
    from .report import Report
    from .stats import ArchiveStats

    class _Seekable(Protocol):
        def seek(self, offset: int, whence: int = ..., /) -> int: ...
        def read(self, size: int = ..., /) -> bytes: ...

    class _Ranges(Protocol):
        def get_ranges(self, *, starts: Sequence[int], ends: Sequence[int]) -> Sequence[Buffer]: ...

    class _ReadAt(Protocol):
        def read_at(self, start: int, length: int, /) -> Buffer: ...

    #: An object of the caller's that an archive is read from.
    Readable = _Seekable | _Ranges | _ReadAt
    #: A stretch of a contig, and the header of its record; None for the contig's own.
    Record = tuple[Stretch, str | None]
    #: Bases a line, level of BGZF, level of zstd, whether there are indexes.
    Style = tuple[int, int, int, bool]

#: No machine has more to offer.
MOST_THREADS = 1024

#: Cells along the reference, and rows of samples, that statistics tell apart at most.
MOST_CELLS = 100_000

_LARGEST = (1 << 64) - 1


def open(
    path: str | os.PathLike[str] | Readable,
    *,
    cache_bytes: int | None = None,
    memory_limit: int | str | None = None,
    threads: int | None = None,
    upper: bool = False,
    verify: bool = False,
    storage_options: Mapping[str, object] | None = None,
) -> Archive:
    """Open an archive. Only the names of its samples are read.

    Parameters
    ----------
    path
        The archive: a file; a URL (``https://``, ``s3://``, ...), of which ranges are read as they are needed; or an
        object that gives ranges of bytes: a binary file that can seek, or anything with a ``size`` and
        ``get_ranges(starts=, ends=)`` or ``read_at(start, length)``, 0-based and half-open. It stays the caller's to
        close.
    cache_bytes
        Bytes of decoded segments that are kept at most, for requests near each other; None for 128 MiB, or a quarter of
        `memory_limit` if that is less.
    memory_limit
        Bytes that the archive may take in memory: a number, or text such as ``"64MB"``. Caches are made to fit, and a
        part of the archive that needs more at once is refused; what is just being decoded and written comes on top.
        None for the environment variable PANARC_MEMORY_LIMIT and, where that is not set, 1 GiB a part.
    threads
        Threads that share the work of one call that writes much or reads many regions; None for as many as the process
        may use processors. Calls from several threads are independent of each other.
    upper
        Give all bases in upper case, also where the archive has kept lower case.
    verify
        Check each contig against its stored digest before bases of it are given: a contig that is read whole as it is
        read, another once, when a part of it is first wanted. What is wrong is a `CorruptArchiveError`. Contigs that
        the archive stores no digest of are not checked; `Archive.info` tells which those are.
    storage_options
        How a URL is read. For HTTP ``headers``, ``timeout`` (seconds; 30), ``retries`` (4) and ``connections`` (at
        once; 8); for stores what obstore or fsspec take.

    Raises
    ------
    MissingFileError, FileError
        If it cannot be read.
    RemoteError
        If a server or store does not answer as it must: `NoRangesError`, `RemoteAccessError`, `RemoteTimeoutError`, and
        `RemoteChangedError` when it has another file than the one that was opened. What is read later may raise them,
        too.
    CorruptArchiveError, UnsupportedVersionError
        If it is no archive that this version reads.
    MemoryLimitError
        If a part of it needs more than the limit at once. What is read later may raise it, too.

    Examples
    --------
    >>> with panarc.open("pop.agc") as archive:
    ...     archive.samples
    ('a', 'b', 'c')
    """
    return Archive(
        path,
        cache_bytes=cache_bytes,
        memory_limit=memory_limit,
        threads=threads,
        upper=upper,
        verify=verify,
        storage_options=storage_options,
    )


class Archive(Mapping[str, Sample]):
    """An open archive; made by `open`.

    A mapping from the names of the samples, in the archive's order, to `Sample` objects. It never changes, and any
    number of threads may share it. Archives are equal if they are of one file that has not changed in between. A
    pickled one is opened again, by its absolute path, where it is unpickled; so samples and contigs can go to other
    processes.
    """

    def __init__(
        self,
        path: str | os.PathLike[str] | Readable,
        *,
        cache_bytes: int | None = None,
        memory_limit: int | str | None = None,
        threads: int | None = None,
        upper: bool = False,
        verify: bool = False,
        storage_options: Mapping[str, object] | None = None,
    ) -> None:
        if cache_bytes is not None and not 0 <= cache_bytes <= _LARGEST:
            raise ParameterError(f"cache_bytes is {cache_bytes}; it must not be negative")
        given = threads
        if threads is None:
            threads = available_cpus()
        if not 1 <= threads <= MOST_THREADS:
            raise ParameterError(f"threads is {threads}; it must be from 1 to {MOST_THREADS}")
        limit = None
        if memory_limit is not None or "PANARC_MEMORY_LIMIT" in os.environ:
            from .config import Config

            limit = Config(memory_limit=memory_limit).effective_memory_limit()
        source: str | os.PathLike[str] | Source
        if isinstance(path, (str, os.PathLike)) and "://" not in str(path):
            source = path
            if storage_options:
                raise ParameterError(f"{path}: storage_options are for URLs")
        else:
            from .remote import connect

            source = connect(path, storage_options)
        self._core: _core.Archive | None = _core.Archive(
            source, cache_bytes=cache_bytes, memory_limit=limit, threads=threads, upper=upper, verify=verify
        )
        local = os.fspath(source) if isinstance(source, (str, os.PathLike)) else None
        self._remote = local is None
        #: What it is opened by again.
        self._given = path if local is None else local
        self._options = {
            "cache_bytes": cache_bytes,
            "memory_limit": memory_limit,
            "threads": given,
            "upper": upper,
            "verify": verify,
            "storage_options": storage_options,
        }
        self._path = os.fspath(path) if isinstance(path, (str, os.PathLike)) else self._core.name
        self._identity = (self._path, self._core.size) if local is None else _identity(local)
        # A URL may hold a password or a signature, which messages must not show.
        self._shown = self._core.name
        self._verify_reads = verify
        self._names = tuple(self._core.samples())
        self._places = {name: place for place, name in enumerate(self._names)}

    @property
    def path(self) -> str:
        """The file or URL, as it was given; of an object its name."""
        return self._path

    @property
    def verify_reads(self) -> bool:
        """Whether bases are checked before they are given."""
        return self._verify_reads

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
        return ArchiveInfo(
            core.format,
            core.size,
            core.group_count,
            dict(core.info),
            tuple(core.commands),
            core.case,
            *core.digests,
        )

    def append(
        self,
        path: str | os.PathLike[str] | None = None,
        *,
        threads: int | None = None,
        memory_limit: int | str | None = None,
        level: str = "balanced",
        keep_case: bool = False,
        digests: str = "auto",
        md5: bool = False,
    ) -> Builder:
        """Begin an archive that has all of this one, and what is added; see `panarc.append`.

        This object goes on showing the archive as it was opened.

        Examples
        --------
        >>> archive = panarc.open("pop.agc")
        >>> with archive.append("larger.agc") as builder:
        ...     builder.add_sample("more", {"chr1": b"ACGT" * 100})
        1
        """
        from .builder import append

        if self._remote:
            raise ParameterError(f"{self._shown}: only a local archive can be added to; download it first")
        return append(
            self._path,
            path,
            threads=threads,
            memory_limit=memory_limit,
            level=level,
            keep_case=keep_case,
            digests=digests,
            md5=md5,
        )

    def stats(self, *, cells: int = 0, rows: int = 200) -> ArchiveStats:
        """Find out where the archive's bytes went. No sequence is decoded for it.

        Parameters
        ----------
        cells, rows
            Tell also what was spent along the reference, in at most so many cells, for at most so many samples or runs
            of samples. With 0 cells that is left out.

        Raises
        ------
        CorruptArchiveError
            If what tells it is damaged.
        ParameterError
            If there can be no such number of cells or rows.

        Examples
        --------
        >>> stats = panarc.open("pop.agc").stats()
        >>> stats.bytes["references"] > stats.bytes["deltas"]
        True
        """
        from .stats import Along, AlongRow, ArchiveStats, GroupStats, SampleStats

        if not 0 <= cells <= MOST_CELLS or not 1 <= rows <= MOST_CELLS:
            raise ParameterError(f"cells is {cells} and rows is {rows}; neither may be more than {MOST_CELLS}")
        kinds, groups, samples, found = self._native().usage((cells, rows) if cells else None)
        along = None
        if found is not None:
            widths, run, spent = found
            places = range(0, len(samples), run)
            along = Along(
                tuple(widths),
                tuple(
                    AlongRow(first, min(run, len(samples) - first), tuple(size), tuple(count), *elsewhere)
                    for first, (size, count, *elsewhere) in zip(places, spent, strict=True)
                ),
            )
        return ArchiveStats(
            kinds,
            tuple(GroupStats(*row) for row in groups),
            tuple(SampleStats(name, *row) for name, row in zip(self._names, samples, strict=True)),
            along,
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
            a contig; it may name the sample too, as ``chrI@S288C:1-100``, ``chrI:1-100@S288C`` or ``S288C#chrI:1-100``.
            What is the name of a contig as a whole is never taken apart, whatever ``:`` it holds.
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

        Examples
        --------
        >>> archive = panarc.open("pop.agc")
        >>> archive.fetch("chr1:1,001-1,010", sample="a") == archive.fetch("chr1", 1000, 1010, sample="a")
        True
        """
        if sample is not None and start is not None and end is not None and strand in ("+", "-"):
            # One call finds and decodes. It says nothing of what is wrong; the way below does.
            with suppress(TypeError, OverflowError):
                bases = self._native().fetch_named((sample, region, start, end), strand == "-")
                if bases is not None:
                    return bases
        if start is None and end is None:
            return self.fetch_many([region], sample=sample, strand=strand, clamp=clamp)[0]
        return self.contig(region, sample).fetch(0 if start is None else start, end, strand=strand, clamp=clamp)

    def fetch_many(
        self,
        regions: Iterable[RegionLike],
        *,
        sample: str | None = None,
        strand: Literal["+", "-"] = "+",
        clamp: bool = False,
    ) -> list[bytes]:
        """Return the bases of many regions, in their order.

        What regions need of the archive is read together and decoded once, so this is faster than one `fetch` after
        another, and the order of the regions does not matter. All that is returned is in memory at once; for more than
        fits there, call this for some thousands of regions at a time, or use `write_regions`.

        Parameters
        ----------
        regions
            Region strings as `fetch` takes them, counted from 1 with both ends meant; tuples (contig, start, end) or
            (sample, contig, start, end), counted from 0 and half-open, where the end may be None for the contig's; or
            `Region` objects. The latter two name the contig exactly.
        sample
            Name of the sample for regions that name none. Without it exactly one sample must hold such a contig.
        strand
            ``"-"`` for the reverse complement; `Region` objects have their own.
        clamp
            Cut ranges to their contigs instead of refusing them.

        Raises
        ------
        SampleNotFoundError, ContigNotFoundError, AmbiguousContigError, RangeError, ParameterError
            As `fetch`; the message names the region.

        Examples
        --------
        >>> archive = panarc.open("pop.agc")
        >>> [len(bases) for bases in archive.fetch_many(["chr1@a:1-10", ("b", "chr2", 0, 500)])]
        [10, 500]
        """
        if sample is None and isinstance(regions, (list, tuple)) and strand in ("+", "-"):
            # Regions by names and positions alone are found by the core. What is wrong with any, the way below tells.
            with suppress(TypeError, OverflowError, ValueError):
                found = self._native().fetch_many_named(regions, strand == "-")
                if found is not None:
                    return found
        return self._native().fetch_many(self._stretches(regions, sample, strand, clamp))

    def fetch_into(
        self,
        buffer: Buffer | NDArray[uint8],
        regions: Iterable[RegionLike],
        *,
        sample: str | None = None,
        strand: Literal["+", "-"] = "+",
        clamp: bool = False,
    ) -> int:
        """Put the bases of many regions one behind another into a buffer of the caller's, without copies.

        So ``numpy.empty((1000, 4096), numpy.uint8)`` takes a thousand windows of 4,096 bases, a window a row.

        Parameters
        ----------
        buffer
            A writable array of bytes, contiguous, of exactly as many bytes as the regions have bases: a bytearray, a
            memoryview, a numpy array of any shape.
        regions, sample, strand, clamp
            As in `fetch_many`.

        Returns
        -------
        int
            How many bases there are.

        Raises
        ------
        ParameterError
            If the buffer is none of that. If anything is wrong, what the buffer holds is nothing to rely on.

        Examples
        --------
        >>> buffer = bytearray(20)
        >>> panarc.open("pop.agc").fetch_into(buffer, [("a", "chr1", 0, 10), ("b", "chr1", 0, 10)])
        20
        """
        stretches = self._stretches(regions, sample, strand, clamp)
        try:
            self._native().fetch_into(buffer, stretches)
        except (BufferError, TypeError) as error:
            raise ParameterError(f"bases cannot be put into {type(buffer).__name__}: {error}") from None
        return sum(end - start for _, _, start, end, _ in stretches)

    def write_regions(
        self,
        target: str | os.PathLike[str] | None,
        regions: Iterable[RegionLike],
        *,
        sample: str | None = None,
        strand: Literal["+", "-"] = "+",
        clamp: bool = False,
        header: str = "bare",
        comment: bool = False,
        line_width: int = 80,
        gzip_level: int = 0,
        zstd_level: int = 0,
        index: bool = False,
    ) -> None:
        """Write regions as FASTA, in their order. They are taken as they are written, and may be any number.

        Parameters
        ----------
        target
            A file, which appears when it is complete; None or ``"-"`` for standard output.
        regions, sample, strand, clamp
            As in `fetch_many`.
        header
            ``"bare"`` (``chrI:1-100``, with ``/rc`` behind it for the reverse complement), ``"sample"``
            (``S288C#chrI:1-100``), ``"full"`` (``S288C#chrI:1-100(+)`` and the comment), or a format string with the
            fields ``sample``, ``contig``, ``header``, ``comment``, ``start`` (from 1), ``start0`` (from 0), ``end``,
            ``length`` and ``strand``, such as ``"{sample}#{contig}:{start}-{end}({strand})"``.
        comment
            Whether the comment of the contig's header comes at the end.
        line_width, gzip_level, zstd_level, index
            As in `write_fasta`.

        Examples
        --------
        >>> panarc.open("pop.agc").write_regions("parts.fa", ["chr1:1-100", "chr2"], sample="b", header="sample")
        """
        asks = self._asks(regions, sample, strand)
        style = fasta_style(line_width, gzip_level, zstd_level, index)
        self._write_asks(target, asks, header=header, comment=comment, clamp=clamp, style=style)

    def contig(self, name: str, sample: str | None = None) -> Contig:
        """Return a contig by its header or first word; without `sample`, exactly one sample must have it.

        Examples
        --------
        >>> panarc.open("pop.agc").contig("chr1", "b")
        <panarc.Contig 'chr1' of sample 'b', 30000 bases>
        """
        from .resolve import Resolver

        if sample is not None:
            return self[sample][name]
        (found,) = Resolver(self).resolve([((name, None, None),)])
        if isinstance(found, Exception):
            raise found
        return found[0]

    def write_fasta(
        self,
        target: str | os.PathLike[str] | None,
        samples: Iterable[str] | None = None,
        *,
        line_width: int = 80,
        gzip_level: int = 0,
        zstd_level: int = 0,
        index: bool = False,
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
            Level of BGZF compression, 1 to 9; 0 for none.
        zstd_level
            Level of zstd compression, 1 to 19; 0 for none.
        index
            Whether a file, plain or BGZF, gets the index ``.fai`` beside it, and BGZF also ``.gzi``, as
            ``samtools faidx`` writes them. The first words of all headers must differ then. As there, a contig without
            bases is not in the index.

        Raises
        ------
        DuplicateError
            If two records of an indexed file would have one name.

        Examples
        --------
        >>> panarc.open("pop.agc").write_fasta("b.fa.gz", ["b"], gzip_level=6, index=True)
        """
        names = list(self._names if samples is None else samples)
        for name in names:
            self._check(name)
        style = fasta_style(line_width, gzip_level, zstd_level, index)
        self._native().export_samples(names, _target(target), style)

    def check(self) -> Report:
        """Look whether the archive is well formed, without decoding sequence.

        Returns
        -------
        Report
            What is wrong: with the registry of streams, the collection, or segments that have no place in their group.

        Examples
        --------
        >>> panarc.open("pop.agc").check().ok
        True
        """
        from .report import made

        return made(self._native().check())

    def verify(
        self,
        progress: Callable[[int], object] | None = None,
        *,
        against: Originals | None = None,
        split: str | None = None,
    ) -> Report:
        """Look at all that is in the archive, on several threads, and go on behind what is wrong.

        Everything is decoded: every reference and pack, and every contig, with its length, the overlaps of its
        segments, its lower case and, where one is stored, its digest. Where there are originals, contigs are compared
        with them, base by base; in case too, where the archive has kept it.

        Parameters
        ----------
        progress
            Called now and then with the number of samples that are done, those of originals counted again. What it
            raises ends the work.
        against
            FASTA files to compare with, each one a sample that is named as its file; or a mapping from samples to
            files.
        split
            How records tell their samples, in files that are none themselves or have None for a sample in the mapping;
            see `Builder.add_records`.

        Raises
        ------
        InputError, FileError
            If an original cannot be read.

        Examples
        --------
        >>> report = panarc.open("pop.agc").verify()
        >>> report.ok, report.contigs
        (True, 6)
        """
        from .originals import named_files
        from .report import made

        originals = None if against is None else list(named_files(against, split))
        return made(self._native().verify(progress, originals, split or "record"))

    def records(self, samples: Iterable[str] | None = None) -> Iterator[Whole]:
        """Yield contigs with their sequences, sample by sample, each decoded when its turn comes.

        Parameters
        ----------
        samples
            Names of the samples, in the order wanted; None for all.

        Examples
        --------
        >>> with panarc.open("pop.agc") as archive:
        ...     [(record.sample, record.name, len(record)) for record in archive.records(["a"])]
        [('a', 'chr1', 30000), ('a', 'chr2', 8000)]
        """
        from .record import records

        names = self._names if samples is None else list(samples)
        for name in names:
            self._check(name)
        return records(contig for name in names for contig in self[name])

    def table(self, samples: Iterable[str] | None = None, *, digests: bool = False) -> dict[str, list[str] | list[int]]:
        """Return what is known of contigs as columns, from which pandas, polars and pyarrow make tables.

        Parameters
        ----------
        samples
            Names of the samples, in the order wanted; None for all.
        digests
            Whether there is a column ``digest``. What the archive does not store whole is computed from the sequence.

        Returns
        -------
        dict
            Lists of equal length: ``sample``, ``contig`` (first words of headers), ``header``, ``length`` in bases and
            perhaps ``digest``.

        Examples
        --------
        >>> table = panarc.open("pop.agc").table(["a"])
        >>> table["contig"], table["length"]
        (['chr1', 'chr2'], [30000, 8000])
        """
        from .table import columns

        names = self._names if samples is None else list(samples)
        return columns((self[name] for name in names), digests=digests)

    def clear_cache(self) -> None:
        """Give back the memory of decoded segments; the archive stays open.

        Examples
        --------
        >>> panarc.open("pop.agc").clear_cache()
        """
        self._native().clear_cache()

    def close(self) -> None:
        """Let go of the file. Samples and contigs of a closed archive give nothing any more.

        Examples
        --------
        >>> archive = panarc.open("pop.agc")
        >>> archive.close()
        >>> archive.closed
        True
        """
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
        if not isinstance(other, Archive):
            return NotImplemented
        return self is other or self._identity == other._identity

    def __hash__(self) -> int:
        return hash(self._identity)

    def __enter__(self) -> Archive:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __reduce__(self) -> tuple[Callable[..., Archive], tuple[object, ...]]:
        self._native()
        given = self._given if self._remote else os.path.abspath(str(self._given))
        return _opened_again, (given, self._options)

    def __repr__(self) -> str:
        state = ", closed" if self.closed else ""
        return f"<panarc.Archive '{self._shown}', {len(self)} samples{state}>"

    def _native(self) -> _core.Archive:
        if self._core is None:
            raise ParameterError(f"{self._shown}: the archive is closed")
        return self._core

    def _check(self, sample: str) -> None:
        if sample not in self._places:
            raise SampleNotFoundError(f"{self._shown}: no sample named {sample!r}")

    def _stretches(
        self, regions: Iterable[RegionLike], sample: str | None, strand: Literal["+", "-"], clamp: bool
    ) -> list[Stretch]:
        from .asks import find

        return [found.stretch for found in find(self, self._asks(regions, sample, strand), clamp=clamp)]

    def _asks(self, regions: Iterable[RegionLike], sample: str | None, strand: Literal["+", "-"]) -> Iterator[Ask]:
        from .asks import ask

        if isinstance(regions, str):
            raise ParameterError(f"'{regions}' is one region; a list of regions is expected")
        if sample is not None:
            self._check(sample)
        return (ask(region, sample, strand) for region in regions)

    def _write_asks(
        self,
        target: str | os.PathLike[str] | None,
        asks: Iterable[Ask],
        *,
        header: str,
        comment: bool,
        clamp: bool,
        style: Style,
        notice: Notice | None = None,
    ) -> None:
        from .asks import find
        from .header import template

        name = template(header, comment=comment)
        records = ((found.stretch, name(found)) for found in find(self, asks, clamp=clamp, notice=notice))
        self._write_records(records, target, style)

    def _write_records(self, records: Iterable[Record], target: str | os.PathLike[str] | None, style: Style) -> None:
        self._native().export(records, _target(target), style)


def _identity(path: str) -> tuple[object, ...]:
    """Return what tells a file from others, and from what stood there before or after."""
    found = os.stat(path)
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def _opened_again(path: str | os.PathLike[str] | Readable, options: dict[str, Any]) -> Archive:
    return Archive(path, **options)


def _target(target: str | os.PathLike[str] | None) -> str | None:
    return None if target is None or target == "-" else os.fspath(target)


def fasta_style(line_width: int, gzip_level: int, zstd_level: int, index: bool) -> Style:
    """Return how FASTA is to be written.

    Raises
    ------
    ParameterError
        If it cannot be written so.
    """
    if not 0 <= line_width <= 1 << 40:
        raise ParameterError(f"line_width is {line_width}; it must not be negative")
    for name, level, highest in (("gzip_level", gzip_level, 9), ("zstd_level", zstd_level, 19)):
        if not 0 <= level <= highest:
            raise ParameterError(f"{name} is {level}; it must be from 0 to {highest}")
    if gzip_level and zstd_level:
        raise ParameterError("FASTA is compressed as BGZF or by zstd, not both")
    return line_width, gzip_level, zstd_level, index
