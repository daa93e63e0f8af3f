"""What an archive says about itself. Apart from `archive`, so that opening one need not load `dataclasses`."""

from __future__ import annotations

from dataclasses import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal


@dataclass(frozen=True, slots=True)
class Params:
    """Parameters that an archive was built with."""

    k: int
    min_match: int
    segment_size: int
    pack_cardinality: int


@dataclass(frozen=True, slots=True)
class ArchiveInfo:
    """What an archive says about itself.

    Parameters
    ----------
    format
        Major version of the file format.
    size
        Bytes of the file.
    groups
        Groups of similar segments.
    properties
        Version and producer, as the file has them.
    commands
        Command lines that made the archive, each with its date; archives of format 3 do not store them.
    case
        ``"upper"`` if nothing is known of lower case, ``"kept"`` if it was kept; ``"stale"`` if what was kept is for
        other samples, which another program added or removed, and ``"later"`` if a later version of panarc kept it. Of
        the latter two nothing is used: all bases are upper case.
    digests
        Which digests of contigs are stored: ``"auto"`` for those of long contigs whole and some bytes of the others',
        ``"full"`` for all, ``"none"``; ``"stale"`` and ``"later"`` as with `case`.
    digests_from
        Place of the first sample that has digests: panarc added digests to an archive that had none.
    md5
        Whether MD5s are stored beside them.
    """

    format: int
    size: int
    groups: int
    properties: dict[str, str]
    commands: tuple[tuple[str, str], ...]
    case: Literal["upper", "kept", "stale", "later"]
    digests: Literal["none", "auto", "full", "stale", "later"]
    digests_from: int
    md5: bool
