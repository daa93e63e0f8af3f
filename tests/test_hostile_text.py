"""Regions, BED files, lists and names that mean harm: refused in one line, or done, and never shown raw."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import panarc
from helpers import GOLDEN, panarc_command
from panarc import _core, errors
from panarc.cli import main
from panarc.config import parse_size
from panarc.region import parse_region

TOY = GOLDEN / "toy.agc"
MANY = "9" * 5000
ESCAPE = "\x1b]0;title\x07\x1b[31mred\x9b2J\u202e"

FEW = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
TEXT = st.text(st.characters(codec="utf-8"), max_size=60)
NUMBER = st.from_regex(r"[0-9,]{1,30}", fullmatch=True)
REGION = st.one_of(
    TEXT,
    st.builds("{}{}:{}-{}".format, st.sampled_from(["chr1@", "c#", "a#1#c", ":"]), TEXT, NUMBER, NUMBER),
    st.lists(st.sampled_from(["a", "chr1", *"@#:-,1", MANY, "\0", "\n"]), max_size=30).map("".join),
)


@FEW
@given(REGION)
@example(f"chr1:{MANY}")
@example(f"chr1:1-{MANY}")
@example(f"chr1:{'0' * 5000}7")
def test_region_strings(text: str) -> None:
    try:
        region = parse_region(text)
    except errors.ParameterError:
        return
    assert region.start >= 0 and (region.end is None or region.end >= region.start)
    with panarc.open(TOY) as archive:
        for sample in (None, "ref"):
            try:
                archive.fetch(text, sample=sample)
            except errors.Error as error:
                assert not isinstance(error, errors.InternalError)


def test_zeros_before_a_position_are_nothing() -> None:
    assert parse_region(f"c:{'0' * 5000}7-9") == parse_region("c:7-9")


@FEW
@given(st.one_of(TEXT, st.builds("{}{}".format, NUMBER, st.sampled_from(["", "MB", "GiB", "TB", "x"]))))
@example(MANY)
@example(f"1.{MANY}")
def test_sizes(text: str) -> None:
    with suppress(errors.ParameterError):
        assert parse_size(text) > 0


def quietly(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> int:
    """Runs the command in this process; whatever fails says so in one line that shows no control character."""
    status = main([str(argument) for argument in arguments])
    said = capsys.readouterr().err
    assert "internal error" not in said, said
    assert all(line.isprintable() for line in said.splitlines()), said
    if status != 0:
        assert len(said.splitlines()) == 1, said
    return status


WORDS = ["chr1", "a", "c@ref", "track", "browser", "+", "-", MANY, "-1", "1e3"]
COLUMN = st.one_of(TEXT, NUMBER, st.sampled_from(WORDS))
BED = st.lists(st.lists(COLUMN, max_size=7).map("\t".join), max_size=5).map("\n".join)


@FEW
@given(BED, st.binary(max_size=40))
@example(f"chr1\t0\t{MANY}", b"")
@example(f"chr1\t{MANY}\t{MANY}", b"")
@example(f"{ESCAPE}\t{ESCAPE}\t2", b"")
@example("a\t0\t1\n", b"\xff\xfe\x00")
def test_bed_files(capsys: pytest.CaptureFixture[str], tmp_path: Path, text: str, tail: bytes) -> None:
    path = tmp_path / "x.bed"
    path.write_bytes(text.encode("utf-8", "surrogatepass") + tail)
    for options in ([], ["-s", "--truncate"]):
        assert quietly(capsys, "fetch", *options, "-o", tmp_path / "out.fa", TOY, "--bed", path) in (0, 1)


@FEW
@given(st.lists(REGION, max_size=4).map("\n".join), st.binary(max_size=40))
def test_lists_of_regions(capsys: pytest.CaptureFixture[str], tmp_path: Path, text: str, tail: bytes) -> None:
    path = tmp_path / "regions"
    path.write_bytes(text.encode("utf-8", "surrogatepass") + tail)
    assert quietly(capsys, "fetch", "-o", tmp_path / "out.fa", TOY, "--regions", path) in (0, 1)


@FEW
@given(TEXT.filter(lambda text: "\0" not in text))
@example(f"c:{MANY}-{MANY}")
@example(ESCAPE)
def test_names_and_queries(capsys: pytest.CaptureFixture[str], tmp_path: Path, text: str) -> None:
    for verb in ("getctg", "getset", "listctg", "fetch"):
        out = ["-o", str(tmp_path / "out")]
        assert quietly(capsys, verb, *out, TOY, "--", text) in (0, 1, 2)


@FEW
@given(st.one_of(st.binary(max_size=200), TEXT.map(os.fsencode)))
@example(ESCAPE.encode())
@example(b"=x\nname=\n\t\nn\tp\n")
def test_lists_of_files(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "list"
    path.write_bytes(data)
    try:
        for file, name, line in _core.read_list(path):
            assert str(file) and (name is None or name) and line
    except (errors.InputError, errors.FileError) as error:
        assert str(error).isprintable() or ESCAPE[:1] not in str(error)


@pytest.mark.parametrize("option", ["--bed", "--regions"])
def test_lines_without_end(option: str, tmp_path: Path) -> None:
    """Neither memory nor time is spent on what has no line ends."""
    for byte in (b"\0", b"@", b"a"):
        path = tmp_path / "endless"
        path.write_bytes(byte * (20 << 20))
        done = panarc_command("fetch", TOY, option, path, timeout=20)
        assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
        assert b"line 1: the line is longer than 1 MiB" in done.stderr


def test_a_query_of_marks_alone() -> None:
    """It could be taken apart at each of them, and each time into all that is left."""
    with panarc.open(TOY) as archive:
        for mark in "@#:":
            with pytest.raises(errors.Error):
                archive.fetch(mark * 500_000)


def test_escape_codes_of_names_are_not_obeyed(tmp_path: Path) -> None:
    """Names may hold them; messages show them as text, and what is written to a file has them as they are."""
    path = tmp_path / "a.agc"
    with pytest.raises(errors.DuplicateError) as caught, panarc.create(path) as builder:
        builder.add_sample(ESCAPE, [(ESCAPE, b"ACGT" * 100)])
        builder.add_sample(ESCAPE, [("c", b"ACGT")])
    assert "\x1b" not in str(caught.value) and "\x9b" not in str(caught.value)
    with panarc.create(path) as builder:
        builder.add_sample(ESCAPE, [(ESCAPE, b"ACGT" * 100), ("d", b"ACGT")])
    commands: list[list[str | Path]] = [
        ["fetch", path, f"{ESCAPE}@{ESCAPE}:9-{MANY}"],
        ["fetch", path, f"x{ESCAPE}"],
        ["getctg", path, f"x{ESCAPE}"],
        ["getset", path, f"x{ESCAPE}"],
        ["fetch", "--header", ESCAPE, path, "d"],
        ["append", "--in-place", path, f"{ESCAPE}={TOY}"],
    ]
    for arguments in commands:
        done = panarc_command(*arguments)
        assert done.returncode in (1, 2), arguments
        lines = done.stderr.decode().splitlines()
        assert len(lines) == 1 and lines[0].isprintable(), lines
    assert panarc_command("listset", path).stdout == ESCAPE.encode() + b"\n"


@pytest.mark.skipif(sys.platform == "win32", reason="there are no terminals of this kind")
@pytest.mark.parametrize("verb", ["listset", "listctg", "info", "stats"])
def test_escape_codes_on_a_terminal(verb: str, tmp_path: Path) -> None:
    import pty
    import subprocess

    from helpers import command

    path = tmp_path / "a.agc"
    with panarc.create(path) as builder:
        builder.add_sample(ESCAPE, [(ESCAPE, b"ACGT" * 100)])
    names = [ESCAPE] if verb == "listctg" else []
    main_end, terminal = pty.openpty()
    with subprocess.Popen(command(verb, path, *names), stdout=terminal, stderr=terminal, stdin=terminal):
        os.close(terminal)
        shown = b""
        while True:
            try:
                piece = os.read(main_end, 4096)
            except OSError:
                break
            if not piece:
                break
            shown += piece
    os.close(main_end)
    assert shown
    assert b"\x1b" not in shown and b"\x07" not in shown and "\x9b".encode() not in shown, shown


@pytest.mark.parametrize(
    "name", ["../../x", "/abs/x", "a/../../b", "..", ".", "~", "c:\\x", "con", "-", "a\tb", ESCAPE]
)
def test_names_choose_no_path(name: str, tmp_path: Path) -> None:
    path = tmp_path / "in" / "a.agc"
    path.parent.mkdir()
    with panarc.create(path) as builder:
        builder.add_sample(name, [("c", b"ACGT")])
    out = tmp_path / "out" / "deep"
    out.parent.mkdir()
    done = panarc_command("getcol", "-o", out, path)
    assert done.returncode == 0, done.stderr
    files = [found for found in tmp_path.rglob("*") if found.is_file() and found != path]
    assert len(files) == 1
    assert files[0].parent == out
    assert files[0].read_bytes() == b">c\nACGT\n"
