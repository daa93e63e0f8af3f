"""Sequence out of an open archive: as bytes, into buffers, as records, and as FASTA."""

from __future__ import annotations

from .errors import ParameterError
from .opened import Opened, check_several
from .paths import one_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Literal

    from numpy import uint8
    from numpy.typing import NDArray
    from typing_extensions import Buffer

    from .asks import Ask, Notice, RegionLike, Stretch
    from .contig import Contig
    from .paths import Path
    from .record import Record as Whole

    #: A stretch of a contig, and the header of its record; None for the contig's own.
    Record = tuple[Stretch, str | None]
    #: Bases a line, level of BGZF, level of zstd, whether there are indexes.
    Style = tuple[int, int, int, bool]


class Extraction(Opened):
    """The part of an `Archive` that gives sequence."""

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
            What is the name of a contig as a whole is never taken apart, whatever ``:`` it holds. As with samtools,
            braces tell a name from its range: ``{chrI:1-100}:5-10``.
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
            try:
                bases = self._native().fetch_named((sample, region, start, end), strand == "-")
            except (TypeError, OverflowError):
                bases = None
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
            try:
                found = self._native().fetch_many_named(regions, strand == "-")
            except (TypeError, OverflowError, ValueError):
                found = None
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

        names = self._chosen(samples)
        return records(contig for name in names for contig in self[name])

    def write_regions(
        self,
        target: Path | None,
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
            A file, which appears when it is complete, and replaces what was there; None or ``"-"`` for standard output.
        regions, sample, strand, clamp
            As in `fetch_many`.
        header
            ``"bare"`` (``chrI:1-100``, with ``/rc`` behind it for the reverse complement; ``S288C#chrI:1-100`` if the
            regions are of several samples, and the name does not begin with the sample already), ``"sample"``
            (``S288C#chrI:1-100``), ``"full"`` (``S288C#chrI:1-100(+)`` and the comment), or a format string with the
            fields ``sample``, ``contig``, ``header``, ``comment``,
            ``start`` (from 1), ``start0`` (from 0), ``end``, ``length`` and ``strand``, such as
            ``"{sample}#{contig}:{start}-{end}({strand})"``. Where several contigs of a sample have the same first word,
            the contig is its whole header. With ``"bare"`` the first 4,096 regions tell whether there are several
            samples: if they are of one, only regions of other samples that come later have their sample in the header.
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

    def write_fasta(
        self,
        target: Path | None,
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
            A file, which appears when it is complete, and replaces what was there; None or ``"-"`` for standard output.
        samples
            Names of samples; None for all.
        line_width
            Bases a line; 0 for one line a contig.
        gzip_level
            Level of BGZF compression, 1 to 9; 0 for what the file's name says: level 6 for ``.gz`` and ``.bgz``.
        zstd_level
            Level of zstd compression, 1 to 19; 0 for what the file's name says: level 3 for ``.zst``.
        index
            Whether a file, plain or BGZF, gets the index ``.fai`` beside it, and BGZF also ``.gzi``, as
            ``samtools faidx`` writes them. The first words of all headers must differ then. As there, a contig without
            bases is not in the index.

        Raises
        ------
        ParameterError
            If the file's name and its compression do not agree.
        DuplicateError
            If two records of an indexed file would have one name.

        Examples
        --------
        >>> panarc.open("pop.agc").write_fasta("b.fa.gz", ["b"], gzip_level=6, index=True)
        """
        names = list(self._chosen(samples))
        style = fasta_style(line_width, gzip_level, zstd_level, index)
        self._native().export_samples(names, _target(target), style)

    def _stretches(
        self, regions: Iterable[RegionLike], sample: str | None, strand: Literal["+", "-"], clamp: bool
    ) -> list[Stretch]:
        from .asks import find

        return [found.stretch for found in find(self, self._asks(regions, sample, strand), clamp=clamp)]

    def _asks(self, regions: Iterable[RegionLike], sample: str | None, strand: Literal["+", "-"]) -> Iterator[Ask]:
        from .asks import ask

        check_several(regions, "region", "regions")
        if sample is not None:
            self._check(sample)
        return (ask(region, sample, strand) for region in regions)

    def _write_asks(
        self,
        target: Path | None,
        asks: Iterable[Ask],
        *,
        header: str,
        comment: bool,
        clamp: bool,
        style: Style,
        notice: Notice | None = None,
    ) -> None:
        from .asks import find
        from .header import headers

        named = headers(header, comment=comment)(find(self, asks, clamp=clamp, notice=notice))
        records = ((found.stretch, name) for found, name in named)
        self._write_records(records, target, style)

    def _write_records(self, records: Iterable[Record], target: Path | None, style: Style) -> None:
        self._native().export(records, _target(target), style)


def _target(target: Path | None) -> str | None:
    path = None if target is None else one_path(target)
    return None if path == "-" else path


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
