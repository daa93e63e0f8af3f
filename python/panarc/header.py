"""What the records of regions are called."""

from __future__ import annotations

from collections import deque
from itertools import islice

from .errors import ParameterError
from .names import comment as comment_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .asks import Found

#: So many regions are looked at before the first is written, to see whether they are of several samples. There may be
#: any number of them, also without end.
_LOOKED_AT = 4096

#: What a template may hold, with a value of its kind.
FIELDS: dict[str, str | int] = {
    "sample": "",
    "contig": "",
    "header": "",
    "comment": "",
    "start": 1,
    "start0": 0,
    "end": 1,
    "length": 1,
    "strand": "+",
    "name": "",
    "score": "",
}


def headers(text: str, *, comment: bool = False) -> Callable[[Iterator[Found]], Iterator[tuple[Found, str]]]:
    """Return what gives each region its header.

    Parameters
    ----------
    text
        ``"bare"`` for ``contig:start-end`` as samtools writes it (``contig`` alone if no range was asked for, and
        ``/rc`` behind the reverse complement), with ``sample#`` before it where regions are of several samples;
        ``"sample"`` for the same with ``sample#`` in any case; ``"full"`` for ``sample#contig:start-end(strand)`` and
        the comment; or a text with fields in braces, formatted as Python does: the names of `FIELDS`. `start` and `end`
        count from 1, with both ends meant, and `start0` from 0. The contig is its key: the first word of its header,
        or the whole header where other contigs of the sample have that word.
    comment
        Whether the comment, which is what stands behind the first word of the contig's header, comes at the end.

    Raises
    ------
    ParameterError
        If it is none of these.
    """
    make = _PRESETS.get(text)
    if make is None:
        _check(text)

        def make(found: Found) -> str:
            return text.format_map(_values(found))

    sampled: Callable[[Found], str] = _sample_once
    if comment and text != "full":
        make, sampled = _commented(make), _commented(_sample_once)
    if text == "bare":
        return lambda all_found: _told_apart(all_found, make, sampled)
    return lambda all_found: ((found, make(found)) for found in all_found)


def _told_apart(
    all_found: Iterator[Found], bare: Callable[[Found], str], sampled: Callable[[Found], str]
) -> Iterator[tuple[Found, str]]:
    """Yield regions with headers that tell samples apart.

    If the regions that are looked at first are of several samples, all headers have the sample. If they are of one,
    that sample's have none, and those of others, which can only come later, have theirs.
    """
    ahead = deque(islice(all_found, _LOOKED_AT))
    # There may be millions of them: attributes, where properties would do.
    samples = {found.contig._sample._name for found in ahead}
    only = samples.pop() if len(samples) == 1 else None
    first = sampled if only is None else bare
    while ahead:
        found = ahead.popleft()
        yield found, first(found)
    for found in all_found:
        yield found, bare(found) if found.contig._sample._name == only else sampled(found)


def _check(text: str) -> None:
    from string import Formatter

    try:
        parts = list(Formatter().parse(text))
        fields = [(name, spec or "") for _, name, spec, _ in parts if name is not None]
    except ValueError as error:
        raise ParameterError(f"header '{text}': {error}") from None
    if not fields:
        raise ParameterError(f"header '{text}' is not bare, sample or full, and has no field such as {{contig}}")
    for name, spec in fields:
        if name not in FIELDS or "{" in spec:
            raise ParameterError(f"header '{text}': no field '{name}'; there are {', '.join(FIELDS)}")
    if "\n" in text or "\r" in text:
        raise ParameterError("a header has one line")
    try:
        text.format_map(FIELDS)
    except ValueError as error:
        raise ParameterError(f"header '{text}': {error}") from None


def _values(found: Found) -> dict[str, str | int]:
    return {
        "sample": found.contig.sample.name,
        "contig": found.contig.key,
        "header": found.contig.header,
        "comment": _comment(found),
        "start": found.start + 1,
        "start0": found.start,
        "end": found.end,
        "length": found.end - found.start,
        "strand": "-" if found.ask.reverse else "+",
        "name": found.ask.name,
        "score": found.ask.score,
    }


def _comment(found: Found) -> str:
    return comment_of(found.contig.header).strip()


def _commented(make: Callable[[Found], str]) -> Callable[[Found], str]:
    def commented(found: Found) -> str:
        # A whole header has its comment already.
        whole = found.contig.key == found.contig.header
        return make(found) if whole else f"{make(found)} {_comment(found)}".rstrip()

    return commented


def _bare(found: Found) -> str:
    return _named(found, "")


def _sample(found: Found) -> str:
    return _named(found, f"{found.contig.sample.name}#")


def _sample_once(found: Found) -> str:
    """Return the header with the sample, unless the contig's name begins with it already, as PanSN names do."""
    contig, prefix = found.contig, f"{found.contig.sample.name}#"
    key = contig.key
    told = key.startswith(prefix) and not contig.sample._core.knows(key[len(prefix) :])
    return _named(found, "" if told else prefix)


def _named(found: Found, prefix: str) -> str:
    contig, strand = found.contig, "/rc" if found.ask.reverse else ""
    name, place = contig._key or contig.key, "" if found.whole else f":{found.start + 1}-{found.end}"
    knows = contig._sample._core.knows
    if (place and knows(f"{name}{place}")) or (prefix and knows(f"{prefix}{name}")):
        # Another contig is called so: braces keep the header from meaning that one.
        name = f"{{{name}}}"
    return f"{prefix}{name}{place}{strand}"


def _full(found: Found) -> str:
    strand = "-" if found.ask.reverse else "+"
    return f"{found.contig.sample.name}#{found.contig.key}:{found.start + 1}-{found.end}({strand})"


_PRESETS: dict[str, Callable[[Found], str]] = {"bare": _bare, "sample": _sample, "full": _commented(_full)}
