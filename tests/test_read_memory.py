"""Reading within a memory limit: any number of threads, of objects kept, of contigs in a sample."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

import panarc
from helpers import bases, command
from measured import measured, needs_linux, script

pytestmark = needs_linux

SAMPLES = 60
CONTIGS = 3000
LIMIT = 24_000_000
SLACK = 32_000_000
"""What the process may take beside what it had before and the limit."""

HEADER = "{0}#JAABCD{1:07}.1 Genus species isolate {0} scaffold_{1}, whole genome shotgun sequence"


@pytest.fixture(scope="module")
def drafts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One batch of 180,000 short contigs with long names: all that is known of them takes more than the limit."""
    folder = tmp_path_factory.mktemp("drafts")
    rng = random.Random("drafts")
    contigs = [bases(rng, 80) for _ in range(CONTIGS)]
    with (folder / "drafts.fa").open("wb") as file:
        for number in range(SAMPLES):
            name = f"S{number:03}#1"
            for place, contig in enumerate(contigs):
                own = contig[:40] + bases(rng, 1) + contig[41:] if place % 100 == 0 else contig
                file.write(b">" + HEADER.format(name, place).encode() + b"\n" + own + b"\n")
    with panarc.create(folder / "drafts.agc", threads=2, md5=True) as builder:
        builder.add_records(folder / "drafts.fa", split="pansn")
    return folder / "drafts.agc"


MEASURE = """
import random, resource, sys, threading
import panarc

def resident(name):
    with open("/proc/self/status") as status:
        return {{line.split(":")[0]: line.split()[1] for line in status if line.startswith("Vm")}}[name]

path, limit, threads = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
before = int(resident("VmRSS")) * 1024
archive = panarc.open(path, memory_limit=limit, threads=threads)
names, rng = archive.samples, random.Random(1)

def drawn(rng=rng):
    sample, place = rng.choice(names), rng.randrange({contigs})
    return sample, f"{{sample}}#JAABCD{{place:07}}.1", 10, 60

def everywhere(work):
    failures = []
    def run(number):
        try:
            work(number)
        except BaseException as error:
            failures.append(error)
    running = [threading.Thread(target=run, args=(number,)) for number in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    assert not failures, failures

{work}
print(before, int(resident("VmHWM")) * 1024)
"""

WORK = {
    "objects kept": """
kept = [archive[name] for name in names]
assert sum(len(sample.headers) for sample in kept) == {contigs} * len(names)
contigs = [archive[sample][contig] for sample, contig, _, _ in (drawn() for _ in range(500))]
assert all(len(contig[10:60]) == 50 for contig in contigs)
""",
    "one by one": """
def work(number):
    rng = random.Random(number)
    for _ in range(400 // threads):
        sample, contig, start, end = drawn(rng)
        assert len(archive.fetch(contig, start, end, sample=sample)) == 50
everywhere(work)
""",
    "threads that miss together": """
def work(number):
    sample = archive[names[number % len(names)]]
    assert len(sample) == {contigs} and sample.bases > 70 * {contigs}
everywhere(work)
""",
    "many at once": """
for _ in range(3):
    assert {{len(found) for found in archive.fetch_many([drawn() for _ in range(5000)])}} == {{50}}
    regions = [f"{{contig}}@{{sample}}:11-60" for sample, contig, _, _ in (drawn() for _ in range(2000))]
    assert {{len(found) for found in archive.fetch_many(regions)}} == {{50}}
""",
    "by contig alone": """
for _ in range(20):
    assert len(archive.fetch(drawn()[1] + ":11-60")) == 50
""",
    "records and digests": """
assert sum(len(record) for record in archive.records(names[:20])) > 70 * {contigs} * 20
assert len({{contig.md5 for contig in archive[names[0]]}}) > {contigs} // 2
assert len(archive[names[1]].seqcol(0)) == 32
""",
    "verify and statistics": """
assert archive.verify().ok and archive.check().ok
assert sum(sample.contigs for sample in archive.stats().samples) == {contigs} * len(names)
""",
    "FASTA": """
archive.write_fasta("/dev/null")
archive.write_fasta("/dev/null", zstd_level=3)
archive.write_regions("/dev/null", (drawn() for _ in range(5000)))
""",
}


@pytest.mark.parametrize("threads", [1, 2, 4, 8, 16])
@pytest.mark.parametrize("what", WORK)
def test_python_keeps_to_the_limit(what: str, threads: int, drafts: Path) -> None:
    code = MEASURE.format(contigs=CONTIGS, work=WORK[what].format(contigs=CONTIGS))
    before, peak = map(int, script(code, drafts, str(LIMIT), str(threads), timeout=120).split())
    assert 8_000_000 < before < peak <= before + LIMIT + SLACK


@pytest.mark.parametrize("threads", [1, 2, 4, 8, 16])
@pytest.mark.parametrize(
    "verb",
    [
        ("verify",),
        ("getcol", "-g", "1"),
        ("getset", "S007#1", "S050#1"),
        ("fetch", "--regions", "regions.txt"),
        ("fetch", "--verify", "--regions", "regions.txt"),
    ],
    ids=" ".join,
)
def test_verbs_keep_to_the_limit(verb: tuple[str, ...], threads: int, drafts: Path, tmp_path: Path) -> None:
    rng = random.Random("regions")
    regions = tmp_path / "regions.txt"
    drawn = ((rng.randrange(SAMPLES), rng.randrange(CONTIGS)) for _ in range(2000))
    regions.write_text("".join(f"S{s:03}#1#JAABCD{c:07}.1@S{s:03}#1:1-50\n" for s, c in drawn))
    name, *rest = (str(regions) if word == "regions.txt" else word for word in verb)
    samples = [word for word in rest if word.startswith("S0")]
    options = [word for word in rest if word not in samples]
    out = [] if name == "verify" else ["-o", str(tmp_path / ("out" if name == "getcol" else "out.fa"))]
    run = measured(
        command(name, "-t", str(threads), "--memory-limit", str(LIMIT), *out, *options, drafts, *samples), tmp_path
    )
    assert run.status == 0, run.said
    # The command has its interpreter beside the limit.
    assert 8_000_000 < run.peak <= 20_000_000 + LIMIT + SLACK


@pytest.mark.parametrize("verb", ["listset", "listctg", "check", "stats", "digest", "info"])
@pytest.mark.parametrize("form", ["plain", "--json"])
def test_lists_keep_to_the_limit(
    verb: str, form: str, drafts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PANARC_MEMORY_LIMIT", str(LIMIT))
    options = [] if form == "plain" else [form]
    samples = ["--sample", "S001#1"] if verb == "digest" else []
    run = measured(command(verb, *options, *samples, drafts), tmp_path)
    assert run.status == 0, run.said
    assert 8_000_000 < run.peak <= 20_000_000 + LIMIT + SLACK


def test_a_compressor_counts(drafts: Path, tmp_path: Path) -> None:
    """At level 19 zstd alone takes more than the limit; at level 1 it does not."""
    with panarc.open(drafts, memory_limit=LIMIT) as archive:
        with pytest.raises(panarc.MemoryLimitError, match="to compress at level 19"):
            archive.write_fasta(tmp_path / "a.fa.zst", ["S000#1"], zstd_level=19)
        assert list(tmp_path.iterdir()) == []
        archive.write_fasta(tmp_path / "a.fa.zst", ["S000#1"], zstd_level=1)


def test_names_that_exceed_the_limit_are_refused(tmp_path: Path) -> None:
    with panarc.create(tmp_path / "a.agc") as builder:
        for number in range(300):
            builder.add_sample(f"{'long' * 250}{number}", {"c": "ACGT"})
    with pytest.raises(panarc.MemoryLimitError, match="names of the samples"):
        panarc.open(tmp_path / "a.agc", memory_limit=500_000)
    assert len(panarc.open(tmp_path / "a.agc", memory_limit="5MB").samples) == 300


class Watched:
    """An archive in memory that counts what is read of it."""

    def __init__(self, data: bytes) -> None:
        self.size = len(data)
        self.data = data
        self.read = 0

    def read_at(self, start: int, length: int) -> bytes:
        self.read += length
        return self.data[start : start + length]


@pytest.mark.parametrize("limit", [LIMIT, 10 * LIMIT])
def test_what_is_read_does_not_grow_with_the_contigs(limit: int, drafts: Path) -> None:
    """Nothing is read once for each contig or sample: not by walks, nor where digests exceed a share of the cache."""
    source = Watched(drafts.read_bytes())
    archive = panarc.open(source, memory_limit=limit)
    assert archive.verify().ok
    # References and packs come again where the cache is small.
    assert source.read < 10 * source.size
    before = source.read
    for sample in archive.values():
        for contig in sample:
            len(contig)
    assert source.read - before < 4 * source.size
    before = source.read
    sample = archive["S030#1"]
    for contig in sample:
        assert len(contig.digest) == 35
    assert source.read - before < 4 * source.size


def test_names_alone_are_searched_for_once(drafts: Path) -> None:
    source = Watched(drafts.read_bytes())
    archive = panarc.open(source)
    name = "S{0:03}#1#JAABCD{1:07}.1:1-10"
    assert len(archive.fetch(name.format(59, 2999))) == 10
    for number in range(SAMPLES):
        archive.fetch(f"S{number:03}#1#JAABCD0000001.1:1-10")
    before = source.read
    for number in range(SAMPLES):
        assert len(archive.fetch(name.format(number, 1))) == 10
    assert source.read == before
