"""`panarc.create`: what goes in, and that nothing half-done can come out."""

import array
import gzip
import os
import random
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

import panarc

np = pytest.importorskip("numpy")

SEQUENCE = bytes(random.Random(3).choices(b"ACGT", k=5000))


def stored(path: Path) -> dict[str, dict[str, bytes]]:
    with panarc.open(path) as archive:
        return {name: {c.header: c.sequence() for c in sample} for name, sample in archive.items()}


def left(path: Path) -> list[str]:
    return sorted(os.listdir(path))


@pytest.mark.parametrize(
    "make",
    [
        bytes,
        bytearray,
        memoryview,
        bytes.decode,
        lambda s: np.frombuffer(s, np.uint8),
        lambda s: np.frombuffer(s, "S1"),
        lambda s: np.repeat(np.frombuffer(s, np.uint8), 2)[::2],
        lambda s: array.array("B", s),
        lambda s: [s[:100], s[100:].decode()],
        lambda s: (s[i : i + 7] for i in range(0, len(s), 7)),
    ],
)
def test_all_kinds_of_sequence(tmp_path: Path, make: Callable[[bytes], Any]) -> None:
    path = tmp_path / "a.agc"
    with panarc.create(path, threads=1) as builder:
        assert builder.add_sample("s", {"c": make(SEQUENCE)}) == 1
    assert stored(path) == {"s": {"c": SEQUENCE}}


def test_pairs_and_streams(tmp_path: Path) -> None:
    path = tmp_path / "a.agc"
    with panarc.create(os.fspath(path), threads=2) as builder:
        builder.add_sample("pairs", ((f"c{i}", SEQUENCE[i:]) for i in range(3)))
        with builder.sample("stream") as sample:
            with sample.contig("x y") as contig:
                for start in range(0, 5000, 99):
                    contig.write(SEQUENCE[start : start + 99].lower())
            assert contig.length == 5000
            with sample.contig("empty"):
                pass
        with builder.sample("no contigs"):
            pass
        assert builder.stats is None and builder.bases == 5000 * 4 - 3
    assert stored(path) == {
        "pairs": {f"c{i}": SEQUENCE[i:] for i in range(3)},
        "stream": {"x y": SEQUENCE, "empty": b""},
        "no contigs": {},
    }
    stats = builder.stats
    assert stats is not None and builder.closed
    assert (stats.samples, stats.contigs, stats.bases) == (3, 5, 19_997)
    assert stats.archive_bytes == path.stat().st_size
    assert "finished" in repr(builder)
    builder.close()
    assert left(tmp_path) == ["a.agc"]


def test_fasta(tmp_path: Path) -> None:
    plain, packed = tmp_path / "one.fa", tmp_path / "two.x.fa.gz"
    plain.write_bytes(b">c1 comment\nACGT\nNN\n>c2\nACG\n")
    packed.write_bytes(gzip.compress(b">c1\nTTT\n"))
    with panarc.create(tmp_path / "a.agc") as builder:
        assert builder.add_fasta(plain) == 2
        assert builder.add_fasta(str(packed)) == 1
        assert builder.add_fasta(packed, sample="named") == 1
    assert stored(tmp_path / "a.agc") == {
        "one": {"c1 comment": b"ACGTNN", "c2": b"ACG"},
        "two.x": {"c1": b"TTT"},
        "named": {"c1": b"TTT"},
    }


def test_parameters_reach_the_archive(tmp_path: Path) -> None:
    path = tmp_path / "a.agc"
    with panarc.create(path, k=21, min_match=15, segment_size=500, pack_cardinality=3) as builder:
        builder.add_sample("s", {"c": SEQUENCE})
    assert panarc.open(path).params == panarc.Params(21, 15, 500, 3)


@pytest.mark.parametrize(
    ("name", "value"), [("k", 33), ("k", -1), ("k", 1 << 40), ("k", "31"), ("min_match", 5), ("threads", 0)]
)
def test_parameters_out_of_range(tmp_path: Path, name: str, value: object) -> None:
    with pytest.raises(panarc.ParameterError, match=str(value)) as caught:
        panarc.create(tmp_path / "a.agc", **{name: value})  # type: ignore[arg-type]
    assert isinstance(caught.value, ValueError)
    assert left(tmp_path) == []


def test_threads_change_nothing(tmp_path: Path) -> None:
    for threads in (1, 3):
        with panarc.create(tmp_path / str(threads), segment_size=500, threads=threads) as builder:
            for i in range(5):
                builder.add_sample(f"s{i}", {"c": SEQUENCE[i * 10 :] + SEQUENCE})
    assert (tmp_path / "1").read_bytes() == (tmp_path / "3").read_bytes()


def failing_pieces() -> Iterator[bytes]:
    yield SEQUENCE
    raise OSError("the network is down")


FAILURES: dict[str, tuple[Callable[[panarc.Builder], object], type[Exception], str]] = {
    "letter": (
        lambda b: b.add_sample("x", {"c": [b"ACGT", b"ACEGT"]}),
        panarc.InputError,
        "sample 'x', contig 'c': byte 'E' at position 6 is no IUPAC nucleotide code",
    ),
    "character": (lambda b: b.add_sample("x", {"c": "ACG\u0142"}), panarc.InputError, "at offset 3"),
    "type": (lambda b: b.add_sample("x", {"c": 5}), TypeError, "int"),  # type: ignore[arg-type]
    "wide array": (lambda b: b.add_sample("x", {"c": np.zeros(4, np.uint32)}), panarc.InputError, "one byte an item"),
    "flat": (lambda b: b.add_sample("x", {"c": np.zeros((2, 2), np.uint8)}), panarc.InputError, "one dimension"),
    "callers": (lambda b: b.add_sample("x", {"c": failing_pieces()}), OSError, "network"),
    "sample twice": (lambda b: b.add_sample("first", {}), panarc.DuplicateError, "already a sample named 'first'"),
    "contig twice": (
        lambda b: b.add_sample("x", [("c", b"A"), ("c", b"C")]),
        panarc.DuplicateError,
        "two contigs named 'c'",
    ),
    "no names": (lambda b: b.add_sample("x", b"ACGT"), panarc.ParameterError, "its contigs need names"),  # type: ignore[arg-type]
    "no file": (lambda b: b.add_fasta("/nosuch.fa"), FileNotFoundError, "/nosuch.fa"),
    "stdin": (lambda b: b.add_fasta("-"), panarc.ParameterError, "needs a sample name"),
    "bad name": (lambda b: b.add_sample("a\nb", {}), panarc.ParameterError, "cannot be stored"),
    "empty name": (lambda b: b.add_sample("x", {"": b"A"}), panarc.ParameterError, "it is empty"),
}


@pytest.mark.parametrize("failure", FAILURES)
def test_a_failure_ends_the_build(tmp_path: Path, failure: str) -> None:
    work, kind, message = FAILURES[failure]
    builder = panarc.create(tmp_path / "a.agc", threads=2)
    builder.add_sample("first", {"c": SEQUENCE})
    with pytest.raises(kind, match=message):
        work(builder)
    assert left(tmp_path) == []
    for later in (builder.close, lambda: builder.add_sample("later", {"c": SEQUENCE})):
        with pytest.raises(panarc.ParameterError, match="was given up after an error"):
            later()
    assert builder.stats is None and "failed" in repr(builder)
    assert left(tmp_path) == []


def test_a_failure_that_is_caught_inside_the_block_still_shows(tmp_path: Path) -> None:
    with (
        pytest.raises(panarc.ParameterError, match=r"given up after an error: .*/nosuch\.fa") as caught,
        panarc.create(tmp_path / "a.agc") as builder,
    ):
        builder.add_sample("first", {"c": SEQUENCE})
        with pytest.raises(panarc.FileError):
            builder.add_fasta("/nosuch.fa")
    assert isinstance(caught.value.__cause__, panarc.MissingFileError)
    assert left(tmp_path) == []


@pytest.mark.parametrize("depth", [0, 1, 2])
@pytest.mark.parametrize("kind", [ValueError, KeyboardInterrupt, SystemExit, GeneratorExit])
def test_an_exception_leaves_nothing_behind(tmp_path: Path, depth: int, kind: type[BaseException]) -> None:
    (tmp_path / "a.agc").write_text("what was there")
    with pytest.raises(kind), panarc.create(tmp_path / "a.agc", overwrite=True) as builder:
        builder.add_sample("first", {"c": SEQUENCE})
        if depth == 0:
            raise kind
        with builder.sample("second") as sample:
            if depth == 1:
                raise kind
            with sample.contig("c") as contig:
                contig.write(SEQUENCE)
                raise kind
    assert left(tmp_path) == ["a.agc"]
    assert (tmp_path / "a.agc").read_text() == "what was there"


def test_half_a_contig_is_never_stored(tmp_path: Path) -> None:
    with (
        pytest.raises(panarc.ParameterError, match="given up after an error: half-way"),
        panarc.create(tmp_path / "a.agc") as builder,
        builder.sample("s") as sample,
        suppress(RuntimeError),
        sample.contig("c") as contig,
    ):
        contig.write(SEQUENCE)
        raise RuntimeError("half-way")
    assert left(tmp_path) == []


def test_writers_are_used_in_order(tmp_path: Path) -> None:
    def write_outside(builder: panarc.Builder) -> None:
        with builder.sample("s") as sample:
            sample.contig("c").write(b"ACGT")

    def write_after(builder: panarc.Builder) -> None:
        with builder.sample("s") as sample:
            with sample.contig("c") as contig:
                contig.write(b"ACGT")
            contig.write(b"ACGT")

    def nest_samples(builder: panarc.Builder) -> None:
        with builder.sample("s"), builder.sample("t"):
            pass

    def nest_contigs(builder: panarc.Builder) -> None:
        with builder.sample("s") as sample, sample.contig("c"), sample.contig("d"):
            pass

    def close_inside(builder: panarc.Builder) -> None:
        with builder.sample("s"):
            builder.close()

    for misuse in (write_outside, write_after, nest_samples, nest_contigs, close_inside, panarc.Builder.close):
        with pytest.raises(panarc.ParameterError), panarc.create(tmp_path / "a.agc") as builder:
            misuse(builder)
        assert left(tmp_path) == []


def test_abort(tmp_path: Path) -> None:
    with panarc.create(tmp_path / "a.agc") as builder:
        builder.add_sample("s", {"c": SEQUENCE})
        builder.abort()
        builder.abort()
    assert left(tmp_path) == [] and builder.stats is None
    with pytest.raises(panarc.ParameterError, match="closed"):
        builder.add_sample("t", {})
    del builder
    builder = panarc.create(tmp_path / "a.agc")
    builder.add_sample("s", {"c": SEQUENCE})
    del builder
    assert left(tmp_path) == []


def test_unwritable_targets(tmp_path: Path) -> None:
    with pytest.raises(panarc.MissingFileError, match="nosuch"):
        panarc.create(tmp_path / "nosuch" / "a.agc")
    with pytest.raises(panarc.FileError, match="directory"):
        panarc.create(tmp_path)


@pytest.mark.skipif(sys.platform == "win32", reason="there are no signals to send")
def test_ctrl_c_while_the_core_works(tmp_path: Path) -> None:
    fasta = tmp_path / "in.fa"
    fasta.write_bytes(b"".join(b">c%d\n%s\n" % (i, SEQUENCE * 400) for i in range(50)))
    out = tmp_path / "out"
    out.mkdir()
    timer = threading.Timer(0.3, os.kill, [os.getpid(), signal.SIGINT])
    with pytest.raises(KeyboardInterrupt), panarc.create(out / "a.agc", threads=2) as builder:
        timer.start()
        for i in range(1000):
            builder.add_fasta(fasta, f"s{i}")
        time.sleep(5)
    assert left(out) == []


def test_the_memory_limit_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with panarc.create(tmp_path / "a.agc", memory_limit="3GB") as builder:
        builder.add_sample("s", {"c": b"ACGT"})
        assert builder.memory_limit == 3_000_000_000
    assert builder.stats is not None and builder.stats.memory_limit == 3_000_000_000
    monkeypatch.delenv("PANARC_MEMORY_LIMIT", raising=False)
    with panarc.append(tmp_path / "a.agc") as builder:
        builder.add_sample("t", {"c": b"ACGT"})
        limit = builder.memory_limit
        # Beside what the process has resident, which is no more than the tests may take.
        assert 0 < limit <= 2 * (2 << 30)
    assert builder.stats is not None and builder.stats.memory_limit == limit
