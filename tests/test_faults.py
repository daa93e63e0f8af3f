"""Faults of the world around: two writers, files that change or shrink, no handles left, nobody who reads."""

from __future__ import annotations

import os
import random
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import panarc
from helpers import Collection, bases, bgzf, check, command, fasta, panarc_command
from kill_campaign import Work, fill, kill
from measured import needs_linux, script
from panarc import errors

BUSY = "another process is writing it"


@pytest.fixture
def archive(rng: random.Random, tmp_path: Path) -> tuple[Path, Collection]:
    collection: Collection = {f"s{number}": [("c", bases(rng, 50_000))] for number in range(3)}
    path = tmp_path / "pop.agc"
    with panarc.create(path) as builder:
        for name, records in collection.items():
            builder.add_sample(name, records)
    return path, collection


# --- two writers -----------------------------------------------------------------------------------------------------


@contextmanager
def waiting(*arguments: str | Path) -> Iterator[subprocess.Popen[bytes]]:
    """A command that has begun to write, and waits for its input, which the test has."""
    folder = Path(arguments[-1]).parent
    pipe = folder / "pipe.fa"
    os.mkfifo(pipe)
    process = subprocess.Popen(command(*arguments, f"late={pipe}"), stderr=subprocess.DEVNULL)
    try:
        # Opening it waits until the command reads, which it does when all else is ready.
        end = os.open(pipe, os.O_WRONLY)
        yield process
        if process.poll() is None:
            os.write(end, b">c\nACGT\n")
        os.close(end)
        process.wait(timeout=30)
    finally:
        process.kill()
        process.wait()
        pipe.unlink()


@needs_linux
@pytest.mark.parametrize("second", ["append", "create", "python"])
@pytest.mark.parametrize("first", ["append", "create"])
def test_two_writers_of_one_archive(first: str, second: str, archive: tuple[Path, Collection]) -> None:
    path, collection = archive
    more = path.with_name("more.fa")
    more.write_bytes(fasta([("c", b"GATTACA" * 100)]))
    verb: dict[str, list[str | Path]] = {
        "append": ["append", "--in-place", path],
        "create": ["create", "--force", "-o", path],
    }
    with waiting(*verb[first]) as process:
        if second == "python":
            with pytest.raises(errors.FileError, match=BUSY):
                panarc.append(path)
        else:
            done = panarc_command(*verb[second], more)
            assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
            assert BUSY in done.stderr.decode() and str(path) in done.stderr.decode()
        # Readers are not kept out, and what is not replaced may be read.
        check(path, collection)
        panarc_command("append", "-o", path.with_name("other.agc"), path, more)
        check(path.with_name("other.agc"), {**collection, "more": [("c", b"GATTACA" * 100)]})
    assert process.returncode == 0
    late: Collection = {"late": [("c", b"ACGT")]}
    expected = {**collection, **late} if first == "append" else late
    check(path, expected)
    # The lock is gone with the writer.
    assert panarc_command("append", "--in-place", path, more).returncode == 0
    check(path, {**expected, "more": [("c", b"GATTACA" * 100)]})


@needs_linux
def test_the_lock_goes_with_a_killed_writer(archive: tuple[Path, Collection]) -> None:
    path, collection = archive
    with waiting("append", "--in-place", path) as process:
        process.kill()
        process.wait()
        with panarc.append(path) as builder:
            builder.add_sample("new", [("c", b"ACGT")])
    check(path, {**collection, "new": [("c", b"ACGT")]})


def test_one_after_another_in_one_process(archive: tuple[Path, Collection]) -> None:
    """However a build ends, the next one finds no lock."""
    path, collection = archive
    with pytest.raises(ZeroDivisionError), panarc.append(path) as builder:
        builder.add_sample("lost", [("c", b"ACGT")])
        with pytest.raises(errors.FileError, match=BUSY):
            panarc.create(path)
        raise ZeroDivisionError
    builder = panarc.append(path)
    builder.abort()
    del builder
    for number in range(3):
        with panarc.append(path) as builder:
            builder.add_sample(f"n{number}", [("c", b"ACGT")])
        collection[f"n{number}"] = [("c", b"ACGT")]
    check(path, collection)


def test_what_another_program_has_put_there_is_not_replaced(archive: tuple[Path, Collection]) -> None:
    """Not every program asks for the lock; `append` would lose what was added by one that does not."""
    path, collection = archive
    other = path.with_name("other.agc")
    with panarc.append(path, output=other) as builder:
        builder.add_sample("by another", [("c", b"GATTACA")])
    builder = panarc.append(path)
    builder.add_sample("mine", [("c", b"ACGT")])
    other.rename(path)
    with pytest.raises(errors.FileError, match="another program has changed it meanwhile"):
        builder.close()
    check(path, {**collection, "by another": [("c", b"GATTACA")]})
    assert [found.name for found in path.parent.iterdir()] == [path.name]


def test_a_link_to_a_locked_archive(archive: tuple[Path, Collection]) -> None:
    path, _ = archive
    link = path.with_name("link.agc")
    link.symlink_to(path.name)
    builder = panarc.append(path)
    with pytest.raises(errors.FileError, match=BUSY):
        panarc.append(link)
    builder.abort()


# --- files that change -----------------------------------------------------------------------------------------------


def test_an_archive_that_shrinks_while_it_is_open(archive: tuple[Path, Collection]) -> None:
    path, collection = archive
    with panarc.open(path) as opened:
        samples = [opened[name] for name in opened.samples]
        os.truncate(path, 100)
        with pytest.raises(errors.FileError, match=r"pop\.agc: cannot read"):
            for sample in samples:
                for contig in sample:
                    contig[:]
    assert len(collection) == 3


@needs_linux
def test_an_input_that_shrinks_while_it_is_read(rng: random.Random, tmp_path: Path) -> None:
    """What is compressed tells where it should have ended; plain text that is cut at a line does not."""
    source, first = tmp_path / "in.fa.gz", tmp_path / "first"
    source.write_bytes(bgzf(fasta([("c", bases(rng, 3_000_000))])))
    os.mkfifo(first)
    process = subprocess.Popen(
        command("create", "-o", tmp_path / "a.agc", f"first={first}", f"s={source}"), stderr=subprocess.PIPE
    )
    # The command has looked at its input, and is busy with the first of it.
    with first.open("wb") as end:
        os.truncate(source, 300_000)
        end.write(b">c\nACGT\n")
    said = process.communicate(timeout=30)[1]
    assert (process.returncode, len(said.splitlines())) == (1, 1)
    assert str(source).encode() in said
    assert not (tmp_path / "a.agc").exists()


# --- handles, pipes --------------------------------------------------------------------------------------------------


@needs_linux
@pytest.mark.parametrize("handles", range(3, 14))
def test_out_of_file_handles(handles: int, archive: tuple[Path, Collection]) -> None:
    """From none to a few: work is done, or there is one message, and nothing is left or lost."""
    path, collection = archive
    code = """
import os, resource, sys
import panarc
loaded = [getattr(panarc, name) for name in panarc.__all__]
path, handles = sys.argv[1], int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_NOFILE, (handles, handles))
try:
    with panarc.append(path, threads=2) as builder:
        builder.add_sample("new", [("c", b"ACGT")])
except panarc.FileError as error:
    assert "open files" in str(error), error
    print("refused")
else:
    print("done")
"""
    said = script(code, path, str(handles)).strip()
    check(path, collection if said == "refused" else {**collection, "new": [("c", b"ACGT")]})
    assert [found.name for found in path.parent.iterdir()] == [path.name]
    if handles == 3:
        assert said == "refused"


@pytest.mark.parametrize(
    "arguments",
    [
        ["getcol"],
        ["getset", "s0", "s1"],
        ["listctg", "s0"],
        ["listset"],
        ["info"],
        ["stats"],
        ["fetch", "c@s0", "c@s1"],
    ],
)
def test_a_pipe_that_nobody_reads(arguments: list[str], archive: tuple[Path, Collection]) -> None:
    path, _ = archive
    verb, *names = arguments
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(
            command(verb, path, *names), stdin=subprocess.DEVNULL, stdout=writing, stderr=subprocess.PIPE, timeout=30
        )
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
@pytest.mark.parametrize("arguments", [["getcol"], ["listset"], ["info"], ["stats"], ["fetch", "c@s0"]])
def test_a_full_standard_output(arguments: list[str], archive: tuple[Path, Collection]) -> None:
    path, _ = archive
    verb, *names = arguments
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            command(verb, path, *names), stdin=subprocess.DEVNULL, stdout=full, stderr=subprocess.PIPE, timeout=30
        )
    said = done.stderr.decode().splitlines()
    assert (done.returncode, len(said)) == (1, 1)
    assert "No space left" in said[0]


# --- kills and full disks, a few (kill_campaign.py does hundreds) -----------------------------------------------------


@needs_linux
@pytest.mark.parametrize("kind", ["create", "append"])
def test_killed_or_without_room(kind: str, rng: random.Random, tmp_path: Path) -> None:
    work = Work(kind, tmp_path, length=100_000, samples=3)
    folder = tmp_path / "work"
    folder.mkdir()
    killed = kill(work, folder, 8, rng)
    assert sum(killed.values()) == 8 and set(killed) <= {"old", "new"}
    full = fill(work, folder, 5)
    assert not any(outcome.startswith("bad") for outcome in full)
    assert any(outcome.startswith("old") for outcome in full)


# --- FASTA and lists out ---------------------------------------------------------------------------------------------


@needs_linux
@pytest.mark.parametrize(
    "arguments",
    [["getset", "s0", "s1"], ["getset", "-g", "1", "--fai", "s0"], ["getset", "--zstd", "1", "s0", "s1"]],
)
def test_fasta_that_finds_no_room(arguments: list[str], archive: tuple[Path, Collection], tmp_path: Path) -> None:
    """What was there before is there still."""
    path, _ = archive
    verb, *rest = arguments
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=8k", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("a small file system cannot be mounted here")
    try:
        out = disk / "out.fa"
        out.write_bytes(b"what was there before")
        options = [option for option in rest if not option.startswith("s")]
        samples = [name for name in rest if name.startswith("s")]
        done = panarc_command(verb, *options, "-o", out, path, *samples)
        said = done.stderr.decode().splitlines()
        assert (done.returncode, len(said)) == (1, 1)
        assert "No space left" in said[0] and str(out) in said[0]
        assert out.read_bytes() == b"what was there before"
        assert [found.name for found in disk.iterdir()] == ["out.fa"]
    finally:
        subprocess.run(["umount", str(disk)], check=True)


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="there is no file that cannot be read")
def test_input_that_cannot_be_read(tmp_path: Path) -> None:
    done = panarc_command("create", "-o", tmp_path / "a.agc", "/proc/self/mem")
    said = done.stderr.decode().splitlines()
    assert (done.returncode, len(said)) == (1, 1)
    assert "/proc/self/mem: cannot read: Input/output error" in said[0]
    assert list(tmp_path.iterdir()) == []


@needs_linux
def test_a_folder_that_may_not_be_written(archive: tuple[Path, Collection]) -> None:
    """As on a file system that is mounted read-only; who is root may write anywhere else."""
    path, collection = archive
    place = path.parent
    if subprocess.run(["mount", "--bind", "-o", "ro", place, place], capture_output=True).returncode != 0:
        pytest.skip("a folder cannot be mounted here")
    try:
        lines: list[list[str | Path]] = [
            ["append", "--in-place", path, path],
            ["getset", "-o", place / "x.fa", path, "s0"],
        ]
        for arguments in lines:
            done = panarc_command(*arguments)
            said = done.stderr.decode().splitlines()
            assert (done.returncode, len(said)) == (1, 1)
            assert str(place) in said[0]
        check(path, collection)
    finally:
        subprocess.run(["umount", str(place)], check=True)
