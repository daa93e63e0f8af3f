"""Building an archive: whole FASTA files, samples in memory, or contigs that stream in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from . import _core
from .config import DIGESTS, LEVELS, Config
from .errors import ParameterError
from .files import check_split, sample_of, several
from .names import shown
from .paths import one_path
from .sequence import is_record, of_record
from .writers import SampleWriter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType

    from .build_stats import BuildStats
    from .files import Paths
    from .paths import Path
    from .sequence import SeqRecord, Sequence

_LARGEST = (1 << 32) - 1
#: How many samples a warning lists.
_LISTED = 3


class Builder:
    """Builds an archive; made by `create` or `append`.

    As a context manager it completes the archive when the block ends, and leaves nothing behind when an exception
    leaves the block. Any call that fails ends the build for good: an archive in which something is missing cannot be
    completed.

    A builder belongs to one thread at a time, and to the process that made it.
    """

    def __init__(
        self,
        path: Path | None,
        config: Config,
        base: Path | None = None,
        *,
        overwrite: bool = False,
        wait: float = 0,
        skip_existing: bool = False,
    ) -> None:
        target = None if path is None else one_path(path)
        if target == "-":
            target = None
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
        if not wait >= 0:
            raise ParameterError(f"wait is {wait!r}; it must be a number of seconds, at least 0")
        self._skipped: tuple[str, ...] = ()
        self._path = "<standard output>" if target is None else target
        #: Whether it is to be told of samples that are unlike those that are there. The command tells it itself.
        self._appends = base is not None
        self._counts: _core._Counts | None = None
        self._failure: BaseException | None = None
        self._core = _core.Builder(
            target,
            base=None if base is None else one_path(base),
            k=config.k,
            min_match=config.min_match,
            segment_size=config.segment_size,
            pack_cardinality=config.pack_cardinality,
            threads=min(threads, 1024),
            memory_limit=config.effective_memory_limit(),
            level=config.level,
            keep_case=config.keep_case,
            digests=config.digests,
            md5=config.md5,
            overwrite=overwrite,
            wait=wait,
            skip_existing=skip_existing,
        )
        self._closed = False

    @property
    def stats(self) -> BuildStats | None:
        """Counts of the finished archive; None before."""
        if self._counts is None:
            return None
        from .build_stats import BuildStats

        return BuildStats(**self._counts)

    @property
    def skipped(self) -> tuple[str, ...]:
        """Samples that were passed over, as the archive had them already; see `append`."""
        return self._skipped

    @property
    def bases(self) -> int:
        """Bases taken so far; another thread may ask, to show progress."""
        return self._core.bases

    @property
    def memory_limit(self) -> int:
        """Bytes that the process may have resident while this works."""
        return self._core.memory_limit

    @property
    def closed(self) -> bool:
        """Whether the archive is complete or given up."""
        return self._closed

    def add_fasta(self, path: Paths, sample: str | None = None, *, allow_missing_eof: bool = False) -> int:
        """Add a FASTA file, or several, as one sample.

        Parameters
        ----------
        path
            Plain, gzip, BGZF or zstd, whatever its name ends in; ``"-"`` is standard input. Or an iterable of paths:
            the sample has the contigs of all of them.
        sample
            Name of the sample. Without it the file's name counts, without folder and suffixes such as ``.fa.gz``;
            several files need a name.
        allow_missing_eof
            Take a BGZF file (of `bgzip` and its like) whose last block is not the empty one that marks the end. Such a
            file may be cut short, and is refused otherwise.

        Returns
        -------
        int
            Number of contigs; 0 for a sample that is passed over.

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
                sample = sample_of(paths[0])
            count = self._core.add_fasta(paths, sample, allow_missing_eof)
            self._skipped = tuple(self._core.skipped())
            return count

    def add_records(self, path: Paths, split: str = "record", *, allow_missing_eof: bool = False) -> int:
        """Add all the samples that a FASTA file holds, or several files; consecutive records may be one sample.

        Parameters
        ----------
        path
            A path as for `add_fasta`, or an iterable of paths. A sample may go on from one file to the next.
        split
            What of a record's header names its sample: ``"record"`` for the first word, so that mostly each record is a
            sample; ``"pansn"`` for ``sample#haplotype`` of a first word ``sample#haplotype#contig``; ``"pansn:sample"``
            for its ``sample``. Contigs keep their whole headers.
        allow_missing_eof
            As for `add_fasta`.

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
            check_split(split)
            count = self._core.add_records(several(path), split, allow_missing_eof)
            self._skipped = tuple(self._core.skipped())
            return count

    def add_sample(
        self,
        name: str,
        contigs: Mapping[str, Sequence | SeqRecord] | Iterable[tuple[str, Sequence] | SeqRecord],
    ) -> int:
        """Add a sample from memory, or from whatever can be iterated over.

        Parameters
        ----------
        name
            Name of the sample.
        contigs
            A mapping from names to sequences, or pairs of them. A sequence is bytes, a bytearray, a memoryview, an
            array of bytes, ASCII text, what makes bytes of itself (Biopython's `Seq`, a `Contig`), or an iterable of
            such pieces. Records, too, such as `Bio.SeqIO.parse` gives: all that has ``id``, ``description`` and
            ``seq``.

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
        with self._dooming():
            if self._core.passes_over(name):
                self._skipped = tuple(self._core.skipped())
                return 0
        with self.sample(name) as sample:
            if isinstance(contigs, (str, bytes, bytearray)) or is_record(contigs):
                raise ParameterError(f"sample '{name}': its contigs need names; write {{'chr1': sequence}}")
            for header, sequence in _named(name, contigs):
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
        if self._appends and (unrelated := self._unrelated()):
            from warnings import warn

            from .errors import UnrelatedSampleWarning

            warn(unrelated, UnrelatedSampleWarning, stacklevel=2)

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

    def __del__(self) -> None:
        # Where the constructor failed there is nothing to close.
        if not getattr(self, "_closed", True):
            from warnings import warn

            warn(f"unclosed {self!r}: the archive is not written", ResourceWarning, 2, source=self)
            self.abort()

    def __repr__(self) -> str:
        state = "finished" if self._counts else "failed" if self._failure else "closed" if self._closed else "open"
        return f"<panarc.Builder '{self._path}', {state}>"

    def _unrelated(self) -> str:
        """Return what is to be said of samples that share nearly nothing with the archive, if there are any."""
        counts = self._counts
        if counts is None or not counts["unrelated_samples"]:
            return ""
        names = counts["unrelated"][:_LISTED]
        listed = ", ".join(f"'{shown(name)}'" for name in names)
        count = counts["unrelated_samples"]
        if count == 1:
            return f"{self._path}: sample {listed} shares nearly nothing with those before it; is it the right one?"
        more = ", …" if count > len(names) else ""
        return (
            f"{self._path}: {count} samples share nearly nothing with those before them ({listed}{more});"
            " are they the right ones?"
        )

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


def _named(
    sample: str, contigs: Mapping[str, Sequence | SeqRecord] | Iterable[tuple[str, Sequence] | SeqRecord]
) -> Iterator[tuple[str, Sequence]]:
    """Yield headers and sequences."""
    if isinstance(contigs, Mapping):
        for name, value in contigs.items():
            yield of_record(value, name) if is_record(value) else (name, value)
        return
    for one in contigs:
        if is_record(one):
            yield of_record(one)
            continue
        try:
            if isinstance(one, (str, bytes)):
                raise TypeError
            header, sequence = one
        except (TypeError, ValueError):
            raise ParameterError(
                f"sample '{sample}': its contigs are pairs of a name and a sequence, or records, not"
                f" {type(one).__name__}"
            ) from None
        yield header, sequence
