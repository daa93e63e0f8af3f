"""The regions that fetch is asked for: arguments, lists of regions, BED files."""

from __future__ import annotations

from functools import lru_cache, partial
from io import BufferedReader, RawIOBase

from .. import _core
from ..asks import Ask
from ..asks import label as label_of
from ..errors import InputError
from ..names import shown
from ..resolve import readings
from ..spans import position
from .arguments import archive_and_any
from .messages import printable
from .status import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from typing_extensions import Buffer

    from ..resolve import Reading
    from .option import Options

#: Bytes that a line may have: what is no text may have no line ends at all.
_LONGEST_LINE = 1 << 20
#: What BED files hold beside intervals.
_BED_WORDS = ("browser", "track")


def asks(options: Options) -> tuple[str, Iterator[Ask]]:
    """Return the archive and all that is asked for: first the arguments, then files in their order."""
    path, regions = archive_and_any(options)
    if not regions and not options.files:
        raise UsageError("there are no regions; name some, or use --regions FILE or --bed FILE")
    if [file for _, file in options.files].count("-") > 1:
        raise UsageError("standard input can be read only once")
    if options.stranded and not any(kind == "bed" for kind, _ in options.files):
        raise UsageError("-s takes strands from a BED file, and there is none")
    return path, _all(regions, options)


def _all(regions: list[str], options: Options) -> Iterator[Ask]:
    for region in regions:
        yield _region(region, partial(label_of, region), options, listed=False)
    for kind, file in options.files:
        read = _intervals if kind == "bed" else _regions
        yield from read(file, options)


def _region(region: str, label: Callable[[], str], options: Options, *, listed: bool) -> Ask:
    ways = list(readings(region, options.sample))
    if region[:1].isspace():
        # The header of a contig may begin with a blank; mostly the region is indented.
        ways += readings(region.lstrip(), options.sample)
    return Ask(tuple(ways), label, reverse=options.reverse, listed=listed)


def _regions(file: str, options: Options) -> Iterator[Ask]:
    """Yield the regions of a file, one a line."""
    for number, line in _lines(file):
        if line and not line.startswith("#"):
            yield _region(line, partial(_listed, _named(file), number, line), options, listed=True)


def _listed(file: str, number: int, line: str) -> str:
    columns = line.split("\t")
    bed = len(columns) > 2 and columns[1].isdecimal() and columns[2].isdecimal()
    return f"{file}, line {number}: {label_of(line)}{', which looks like BED (use --bed)' if bed else ''}"


def _interval(file: str, number: int, chrom: str, start: int, end: int) -> str:
    return f"{file}, line {number}: interval {shown(chrom)}:{start}-{end}"


def _intervals(file: str, options: Options) -> Iterator[Ask]:
    """Yield the intervals of a BED file: chrom, start, end, and as far as they are there name, score, strand."""

    @lru_cache(maxsize=4096)
    def ways(chrom: str) -> tuple[Reading, ...]:
        return tuple(readings(chrom, options.sample, lambda _: None))

    source, reverse, stranded = _named(file), options.reverse, options.stranded
    for number, line in _lines(file):
        columns = line.split("\t") if "\t" in line else line.split()
        if not columns or columns[0].startswith("#") or (line[0] in "bt" and _is_heading(columns)):
            continue
        if len(columns) < 3:
            count = len(columns)
            raise _wrong(
                source, number, f"a BED line has three columns at least, chrom, start and end; here are {count}"
            )
        chrom, first, last = columns[:3]
        if not (first.isdecimal() and last.isdecimal() and line.isascii()):
            for text in (first, last):
                if not (text.isdecimal() and text.isascii()):
                    raise _wrong(
                        source, number, f"'{printable(shown(text))}' is no position; they are whole numbers, from 0"
                    )
        start, end = position(first), position(last)
        if end < start:
            raise _wrong(source, number, f"the interval {start}-{end} ends before it begins")
        label = partial(_interval, source, number, chrom, start, end)
        if len(columns) == 3:
            yield Ask(ways(chrom), label, start, end, reverse, "", "", True)
            continue
        name, score, strand = columns[3:6] if len(columns) > 5 else [*columns[3:], "", "", ""][:3]
        if stranded and strand not in ("+", "-", ".", ""):
            raise _wrong(source, number, f"strand '{printable(shown(strand))}' is not '+', '-' or '.'")
        turned = reverse or (stranded and strand == "-")
        yield Ask(ways(chrom), label, start, end, turned, name, score, True)


def _is_heading(columns: list[str]) -> bool:
    """Whether a line is for a genome browser; a contig may be called so, too."""
    return (
        columns[0].startswith(_BED_WORDS)
        and columns[0].split()[0] in _BED_WORDS
        and not (len(columns) > 1 and columns[1].isdecimal())
    )


def _wrong(file: str, number: int, why: str) -> InputError:
    return InputError(f"{file}, line {number}: {why}")


class _Text(RawIOBase):
    """The text of a file or of standard input, decompressed by the core."""

    def __init__(self, file: str) -> None:
        self._text = _core.Text(file)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer) -> int:
        room = memoryview(buffer)
        piece = self._text.read(len(room))
        room[: len(piece)] = piece
        return len(piece)


def _lines(file: str) -> Iterator[tuple[int, str]]:
    """Yield the lines of a file or of standard input with their numbers, from 1, without white space at the end."""
    readline = BufferedReader(_Text(file), 1 << 16).readline
    for number, line in enumerate(iter(partial(readline, _LONGEST_LINE + 1), b""), start=1):
        if len(line) > _LONGEST_LINE:
            raise _wrong(_named(file), number, "the line is longer than 1 MiB; is this a list of regions?")
        yield number, line.rstrip().decode("utf-8", "surrogateescape")


def _named(file: str) -> str:
    return "<standard input>" if file == "-" else file
