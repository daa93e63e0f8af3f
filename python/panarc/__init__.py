"""Archives of similar genomes: small, built in bounded memory, any range back in milliseconds.

>>> import panarc
>>> with panarc.create("new.agc") as builder:
...     builder.add_fasta("genomes/a.fa")
2
>>> archive = panarc.open("new.agc")
>>> len(archive["a"]["chr1"][1000:1010])
10

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
    UnrelatedSampleWarning,
    UnsupportedVersionError,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._core import __version__
    from .archive import Archive, open
    from .build_stats import BuildStats
    from .builder import Builder
    from .building import append, create
    from .config import Config, parse_size
    from .contig import Contig
    from .facts import ArchiveInfo, Params
    from .record import Record
    from .region import Region, parse_region
    from .repaired import Repaired, repair
    from .report import Finding, Report
    from .sample import Sample
    from .stats import Along, AlongRow, ArchiveStats, GroupStats, SampleStats
    from .writers import ContigWriter, SampleWriter

__all__ = [
    "Along",
    "AlongRow",
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
    "Record",
    "Region",
    "RemoteAccessError",
    "RemoteChangedError",
    "RemoteError",
    "RemoteTimeoutError",
    "Repaired",
    "Report",
    "Sample",
    "SampleNotFoundError",
    "SampleStats",
    "SampleWriter",
    "UnrelatedSampleWarning",
    "UnsupportedVersionError",
    "__version__",
    "append",
    "create",
    "open",
    "parse_region",
    "parse_size",
    "repair",
]

_MODULES = {
    "__version__": "_core",
    "Archive": "archive",
    "ArchiveInfo": "facts",
    "Params": "facts",
    "open": "archive",
    "BuildStats": "build_stats",
    "Builder": "builder",
    "append": "building",
    "create": "building",
    "Config": "config",
    "parse_size": "config",
    "Contig": "contig",
    "Record": "record",
    "Region": "region",
    "parse_region": "region",
    "Repaired": "repaired",
    "repair": "repaired",
    "Finding": "report",
    "Report": "report",
    "Sample": "sample",
    "Along": "stats",
    "AlongRow": "stats",
    "ArchiveStats": "stats",
    "GroupStats": "stats",
    "SampleStats": "stats",
    "ContigWriter": "writers",
    "SampleWriter": "writers",
}


# Checkers would take any name for one that is there.
if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        module = _MODULES.get(name)
        if module is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value: object = getattr(import_module(f".{module}", __name__), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted(__all__)
