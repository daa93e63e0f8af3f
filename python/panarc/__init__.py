"""Archives of similar genomes: small, built in bounded memory, any range back in milliseconds.

>>> import panarc
>>> with panarc.create("pop.agc") as builder:               # doctest: +SKIP
...     builder.add_fasta("S288C.fa.gz")
>>> panarc.open("pop.agc")["S288C"]["chrI"][1000:1010]      # doctest: +SKIP
b'CACACCCACA'

Nothing but a few basics is loaded on import; the native part is when a name of it is first used. `TYPE_CHECKING` is set
here and elsewhere, not imported: checkers know it by its name, and `typing` would take longer to load than all else.
"""

from __future__ import annotations

from importlib import import_module

from .errors import (
    AmbiguousContigError,
    ContigNotFoundError,
    CorruptArchiveError,
    DuplicateError,
    Error,
    FileError,
    InputError,
    InternalError,
    MemoryLimitError,
    MissingFileError,
    NoRangesError,
    ParameterError,
    RangeError,
    RemoteAccessError,
    RemoteChangedError,
    RemoteError,
    RemoteTimeoutError,
    SampleNotFoundError,
    UnsupportedVersionError,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._core import __version__
    from .archive import Archive, open
    from .build_stats import BuildStats
    from .builder import Builder, append, create
    from .config import Config, parse_size
    from .contig import Contig
    from .facts import ArchiveInfo, Params
    from .region import Region, parse_region
    from .report import Finding, Report
    from .sample import Sample
    from .stats import ArchiveStats, GroupStats, SampleStats
    from .writers import ContigWriter, SampleWriter

__all__ = [
    "AmbiguousContigError",
    "Archive",
    "ArchiveInfo",
    "ArchiveStats",
    "BuildStats",
    "Builder",
    "Config",
    "Contig",
    "ContigNotFoundError",
    "ContigWriter",
    "CorruptArchiveError",
    "DuplicateError",
    "Error",
    "FileError",
    "Finding",
    "GroupStats",
    "InputError",
    "InternalError",
    "MemoryLimitError",
    "MissingFileError",
    "NoRangesError",
    "ParameterError",
    "Params",
    "RangeError",
    "Region",
    "RemoteAccessError",
    "RemoteChangedError",
    "RemoteError",
    "RemoteTimeoutError",
    "Report",
    "Sample",
    "SampleNotFoundError",
    "SampleStats",
    "SampleWriter",
    "UnsupportedVersionError",
    "__version__",
    "append",
    "create",
    "open",
    "parse_region",
    "parse_size",
]

_MODULES = {
    "__version__": "_core",
    "Archive": "archive",
    "ArchiveInfo": "facts",
    "Params": "facts",
    "open": "archive",
    "BuildStats": "build_stats",
    "Builder": "builder",
    "append": "builder",
    "create": "builder",
    "Config": "config",
    "parse_size": "config",
    "Contig": "contig",
    "Region": "region",
    "parse_region": "region",
    "Finding": "report",
    "Report": "report",
    "Sample": "sample",
    "ArchiveStats": "stats",
    "GroupStats": "stats",
    "SampleStats": "stats",
    "ContigWriter": "writers",
    "SampleWriter": "writers",
}


def __getattr__(name: str) -> object:
    module = _MODULES.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f".{module}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
