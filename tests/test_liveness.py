"""Nothing hangs, and nothing is left behind: no file, no thread. What hangs fails."""

from __future__ import annotations

import dataclasses
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import panarc
from helpers import Collection, bases, check, command, mutate, relatives, sha256, temporaries, write_collection
from measured import needs_linux, script
from panarc import errors

WATCHDOG = 30


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    rng = random.Random("liveness")
    ancestor = bases(rng, 2_000_000)
    collection: Collection = {f"g{number}": [("c", mutate(rng, ancestor, 0.01))] for number in range(5)}
    return write_collection(tmp_path_factory.mktemp("genomes"), collection)


@pytest.fixture(autouse=True)
def watchdog() -> Iterator[None]:
    """Ends a test that hangs in panarc: the signal is seen there as well."""

    def bark(*_: object) -> None:
        raise TimeoutError("this test hangs")

    before = signal.signal(signal.SIGALRM, bark)
    signal.alarm(2 * WATCHDOG)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def crew() -> list[str]:
    """Names of the threads that panarc has started in this process and not ended."""
    names = []
    for task in Path("/proc/self/task").iterdir():
        try:
            names.append((task / "comm").read_text().strip())
        except (FileNotFoundError, ProcessLookupError):
            continue
    return [name for name in names if name.startswith("panarc-")]


def crew_of(size: int) -> bool:
    """Whether so many are there. A thread has its name, and is off the list when it has ended, a moment later."""
    deadline = time.monotonic() + 1
    wanted = sorted(f"panarc-{number}" for number in range(1, size + 1))
    while sorted(crew()) != wanted and time.monotonic() < deadline:
        time.sleep(0.001)
    return sorted(crew()) == wanted


# --- Ctrl-C ----------------------------------------------------------------------------------------------------------


def test_interrupted_at_any_moment(files: list[Path], rng: random.Random, tmp_path: Path) -> None:
    """Many names for the same files, so that the work does not end before the signal comes."""
    inputs = [f"{file.stem}_{copy}={file}" for copy in range(60) for file in files]
    for moment in sorted([0.0, *(rng.uniform(0, 1.2) for _ in range(11))]):
        process = subprocess.Popen(
            command("create", "-t", rng.choice("123"), "-o", tmp_path / "a.agc", *inputs),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        try:
            deadline = time.monotonic() + WATCHDOG
            while not temporaries(tmp_path, process.pid):
                assert process.poll() is None and time.monotonic() < deadline
                time.sleep(0.002)
            time.sleep(moment)
            assert process.poll() is None, "it was ready before it could be interrupted"
            sent = time.monotonic()
            process.send_signal(signal.SIGINT)
            _, said = process.communicate(timeout=WATCHDOG)
            took = time.monotonic() - sent
        finally:
            process.kill()
            process.wait()
        assert (process.returncode, b"Traceback" in said) == (130, False), (moment, said)
        assert took < 1, moment
        assert list(tmp_path.iterdir()) == [], moment


# --- sources ---------------------------------------------------------------------------------------------------------


class SourceError(Exception):
    """Not an error of panarc."""


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("sample", [0, 1, 3])
def test_a_source_that_raises(threads: int, sample: int, tmp_path: Path) -> None:
    rng = random.Random("raises")
    ancestor = bases(rng, 400_000)

    def contigs(number: int) -> Iterator[tuple[str, Iterator[bytes]]]:
        def pieces() -> Iterator[bytes]:
            for at in range(0, len(ancestor), 1000):
                if number == sample and at == 300_000:
                    raise SourceError
                yield ancestor[at : at + 1000]

        yield "c", pieces()

    with pytest.raises(SourceError), panarc.create(tmp_path / "a.agc", threads=threads) as builder:
        for number in range(5):
            builder.add_sample(f"s{number}", contigs(number))
    assert list(tmp_path.iterdir()) == []
    if sys.platform == "linux":
        assert crew_of(0)


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_a_source_that_stalls(threads: int, rng: random.Random, tmp_path: Path) -> None:
    """The crew runs out of work again and again, and the archive is the one that a quick source gives."""
    ancestor = bases(rng, 300_000)
    collection = {f"s{number}": [("c", mutate(rng, ancestor))] for number in range(4)}

    def slowly(letters: bytes) -> Iterator[bytes]:
        at = 0
        while at < len(letters):
            size = rng.choice([1, 100, 20_000, 100_000])
            yield letters[at : at + size]
            at += size
            time.sleep(rng.choice([0, 0, 0.001, 0.02]))

    for path, source in (tmp_path / "quick", lambda letters: letters), (tmp_path / "slow", slowly):
        with panarc.create(path, threads=threads) as builder:
            for sample, records in collection.items():
                builder.add_sample(sample, [(header, source(letters)) for header, letters in records])
    assert sha256(tmp_path / "slow") == sha256(tmp_path / "quick")


# --- threads ---------------------------------------------------------------------------------------------------------


def test_builders_side_by_side(tmp_path: Path) -> None:
    """Each in a thread of Python's: no archive knows of the others."""
    collections = [relatives(random.Random(number), 5, [200_000, 20_000]) for number in range(6)]

    def build(path: Path, collection: Collection) -> str:
        with panarc.create(path, threads=2, segment_size=2000) as builder:
            for sample, records in collection.items():
                builder.add_sample(sample, records)
        return sha256(path)

    alone = [build(tmp_path / f"alone{number}", collection) for number, collection in enumerate(collections)]
    paths = [tmp_path / f"together{number}" for number in range(len(collections))]
    with ThreadPoolExecutor(len(collections)) as pool:
        together = list(pool.map(build, paths, collections))
    assert together == alone
    assert len(set(alone)) == len(alone)


def test_python_runs_while_panarc_works(files: list[Path], tmp_path: Path) -> None:
    """The interpreter's lock is free: another thread comes to run all the time."""
    longest, stop = 0.0, threading.Event()

    def tick() -> None:
        nonlocal longest
        last = time.monotonic()
        while not stop.is_set():
            time.sleep(0.001)
            now = time.monotonic()
            longest, last = max(longest, now - last), now

    ticker = threading.Thread(target=tick)
    ticker.start()
    try:
        with panarc.create(tmp_path / "a.agc", threads=2) as builder:
            for file in files:
                builder.add_fasta(file)
    finally:
        stop.set()
        ticker.join()
    assert builder.stats is not None
    assert longest < max(0.5, builder.stats.elapsed / 2)


@needs_linux
@pytest.mark.parametrize("end", ["finish", "abort", "exception", "error", "drop"])
def test_no_thread_is_left(end: str, files: list[Path], tmp_path: Path) -> None:
    assert crew_of(0)
    builder = panarc.create(tmp_path / "a.agc", threads=4)
    assert crew_of(3)
    for file in files[:2]:
        builder.add_fasta(file)
    if end == "finish":
        builder.close()
    elif end == "abort":
        builder.abort()
    elif end == "exception":
        with pytest.raises(SourceError), builder:
            raise SourceError
    elif end == "error":
        with pytest.raises(errors.DuplicateError):
            builder.add_fasta(files[0])
    else:
        del builder
    assert crew_of(0)
    assert [path.name for path in tmp_path.iterdir()] == ["a.agc"] * (end == "finish")


@needs_linux
def test_threads_are_the_crew_and_the_caller(tmp_path: Path) -> None:
    for threads in (1, 2, 7):
        with panarc.create(tmp_path / "a.agc", threads=threads, overwrite=True) as builder:
            assert crew_of(threads - 1)
            builder.add_sample("s", [("c", b"ACGT")])


# --- fork ------------------------------------------------------------------------------------------------------------

FORK = """
import os, signal, sys, time, panarc
path, how, *files = sys.argv[1:]
builder = panarc.create(path, threads=3)
for file in files[:2]:
    builder.add_fasta(file)
child = os.fork()
if child == 0:
    signal.alarm(20)
    if how == "leave":
        os._exit(0)
    if how == "exit":
        sys.exit(0)
    if how == "drop":
        del builder
    elif how == "abort":
        builder.abort()
    elif how == "raise":
        try:
            with builder:
                raise KeyError
        except KeyError:
            pass
    elif how == "own":
        with panarc.create(path + ".own", threads=2) as own:
            own.add_fasta(files[0])
    else:
        try:
            if how == "add":
                builder.add_fasta(files[2])
            elif how == "close":
                builder.close()
            else:
                builder.sample("x").__enter__()
        except panarc.ParameterError as error:
            assert "fork" in str(error), error
        else:
            os._exit(3)
    sys.exit(0)
_, status = os.waitpid(child, 0)
assert status == 0, status
for file in files[2:]:
    builder.add_fasta(file)
builder.close()
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
@pytest.mark.parametrize("how", ["leave", "exit", "drop", "abort", "raise", "own", "add", "close", "sample"])
def test_fork_while_a_builder_is_open(how: str, files: list[Path], tmp_path: Path) -> None:
    """The child has nothing of the builder, and can do it no harm; the parent goes on."""
    with panarc.create(tmp_path / "alone.agc", threads=3) as builder:
        for file in files:
            builder.add_fasta(file)
    path = tmp_path / "a.agc"
    script(FORK, path, how, *files, timeout=WATCHDOG)
    assert sha256(path) == sha256(tmp_path / "alone.agc")
    assert {found.name for found in tmp_path.iterdir()} - {"a.agc.own"} == {"a.agc", "alone.agc"}
    if how == "own":
        with panarc.open(tmp_path / "a.agc.own") as archive:
            assert len(archive.samples) == 1


# --- a disk that is full ---------------------------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform == "win32", reason="there are no limits of file size")
@pytest.mark.parametrize("most", [0, 1000, 300_000])
def test_a_file_that_may_not_grow(most: int, files: list[Path], tmp_path: Path) -> None:
    code = """
import resource, signal, sys, panarc
path, most, *files = sys.argv[1:]
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(most), int(most)))
try:
    with panarc.create(path, threads=2) as builder:
        for file in files:
            builder.add_fasta(file)
except panarc.FileError as error:
    assert isinstance(error, OSError)
    print(error)
"""
    said = script(code, tmp_path / "a.agc", str(most), *files)
    assert len(said.splitlines()) == 1
    assert str(tmp_path) in said
    assert list(tmp_path.iterdir()) == []


@needs_linux
@pytest.mark.parametrize("size", ["64k", "1m"])
def test_a_full_disk(size: str, files: list[Path], tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(disk)]
    try:
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("a small file system cannot be mounted here")
    try:
        with pytest.raises(errors.FileError, match="space"), panarc.create(disk / "a.agc", threads=2) as builder:
            for file in files:
                builder.add_fasta(file)
        assert list(disk.iterdir()) == []
        assert crew_of(0)
    finally:
        subprocess.run(["umount", str(disk)], check=True)


# --- statistics ------------------------------------------------------------------------------------------------------

COUNTS = ["samples", "contigs", "bases", "segments", "groups", "archive_bytes", "input_bytes", "spilled_bytes"]
STAGES = {"parse", "map", "digest", "settle", "encode", "write"}
CONSUMERS = {"in_flight", "references", "groups", "bank", "seeds", "keys", "writer", "tools", "digests"}


def check_stats(stats: dict[str, object], files: list[Path], archive: Path) -> None:
    others = {"mapped_sparsely", "unrelated", "elapsed", "waited", "seconds", "peak_bytes"}
    assert set(stats) == {*COUNTS, "memory_limit", "unrelated_samples", *others}
    assert all(type(stats[name]) is int for name in [*COUNTS, "memory_limit", "unrelated_samples"])
    assert stats["samples"] == stats["contigs"] == len(files)
    assert stats["input_bytes"] == sum(file.stat().st_size for file in files)
    assert stats["archive_bytes"] == archive.stat().st_size
    with panarc.open(archive) as opened:
        assert stats["bases"] == sum(len(contig) for sample in opened for contig in opened[sample])
    seconds, peaks = stats["seconds"], stats["peak_bytes"]
    assert isinstance(seconds, dict) and isinstance(peaks, dict)
    assert set(seconds) == STAGES and set(peaks) == CONSUMERS
    assert all(value > 0 for value in [*seconds.values(), *peaks.values()])
    waited = stats["waited"]
    assert isinstance(stats["elapsed"], float) and isinstance(waited, dict)
    # Nobody waits for another to digest.
    assert set(waited) == STAGES - {"digest"} and all(value >= 0 for value in waited.values())
    assert waited["parse"] <= stats["elapsed"]


def test_stats_of_the_interface(files: list[Path], tmp_path: Path) -> None:
    path = tmp_path / "a.agc"
    with panarc.create(path, threads=2) as builder:
        assert builder.stats is None
        for file in files:
            builder.add_fasta(file)
    assert builder.stats is not None
    check_stats(dataclasses.asdict(builder.stats), files, path)


def test_stats_of_the_command(files: list[Path], tmp_path: Path) -> None:
    path, stats = tmp_path / "a.agc", tmp_path / "stats.json"
    line = command("create", "-t", "2", "-v", "2", "--stats", stats, "-o", path, *files)
    done = subprocess.run(line, capture_output=True, timeout=WATCHDOG)
    assert done.returncode == 0, done.stderr
    check_stats(json.loads(stats.read_text()), files, path)
    for word in (b"samples", b"segments", b"work:", b"peak bytes:"):
        assert word in done.stderr


def test_everything_is_as_it_was_after_all_that(files: list[Path], tmp_path: Path) -> None:
    """Failures before this one in the same process have left nothing that shows."""
    path = tmp_path / "a.agc"
    with panarc.create(path, threads=2) as builder:
        builder.add_sample("s", [("c", b"GATTACA" * 10_000)])
        builder.add_fasta(files[0])
    check(
        path,
        {
            "s": [("c", b"GATTACA" * 10_000)],
            "g0": [("c", files[0].read_bytes().split(b"\n", 1)[1].replace(b"\n", b""))],
        },
    )
