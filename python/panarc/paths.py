"""Paths as callers give them: text, bytes, or objects that are paths."""

from __future__ import annotations

import os

from .errors import MissingFileError, ParameterError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    #: A path, as `open` takes it.
    Path: TypeAlias = str | bytes | os.PathLike[str] | os.PathLike[bytes]


def one_path(given: object) -> str:
    """Return a path as text. Bytes that are not UTF-8 become surrogates, as in the names that Python lists.

    Raises
    ------
    ParameterError
        If it is no path, or several.
    """
    if isinstance(given, (str, bytes, os.PathLike)):
        return os.fsdecode(given)
    if isinstance(given, (list, tuple, set, frozenset)):
        raise ParameterError(f"one path is expected, not a {type(given).__name__} of them")
    raise ParameterError(f"a path is str, bytes or os.PathLike, not {type(given).__name__}")


def lasting(path: str) -> str:
    """Return the path that means this file also when the working directory is another one.

    Neither links nor ``..`` are resolved: what ``..`` means depends on the links before it.

    Raises
    ------
    MissingFileError
        If the working directory is gone.
    """
    if not path or os.path.isabs(path):
        return path
    try:
        return os.path.join(os.getcwd(), path)
    except FileNotFoundError as error:
        raise MissingFileError(error.errno, f"{path}: cannot open: the working directory is gone") from None
