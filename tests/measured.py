"""Runs programs and says what they took: peak resident size above all, as the operating system has it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

needs_linux = pytest.mark.skipif(sys.platform != "linux", reason="the resident size is told on Linux")

# A new process inherits the peak of the one that it is started from, so a bare interpreter stands in between.
_LAUNCHER = """
import json, os, sys
null = os.open(os.devnull, os.O_RDONLY)
files = [(os.POSIX_SPAWN_DUP2, null, 0)]
child = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=files)
_, status, usage = os.wait4(child, 0)
with os.fdopen(3, "w") as report:
    json.dump([os.waitstatus_to_exitcode(status), usage.ru_maxrss * 1024], report)
"""


@dataclass
class Measured:
    """How a program ended, and its peak in bytes."""

    status: int
    peak: int
    said: str


def measured(arguments: Sequence[str], folder: Path, environment: dict[str, str] | None = None) -> Measured:
    """Runs a program to its end; `folder` takes a small file for a moment."""
    report = folder / "measured.json"
    shell = 'exec 3>"$0"; exec "$@"'
    launcher = ["sh", "-c", shell, str(report), sys.executable, "-I", "-S", "-c", _LAUNCHER]
    done = subprocess.run([*launcher, *arguments], capture_output=True, timeout=120, env=environment)
    said = done.stderr.decode(errors="replace")
    assert done.returncode == 0, said
    status, peak = json.loads(report.read_text())
    report.unlink()
    return Measured(status, peak, said)


def script(code: str, *arguments: str | Path, timeout: float = 60) -> str:
    """Runs Python code in a process of its own, which must end well in time; what it printed."""
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", code, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, timeout=timeout, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    return done.stdout.decode()
