"""What can go wrong.

Every error is a `panarc.Error`, and also the builtin that one would catch without knowing panarc.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Self


class Error(Exception):
    """Base of all errors of panarc."""

    def __str__(self) -> str:
        # A KeyError would show its message in quotes.
        return Exception.__str__(self)


class InputError(Error, ValueError):
    """A sequence file, a compressed stream or a list of files is not what it should be."""


class CorruptArchiveError(Error, ValueError):
    """The bytes of an archive contradict its format."""


class UnsupportedVersionError(CorruptArchiveError):
    """The archive is of a format that this version does not read."""


class FileError(Error, OSError):
    """The operating system refused to open, read or write something.

    Parameters
    ----------
    errno
        Number of the system's reason, or None.
    message
        The whole message: which file, what was tried, why not.
    """

    def __init__(self, errno: int | None, message: str) -> None:
        super().__init__(errno, message)

    def __str__(self) -> str:
        return str(self.strerror)


class MissingFileError(FileError, FileNotFoundError):
    """There is no such file."""


class RemoteError(FileError):
    """What an archive is read from does not answer, or not as it must: a server, a store, an object."""


class RemoteAccessError(RemoteError, PermissionError):
    """The server or store denies access."""


class RemoteTimeoutError(RemoteError, TimeoutError):
    """There was no answer in time, also when asked again."""


class RemoteChangedError(RemoteError):
    """The file is not the one that was opened."""


class NoRangesError(RemoteError):
    """The server gives whole files only, so that no part of an archive can be had."""


class _NotFoundError(Error, KeyError):
    """There is nothing of a name. The message may ask whether another name was meant."""

    _asked: tuple[str, Callable[[], Iterable[str]]] | None = None

    def asking(self, name: str, known: Callable[[], Iterable[str]]) -> Self:
        """Let the message, if it is ever read, name what is known and most like `name`; return this error."""
        self._asked = name, known
        return self

    def __str__(self) -> str:
        message = super().__str__()
        if self._asked is None:
            return message
        from .meant import meant

        name, known = self._asked
        try:
            return message + meant(name, known())
        except Error:
            # The archive is closed meanwhile, or damaged where its names are.
            return message

    def __reduce__(self) -> tuple[type[Self], tuple[str]]:
        return type(self), (str(self),)


class SampleNotFoundError(_NotFoundError):
    """The archive holds no sample of this name."""


class ContigNotFoundError(_NotFoundError):
    """The sample (or, where none was named, the archive) holds no contig of this name."""


class AmbiguousContigError(Error, KeyError):
    """Several contigs answer to the name: in several samples, or by the first word within one."""


class RangeError(Error, IndexError):
    """A range does not lie within its contig."""


class DuplicateError(Error, ValueError):
    """A name is given twice where names must be unique."""


class ParameterError(Error, ValueError):
    """A parameter is out of its range, or a call does not fit what went before."""


class MemoryLimitError(Error, MemoryError):
    """The memory limit cannot hold the work."""


class InternalError(Error, RuntimeError):
    """A fault of panarc itself."""


class UnrelatedSampleWarning(UserWarning):
    """A sample was appended that shares nearly nothing with the archive; see `BuildStats.unrelated`."""
