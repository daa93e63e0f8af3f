"""Ctrl-C, and closing, while bytes from far away are awaited."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import panarc
from helpers import build, command, relatives, write_collection
from panarc.errors import RemoteError
from panarc.remote.source import TAIL, side_by_side
from servers import Server, s3_environment, serving

#: Long enough for a busy machine, and much less than the timeout of a request.
PROMPT = 10


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stop")
    collection = relatives(random.Random("stop"), 6, [600_000, 200_000], rate=0.002)
    path = folder / "far.agc"
    build(path, write_collection(folder / "fasta", collection), {"segment_size": 20_000})
    assert path.stat().st_size > 2 * TAIL
    return path


@pytest.fixture
def server(path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    with serving(far=path.read_bytes()) as server:
        server.files["/genomes/far.agc"] = path.read_bytes()
        yield server
        server.go.set()


def until(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.005)


# --- the command -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("store", [False, True], ids=["http", "store"])
@pytest.mark.parametrize(
    ("arguments", "requests"),
    [
        (["listset", "A"], 0),
        (["getset", "-t", "1", "-o", "out.fa", "A", "sample003"], 1),
        (["getset", "-t", "4", "-o", "out.fa", "A", "sample003"], 2),
        (["getset", "-t", "4", "A", "sample003"], 1),
        (["getctg", "-t", "3", "A", "chr1@sample001:1000-2000", "chr2@sample002"], 1),
        (["verify", "-t", "3", "A"], 1),
        (["check", "A"], 2),
    ],
)
def test_interrupted_while_a_server_hangs(
    server: Server, arguments: list[str], requests: int, store: bool, tmp_path: Path
) -> None:
    server.next, server.always = [None] * requests, "hang"
    url = "s3://genomes/far.agc" if store else server.url + "/far.agc"
    process = subprocess.Popen(
        command(*(url if word == "A" else word for word in arguments)),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        cwd=tmp_path,
        env=os.environ | (s3_environment(server.url) if store else {}),
    )
    try:
        until(lambda: server.hanging or process.poll() is not None)
        time.sleep(0.2)
        assert process.poll() is None
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=PROMPT)
    finally:
        process.kill()
        process.wait()
    assert (process.returncode, said) == (130, b"")
    assert list(tmp_path.iterdir()) == []


def test_interrupted_while_a_body_drips(server: Server, tmp_path: Path) -> None:
    server.next, server.always = [None], "drip"
    process = subprocess.Popen(
        command("getset", "-o", "out.fa", server.url + "/far.agc", "sample003"), stderr=subprocess.PIPE, cwd=tmp_path
    )
    try:
        until(lambda: len(server.asked) > 1 or process.poll() is not None)
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=PROMPT)
    finally:
        process.kill()
        process.wait()
    assert (process.returncode, said) == (130, b"")
    assert list(tmp_path.iterdir()) == []


# --- the module ------------------------------------------------------------------------------------------------------


def interrupted(server: Server, work: Callable[[], object]) -> None:
    """Do work that a signal ends when the server hangs, and soon."""
    sent = []

    def send() -> None:
        until(lambda: server.hanging)
        time.sleep(0.2)
        sent.append(time.monotonic())
        os.kill(os.getpid(), signal.SIGINT)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    sender = threading.Thread(target=send)
    sender.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            work()
        assert time.monotonic() - sent[0] < PROMPT
    finally:
        sender.join()
        signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("threads", [1, 3])
def test_an_archive_outlives_an_interruption(server: Server, path: Path, threads: int, tmp_path: Path) -> None:
    asks = [(f"sample{number:03}", "chr1", at, at + 50) for number in range(6) for at in range(0, 590_000, 3000)]
    works: list[Callable[[panarc.Archive], object]] = [
        lambda archive: archive.fetch("chr1", 100, 200, sample="sample001"),
        lambda archive: archive.fetch_many(asks),
        lambda archive: archive.write_fasta(tmp_path / "out.fa"),
        lambda archive: archive["sample002"]["chr1"].sequence(),
        lambda archive: archive.verify(),
    ]
    with panarc.open(path) as near:
        expected = near.fetch_many(asks)
    for work in works:
        with panarc.open(server.url + "/far.agc", threads=threads) as far:
            server.go.clear()
            server.hanging, server.always = 0, "hang"
            interrupted(server, lambda work=work, far=far: work(far))  # type: ignore[misc]
            server.always = None
            server.go.set()
            assert far.fetch_many(asks) == expected
        assert list(tmp_path.iterdir()) == []


def test_who_waits_for_another_thread_is_interrupted_alone(server: Server, path: Path) -> None:
    with panarc.open(path) as near:
        expected = near.fetch("chr1", 300_000, 300_100, sample="sample001")
    with panarc.open(server.url + "/far.agc") as far:
        far.fetch("chr1", 0, 10, sample="sample001")
        server.always = "hang"
        found = []
        other = threading.Thread(target=lambda: found.append(far.fetch("chr1", 300_000, 300_100, sample="sample001")))
        other.start()
        until(lambda: server.hanging)
        interrupted(server, lambda: far.fetch("chr1", 300_000, 300_100, sample="sample001"))
        server.always = None
        server.go.set()
        other.join()
    assert found == [expected]


def test_closing_while_bytes_are_awaited(server: Server, path: Path) -> None:
    """The read that is under way ends as if nothing had been; there are no new ones."""
    with panarc.open(path) as near:
        expected = near.fetch("chr1", 300_000, 300_100, sample="sample001")
    far = panarc.open(server.url + "/far.agc")
    server.always = "hang"
    found = []
    other = threading.Thread(target=lambda: found.append(far.fetch("chr1", 300_000, 300_100, sample="sample001")))
    other.start()
    until(lambda: server.hanging)
    far.close()
    with pytest.raises(ValueError, match="closed"):
        far.fetch("chr1", 0, 10, sample="sample001")
    server.always = None
    server.go.set()
    other.join()
    assert found == [expected]


# --- work side by side -----------------------------------------------------------------------------------------------


def test_results_stand_in_order() -> None:
    for count in (0, 1, 2, 30):
        assert side_by_side(lambda number: number * number, count, 4) == [number * number for number in range(count)]


def test_an_error_of_one_thread_ends_all() -> None:
    done = []

    def work(number: int) -> None:
        if number == 3:
            raise RemoteError(None, "no")
        time.sleep(0.01)
        done.append(number)

    with pytest.raises(RemoteError, match="no"):
        side_by_side(work, 1000, 4)
    assert len(done) < 20
    before = len(done)
    time.sleep(0.1)
    assert len(done) == before


def test_waiting_ends_when_nobody_wants_what_comes() -> None:
    release = threading.Event()
    looks = iter([False, False, True])
    with pytest.raises(InterruptedError):
        side_by_side(lambda number: release.wait(30), 2, 2, lambda: next(looks))
    assert not release.is_set()
    release.set()
