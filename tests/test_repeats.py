"""Sequences that repeat themselves: every base comes back, at every level, and a build of them hears of signals."""

from __future__ import annotations

import random
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import panarc
from helpers import Collection, bases, check, command, mutate, reverse_complement, temporaries, write_collection

WATCHDOG = 60

LEVELS = ("fast", "balanced", "smallest")


def point_changes(rng: random.Random, sequence: bytes, rate: float) -> bytes:
    """The sequence with other bases here and there, and nothing shifted."""
    out = bytearray(sequence)
    for _ in range(int(len(out) * rate)):
        out[rng.randrange(len(out))] = rng.choice(b"ACGT")
    return bytes(out)


def repeated(unit: bytes, rate: float) -> Callable[[random.Random, int], bytes]:
    """Makes a tandem repeat with changes."""
    return lambda rng, length: point_changes(rng, (unit * (length // len(unit) + 1))[:length], rate)


def interspersed(rng: random.Random, length: int) -> bytes:
    """Copies of one element among random bases."""
    element = bases(random.Random("element"), 300)
    return b"".join(point_changes(rng, element, 0.1) + bases(rng, 50) for _ in range(length // 350))


def shifted(rng: random.Random, length: int) -> bytes:
    """A tandem repeat in which units are also missing or there once more."""
    return mutate(rng, (bases(random.Random("unit"), 171) * (length // 171 + 1))[:length], 0.02)


def mostly_unknown(rng: random.Random, length: int) -> bytes:
    """N, with a base at times."""
    return b"".join(b"N" * rng.choice((1, 15, 999)) + bases(rng, 1) for _ in range(length // 340))


def unsure(rng: random.Random, length: int) -> bytes:
    """Random bases, three in ten of them N or another letter of IUPAC."""
    return bytes(rng.choice(b"NRYK") if rng.random() < 0.3 else base for base in bases(rng, length))


KINDS: dict[str, Callable[[random.Random, int], bytes]] = {
    "satellite": repeated(bases(random.Random("unit"), 171), 0.15),
    "young satellite": repeated(bases(random.Random("unit"), 171), 0.02),
    "shifted satellite": shifted,
    "AT": repeated(b"AT", 0.03),
    "poly-A": repeated(b"A", 0.01),
    "telomere": repeated(b"TTAGGG", 0.05),
    "interspersed": interspersed,
    "N": mostly_unknown,
    "IUPAC": unsure,
}


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_base_comes_back(kind: str, level: str, tmp_path: Path) -> None:
    rng = random.Random(kind)
    collection: Collection = {f"s{number}": [("c", KINDS[kind](rng, 60_000))] for number in range(6)}
    files = write_collection(tmp_path, collection)
    with panarc.create(tmp_path / "a.agc", level=level, threads=2) as builder:
        for name, file in zip(collection, files, strict=True):
            builder.add_fasta(file, sample=name)
    check(tmp_path / "a.agc", collection)


@pytest.mark.parametrize("level", LEVELS)
def test_contigs_that_are_all_alike(level: str, tmp_path: Path) -> None:
    rng = random.Random("alike")
    unit = bases(rng, 300)
    long = bases(rng, 5000)
    collection: Collection = {
        "empty": [(f"e{number}", b"") for number in range(500)],
        "short": [(f"s{number}", unit) for number in range(500)],
        "unknown": [(f"n{number}", b"N" * (number * 7)) for number in range(200)],
        "strands": [(f"r{number}", long if number % 2 else reverse_complement(long)) for number in range(100)],
        "tandem": [("t", unit * 1000), ("u", reverse_complement(unit * 1000))],
    }
    files = write_collection(tmp_path, collection)
    with panarc.create(tmp_path / "a.agc", level=level, threads=2) as builder:
        for name, file in zip(collection, files, strict=True):
            builder.add_fasta(file, sample=name)
    check(tmp_path / "a.agc", collection)
    assert (tmp_path / "a.agc").stat().st_size < 30_000


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_inside_a_long_task(threads: int, number: int, status: int, tmp_path: Path) -> None:
    """At the end all deltas are one or two packs, and each of those takes many seconds."""
    rng = random.Random("long")
    collection: Collection = {f"s{place}": [("c", repeated(b"AT", 0.02)(rng, 6_000_000))] for place in range(6)}
    (tmp_path / "in").mkdir()
    files = write_collection(tmp_path / "in", collection)
    out = tmp_path / "out"
    out.mkdir()
    for moment in (0.3, 1.0):
        process = subprocess.Popen(
            command("create", "-t", str(threads), "--level", "smallest", "-o", out / "a.agc", *files),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        try:
            deadline = time.monotonic() + WATCHDOG
            while not temporaries(out, process.pid):
                assert process.poll() is None and time.monotonic() < deadline
                time.sleep(0.01)
            time.sleep(moment)
            assert process.poll() is None, "it was ready before it could be interrupted"
            process.send_signal(number)
            _, said = process.communicate(timeout=WATCHDOG)
        finally:
            process.kill()
            process.wait()
        assert (process.returncode, said) == (status, b"")
        assert list(out.iterdir()) == []
