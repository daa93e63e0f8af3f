"""FASTA files that an archive is compared with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from .errors import ParameterError
from .files import check_split, sample_of, several

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    from .files import Paths

    #: Files that are samples of their own, or files by sample; None for files whose records tell.
    Originals: TypeAlias = Paths | Mapping[str, Paths] | Mapping[str | None, Paths]


def named_files(files: Originals, split: str | None) -> Iterator[tuple[str, str | None]]:
    """Yield each file, and the sample that it is: None where its records tell.

    Raises
    ------
    ParameterError
        If there is no such way to split, there are no files, or standard input is to be a sample and has no name.
    """
    if split is not None:
        check_split(split)
    if isinstance(files, Mapping):
        for sample, paths in files.items():
            if sample is None and split is None:
                raise ParameterError("records tell samples only where there is a way to split")
            for path in several(paths):
                yield path, sample
        return
    for path in several(files):
        yield path, None if split is not None else sample_of(path)
