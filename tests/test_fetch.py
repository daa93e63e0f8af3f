"""Many regions at once: `Archive.fetch_many`, `Archive.write_regions` and the verb fetch."""

from __future__ import annotations

import gzip
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
import zstandard

import panarc
from helpers import bases, mutate
from panarc import AmbiguousContigError, ContigNotFoundError, ParameterError, RangeError, Region, SampleNotFoundError
from test_cli import failure, fasta, output, run

RANDOM = random.Random(23)
CHR = bases(RANDOM, 400_000)
SHORT = b"ACGTURYSWKMBDHVN" * 4
SAMPLES = {
    "a": {"chr1 first of a": CHR, "chr2": SHORT, "tail:5-9": SHORT[:20], "tail": SHORT[::-1], "odd@b": SHORT[3:]},
    "b": {"chr1 first of b": mutate(RANDOM, CHR), "only": SHORT[5:], "empty": b""},
    "pan#1": {"pan#1#chr1": SHORT[7:], "c": SHORT[9:]},
}
STRANDS: tuple[Literal["+", "-"], ...] = ("+", "-")
OTHER = bytes.maketrans(b"ACGTURYSWKMBDHVN", b"TGCAAYRSWMKVHDBN")


def other_strand(letters: bytes) -> bytes:
    return letters.translate(OTHER)[::-1]


def sequence(sample: str, contig: str) -> bytes:
    return next(letters for header, letters in SAMPLES[sample].items() if contig in (header, header.split()[0]))


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("fetch") / "a.agc"
    with panarc.create(path, segment_size=5000, threads=2) as builder:
        for name, contigs in SAMPLES.items():
            builder.add_sample(name, contigs)
    return path


@pytest.fixture(scope="module")
def store(path: Path) -> Iterator[panarc.Archive]:
    with panarc.open(path) as archive:
        yield archive


# --- Python ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cache_bytes", [0, None])
def test_many_are_as_one_by_one(path: Path, rng: random.Random, cache_bytes: int | None) -> None:
    regions = []
    for _ in range(3000):
        sample, contig = rng.choice([("a", "chr1"), ("b", "chr1"), ("a", "chr2"), ("b", "empty")])
        length = len(sequence(sample, contig))
        start = rng.randint(0, length)
        end = min(length, start + int(rng.expovariate(0.002)))
        regions.append(Region(contig, start, end, sample, rng.choice(STRANDS)))
    # One is so long that it is read by itself.
    regions[7] = Region("chr1", 5, 390_000, "a", "-")
    with panarc.open(path, cache_bytes=cache_bytes) as archive:
        found = archive.fetch_many(regions)
    for region, letters in zip(regions, found, strict=True):
        assert region.sample is not None
        expected = sequence(region.sample, region.contig)[region.start : region.end]
        assert letters == (expected if region.strand == "+" else other_strand(expected))


def test_regions_of_all_kinds(store: panarc.Archive) -> None:
    one = CHR[10:20]
    assert store.fetch_many(["chr1:11-20", ("chr1", 10, 20), ("a", "chr1", 10, 20)], sample="a") == [one] * 3
    assert store.fetch_many([("b", "chr1", 10, None)], sample="a") == [sequence("b", "chr1")[10:]]
    assert store.fetch_many([Region("chr1 first of a", 10, 20), "chr1@b:1-5"], sample="a", strand="-") == [
        one,
        other_strand(sequence("b", "chr1")[:5]),
    ]
    assert store.fetch_many(iter(["only", "empty"])) == [SHORT[5:], b""]
    assert store.fetch_many([]) == []
    assert store.fetch_many(["only:60-99", ("only", 80, 90)], clamp=True) == [SHORT[64:], b""]


@pytest.mark.parametrize(
    ("region", "expected"),
    [
        ("chr2:2", SHORT[1:]),
        ("chr2:-5", SHORT[:5]),
        ("chr2:2-", SHORT[1:]),
        ("chr2:1,0-2", None),
        ("tail:5-9", SHORT[:20]),
        ("tail:5-8", SHORT[::-1][4:8]),
        ("tail@a:5-9", SHORT[::-1][4:9]),
        ("tail:5-9:2-3", SHORT[1:3]),
        ("odd@b", SHORT[3:]),
        ("odd@b@a:2-3", SHORT[4:6]),
        ("chr1:1-5@b", sequence("b", "chr1")[:5]),
        ("b#chr1:1-5", sequence("b", "chr1")[:5]),
        ("b#chr1", sequence("b", "chr1")),
        ("pan#1#chr1:2-3", SHORT[8:10]),
        ("pan#1#c:2-3", SHORT[10:12]),
        ("pan#1#pan#1#chr1", SHORT[7:]),
    ],
)
def test_region_strings(store: panarc.Archive, region: str, expected: bytes | None) -> None:
    if expected is None:
        with pytest.raises(ContigNotFoundError):
            store.fetch(region)
    else:
        assert store.fetch(region) == expected
        assert store.fetch_many([region]) == [expected]


@pytest.mark.parametrize(
    ("region", "kind", "message"),
    [
        ("chr1:1-5", AmbiguousContigError, r"region 'chr1:1-5': .*contig 'chr1' is in several samples \(a, b\)"),
        ("nosuch:1-5", ContigNotFoundError, "region 'nosuch:1-5': .*no contig named 'nosuch'"),
        ("chr1@x:1-5", SampleNotFoundError, "region 'chr1@x:1-5': .*no sample named 'x'"),
        ("only@a:1-5", ContigNotFoundError, "no contig named 'only' in sample 'a'"),
        ("only:60-80", RangeError, "region 'only:60-80': it is not within contig 'only' of length 59"),
        ("only:0-5", ParameterError, "region 'only:0-5': it holds position 0"),
        ("only:6-5", ParameterError, "region 'only:6-5': it ends before it begins"),
        (("only", 5, 3), RangeError, r"region 'only' \[5, 3\)"),
        (Region("only", -1), RangeError, r"region 'only' \[-1, \)"),
        (Region("only", sample="x"), SampleNotFoundError, r"region 'only' \[0, \): .*no sample named 'x'"),
        (Region("only", strand="x"), ParameterError, "strand is 'x'"),  # type: ignore[arg-type]
        (("only",), ParameterError, "is not"),
    ],
)
def test_regions_that_are_wrong(
    store: panarc.Archive, region: str | Region, kind: type[Exception], message: str
) -> None:
    with pytest.raises(kind, match=message):
        store.fetch_many(["chr2", region])


def test_a_sample_that_is_not_there(store: panarc.Archive) -> None:
    with pytest.raises(SampleNotFoundError, match="no sample named 'x'"):
        store.fetch_many([], sample="x")
    with pytest.raises(ParameterError, match="is one region; a list"):
        store.fetch_many("chr2")


def test_write_regions(store: panarc.Archive, tmp_path: Path) -> None:
    target = tmp_path / "out.fa"
    store.write_regions(target, ["chr2:2-5", ("a", "chr1", 0, 4)], header="{sample} {start0} {end}", comment=True)
    assert target.read_text() == fasta({"a 1 5": "CGTU", "a 0 4 first of a": CHR[:4].decode()})
    with pytest.raises(ContigNotFoundError):
        store.write_regions(target, iter(["chr2:2-5", "nosuch"]))
    with pytest.raises(ZeroDivisionError):
        store.write_regions(target, (("a", "chr1", 0, 1 // n) for n in (1, 0)))
    assert target.read_text().startswith(">a 1 5\n")
    with pytest.raises(ParameterError, match="BGZF or by zstd, not both"):
        store.write_regions(target, [], gzip_level=1, zstd_level=1)
    with pytest.raises(ParameterError, match="zstd_level is 20"):
        store.write_fasta(target, zstd_level=20)


def test_long_regions_of_the_other_strand(store: panarc.Archive, tmp_path: Path) -> None:
    target = tmp_path / "out.fa"
    store.write_regions(target, [("a", "chr1", 1, None), "chr2"], strand="-", line_width=0)
    whole = other_strand(CHR[1:]).decode()
    assert target.read_text() == f">chr1:2-400000/rc\n{whole}\n>chr2/rc\n{other_strand(SHORT).decode()}\n"


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("nothing", "is not bare, sample or full"),
        ("{nosuch}", "no field 'nosuch'"),
        ("{contig.name}", "no field 'contig.name'"),
        ("{start:{end}}", "no field 'start'"),
        ("{}", "no field ''"),
        ("{contig", "expected '}'"),
        ("{contig:d}", "header '{contig:d}'"),
        ("{contig}\n", "one line"),
    ],
)
def test_headers_that_are_wrong(store: panarc.Archive, header: str, message: str) -> None:
    with pytest.raises(ParameterError, match=message.replace("{", r"\{").replace("}", r"\}")):
        store.write_regions(None, [], header=header)


# --- the command -----------------------------------------------------------------------------------------------------


def test_fetch(path: Path) -> None:
    one = CHR[999:2000].decode()
    assert output("fetch", path, "--sample", "a", "chr1:1,000-2,000", "chr2") == fasta(
        {"chr1:1000-2000": one, "chr2": SHORT.decode()}
    )
    assert output("fetch", path, "-l", "7", "chr2:-9") == fasta({"chr2:1-9": SHORT[:9].decode()}, 7)
    assert (
        output("fetch", "-r", path, "chr2:1-9", "empty")
        == f">a#chr2:1-9/rc\n{other_strand(SHORT[:9]).decode()}\n>b#empty/rc\n"
    )
    frame = run("fetch", "--zstd", "3", path, "chr1@a").stdout
    assert zstandard.ZstdDecompressor().decompressobj().decompress(frame) == fasta({"chr1": CHR.decode()}).encode()


@pytest.mark.parametrize(
    ("options", "header"),
    [
        (["--header", "bare"], "chr1:2-5"),
        (["--header", "bare", "--comment"], "chr1:2-5 first of a"),
        (["--header", "sample"], "a#chr1:2-5"),
        (["--header", "sample", "-r"], "a#chr1:2-5/rc"),
        (["--header", "full"], "a#chr1:2-5(+) first of a"),
        (["--header", "full", "-r", "--comment"], "a#chr1:2-5(-) first of a"),
        (["--header", "{sample}#{contig}:{start}-{end}({strand})"], "a#chr1:2-5(+)"),
        (["--header", "{header}|{start0}|{length:04}|{{}}|{comment}"], "chr1 first of a|1|0004|{}|first of a"),
    ],
)
def test_headers(path: Path, options: list[str], header: str) -> None:
    assert output("fetch", *options, path, "a#chr1:2-5").splitlines()[0] == f">{header}"


def test_bed(path: Path, tmp_path: Path) -> None:
    bed = tmp_path / "r.bed"
    bed.write_text(
        "# comment\nbrowser position chr1\ntrack name=x\n\n"
        "chr1\t10\t20\tfirst\t7\t-\nchr1@b\t0\t5\nchr2 3 9 third 0 +\r\nchr2\t4\t4\tnone\t.\t.\n"
    )
    template = ["--header", "{name}|{score}|{sample}|{contig}:{start}-{end}({strand})"]
    expected = [
        ("first|7|a|chr1:11-20(+)", CHR[10:20]),
        ("||b|chr1:1-5(+)", sequence("b", "chr1")[:5]),
        ("third|0|a|chr2:4-9(+)", SHORT[3:9]),
        ("none|.|a|chr2:5-4(+)", b""),
    ]
    plain = fasta({name: letters.decode() for name, letters in expected})
    assert output("fetch", "--bed", bed, "--sample", "a", *template, path) == plain
    expected[0] = "first|7|a|chr1:11-20(-)", other_strand(CHR[10:20])
    stranded = fasta({name: letters.decode() for name, letters in expected})
    assert output("fetch", "-s", "--bed", bed, "--sample", "a", *template, path) == stranded
    done = run("fetch", "-s", "--bed", "-", "--sample", "a", *template, path, stdin=bed.read_bytes())
    assert (done.stdout.decode(), done.stderr) == (stranded, b"")


def test_a_contig_that_is_called_track(tmp_path: Path) -> None:
    with panarc.create(tmp_path / "t.agc") as builder:
        builder.add_sample("s", {"track": b"ACGT", "tracks": b"GGC"})
    (tmp_path / "r.bed").write_text("track name=x\ntrack\t1\t3\ntracks\t0\t1\n")
    assert output("fetch", "--bed", tmp_path / "r.bed", tmp_path / "t.agc") == ">track:2-3\nCG\n>tracks:1-1\nG\n"


def test_files_come_in_their_order(path: Path, tmp_path: Path) -> None:
    (tmp_path / "one.txt").write_text("# regions\nchr2:5-6\n\nchr1 first of b:1-2\n")
    (tmp_path / "two.bed").write_text("chr2\t0\t1\n")
    arguments: list[str | Path] = ["--regions", tmp_path / "one.txt", "--bed", tmp_path / "two.bed", "--regions", "-"]
    done = run("fetch", path, "only:1-1", *arguments, stdin=b"chr2:9-9\n")
    headers = [line for line in done.stdout.decode().splitlines() if line.startswith(">")]
    assert headers == [">b#only:1-1", ">a#chr2:5-6", ">b#chr1:1-2", ">a#chr2:1-1", ">a#chr2:9-9"]


def test_thousands_keep_their_order(path: Path, rng: random.Random, tmp_path: Path) -> None:
    places = [(rng.choice("ab"), rng.randrange(380_000), rng.randint(1, 300)) for _ in range(9000)]
    bed = "".join(f"chr1@{sample}\t{start}\t{start + length}\n" for sample, start, length in places)
    assert run("fetch", "--bed", "-", "-l0", "-o", tmp_path / "o.fa", path, stdin=bed.encode()).returncode == 0
    lines = (tmp_path / "o.fa").read_text().splitlines()
    assert lines[0::2] == [f">{sample}#chr1:{start + 1}-{start + length}" for sample, start, length in places]
    sequences = {sample: sequence(sample, "chr1") for sample in "ab"}
    assert lines[1::2] == [sequences[sample][start : start + length].decode() for sample, start, length in places]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("chr2\t5\n", "r.bed, line 2: a BED line has three columns at least"),
        ("chr2\tx\t9\n", "r.bed, line 2: 'x' is no position"),
        ("chr2\t-1\t9\n", "r.bed, line 2: '-1' is no position"),
        ("chr2\t9\t5\n", "r.bed, line 2: the interval 9-5 ends before it begins"),
        ("chr2\t5\t90\n", "r.bed, line 2: interval chr2:5-90: it is not within contig 'chr2' of length 64"),
        ("nosuch\t5\t9\n", "r.bed, line 2: interval nosuch:5-9: "),
        ("chr1\t5\t9\n", "contig 'chr1' is in several samples (a, b)"),
        ("chr2\t5\t9\tn\t0\tx\n", "r.bed, line 2: strand 'x' is not '+', '-' or '.'"),
    ],
)
def test_bed_files_that_are_wrong(path: Path, tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "r.bed").write_text(f"chr2\t0\t5\n{text}")
    arguments = ("-s", "--bed", tmp_path / "r.bed")
    assert message in failure("fetch", path, *arguments)
    assert message in failure("fetch", "-o", tmp_path / "o.fa", path, *arguments)
    assert not (tmp_path / "o.fa").exists()


def test_compressed_bed_files_and_lists(path: Path, tmp_path: Path) -> None:
    bed, regions = b"chr2\t0\t5\nchr2\t7\t60\n", b"chr2:1-5\nchr2:8-60\n"
    wanted = output("fetch", path, "chr2:1-5", "chr2:8-60")
    (tmp_path / "r.bed.gz").write_bytes(gzip.compress(bed[:11]) + gzip.compress(bed[11:]))
    assert output("fetch", path, "--bed", tmp_path / "r.bed.gz") == wanted
    done = run("fetch", path, "--regions", "-", stdin=gzip.compress(regions))
    assert (done.returncode, done.stdout.decode()) == (0, wanted)
    (tmp_path / "cut.gz").write_bytes(gzip.compress(bed)[:-9])
    assert "cut.gz: gzip stream is truncated or corrupt: " in failure(
        "fetch", "-o", tmp_path / "o.fa", path, "--bed", tmp_path / "cut.gz"
    )
    assert not (tmp_path / "o.fa").exists()
    (tmp_path / "odd.gz").write_bytes(b"\x1f\x8b none")
    assert "odd.gz: gzip stream is truncated or corrupt: " in failure("fetch", path, "--bed", tmp_path / "odd.gz")


def test_a_bed_file_as_a_list_of_regions(path: Path, tmp_path: Path) -> None:
    (tmp_path / "r.bed").write_text("chr2\t0\t5\n")
    shown = r"r.bed, line 1: region 'chr2\t0\t5', which looks like BED (use --bed): "
    assert shown in failure("fetch", path, "--regions", tmp_path / "r.bed")


@pytest.mark.parametrize(
    ("arguments", "message", "status"),
    [
        ([], "there are no regions", 2),
        (["chr2", "-s"], "-s takes strands from a BED file", 2),
        (["chr2", "--sample", "a", "--sample", "b"], "--sample is given twice", 2),
        (["--bed", "-", "--regions", "-"], "standard input can be read only once", 2),
        (["chr2", "--bed", "/nosuch/x.bed"], "/nosuch/x.bed: cannot open: No such file", 1),
        (["chr2", "--sample", "x"], "no sample named 'x'", 1),
        (["chr2:0-5"], "region 'chr2:0-5': it holds position 0", 2),
        (["chr2", "-r", "-s"], "not allowed with argument", 2),
        (["chr2", "-g", "1", "--zstd", "1"], "not allowed with argument", 2),
        (["chr2", "--header", "{x}"], "no field 'x'", 2),
        (["chr2", "--fai"], "<standard output>: only a file can have an index", 2),
        (["chr2", "--fai", "--zstd", "1", "-o", "/nosuch/x"], "zstd text has no index", 2),
    ],
)
def test_fetch_that_fails(path: Path, arguments: list[str], message: str, status: int) -> None:
    assert message in failure("fetch", path, *arguments, status=status)


def test_regions_files_that_are_wrong(path: Path) -> None:
    message = failure("fetch", "--regions", "-", path, stdin=b"chr2:1-5\n\nchr2:1-99\n")
    assert "<standard input>, line 3: region 'chr2:1-99': it is not within contig 'chr2'" in message
    # What is wrong in a file is no misuse of the command.
    assert "line 1: region 'chr2:5-1'" in failure("fetch", "--regions", "-", path, stdin=b"chr2:5-1\n")


def test_truncate(path: Path) -> None:
    done = run("fetch", "--truncate", path, "chr2:60-99", "chr2:99-120")
    assert done.returncode == 0
    assert done.stdout.decode() == f">chr2:60-64\n{SHORT[59:].decode()}\n>chr2:65-64\n"
    assert done.stderr.decode().splitlines() == [
        "panarc: warning: region 'chr2:60-99' is cut to its contig, which has 64 bases: bases 60 to 64 are left",
        "panarc: warning: region 'chr2:99-120' is cut to its contig, which has 64 bases: nothing is left",
    ]
