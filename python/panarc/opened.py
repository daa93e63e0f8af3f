"""An archive that is open: how it came to be, what it is called and holds, and its end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from .errors import ParameterError, SampleNotFoundError
from .handle import Handle, opened
from .names import shown
from .paths import one_path
from .sample import Sample

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from types import TracebackType
    from typing import Self

    from . import _core
    from .facts import ArchiveInfo, Params
    from .handle import Identity, Options, Readable
    from .paths import Path


class Opened(Mapping[str, Sample]):
    """What an `Archive` is before anything is read from it but names."""

    def __init__(
        self,
        path: Path | Readable,
        *,
        cache_bytes: int | None = None,
        memory_limit: int | str | None = None,
        threads: int | None = None,
        upper: bool = False,
        verify: bool = False,
        storage_options: Mapping[str, object] | None = None,
    ) -> None:
        options: Options = {
            "cache_bytes": cache_bytes,
            "memory_limit": memory_limit,
            "threads": threads,
            "upper": upper,
            "verify": verify,
            "storage_options": storage_options,
        }
        self._share(opened(path, options), options, path)

    def _share(self, handle: Handle, options: Options, path: object, told: Identity | None = None) -> None:
        """Begin, with what is open."""
        self._handle: Handle | None = handle
        self._options = options
        self._remote = handle.source is not None
        #: What it is opened by again.
        self._place = handle.place
        # A URL may hold a password or a signature, which messages must not show.
        self._shown = handle.core.name
        is_path = isinstance(path, (str, bytes)) or hasattr(path, "__fspath__")
        self._path = one_path(path) if is_path else self._shown
        self._identity = handle.identity
        #: Whether the file is another one than that of which the pickle was made that this came from.
        self._replaced = told is not None and told != handle.version
        self._names = handle.names
        self._places = handle.places

    @property
    def path(self) -> str:
        """The file or URL, as it was given; of an object its name."""
        return self._path

    @property
    def verify_reads(self) -> bool:
        """Whether bases are checked before they are given."""
        return bool(self._options.get("verify"))

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
        """Let go of the file. Samples and contigs of a closed archive give no more than names; copies stay open.

        Examples
        --------
        >>> archive = panarc.open("pop.agc")
        >>> archive.close()
        >>> archive.closed
        True
        """
        handle, self._handle = self._handle, None
        if handle is not None:
            from . import shared

            shared.shelf.drop(handle)

    @property
    def closed(self) -> bool:
        """Whether the archive is closed."""
        return self._handle is None

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

    def __copy__(self) -> Self:
        """Return another archive, which is closed by itself, of what is open."""
        copy = type(self).__new__(type(self))
        copy.__dict__.update(self.__dict__)
        copy._opened_handle()
        return copy

    def __deepcopy__(self, _memo: object) -> Self:
        # What is open never changes.
        return self.__copy__()

    def __reduce__(self) -> tuple[Callable[..., Opened], tuple[object, ...]]:
        from . import shared

        handle = self._opened_handle()
        shared.shelf.put(handle, self._options)
        options = {name: value for name, value in self._options.items() if value is not None and value is not False}
        return _opened_again, (type(self), self._place, options, handle.version)

    def __repr__(self) -> str:
        state = ", closed" if self.closed else ""
        return f"<panarc.Archive '{self._shown}', {len(self)} samples{state}>"

    def _repr_html_(self) -> str:
        from .notebook import archive

        return archive(self)

    def _ipython_key_completions_(self) -> list[str]:
        return list(self._names)

    def _native(self) -> _core.Archive:
        return self._opened_handle().core

    def _opened_handle(self) -> Handle:
        if self._handle is None:
            raise ParameterError(f"{self._shown}: the archive is closed")
        return self._handle

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


def _opened_again(kind: type[Opened], place: object, options: Options, told: Identity | None = None) -> Opened:
    """Return what was pickled: the archive that this process has open already, if it is of the file as it is now."""
    from . import shared

    archive = kind.__new__(kind)
    archive._share(shared.shelf.get(place, told, options), options, place, told)
    return archive
