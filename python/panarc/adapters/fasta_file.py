"""An archive in the place of a `pysam.FastaFile`."""

from __future__ import annotations

import os

from .references import References, text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType

    from ..archive import Archive
    from ..contig import Contig
    from ..paths import Path


class FastaFile:
    """What `pysam.FastaFile` offers for reading: the same calls, the same text, the same kinds of errors.

    Positions are counted from 0 and half-open; in region strings from 1, both ends meant. What reaches beyond the end
    of a contig is cut. Names may be bytes. Contigs without bases, which samtools leaves out, are there.

    Parameters
    ----------
    archive
        An open archive, or the path of one.
    sample
        Name of the sample whose contigs these are. Without it there are those of all samples, called ``SAMPLE#CONTIG``.
    """

    def __init__(self, archive: Archive | Path, sample: str | bytes | None = None) -> None:
        self._references = References(archive, sample)
        self._closed = False

    @property
    def filename(self) -> bytes:
        """Path of the archive, as bytes."""
        return os.fsencode(self._references.archive.path)

    @property
    def references(self) -> list[str]:
        """Names of all contigs."""
        return list(self._references.names)

    @property
    def lengths(self) -> list[int]:
        """Lengths of all contigs."""
        return [self.get_reference_length(name) for name in self._references.names]

    @property
    def nreferences(self) -> int:
        """Number of contigs."""
        return len(self._references.names)

    @property
    def closed(self) -> bool:
        """Whether this is closed."""
        return self._closed

    def is_open(self) -> bool:
        """Return whether this is open."""
        return not self._closed

    def close(self) -> None:
        """Close this; the archive too, if it was opened here."""
        if not self._closed:
            self._closed = True
            self._references.close()

    def get_reference_length(self, reference: str | bytes) -> int:
        """Return the length of a contig.

        Raises
        ------
        KeyError
            If there is no such contig.
        """
        found = self._references.find(reference)
        if found is None:
            raise KeyError(text(reference))
        return len(found)

    def fetch(
        self,
        reference: str | bytes | None = None,
        start: int | None = None,
        end: int | None = None,
        region: str | bytes | None = None,
    ) -> str:
        """Return bases as text.

        Parameters
        ----------
        reference
            Name of the contig.
        start, end
            Positions from 0, half-open; None for the beginning and the end.
        region
            In place of all these: ``NAME``, ``NAME:FROM-TO`` or ``NAME:FROM``, from 1, both ends meant.

        Raises
        ------
        KeyError
            If there is no such contig.
        ValueError
            If the positions make no sense, or this is closed.
        """
        if self._closed:
            raise ValueError("I/O operation on closed file")
        if region is not None:
            if reference is not None:
                raise ValueError("contig/reference and region should not both be specified")
            if not region:
                raise ValueError("no sequence/region supplied")
            reference, start, end = self._parsed(text(region))
        if reference is None:
            raise ValueError("neither contig nor region are given")
        if isinstance(start, (str, bytes)) or isinstance(end, (str, bytes)):
            raise TypeError("an integer is required")
        first, last = 0 if start is None else int(start), None if end is None else int(end)
        if first < 0:
            raise ValueError(f"start out of range ({first})")
        if last is not None and first > last:
            raise ValueError(f"invalid coordinates: start ({first}) > stop ({last})")
        return self._contig(reference).fetch(first, last, clamp=True).decode()

    def __getitem__(self, reference: str | bytes) -> str:
        return self.fetch(reference)

    def __contains__(self, reference: object) -> bool:
        return isinstance(reference, (str, bytes)) and self._references.find(reference) is not None

    def __len__(self) -> int:
        if self._closed:
            raise ValueError("calling len() on closed file")
        return self.nreferences

    # As in pysam, there is nothing to iterate over.
    __iter__ = None

    def __enter__(self) -> FastaFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        sample = self._references.sample
        shown = "all samples" if sample is None else f"sample {sample.name!r}"
        return f"<panarc.adapters.FastaFile '{self._references.archive.path}', {shown}>"

    def _contig(self, reference: str | bytes) -> Contig:
        found = self._references.find(reference)
        if found is None:
            raise KeyError(f"sequence '{text(reference)}' not present")
        return found

    def _parsed(self, region: str) -> tuple[str, int | None, int | None]:
        if self._references.find(region) is not None:
            return region, None, None
        name, colon, span = region.rpartition(":")
        if not colon:
            return region, None, None
        first, _, last = span.replace(",", "").partition("-")
        return name, int(first) - 1, int(last) if last else None
