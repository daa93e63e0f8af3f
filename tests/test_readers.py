"""The script that measures Python libraries beside each other."""

from __future__ import annotations

import json
import random
import shlex
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "benches"))

import readers

from helpers import command, relatives, write_collection


def test_libraries_read_the_same(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    collection = relatives(random.Random("readers"), 2, [9000, 4000])
    plain = {sample: [(name, bases.upper()) for name, bases in records] for sample, records in collection.items()}
    (tmp_path / "files").mkdir()
    write_collection(tmp_path / "files", plain, "gzip")
    libraries = ["panarc", "panarc, all at once", "pysam", "pyfaidx"]
    arguments = ["--set", f"small={tmp_path / 'files'}", "--panarc", shlex.join(command()), "--runs", "2"]
    arguments += ["--windows", "50", "--json", str(tmp_path / "all.json")]
    readers.main([*arguments, "--libraries", *libraries])
    lines = capfd.readouterr().out.splitlines()
    assert lines[0] == f"| {' | '.join(['what', *libraries])} |"
    assert any(line.startswith("| 50 windows of 1,000 bases |") for line in lines)
    times = json.loads((tmp_path / "all.json").read_text())
    assert list(times) == libraries
    assert all(len(found) == 2 for library in times.values() for found in library.values())
