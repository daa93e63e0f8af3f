"""Read windows of an archive with one library, and print what it took.  A program of its own, see ``windows.py``.

Each measurement has a process of its own, so that no library meets what another one, or another measurement, left in
memory.  The argument is a file with the job as JSON; the result is printed as JSON.  All libraries are called as their
users call them from Python, and get the same windows in the same order.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
from abc import ABC, abstractmethod
from hashlib import blake2b
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

#: Sample, contig, start and end; from 0, half-open.
Window = tuple[str, str, int, int]

_OPENINGS = 9
_BATCH = 1000


class Reader(ABC):
    """An open archive."""

    @abstractmethod
    def samples(self) -> list[str]:
        """Return the names of all samples."""

    @abstractmethod
    def contigs(self, sample: str) -> list[tuple[str, int]]:
        """Return names and lengths of a sample's contigs."""

    @abstractmethod
    def fetch(self, window: Window) -> bytes | str:
        """Return the bases of a window."""

    @abstractmethod
    def fetch_many(self, windows: list[Window]) -> list[bytes]:
        """Return the bases of many windows."""

    @abstractmethod
    def clear(self) -> None:
        """Forget all that was decoded."""


class PanarcReader(Reader):
    """panarc; where its cache cannot be emptied, it has no room for single windows, and for many is a new one."""

    def __init__(self, path: str, *, cold: bool, many: bool) -> None:
        import panarc

        self._open = panarc.open
        self._path = path
        self._emptied = hasattr(panarc.Archive, "clear_cache")
        self._roomless = cold and not many and not self._emptied
        self._archive = panarc.open(path, cache_bytes=0 if self._roomless else None)

    def samples(self) -> list[str]:
        """Return the names of all samples."""
        return list(self._archive.samples)

    def contigs(self, sample: str) -> list[tuple[str, int]]:
        """Return names and lengths of a sample's contigs."""
        return [(contig.header, len(contig)) for contig in self._archive[sample]]

    def fetch(self, window: Window) -> bytes | str:
        """Return the bases of a window."""
        sample, contig, start, end = window
        return self._archive.fetch(contig, start, end, sample=sample)

    def fetch_many(self, windows: list[Window]) -> list[bytes]:
        """Return the bases of many windows."""
        return self._archive.fetch_many(windows)

    def clear(self) -> None:
        """Forget all that was decoded."""
        if self._emptied:
            getattr(self._archive, "clear_cache")()  # noqa: B009 - not in every version
        elif not self._roomless:
            self._archive = self._open(self._path)


class AgcReader(Reader):
    """The Python module of C++ AGC, which keeps nothing that it decoded but one batch of descriptions."""

    def __init__(self, path: str, *, module: str, prefetch: bool) -> None:
        library = self._library(module)
        self._strings = library.StringVector
        self._archive = library.CAGCFile()
        if not self._archive.Open(path, prefetch):
            raise OSError("AGC cannot open its archive")

    @staticmethod
    def _library(module: str) -> Any:
        path = Path(module)
        sys.path.insert(0, str(path.parent if path.is_file() else path))
        return importlib.import_module("py_agc_api")

    def samples(self) -> list[str]:
        """Return the names of all samples."""
        names = self._strings()
        self._archive.ListSample(names)
        return list(names)

    def contigs(self, sample: str) -> list[tuple[str, int]]:
        """Return names and lengths of a sample's contigs."""
        names = self._strings()
        self._archive.ListCtg(sample, names)
        return [(name, self._archive.GetCtgLen(sample, name)) for name in names]

    def fetch(self, window: Window) -> bytes | str:
        """Return the bases of a window."""
        sample, contig, start, end = window
        bases: str = self._archive.GetCtgSeq(sample, contig, start, end - 1)
        return bases

    def fetch_many(self, windows: list[Window]) -> list[bytes]:
        """Refuse: there is no such call."""
        raise NotImplementedError

    def clear(self) -> None:
        """Do nothing: see above."""


def open_reader(job: dict[str, Any]) -> Reader:
    """Open the archive with the library of the job."""
    if job["library"] == "panarc":
        return PanarcReader(job["archive"], cold=job["cold"], many=job["task"] == "many")
    return AgcReader(job["archive"], module=job["module"], prefetch=job["prefetch"])


def contigs(job: dict[str, Any]) -> dict[str, Any]:
    """List all contigs with their lengths."""
    reader = open_reader(job)
    return {"contigs": [(sample, *contig) for sample in reader.samples() for contig in reader.contigs(sample)]}


def opening(job: dict[str, Any]) -> dict[str, Any]:
    """Open the archive and list its samples, several times; the first one, which may import something, apart."""
    seconds = []
    for _ in range(_OPENINGS + 1):
        start = time.perf_counter()
        names = open_reader(job).samples()
        seconds.append(time.perf_counter() - start)
    return {"seconds": seconds[1:], "count": 1, "digest": digest_of(sorted(names))}


def single(job: dict[str, Any]) -> dict[str, Any]:
    """Read one window after another."""
    return _timed(job, [job["windows"]])


def shared(job: dict[str, Any]) -> dict[str, Any]:
    """Read windows with several threads that share the archive."""
    windows, threads = job["windows"], job["threads"]
    size = -(-len(windows) // threads)
    return _timed(job, [windows[start : start + size] for start in range(0, len(windows), size)])


def many(job: dict[str, Any]) -> dict[str, Any]:
    """Read windows a thousand at a time."""
    reader, windows = open_reader(job), job["windows"]
    found: list[bytes] = []
    for timed in (False, True):
        if timed or not job["cold"]:
            found.clear()
            start = time.perf_counter()
            for at in range(0, len(windows), _BATCH):
                if job["cold"]:
                    reader.clear()
                found += reader.fetch_many(windows[at : at + _BATCH])
            seconds = time.perf_counter() - start
    return {"seconds": [seconds], "count": len(windows), "digest": digest_of(found)}


def _timed(job: dict[str, Any], shares: list[list[Window]]) -> dict[str, Any]:
    """Read the windows of each share with a thread of its own, once before the clock starts unless it is to be cold."""
    reader, cold = open_reader(job), job["cold"]
    found: list[list[bytes | str]] = [[] for _ in shares]

    def read(number: int, barrier: Barrier) -> None:
        fetch, clear, keep = reader.fetch, reader.clear, found[number].append
        barrier.wait()
        if cold:
            for window in shares[number]:
                clear()
                keep(fetch(window))
        else:
            for window in shares[number]:
                keep(fetch(window))

    for _ in range(1 if cold else 2):
        for share in found:
            share.clear()
        barrier = Barrier(len(shares))
        threads = [Thread(target=read, args=(number, barrier)) for number in range(1, len(shares))]
        for thread in threads:
            thread.start()
        start = time.perf_counter()
        read(0, barrier)
        for thread in threads:
            thread.join()
        seconds = time.perf_counter() - start
    windows = [window for share in found for window in share]
    return {"seconds": [seconds], "count": len(windows), "digest": digest_of(windows)}


def digest_of(texts: list[bytes | str] | list[bytes] | list[str]) -> str:
    """Return a digest of texts in their order."""
    state = blake2b(digest_size=16)
    for text in texts:
        data = text.encode() if isinstance(text, str) else text
        state.update(len(data).to_bytes(8, "little") + data)
    return state.hexdigest()


TASKS = {"contigs": contigs, "open": opening, "single": single, "many": many, "shared": shared}


def main() -> None:
    """Do the job of the argument."""
    job = json.loads(Path(sys.argv[1]).read_text())
    if "windows" in job:
        job["windows"] = [tuple(window) for window in json.loads(Path(job["windows"]).read_text())]
    json.dump(TASKS[job["task"]](job), sys.stdout)


if __name__ == "__main__":
    main()
