"""The progress line: what it says, that it fits, and that it shows on terminals alone and is gone at the end."""

from __future__ import annotations

import errno
import fcntl
import os
import pty
import random
import re
import struct
import subprocess
import sys
import termios
from collections.abc import Mapping
from pathlib import Path

import pytest

import panarc
from helpers import bases, command
from panarc.cli.progress import Progress, State, file_bytes

ERASE = b"\r\x1b[K"


def progress(state: State, total: int = 9, limit: int | None = 10**9) -> Progress:
    return Progress(total, "files", lambda: state, limit=limit)


def test_what_it_says() -> None:
    line = progress(State(3, 600_000_000, 0.25)).line(4.0)
    assert re.fullmatch(r"3/9 files, 600\.0 Mb, 150\.0 Mb/s, 4 s, 12 s left, [0-9.]+ MB of 1\.0 GB", line), line


@pytest.mark.parametrize(
    ("share", "seconds", "said"),
    [
        (0.5, 3600.0, "1:00:00 left"),
        (0.25, 30.0, "1:30 left"),
        (0.5, 0.5, None),
        (0.0, 50.0, None),
        (None, 50.0, None),
        (1.0, 50.0, "finishing"),
    ],
)
def test_remaining_time(share: float | None, seconds: float, said: str | None) -> None:
    line = progress(State(1, 1, share)).line(seconds)
    assert ("left" in line or "finishing" in line) is (said is not None)
    assert said is None or f", {said}," in line


def test_without_a_limit_memory_is_told_alone() -> None:
    assert " of " not in progress(State(1, 1, 0.5), limit=None).line(2.0)


def test_narrow_terminals_get_what_matters_most() -> None:
    shown = progress(State(3, 600_000_000, 0.25))
    lines = [shown.line(4.0, columns) for columns in range(1, 120)]
    assert all(len(line) < columns for columns, line in enumerate(lines, start=1))
    assert lines[0] == "" and lines[11] == "150.0 Mb/s"
    assert [len(line) for line in lines] == sorted(len(line) for line in lines)
    assert lines[40] == "3/9 files, 150.0 Mb/s, 12 s left"


def test_the_rate_is_that_of_the_last_seconds() -> None:
    state = State(0, 0, None)
    shown = progress(state)
    bases = 0
    for second in range(1, 61):
        bases += 100_000_000 if second <= 30 else 2_000_000
        state.bases = bases
        line = shown.line(float(second))
    assert "2.0 Mb/s" in line


def test_bytes_of_files(tmp_path: Path) -> None:
    paths = [tmp_path / "a", tmp_path / "b"]
    for path in paths:
        path.write_bytes(b"x" * 10)
    os.mkfifo(tmp_path / "pipe")
    assert file_bytes([*map(str, paths)]) == 20
    assert file_bytes([str(paths[0]), "-"]) is None
    assert file_bytes([str(tmp_path / "pipe")]) is None


# --- on a terminal ---------------------------------------------------------------------------------------------------


#: The command, with a line many times a second: verify takes a tenth of one.
_EAGER = """
import sys
from panarc.cli import main, progress
progress._INTERVAL = 0.01
sys.exit(main())
"""


def on_terminal(
    *arguments: str | Path, columns: int = 100, output: Path | None = None, environment: Mapping[str, str] | None = None
) -> tuple[int, bytes]:
    """Run with standard error on a terminal; return the exit status and what it showed."""
    terminal, end = pty.openpty()
    fcntl.ioctl(end, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    variables = {**os.environ, "TERM": "xterm", **(environment or {})}
    line = [sys.executable, "-c", _EAGER, *map(str, arguments)]
    with open(output or os.devnull, "wb") as out:
        process = subprocess.Popen(line, stdin=subprocess.DEVNULL, stdout=out, stderr=end, env=variables)
    os.close(end)
    shown = b""
    while True:
        try:
            data = os.read(terminal, 65536)
        except OSError as error:
            # What Linux says when nobody has the other end.
            assert error.errno == errno.EIO
            break
        if not data:
            break
        shown += data
    os.close(terminal)
    return process.wait(60), shown


@pytest.fixture(scope="module")
def genomes(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Enough for some lines: a build of about a second."""
    rng = random.Random(1)
    path = tmp_path_factory.mktemp("genomes") / "g.fa"
    path.write_bytes(b"".join(b">c%d\n%b\n" % (i, bases(rng, 3_000_000)) for i in range(4)))
    return [f"s{i}={path}" for i in range(12)]


@pytest.fixture(scope="module")
def archive(genomes: list[str]) -> Path:
    path = Path(genomes[0].partition("=")[2]).with_name("a.agc")
    subprocess.run(command("create", "-o", path, *genomes), check=True)
    return path


def check(shown: bytes, what: str, total: int, limit: bool, columns: int = 100) -> list[str]:
    """Compare all that was shown with what may be; the lines."""
    assert shown.startswith(ERASE) and shown.endswith(ERASE)
    lines = shown.decode().split(ERASE.decode())[1:-1]
    assert lines
    memory = r"[0-9.]+ [kMG]B of [0-9.]+ [kMG]B" if limit else r"[0-9.]+ [kMG]B"
    whole = (
        rf"\d+/{total} {what}, [0-9.]+ [kMG]?b, [0-9.]+ Mb/s, [0-9:]+( s)?(, ([0-9:]+( s)? left|finishing))?, {memory}"
    )
    for line in lines:
        assert len(line) < columns
        assert re.fullmatch(whole, line) or columns < 100, line
    return lines


@pytest.mark.parametrize("verb", ["create", "append"])
def test_building(verb: str, genomes: list[str], archive: Path, tmp_path: Path) -> None:
    base = [archive] if verb == "append" else []
    if verb == "append":
        genomes = [f"more-{genome}" for genome in genomes]
    status, shown = on_terminal(verb, "--memory-limit", "300MB", "-o", tmp_path / "a.agc", *base, *genomes)
    assert status == 0
    # The line of progress is gone, and one stays that sums up.
    shown, summary = shown[: -len(shown.rpartition(ERASE)[2])], shown.rpartition(ERASE)[2].decode()
    assert re.fullmatch(r"panarc: 12 samples, 48 contigs, 144000000 bases in \d+ bytes, \d+\.\d\d s\r\n", summary), (
        summary
    )
    lines = check(shown.removesuffix(ERASE), "files", 12, limit=True)
    assert all(line.endswith(" of 300.0 MB") for line in lines)
    done = [int(line.partition("/")[0]) for line in lines]
    assert done == sorted(done)


def test_input_that_does_not_tell_its_size(genomes: list[str], tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    genome = genomes[0].partition("=")[2]
    with subprocess.Popen(["sh", "-c", 'sleep 1; cat "$1" > "$0"', pipe, genome]) as writer:
        status, shown = on_terminal("create", "-o", tmp_path / "a.agc", f"s={pipe}")
        assert writer.wait(60) == 0
    assert status == 0 and b"0/1 files" in shown and b"left" not in shown and b"finishing" not in shown


@pytest.mark.parametrize("to", ["files", "stdout"])
def test_getcol(to: str, archive: Path, tmp_path: Path) -> None:
    where = ["-o", str(tmp_path / "out")] if to == "files" else []
    status, shown = on_terminal("getcol", "-g", "6", *where, archive, output=tmp_path / "all.fa.gz")
    assert status == 0
    lines = check(shown, "samples", 12, limit=False)
    assert len({line.partition("/")[0] for line in lines}) > 1


def test_getcol_does_not_disturb_fasta_on_a_terminal(tmp_path: Path) -> None:
    with panarc.create(tmp_path / "a.agc") as builder:
        builder.add_sample("s", {"c": b"ACGT"})
    terminal, end = pty.openpty()
    with subprocess.Popen(command("getcol", tmp_path / "a.agc"), stdout=end, stderr=end) as process:
        os.close(end)
        assert os.read(terminal, 100) == b">c\r\nACGT\r\n"
        assert process.wait(60) == 0
    os.close(terminal)


def test_verify(archive: Path) -> None:
    status, shown = on_terminal("verify", archive)
    assert status == 0
    check(shown, "samples", 12, limit=False)


def test_a_narrow_terminal(archive: Path) -> None:
    status, shown = on_terminal("verify", archive, columns=24)
    assert status == 0
    check(shown, "samples", 12, limit=False, columns=24)


def test_no_colours(archive: Path) -> None:
    status, shown = on_terminal("verify", archive, environment={"NO_COLOR": "1"})
    assert status == 0 and shown
    assert not re.search(rb"\x1b\[[0-9;]*m", shown)


def test_nothing_where_lines_cannot_be_erased(archive: Path, tmp_path: Path) -> None:
    assert on_terminal("verify", archive, environment={"TERM": "dumb"}) == (0, b"")
    status, shown = on_terminal("listset", tmp_path / "none", environment={"TERM": "dumb"})
    assert status == 1 and shown.startswith(b"panarc: error: ") and b"\x1b" not in shown


def test_nothing_where_there_is_no_terminal(archive: Path) -> None:
    done = subprocess.run(command("verify", archive), capture_output=True, env=os.environ | {"TERM": "xterm"})
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_failure_erases_the_line_and_tells(genomes: list[str], tmp_path: Path) -> None:
    (tmp_path / "bad.fa").write_text("no fasta\n")
    status, shown = on_terminal("create", "-o", tmp_path / "a.agc", *genomes, tmp_path / "bad.fa")
    assert status == 1
    last = shown.rpartition(ERASE)[2]
    assert last.startswith(b"panarc: error: ") and b"bad.fa" in last and last.count(b"\n") == 1


def test_on_standard_error_only(archive: Path, tmp_path: Path) -> None:
    status, shown = on_terminal("verify", archive, output=tmp_path / "said")
    assert status == 0 and ERASE in shown
    assert (tmp_path / "said").read_text().startswith("whole: 12 samples")


if sys.platform != "linux":  # pragma: no cover
    pytestmark = pytest.mark.skip(reason="terminals are made as on Linux")
