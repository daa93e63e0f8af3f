"""Damaged archives are refused or give data: they never crash, hang, or ask for memory without end."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import panarc
from helpers import GOLDEN, TESTS, panarc_command
from panarc import errors

ARCHIVES = [
    "toy",
    "names",
    "rc-a",
    "pack1",
    "pack7",
    "format1",
    "format2",
    "old-append",
    "w-plain",
    "w-wide-ints",
    "w-raw-names",
    "k17",
]
MUTATIONS = 300
PEAK = 1 << 30
SLOW = 20.0


@pytest.mark.parametrize("name", ARCHIVES)
def test_damage(name: str) -> None:
    worker = [sys.executable, str(TESTS / "damage.py"), str(GOLDEN / f"{name}.agc"), "0", str(MUTATIONS)]
    done = subprocess.run(worker, capture_output=True, timeout=300, text=True, errors="replace")
    lines = done.stdout.splitlines()
    assert done.returncode == 0, (lines[-1:], done.stderr[-2000:])
    ends = [match for line in lines if (match := re.match(r"end (\d+) (\S+) (.*)", line))]
    assert len(ends) == MUTATIONS
    assert [end[0] for end in ends if end[3] not in ("data", "error")] == []
    assert [end[0] for end in ends if float(end[2]) > SLOW] == []
    assert sum(end[3] == "error" for end in ends) > MUTATIONS // 4
    assert int(lines[-1].removeprefix("peak ")) * 1024 < PEAK


@pytest.mark.parametrize(
    "data",
    [b"", b"\0", b"\0" * 8, b"\xff" * 8, b"\xff" * 4096, b"not an archive at all", b">chr1\nACGT\n" * 99, bytes(9999)],
)
def test_what_is_no_archive(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "x.agc"
    path.write_bytes(data)
    with pytest.raises(errors.CorruptArchiveError, match=r"x\.agc"):
        panarc.open(path)
    done = panarc_command("listset", path)
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (1, b"", 1)


@pytest.mark.parametrize("name", ["toy", "format1", "w-plain"])
def test_every_truncation_is_noticed(name: str, tmp_path: Path) -> None:
    data = (GOLDEN / f"{name}.agc").read_bytes()
    path = tmp_path / "x.agc"
    for length in [*range(0, len(data), 1 + len(data) // 300), len(data) - 1]:
        path.write_bytes(data[:length])
        with pytest.raises(errors.Error):
            panarc.open(path)


def test_a_later_format_is_told(tmp_path: Path) -> None:
    """The version stands as text in the stream file_type_info."""
    data = (GOLDEN / "w-plain.agc").read_bytes()
    place = data.rindex(b"file_version_major\0" + b"3\0")
    path = tmp_path / "x.agc"
    path.write_bytes(data[:place] + b"file_version_major\0" + b"4\0" + data[place + 21 :])
    with pytest.raises(errors.UnsupportedVersionError, match="4"):
        panarc.open(path)


def test_bases_that_differ_are_not_given_back_twice(tmp_path: Path) -> None:
    """An error while reading does not spoil the archive object: what is whole can still be read."""
    data = bytearray((GOLDEN / "w-pack1.agc").read_bytes())
    data[len(data) // 3] ^= 0xFF
    path = tmp_path / "x.agc"
    path.write_bytes(data)
    good = bad = 0
    with panarc.open(path) as archive, panarc.open(GOLDEN / "w-pack1.agc") as whole:
        for sample in whole.samples:
            for found, wanted in zip(archive[sample], whole[sample], strict=True):
                try:
                    good += found.sequence() == wanted.sequence()
                except errors.CorruptArchiveError as error:
                    bad += 1
                    assert "stream" in str(error) and found.header in str(error)
    assert good > 100
    assert bad > 0
