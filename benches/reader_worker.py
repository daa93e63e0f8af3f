"""Read windows and a whole sample with one library, and print what it took.  A program of its own, see ``readers.py``.

The argument is a file with the job as JSON; the result is printed as JSON.  Libraries that read FASTA get one plain,
indexed file for each sample, those that read archives one archive of all.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from comparison.window_worker import AgcReader, PanarcReader, Window, digest_of

#: Reads windows in their order.
Windows = Callable[[list[Window]], list[Any]]
#: Reads all contigs of a sample.
Whole = Callable[[str, list[str]], list[Any]]


def panarc(job: dict[str, Any]) -> tuple[Windows, Whole]:
    """One window after another, and contig after contig."""
    reader = PanarcReader(job["archive"], cold=False, many=False)
    whole = lambda sample, contigs: [reader._archive[sample][contig].sequence() for contig in contigs]  # noqa: E731
    return lambda windows: [reader.fetch(window) for window in windows], whole


def panarc_many(job: dict[str, Any]) -> tuple[Windows, Whole]:
    """All windows in one call, and all contigs."""
    reader = PanarcReader(job["archive"], cold=False, many=True)
    whole = lambda sample, contigs: reader._archive.fetch_many([(sample, c, 0, None) for c in contigs])  # noqa: E731
    return reader.fetch_many, whole


def agc(job: dict[str, Any]) -> tuple[Windows, Whole]:
    """The module of C++ AGC."""
    reader = AgcReader(job["archive"], module=job["module"], prefetch=False)
    whole = lambda sample, contigs: [reader._archive.GetCtgSeq(sample, c, -1, -1) for c in contigs]  # noqa: E731
    return lambda windows: [reader.fetch(window) for window in windows], whole


def pysam(job: dict[str, Any]) -> tuple[Windows, Whole]:
    """Samtools' index."""
    import pysam

    files = {sample: pysam.FastaFile(path) for sample, path in job["files"].items()}
    whole = lambda sample, contigs: [files[sample].fetch(_word(contig)) for contig in contigs]  # noqa: E731
    return lambda windows: [files[s].fetch(_word(c), start, end) for s, c, start, end in windows], whole


def pyfaidx(job: dict[str, Any]) -> tuple[Windows, Whole]:
    """The same index, in Python."""
    import pyfaidx

    files = {sample: pyfaidx.Fasta(path, as_raw=True) for sample, path in job["files"].items()}
    whole = lambda sample, contigs: [files[sample][_word(contig)][:] for contig in contigs]  # noqa: E731
    return lambda windows: [files[s][_word(c)][start:end] for s, c, start, end in windows], whole


def pyfastx(job: dict[str, Any]) -> tuple[Windows, Whole]:
    """An index in SQLite; its positions count from 1."""
    import pyfastx

    files = {sample: pyfastx.Fasta(path) for sample, path in job["files"].items()}
    whole = lambda sample, contigs: [files[sample][_word(contig)].seq for contig in contigs]  # noqa: E731
    return lambda windows: [files[s].fetch(_word(c), (start + 1, end)) for s, c, start, end in windows], whole


def _word(header: str) -> str:
    return header.split(maxsplit=1)[0]


LIBRARIES = {
    "panarc": panarc,
    "panarc, all at once": panarc_many,
    "agc": agc,
    "pysam": pysam,
    "pyfaidx": pyfaidx,
    "pyfastx": pyfastx,
}


def main() -> None:
    """Do the job of the argument."""
    job = json.loads(Path(sys.argv[1]).read_text())
    asked = [tuple(window) for window in json.loads(Path(job["windows"]).read_text())]
    start = time.perf_counter()
    windows, whole = LIBRARIES[job["library"]](job)
    opened = time.perf_counter()
    found = windows(asked)
    read = time.perf_counter()
    sample, contigs = job["sample"], job["contigs"]
    bases = whole(sample, contigs)
    end = time.perf_counter()
    seconds = {"open": opened - start, "windows": read - opened, "sample": end - read}
    json.dump({**seconds, "digest": digest_of(found) + digest_of(bases)}, sys.stdout)


if __name__ == "__main__":
    main()
