"""Reading on several threads and into buffers of the caller's: the same bytes as one by one."""

from __future__ import annotations

import random
import threading
from array import array
from collections.abc import Iterator
from pathlib import Path

import numpy
import pytest

import panarc
from helpers import Collection, relatives, write_collection
from panarc import ContigNotFoundError, InternalError, MemoryLimitError, ParameterError, RangeError

#: Whole contigs that are read in several parts, and short ones between them.
LENGTHS = [700_000, 3_000, 300_000, 80, 262_144]


@pytest.fixture(scope="module")
def collection() -> Collection:
    return relatives(random.Random("reading"), 4, LENGTHS)


@pytest.fixture(scope="module")
def path(collection: Collection, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reading")
    files = write_collection(folder, collection)
    with panarc.create(folder / "a.agc") as builder:
        for file in files:
            builder.add_fasta(file)
    return folder / "a.agc"


@pytest.fixture(scope="module")
def store(path: Path) -> Iterator[panarc.Archive]:
    with panarc.open(path, threads=2) as archive:
        yield archive


def windows(collection: Collection, rng: random.Random, count: int) -> list[tuple[str, str, int, int]]:
    found = []
    for _ in range(count):
        sample = rng.choice(list(collection))
        header, sequence = rng.choice(collection[sample])
        start = rng.randrange(len(sequence))
        found.append((sample, header.split()[0], start, rng.randint(start, min(len(sequence), start + 9000))))
    return found


def expected(collection: Collection, window: tuple[str, str, int, int]) -> bytes:
    sample, contig, start, end = window
    return next(bases for header, bases in collection[sample] if header.split()[0] == contig)[start:end].upper()


@pytest.mark.parametrize("width", [80, 0, 61, 1_000_000])
def test_text_is_the_same_for_any_number_of_threads(
    path: Path, collection: Collection, tmp_path: Path, width: int
) -> None:
    texts = set()
    for threads in (1, 2, 3, 8):
        with panarc.open(path, threads=threads) as archive:
            archive.write_fasta(tmp_path / "out.fa", line_width=width)
            texts.add((tmp_path / "out.fa").read_bytes())
    (text,) = texts
    lines = iter(text.split(b"\n"))
    for records in collection.values():
        for header, bases in records:
            assert next(lines) == b">" + header.encode()
            step = width or len(bases)
            for start in range(0, len(bases), step):
                assert next(lines) == bases[start : start + step].upper()
    assert list(lines) == [b""]


@pytest.mark.parametrize("limit", ["64MB", 4 << 20, "300k"])
def test_text_is_the_same_within_any_memory(
    path: Path, collection: Collection, tmp_path: Path, limit: int | str
) -> None:
    archive = panarc.open(path, memory_limit=limit, threads=2)
    archive.write_fasta(tmp_path / "within.fa")
    records = [record for records in collection.values() for record in records]
    text = b"".join(b">%s\n%s\n" % (header.encode(), bases.upper()) for header, bases in records)
    assert (tmp_path / "within.fa").read_bytes().replace(b"\n", b"") == text.replace(b"\n", b"")


def test_what_does_not_fit_into_memory_is_refused(path: Path, collection: Collection) -> None:
    name, (record, *_) = next(iter(collection.items()))
    contig = record[0]
    with pytest.raises(MemoryLimitError, match="a part of the archive needs"):
        panarc.open(path, memory_limit=1000)[name][contig][:]


def test_the_other_strand_in_parts(path: Path, tmp_path: Path) -> None:
    for threads in (1, 3):
        with panarc.open(path, threads=threads) as archive:
            (name,) = archive.samples[:1]
            contig = archive[name].values()[0]
            archive.write_regions(
                tmp_path / f"{threads}.fa", [(name, contig.name, 7, 699_999)], strand="-", line_width=0
            )
            _, text, _ = (tmp_path / f"{threads}.fa").read_bytes().split(b"\n")
            assert text == contig.fetch(7, 699_999, strand="-")


@pytest.mark.parametrize("cache_bytes", [0, 100_000, None])
def test_many_on_threads(path: Path, collection: Collection, rng: random.Random, cache_bytes: int | None) -> None:
    wanted = windows(collection, rng, 2000)
    for threads in (1, 2, 5):
        with panarc.open(path, cache_bytes=cache_bytes, threads=threads) as archive:
            found = archive.fetch_many(wanted)
            assert found == [expected(collection, window) for window in wanted]
            sample, contig, start, end = wanted[0]
            assert archive.fetch(contig, start, end, sample=sample) == found[0]


def test_threads_share_an_archive(store: panarc.Archive, collection: Collection) -> None:
    wrong: list[object] = []

    def read(seed: int) -> None:
        wanted = windows(collection, random.Random(seed), 500)
        try:
            wrong.extend(
                window
                for window in wanted
                if store.fetch(window[1], window[2], window[3], sample=window[0]) != expected(collection, window)
            )
            if store.fetch_many(wanted) != [expected(collection, window) for window in wanted]:
                wrong.append(seed)
        except Exception as error:
            wrong.append(error)

    threads = [threading.Thread(target=read, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_into_a_buffer(store: panarc.Archive, collection: Collection, rng: random.Random) -> None:
    wanted = [(s, c, start, start + 64) for s, c, start, _ in windows(collection, rng, 600) if start + 64 <= 2000]
    rows = numpy.empty((len(wanted), 64), numpy.uint8)
    wanted = [window for window in wanted if len(expected(collection, window)) == 64]
    rows = rows[: len(wanted)]
    assert store.fetch_into(rows, wanted) == rows.size
    assert [row.tobytes() for row in rows] == [expected(collection, window) for window in wanted]
    mixed = windows(collection, rng, 50)
    text = bytearray(sum(end - start for _, _, start, end in mixed))
    store.fetch_into(text, mixed)
    assert bytes(text) == b"".join(expected(collection, window) for window in mixed)
    sample, (header, bases) = next((name, records[0]) for name, records in collection.items())
    whole = memoryview(bytearray(len(bases)))
    assert store.fetch_into(whole, [f"{header.split()[0]}@{sample}"], strand="-") == len(bases)
    assert bytes(whole) == store[sample][header].fetch(strand="-")


@pytest.mark.parametrize(
    ("buffer", "message"),
    [
        (bytearray(99), "smaller"),
        (bytearray(101), "larger"),
        (bytes(100), "writable"),
        (numpy.empty((100, 2), numpy.uint8)[:, 0], "contiguous"),
        (array("i", [0] * 25), "bases cannot be put into array"),
        ("text", "bases cannot be put into str"),
    ],
)
def test_buffers_that_are_none(store: panarc.Archive, buffer: bytearray, message: str) -> None:
    contig = store[store.samples[0]].values()[0].name
    with pytest.raises(ParameterError, match=message):
        store.fetch_into(buffer, [(store.samples[0], contig, 0, 100)])


def test_a_cleared_cache_changes_nothing(store: panarc.Archive, collection: Collection, rng: random.Random) -> None:
    for sample, contig, start, end in windows(collection, rng, 20):
        store.clear_cache()
        assert store.fetch(contig, start, end, sample=sample) == expected(collection, (sample, contig, start, end))


def test_an_array_of_a_contig(store: panarc.Archive, collection: Collection) -> None:
    name, ((header, bases), *_) = next(iter(collection.items()))
    letters = store[name][header].numpy(10, 5000)
    assert letters.dtype == numpy.uint8
    assert letters.tobytes() == bases[10:5000].upper()
    assert not letters.flags.writeable


def test_what_names_alone_cannot_answer_is_told_as_ever(store: panarc.Archive) -> None:
    sample = store.samples[0]
    contig = store[sample].values()[1].name
    with pytest.raises(RangeError, match=r"range \[0, 9999\) is outside"):
        store.fetch(contig, 0, 9999, sample=sample)
    with pytest.raises(RangeError, match=r"region .* \[-1, 5\): it is not within"):
        store.fetch_many([(sample, contig, -1, 5)])
    with pytest.raises(ContigNotFoundError, match="no contig named 'x'"):
        store.fetch_many([(sample, contig, 0, 5), (sample, "x", 0, 5)])
    assert store.fetch_many([(sample, contig, 2990, None)]) == [store[sample][contig][2990:]]
    assert store.fetch_many([(sample, contig, 5, 3), (sample, contig, 0, 5)], clamp=True)[0] == b""


@pytest.mark.parametrize("threads", [0, -1, 1025])
def test_numbers_of_threads_that_are_none(path: Path, threads: int) -> None:
    with pytest.raises(ParameterError, match="it must be from 1 to 1024"):
        panarc.open(path, threads=threads)


def test_damage_met_by_any_thread_is_an_error(path: Path, tmp_path: Path) -> None:
    damaged = bytearray(path.read_bytes())
    for at in range(len(damaged) // 4, len(damaged) // 2, 997):
        damaged[at] ^= 0x55
    (tmp_path / "damaged.agc").write_bytes(damaged)
    messages = set()
    for threads in (1, 2, 4):
        with panarc.open(tmp_path / "damaged.agc", threads=threads) as archive:
            with pytest.raises(panarc.CorruptArchiveError) as caught:
                archive.write_fasta(tmp_path / "out.fa")
            assert not isinstance(caught.value, InternalError)
            messages.add(str(caught.value))
    assert len(messages) == 1
    assert not (tmp_path / "out.fa").exists()
