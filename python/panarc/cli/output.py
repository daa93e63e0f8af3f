"""Lines of text as results: to standard output or into a file."""

from __future__ import annotations

import sys

from ..errors import FileError
from .messages import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


def encoded(line: str) -> bytes:
    """Return the bytes of a line; those of names are as in the archive."""
    return line.encode("utf-8", "surrogateescape")


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
    text = b"".join(encoded(line) + b"\n" for line in lines)
    try:
        with open(output, "wb") as file:
            file.write(text)
    except OSError as error:
        raise FileError(error.errno, f"{output}: cannot write: {error.strerror}") from None
