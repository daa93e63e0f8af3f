"""Sequence as callers have it, on its way to the core: bytes, bytearray, memoryview, numpy arrays, text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .errors import InputError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    from typing_extensions import Buffer, TypeIs

    #: A stretch of sequence: IUPAC letters, one byte each.
    Letters: TypeAlias = str | Buffer
    #: A contig's sequence: whole, or in pieces.
    Sequence: TypeAlias = Letters | Iterable[Letters]

#: What is not bytes is copied to bytes in pieces of this size.
PIECE = 1 << 22

_IUPAC = b"ACGTNRYSWKMBDHVUacgtnryswkmbdhvu"


def pieces(letters: Letters) -> Iterator[bytes]:
    """Yield a stretch of sequence as bytes, without a second copy of all of it.

    Raises
    ------
    InputError
        If it is no sequence of bytes.
    """
    if isinstance(letters, bytes):
        yield letters
    elif isinstance(letters, str):
        for start in range(0, len(letters), PIECE):
            try:
                yield letters[start : start + PIECE].encode("ascii")
            except UnicodeEncodeError as error:
                at = start + error.start
                raise InputError(f"character {letters[at]!a} at offset {at} is no IUPAC nucleotide code") from None
    else:
        view = _view(letters)
        for start in range(0, len(view), PIECE):
            yield view[start : start + PIECE].tobytes()


def is_letters(sequence: Sequence) -> TypeIs[Letters]:
    """Whether this is one stretch of sequence, not an iterable of several."""
    if isinstance(sequence, (str, bytes, bytearray, memoryview)):
        return True
    try:
        memoryview(sequence)  # type: ignore[arg-type]
    except TypeError:
        return False
    return True


def first_stranger(piece: bytes) -> int | None:
    """Return where the first byte is that is no IUPAC letter."""
    strangers = piece.translate(None, _IUPAC)
    return piece.index(strangers[:1]) if strangers else None


def _view(letters: object) -> memoryview:
    try:
        view = memoryview(letters)  # type: ignore[arg-type]
    except TypeError:
        raise InputError(f"sequence is bytes, text or an array of bytes, not {type(letters).__name__}") from None
    if view.itemsize != 1 or view.ndim != 1:
        raise InputError(
            f"an array of sequence has one dimension and one byte an item, not {view.ndim} and {view.itemsize}"
        )
    return view
