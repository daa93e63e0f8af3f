"""Archives that are not local files: behind a URL, or behind any object that gives ranges of bytes.

Nothing of this is loaded for local files. What is read when, and what is kept, the core decides; ranges are fetched
here.
"""

from __future__ import annotations

import os
import re

from ..errors import ParameterError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from .source import Source

_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]+)://")
_STORES = ("s3", "s3a", "gs", "az", "azure", "abfs", "abfss", "adl")


def scheme(url: str) -> str | None:
    """Return the scheme of a URL in lower case; None for what is no URL."""
    found = _SCHEME.match(url)
    return None if found is None else found[1].lower()


def local_only(path: str) -> None:
    """Refuse a URL where only a local archive will do.

    Raises
    ------
    ParameterError
        If it is one.
    """
    if scheme(path) is not None:
        from .connections import shown

        raise ParameterError(f"{shown(path)}: only a local archive can be added to; download it first")


def connect(what: object, options: Mapping[str, object] | None = None) -> Source | str:
    """Return what reads an archive by ranges; of what is a local file its path.

    Parameters
    ----------
    what
        A URL, or an object: see `panarc.open`.
    options
        What the way of access takes: see `panarc.open`.

    Raises
    ------
    MissingFileError, RemoteError
        If there is nothing, or it does not answer as it must.
    ParameterError
        If there is no way to read it, or not with these options.
    """
    if not isinstance(what, str):
        from .objects import from_object

        if options:
            raise ParameterError("an object that reads takes no storage_options; they are for URLs")
        return from_object(what)
    kind = scheme(what)
    if kind is None:
        return what
    if kind in ("http", "https"):
        from .http import HttpSource

        return HttpSource(what, options or {})
    if kind == "file":
        from urllib.parse import unquote, urlsplit

        return os.path.abspath(unquote(urlsplit(what).path))
    from .stores import from_fsspec, from_obstore, installed

    if kind in _STORES and installed("obstore"):
        return from_obstore(what, options or {})
    if installed("fsspec"):
        return from_fsspec(what, options or {})
    needed = "'obstore' (pip install 'panarc[cloud]'), or 'fsspec'" if kind in _STORES else "'fsspec'"
    raise ParameterError(f"{what}: to read {kind}:// a package is needed that is not installed: {needed}")
