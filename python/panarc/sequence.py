"""Sequence as callers have it, on its way to the core: bytes, arrays of them, text, what others have as objects."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from .errors import InputError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Protocol, TypeAlias

    from typing_extensions import Buffer, TypeIs

    class _Bytes(Protocol):
        def __bytes__(self) -> bytes: ...

    class SeqRecord(Protocol):
        """A record as Biopython has it."""

        id: Any
        description: Any
        seq: Any

    #: A stretch of sequence: IUPAC letters, one byte each.
    Letters: TypeAlias = str | Buffer | _Bytes
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
    elif _makes_bytes(letters):
        yield _made(letters)
    else:
        view = _view(letters)
        for start in range(0, len(view), PIECE):
            yield view[start : start + PIECE].tobytes()


def is_letters(sequence: Sequence) -> TypeIs[Letters]:
    """Whether this is one stretch of sequence, not an iterable of several."""
    if isinstance(sequence, (str, bytes, bytearray, memoryview)) or _makes_bytes(sequence):
        return True
    try:
        memoryview(sequence)  # type: ignore[arg-type]
    except TypeError:
        return False
    return True


def of_record(record: SeqRecord, name: str | None = None) -> tuple[str, Sequence]:
    """Return header and sequence of a record, as Biopython writes it to FASTA.

    Parameters
    ----------
    record
        The record. Its description is left out if it is the one that says that there is none.
    name
        What it is called by, if it is not its own name.
    """
    first, comment = (_line(text) for text in (record.id, record.description))
    if name is not None and name != first:
        return name, record.seq
    if not comment or comment == "<unknown description>":
        return first, record.seq
    return comment if comment.split(None, 1)[0] == first else f"{first} {comment}", record.seq


def is_record(value: object) -> TypeIs[SeqRecord]:
    """Whether this is a record: something with a name and a sequence."""
    return all(hasattr(value, name) for name in ("id", "description", "seq"))


def first_stranger(piece: bytes) -> int | None:
    """Return where the first byte is that is no IUPAC letter."""
    strangers = piece.translate(None, _IUPAC)
    return piece.index(strangers[:1]) if strangers else None


def _line(text: object) -> str:
    return "" if text is None else str(text).replace("\n", " ").replace("\r", " ").strip()


def _makes_bytes(value: object) -> TypeIs[_Bytes]:
    """Whether this makes bytes of itself, as Biopython's `Seq` and contigs of archives do."""
    # The bytes of a path would be its name.
    return hasattr(type(value), "__bytes__") and not isinstance(value, (bytes, os.PathLike))


def _made(letters: _Bytes) -> bytes:
    try:
        return bytes(letters)
    except (TypeError, ValueError) as error:
        # The sequence of a record may be known by its length alone.
        raise InputError(f"sequence of {type(letters).__name__} cannot be read: {error}") from None


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
