"""FASTA files that an archive is compared with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from . import _core
from .builder import SPLITS, several
from .errors import ParameterError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    from .builder import Path, Paths

    #: Files that are samples of their own, or files by sample; None for files whose records tell.
    Originals: TypeAlias = Paths | Mapping[str, Paths] | Mapping[str | None, Paths]


def named_files(files: Originals, split: str | None) -> Iterator[tuple[Path, str | None]]:
    """Yield each file, and the sample that it is: None where its records tell.

    Raises
    ------
    ParameterError
        If there is no such way to split, there are no files, or standard input is to be a sample and has no name.
    """
    if split is not None and split not in SPLITS:
        raise ParameterError(f"split is {split!r}; it must be one of {', '.join(SPLITS)}")
    if isinstance(files, Mapping):
        for sample, paths in files.items():
            if sample is None and split is None:
                raise ParameterError("records tell samples only where there is a way to split")
            for path in several(paths):
                yield path, sample
        return
    for path in several(files):
        if split is None and path == "-":
            raise ParameterError("FASTA from standard input needs a sample name")
        yield path, None if split is not None else _core.sample_name(path)
