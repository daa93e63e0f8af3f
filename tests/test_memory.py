"""The memory limit: the whole process keeps below it, whatever the input, and says so when it cannot."""

from __future__ import annotations

import json
import os
import random
import re
import sys
from pathlib import Path

import pytest

import panarc
from helpers import Collection, bases, check, command, mutate, panarc_command, relatives, sha256, write_collection
from measured import measured, needs_linux, script
from panarc import errors

pytestmark = needs_linux

LIMIT = 56_000_000
"""A limit that two threads can live with, and little more than that."""

SHAPES = ["relatives", "tiny-contigs", "one-contig", "all-n", "unrelated"]


def collection_of(shape: str) -> Collection:
    """Collections of several megabases, each hard in its own way."""
    rng = random.Random(shape)
    match shape:
        case "relatives":
            return relatives(rng, 12, [700_000, 300_000, 40_000])
        case "tiny-contigs":
            # Each sample repeats the contigs of the first, so that their names, not their bases, are what there is.
            tiny = [(f"scaffold_{number:05} length=200", bases(rng, 200)) for number in range(10_000)]
            return {f"s{number}": tiny for number in range(4)}
        case "one-contig":
            return {"s": [("c", bases(rng, 16_000_000))]}
        case "all-n":
            return {"s": [("c", b"N" * 16_000_000)], "t": [("c", b"N" * 1_000_000)]}
        case _:
            return {f"s{number}": [("c", bases(rng, 3_000_000))] for number in range(8)}


@pytest.mark.parametrize(
    ("shape", "threads"),
    [*((shape, "2") for shape in SHAPES), *(("tiny-contigs", threads) for threads in ("1", "4", "8", "16"))],
)
def test_peak_of_the_process(shape: str, threads: str, tmp_path: Path) -> None:
    collection = collection_of(shape)
    files = write_collection(tmp_path / "in", collection)
    out, stats = tmp_path / "a.agc", tmp_path / "stats.json"
    options = ("-t", threads, "--memory-limit", str(LIMIT), "--stats", stats)
    run = measured(command("create", *options, "-o", out, *files), tmp_path)
    assert run.status == 0, run.said
    # Less than a bare interpreter is no measurement.
    assert 8_000_000 < run.peak < LIMIT
    assert json.loads(stats.read_text())["memory_limit"] == LIMIT
    check(out, collection)


def test_case_of_single_bases(tmp_path: Path) -> None:
    """Every other base in lower case is as much as there can be to keep; it is compressed as it comes."""
    rng = random.Random("case")
    ancestor = bases(rng, 4_000_000)
    collection: Collection = {}
    for name in ("s", "t", "u"):
        letters = bytearray(mutate(rng, ancestor, 0.001))
        letters[::2] = letters[::2].lower()
        collection[name] = [("c", bytes(letters))]
    files = write_collection(tmp_path / "in", collection)
    out, stats, limit = tmp_path / "a.agc", tmp_path / "stats.json", str(LIMIT + 4_000_000)
    options = ("--keep-case", "-t", "2", "--memory-limit", limit)
    run = measured(command("create", *options, "--stats", stats, "-o", out, *files), tmp_path)
    assert run.status == 0, run.said
    assert 8_000_000 < run.peak < int(limit)
    assert 500_000 < json.loads(stats.read_text())["peak_bytes"]["case"] < 4_000_000
    with panarc.open(out) as archive:
        found = {name: [(contig.header, contig[:]) for contig in sample] for name, sample in archive.items()}
    assert found == collection


def test_a_gzipped_collection_takes_no_more(tmp_path: Path) -> None:
    files = write_collection(tmp_path / "in", relatives(random.Random("gzip"), 5, [700_000, 40_000]), "gzip")
    options = ("-t", "2", "--memory-limit", str(LIMIT))
    run = measured(command("create", *options, "-o", tmp_path / "a.agc", *files), tmp_path)
    assert (run.status, run.said) == (0, "")
    assert run.peak < LIMIT


def test_the_peak_does_not_grow_with_the_samples(tmp_path: Path) -> None:
    rng = random.Random("samples")
    ancestor = bases(rng, 2_000_000)
    collection: Collection = {f"s{number:02}": [("c", mutate(rng, ancestor, 0.001))] for number in range(30)}
    files = write_collection(tmp_path / "in", collection)
    peaks = []
    for count in (10, 30):
        run = measured(command("create", "--force", "-t", "2", "-o", tmp_path / "a.agc", *files[:count]), tmp_path)
        assert run.status == 0, run.said
        peaks.append(run.peak)
    # What is in flight depends on the threads' timing; twenty more samples are forty megabases.
    assert peaks[1] < peaks[0] + 10_000_000


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """More new sequence than a tight limit leaves room for."""
    return write_collection(tmp_path_factory.mktemp("unrelated"), collection_of("unrelated"))


def smallest(said: str) -> int:
    """The number of bytes that would do, from the message of a limit that does not."""
    named = re.search(r"the smallest limit that would do is about ([\d.]+ [kMG]B)", said)
    assert named, said
    return panarc.parse_size(named[1])


ALL_OPTIONS: dict[str, tuple[str, ...]] = {
    "plain": (),
    "fast": ("--level", "fast", "--digests", "none"),
    "smallest": ("--level", "smallest", "--md5"),
    "case": ("--keep-case", "--md5", "--digests", "full"),
}

THREADS = ["1", "2", "4", "8", "16"]


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eighty megabases of long contigs, which are mapped far faster than they are digested."""
    letters = bases(random.Random("digests"), 2_000_000)
    path = tmp_path_factory.mktemp("large") / "all.fa"
    with path.open("wb") as file:
        for number in range(40):
            at = 1000 * number
            file.write(b">s%d\n%b%b\n" % (number, letters[at:], letters[:at]))
    return path


@pytest.mark.parametrize("options", ALL_OPTIONS)
def test_what_waits_for_its_digest_counts(options: str, large: Path, tmp_path: Path) -> None:
    """At any number of threads a limit that is accepted holds, and the archive is the same."""
    limit, found = 100_000_000, set()
    for threads in THREADS:
        out = tmp_path / "a.agc"
        all_options = ("-c", "--force", "-t", threads, "--memory-limit", str(limit), *ALL_OPTIONS[options])
        run = measured(command("create", *all_options, "-o", out, large), tmp_path)
        assert run.status == 0, run.said
        assert 8_000_000 < run.peak < limit, threads
        found.add(sha256(out))
    assert len(found) == 1
    # Nor is much taken where much may be.
    run = measured(command("create", "-c", "--force", "-t", "8", *ALL_OPTIONS[options], "-o", out, large), tmp_path)
    assert (run.status, sha256(out)) == (0, *found)
    assert run.peak < 150_000_000


@pytest.mark.parametrize("options", ALL_OPTIONS)
def test_exactly_the_least_that_is_named_does(options: str, large: Path, tmp_path: Path) -> None:
    out = tmp_path / "a.agc"
    for threads in THREADS:
        create: list[str | Path] = ["create", "-c", "--force", "-t", threads, *ALL_OPTIONS[options], "-o", out, large]
        limit = smallest(panarc_command(*create, "--memory-limit", "5MB").stderr.decode())
        assert 30_000_000 < limit < 100_000_000
        run = measured(command(*create, "--memory-limit", str(limit)), tmp_path)
        assert run.status == 0, run.said
        assert run.peak < limit, threads


BALLAST = """
import sys, panarc
def limit():
    with panarc.create(sys.argv[1], overwrite=True) as builder:
        builder.add_sample("s", {"c": b"ACGT" * 100})
    return builder.stats.memory_limit
before = limit()
ballast = bytearray(b"x") * 400_000_000
print(limit() - before)
"""


def test_the_default_is_beside_what_the_program_has_in_memory(tmp_path: Path) -> None:
    # Where little is free, half of what the ballast takes is missing in what the machine has to offer.
    assert int(script(BALLAST, tmp_path / "a.agc")) > 150_000_000


@pytest.mark.parametrize("threads", THREADS)
def test_too_small_a_limit_names_one_that_does(threads: str, files: list[Path], tmp_path: Path) -> None:
    out = tmp_path / "a.agc"
    done = panarc_command("create", "-t", threads, "--memory-limit", "5MB", "-o", out, *files)
    said = done.stderr.decode()
    assert done.returncode == 1
    assert len(said.splitlines()) == 1 and "limit" in said
    assert list(tmp_path.iterdir()) == []

    enough = int(smallest(said) * 1.05)
    run = measured(command("create", "-t", threads, "--memory-limit", str(enough), "-o", out, *files), tmp_path)
    assert run.status == 0, run.said
    assert run.peak < enough
    with panarc.open(out) as archive:
        assert len(archive.samples) == len(files)


def test_too_small_a_limit_is_a_memory_error(tmp_path: Path) -> None:
    with pytest.raises(errors.MemoryLimitError) as caught:
        panarc.create(tmp_path / "a.agc", memory_limit="1MB")
    assert isinstance(caught.value, MemoryError)
    assert smallest(str(caught.value)) > 1_000_000
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", ["60MB", "60000000", " 60 mb", "60000k"])
def test_the_environment_is_obeyed(
    text: str, files: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PANARC_MEMORY_LIMIT", text)
    stats = tmp_path / "stats.json"
    done = panarc_command("create", "-t", "1", "-o", tmp_path / "a.agc", "--stats", stats, files[0])
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(stats.read_text())["memory_limit"] == 60_000_000


def test_an_option_beats_the_environment(files: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PANARC_MEMORY_LIMIT", "1MB")
    out = tmp_path / "a.agc"
    assert panarc_command("create", "-t", "1", "-o", out, files[0]).returncode == 1
    assert panarc_command("create", "-t", "1", "--memory-limit", "60MB", "-o", out, files[0]).returncode == 0


@pytest.mark.parametrize("value", ["lots", "-5MB", "0", "1.5.5GB", "64QB"])
@pytest.mark.parametrize("where", ["option", "environment"])
def test_a_limit_that_is_no_size(
    value: str, where: str, files: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    option = [f"--memory-limit={value}"] if where == "option" else []
    if where == "environment":
        monkeypatch.setenv("PANARC_MEMORY_LIMIT", value)
    done = panarc_command("create", *option, "-o", tmp_path / "a.agc", files[0])
    assert done.returncode == 2
    *usage, message = done.stderr.decode().splitlines()
    assert not usage or usage[0].startswith("usage"), usage
    assert value.strip("-") in message and "Traceback" not in message
    assert list(tmp_path.iterdir()) == []


def test_the_limit_changes_no_byte(tmp_path: Path) -> None:
    """As long as it holds the distinct sequence; where it does not, the archive is larger, says so, and is right."""
    rng = random.Random("spilling")
    collection: Collection = {f"s{number}": [("c", bases(rng, 2_500_000))] for number in range(6)}
    collection["first"] = [("c", mutate(rng, collection["s0"][0][1]))]
    collection["last"] = [("c", mutate(rng, collection["s5"][0][1]))]
    files = write_collection(tmp_path / "in", collection)
    stats, out = tmp_path / "stats.json", tmp_path / "a.agc"
    sums: dict[bool, set[str]] = {False: set(), True: set()}
    for run in ("1 64MB", "2 80MB", "2", "3 128MB", "1 44MB", "2 44MB"):
        threads, *limit = run.split()
        option = ["--memory-limit", *limit] if limit else []
        done = panarc_command("create", "--force", "-t", threads, *option, "--stats", stats, "-o", out, *files)
        assert done.returncode == 0, done.stderr
        facts = json.loads(stats.read_text())
        assert facts["mapped_sparsely"] == (limit == ["44MB"])
        assert (b"memory limit" in done.stderr) == facts["mapped_sparsely"]
        sums[facts["mapped_sparsely"]].add(sha256(out))
        check(out, collection)
    assert [len(found) for found in sums.values()] == [1, 1]


# --- the heap --------------------------------------------------------------------------------------------------------

BUILD = """
import sys, panarc
def build(path, limit, files):
    with panarc.create(path, threads=2, memory_limit=limit, overwrite=True) as builder:
        for file in files:
            builder.add_fasta(file)
"""

HEAP = (
    BUILD
    + """
import memray
path, trace, limit, *files = sys.argv[1:]
with memray.Tracker(trace):
    build(path, int(limit), files)
print(memray.FileReader(trace).metadata.peak_memory)
"""
)

MANY = (
    BUILD
    + """
def now():
    with open("/proc/self/status") as status:
        values = dict(line.split(":", 1) for line in status)
    return [int(values[name].split()[0]) * 1024 for name in ("VmRSS", "VmHWM")]
path, *files = sys.argv[1:]
for number in range(60):
    if number == 10:
        before = now()
    build(path, None, files)
print(*before, *now())
"""
)


def test_peak_of_the_heap(files: list[Path], tmp_path: Path) -> None:
    """By memray: what is asked for from the allocator, by the core as well."""
    pytest.importorskip("memray", reason="memray is not installed")
    limit = 128_000_000
    peak = int(script(HEAP, tmp_path / "a.agc", tmp_path / "trace", str(limit), *files))
    # The core's own buffers are seen, and they are not near the limit: the interpreter is under it too.
    assert 3_000_000 < peak < limit // 2


def test_fifty_builds_leave_nothing_in_memory(tmp_path: Path) -> None:
    files = write_collection(tmp_path / "in", relatives(random.Random("fifty"), 3, [150_000, 30_000]))
    size, peak, size_after, peak_after = map(int, script(MANY, tmp_path / "a.agc", *files).split())
    # What the allocator keeps goes up and down by some megabytes. One chunk left behind by each build would be 13.
    assert size_after - size < 8_000_000
    assert peak_after - peak < 4_000_000


def test_a_failed_build_leaves_nothing_in_memory(tmp_path: Path) -> None:
    code = MANY.replace("    build(path, None, files)", "    failing(path)").replace(
        "path, *files",
        """
def failing(path):
    try:
        with panarc.create(path, threads=2) as builder:
            for file in files:
                builder.add_fasta(file)
            raise KeyError
    except KeyError:
        pass
path, *files""",
        1,
    )
    files = write_collection(tmp_path / "in", relatives(random.Random("failed"), 3, [200_000]))
    size, _, size_after, _ = map(int, script(code, tmp_path / "a.agc", *files).split())
    assert size_after - size < 2_000_000
    assert not (tmp_path / "a.agc").exists()


def test_pushing_waits_for_room(tmp_path: Path) -> None:
    """200 MB in small pieces, much faster than they can be encoded: `write` holds the caller back."""
    code = """
import random, sys, panarc
unit = random.Random(1).randbytes(1_000_000).translate(bytes(b"ACGT"[byte & 3] for byte in range(256)))
with panarc.create(sys.argv[1], threads=2, memory_limit=int(sys.argv[2])) as builder:
    for name, copies in ("first", 20), ("second", 180):
        with builder.sample(name) as sample, sample.contig("c") as contig:
            for _ in range(copies):
                for at in range(0, len(unit), 5000):
                    contig.write(unit[at : at + 5000])
assert builder.stats.bases == 200_000_000
"""
    path = tmp_path / "a.agc"
    run = measured([sys.executable, "-c", code, str(path), str(LIMIT)], tmp_path, dict(os.environ))
    assert run.status == 0, run.said
    assert run.peak < LIMIT
    with panarc.open(path) as archive:
        assert [len(contig) for sample in archive for contig in archive[sample]] == [20_000_000, 180_000_000]
