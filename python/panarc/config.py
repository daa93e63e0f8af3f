"""How an archive is built: the options, their defaults, and sizes as people write them."""

from __future__ import annotations

import os
import re

from .cpus import available_cpus
from .errors import ParameterError

TYPE_CHECKING = False

#: Environment variable that gives the memory limit where the caller gives none.
MEMORY_LIMIT_VARIABLE = "PANARC_MEMORY_LIMIT"

#: What may be worth more: time, or the archive's size.
LEVELS = ("fast", "balanced", "smallest")

#: Which digests of contigs may be stored.
DIGESTS = ("auto", "full", "none")

_UNITS = {"": 1} | {
    prefix + suffix: base**power
    for power, prefix in enumerate("kmgt", start=1)
    for suffix, base in (("", 1000), ("b", 1000), ("i", 1024), ("ib", 1024))
}
_UNITS["b"] = 1
_SIZE = re.compile(r"\s*([0-9]{1,20}(?:\.[0-9]{1,20})?)\s*([a-z]*)\s*", re.ASCII | re.IGNORECASE)


class Config:
    """Options of a build. Ranges are checked when the build begins.

    Parameters
    ----------
    k
        Bases that neighbouring segments of a contig share; 17 to 32. None for 21.
    min_match
        What the length of a match is counted from; 15 to 32. None for 15.
    segment_size
        Bases that the reference of a new group has about; 100 to 1,000,000. None for what suits the level and the first
        sample: 30,000 to 400,000.
    pack_cardinality
        Differences that are compressed together, and samples whose names are ("batch size" in C++ AGC). None for what
        suits the level: 100 or 200.
    threads
        Threads that work; None for as many as the process may use processors.
    memory_limit
        Bytes that the whole process may have resident, or a text for `parse_size`; None for the value of the
        environment variable PANARC_MEMORY_LIMIT and, where that is not set, what is resident already and half of
        what is free, at most 2 GiB.
    level
        ``"balanced"``, ``"fast"``, or ``"smallest"`` for an archive up to a quarter smaller in several times the time,
        whose ranges are more work to read.
    keep_case
        Keep lower case, so that it comes back when the archive is read. Without it lower case is taken as upper case.
    digests
        Which digests of contigs are stored, as refget has them: ``"auto"`` for those of contigs from 262,144 bases on,
        and the first 4 of the 24 bytes of the others'; ``"full"`` for all, whole; or ``"none"``.
    md5
        Store an MD5 of each contig beside its digest.
    """

    # No dataclass: to load what makes one takes longer than to pack a few viruses.
    __slots__ = (
        "digests",
        "k",
        "keep_case",
        "level",
        "md5",
        "memory_limit",
        "min_match",
        "pack_cardinality",
        "segment_size",
        "threads",
    )

    if TYPE_CHECKING:
        k: int | None
        min_match: int | None
        segment_size: int | None
        pack_cardinality: int | None
        threads: int | None
        memory_limit: int | str | None
        level: str
        keep_case: bool
        digests: str
        md5: bool

    def __init__(
        self,
        *,
        k: int | None = None,
        min_match: int | None = None,
        segment_size: int | None = None,
        pack_cardinality: int | None = None,
        threads: int | None = None,
        memory_limit: int | str | None = None,
        level: str = "balanced",
        keep_case: bool = False,
        digests: str = "auto",
        md5: bool = False,
    ) -> None:
        values = digests, k, keep_case, level, md5, memory_limit, min_match, pack_cardinality, segment_size, threads
        for name, value in zip(self.__slots__, values, strict=True):
            object.__setattr__(self, name, value)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a Config does not change; make another to have another {name}")

    def __repr__(self) -> str:
        return f"Config({', '.join(f'{name}={getattr(self, name)!r}' for name in self.__slots__)})"

    def effective_threads(self) -> int:
        """Return the number of threads, with None resolved.

        Examples
        --------
        >>> panarc.Config(threads=3).effective_threads()
        3
        """
        return available_cpus() if self.threads is None else self.threads

    def effective_memory_limit(self) -> int | None:
        """Return the memory limit in bytes, with text parsed and None looked up in the environment.

        Examples
        --------
        >>> panarc.Config(memory_limit="1GB").effective_memory_limit()
        1000000000
        """
        if self.memory_limit is not None:
            return parse_size(self.memory_limit)
        text = os.environ.get(MEMORY_LIMIT_VARIABLE, "").strip()
        if not text:
            return None
        try:
            return parse_size(text)
        except ParameterError as error:
            raise ParameterError(f"{MEMORY_LIMIT_VARIABLE}: {error}") from None


def parse_size(size: int | str) -> int:
    """Return a number of bytes from a number or a text such as ``64MB``, ``1.5 GiB`` or ``500k``.

    Units count in thousands (``k``, ``M``, ``G``, ``T``, with or without ``B``) or, with an ``i``, in 1024s (``KiB``,
    ``Mi``); upper and lower case are the same.

    Raises
    ------
    ParameterError
        If it is no size, or not above zero.

    Examples
    --------
    >>> panarc.parse_size("64MB")
    64000000
    """
    if isinstance(size, bool) or not isinstance(size, (int, str)):
        raise ParameterError(f"a size is a number of bytes or a text such as '64MB', not {type(size).__name__}")
    if isinstance(size, int):
        count = size
    else:
        match = _SIZE.fullmatch(size)
        unit = match and _UNITS.get(match[2].lower())
        if match is None or unit is None:
            raise ParameterError(
                f"'{size}' is no size; write a number of bytes, or a number and a unit: 500k, 64MB, 1GiB"
            )
        whole, _, fraction = match[1].partition(".")
        count = int(whole + fraction) * unit // 10 ** len(fraction)
    if count <= 0:
        raise ParameterError(f"a size must be at least one byte, not {size}")
    return count
