"""Names of samples and contigs: where they are in headers, and how messages show them."""

from __future__ import annotations

from . import _core

#: Letters of a name that a message shows.
_SHOWN = 120


def first_word(header: str) -> str:
    """Return the name in a header, as samtools and pysam find it: its first word, without blanks before it."""
    return _core.first_word(header)


def comment(header: str) -> str:
    """Return what stands behind the first word of a header."""
    name = first_word(header)
    return header[header.find(name) + len(name) :].lstrip()


def shown(name: str) -> str:
    """Return a name as messages show it: a long one is cut."""
    return name if len(name) <= _SHOWN else f"{name[:_SHOWN]}…"
