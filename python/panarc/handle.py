"""What an archive is read by: opened once, and shared by all `Archive` objects that are made from one another."""

from __future__ import annotations

import os

from . import _core
from .cpus import available_cpus
from .errors import ParameterError
from .paths import lasting, one_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Protocol, TypeAlias, TypedDict

    from typing_extensions import Buffer

    from .remote.source import Source

    class _Seekable(Protocol):
        def seek(self, offset: int, whence: int = ..., /) -> int: ...
        def read(self, size: int = ..., /) -> bytes: ...

    class _Ranges(Protocol):
        def get_ranges(self, *, starts: Sequence[int], ends: Sequence[int]) -> Sequence[Buffer]: ...

    class _ReadAt(Protocol):
        def read_at(self, start: int, length: int, /) -> Buffer: ...

    #: An object of the caller's that an archive is read from.
    Readable: TypeAlias = _Seekable | _Ranges | _ReadAt

    class Options(TypedDict, total=False):
        """What an archive is opened with; see `panarc.open`. What is not there is as it is by default."""

        cache_bytes: int | None
        memory_limit: int | str | None
        threads: int | None
        upper: bool
        verify: bool
        storage_options: Mapping[str, object] | None

    #: What tells a file from others, and from what stood in its place before or after.
    Identity: TypeAlias = tuple[object, ...]

#: No machine has more to offer.
MOST_THREADS = 1024

_LARGEST = (1 << 64) - 1

#: How often a file is opened that is replaced by another one meanwhile.
_ATTEMPTS = 5


class Handle:
    """An archive that is open, and the names that were read from it.

    Parameters
    ----------
    core
        What reads.
    place
        Absolute path of a file, a URL, or the object that is read from.
    source
        What a URL or an object is read by; None for a file.
    identity
        What tells the file from others.
    """

    __slots__ = ("__weakref__", "core", "identity", "names", "pid", "place", "places", "source")

    def __init__(self, core: _core.Archive, place: object, source: Source | None, identity: Identity) -> None:
        self.core = core
        self.place = place
        self.source = source
        self.identity = identity
        self.names = tuple(core.samples())
        self.places = {name: number for number, name in enumerate(self.names)}
        self.pid = os.getpid()

    @property
    def version(self) -> Identity:
        """What tells the content from what stood there before or after; copies of a file may have the same."""
        return self.identity[2:] if self.source is None else self.identity[1:]

    @property
    def stale(self) -> bool:
        """Whether it was seen that the file is another one by now, so that nothing more can be read."""
        return bool(getattr(self.source, "changed", False))


def opened(path: object, options: Options) -> Handle:
    """Open an archive.

    Parameters
    ----------
    path
        A path, a URL, or an object; see `panarc.open`.
    options
        See there.

    Raises
    ------
    ParameterError
        If an option makes no sense.
    """
    make = _maker(options)
    if isinstance(path, (str, bytes, os.PathLike)):
        path = one_path(path)
        if "://" not in path:
            if options.get("storage_options"):
                raise ParameterError(f"{path}: storage_options are for URLs")
            return _file(path, make)
    from .remote import connect

    source = connect(path, options.get("storage_options"))
    if isinstance(source, str):
        return _file(source, make)
    core = make(source)
    if isinstance(path, str):
        return Handle(core, path, source, (path, core.size, *getattr(source, "identity", ())))
    return Handle(core, path, source, _of_object(path))


def identity_of(path: str) -> Identity | None:
    """Return what tells a file from others, and from what stood there before or after; None if there is none."""
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return None
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def effective_limit(memory_limit: int | str | None) -> int | None:
    """Return the bytes that an archive may take; None where nothing limits it."""
    if memory_limit is None and "PANARC_MEMORY_LIMIT" not in os.environ:
        return None
    from .config import Config

    return Config(memory_limit=memory_limit).effective_memory_limit()


def _maker(options: Options) -> Callable[[str | Source], _core.Archive]:
    """Return what opens with these options."""
    cache_bytes, threads = options.get("cache_bytes"), options.get("threads")
    if cache_bytes is not None and not 0 <= cache_bytes <= _LARGEST:
        raise ParameterError(f"cache_bytes is {cache_bytes}; it must not be negative")
    if threads is None:
        threads = available_cpus()
    if not 1 <= threads <= MOST_THREADS:
        raise ParameterError(f"threads is {threads}; it must be from 1 to {MOST_THREADS}")
    limit = effective_limit(options.get("memory_limit"))
    upper, verify = options.get("upper", False), options.get("verify", False)
    return lambda source: _core.Archive(
        source, cache_bytes=cache_bytes, memory_limit=limit, threads=threads, upper=upper, verify=verify
    )


def _file(path: str, make: Callable[[str | Source], _core.Archive]) -> Handle:
    place = lasting(path)
    before = identity_of(place)
    for _ in range(_ATTEMPTS):
        core, after = make(path), identity_of(place)
        if before == after:
            break
        before = after
    return Handle(core, place, None, after or (None, None, core.size, None))


def _of_object(what: object) -> Identity:
    """Return what tells an object from others; of a file that is open that of the file."""
    try:
        found = os.fstat(what.fileno())  # type: ignore[attr-defined]
    except (AttributeError, OSError, TypeError, ValueError):
        return "object", id(what)
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns
