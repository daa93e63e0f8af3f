"""An archive is there when it is complete, or what was there before is there still: whatever happens on the way."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

import panarc
from helpers import bases, build, check, command, fasta, mutate, panarc_command, sha256, temporaries
from panarc import errors

OLD = b"what was there before" * 1000


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Genomes that take long enough to be interrupted."""
    rng = random.Random("atomic")
    folder = tmp_path_factory.mktemp("genomes")
    ancestor = bases(rng, 2_000_000)
    paths = []
    for number in range(6):
        paths.append(folder / f"g{number}.fa")
        paths[-1].write_bytes(fasta([("c1", mutate(rng, ancestor, 0.01)), ("c2", bases(rng, 300_000))]))
    return paths


def start(out: Path, files: list[Path]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command("create", "--force", "-t", "2", "-o", out, *files),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def wait_for_work(folder: Path, process: subprocess.Popen[bytes]) -> None:
    """Until the temporary file is there."""
    deadline = time.monotonic() + 30
    while not temporaries(folder, process.pid):
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.002)


def test_killed_at_any_moment(files: list[Path], rng: random.Random, tmp_path: Path) -> None:
    complete = tmp_path / "complete.agc"
    began = time.monotonic()
    assert panarc_command("create", "-t", "2", "-o", complete, *files).returncode == 0
    duration = time.monotonic() - began
    new = complete.read_bytes()

    target = tmp_path / "target.agc"
    target.write_bytes(OLD)
    seen = set()
    for moment in sorted(rng.uniform(0, 1.1) for _ in range(15)):
        process = start(target, files)
        time.sleep(moment * duration)
        process.kill()
        process.communicate()
        found = target.read_bytes()
        assert found in (OLD, new), f"killed after {moment * duration:.3f} s"
        seen.add(found == new)
        if found == new:
            target.write_bytes(OLD)
    assert False in seen


@pytest.mark.parametrize("old", [False, True], ids=["new", "over-old"])
@pytest.mark.parametrize("delay", [0, 0.05, 0.3])
def test_interrupted(files: list[Path], delay: float, old: bool, tmp_path: Path) -> None:
    target = tmp_path / "target.agc"
    if old:
        target.write_bytes(OLD)
    # The last input never ends, so the work cannot be done before the signal comes.
    process = subprocess.Popen(
        command("create", "--force", "-t", "2", "-o", target, *files, "last=-"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    wait_for_work(tmp_path, process)
    time.sleep(delay)
    process.send_signal(signal.SIGINT)
    sent = time.monotonic()
    try:
        process.wait(timeout=30)
    finally:
        process.kill()
    took = time.monotonic() - sent
    # Only now: it closes standard input.
    _, said = process.communicate()
    assert (process.returncode, took < 2) == (130, True)
    assert b"Traceback" not in said
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [OLD] * old


def test_interrupted_while_input_is_awaited(tmp_path: Path) -> None:
    target = tmp_path / "target.agc"
    process = subprocess.Popen(
        command("create", "-o", target, "s=-"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    wait_for_work(tmp_path, process)
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    try:
        process.wait(timeout=5)
    finally:
        process.kill()
        process.communicate()
    assert process.returncode == 130
    assert list(tmp_path.iterdir()) == []


def test_interrupted_in_the_first_sample(tmp_path: Path) -> None:
    """Whoever waits for more of it must hear the signal all the same."""
    process = subprocess.Popen(
        command("create", "-o", tmp_path / "a.agc", "s=-"),
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    assert process.stdin is not None
    signalled = threading.Timer(1, process.send_signal, [signal.SIGINT])
    signalled.start()
    with pytest.raises(BrokenPipeError):
        process.stdin.write(b">c\n")
        for _ in range(2000):
            process.stdin.write(b"ACGT" * 250_000 + b"\n")
    with contextlib.suppress(BrokenPipeError):
        process.stdin.close()
    assert process.wait(timeout=5) == 130
    assert list(tmp_path.iterdir()) == []


class Mishap(Exception):
    """Not an error of panarc."""


@pytest.mark.parametrize("old", [False, True], ids=["new", "over-old"])
@pytest.mark.parametrize("moment", ["start", "sample", "contig", "write", "end"])
def test_an_exception_in_the_block_leaves_nothing(moment: str, old: bool, tmp_path: Path) -> None:
    target = tmp_path / "target.agc"
    if old:
        target.write_bytes(OLD)

    def reached(here: str) -> None:
        if here == moment:
            raise Mishap

    with pytest.raises(Mishap), panarc.create(target, overwrite=True) as builder:
        reached("start")
        builder.add_sample("first", [("c", b"ACGT" * 9999)])
        with builder.sample("second") as sample:
            reached("sample")
            with sample.contig("c") as contig:
                reached("contig")
                contig.write(b"ACGT" * 999_999)
                reached("write")
        reached("end")
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [OLD] * old


def test_an_error_ends_the_build_for_good(tmp_path: Path) -> None:
    """Whoever swallows an error does not get an archive in which something is missing."""
    with pytest.raises(errors.Error), panarc.create(tmp_path / "a.agc") as builder:
        builder.add_sample("s", [("c", b"ACGT")])
        with pytest.raises(errors.ParameterError):
            builder.add_sample("t", [("c", b"AC-GT")])
    assert list(tmp_path.iterdir()) == []


def test_an_old_archive_can_be_read_while_it_is_replaced(files: list[Path], tmp_path: Path) -> None:
    target = tmp_path / "a.agc"
    with panarc.create(target) as builder:
        builder.add_sample("old", [("c", b"GATTACA" * 1000)])
    with panarc.open(target) as archive:
        build(target, files[:1], overwrite=True)
        assert next(iter(archive["old"])).sequence() == b"GATTACA" * 1000
    with panarc.open(target) as archive:
        assert list(archive.samples) == ["g0"]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real.agc").write_bytes(OLD)
    link = tmp_path / "link.agc"
    link.symlink_to("real.agc")
    with panarc.create(link, overwrite=True) as builder:
        builder.add_sample("s", [("c", b"ACGT")])
    assert link.is_symlink()
    check(tmp_path / "real.agc", {"s": [("c", b"ACGT")]})


def test_the_mode_is_that_of_any_new_file(tmp_path: Path) -> None:
    with panarc.create(tmp_path / "a.agc") as builder:
        builder.add_sample("s", [("c", b"ACGT")])
    (tmp_path / "other").touch()
    assert (tmp_path / "a.agc").stat().st_mode == (tmp_path / "other").stat().st_mode


def test_a_folder_that_is_not_there(files: list[Path], tmp_path: Path) -> None:
    target = tmp_path / "absent" / "a.agc"
    with pytest.raises(errors.FileError, match=r"a\.agc"):
        panarc.create(target)
    done = panarc_command("create", "-o", target, *files)
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_as_target(tmp_path: Path) -> None:
    with pytest.raises(errors.FileError, match="directory"):
        panarc.create(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_is_not_writable(tmp_path: Path) -> None:
    folder = tmp_path / "closed"
    folder.mkdir(mode=0o500)
    with pytest.raises(errors.FileError):
        panarc.create(folder / "a.agc")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
@pytest.mark.parametrize("verb", ["create", "getset"])
def test_a_full_disk_behind_standard_output(verb: str, files: list[Path], tmp_path: Path) -> None:
    archive = tmp_path / "a.agc"
    build(archive, files[:1])
    arguments = {"create": ("create", files[0]), "getset": ("getset", archive, "g0")}[verb]
    with open("/dev/full", "wb") as full:
        done = subprocess.run(command(*arguments), stdout=full, stderr=subprocess.PIPE, timeout=60)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert b"Traceback" not in done.stderr


def test_standard_output_is_the_same_archive(files: list[Path], tmp_path: Path) -> None:
    build(tmp_path / "a.agc", files[:2])
    piped = tmp_path / "piped.agc"
    with piped.open("wb") as out:
        subprocess.run(command("create", *files[:2]), stdout=out, check=True, timeout=60)
    assert sha256(piped) == sha256(tmp_path / "a.agc")


def test_a_closed_pipe_is_no_traceback(files: list[Path], tmp_path: Path) -> None:
    archive = tmp_path / "a.agc"
    build(archive, files[:1])
    with subprocess.Popen(command("getset", archive, "g0"), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.read(10)
        process.stdout.close()
        said = process.stderr.read()
    assert b"Traceback" not in said
    assert process.returncode != 0


def test_nothing_is_printed_by_a_build(files: list[Path], tmp_path: Path) -> None:
    code = f"import panarc\nwith panarc.create({str(tmp_path / 'a.agc')!r}) as b: b.add_fasta({str(files[0])!r})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=60, check=True)
    assert (done.stdout, done.stderr) == (b"", b"")
