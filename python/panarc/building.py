"""To begin an archive, or to go on from one."""

from __future__ import annotations

from .builder import Builder
from .config import Config
from .paths import one_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .paths import Path


def create(
    path: Path | None,
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
    overwrite: bool = False,
) -> Builder:
    """Begin an archive.

    Nothing appears under `path` before the archive is complete; a file that is there stays until it is replaced. A
    relative path means what it means now, whatever the working directory is when the archive is complete.

    Parameters
    ----------
    path
        The archive; None or ``"-"`` for standard output.
    k
        Bases that neighbouring segments of a contig share; 17 to 32. None for 21.
    min_match
        What the length of a match is counted from; 15 to 32. None for 15.
    segment_size
        Bases that the reference of a new group has about; 100 to 1,000,000. None for what suits the level and the first
        sample: 30,000 to 400,000.
    pack_cardinality
        Differences that are compressed together, AGC's "batch size". None for what suits the level: 100 or 200.
    threads
        Threads that work; None for as many as the process may use processors. The archive is the same for any number.
    memory_limit
        Bytes that the whole process may have resident, or a text such as ``"256MB"``; None for the environment variable
        PANARC_MEMORY_LIMIT and, where that is not set, what the process has resident already and half of what is free,
        at most 2 GiB. The archive is the same for any limit that holds the collection's distinct sequence: five bytes
        of limit for each of its bases are enough. Where there is little memory, fewer threads work.
    level
        ``"balanced"``, ``"fast"``, or ``"smallest"`` for an archive up to a quarter smaller in several times the time,
        whose ranges are more work to read.
    keep_case
        Keep lower case, which is soft masking in most genomes, so that it comes back when the archive is read. Without
        it lower case is taken as upper case. What other programs read is upper case in any case.
    digests
        Which digests of contigs are stored, as refget has them, so that reading can be checked: ``"auto"`` for those of
        contigs from 262,144 bases on, and the first 4 of the 24 bytes of the others'; ``"full"`` for all, whole; or
        ``"none"``.
    md5
        Store an MD5 of each contig beside its digest.
    overwrite
        Replace what is there. Without it only an empty file is replaced, and nothing under a name such as ``a.fa`` or
        ``a.gz`` is made.

    Returns
    -------
    Builder
        Use it as a context manager.

    Raises
    ------
    ParameterError
        If a parameter is out of its range, or the name is not one for an archive.
    FileError
        If nothing can be written there, or something is there already.
    MemoryLimitError
        If the limit is too small, naming one that would do.

    Examples
    --------
    >>> with panarc.create("new.agc") as builder:
    ...     builder.add_fasta("genomes/a.fa")
    2
    """
    config = Config(
        k=k,
        min_match=min_match,
        segment_size=segment_size,
        pack_cardinality=pack_cardinality,
        threads=threads,
        memory_limit=memory_limit,
        level=level,
        keep_case=keep_case,
        digests=digests,
        md5=md5,
    )
    return Builder(path, config, overwrite=overwrite)


def append(
    archive: Path,
    *,
    output: Path | None = None,
    threads: int | None = None,
    memory_limit: int | str | None = None,
    level: str = "balanced",
    keep_case: bool = False,
    digests: str = "auto",
    md5: bool = False,
    overwrite: bool = False,
    wait: float = 0,
    skip_existing: bool = False,
) -> Builder:
    """Begin an archive that has all of another one, and what is added.

    The new archive is written beside the old one and takes its place when it is complete: whoever opens it meanwhile,
    or after the process was killed, finds the old one. An `Archive` that is open stays as it is.

    Parameters
    ----------
    archive
        The archive to go on from, of this program or of C++ AGC. Its parameters count. Formats 1 and 2 are written anew
        in format 3.
    output
        The new archive; ``"-"`` for standard output, None to replace the old one.
    threads, memory_limit
        As for `create`.
    level
        What goes for the packs that are written.
    keep_case
        Keep the lower case of what is added. An archive that has kept lower case goes on keeping it without being
        asked; in one that has not, the samples that are there stay upper case.
    digests, md5
        As for `create`, for what is added. An archive that has digests goes on storing them as it did; in one that has
        none, the samples that are there get none.
    overwrite
        Replace what is at `output`, or an archive that is read-only.
    wait
        Seconds to wait for another process that is writing the archive, or adding to it.
    skip_existing
        Pass over samples that the archive has already, by their names, in place of raising an error: a job that is
        started again adds what is missing. `Builder.skipped` has them. Where all are there, an archive that is to be
        replaced stays as it is. `Builder.sample` passes over none.

    Returns
    -------
    Builder
        Use it as a context manager.

    Raises
    ------
    CorruptArchiveError
        If the archive is damaged.
    ParameterError, FileError, MemoryLimitError
        As `create`.

    Examples
    --------
    >>> with panarc.append("pop.agc", output="larger.agc") as builder:
    ...     builder.add_fasta("genomes/a.fa", "a again")
    2
    """
    config = Config(
        threads=threads, memory_limit=memory_limit, level=level, keep_case=keep_case, digests=digests, md5=md5
    )
    archive = one_path(archive)
    if "://" in archive:
        from .remote import local_only

        local_only(archive)
    return Builder(
        archive if output is None else output,
        config,
        archive,
        overwrite=overwrite,
        wait=wait,
        skip_existing=skip_existing,
    )
