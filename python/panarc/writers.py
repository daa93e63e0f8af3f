"""Samples and contigs that stream into an archive."""

from __future__ import annotations

from .errors import InputError, ParameterError
from .sequence import first_stranger, is_letters, pieces

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType

    from .builder import Builder
    from .sequence import Letters, Sequence


class SampleWriter:
    """Adds one sample contig by contig; made by `Builder.sample`. A context manager: use it in a ``with`` statement."""

    def __init__(self, builder: Builder, name: str) -> None:
        self._builder = builder
        self.name = name

    def contig(self, header: str) -> ContigWriter:
        """Return a context manager that takes the sequence of a contig.

        Parameters
        ----------
        header
            What stands behind ``>`` in FASTA; the first word is the contig's name.

        Examples
        --------
        >>> with panarc.create("new.agc") as builder, builder.sample("mine") as sample:
        ...     with sample.contig("chr1 streamed") as contig:
        ...         for _ in range(3):
        ...             contig.write(b"ACGT" * 100)
        """
        return ContigWriter(self._builder, self.name, header)

    def add_contig(self, header: str, sequence: Sequence) -> None:
        """Add a contig: one stretch of sequence, or an iterable of several.

        Examples
        --------
        >>> with panarc.create("new.agc") as builder, builder.sample("mine") as sample:
        ...     sample.add_contig("chr1", (piece for piece in [b"ACGT", b"GGTA"]))
        """
        with self.contig(header) as contig:
            if is_letters(sequence):
                contig.write(sequence)
            else:
                for letters in sequence:
                    contig.write(letters)

    def __enter__(self) -> SampleWriter:
        with self._builder._dooming():
            self._builder._core.begin_sample(self.name)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if error is not None:
            self._builder._give_up(error)
            return
        with self._builder._dooming():
            self._builder._core.end_sample()


class ContigWriter:
    """Takes the sequence of one contig; made by `SampleWriter.contig`. A context manager.

    If an exception leaves its block the whole build is given up, because half a contig must not look like a whole one.
    """

    def __init__(self, builder: Builder, sample: str, header: str) -> None:
        self._builder = builder
        self._sample = sample
        self._inside = False
        self.header = header
        self.length = 0

    def write(self, letters: Letters) -> None:
        """Add a stretch of sequence: IUPAC letters; lower case is taken as upper case unless it is kept.

        Raises
        ------
        InputError
            If there is anything else in it; the message says where.

        Examples
        --------
        >>> with panarc.create("new.agc") as builder, builder.sample("mine") as sample:
        ...     with sample.contig("chr1") as contig:
        ...         contig.write("ACGTN")
        """
        builder = self._builder
        with builder._dooming():
            if not self._inside:
                raise ParameterError(f"contig '{self.header}' is written outside its 'with' block")
            try:
                for piece in pieces(letters):
                    self._write(piece)
            except InputError as error:
                raise InputError(f"sample '{self._sample}', contig '{self.header}': {error}") from None

    def _write(self, piece: bytes) -> None:
        try:
            self._builder._core.write(piece)
        except ParameterError:
            at = first_stranger(piece)
            if at is None:
                raise
            shown = ascii(piece[at : at + 1])[2:-1]
            raise InputError(f"byte '{shown}' at position {self.length + at} is no IUPAC nucleotide code") from None
        self.length += len(piece)

    def __enter__(self) -> ContigWriter:
        with self._builder._dooming():
            self._builder._core.begin_contig(self.header)
        self._inside = True
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._inside = False
        if error is not None:
            self._builder._give_up(error)
            return
        with self._builder._dooming():
            self._builder._core.end_contig()
