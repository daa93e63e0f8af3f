"""Signals that come while nothing moves: a pipe that nobody reads, a handler that calls what it interrupts."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from pathlib import Path

import pytest

import panarc
from helpers import bases, command
from measured import needs_linux, script


@pytest.fixture(scope="module")
def fasta(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("stalled") / "s.fa"
    path.write_bytes(b">c\n" + bases(random.Random("stalled"), 3_000_000) + b"\n")
    return path


@needs_linux
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("verb", ["getset", "create"])
def test_a_pipe_that_nobody_reads(fasta: Path, verb: str, number: signal.Signals, tmp_path: Path) -> None:
    if verb == "getset":
        with panarc.create(tmp_path / "a.agc") as builder:
            builder.add_fasta(fasta)
        arguments: list[str | Path] = ["getset", "-t", "1", tmp_path / "a.agc", "s"]
    else:
        arguments = ["create", "-t", "1", "-o", "-", fasta]
    before = sorted(tmp_path.iterdir())
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    with subprocess.Popen(
        command(*arguments), stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
    ) as process:
        try:
            # Asleep in the kernel, which tells where.
            where = Path(f"/proc/{process.pid}/wchan")
            deadline = time.monotonic() + 60
            while "pipe" not in where.read_text() and time.monotonic() < deadline:
                time.sleep(0.02)
            time.sleep(0.2)
            assert process.poll() is None
            process.send_signal(number)
            status = process.wait(20)
        finally:
            process.kill()
        assert process.stderr is not None
        assert process.stderr.read() == b""
    assert status in (128 + number, -number)
    assert sorted(tmp_path.iterdir()) == before


def test_a_handler_that_gives_up_what_it_interrupts(fasta: Path, tmp_path: Path) -> None:
    code = """
import os, signal, sys, threading, time
import panarc
out, fasta = sys.argv[1:]
builder = panarc.create(out, threads=1)

def handler(number, frame):
    builder.abort()
    raise ZeroDivisionError

signal.signal(signal.SIGUSR1, handler)

def send():
    while builder.bases == 0:
        time.sleep(0.001)
    os.kill(os.getpid(), signal.SIGUSR1)

thread = threading.Thread(target=send)
thread.start()
try:
    while True:
        builder.add_fasta(fasta, f"s{builder.bases}")
except ZeroDivisionError:
    print("handled")
thread.join()
try:
    builder.close()
except panarc.ParameterError:
    print("given up")
"""
    out = tmp_path / "a.agc"
    assert script(code, out, fasta).split("\n")[:2] == ["handled", "given up"]
    assert list(tmp_path.iterdir()) == []


@needs_linux
@pytest.mark.parametrize("threads", ["1", "2"])
@pytest.mark.parametrize("ending", ["del", "exit"])
def test_a_forked_child_writes_nothing(ending: str, threads: str, tmp_path: Path) -> None:
    """What stands in the writer's buffer when the child goes is the parent's to write, once."""
    code = """
import os, random, sys
import panarc
path, threads, ending = sys.argv[1], int(sys.argv[2]), sys.argv[3]
rng = random.Random("fork")
old = {f"old{number}": bytes(rng.choices(b"ACGT", k=30_000)) for number in range(3)}
new = {f"new{number}": bytes(rng.choices(b"ACGT", k=90_000)) for number in range(12)}
with panarc.create(path, threads=threads) as builder:
    for name, bases in old.items():
        builder.add_sample(name, {"c": bases})
builder = panarc.append(path, threads=threads)
for number, (name, bases) in enumerate(new.items()):
    builder.add_sample(name, {"c": bases})
    if number == 8:
        pid = os.fork()
        if pid == 0:
            if ending == "exit":
                sys.exit(0)
            del builder
            os._exit(0)
        os.waitpid(pid, 0)
builder.close()
with panarc.open(path, verify=True) as archive:
    assert {name: archive[name]["c"][:] for name in archive} == old | new
    assert archive.verify().ok
print("same")
"""
    assert script(code, tmp_path / "a.agc", threads, ending).split()[-1:] == ["same"]
    assert [file.name for file in tmp_path.iterdir()] == ["a.agc"]
