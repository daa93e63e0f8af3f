"""Lines of text as results: to standard output or into a file."""

from __future__ import annotations

import errno
import os
import sys

from .. import _core
from ..errors import FileError
from .messages import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


def encoded(line: str) -> bytes:
    """Return the bytes of a line; those of names are as in the archive."""
    return line.encode("utf-8", "surrogateescape")


def check_open() -> None:
    """Raise an error if there is no standard output."""
    if sys.stdout is None:
        raise FileError(errno.EBADF, "<standard output>: cannot write: it is closed")


def check_not_read(output: str | None, archives: Iterable[str]) -> None:
    """Raise an error if an output is the archive that is read."""
    if output in (None, "-"):
        return
    for archive in archives:
        if os.path.isfile(output) and os.path.exists(archive) and os.path.samefile(output, archive):
            raise FileError(errno.EEXIST, f"{output}: cannot write: it is the archive that is read")


def write_text(text: str) -> None:
    """Write what the command says of itself to standard output."""
    check_open()
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError as error:
        raise FileError(error.errno, f"<standard output>: cannot write: {error.strerror}") from None


def write_lines(lines: Iterable[str], output: str | None) -> None:
    """Write lines to a file or to standard output; names are escaped only where a terminal would obey them."""
    if output is None or output == "-":
        shown: Iterable[str] = map(printable, lines) if sys.stdout.isatty() else lines
        try:
            for line in shown:
                sys.stdout.buffer.write(encoded(line) + b"\n")
            sys.stdout.flush()
        except OSError as error:
            raise FileError(error.errno, f"<standard output>: cannot write: {error.strerror}") from None
        return
    write_file(b"".join(encoded(line) + b"\n" for line in lines), output)


def write_file(data: bytes, output: str) -> None:
    """Write a file, which appears when it is complete; pipes, devices and standard output (``-``) get it at once.

    A symbolic link stays one: what it leads to is replaced. A name such as ``a.tsv.gz`` says how it is compressed.
    """
    if output != "-":
        _core.write_text(output, data)
        return
    try:
        sys.stdout.buffer.write(data)
        sys.stdout.flush()
    except OSError as error:
        raise FileError(error.errno, f"<standard output>: cannot write: {error.strerror}") from None
