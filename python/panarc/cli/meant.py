"""What a misspelt word may have been."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

#: Likeness from which a word is offered: `crate` is for `create`, `extract` for nothing.
_LIKE = 0.75


def meant(word: str, known: Sequence[str]) -> str:
    """Return a question that names the known word most like this one; nothing if none is like it."""
    from difflib import get_close_matches

    like = get_close_matches(word, known, 1, _LIKE)
    return f"; is '{like[0]}' meant?" if like else ""
