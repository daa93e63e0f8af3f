"""Pickles and copies share what is open: one archive for each process, file and set of options."""

from __future__ import annotations

import copy
import gc
import multiprocessing
import os
import pickle
import random
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import pytest

import panarc
from helpers import relatives
from panarc import _core, handle, shared
from panarc.remote import retry
from servers import Server, serving

BASES = relatives(random.Random("sharing"), 3, [4000, 300, 0])


def build(path: Path, collection: dict[str, list[tuple[str, bytes]]]) -> None:
    with panarc.create(path) as builder:
        for sample, contigs in collection.items():
            builder.add_sample(sample, contigs)


def upper(collection: dict[str, list[tuple[str, bytes]]]) -> list[tuple[str, str, bytes]]:
    return [(sample, name, bases.upper()) for sample, contigs in collection.items() for name, bases in contigs]


def contigs_of(archive: panarc.Archive) -> list[panarc.Contig]:
    return [contig for sample in archive.values() for contig in sample]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    build(tmp_path / "a.agc", BASES)
    return tmp_path / "a.agc"


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[object]]:
    """What is opened from now on; nothing is kept from before."""
    opened: list[object] = []

    def counting(place: object, options: object) -> handle.Handle:
        opened.append(place)
        return handle.opened(place, options)  # type: ignore[arg-type]

    monkeypatch.setattr(shared, "opened", counting)
    monkeypatch.setattr(shared, "shelf", shared.Shelf())
    yield opened


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


needs_proc = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="counts descriptors in /proc")


@needs_proc
@pytest.mark.parametrize("keep", [True, False], ids=["open", "closed"])
def test_thousands_of_pickles_are_one_archive(path: Path, opened: list[object], keep: bool) -> None:
    archive = panarc.open(path)
    expected = {contig.name: contig[:50] for contig in archive[archive.samples[1]]}
    sample = archive[archive.samples[1]]
    texts = [pickle.dumps(contig) for contig in sample] * 1700
    if not keep:
        archive.close()
    gc.collect()
    before = descriptors()
    contigs = [pickle.loads(text) for text in texts]
    assert len(contigs) == 5100
    assert descriptors() <= before + 1
    # The one that is open is the one that they were made of.
    assert len(opened) == (0 if keep else 1)
    assert all(contig[:50] == expected[contig.name] for contig in contigs)
    del contigs
    gc.collect()
    assert descriptors() <= before + 1


@needs_proc
@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy], ids=["copy", "deepcopy"])
def test_thousands_of_copies_are_one_archive(path: Path, copied: Callable[[object], object]) -> None:
    with open(path, "rb") as file:
        for source in (path, file):
            archive = panarc.open(source)
            things = archive, archive[archive.samples[0]], contigs_of(archive)[0]
            before = descriptors()
            kept = [copied(thing) for thing in things for _ in range(2000)]
            assert descriptors() <= before
            assert all(one == thing for thing in things for one in [copied(thing)])
            assert kept[-1][:] == things[2][:]  # type: ignore[index]


def test_tasks_that_come_one_by_one_find_the_archive_open(path: Path, opened: list[object]) -> None:
    with panarc.open(path) as archive:
        tasks = [pickle.dumps(contig) for contig in contigs_of(archive)]
    found = []
    for task in tasks * 3:
        # As a worker of a pool does: between two tasks nobody has the archive.
        found.append(pickle.loads(task).sequence())
        gc.collect()
    assert found == [bases for _, _, bases in upper(BASES)] * 3
    assert len(opened) == 1


def test_what_nobody_uses_is_kept_for_a_while_only(tmp_path: Path, opened: list[object]) -> None:
    texts = []
    for number in range(shared.KEPT + 3):
        build(tmp_path / f"{number}.agc", BASES)
        texts.append(pickle.dumps(panarc.open(tmp_path / f"{number}.agc")))
    gc.collect()
    before = descriptors() if Path("/proc/self/fd").exists() else 0
    for _ in range(2):
        for text in texts:
            assert len(pickle.loads(text)) == len(BASES)
    assert len(opened) == 2 * len(texts)
    if before:
        gc.collect()
        assert descriptors() == before + shared.KEPT
        # Whoever closes what was unpickled wants the file to be let go.
        for text in texts:
            pickle.loads(text).close()
        gc.collect()
        assert descriptors() <= before + shared.KEPT
        for text in texts[::-1]:
            pickle.loads(text).close()
        gc.collect()
        assert descriptors() == before


def test_each_is_closed_by_itself(path: Path) -> None:
    archive = panarc.open(path)
    others = copy.copy(archive), copy.deepcopy(archive), pickle.loads(pickle.dumps(archive))
    contigs = [contigs_of(other)[0] for other in others]
    archive.close()
    assert all(contig[:9] == upper(BASES)[0][2][:9] for contig in contigs)
    others[0].close()
    assert archive.closed and others[0].closed and not others[1].closed
    with pytest.raises(panarc.ParameterError, match="closed"):
        contigs[0][:9]
    assert contigs[1][:9] == contigs[2][:9] == upper(BASES)[0][2][:9]
    for closed in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(panarc.ParameterError, match="closed"):
            closed(archive)


@needs_proc
def test_what_is_closed_lets_go_of_the_file(path: Path) -> None:
    """Also where samples and contigs of it are kept, and have been used."""
    gc.collect()
    before = descriptors()
    kept = []
    for _ in range(20):
        with panarc.open(path) as archive:
            sample = archive[archive.samples[0]]
            contig = sample["chr1"] if "chr1" in sample else next(iter(sample))
            kept.append((archive, sample, contig, len(sample), contig[:5], sample.headers))
    assert descriptors() <= before + 1
    for _, sample, contig, length, bases, headers in kept:
        assert (len(bases), len(headers)) == (5, length)
        assert contig.header in headers
        for use in (
            sample.__len__,
            lambda sample=sample: sample.headers,
            contig.sequence,
            sample.seqcol,
            lambda contig=contig: contig[:5],
        ):
            with pytest.raises(panarc.ParameterError, match=r"a\.agc: the archive is closed"):
                use()


def test_options_that_differ_are_not_shared(path: Path, opened: list[object], monkeypatch: pytest.MonkeyPatch) -> None:
    different: list[dict[str, object]] = [{}, {"upper": True}, {"verify": True}, {"threads": 1}]
    different.append({"cache_bytes": 1 << 20})
    archives = [panarc.open(path, **options) for options in different]  # type: ignore[arg-type]
    texts = [pickle.dumps(archive) for archive in archives]
    del archives
    gc.collect()
    found = [pickle.loads(text) for text in texts + texts]
    assert len(opened) == len(different)
    assert [archive.verify_reads for archive in found] == [False, False, True, False, False] * 2
    opened.clear()
    # What the environment says counts where nothing was said.
    monkeypatch.setenv("PANARC_MEMORY_LIMIT", "300MB")
    limited = pickle.loads(texts[0])
    assert len(opened) == 1
    assert limited == found[0]


def test_a_file_that_was_replaced_is_another_archive(path: Path, opened: list[object]) -> None:
    archive = panarc.open(path)
    old = contigs_of(archive)[1]
    text, samples = pickle.dumps(old), pickle.dumps(archive)
    expected = old[:]
    # The same contig is elsewhere in the new archive, and others have its old place.
    newer = {"first": [("other", b"ACGT" * 50)]} | {
        sample: [("before", b"TTGA" * 30), *contigs[::-1]] for sample, contigs in BASES.items()
    }
    build(path.with_name("b.agc"), newer)
    os.replace(path.with_name("b.agc"), path)
    new = pickle.loads(text)
    assert opened == [str(path)]
    assert new.sample.archive != archive
    assert (new.header, new[:]) == (old.header, expected)
    assert new.sample.keys()[0] == "before"
    assert pickle.loads(samples).samples == tuple(newer)
    # What was open before still is what it was.
    assert old[:] == expected
    assert archive.samples == tuple(BASES)
    assert len(opened) == 1
    # What is gone is said to be gone.
    build(path.with_name("c.agc"), {sample: contigs[:1] for sample, contigs in BASES.items()})
    os.replace(path.with_name("c.agc"), path)
    with pytest.raises(panarc.ContigNotFoundError, match=old.name):
        pickle.loads(text)
    path.unlink()
    with pytest.raises(panarc.MissingFileError):
        pickle.loads(text)


def test_a_file_that_is_replaced_while_it_is_opened(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is open is known by what the file is, not by what stood there just before."""
    text = pickle.dumps(panarc.open(path)[next(iter(BASES))])
    monkeypatch.setattr(shared, "shelf", shared.Shelf())
    build(path.with_name("b.agc"), {"new": [("chr1", b"ACGT" * 9)]} | BASES)
    make = handle._maker

    def slow(options: handle.Options) -> Callable[[object], _core.Archive]:
        def first(source: object) -> _core.Archive:
            core = make(options)(source)  # type: ignore[arg-type]
            if path.with_name("b.agc").exists():
                os.replace(path.with_name("b.agc"), path)
            return core

        return first

    monkeypatch.setattr(handle, "_maker", slow)
    assert "new" in pickle.loads(text).archive
    assert pickle.loads(text).archive == panarc.open(path)


def test_threads_open_it_once(path: Path, opened: list[object]) -> None:
    with panarc.open(path) as archive:
        tasks = [pickle.dumps(contig) for contig in contigs_of(archive)] * 20
    barrier = threading.Barrier(8)

    def work(number: int) -> list[bytes]:
        barrier.wait()
        return [pickle.loads(task)[:20] for task in tasks[number:] + tasks[:number]]

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(work, range(8)))
    expected = [bases[:20] for _, _, bases in upper(BASES)] * 20
    assert found == [expected[number:] + expected[:number] for number in range(8)]
    assert len(opened) == 1


def opened_here(contig: panarc.Contig) -> tuple[int, int, bytes]:
    """Process, archives that this one has opened by unpickling, bases."""
    return os.getpid(), len(shared.shelf._kept), contig.sequence()


@pytest.mark.parametrize("chunksize", [1, 5])
@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_pools(path: Path, method: str, chunksize: int) -> None:
    if method == "forkserver" and sys.platform == "darwin":
        pytest.skip("slow to start")
    archive = panarc.open(path)
    tasks = contigs_of(archive)
    # The parent has something unpickled and kept: children have none of it.
    assert pickle.loads(pickle.dumps(tasks)) == tasks
    context = multiprocessing.get_context(method)
    with ProcessPoolExecutor(2, mp_context=context) as pool:
        found = list(pool.map(opened_here, tasks * 3, chunksize=chunksize))
    assert [bases for _, _, bases in found] == [bases for _, _, bases in upper(BASES)] * 3
    assert {kept for _, kept, _ in found} == {1}
    assert os.getpid() not in {pid for pid, _, _ in found}


def test_a_fork_while_others_unpickle(path: Path) -> None:
    """A lock that another thread holds at the fork is held for ever in the child."""
    text = pickle.dumps(contigs_of(panarc.open(path))[0])
    shelf = shared.shelf
    with shelf._lock:
        child = os.fork()
        if child == 0:
            try:
                good = threading.Thread(target=lambda: os._exit(pickle.loads(text)[:9] != upper(BASES)[0][2][:9]))
                good.start()
                good.join(20)
            finally:
                os._exit(9)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_pickles_are_small(path: Path) -> None:
    contigs = contigs_of(panarc.open(path, memory_limit="1GB"))
    one = len(pickle.dumps(contigs[0]))
    assert one < 450 + len(str(path))
    # Each more is its place and header.
    assert len(pickle.dumps(contigs)) < one + 100 * len(contigs)


def test_what_is_pickled_together_is_looked_up_once(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = panarc.open(path)
    text = pickle.dumps([contigs_of(archive)] * 3)
    looked: list[str] = []

    def looking(place: str) -> object:
        looked.append(place)
        return handle.identity_of(place)

    monkeypatch.setattr(shared, "identity_of", looking)
    found = pickle.loads(text)
    assert found == [contigs_of(archive)] * 3
    assert looked == [str(path)]
    # Nor is anything read of the archive before it is used.
    assert all(contig.sample._found is None for contigs in found for contig in contigs)


def test_pickles_of_before_can_be_read(path: Path) -> None:
    """As the first version wrote them: without a version of the file, without headers."""
    from panarc.contig import _reopened
    from panarc.opened import _opened_again

    archive = _opened_again(panarc.Archive, str(path), {"threads": None, "upper": False, "storage_options": None})
    assert isinstance(archive, panarc.Archive)
    sample = panarc.Sample(archive, archive.samples[1])
    assert _reopened(sample, 1, False)[:] == upper(BASES)[4][2]


# --- behind URLs -----------------------------------------------------------------------------------------------------


@pytest.fixture
def server(path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setattr(retry, "sleep", lambda seconds: None)
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    with serving(far=path.read_bytes()) as server:
        yield server


def test_urls_are_asked_once(server: Server, opened: list[object]) -> None:
    options = {"headers": {"X-Who": "me"}}
    with panarc.open(server.url + "/far.agc", storage_options=options) as far:
        texts = [pickle.dumps(contig) for contig in contigs_of(far)]
    server.taken()
    found = [pickle.loads(text).sequence() for text in texts * 3]
    assert found == [bases for _, _, bases in upper(BASES)] * 3
    assert len(opened) == 1
    assert len(server.taken()) == 1


def test_a_url_that_has_another_file(server: Server, opened: list[object], path: Path) -> None:
    url = server.url + "/far.agc"
    far = panarc.open(url)
    contig = contigs_of(far)[1]
    text, expected = pickle.dumps(contig), contig[:]
    newer = {sample: [("before", b"TTGA" * 30), *contigs[::-1]] for sample, contigs in BASES.items()}
    build(path.with_name("b.agc"), newer)
    again = pickle.loads(text)
    assert again[:] == expected
    server.files["/far.agc"], server.etag = path.with_name("b.agc").read_bytes(), '"two"'
    # What is open of the file that was pickled goes on being shared, and never gives bases of another.
    assert pickle.loads(text)[:] == expected
    assert len(opened) == 1
    assert pickle.loads(pickle.dumps(again)).sample.archive == far
    for _ in range(shared.KEPT):
        pickle.loads(text).sample.archive.close()
    again.sample.archive.close()
    del again
    gc.collect()
    # Now there is none: the file as it is now, found by names.
    for _ in range(3):
        assert pickle.loads(text)[:] == expected
    assert len(opened) == 2
    newest = panarc.open(url)
    assert newest != far
    assert newest != panarc.open(server.url + "/far.agc?other")
    assert pickle.loads(pickle.dumps(newest)) == newest


def test_a_url_that_was_seen_to_change_is_opened_anew(server: Server, opened: list[object], path: Path) -> None:
    letters = bytes(b"ACGT"[number % 4] for number in range(256))
    large = {"s": [("chr1", random.Random("large").randbytes(400_000).translate(letters))]}
    build(path.with_name("large.agc"), large)
    content = path.with_name("large.agc").read_bytes()
    server.files["/large.agc"] = content
    text = pickle.dumps(panarc.open(server.url + "/large.agc")["s"]["chr1"])
    gc.collect()
    first = pickle.loads(text)
    server.etag = '"two"'
    with pytest.raises(panarc.RemoteChangedError):
        first[1000:2000]
    assert pickle.loads(text)[1000:2000] == large["s"][0][1][1000:2000]
    assert len(opened) == 2


def test_options_that_cannot_be_compared_are_not_shared(server: Server, opened: list[object]) -> None:
    class Many(int):
        """A number that cannot be a key."""

        __hash__ = None  # type: ignore[assignment]

    far = panarc.open(server.url + "/far.agc", storage_options={"retries": Many(3)})
    again = [copy.copy(far), copy.deepcopy(far)]
    assert opened == []
    assert all(contigs_of(one)[0][:] == upper(BASES)[0][2] for one in again)
    assert shared._key("https://x", ("https://x", 1), {"storage_options": {"a": Many(3)}}) is None
    assert shared._key("https://x", ("https://x", 1), {"storage_options": {"a": [3, {"b": 1}]}}) is not None


def test_objects_are_opened_again(path: Path) -> None:
    class Stored:
        """An object in a store, which can be pickled."""

        def __init__(self, path: str) -> None:
            self.path = path

        @property
        def size(self) -> int:
            return os.path.getsize(self.path)

        def read_at(self, start: int, length: int) -> bytes:
            with open(self.path, "rb") as file:
                return os.pread(file.fileno(), length, start)

    globals()["Stored"] = Stored
    Stored.__qualname__ = "Stored"
    far = panarc.open(Stored(str(path)))
    again = pickle.loads(pickle.dumps(contigs_of(far)[0]))
    assert again[:] == upper(BASES)[0][2]
    # Of two objects nobody knows whether they have the same content.
    assert again.sample.archive != far == copy.copy(far)
