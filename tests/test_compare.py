"""The script that measures panarc beside its peers."""

from __future__ import annotations

import gzip
import json
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import zstandard

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "benches"))

import compare
import hard
from comparison.growth import Growth, GrowthOfSet, growth_table
from comparison.inputs import Sample, half_of, parse_set, sample_name
from comparison.process import CommandError, Usage, measure, measure_floor, without_folders
from comparison.report import SetSize, as_json, middle_usage, ratio, table_of, write_bytes, write_seconds
from comparison.schedule import VERBS, Result
from comparison.tools import Agc, AgcConcatenated, AgcSeparate, Mbgc, Panarc, Zstd
from comparison.verification import Digest, digest_records

SCRIPT = Path(compare.__file__)

FAKE = """
import gzip, json, sys, time
from pathlib import Path

mode, *rest = sys.argv[1:]
if rest in ([], ["--version"], ["--help"]):
    print("fake 1.2.3")
    sys.exit()
if rest[0] == "listset":
    print(*json.loads(Path(rest[1]).read_text()), sep="\\n")
    sys.exit()
concatenated, fast = "-c" in rest, "-f" in rest
rest = [argument for argument in rest if argument not in ("-c", "-f")]
assert not fast or rest[0] in ("getcol", "create")
verb, dash_t, threads, *rest = rest
assert (dash_t, threads) == ("-t", "2")
if mode == "slow":
    time.sleep(60)
if verb == "create":
    if mode == "broken":
        sys.exit(f"no room for genomes in {rest[1]}")
    rest = rest[rest.index("-o") :]
    samples = {}
    for path in map(Path, rest[2:]):
        data = path.read_bytes()
        text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode()
        if concatenated:
            samples.update({record.split()[0]: ">" + record for record in text.split(">")[1:]})
        else:
            samples[path.name.split(".")[0]] = text.replace("a", "A")
    Path(rest[1]).write_text(json.dumps(samples))
else:
    samples = json.loads(Path(rest[0]).read_text())
    if mode == "lossy":
        samples = {name: text.replace("ACGTACGT", "ACGTACGA") for name, text in samples.items()}
    names = rest[1:] if verb == "getset" else samples
    sys.stdout.write("".join(samples[name] for name in names))
"""


@pytest.fixture
def fake(tmp_path: Path) -> str:
    """Write a program that speaks panarc's verbs and return its command, to be ended by a mode."""
    path = tmp_path / "fake.py"
    path.write_text(FAKE)
    return f"{shlex.quote(sys.executable)} {shlex.quote(str(path))}"


@pytest.fixture
def genomes(tmp_path: Path) -> Path:
    """Write a folder of three samples, one of them compressed."""
    folder = tmp_path / "genomes"
    folder.mkdir()
    (folder / "one.fa").write_text(">c first\nACGTACGT\nacgt\n>d\nNNNN\n")
    (folder / "two.fna").write_text(">c\nACGTACGTAAAA\n")
    (folder / "three.fasta.gz").write_bytes(gzip.compress(b">c\nACG\nTTT"))
    (folder / "samples.txt").write_text("one.fa\n")
    return folder


def json_of(result: dict[str, object], key: str) -> dict[str, list[object]]:
    """Return a part of a result that has values by verb."""
    found = result[key]
    assert isinstance(found, dict)
    return found


def run_compare(
    tmp_path: Path, genomes: Path, *arguments: str, place: int = 0
) -> tuple[str, dict[str, dict[str, object]]]:
    """Run the comparison and return its Markdown, and its results by tool for the set at a place."""
    (tmp_path / "work").mkdir()
    markdown, everything = tmp_path / "table.md", tmp_path / "all.json"
    files = ["--markdown", str(markdown), "--json", str(everything), "--workspace", str(tmp_path / "work")]
    compare.main(["--set", f"tiny={genomes}", "--runs", "2", *files, *arguments])
    assert list((tmp_path / "work").iterdir()) == []
    plain = json.loads(everything.read_text())
    assert plain["complete"] is True
    assert str(tmp_path) not in everything.read_text() + markdown.read_text()
    return markdown.read_text(), {result["tool_name"]: result for result in plain["sets"][place]["results"]}


def test_two_tools_side_by_side(tmp_path: Path, genomes: Path, fake: str) -> None:
    arguments = ["--panarc", f"{fake} good", "--agc", f"{fake} good", "--verify"]
    markdown, results = run_compare(tmp_path, genomes, *arguments)
    assert "### tiny: 3 samples" in markdown
    assert "* panarc: fake 1.2.3" in markdown
    assert "| what | panarc | agc | panarc : agc |" in markdown
    assert re.search(r"\| archive \| (\d+ B) \| \1 \| 1.00 \|", markdown)
    for name in ("panarc", "agc"):
        usages = results[name]["usages"]
        assert isinstance(usages, dict)
        assert {verb: len(runs) for verb, runs in usages.items()} == dict.fromkeys(VERBS, 2)
        assert results[name]["verified"] is True
        assert results[name]["error"] is None


def test_records_as_samples(tmp_path: Path, genomes: Path, fake: str) -> None:
    (genomes / "all.fa.gz").write_bytes(gzip.compress(b">a x\nACGT\n>b\nCC\nCC\n>c\nG\n"))
    tools = [
        "--panarc",
        f"{fake} good",
        "--agc",
        f"{fake} lossy",
        "--verify",
        "--verbs",
        "getset",
        "listset",
        "--quick-runs",
        "3",
    ]
    markdown, results = run_compare(tmp_path, genomes, *tools, "--records", f"all={genomes}/all.fa.gz", place=1)
    assert "### all: 3 samples, 24 B of FASTA" in markdown
    assert results["panarc"]["verified"] is results["agc"]["verified"] is True
    usages = json_of(results["panarc"], "usages")
    assert {verb: len(runs) for verb, runs in usages.items()} == {"create": 2, "getset": 3, "listset": 3}


def test_unpacked_sets(tmp_path: Path, genomes: Path) -> None:
    inputs = parse_set(f"tiny={genomes}", plain=True)
    plain = inputs.unpacked(tmp_path)
    assert [path.name for path in plain.files] == ["one.fa", "three.fa", "two.fa"]
    assert (tmp_path / "three.fa").read_bytes() == b">c\nACG\nTTT"
    assert plain.warm()[1] == inputs.warm()[1]
    assert parse_set(f"tiny={genomes}").unpacked(tmp_path / "missing").files == inputs.files
    with pytest.raises(ValueError, match="is to be one file, not 3"):
        parse_set(f"tiny={genomes}", records=True)


@pytest.mark.skipif(not shutil.which("zstd"), reason="needs the command zstd")
def test_files_in_zstd(tmp_path: Path) -> None:
    text = b">c\n" + b"ACGT" * 50_000
    packed = tmp_path / "one.fa.zst"
    packed.write_bytes(zstandard.compress(text))
    (plain,) = parse_set(f"one={packed}", records=True, plain=True).unpacked(Path(tmp_path)).files
    assert plain.name == "one.fa"
    assert plain.read_bytes() == text
    packed.write_bytes(packed.read_bytes()[:-9])
    with pytest.raises(OSError, match=r"zstd cannot read one\.fa\.zst"):
        parse_set(f"one={packed}").warm()


def test_no_round_begins_after_enough_time(tmp_path: Path, genomes: Path, fake: str) -> None:
    _, results = run_compare(tmp_path, genomes, "--panarc", f"{fake} good", "--agc", f"{fake} good", "--enough", "0")
    for name in ("panarc", "agc"):
        assert {verb: len(runs) for verb, runs in json_of(results[name], "usages").items()} == dict.fromkeys(VERBS, 1)


def test_levels_beside_modes(tmp_path: Path, genomes: Path, fake: str) -> None:
    markdown, everything = tmp_path / "table.md", tmp_path / "all.json"
    files = ["--markdown", str(markdown), "--json", str(everything), "--workspace", str(tmp_path)]
    tools = ["--panarc", f"{fake} lossy", "--agc", f"{fake} good", "--verify"]
    hard.main(["--set", f"tiny={genomes}", *tools, *files])
    plain = json.loads(everything.read_text())
    assert plain["complete"] is True
    assert str(tmp_path) not in everything.read_text() + markdown.read_text()
    (tiny,) = plain["sets"]
    rows = {row["tool"]: row for row in tiny["rows"]}
    assert {"panarc balanced", "panarc smallest", "agc", "agc -a"} < set(rows)
    assert tiny["best_of_agc"] == min(row["archive_bytes"] for name, row in rows.items() if "agc" in name.split())
    assert tiny["half_fasta_bytes"] < tiny["fasta_bytes"]
    assert rows["agc -a"]["ratio"] == 1.0
    assert rows["agc -a"]["verified"] is None
    assert rows["panarc balanced"]["verified"] is False
    assert "panarc balanced failed: verify: one: record 'c first'" in markdown.read_text()


def test_growth_is_work_for_a_base() -> None:
    def run(cpu: float) -> list[Usage]:
        return [Usage(1.0, cpu, 1_000_000)]

    ours = Growth(Panarc("panarc", ()), 900, run(3.0), run(1.0))
    theirs = [Growth(Agc("agc", ()), 1000, run(2.0), run(1.0)), Growth(Agc("agc -a", ()), 1800, error="late")]
    table = growth_table(GrowthOfSet(SetSize("set", 3, 100, 4_000), 2_000, [ours, *theirs])).splitlines()
    assert table[4] == "| panarc | 900 | 0.900 | 1.00 s | 3.00 s | 1 MB | 1.00 s | 1.00 s | 1.50 |"
    assert table[5] == "| agc | 1,000 | 1.000 | 1.00 s | 2.00 s | 1 MB | 1.00 s | 1.00 s | 1.00 |"
    assert table[6] == "| agc -a | 1,800 | 1.800 | n/a | n/a | n/a | n/a | n/a | n/a |"
    assert table[8:] == ["* agc -a failed: late"]


def test_halves_and_records_of_a_set(tmp_path: Path, genomes: Path) -> None:
    inputs = parse_set(f"tiny={genomes}")
    assert half_of(inputs, tmp_path).files == inputs.files[:2]
    (genomes / "all.fa").write_text(">a\nACGT\n>b\nCC\nCC\n>c\nG\n")
    alone = parse_set(f"alone={genomes}/all.fa")
    (half,) = half_of(alone, tmp_path).files
    assert half.read_text() == ">a\nACGT\n>b\nCC\nCC\n"
    *_, first, rest = AgcConcatenated("agc", ("agc",), 1, ("-c",)).create(alone, tmp_path / "x.agc")
    assert Path(first).read_text() == ">a\nACGT\n"
    assert Path(rest).read_text() == ">b\nCC\nCC\n>c\nG\n"
    for _ in range(2):
        *_, first = AgcSeparate("agc", ("agc",)).create(alone, tmp_path / "x.agc")
    assert Path(first).read_text() == ">a\nACGT\n"
    others = (tmp_path / "x.list").read_text().split()
    assert [Path(other).read_text() for other in others] == [">b\nCC\nCC\n", ">c\nG\n"]


def test_a_failing_peer_is_reported_and_not_fatal(tmp_path: Path, genomes: Path, fake: str) -> None:
    arguments = ["--panarc", f"{fake} good", "--agc", f"{fake} broken", "--mbgc", str(tmp_path / "missing")]
    markdown, results = run_compare(tmp_path, genomes, *arguments)
    assert "agc failed: create:" in markdown
    assert "no room for genomes" in markdown
    assert "mbgc failed: missing cannot be started" in markdown
    assert results["panarc"]["error"] is None
    assert results["panarc"]["verified"] is None


def test_wrong_sequence_is_found(tmp_path: Path, genomes: Path, fake: str) -> None:
    markdown, results = run_compare(tmp_path, genomes, "--panarc", f"{fake} lossy", "--verify")
    assert results["panarc"]["verified"] is False
    assert "panarc failed: verify: one: record 'c first' of 12 letters" in markdown


def test_a_tool_that_takes_too_long_is_given_up(tmp_path: Path, genomes: Path, fake: str) -> None:
    start = time.monotonic()
    _, results = run_compare(tmp_path, genomes, "--panarc", f"{fake} slow", "--timeout", "0.5")
    assert "more than 0.5 s" in str(results["panarc"]["error"])
    assert time.monotonic() - start < 30


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_leaves_nothing_behind(tmp_path: Path, genomes: Path, fake: str, number: signal.Signals) -> None:
    work = tmp_path / "work"
    work.mkdir()
    command = [sys.executable, str(SCRIPT), "--panarc", f"{fake} slow", "--set", f"tiny={genomes}"]
    with subprocess.Popen([*command, "--workspace", str(work)], stdout=subprocess.PIPE) as process:
        deadline = time.monotonic() + 30
        while not list(work.iterdir()) and time.monotonic() < deadline:
            time.sleep(0.05)
        process.send_signal(number)
        assert process.wait(timeout=30) == 130
    assert list(work.iterdir()) == []


def test_no_tool_is_an_error(genomes: Path) -> None:
    for script in (compare, hard):
        with pytest.raises(SystemExit):
            script.main(["--set", f"tiny={genomes}"])


@pytest.mark.parametrize("text", ["tiny", "=x", "tiny=", "tiny=/no/such/*.fa"])
def test_a_wrong_set_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"name=DIR_OR_GLOB|no FASTA file"):
        parse_set(text)


def test_sets_are_sorted_fasta_files(genomes: Path) -> None:
    inputs = parse_set(f"tiny={genomes}")
    assert [path.name for path in inputs.files] == ["one.fa", "three.fasta.gz", "two.fna"]
    assert [sample_name(path) for path in inputs.files] == ["one", "three", "two"]
    assert parse_set(f"some={genomes}/*.fa").files == inputs.files[:1]
    assert inputs.warm()[1] == len((genomes / "one.fa").read_bytes() + (genomes / "two.fna").read_bytes()) + 10


def test_peak_does_not_come_from_a_big_parent() -> None:
    ballast = b"x" * 200_000_000
    floor = measure_floor()
    assert len(ballast) > 4 * floor
    peak = measure([sys.executable, "-c", "x = b'x' * 150_000_000"]).peak
    assert 150_000_000 < peak < 200_000_000


def test_processor_time_of_children_counts() -> None:
    burn = f"{shlex.quote(sys.executable)} -c 'for i in range(5_000_000): pass'"
    usage = measure(["sh", "-c", f"{burn}; true"])
    assert usage.cpu > 0.01
    assert usage.cpu < usage.wall * 1.5


def test_output_goes_to_the_file(tmp_path: Path) -> None:
    measure(["echo", "hello"], stdout=tmp_path / "out")
    assert (tmp_path / "out").read_text() == "hello\n"


@pytest.mark.parametrize(
    ("command", "message"),
    [(["sh", "-c", "echo why >&2; exit 3"], "sh ended with status 3: why"), (["/no/such"], "such cannot be started")],
)
def test_failures_say_why(command: list[str], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        measure(command)


def test_messages_lose_folders() -> None:
    text = "cannot open '/data/set one/x.fa', /tmp/a/b.agc; see https://example.org/a/b or a/b"
    assert without_folders("cannot open '/data/x.fa', /tmp/a/b.agc") == "cannot open 'x.fa', b.agc"
    assert without_folders(text).endswith("see https://example.org/a/b or a/b")


def test_medians_and_ratios() -> None:
    usages = [Usage(3.0, 1.0, 10), Usage(1.0, 9.0, 30), Usage(2.0, 2.0, 20)]
    assert middle_usage(usages) == Usage(2.0, 2.0, 20)
    assert middle_usage(usages[:2]) == Usage(2.0, 5.0, 20)
    assert middle_usage([]) is None
    assert ratio(1.0, 4.0) == 0.25
    assert ratio(0.0, 4.0) == 0.0
    assert ratio(None, 4.0) is None
    assert ratio(1.0, 0.0) is None


@pytest.mark.parametrize(
    ("value", "text"),
    [(7, "7 B"), (1234, "1.23 kB"), (99_960, "100 kB"), (12_300_000, "12.3 MB"), (999_600_000, "1.00 GB")],
)
def test_bytes_in_words(value: int, text: str) -> None:
    assert write_bytes(value) == text


@pytest.mark.parametrize(("value", "text"), [(0.0123, "12 ms"), (1.234, "1.23 s"), (123.4, "123 s")])
def test_seconds_in_words(value: float, text: str) -> None:
    assert write_seconds(value) == text


def test_table() -> None:
    ours = Result("set", "panarc", {"create": [Usage(1.0, 2.0, 50_000_000)]}, [1000], verified=True)
    theirs = Result("set", "agc", {"create": [Usage(2.0, 2.5, 200_000_000)]}, [4000, 4001], error="getcol: no")
    lines = table_of(SetSize("set", 3, 100, 5_000_000), [ours, theirs], 48_000_000).splitlines()
    assert lines[0] == "### set: 3 samples, 5 MB of FASTA"
    assert lines[2] == "| what | panarc | agc | panarc : agc |"
    assert lines[4:8] == [
        "| archive | 1 kB | 4 kB | 0.25 |",
        "| create, wall | 1.00 s | 2.00 s | 0.50 |",
        "| create, CPU | 2.00 s | 2.50 s | 0.80 |",
        "| create, peak | ≤ 50 MB | 200 MB | 0.25 |",
    ]
    assert lines[9:] == [
        "* agc failed: getcol: no",
        "* panarc: all sequence verified",
        "* agc: archives differ in size",
    ]
    assert len({line.count("|") for line in lines[2:8]}) == 1
    medians = as_json(ours)["medians"]
    assert medians == {"create": {"wall": 1.0, "cpu": 2.0, "peak": 50_000_000}}


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_digests_do_not_depend_on_blocks_lines_or_case(size: int) -> None:
    text = b">one x\nACGT\nAC\n>two\n>three\nacgt>\nNN"
    cut = [text[start : start + size] for start in range(0, len(text), size)]
    one, two, three = digest_records(cut)
    assert [one.header, two.header, three.header] == [b"one x", b"two", b"three"]
    assert [one.length, two.length, three.length] == [6, 0, 7]
    other = digest_records([b">one x\r\nacg\r\ntac\r\n>two\n>three\nACGT>N\nN\n"])
    assert list(other) == [one, two, three]
    assert Digest(b"one x", 6, one.digest) == one


def test_command_lines(tmp_path: Path, genomes: Path) -> None:
    inputs = parse_set(f"tiny={genomes}/*.f*a")
    files = [str(path) for path in inputs.files]
    archive = tmp_path / "a.x"
    panarc = Panarc("panarc", ("panarc",), 4, ("-s", "1000"))
    assert panarc.create(inputs, archive) == ["panarc", "create", "-t", "4", "-s", "1000", "-o", str(archive), *files]
    assert panarc.getset(archive, inputs.samples()[0]) == ["panarc", "getset", "-t", "4", str(archive), "one"]
    assert Agc("agc", ("agc",), 2).getcol(archive) == ["agc", "getcol", "-t", "2", str(archive)]
    mbgc = Mbgc("mbgc", ("mbgc",))
    assert mbgc.create(inputs, archive)[:4] == ["mbgc", "c", "-t", "1"]
    assert mbgc.getset(archive, Sample("one", "one.fa")) == ["mbgc", "d", "-t", "1", "-e", "one.fa", str(archive), "-"]
    assert mbgc.getset(archive, Sample("record")) is None
    assert archive.with_suffix(".list").read_text().split() == files
    assert Zstd("zstd", ("zstd",)).getset(archive, inputs.samples()[0]) is None
    assert "| zstd -q -T1 -3 -o " in Zstd("zstd", ("zstd",), 1, ("-3",)).create(inputs, archive)[2]
