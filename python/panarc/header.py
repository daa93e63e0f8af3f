"""What the records of regions are called."""

from __future__ import annotations

from .errors import ParameterError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .asks import Found

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


def template(text: str, *, comment: bool = False) -> Callable[[Found], str]:
    """Return what makes a header.

    Parameters
    ----------
    text
        ``"bare"`` for ``contig:start-end`` as samtools writes it (``contig`` alone if no range was asked for, and
        ``/rc`` behind the reverse complement); ``"sample"`` for the same with ``sample#`` before it; ``"full"`` for
        ``sample#contig:start-end(strand)`` and the comment; or a text with fields in braces, formatted as Python does:
        the names of `FIELDS`. `start` and `end` count from 1, with both ends meant, and `start0` from 0.
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

    return _commented(make) if comment and text != "full" else make


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
        "contig": found.contig.name,
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
    return found.contig.header[len(found.contig.name) :].strip()


def _commented(make: Callable[[Found], str]) -> Callable[[Found], str]:
    return lambda found: f"{make(found)} {_comment(found)}".rstrip()


def _bare(found: Found) -> str:
    place = "" if found.whole else f":{found.start + 1}-{found.end}"
    return f"{found.contig.name}{place}{'/rc' if found.ask.reverse else ''}"


def _sample(found: Found) -> str:
    return f"{found.contig.sample.name}#{_bare(found)}"


def _full(found: Found) -> str:
    strand = "-" if found.ask.reverse else "+"
    return f"{found.contig.sample.name}#{found.contig.name}:{found.start + 1}-{found.end}({strand})"


_PRESETS: dict[str, Callable[[Found], str]] = {"bare": _bare, "sample": _sample, "full": _commented(_full)}
