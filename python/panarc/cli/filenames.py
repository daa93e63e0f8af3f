"""File names for samples, which may be called anything."""

from __future__ import annotations

import errno
import os

from ..errors import FileError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_UNSAFE = frozenset('/\\\x7f%:*?"<>|')


def file_name(sample: str, suffix: str) -> str:
    """Return a name that stays within its folder, and belongs to this sample alone.

    Separators of paths, control characters and the like become ``%`` and two hexadecimal digits, as does ``%`` itself.
    ``..`` needs no care: the suffix makes an ordinary name of it.
    """
    return "".join(f"%{ord(c):02X}" if c in _UNSAFE or c < " " else c for c in sample) + suffix


def place(folder: str, samples: list[str], suffixes: tuple[str, ...], *, force: bool) -> Iterator[str]:
    """Yield a path in the folder for each sample, when all are known to be free.

    The folder is made if its parent is there.

    Parameters
    ----------
    folder
        The folder.
    samples
        Names of samples.
    suffixes
        Suffix of a sample's file, and of the files beside it.
    force
        Whether files that are there may be replaced. A link is never followed.

    Raises
    ------
    FileError
        If a file is there that must not be replaced, or that belongs to another of the samples: the system may take
        names for one that differ.
    """
    try:
        os.mkdir(folder)
    except FileExistsError:
        if not os.path.isdir(folder):
            raise FileError(errno.ENOTDIR, f"{folder}: is not a folder") from None
    except OSError as error:
        raise FileError(error.errno, f"{folder}: cannot create: {error.strerror}") from None
    for sample in samples:
        for suffix in suffixes:
            path = os.path.join(folder, file_name(sample, suffix))
            if os.path.islink(path):
                raise FileError(errno.EEXIST, f"{path}: is a link; remove it first")
            if os.path.lexists(path) and not force:
                raise FileError(errno.EEXIST, f"{path}: is there already; --force replaces it")
    return _paths(folder, samples, suffixes[0])


def _paths(folder: str, samples: list[str], suffix: str) -> Iterator[str]:
    """Yield the path of each sample's file; that of the one before must be written by then."""
    written: dict[tuple[int, int], str] = {}
    for sample in samples:
        path = os.path.join(folder, file_name(sample, suffix))
        other = written.get(_identity(path))
        if other is not None:
            raise FileError(errno.EEXIST, f"{path}: samples '{other}' and '{sample}' have the same file name here")
        yield path
        written[_identity(path)] = sample


def _identity(path: str) -> tuple[int, int]:
    """Return what tells a file from all others; what is not there is none."""
    try:
        found = os.lstat(path)
    except OSError:
        return -1, -1
    return found.st_dev, found.st_ino
