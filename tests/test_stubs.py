"""Types: those of the native module are what it has, and a user's program is checked with the installed package."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from helpers import TESTS

EXAMPLE = TESTS.parent / "examples" / "typed.py"

#: Each line marked so must be refused, and no other.
WRONG = """
import panarc

archive = panarc.open("pop.agc", threads="2")  # wrong
bases: str = archive.fetch("chr1")  # wrong
archive.fetch("chr1", strand="*")  # wrong
fine: bytes = archive["a"]["chr1"][1:2]
number: bytes = archive["a"]["chr1"][1]  # wrong
panarc.create("x.agc", level=3)  # wrong
panarc.Region("chr1", "1")  # wrong
archive.stats().groups[0].segments = 3  # wrong
panarc.nosuch  # wrong
archive.verify(lambda done: print(done + 1))
archive.verify(lambda: None)  # wrong
"""


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a module away from the sources, so that what is installed counts."""
    pytest.importorskip("mypy", reason="mypy is not installed")
    return subprocess.run([sys.executable, "-m", *arguments], cwd=folder, capture_output=True, text=True, timeout=600)


def test_the_stub_is_what_the_module_has(tmp_path: Path) -> None:
    done = run(tmp_path, "mypy.stubtest", "panarc._core")
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_typed_program(tmp_path: Path) -> None:
    shutil.copy(EXAMPLE, tmp_path / "program.py")
    done = run(tmp_path, "mypy", "--strict", "program.py")
    assert done.returncode == 0, done.stdout + done.stderr
    ran = subprocess.run([sys.executable, "program.py", "a.agc"], cwd=tmp_path, capture_output=True, text=True)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.splitlines()[0] == "2 {'whole': 4700, 'streamed': 4700} A ACGTTGCAAC 2 True ['chr1', 'chr2']"
    assert "nobody" in ran.stdout.splitlines()[1]


def test_what_is_wrong_is_found(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(WRONG)
    done = run(tmp_path, "mypy", "--strict", "program.py")
    assert done.returncode == 1, done.stdout + done.stderr
    found = {int(line) for line in re.findall(r"^program\.py:(\d+): error", done.stdout, re.MULTILINE)}
    assert found == {number for number, line in enumerate(WRONG.splitlines(), 1) if line.endswith("# wrong")}
