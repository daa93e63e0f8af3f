"""What a misspelt word may have been."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

#: More words than this are not looked through: it takes some microseconds for each.
_MOST = 5000

_LONGEST = 100

#: Likeness from which a word is offered: `crate` is for `create`, `extract` for nothing.
_LIKE = 0.75


def meant(word: str, known: Iterable[str]) -> str:
    """Return a question that names the known word most like this one; nothing if none is like it.

    First come words that differ in case or in ``chr`` alone, then those of which this is one part, as ``sample1`` of
    ``sample1#1``, and then those that are spelt alike.
    """
    from difflib import get_close_matches
    from itertools import islice

    if not word or len(word) > _LONGEST:
        return ""
    words = [other for other in islice(known, _MOST) if len(other) <= _LONGEST]
    bare = _bare(word)
    like = (
        [other for other in words if _bare(other) == bare]
        or [other for other in words if _begins(other.casefold(), word.casefold())]
        or [other for other in words if _begins(other.casefold()[::-1], word.casefold()[::-1])]
        or get_close_matches(word, words, 1, _LIKE)
    )
    return f"; is '{like[0]}' meant?" if like else ""


def _begins(whole: str, part: str) -> bool:
    """Whether one word begins with another one, and a mark such as ``#`` or ``.`` follows there."""
    return whole.startswith(part) and not whole[len(part) : len(part) + 1].isalnum()


def _bare(word: str) -> str:
    """Return a word without what names of one thing most often differ in: case, and whether `chr` comes first."""
    return word.casefold().removeprefix("chr")
