"""Messages on standard error, and text that is safe to show on a terminal."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO

#: Erases the line of a terminal.
ERASE = "\r\x1b[K"


def erasable(stream: TextIO | None) -> bool:
    """Return whether a stream is a terminal on which a line can be erased and written again."""
    return stream is not None and stream.isatty() and os.environ.get("TERM", "dumb") != "dumb"


def printable(text: str) -> str:
    """Return text in which control characters, and bytes that are no text, are written as escapes."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


class Messages:
    """What a run says beside its results.

    Parameters
    ----------
    verbosity
        0 for errors and warnings only; 1 for what is done; 2 for more.
    """

    def __init__(self, verbosity: int = 0) -> None:
        self.verbosity = verbosity

    def error(self, text: str) -> None:
        """Say why the run fails."""
        _say(f"error: {text}")

    def warning(self, text: str) -> None:
        """Say what the user should know, though the run goes on."""
        _say(f"warning: {text}")

    def note(self, text: str, level: int = 1) -> None:
        """Say what is done, if the user wants to know."""
        if self.verbosity >= level:
            _say(text)


def tell(text: str) -> None:
    """Write text to standard error, if anybody listens."""
    try:
        # A progress line may stand there.
        sys.stderr.write(ERASE + text if erasable(sys.stderr) else text)
        sys.stderr.flush()
    except (OSError, ValueError, AttributeError):
        # There is nobody to tell.
        pass


def _say(text: str) -> None:
    tell(f"panarc: {printable(text)}\n")
