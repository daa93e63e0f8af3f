"""File names for samples, which may be called anything."""

from __future__ import annotations

import errno
import os

from ..errors import FileError

_UNSAFE = frozenset('/\\\x7f%:*?"<>|')


def file_name(sample: str, suffix: str) -> str:
    """Return a name that stays within its folder, and belongs to this sample alone.

    Separators of paths, control characters and the like become ``%`` and two hexadecimal digits, as does ``%`` itself.
    ``..`` needs no care: the suffix makes an ordinary name of it.
    """
    return "".join(f"%{ord(c):02X}" if c in _UNSAFE or c < " " else c for c in sample) + suffix


def place(folder: str, samples: list[str], suffix: str, *, force: bool) -> list[str]:
    """Return a path in the folder for each sample; the folder is made if its parent is there.

    Raises
    ------
    FileError
        If one is there already, unless `force` allows to replace it. A link is never followed.
    """
    paths = [os.path.join(folder, file_name(sample, suffix)) for sample in samples]
    try:
        os.mkdir(folder)
    except FileExistsError:
        if not os.path.isdir(folder):
            raise FileError(errno.ENOTDIR, f"{folder}: is not a folder") from None
    except OSError as error:
        raise FileError(error.errno, f"{folder}: cannot create: {error.strerror}") from None
    for path in paths:
        if os.path.islink(path):
            raise FileError(errno.EEXIST, f"{path}: is a link; remove it first")
        if os.path.lexists(path) and not force:
            raise FileError(errno.EEXIST, f"{path}: is there already; --force replaces it")
    return paths
