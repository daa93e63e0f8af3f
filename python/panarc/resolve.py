"""From what queries say to contigs: all ways to read a query are tried, until one fits the archive."""

from __future__ import annotations

from .errors import AmbiguousContigError, ContigNotFoundError, SampleNotFoundError
from .names import shown
from .spans import split_region, unbraced

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from .contig import Contig
    from .opened import Opened
    from .spans import Span

    #: Contig, sample (None: whichever has the contig), positions.
    Reading = tuple[str, str | None, Span | None]
    #: A contig with the positions asked for, or why there is none.
    Answer = tuple[Contig, Span | None] | ContigNotFoundError | SampleNotFoundError | AmbiguousContigError
    #: Contigs by name and sample; None for those that are not there.
    Known = dict[tuple[str, str], Contig | None]
    #: Takes the positions off the end of a text.
    Split = Callable[[str], tuple[str, Span] | None]

#: How many places a query is taken apart at, from its end: it may be all marks.
_MARKS = 16
#: How many samples a message lists.
_LISTED = 3
#: Stands for a name in braces; none holds it.
_NAME = "\0"


def readings(query: str, sample: str | None = None, split: Split = split_region) -> Iterator[Reading]:
    """Yield all ways to read a query, those that go first before others.

    Names may hold ``@``, ``#`` and ``:``. First come those in `sample`, if it is given; then those with a sample behind
    ``@``, from the last one to the first; then those without a sample; then those with a sample before ``#``, the
    longest first. Each is read as a name before it is read as a name and a range. So every contig can be asked
    for, whatever it is called: with its sample behind it. Last comes what is in braces, as the name of a contig.
    """
    yield from _plain(query, sample, split)
    braced = unbraced(query)
    if braced is not None:
        before, contig, behind = braced
        for name, of, span in _plain(f"{before}{_NAME}{behind}", sample, split):
            if name == _NAME:
                yield contig, of, span


def _plain(query: str, sample: str | None, split: Split) -> Iterator[Reading]:
    """Yield all ways to read a query in which braces mean nothing."""
    wholes = list(_wholes(query, split))
    if sample is not None:
        yield from ((text, sample, span) for text, span in wholes)
    for at in _marks(query, "@"):
        for text, span in wholes:
            if at < len(text) - 1:
                name, marked = text[:at], text[at + 1 :]
                yield name, marked, span
                parts = split(name) if span is None else None
                if parts is not None:
                    yield parts[0], marked, parts[1]
    if sample is None:
        yield from ((text, None, span) for text, span in wholes)
    for at in _marks(query, "#"):
        for text, span in wholes:
            if at < len(text) - 1:
                yield text[at + 1 :], text[:at], span


def _marks(query: str, mark: str) -> Iterator[int]:
    """Yield the places of the last marks but one at the beginning, from the last one to the first."""
    at = len(query)
    for _ in range(_MARKS):
        at = query.rfind(mark, 0, at)
        if at <= 0:
            return
        yield at


def _wholes(query: str, split: Split) -> Iterator[tuple[str, Span | None]]:
    if query:
        yield query, None
        parts = split(query)
        if parts is not None:
            yield parts


class Resolver:
    """Finds the contigs that queries mean, many at a time: the collection is searched once for all of them."""

    def __init__(self, archive: Opened) -> None:
        self._archive = archive
        # Samples of contigs whose queries did not name one.
        self._located: dict[str, list[str]] = {}

    def resolve(self, queries: Sequence[tuple[Reading, ...]]) -> list[Answer]:
        """Return, for the readings of each query, the contig and the positions of the first that fits, or an error."""
        # Contigs hold on to their samples: what is kept is kept for these queries only.
        known: Known = {}
        # Sample by sample, as what is known of one may be kept for no longer.
        different = sorted(dict.fromkeys(queries), key=self._place)
        self._locate(name for query in different for name in self._unplaced(query, known))
        answers = {query: self._answer(query, known) for query in different}
        return [answers[query] for query in queries]

    def _place(self, query: Sequence[Reading]) -> int:
        """Return the place of the first sample that a query may mean."""
        places = self._archive._places
        return next((places[sample] for _, sample, _ in query if sample in places), -1)

    def _answer(self, query: Sequence[Reading], known: Known) -> Answer:
        try:
            return self._first(query, known)
        except (ContigNotFoundError, SampleNotFoundError, AmbiguousContigError) as error:
            return error

    def _unplaced(self, query: Sequence[Reading], known: Known) -> Iterator[str]:
        """Yield the names that must be looked for in all samples, up to the first reading that fits without that."""
        for name, sample, _ in query:
            if sample is None:
                yield name
            elif self._find(name, sample, known, ambiguous=True) is not None:
                return

    def _locate(self, names: Iterable[str]) -> None:
        unknown = sorted({name for name in names if not self._located.get(name)})
        # Names that are nowhere are not kept: there may be one in each query.
        self._located = {name: samples for name, samples in self._located.items() if samples}
        if unknown:
            places = self._archive._native().locate(unknown)
            samples = self._archive.samples
            self._located.update(
                (name, [samples[place] for place in found]) for name, found in zip(unknown, places, strict=True)
            )

    def _first(self, query: Sequence[Reading], known: Known) -> tuple[Contig, Span | None]:
        for name, sample, span in query:
            if sample is None:
                samples = self._located[name]
                if len(samples) > 1:
                    raise self._several(name, samples)
                sample = samples[0] if samples else None
            contig = None if sample is None else self._find(name, sample, known)
            if contig is not None:
                # Asked for now, it need not be looked up when another sample's turn has come.
                len(contig)
                return contig, span
        raise self._nothing(query)

    def _find(self, name: str, sample: str, known: Known, *, ambiguous: bool = False) -> Contig | None:
        key = name, sample
        if key not in known:
            try:
                known[key] = self._archive[sample][name] if sample in self._archive else None
            except ContigNotFoundError:
                known[key] = None
            except AmbiguousContigError:
                if not ambiguous:
                    raise
                return None
        return known[key]

    def _several(self, name: str, samples: list[str]) -> AmbiguousContigError:
        listed = ", ".join(map(shown, samples[:_LISTED])) + (", …" if len(samples) > _LISTED else "")
        return AmbiguousContigError(
            f"{self._archive.path}: contig '{shown(name)}' is in several samples ({listed}); name one, as contig@sample"
        )

    def _nothing(self, query: Sequence[Reading]) -> ContigNotFoundError | SampleNotFoundError:
        """Return the error that says best why nothing fits."""
        path = self._archive.path
        # Of what is in braces, the readings without them.
        query = [reading for reading in query if "{" not in reading[0]] or query
        for name, sample, _ in query:
            if name in self._archive and sample in (None, name):
                return ContigNotFoundError(
                    f"{path}: '{shown(name)}' is a sample, not a contig; name one of its contigs, as contig@sample, or"
                    " extract the whole sample with getset"
                )
        # The shortest names are those without a range; the others hold them.
        for name, sample, _ in sorted(query, key=lambda reading: len(reading[0])):
            if sample is not None and sample in self._archive:
                contig = ContigNotFoundError(f"{path}: no contig named '{shown(name)}' in sample '{shown(sample)}'")
                return contig.asking(name, self._archive[sample].keys)
        names = [name for name, sample, _ in query if sample is None]
        for _, sample, span in query:
            if sample is not None and (span is not None) == (len(names) > 1):
                also = f", and no contig named '{shown(names[0])}'" if names else ""
                missing = SampleNotFoundError(f"{path}: no sample named '{shown(sample)}'{also}")
                return missing.asking(sample, self._archive.samples.__iter__)
        name, first = names[-1] if names else "", self._archive.reference
        contig = ContigNotFoundError(f"{path}: no contig named '{shown(name)}'")
        # Other samples have mostly the names that the first has.
        return contig if first is None else contig.asking(name, self._archive[first].keys)
