"""Archives in object stores, by way of obstore or fsspec, whichever is installed."""

from __future__ import annotations

from functools import partial
from importlib.util import find_spec

from ..errors import MissingFileError, ParameterError, RemoteAccessError, RemoteChangedError, RemoteError
from .objects import ObjectSource
from .source import TAIL, never, side_by_side

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

#: Requests of one reader that are on their way at once.
_CONNECTIONS = 8


def installed(package: str) -> bool:
    """Whether a package is there, without loading it."""
    return find_spec(package) is not None


class ObstoreSource:
    """An object of a store that obstore knows. Every read is on the condition that the object is still the same.

    Parameters
    ----------
    url
        Store, bucket and key.
    options
        What `obstore.store.from_url` takes: ``config``, ``client_options``, ``retry_config``, and keys of the store.
    """

    def __init__(self, url: str, options: Mapping[str, Any]) -> None:
        import obstore
        from obstore.store import from_url

        head, separator, key = url.partition("://")[2].partition("/")
        if not separator or not key:
            raise ParameterError(f"{url}: a bucket and the key of an archive are expected")
        self.name = url
        self.bundles = False
        self._key = key
        self._errors = obstore.exceptions
        # Some of its errors are builtin ones alone.
        self._failures = (self._errors.BaseError, OSError, ValueError)
        try:
            self._store: Any = from_url(f"{url.partition('://')[0]}://{head}", **options)
        except self._errors.BaseError as error:
            raise ParameterError(f"{url}: {_first_line(error)}") from None
        except (TypeError, ValueError) as error:
            raise ParameterError(f"{url}: storage_options: {_first_line(error)}") from None
        self._tag: str | None = None
        #: Whether it was seen that the object is another one by now.
        self.changed = False
        self._get: Any = partial(obstore.get, self._store, self._key)
        try:
            # In a thread of its own: obstore does not hear Ctrl-C.
            [(meta, self.tail)] = side_by_side(lambda _: self._end(), 1, 1)
        except self._failures as error:
            raise self._explained(error) from None
        self.size = int(meta["size"])
        self._tag, self._date = meta["e_tag"], meta["last_modified"]

    @property
    def identity(self) -> tuple[str, str]:
        """What the store tells of this version of the object: tag and date."""
        return self._tag or "", str(self._date)

    def _end(self) -> tuple[Any, bytes]:
        """Return what the store tells of the object, and its end."""
        try:
            found = self._ask(range={"suffix": TAIL})
            return found.meta, bytes(found.bytes())
        except self._errors.NotSupportedError:
            # Azure has no ranges from the end. The core asks for it when it knows how much it needs.
            import obstore

            return obstore.head(self._store, self._key), b""

    def _ask(self, **options: Any) -> Any:
        return self._get(options=options)

    def read_ranges(self, ranges: list[tuple[int, int]], given_up: Callable[[], bool] = never) -> list[bytes]:
        """Return the bytes of each range."""
        return side_by_side(lambda number: self._read(*ranges[number]), len(ranges), _CONNECTIONS, given_up)

    def _read(self, start: int, end: int) -> bytes:
        condition = {} if self._tag is None else {"if_match": self._tag}
        try:
            found = self._ask(range=(start, end), **condition)
            meta, given, part = found.meta, tuple(found.range), bytes(found.bytes())
        except self._errors.PreconditionError:
            raise self._changed() from None
        except self._failures as error:
            raise self._explained(error) from None
        if meta["size"] != self.size or meta["e_tag"] != self._tag or meta["last_modified"] != self._date:
            raise self._changed()
        if given != (start, end) or len(part) != end - start:
            raise RemoteError(None, f"{self.name}: cannot read: the store gave another range than was asked for")
        return part

    def _changed(self) -> RemoteChangedError:
        self.changed = True
        return RemoteChangedError(None, f"{self.name}: the object has changed since it was opened; open it again")

    def _explained(self, error: Exception) -> RemoteError | MissingFileError:
        if isinstance(error, (self._errors.NotFoundError, FileNotFoundError)):
            return MissingFileError(None, f"{self.name}: cannot open: there is no such object")
        if isinstance(error, (self._errors.PermissionDeniedError, self._errors.UnauthenticatedError, PermissionError)):
            return RemoteAccessError(None, f"{self.name}: cannot read: access is denied; are the credentials right?")
        return RemoteError(None, f"{self.name}: cannot read: {_first_line(error)}")


def from_obstore(url: str, options: Mapping[str, Any]) -> ObstoreSource:
    """Return what reads an object by way of obstore."""
    return ObstoreSource(url, options)


def from_fsspec(url: str, options: Mapping[str, Any]) -> ObjectSource:
    """Return what reads by way of fsspec, which knows many kinds of stores.

    fsspec has no conditional reads: of an object that changes only what contradicts itself is noticed.
    """
    from fsspec.core import url_to_fs

    try:
        system, path = url_to_fs(url, **options)
        size = system.info(path)["size"]
    except FileNotFoundError:
        raise MissingFileError(None, f"{url}: cannot open: there is no such file") from None
    except PermissionError:
        raise RemoteAccessError(None, f"{url}: cannot read: access is denied; are the credentials right?") from None
    except (ValueError, ImportError, TypeError) as error:
        # The protocol is not known, or needs another package, which fsspec names.
        raise ParameterError(f"{url}: {_first_line(error)}") from None
    except OSError as error:
        raise RemoteError(error.errno, f"{url}: cannot open: {_first_line(error)}") from None
    if not isinstance(size, int):
        raise RemoteError(None, f"{url}: cannot open: its size is not known")

    def read(ranges: list[tuple[int, int]]) -> list[bytes]:
        starts, ends = [start for start, _ in ranges], [end for _, end in ranges]
        try:
            parts = system.cat_ranges([path] * len(ranges), starts, ends, on_error="raise")
        except FileNotFoundError:
            raise MissingFileError(None, f"{url}: cannot read: the file is gone") from None
        except OSError as error:
            raise RemoteError(error.errno, f"{url}: cannot read: {_first_line(error)}") from None
        return [bytes(part) for part in parts]

    return ObjectSource(read, url, size, apart=True)


def _first_line(error: BaseException) -> str:
    """Return what an error says: its first line, not too long."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0][:300]
