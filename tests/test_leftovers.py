"""Nothing is left of what did not come to its end: of signals, kills, and file systems that can do less."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pytest

import panarc
from helpers import Collection, bases, check, command, fasta, panarc_command
from measured import needs_linux
from shims import shim, shimmed

__all__ = ["shim"]

pytestmark = needs_linux

#: Signals that end a process by themselves and can be caught.
ENDING = ["HUP", "INT", "QUIT", "TERM", "USR1", "USR2", "ALRM", "VTALRM", "PROF", "XCPU", "IO", "PWR", "ABRT", "TRAP"]
#: Python, and so the command, ignores them; what they would tell is an error of the call that meets it.
IGNORED = ["PIPE", "XFSZ"]


@pytest.fixture
def archive(tmp_path: Path) -> tuple[Path, Collection]:
    rng = random.Random("leftovers")
    collection: Collection = {f"s{number}": [("c", bases(rng, 20_000))] for number in range(3)}
    path = tmp_path / "in" / "pop.agc"
    path.parent.mkdir()
    with panarc.create(path) as builder:
        for name, records in collection.items():
            builder.add_sample(name, records)
    return path, collection


@contextmanager
def waiting(
    folder: Path, *arguments: str | Path, environment: dict[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """A command that has opened its output, and waits for input that never comes."""
    pipe = folder / "pipe.fa"
    os.mkfifo(pipe)

    def listen() -> None:
        # Whoever runs tests behind a terminal may ignore some.
        for name in ENDING:
            signal.signal(getattr(signal, f"SIG{name}"), signal.SIG_DFL)

    process = subprocess.Popen(
        command(*arguments, f"late={pipe}"), stderr=subprocess.PIPE, env=environment, preexec_fn=listen
    )
    try:
        end = os.open(pipe, os.O_WRONLY)
        os.write(end, b">c\nACGT")
        try:
            yield process
        finally:
            os.close(end)
    finally:
        process.kill()
        process.communicate()
        pipe.unlink()


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("named", [False, True], ids=["unnamed", "named"])
@pytest.mark.parametrize("which", [*ENDING, "RTMIN", "RTMAX"])
def test_signals(which: str, named: bool, archive: tuple[Path, Collection], shim: Path, tmp_path: Path) -> None:
    """Also where temporary files have names."""
    path, collection = archive
    number = getattr(signal, f"SIG{which}")
    environment = shimmed(shim, "no-unnamed") if named else None
    with waiting(tmp_path, "append", "--in-place", path, environment=environment) as process:
        assert len(names(path.parent)) == 1 + named
        process.send_signal(number)
        assert process.wait(timeout=10) == 128 + number
    assert names(path.parent) == ["pop.agc"]
    check(path, collection)


@pytest.mark.parametrize("which", IGNORED)
def test_signals_that_are_ignored(which: str, archive: tuple[Path, Collection], tmp_path: Path) -> None:
    path, collection = archive
    with waiting(tmp_path, "append", "--in-place", path) as process:
        process.send_signal(getattr(signal, f"SIG{which}"))
        time.sleep(0.2)
        assert process.poll() is None
        process.send_signal(signal.SIGUSR1)
        assert process.wait(timeout=10) == 128 + signal.SIGUSR1
    assert names(path.parent) == ["pop.agc"]
    check(path, collection)


@pytest.mark.parametrize("verb", ["create", "append", "getset", "getcol", "repair"])
def test_a_signal_while_it_writes(verb: str, archive: tuple[Path, Collection], shim: Path, tmp_path: Path) -> None:
    """Each verb, at moments that are spread over its run."""
    path, _ = archive
    out = tmp_path / "out"
    out.mkdir()
    fa = tmp_path / "x.fa"
    fa.write_bytes(fasta([("c", bases(random.Random(1), 300_000))]))
    cut = tmp_path / "cut.agc"
    cut.write_bytes(path.read_bytes()[:-40])
    arguments: dict[str, list[str | Path]] = {
        "create": ["-o", out / "n.agc", fa],
        "append": ["-o", out / "n.agc", path, fa],
        "getset": ["-g", "9", "--fai", "-o", out / "s.fa.gz", path, "s0", "s1"],
        "getcol": ["-g", "9", "--fai", "-o", out, path],
        "repair": ["-o", out / "n.agc", cut],
    }
    for delay in (0.05, 0.1, 0.15, 0.2):
        process = subprocess.Popen(
            command(verb, *arguments[verb]),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=shimmed(shim, "no-unnamed"),
        )
        time.sleep(delay)
        process.send_signal(signal.SIGUSR2)
        process.wait(timeout=30)
        assert [name for name in names(out) if name.startswith(".panarc-")] == []
        for left in out.iterdir():
            left.unlink()


def test_a_kill_leaves_nothing(archive: tuple[Path, Collection], tmp_path: Path) -> None:
    path, collection = archive
    try:
        os.close(os.open(path.parent, os.O_TMPFILE | os.O_RDWR))
    except OSError:
        pytest.skip("this file system has no files without names")
    lines: list[list[str | Path]] = [["append", "--in-place", path], ["create", "-o", path.parent / "new.agc"]]
    for arguments in lines:
        with waiting(tmp_path, *arguments) as process:
            process.kill()
            process.wait()
            assert names(path.parent) == ["pop.agc"]
    check(path, collection)


@pytest.mark.parametrize("builder", [False, True], ids=["command", "Python"])
def test_the_next_run_removes_what_a_kill_left(
    builder: bool, archive: tuple[Path, Collection], shim: Path, tmp_path: Path
) -> None:
    path, _ = archive
    environment = shimmed(shim, "no-unnamed")
    with waiting(tmp_path, "append", "--in-place", path, environment=environment) as killed:
        killed.kill()
        killed.wait()
    (left,) = set(names(path.parent)) - {"pop.agc"}
    other = path.parent / "other.agc"
    with waiting(tmp_path, "create", "-o", other, environment=environment) as alive:
        # It has removed what the killed one left, and holds its own, which nobody removes.
        (held,) = set(names(path.parent)) - {"pop.agc"}
        assert held != left and held.startswith(".panarc-") and held.endswith(".tmp")
        if builder:
            with panarc.append(path, output=path.parent / "third.agc") as third:
                third.add_sample("new", [("c", b"ACGT")])
        else:
            fa = tmp_path / "new.fa"
            fa.write_bytes(b">c\nACGT\n")
            assert panarc_command("create", "-o", path.parent / "third.agc", fa).returncode == 0
        assert names(path.parent) == sorted([held, "pop.agc", "third.agc"])
        alive.kill()
        alive.wait()
    panarc_command("getset", "-o", path.parent / "s0.fa", path, "s0")
    assert names(path.parent) == ["pop.agc", "s0.fa", "third.agc"]


def test_a_kill_between_two_names(archive: tuple[Path, Collection], shim: Path, tmp_path: Path) -> None:
    """A file without a name needs one for a moment to take another's place."""
    path, collection = archive
    fa = tmp_path / "new.fa"
    fa.write_bytes(b">c\nACGT\n")
    line = command("append", "--in-place", path, fa)
    killed = subprocess.run(line, env=shimmed(shim, "die-before-rename"), capture_output=True)
    assert killed.returncode == 99
    check(path, collection)
    assert len(names(path.parent)) == 2
    assert subprocess.run(line, capture_output=True).returncode == 0
    assert names(path.parent) == ["pop.agc"]
    check(path, {**collection, "new": [("c", b"ACGT")]})


@pytest.mark.parametrize(
    "faults",
    [["no-unnamed"], ["no-naming"], ["no-unnamed", "no-links"], ["no-links"]],
    ids=["no unnamed files", "which cannot be named", "no links", "unnamed files without links"],
)
def test_file_systems_that_can_do_less(
    faults: list[str], archive: tuple[Path, Collection], shim: Path, tmp_path: Path
) -> None:
    path, collection = archive
    environment = shimmed(shim, *faults)
    out = path.parent
    fa = tmp_path / "new.fa"
    fa.write_bytes(b">c\nACGT\n")

    def run(*arguments: str | Path) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(command(*arguments), env=environment, capture_output=True, timeout=60)

    old = path.stat().st_mode
    os.chmod(path, 0o640)
    lines: list[list[str | Path]] = [
        ["create", "-o", out / "new.agc", fa],
        ["append", "--in-place", path, fa],
        ["getset", "-o", out / "new.fa", path, "new"],
        ["getset", "-o", out / "new.fa", path, "new"],
        ["getcol", "--fai", "-o", out / "all", path],
        ["listset", "-o", out / "list.txt", path],
    ]
    for line in lines:
        done = run(*line)
        assert (done.returncode, done.stderr) == (0, b""), line
    again = run("create", "-o", out / "new.agc", fa)
    assert again.returncode == 1 and b"an archive of 1 sample is there" in again.stderr
    assert names(out) == ["all", "list.txt", "new.agc", "new.fa", "pop.agc"]
    assert names(out / "all") == sorted(
        f"{name}.fa{suffix}" for name in ["s0", "s1", "s2", "new"] for suffix in ["", ".fai"]
    )
    check(path, {**collection, "new": [("c", b"ACGT")]})
    check(out / "new.agc", {"new": [("c", b"ACGT")]})
    assert (out / "new.fa").read_bytes() == b">c\nACGT\n"
    assert (path.stat().st_mode & 0o777, (out / "new.agc").stat().st_mode) == (0o640, old)


# --- what is synced --------------------------------------------------------------------------------------------------


def calls(log: Path) -> list[str]:
    return log.read_text().splitlines()


def test_getcol_syncs_many_files_at_once(shim: Path, tmp_path: Path) -> None:
    """Contents before names, then the names; not each file by itself."""
    path = tmp_path / "a.agc"
    with panarc.create(path) as builder:
        for number in range(600):
            builder.add_sample(f"v{number}", [("c", b"ACGT" * 100 + b"A" * number)])
    log = tmp_path / "log"
    line = command("getcol", "--fai", "-o", tmp_path / "out", path)
    done = subprocess.run(line, env=shimmed(shim, log=log), capture_output=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, b"")
    assert len(names(tmp_path / "out")) == 1200
    seen = calls(log)
    placed = [call for call in seen if call.startswith(("link", "rename"))]
    assert len(placed) == 1200
    if "syncfs all" not in seen:
        # A file system on which nothing but the files themselves can be relied on.
        assert seen.count("fsync file") == 1200
    else:
        assert seen.count("syncfs all") + seen.count("fsync file") <= 20
    assert 1 <= seen.count("fsync folder") <= 20
    assert seen[0] in ("syncfs all", "fsync file") and seen[-1] == "fsync folder"
    # Between a sync of names and the next name there is one of contents.
    for before, after in pairwise(seen):
        assert not (before == "fsync folder" and after.startswith(("link", "rename")))


def test_not_more_files_wait_than_may_be_open(shim: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.agc"
    with panarc.create(path) as builder:
        for number in range(100):
            builder.add_sample(f"v{number}", [("c", b"ACGT" * 100)])
    line = ["sh", "-c", 'ulimit -n 24; exec "$@"', "sh", *command("getcol", "-t", "1", "-o", tmp_path / "out", path)]
    done = subprocess.run(line, capture_output=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, b"")
    assert len(names(tmp_path / "out")) == 100


@pytest.mark.parametrize(
    "arguments",
    [
        ["create", "-o", "new.agc", "x.fa"],
        ["append", "--in-place", "pop.agc", "x.fa"],
        ["getset", "--fai", "-o", "s.fa", "pop.agc", "s0"],
        ["listset", "-o", "list.txt", "pop.agc"],
    ],
    ids=lambda arguments: arguments[0],
)
def test_names_come_when_contents_are_synced(
    arguments: list[str], archive: tuple[Path, Collection], shim: Path, tmp_path: Path
) -> None:
    path, _ = archive
    (path.parent / "x.fa").write_bytes(b">c\nACGT\n")
    log = tmp_path / "log"
    done = subprocess.run(command(*arguments), env=shimmed(shim, log=log), capture_output=True, cwd=path.parent)
    assert (done.returncode, done.stderr) == (0, b"")
    seen = calls(log)
    first = next(number for number, call in enumerate(seen) if call.startswith(("link", "rename")))
    files = 2 if "--fai" in arguments else 1
    assert seen[:first] == ["fsync file"] * files
    assert seen[-1] == "fsync folder" and seen.count("fsync folder") == 1


@pytest.mark.parametrize("verb", ["create", "append", "getset", "getcol", "listset"])
def test_a_folder_that_is_not_synced(verb: str, archive: tuple[Path, Collection], shim: Path, tmp_path: Path) -> None:
    """The file is there, but a power cut may undo that: this is told. A system that cannot sync folders is no fault."""
    path, _ = archive
    fa = tmp_path / "new.fa"
    fa.write_bytes(b">c\nACGT\n")
    lines: dict[str, list[str | Path]] = {
        "create": ["-o", tmp_path / "out", fa],
        "append": ["-o", tmp_path / "out", path, fa],
        "getset": ["-o", tmp_path / "out", path, "s0"],
        "getcol": ["--force", "-o", tmp_path / "outs", path],
        "listset": ["-o", tmp_path / "out", path],
    }
    line = command(verb, *lines[verb])
    done = subprocess.run(line, env=shimmed(shim, "folder-sync"), capture_output=True)
    said = done.stderr.decode()
    assert (done.returncode, len(said.splitlines())) == (1, 1)
    assert "cannot sync the folder (the file is complete and in its place" in said and "Input/output error" in said
    out = tmp_path / ("outs/s0.fa" if verb == "getcol" else "out")
    content = out.read_bytes()
    out.unlink()
    done = subprocess.run(line, env=shimmed(shim, "folders-cannot"), capture_output=True)
    assert (done.returncode, done.stderr) == (0, b"")
    assert out.read_bytes() == content


def test_a_sync_that_fails_gives_no_file_its_name(archive: tuple[Path, Collection], shim: Path, tmp_path: Path) -> None:
    path, _ = archive
    line = command("getcol", "--fai", "-o", tmp_path / "out", path)
    log = tmp_path / "log"
    done = subprocess.run(line, env=shimmed(shim, "syncfs", log=log), capture_output=True)
    if "syncfs all" not in calls(log):
        pytest.skip("files are synced one by one here")
    assert done.returncode == 1 and b"cannot write: Input/output error" in done.stderr
    assert names(tmp_path / "out") == []
