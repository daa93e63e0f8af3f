"""What is asked for in calls with many regions, and what is found for it."""

from __future__ import annotations

from functools import partial
from itertools import islice

from .errors import (
    AmbiguousContigError,
    ContigNotFoundError,
    InputError,
    ParameterError,
    RangeError,
    SampleNotFoundError,
)
from .names import shown
from .resolve import Resolver, readings
from .spans import bounds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Literal, TypeAlias

    from . import _core
    from .contig import Contig
    from .opened import Opened
    from .region import Region
    from .resolve import Reading

    #: A region string, contig with start and end, sample with contig, start and end, or a `Region`.
    RegionLike: TypeAlias = str | Region | tuple[str, int, int | None] | tuple[str, str, int, int | None]
    #: Core sample, place of the contig in it, start, end, whether the other strand is wanted.
    Stretch: TypeAlias = tuple[_core.Sample, int, int, int, bool]
    #: Is told of a range that was cut to its contig.
    Notice: TypeAlias = Callable[["Ask", "Found"], None]

#: How many regions are looked up together: few at first, so that others can begin to read them.
_FIRST_WINDOW = 512
_WINDOW = 4096
_WRONG = (AmbiguousContigError, ContigNotFoundError, ParameterError, RangeError, SampleNotFoundError)


# No dataclasses: to load what makes them takes longer than a short read, and there may be millions of these.
class Ask:
    """A region that is asked for.

    Parameters
    ----------
    readings
        Ways to read it.
    label
        Tells what messages call it: where it was given, and how. Few are ever asked for.
    start, end
        The range, 0-based and half-open; both None if the reading has it, or if the whole contig is meant.
    reverse
        Whether the reverse complement is wanted.
    name, score
        What a BED file says beside.
    listed
        Whether it is from a file: what is wrong with it is wrong with data then, not with a call.
    """

    __slots__ = ("end", "label", "listed", "name", "readings", "reverse", "score", "start")

    def __init__(
        self,
        readings: tuple[Reading, ...],
        label: Callable[[], str],
        start: int | None = None,
        end: int | None = None,
        reverse: bool = False,
        name: str = "",
        score: str = "",
        listed: bool = False,
    ) -> None:
        self.readings = readings
        self.label = label
        self.start = start
        self.end = end
        self.reverse = reverse
        self.name = name
        self.score = score
        self.listed = listed


class Found:
    """A stretch of a contig, 0-based and half-open.

    Parameters
    ----------
    contig
        The contig.
    start, end
        The range, which is within the contig.
    whole
        Whether no range was asked for.
    ask
        What was asked for.
    """

    __slots__ = ("ask", "contig", "end", "start", "whole")

    def __init__(self, contig: Contig, start: int, end: int, whole: bool, ask: Ask) -> None:
        self.contig = contig
        self.start = start
        self.end = end
        self.whole = whole
        self.ask = ask

    @property
    def stretch(self) -> Stretch:
        """What the core takes."""
        return self.contig._sample._core, self.contig._index, self.start, self.end, self.ask.reverse


def label(region: str) -> str:
    """Return what messages call a region string."""
    return f"region '{shown(region)}'"


def ask(region: RegionLike, sample: str | None = None, strand: Literal["+", "-"] = "+") -> Ask:
    """Return what a caller asks for.

    Parameters
    ----------
    region
        The region.
    sample
        Name of the sample, unless the region names one.
    strand
        The strand, unless the region is a `Region`.
    """
    if isinstance(region, str):
        return Ask(tuple(readings(region, sample)), partial(label, region), reverse=_reverse(strand))
    from .region import Region

    if not isinstance(region, Region):
        if len(region) == 4:
            region = Region(region[1], region[2], region[3], region[0], strand)
        elif len(region) == 3:
            region = Region(region[0], region[1], region[2], None, strand)
        else:
            raise ParameterError(f"region {region!r} is not (contig, start, end) or (sample, contig, start, end)")
    reading = region.contig, sample if region.sample is None else region.sample, None
    return Ask((reading,), partial(_label, region), region.start, region.end, _reverse(region.strand))


def find(archive: Opened, asks: Iterable[Ask], *, clamp: bool = False, notice: Notice | None = None) -> Iterator[Found]:
    """Yield what is found, in the order of what is asked for; a few thousand are looked up together.

    Parameters
    ----------
    archive
        The archive.
    asks
        What is asked for.
    clamp
        Cut ranges to their contigs instead of refusing them.
    notice
        Is called before a range that was cut is yielded.

    Raises
    ------
    SampleNotFoundError, ContigNotFoundError, AmbiguousContigError, RangeError, ParameterError
        If nothing, or more than one contig, is meant, or the range is not within the contig; the label comes first.
    """
    resolver, asks, size = Resolver(archive), iter(asks), _FIRST_WINDOW
    while window := list(islice(asks, size)):
        size = min(2 * size, _WINDOW)
        for wanted, answer in zip(window, resolver.resolve([ask.readings for ask in window]), strict=True):
            try:
                if isinstance(answer, Exception):
                    raise answer
                found, cut = _place(wanted, *answer, clamp)
            except _WRONG as error:
                kind = InputError if wanted.listed and isinstance(error, ParameterError) else type(error)
                raise kind(f"{wanted.label()}: {error}") from None
            if cut and notice is not None:
                notice(wanted, found)
            yield found


def _place(ask: Ask, contig: Contig, span: tuple[int | None, int | None] | None, clamp: bool) -> tuple[Found, bool]:
    """Return the range within its contig, and whether it was cut to that."""
    length, whole = len(contig), span is None and ask.start is None and ask.end is None
    start, end = (ask.start or 0, ask.end) if span is None else bounds(span)
    open_end = end is None
    end = length if end is None else end
    if 0 <= start <= end <= length:
        return Found(contig, start, end, whole, ask), False
    if not clamp:
        # The label says what was asked for, in the numbers of whoever asked.
        if start <= end:
            wrong = "is not within"
        else:
            wrong = "begins beyond the end of" if open_end else "ends before it begins, in"
        raise RangeError(f"it {wrong} contig '{shown(contig.name)}' of length {length}")
    start = min(max(start, 0), length)
    return Found(contig, start, min(max(end, start), length), whole, ask), True


def _label(region: Region) -> str:
    end = "" if region.end is None else region.end
    return f"region '{shown(region.contig)}' [{region.start}, {end})"


def _reverse(strand: str) -> bool:
    if strand not in ("+", "-"):
        raise ParameterError(f"strand is {strand!r}; it must be '+' or '-'")
    return strand == "-"
