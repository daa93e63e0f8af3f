"""Building an archive: whole FASTA files, samples in memory, or contigs that stream in."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from . import _core
from .config import DIGESTS, LEVELS, Config
from .errors import ParameterError
from .writers import SampleWriter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import TypeAlias

    from .build_stats import BuildStats
    from .sequence import Sequence

    Path: TypeAlias = str | os.PathLike[str]
    #: One file, or several.
    Paths: TypeAlias = Path | Iterable[Path]

_LARGEST = (1 << 32) - 1

#: How records tell their samples; see `Builder.add_records`.
SPLITS = ("record", "pansn", "pansn:sample")


def create(
    path: str | os.PathLike[str] | None,
    *,
    k: int | None = None,
    min_match: int | None = None,
    segment_size: int | None = None,
    pack_cardinality: int | None = None,
    threads: int | None = None,
    memory_limit: int | str | None = None,
    level: str = "balanced",
    keep_case: bool = False,
    digests: str = "auto",
    md5: bool = False,
) -> Builder:
    """Begin an archive.

    Nothing appears under `path` before the archive is complete; a file that is there stays until it is replaced.

    Parameters
    ----------
    path
        The archive; None or ``"-"`` for standard output.
    k
        Bases that neighbouring segments of a contig share; 17 to 32. None for 21.
    min_match
        What the length of a match is counted from; 15 to 32. None for 15.
    segment_size
        Bases that the reference of a new group has about; 100 to 1,000,000. None for what suits the level and the first
        sample: 30,000 to 400,000.
    pack_cardinality
        Differences that are compressed together, AGC's "batch size". None for what suits the level: 100 or 200.
    threads
        Threads that work; None for as many as the process may use processors. The archive is the same for any number.
    memory_limit
        Bytes that the whole process may have resident, or a text such as ``"256MB"``; None for the environment variable
        PANARC_MEMORY_LIMIT and, where that is not set, half of what is free, at most 2 GiB. The archive is the same for
        any limit that holds the collection's distinct sequence: five bytes of limit for each of its bases are enough.
    level
        ``"balanced"``, ``"fast"``, or ``"smallest"`` for an archive up to a quarter smaller in several times the time,
        whose ranges are more work to read.
    keep_case
        Keep lower case, which is soft masking in most genomes, so that it comes back when the archive is read. Without
        it lower case is taken as upper case. What other programs read is upper case in any case.
    digests
        Which digests of contigs are stored, as refget has them, so that reading can be checked: ``"auto"`` for those of
        contigs from 262,144 bases on, and the first 4 of the 24 bytes of the others'; ``"full"`` for all, whole; or
        ``"none"``.
    md5
        Store an MD5 of each contig beside its digest.

    Returns
    -------
    Builder
        Use it as a context manager.

    Raises
    ------
    ParameterError
        If a parameter is out of its range.
    FileError
        If nothing can be written there.
    MemoryLimitError
        If the limit is too small, naming one that would do.

    Examples
    --------
    >>> with panarc.create("new.agc") as builder:
    ...     builder.add_fasta("genomes/a.fa")
    2
    """
    config = Config(
        k=k,
        min_match=min_match,
        segment_size=segment_size,
        pack_cardinality=pack_cardinality,
        threads=threads,
        memory_limit=memory_limit,
        level=level,
        keep_case=keep_case,
        digests=digests,
        md5=md5,
    )
    return Builder(path, config)


def append(
    archive: str | os.PathLike[str],
    path: str | os.PathLike[str] | None = None,
    *,
    threads: int | None = None,
    memory_limit: int | str | None = None,
    level: str = "balanced",
    keep_case: bool = False,
    digests: str = "auto",
    md5: bool = False,
) -> Builder:
    """Begin an archive that has all of another one, and what is added.

    The new archive is written beside the old one and takes its place when it is complete: whoever opens it meanwhile,
    or after the process was killed, finds the old one. An `Archive` that is open stays as it is.

    Parameters
    ----------
    archive
        The archive to go on from, of this program or of C++ AGC. Its parameters count. Formats 1 and 2 are written anew
        in format 3.
    path
        The new archive; ``"-"`` for standard output, None to replace the old one.
    threads, memory_limit
        As for `create`.
    level
        What goes for the packs that are written.
    keep_case
        Keep the lower case of what is added. An archive that has kept lower case goes on keeping it without being
        asked; in one that has not, the samples that are there stay upper case.
    digests, md5
        As for `create`, for what is added. An archive that has digests goes on storing them as it did; in one that has
        none, the samples that are there get none.

    Returns
    -------
    Builder
        Use it as a context manager.

    Raises
    ------
    CorruptArchiveError
        If the archive is damaged.
    ParameterError, FileError, MemoryLimitError
        As `create`.

    Examples
    --------
    >>> with panarc.append("pop.agc", "larger.agc") as builder:
    ...     builder.add_fasta("genomes/a.fa", "a again")
    2
    """
    config = Config(
        threads=threads, memory_limit=memory_limit, level=level, keep_case=keep_case, digests=digests, md5=md5
    )
    if isinstance(archive, str) and "://" in archive:
        from .remote import local_only

        local_only(archive)
    return Builder(archive if path is None else path, config, archive)


class Builder:
    """Builds an archive; made by `create` or `append`.

    As a context manager it completes the archive when the block ends, and leaves nothing behind when an exception
    leaves the block. Any call that fails ends the build for good: an archive in which something is missing cannot be
    completed.

    A builder belongs to one thread at a time, and to the process that made it.
    """

    def __init__(
        self, path: str | os.PathLike[str] | None, config: Config, base: str | os.PathLike[str] | None = None
    ) -> None:
        target = None if path is None or path == "-" else os.fspath(path)
        threads = config.effective_threads()
        if not isinstance(threads, int) or threads < 1:
            raise ParameterError(f"threads is {threads!r}; it must be at least 1")
        for name in ("k", "min_match", "segment_size", "pack_cardinality"):
            value = getattr(config, name)
            if value is not None and (not isinstance(value, int) or not 0 <= value <= _LARGEST):
                raise ParameterError(f"{name} is {value!r}; it must be a positive integer")
        if config.level not in LEVELS:
            raise ParameterError(f"level is {config.level!r}; it must be one of {', '.join(LEVELS)}")
        if config.digests not in DIGESTS:
            raise ParameterError(f"digests is {config.digests!r}; it must be one of {', '.join(DIGESTS)}")
        self._path = "<standard output>" if target is None else target
        self._counts: _core._Counts | None = None
        self._failure: BaseException | None = None
        self._closed = False
        limit = config.effective_memory_limit()
        self._memory_limit = _core.default_memory_limit() if limit is None else limit
        self._core = _core.Builder(
            target,
            base=base,
            k=config.k,
            min_match=config.min_match,
            segment_size=config.segment_size,
            pack_cardinality=config.pack_cardinality,
            threads=min(threads, 1024),
            memory_limit=self._memory_limit,
            level=config.level,
            keep_case=config.keep_case,
            digests=config.digests,
            md5=config.md5,
        )

    @property
    def stats(self) -> BuildStats | None:
        """Counts of the finished archive; None before."""
        if self._counts is None:
            return None
        from .build_stats import BuildStats

        return BuildStats(**self._counts)

    @property
    def bases(self) -> int:
        """Bases taken so far; another thread may ask, to show progress."""
        return self._core.bases

    @property
    def memory_limit(self) -> int:
        """Bytes that the process may have resident while this works."""
        return self._memory_limit

    @property
    def closed(self) -> bool:
        """Whether the archive is complete or given up."""
        return self._closed

    def add_fasta(self, path: Paths, sample: str | None = None) -> int:
        """Add a FASTA file, or several, as one sample.

        Parameters
        ----------
        path
            Plain, gzip, BGZF or zstd, whatever its name ends in; ``"-"`` is standard input. Or an iterable of paths:
            the sample has the contigs of all of them.
        sample
            Name of the sample. Without it the file's name counts, without folder and suffixes such as ``.fa.gz``;
            several files need a name.

        Returns
        -------
        int
            Number of contigs.

        Raises
        ------
        InputError
            Naming file, line and record, if it is not FASTA, is cut short, or holds no record.
        DuplicateError
            If there is a sample of this name.
        FileError
            If a file cannot be read.

        Examples
        --------
        >>> with panarc.create("new.agc") as builder:
        ...     builder.add_fasta(["genomes/a.fa"], sample="first")
        2
        """
        with self._dooming():
            paths = several(path)
            if sample is None:
                if len(paths) > 1:
                    raise ParameterError("several files need a sample name")
                if paths[0] == "-":
                    raise ParameterError("FASTA from standard input needs a sample name")
                sample = _core.sample_name(paths[0])
            return self._core.add_fasta(paths, sample)

    def add_records(self, path: Paths, split: str = "record") -> int:
        """Add all the samples that a FASTA file holds, or several files; consecutive records may be one sample.

        Parameters
        ----------
        path
            A path as for `add_fasta`, or an iterable of paths. A sample may go on from one file to the next.
        split
            What of a record's header names its sample: ``"record"`` for the first word, so that mostly each record is a
            sample; ``"pansn"`` for ``sample#haplotype`` of a first word ``sample#haplotype#contig``; ``"pansn:sample"``
            for its ``sample``. Contigs keep their whole headers.

        Returns
        -------
        int
            Number of samples.

        Raises
        ------
        InputError
            As `add_fasta`; and if a record names no sample, or one that came before other samples: the records of a
            sample must follow one another.
        ParameterError
            If there is no such way to split.
        FileError
            If a file cannot be read.

        Examples
        --------
        >>> with panarc.create("new.agc") as builder:
        ...     builder.add_records("genomes/a.fa")
        2
        """
        with self._dooming():
            if split not in SPLITS:
                raise ParameterError(f"split is {split!r}; it must be one of {', '.join(SPLITS)}")
            return self._core.add_records(several(path), split)

    def add_sample(self, name: str, contigs: Mapping[str, Sequence] | Iterable[tuple[str, Sequence]]) -> int:
        """Add a sample from memory, or from whatever can be iterated over.

        Parameters
        ----------
        name
            Name of the sample.
        contigs
            A mapping from names to sequences, or pairs of them. A sequence is bytes, a bytearray, a memoryview, an
            array of bytes, ASCII text, or an iterable of such pieces.

        Returns
        -------
        int
            Number of contigs.

        Raises
        ------
        ParameterError
            If there is a sequence without a name.

        Examples
        --------
        >>> with panarc.create("new.agc") as builder:
        ...     builder.add_sample("mine", {"chr1": "ACGT" * 100, "chr2": [b"ACGT", b"NNN"]})
        2
        """
        count = 0
        with self.sample(name) as sample:
            if isinstance(contigs, (str, bytes, bytearray)):
                raise ParameterError(f"sample '{name}': its contigs need names; write {{'chr1': sequence}}")
            for header, sequence in contigs.items() if isinstance(contigs, Mapping) else contigs:
                sample.add_contig(header, sequence)
                count += 1
        return count

    def sample(self, name: str) -> SampleWriter:
        """Return a context manager that adds a sample contig by contig.

        Examples
        --------
        >>> with panarc.create("new.agc") as builder, builder.sample("mine") as sample:
        ...     sample.add_contig("chr1", b"ACGT" * 100)
        """
        return SampleWriter(self, name)

    def close(self) -> None:
        """Complete the archive and put it in its place; does nothing when that is done.

        Raises
        ------
        ParameterError
            If the build failed before, was given up, or a sample is not complete.

        Examples
        --------
        >>> builder = panarc.create("new.agc")
        >>> builder.add_fasta("genomes/a.fa")
        2
        >>> builder.close()
        >>> builder.stats.samples
        1
        """
        if self._counts is not None:
            return
        with self._dooming():
            self._counts = self._core.finish()
            self._closed = True

    def abort(self) -> None:
        """Give up: nothing is left behind. Does nothing after `close`.

        Examples
        --------
        >>> builder = panarc.create("new.agc")
        >>> builder.abort()
        """
        self._closed = True
        self._core.abort()

    def __enter__(self) -> Builder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if error is not None:
            self._give_up(error)
        elif self._failure is not None or not self._closed:
            self.close()

    def __repr__(self) -> str:
        state = "finished" if self._counts else "failed" if self._failure else "closed" if self._closed else "open"
        return f"<panarc.Builder '{self._path}', {state}>"

    def _give_up(self, error: BaseException) -> None:
        if self._counts is None:
            self._failure = self._failure or error
            self.abort()

    @contextmanager
    def _dooming(self) -> Iterator[None]:
        """Refuse work on a closed builder, and end the build if the work fails."""
        if self._failure is not None:
            reason = str(self._failure) or type(self._failure).__name__
            raise ParameterError(f"{self._path}: the archive was given up after an error: {reason}") from self._failure
        if self._closed:
            raise ParameterError(f"{self._path}: the builder is closed")
        try:
            yield
        except BaseException as error:
            self._give_up(error)
            raise


def several(path: Paths) -> list[Path]:
    """Return the paths that one path, or an iterable of them, stands for."""
    paths: list[Path] = [path] if isinstance(path, (str, os.PathLike)) else list(path)
    if not paths:
        raise ParameterError("there are no files to add")
    return paths
