"""A sample of an open archive."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from .contig import Contig
from .errors import ContigNotFoundError, Error
from .names import first_word, shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal, overload

    from . import _core
    from .archive import Archive
    from .paths import Path
    from .record import Record


class Sample:
    """The contigs of a sample; made by ``archive[name]``. Nothing is decoded before it is needed.

    Iterating gives `Contig` objects in their order, as records come from a FASTA file. By name it works like a mapping:
    ``sample["chrI"]``, ``"chrI" in sample``, ``keys()``, ``values()``, ``items()``, ``dict(sample)``.

    A contig is asked for by its whole header or by the header's first word, if only one contig has it; whole headers
    go first. Its *key* is the first word where that is enough to find it, and the whole header where it is not. (C++
    AGC can write archives in which two contigs of a sample have equal headers: by name the first is found, in iteration
    both come.)
    """

    def __init__(self, archive: Archive, name: str) -> None:
        self._archive = archive
        self._name = name
        self._found: _core.Sample | None = None

    @property
    def name(self) -> str:
        """Name of the sample."""
        return self._name

    @property
    def archive(self) -> Archive:
        """Archive that the sample is in."""
        return self._archive

    @property
    def headers(self) -> tuple[str, ...]:
        """Whole headers of the contigs, without ``>``."""
        # Not kept: an object holds no copies of what the archive knows.
        return tuple(self._core.headers())

    @property
    def bases(self) -> int:
        """Bases of all contigs; none is decoded for it."""
        return sum(self._core.lengths())

    def keys(self) -> tuple[str, ...]:
        """Return a name for each contig by which it is found here: the first word where that is enough.

        Examples
        --------
        >>> panarc.open("pop.agc")["a"].keys()
        ('chr1', 'chr2')
        """
        headers = self.headers
        words = [first_word(header) for header in headers]
        counts = Counter(words)
        return tuple(
            word if word and counts[word] == 1 else header for word, header in zip(words, headers, strict=True)
        )

    def values(self) -> tuple[Contig, ...]:
        """Return the contigs.

        Examples
        --------
        >>> [len(contig) for contig in panarc.open("pop.agc")["a"].values()]
        [30000, 8000]
        """
        return tuple(self)

    def items(self) -> tuple[tuple[str, Contig], ...]:
        """Return pairs of key and contig.

        Examples
        --------
        >>> {name: len(contig) for name, contig in panarc.open("pop.agc")["a"].items()}
        {'chr1': 30000, 'chr2': 8000}
        """
        return tuple(zip(self.keys(), self, strict=True))

    def get(self, name: str, default: Contig | None = None) -> Contig | None:
        """Return the contig of this name, or `default` if there is none or there are several.

        Examples
        --------
        >>> panarc.open("pop.agc")["a"].get("chrX") is None
        True
        """
        try:
            return self[name]
        except KeyError:
            return default

    def records(self) -> Iterator[Record]:
        """Yield all contigs with their sequences, in order.

        Examples
        --------
        >>> next(panarc.open("pop.agc")["b"].records())
        <panarc.Record 'chr1' of sample 'b', 30000 bases>
        """
        from .record import records

        return records(self)

    if TYPE_CHECKING:

        @overload
        def seqcol(self, level: Literal[0]) -> str: ...
        @overload
        def seqcol(self, level: Literal[1]) -> dict[str, str]: ...
        @overload
        def seqcol(self, level: Literal[2] = 2) -> dict[str, list[str] | list[int]]: ...

    def seqcol(self, level: int = 2) -> str | dict[str, str] | dict[str, list[str] | list[int]]:
        """Return the sample as a sequence collection of GA4GH refget.

        Parameters
        ----------
        level
            2 for ``names`` (first words of headers), ``lengths`` and ``sequences`` (their digests), in the order of the
            contigs; 1 for a digest of each of these three; 0 for the digest of the collection, which follows from its
            names and sequences.

        Raises
        ------
        ParameterError
            If there is no such level.

        Examples
        --------
        >>> panarc.open("pop.agc")["a"].seqcol()["lengths"]
        [30000, 8000]
        """
        from .seqcol import collection

        return collection(self, level)

    def write_fasta(
        self,
        target: Path | None,
        *,
        line_width: int = 80,
        gzip_level: int = 0,
        zstd_level: int = 0,
        index: bool = False,
    ) -> None:
        """Write the sample as FASTA; see `Archive.write_fasta`.

        Examples
        --------
        >>> panarc.open("pop.agc")["b"].write_fasta("b.fa")
        """
        self._archive.write_fasta(
            target,
            [self._name],
            line_width=line_width,
            gzip_level=gzip_level,
            zstd_level=zstd_level,
            index=index,
        )

    def __getitem__(self, name: str) -> Contig:
        if not isinstance(name, str):
            path = self._archive.path
            raise ContigNotFoundError(
                f"{path}: no contig named {name!r} in sample {shown(self._name)!r}; its name is expected"
            )
        core = self._core
        try:
            place = core.find(name)
            return Contig(self, place, header=core.header(place))
        except ContigNotFoundError as error:
            raise error.asking(name, self.keys) from None

    def __contains__(self, name: object) -> bool:
        if not isinstance(name, str):
            return isinstance(name, Contig) and name.sample == self
        return self.get(name) is not None

    def __iter__(self) -> Iterator[Contig]:
        # Contigs know their names, also when the archive is closed.
        core = self._core
        return (Contig(self, place, header=core.header(place)) for place in range(len(core)))

    def __len__(self) -> int:
        return len(self._core)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sample):
            return NotImplemented
        return self._archive == other._archive and self._name == other._name

    def __hash__(self) -> int:
        return hash((self._archive, self._name))

    def __reduce__(self) -> tuple[object, ...]:
        return Sample, (self._archive, self._name)

    def __repr__(self) -> str:
        try:
            contigs = f", {len(self)} contigs"
        except Error:
            contigs = ""
        return f"<panarc.Sample {self._name!r}{contigs}>"

    def _repr_html_(self) -> str | None:
        from .notebook import sample

        try:
            return sample(self)
        except Error:
            # There is nothing to be shown of a sample that cannot be read; IPython takes its `repr`.
            return None

    def _ipython_key_completions_(self) -> list[str]:
        return list(self.keys())

    @property
    def _core(self) -> _core.Sample:
        # Whoever has closed the archive gets nothing of it, though copies of it may be open.
        native = self._archive._native()
        if self._found is None:
            self._found = native.sample(self._name)
        return self._found
