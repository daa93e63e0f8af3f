"""FASTA files as callers name them, and how their records tell samples."""

from __future__ import annotations

from collections.abc import Iterable
from os import PathLike

from . import _core
from .errors import ParameterError
from .paths import one_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    from .paths import Path

    #: One file, or several.
    Paths: TypeAlias = Path | Iterable[Path]

#: How records tell their samples; see `Builder.add_records`.
SPLITS = ("record", "pansn", "pansn:sample")


def several(path: Paths) -> list[str]:
    """Return the paths that one path, or an iterable of them, stands for."""
    if isinstance(path, (str, bytes, PathLike)):
        return [one_path(path)]
    if not isinstance(path, Iterable):
        raise ParameterError(f"a path is str, bytes or os.PathLike, not {type(path).__name__}")
    paths = [one_path(each) for each in path]
    if not paths:
        raise ParameterError("there are no files to add")
    return paths


def sample_of(path: str) -> str:
    """Return the sample that a file is by its name."""
    if path == "-":
        raise ParameterError("FASTA from standard input needs a sample name")
    return _core.sample_name(path)


def check_split(split: str) -> None:
    """Refuse a way to split that there is not."""
    if split not in SPLITS:
        raise ParameterError(f"split is {split!r}; it must be one of {', '.join(SPLITS)}")
