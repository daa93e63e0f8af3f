"""Repairing an archive: a new one with all that can be read of the old."""

from __future__ import annotations

from dataclasses import dataclass

from . import _core
from .config import Config
from .errors import ParameterError
from .paths import lasting, one_path
from .report import Finding, Report, made

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Literal

    from .paths import Path


@dataclass(frozen=True, slots=True)
class Repaired:
    """What a repair came to.

    Parameters
    ----------
    action
        ``"none"`` if the archive is whole: then nothing was written. ``"lengths"`` if all that was wrong were lengths
        that an old `append` of C++ AGC stored: all parts were copied, rows with right lengths written. ``"salvage"`` if
        what can be read was packed anew.
    report
        What `Archive.verify` says of the archive as it was.
    lost
        The contigs, and samples as a whole, that are not in the new archive, and why.
    samples, contigs
        Samples and contigs of the new archive, or of the one that is whole.
    unproven
        Those of the contigs that there was no digest to prove: they have the right lengths, and neighbouring segments
        agree, which is all that is known.
    case_lost
        Contigs whose lower case could not be read. They are in upper case.
    lengths
        Samples whose lengths were corrected.
    """

    action: Literal["none", "lengths", "salvage"]
    report: Report
    lost: tuple[Finding, ...]
    samples: int
    contigs: int
    unproven: int
    case_lost: int
    lengths: int

    @property
    def ok(self) -> bool:
        """Whether nothing is lost."""
        return not self.lost and not self.case_lost


def repair(
    path: Path,
    output: Path,
    *,
    threads: int | None = None,
    memory_limit: int | str | None = None,
    overwrite: bool = False,
    progress: Callable[[int], object] | None = None,
) -> Repaired:
    """Make a new archive of all that can be read of a damaged one, which stays as it is.

    A contig can be read if its segments can be decoded and agree with their neighbours and, where one is stored, with
    its digest. Samples of which no contig can be read are left out. Samples and contigs keep their order, and the new
    archive has the parameters, the lower case and the kind of digests of the old one.

    Parameters
    ----------
    path
        The archive.
    output
        The new archive, another file. It appears when it is complete, and not at all if there is nothing to repair.
    threads, memory_limit
        As for `create`.
    overwrite
        Replace what is at `output`.
    progress
        Called now and then with the number of samples that were looked at. What it raises ends the work.

    Raises
    ------
    ParameterError
        If the output is the archive itself.
    CorruptArchiveError
        If nothing can be read.
    FileError, MemoryLimitError
        As for `create`.

    Examples
    --------
    >>> found = panarc.repair("pop.agc", "repaired.agc")
    >>> found.action, found.ok, found.contigs
    ('none', True, 6)
    """
    config = Config(threads=threads, memory_limit=memory_limit)
    count = config.effective_threads()
    if not isinstance(count, int) or count < 1:
        raise ParameterError(f"threads is {count!r}; it must be at least 1")
    action, report, lost, counts = _core.repair(
        one_path(path),
        # The caller's `progress` may change the working directory.
        lasting(one_path(output)),
        threads=min(count, 1024),
        memory_limit=config.effective_memory_limit(),
        overwrite=overwrite,
        progress=progress,
    )
    return Repaired(action, made(report), tuple(Finding(*finding) for finding in lost), **counts)
