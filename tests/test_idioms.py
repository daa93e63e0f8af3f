"""What Python programmers expect of a collection: mappings, slices, strands, pickles, threads, processes, arrays."""

from __future__ import annotations

import copy
import multiprocessing
import os
import pickle
import random
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pandas
import polars
import pyarrow
import pytest

import panarc
from helpers import Collection, build, relatives, write_collection
from panarc import Contig, ParameterError, Record, SampleNotFoundError


@pytest.fixture(scope="module")
def collection() -> Collection:
    made = relatives(random.Random("idioms"), 4, [60_000, 9_000, 0])
    return {sample: [(name, bases.upper()) for name, bases in records] for sample, records in made.items()}


@pytest.fixture(scope="module")
def path(collection: Collection, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("idioms")
    build(folder / "a.agc", write_collection(folder, collection))
    return folder / "a.agc"


@pytest.fixture
def store(path: Path) -> panarc.Archive:
    return panarc.open(path)


def reverse_complement(bases: bytes) -> bytes:
    return bases.translate(bytes.maketrans(b"ACGTNRYSWKMBDHVU", b"TGCANYRSWMKVHDBA"))[::-1]


def every(collection: Collection) -> list[tuple[str, str, bytes]]:
    return [(sample, name, bases) for sample, records in collection.items() for name, bases in records]


def test_two_levels(store: panarc.Archive, collection: Collection) -> None:
    assert list(store) == list(store.keys()) == list(collection)
    assert [sample.name for sample in store.values()] == list(collection)
    assert [(name, sample.name) for name, sample in store.items()] == [(name, name) for name in collection]
    assert store.get("nobody") is None
    for sample, records in collection.items():
        contigs = store[sample]
        assert len(contigs) == len(records)
        assert dict(contigs.items()) == dict(zip(contigs.keys(), contigs.values(), strict=True))
        for (name, bases), key in zip(records, contigs.keys(), strict=True):
            assert key in contigs
            assert name in contigs
            assert contigs[key] == contigs[name]
            assert (bytes(contigs[key]), len(contigs[key])) == (bases, len(bases))


def test_slices(store: panarc.Archive, collection: Collection) -> None:
    rng = random.Random("slices")
    for sample, name, bases in every(collection):
        contig = store[sample][name]
        assert (-contig).strand == "-"
        for strand, expected in ((contig, bases), (-contig, reverse_complement(bases))):
            for _ in range(60):
                start, stop = (rng.choice([None, rng.randint(-70_000, 70_000)]) for _ in range(2))
                step = rng.choice([None, 1, 2, 7, -1, -3])
                assert strand[start:stop:step] == expected[start:stop:step]
            for place in {0, -1, len(bases) // 2} if bases else ():
                assert strand[place] == expected[place]
            assert strand.sequence() == expected
            assert b"".join(strand.chunks(4099)) == expected
            with pytest.raises(IndexError):
                strand[len(bases)]


def test_strands(store: panarc.Archive, collection: Collection) -> None:
    sample, name, bases = every(collection)[0]
    contig = store[sample][name]
    other = -contig
    assert -other == contig
    assert other != contig
    assert len({contig, other, -other}) == 2
    assert other.fetch(10, 50) == reverse_complement(bases)[10:50]
    assert other.fetch(10, 50, strand="-") == bases[len(bases) - 50 : len(bases) - 10]
    assert (other.name, other.header, other.sample) == (contig.name, contig.header, contig.sample)
    assert (other.digest, other.md5) == (contig.digest, contig.md5)
    assert "other strand" in repr(other)
    assert contig.name in repr(contig)


def test_records(store: panarc.Archive, collection: Collection) -> None:
    found = [(record.sample, record.header, record.sequence) for record in store.records()]
    assert found == every(collection)
    sample = list(collection)[2]
    (record, *_) = store.records([sample])
    assert record == next(iter(store[sample].records()))
    assert isinstance(record, Record)
    assert f"{record.name} {record.comment}".strip() == record.header
    assert str(record) == f">{record.header}\n{record.sequence.decode()}\n"
    assert len(record) == len(record.sequence)
    with pytest.raises(SampleNotFoundError):
        store.records(["nobody"])


def test_arrays(store: panarc.Archive, collection: Collection) -> None:
    sample, name, bases = every(collection)[0]
    contig = store[sample][name]
    assert np.asarray(contig).tobytes() == bases
    assert np.asarray(-contig).tobytes() == reverse_complement(bases)
    assert np.array(contig, dtype=np.uint16).tolist() == list(bases)
    view = contig.numpy(5, 9)
    assert (view.tobytes(), view.flags.writeable) == (bases[5:9], False)
    if sys.version_info >= (3, 12):
        assert memoryview(contig) == bases
        assert np.frombuffer(contig, np.uint8).tobytes() == bases


def test_tables(store: panarc.Archive, collection: Collection) -> None:
    table: dict[str, Any] = store.table(digests=True)
    rows = every(collection)
    assert list(zip(table["sample"], table["header"], table["length"], strict=True)) == [
        (sample, name, len(bases)) for sample, name, bases in rows
    ]
    assert table["digest"] == [contig.digest for sample in store.values() for contig in sample]
    expected = [len(bases) for _, _, bases in rows]
    assert pandas.DataFrame(table)["length"].tolist() == expected
    assert polars.DataFrame(table)["length"].to_list() == expected
    assert pyarrow.table(table)["length"].to_pylist() == expected
    one = store.table([rows[0][0]])
    assert list(one) == ["sample", "contig", "header", "length"]
    assert len(one["length"]) == len(collection[rows[0][0]])


def test_equality(path: Path, collection: Collection, tmp_path: Path) -> None:
    store, again = panarc.open(path), panarc.open(path, threads=1)
    sample = next(iter(collection))
    assert store == again
    assert hash(store) == hash(again)
    assert store[sample] == again[sample]
    assert {next(iter(store[sample])), next(iter(again[sample]))} == {next(iter(store[sample]))}
    other = tmp_path / "b.agc"
    other.write_bytes(path.read_bytes())
    assert panarc.open(other) != store
    assert panarc.open(other)[sample] != store[sample]
    assert store != "a.agc"


def test_pickles(path: Path, collection: Collection, monkeypatch: pytest.MonkeyPatch) -> None:
    sample, name, bases = every(collection)[1]
    monkeypatch.chdir(path.parent)
    store = panarc.open(path.name, threads=1, upper=True, verify=True, cache_bytes=1 << 20)
    things = store, store[sample], store[sample][name], -store[sample][name]
    data = [pickle.dumps(things, protocol) for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1)]
    monkeypatch.chdir("/")
    for text in data:
        archive, one, contig, other = pickle.loads(text)
        assert (archive, one, contig, other) == things
        assert archive.path == str(path)
        assert archive.verify_reads
        assert one.archive is archive
        assert contig.sequence() == bases
        assert other.sequence() == reverse_complement(bases)
    monkeypatch.chdir(path.parent)
    assert copy.copy(store) == store
    assert copy.deepcopy(store[sample])[name].sequence() == bases
    store.close()
    with pytest.raises(ParameterError, match="closed"):
        pickle.dumps(store)


def window(contig: Contig, start: int) -> bytes:
    return contig[start : start + 500]


def digest(task: tuple[panarc.Archive, str, str]) -> tuple[int, bytes]:
    store, sample, name = task
    return os.getpid(), store[sample][name].sequence()


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_processes(store: panarc.Archive, collection: Collection, method: str) -> None:
    rows = every(collection)
    next(iter(store.values()))  # something is open and cached before the others begin
    store.fetch_many([(rows[0][0], rows[0][1], 0, 1000)])
    context = multiprocessing.get_context(method)
    with ProcessPoolExecutor(2, mp_context=context) as pool:
        found = list(pool.map(digest, [(store, sample, name) for sample, name, _ in rows]))
    assert [bases for _, bases in found] == [bases for _, _, bases in rows]
    assert os.getpid() not in {pid for pid, _ in found}


def test_a_forked_child_reads_what_its_parent_opened(store: panarc.Archive, collection: Collection) -> None:
    rows = every(collection)
    contigs = [store[sample][name] for sample, name, _ in rows]
    expected = [bases[:300] for _, _, bases in rows]
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            good = [contig[:300] for contig in contigs] == expected
            many = store.fetch_many([(sample, name, 0, min(300, len(bases))) for sample, name, bases in rows])
            os.write(writer, b"1" if good and many == expected else b"0")
        finally:
            os._exit(0)
    os.close(writer)
    assert os.read(reader, 1) == b"1"
    os.close(reader)
    os.waitpid(child, 0)


class Windows:
    """A map-style data set, as PyTorch's `DataLoader` takes it."""

    def __init__(self, store: panarc.Archive, windows: list[tuple[str, str, int]]) -> None:
        self.store = store
        self.windows = windows

    def __len__(self) -> int:
        return len(self.windows)

    def __getitem__(self, place: int) -> bytes:
        sample, name, start = self.windows[place]
        return self.store.fetch(name, start, start + 256, sample=sample)


def test_data_sets_for_loaders(store: panarc.Archive, collection: Collection) -> None:
    rng = random.Random("loader")
    rows = [row for row in every(collection) if len(row[2]) > 256]
    windows, expected = [], []
    for _ in range(200):
        sample, name, bases = rng.choice(rows)
        start = rng.randrange(len(bases) - 256)
        windows.append((sample, name, start))
        expected.append(bases[start : start + 256])
    data = Windows(store, windows)
    for method in ("fork", "spawn"):
        with multiprocessing.get_context(method).Pool(2) as pool:
            assert pool.map(data.__getitem__, range(len(data)), chunksize=16) == expected


def test_threads(store: panarc.Archive, collection: Collection) -> None:
    rows = every(collection) * 5
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda row: store[row[0]][row[1]].sequence(), rows))
    assert found == [bases for _, _, bases in rows]


def test_import_starts_nothing() -> None:
    code = (
        "import panarc, threading, sys; assert threading.active_count() == 1;"
        "assert not {'numpy', 'typing', 'dataclasses', 'argparse', 'json', 'panarc._core'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_paths_of_all_kinds(path: Path) -> None:
    for given in (path, str(path), os.path.relpath(path)):
        with panarc.open(given) as store:
            assert len(store) == 4
        assert store.closed
    with pytest.raises(panarc.MissingFileError):
        panarc.open(path.parent / "none.agc")
