"""Which files a new archive is made from, checked before any work begins."""

from __future__ import annotations

import errno
import os
from itertools import groupby
from operator import itemgetter

from .. import _core
from ..errors import DuplicateError, FileError, InputError, MissingFileError
from ..names import shown
from .status import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    #: A path, the name of its sample, and where it is named, for messages.
    _File = tuple[str, str | None, str]

STDIN = "-"


class Input:
    """FASTA files and the name of the sample that they are; without a name, their records tell samples.

    The path ``-`` is standard input. Of each path there is what messages begin with: the line of a list, or nothing.
    """

    __slots__ = ("paths", "places", "sample")

    def __init__(self, files: Iterable[_File], sample: str | None) -> None:
        files = tuple(files)
        self.paths = tuple(path for path, _, _ in files)
        self.places = tuple(place for _, _, place in files)
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
    named: list[_File] = [(*_core.parse_input(argument), "") for argument in arguments]
    for listed in lists:
        source = "<standard input>" if listed == STDIN else listed
        named += [(path, sample, f"{source}, line {line}: ") for path, sample, line in _core.read_list(listed)]
    if not named:
        raise UsageError("there are no files; name some, or a list of them with -i")
    files = [file for entry in named for file in _expand(entry)]
    inputs = _split(files) if split else _named(files)
    _check_names(inputs)
    _check_files([file for entry in inputs for file in zip(entry.paths, entry.places, strict=True)])
    return inputs


def check_output(output: str, inputs: Iterable[Input]) -> None:
    """Refuse to write the archive over one of the files it is made from."""
    if not os.path.exists(output):
        return
    for path in (path for file in inputs for path in file.paths):
        if path != STDIN and os.path.samefile(path, output):
            raise FileError(errno.EEXIST, f"{output}: is the output, and an input too")


def _expand(file: _File) -> Iterator[_File]:
    """Yield the FASTA files in a folder, or else the file itself."""
    path, sample, place = file
    if path == STDIN or not os.path.isdir(path):
        yield file
        return
    try:
        paths = _core.fasta_files(path)
    except InputError as error:
        raise InputError(f"{place}{error}") from None
    yield from ((path, sample, place) for path in paths)


def _split(files: Iterable[_File]) -> list[Input]:
    """Join neighbours that have the same name, or none."""
    return [Input(run, name) for name, run in groupby(files, key=itemgetter(1))]


def _named(files: Iterable[_File]) -> list[Input]:
    """Join neighbours of the same name, and name each of the others after its file."""
    inputs = []
    for file in _split(files):
        if file.sample is not None:
            inputs.append(file)
            continue
        for path, place in zip(file.paths, file.places, strict=True):
            if path == STDIN:
                raise UsageError(f"{place}standard input needs a sample name: NAME=-")
            if _is_nameless(path):
                raise UsageError(f"{place}{path} needs a sample name: NAME={path}")
            inputs.append(Input([(path, None, place)], _core.sample_name(path)))
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
                f"{file.places[0]}'{other.paths[0]}' and '{file.paths[0]}' would both be sample '{shown(file.sample)}';"
                " name one of them NAME=PATH, or both, one right behind the other, if they are parts of one sample"
            )


def _check_files(files: Sequence[tuple[str, str]]) -> None:
    if [path for path, _ in files].count(STDIN) > 1:
        raise UsageError("standard input can be read only once")
    for path, place in files:
        if path == STDIN:
            continue
        try:
            os.stat(path)
        except OSError as error:
            kind = MissingFileError if isinstance(error, FileNotFoundError) else FileError
            raise kind(error.errno, f"{place}{path}: cannot open: {error.strerror}") from None
        # Not by opening it: what a pipe holds can be read only once.
        if not os.access(path, os.R_OK):
            raise FileError(errno.EACCES, f"{place}{path}: cannot open: {os.strerror(errno.EACCES)}")
