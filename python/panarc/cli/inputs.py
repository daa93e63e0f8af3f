"""Which files a new archive is made from, checked before any work begins."""

from __future__ import annotations

import errno
import os
import stat
from dataclasses import dataclass

from .. import _core
from ..errors import DuplicateError, FileError, MissingFileError
from .status import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

STDIN = "-"


@dataclass(frozen=True, slots=True)
class Input:
    """A FASTA file and the name of its sample; the path ``-`` is standard input."""

    path: str
    sample: str


def collect(arguments: Sequence[str], lists: Iterable[str]) -> list[Input]:
    """Return the files that arguments and lists name, in that order.

    Raises
    ------
    UsageError
        If there is none, or standard input is asked for without a name or twice.
    DuplicateError
        If two samples have the same name.
    FileError
        If a file cannot be read.
    """
    named = [_core.parse_input(argument) for argument in arguments]
    for path in lists:
        named += _core.read_list(path)
    if not named:
        raise UsageError("there are no files to archive (see 'panarc create --help')")
    inputs = []
    for path, sample in ((os.fspath(path), sample) for path, sample in named):
        if path == STDIN and sample is None:
            raise UsageError("standard input needs a sample name: NAME=-")
        inputs.append(Input(path, _core.sample_name(path) if sample is None else sample))
    _check_names(inputs)
    _check_files(inputs)
    return inputs


def check_output(output: str, inputs: Iterable[Input]) -> None:
    """Refuse to write the archive over one of the files it is made from."""
    if not os.path.exists(output):
        return
    for file in inputs:
        if file.path != STDIN and os.path.samefile(file.path, output):
            raise FileError(errno.EEXIST, f"{output}: is the output, and an input too")


def _check_names(inputs: Iterable[Input]) -> None:
    files: dict[str, Input] = {}
    for file in inputs:
        other = files.setdefault(file.sample, file)
        if other is not file:
            raise DuplicateError(
                f"'{other.path}' and '{file.path}' would both be sample '{file.sample}'; name one of them: NAME=PATH"
            )


def _check_files(inputs: Sequence[Input]) -> None:
    if sum(file.path == STDIN for file in inputs) > 1:
        raise UsageError("standard input can be read only once")
    for path in (file.path for file in inputs if file.path != STDIN):
        try:
            mode = os.stat(path).st_mode
        except OSError as error:
            kind = MissingFileError if isinstance(error, FileNotFoundError) else FileError
            raise kind(error.errno, f"{path}: cannot open: {error.strerror}") from None
        if stat.S_ISDIR(mode):
            raise FileError(errno.EISDIR, f"{path}: cannot read: it is a directory")
        # Not by opening it: what a pipe holds can be read only once.
        if not os.access(path, os.R_OK):
            raise FileError(errno.EACCES, f"{path}: cannot open: {os.strerror(errno.EACCES)}")
