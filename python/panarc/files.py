"""FASTA files as callers name them, and how their records tell samples."""

from __future__ import annotations

import os

from . import _core
from .errors import ParameterError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TypeAlias

    Path: TypeAlias = str | os.PathLike[str]
    #: One file, or several.
    Paths: TypeAlias = Path | Iterable[Path]

#: How records tell their samples; see `Builder.add_records`.
SPLITS = ("record", "pansn", "pansn:sample")


def several(path: Paths) -> list[Path]:
    """Return the paths that one path, or an iterable of them, stands for."""
    paths: list[Path] = [path] if isinstance(path, (str, os.PathLike)) else list(path)
    if not paths:
        raise ParameterError("there are no files to add")
    return paths


def sample_of(path: Path) -> str:
    """Return the sample that a file is by its name."""
    if path == "-":
        raise ParameterError("FASTA from standard input needs a sample name")
    return _core.sample_name(path)


def check_split(split: str) -> None:
    """Refuse a way to split that there is not."""
    if split not in SPLITS:
        raise ParameterError(f"split is {split!r}; it must be one of {', '.join(SPLITS)}")
