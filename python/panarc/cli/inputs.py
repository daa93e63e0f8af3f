"""Which files a new archive is made from, checked before any work begins."""

from __future__ import annotations

import errno
import os
from itertools import groupby
from operator import itemgetter

from .. import _core
from ..errors import DuplicateError, FileError, MissingFileError
from .status import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

STDIN = "-"


class Input:
    """FASTA files and the name of the sample that they are; without a name, their records tell samples.

    The path ``-`` is standard input.
    """

    __slots__ = ("paths", "sample")

    def __init__(self, paths: tuple[str, ...], sample: str | None) -> None:
        self.paths = paths
        self.sample = sample


def collect(arguments: Sequence[str], lists: Iterable[str], *, split: bool) -> list[Input]:
    """Return the files that arguments and lists name, in that order, together where they are one sample.

    Parameters
    ----------
    arguments
        Paths of files or folders, or ``NAME=PATH``.
    lists
        Lists of the same.
    split
        Whether files without a name hold samples, and are none themselves.

    Raises
    ------
    UsageError
        If there is none, standard input or a descriptor is asked for without a name, or standard input twice.
    DuplicateError
        If two samples have the same name.
    FileError
        If a file cannot be read.
    InputError
        If there are no FASTA files in a folder.
    """
    named = [_core.parse_input(argument) for argument in arguments]
    for path in lists:
        named += _core.read_list(path)
    if not named:
        raise UsageError("there are no files; name some, or a list of them with -i")
    files = [(path, sample) for entry, sample in named for path in _expand(entry)]
    inputs = _split(files) if split else _named(files)
    _check_names(inputs)
    _check_files([path for file in inputs for path in file.paths])
    return inputs


def check_output(output: str, inputs: Iterable[Input]) -> None:
    """Refuse to write the archive over one of the files it is made from."""
    if not os.path.exists(output):
        return
    for path in (path for file in inputs for path in file.paths):
        if path != STDIN and os.path.samefile(path, output):
            raise FileError(errno.EEXIST, f"{output}: is the output, and an input too")


def _expand(path: str) -> list[str]:
    """Return the FASTA files in a folder, or else the path itself."""
    if path == STDIN or not os.path.isdir(path):
        return [path]
    return _core.fasta_files(path)


def _split(files: Iterable[tuple[str, str | None]]) -> list[Input]:
    """Join neighbours that have the same name, or none."""
    return [Input(tuple(path for path, _ in run), name) for name, run in groupby(files, key=itemgetter(1))]


def _named(files: Iterable[tuple[str, str | None]]) -> list[Input]:
    """Join neighbours of the same name, and name each of the others after its file."""
    inputs = []
    for file in _split(files):
        if file.sample is not None:
            inputs.append(file)
        elif STDIN in file.paths:
            raise UsageError("standard input needs a sample name: NAME=-")
        elif path := next(filter(_is_nameless, file.paths), None):
            raise UsageError(f"{path} needs a sample name: NAME={path}")
        else:
            inputs += [Input((path,), _core.sample_name(path)) for path in file.paths]
    return inputs


def _is_nameless(path: str) -> bool:
    """Whether a path is a descriptor, as a shell writes ``/dev/fd/63`` for ``<(zcat a.fa.gz)``."""
    return path == "/dev/stdin" or path.startswith(("/dev/fd/", "/proc/self/fd/"))


def _check_names(inputs: Iterable[Input]) -> None:
    files: dict[str, Input] = {}
    for file in inputs:
        if file.sample is None:
            continue
        other = files.setdefault(file.sample, file)
        if other is not file:
            raise DuplicateError(
                f"'{other.paths[0]}' and '{file.paths[0]}' would both be sample '{file.sample}'; name one of them"
                " NAME=PATH, or both, one right behind the other, if they are parts of one sample"
            )


def _check_files(paths: Sequence[str]) -> None:
    if paths.count(STDIN) > 1:
        raise UsageError("standard input can be read only once")
    for path in paths:
        if path == STDIN:
            continue
        try:
            os.stat(path)
        except OSError as error:
            kind = MissingFileError if isinstance(error, FileNotFoundError) else FileError
            raise kind(error.errno, f"{path}: cannot open: {error.strerror}") from None
        # Not by opening it: what a pipe holds can be read only once.
        if not os.access(path, os.R_OK):
            raise FileError(errno.EACCES, f"{path}: cannot open: {os.strerror(errno.EACCES)}")
