"""Reading an archive: a mapping from sample names to samples."""

from __future__ import annotations

from .errors import ParameterError
from .extraction import Extraction
from .sample import Sample

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from .builder import Builder
    from .handle import Readable
    from .originals import Originals
    from .paths import Path
    from .report import Report
    from .stats import ArchiveStats

#: Cells along the reference, and rows of samples, that statistics tell apart at most.
MOST_CELLS = 100_000


def open(
    path: Path | Readable,
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
        Bytes that the archive may take in memory while it is read, at any number of threads and of objects that are
        kept: a number, or text such as ``"64MB"``. What calls return is not counted. A part of the archive that needs
        more at once is refused. None for the environment variable PANARC_MEMORY_LIMIT and, where that is not set, 256
        MiB of what was decoded, and 1 GiB a part.
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


class Archive(Extraction):
    """An open archive; made by `open`.

    A mapping from the names of the samples, in the archive's order, to `Sample` objects. It never changes, and any
    number of threads may share it. Archives are equal if they are of one file that has not changed in between.

    A relative path means the file that it meant when the archive was opened, whatever the working directory is later. A
    pickled archive is opened by its absolute path where it is unpickled, once in each process for a file and its
    options; so samples and contigs can go to other processes, one by one too. If there is another file by then, that is
    read: a sample is the one of its name, a contig the one of its header. Copies share what is open, and each is closed
    by itself.
    """

    def __getitem__(self, sample: str) -> Sample:
        self._check(sample)
        return Sample(self, sample)

    def append(
        self,
        *,
        output: Path | None = None,
        threads: int | None = None,
        memory_limit: int | str | None = None,
        level: str = "balanced",
        keep_case: bool = False,
        digests: str = "auto",
        md5: bool = False,
        overwrite: bool = False,
        wait: float = 0,
        skip_existing: bool = False,
    ) -> Builder:
        """Begin an archive that has all of this one, and what is added; see `panarc.append`.

        This object goes on showing the archive as it was opened.

        Examples
        --------
        >>> archive = panarc.open("pop.agc")
        >>> with archive.append(output="larger.agc") as builder:
        ...     builder.add_sample("more", {"chr1": b"ACGT" * 100})
        1
        """
        from .building import append

        if self._remote:
            raise ParameterError(f"{self._shown}: only a local archive can be added to; download it first")
        return append(
            str(self._place),
            output=output,
            threads=threads,
            memory_limit=memory_limit,
            level=level,
            keep_case=keep_case,
            digests=digests,
            md5=md5,
            overwrite=overwrite,
            wait=wait,
            skip_existing=skip_existing,
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
        allow_missing_eof: bool = False,
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
        allow_missing_eof
            As in `Builder.add_fasta`.

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
        return made(self._native().verify(progress, originals, split or "record", allow_missing_eof))

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
            Lists of equal length: ``sample``, ``contig`` (keys as `Sample.keys` has them: first words of headers, and
            the whole header where several contigs of a sample have the same first word), ``header``, ``length`` in
            bases and perhaps ``digest``.

        Examples
        --------
        >>> table = panarc.open("pop.agc").table(["a"])
        >>> table["contig"], table["length"]
        (['chr1', 'chr2'], [30000, 8000])
        """
        from .table import columns

        return columns((self[name] for name in self._chosen(samples)), digests=digests)
