"""An archive that is open: how it came to be, what it is called and holds, and its end."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

from . import _core
from .cpus import available_cpus
from .errors import ParameterError, SampleNotFoundError
from .names import shown
from .sample import Sample

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from types import TracebackType
    from typing import Any, Protocol, Self

    from typing_extensions import Buffer

    from .facts import ArchiveInfo, Params
    from .remote.source import Source

    class _Seekable(Protocol):
        def seek(self, offset: int, whence: int = ..., /) -> int: ...
        def read(self, size: int = ..., /) -> bytes: ...

    class _Ranges(Protocol):
        def get_ranges(self, *, starts: Sequence[int], ends: Sequence[int]) -> Sequence[Buffer]: ...

    class _ReadAt(Protocol):
        def read_at(self, start: int, length: int, /) -> Buffer: ...

    #: An object of the caller's that an archive is read from.
    Readable = _Seekable | _Ranges | _ReadAt

#: No machine has more to offer.
MOST_THREADS = 1024

_LARGEST = (1 << 64) - 1


class Opened(Mapping[str, Sample]):
    """What an `Archive` is before anything is read from it but names."""

    def __init__(
        self,
        path: str | os.PathLike[str] | Readable,
        *,
        cache_bytes: int | None = None,
        memory_limit: int | str | None = None,
        threads: int | None = None,
        upper: bool = False,
        verify: bool = False,
        storage_options: Mapping[str, object] | None = None,
    ) -> None:
        if cache_bytes is not None and not 0 <= cache_bytes <= _LARGEST:
            raise ParameterError(f"cache_bytes is {cache_bytes}; it must not be negative")
        given = threads
        if threads is None:
            threads = available_cpus()
        if not 1 <= threads <= MOST_THREADS:
            raise ParameterError(f"threads is {threads}; it must be from 1 to {MOST_THREADS}")
        limit = None
        if memory_limit is not None or "PANARC_MEMORY_LIMIT" in os.environ:
            from .config import Config

            limit = Config(memory_limit=memory_limit).effective_memory_limit()
        source: str | os.PathLike[str] | Source
        if isinstance(path, (str, os.PathLike)) and "://" not in str(path):
            source = path
            if storage_options:
                raise ParameterError(f"{path}: storage_options are for URLs")
        else:
            from .remote import connect

            source = connect(path, storage_options)
        self._core: _core.Archive | None = _core.Archive(
            source, cache_bytes=cache_bytes, memory_limit=limit, threads=threads, upper=upper, verify=verify
        )
        local = os.fspath(source) if isinstance(source, (str, os.PathLike)) else None
        self._remote = local is None
        #: What it is opened by again.
        self._given = path if local is None else local
        self._options = {
            "cache_bytes": cache_bytes,
            "memory_limit": memory_limit,
            "threads": given,
            "upper": upper,
            "verify": verify,
            "storage_options": storage_options,
        }
        self._path = os.fspath(path) if isinstance(path, (str, os.PathLike)) else self._core.name
        self._identity = (self._path, self._core.size) if local is None else _identity(local)
        # A URL may hold a password or a signature, which messages must not show.
        self._shown = self._core.name
        self._verify_reads = verify
        self._names = tuple(self._core.samples())
        self._places = {name: place for place, name in enumerate(self._names)}

    @property
    def path(self) -> str:
        """The file or URL, as it was given; of an object its name."""
        return self._path

    @property
    def verify_reads(self) -> bool:
        """Whether bases are checked before they are given."""
        return self._verify_reads

    @property
    def samples(self) -> tuple[str, ...]:
        """Names of the samples, in the archive's order."""
        return self._names

    @property
    def reference(self) -> str | None:
        """Name of the reference sample, which is the first one; None if there is no sample."""
        return self._names[0] if self._names else None

    @property
    def params(self) -> Params:
        """Parameters that the archive was built with."""
        from .facts import Params

        return Params(**self._native().params)

    @property
    def info(self) -> ArchiveInfo:
        """What the archive says about itself."""
        from .facts import ArchiveInfo

        core = self._native()
        return ArchiveInfo(
            core.format,
            core.size,
            core.group_count,
            dict(core.info),
            tuple(core.commands),
            core.case,
            *core.digests,
        )

    def clear_cache(self) -> None:
        """Give back the memory of decoded segments; the archive stays open.

        Examples
        --------
        >>> panarc.open("pop.agc").clear_cache()
        """
        self._native().clear_cache()

    def close(self) -> None:
        """Let go of the file. Samples and contigs of a closed archive give nothing any more.

        Examples
        --------
        >>> archive = panarc.open("pop.agc")
        >>> archive.close()
        >>> archive.closed
        True
        """
        self._core = None

    @property
    def closed(self) -> bool:
        """Whether the archive is closed."""
        return self._core is None

    def __contains__(self, sample: object) -> bool:
        return sample in self._places

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    # A mapping compares its items otherwise, and cannot be hashed.
    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Opened):
            return NotImplemented
        return self is other or self._identity == other._identity

    def __hash__(self) -> int:
        return hash(self._identity)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __reduce__(self) -> tuple[Callable[..., Opened], tuple[object, ...]]:
        self._native()
        given = self._given if self._remote else os.path.abspath(str(self._given))
        return _opened_again, (type(self), given, self._options)

    def __repr__(self) -> str:
        state = ", closed" if self.closed else ""
        return f"<panarc.Archive '{self._shown}', {len(self)} samples{state}>"

    def _native(self) -> _core.Archive:
        if self._core is None:
            raise ParameterError(f"{self._shown}: the archive is closed")
        return self._core

    def _check(self, sample: str) -> None:
        if sample not in self._places:
            name = repr(shown(sample) if isinstance(sample, str) else sample)
            raise SampleNotFoundError(f"{self._shown}: no sample named {name}").asking(
                str(sample), self._names.__iter__
            )

    def _chosen(self, samples: Iterable[str] | None) -> Sequence[str]:
        """Return names of samples that there are; all of them for None."""
        if samples is None:
            return self._names
        check_several(samples, "name", "names of samples")
        names = list(samples)
        for name in names:
            self._check(name)
        return names


def check_several(given: object, one: str, many: str) -> None:
    """Refuse a string where several are expected: it would be taken letter by letter."""
    if isinstance(given, (str, bytes)):
        what = f"'{shown(given)}'" if isinstance(given, str) else repr(given)
        raise ParameterError(f"{what} is one {one}; a list of {many} is expected")


def _identity(path: str) -> tuple[object, ...]:
    """Return what tells a file from others, and from what stood there before or after."""
    found = os.stat(path)
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def _opened_again(
    kind: Callable[..., Opened], path: str | os.PathLike[str] | Readable, options: dict[str, Any]
) -> Opened:
    return kind(path, **options)
