"""The command: output, exit statuses, and what happens when things go wrong."""

import gzip
import json
import os
import pty
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import panarc
from helpers import GOLDEN, temporaries

RANDOM = random.Random(5)
ONE = bytes(RANDOM.choices(b"ACGT", k=900)).decode()
TWO = bytes(RANDOM.choices(b"ACGT", k=250)).decode()
REF = {"chr1 first": ONE, "chr:2": TWO, "odd@name": TWO[:100], "tail:5-9": TWO[:90], "tail": TWO[::-1]}
ALT = {"chr1 other": ONE[:400] + "T" + ONE[400:], "only": TWO}
SAMPLES = {"ref": REF, "alt": ALT}
MISSING = "/nosuch/file"


def fasta(contigs: dict[str, str], width: int = 80) -> str:
    lines = []
    for header, sequence in contigs.items():
        lines.append(f">{header}")
        lines += [sequence[i : i + width] for i in range(0, len(sequence), width)]
    return "".join(f"{line}\n" for line in lines)


def run(
    *arguments: str | Path, stdin: bytes = b"", cwd: Path | None = None, **environment: str
) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "panarc", *map(str, arguments)]
    return subprocess.run(
        command, input=stdin, capture_output=True, cwd=cwd, env=os.environ | environment, timeout=60, check=False
    )


def table(text: str) -> list[tuple[str, ...]]:
    """Return the cells of lines with tabs."""
    return [tuple(line.split("\t")) for line in text.splitlines()]


def output(*arguments: str | Path) -> str:
    done = run(*arguments)
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout.decode()


def failure(*arguments: str | Path, status: int = 1, stdin: bytes = b"") -> str:
    """Return the message of a run that fails; it must be one line, and nothing must be on standard output."""
    done = run(*arguments, stdin=stdin)
    message = done.stderr.decode()
    assert done.returncode == status, message
    assert done.stdout == b""
    assert re.fullmatch(r"panarc: error: [^\n]+\n", message), message
    return message


@pytest.fixture
def inputs(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / "ref.fa", tmp_path / "alt.fa.gz"]
    paths[0].write_text(fasta(REF))
    paths[1].write_bytes(gzip.compress(fasta(ALT).encode()))
    return paths


@pytest.fixture
def archive(tmp_path: Path, inputs: list[Path]) -> Path:
    path = tmp_path / "a.agc"
    assert output("create", "-s", "100", "-o", path, *inputs) == ""
    return path


def test_help_and_version() -> None:
    text = output("--help")
    for verb in ("create", "getcol", "getset", "getctg", "fetch", "listref", "listset", "listctg", "info", "stats"):
        assert re.search(rf"^  {verb} +[a-z]", text, re.MULTILINE)
        assert f"usage: panarc {verb} [options] " in output(verb, "--help")
        assert output("help", verb) == output(verb, "--help")
    assert "default: what suits level and first sample" in output("create", "-h")
    bare = run()
    assert (bare.returncode, bare.stdout, bare.stderr.decode()) == (2, b"", text)
    assert output("help") == text
    assert output("--version") == f"panarc {panarc.__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["purge"], "unknown verb 'purge' (see 'panarc --help')"),
        (["crate"], "unknown verb 'crate'; is 'create' meant? (see 'panarc --help')"),
        (["help", "crate"], "unknown verb 'crate'; is 'create' meant?"),
        (["--versoin"], "unknown option '--versoin'; is '--version' meant?"),
        (["append"], "there is no archive to append to (see 'panarc append --help')"),
        (["append", "a"], "there are no files; name some, or a list of them with -i (see 'panarc append --help')"),
        (["stats", "--html", "a"], "the archive is missing (see 'panarc stats --help')"),
        (["--threads"], "unknown option '--threads'"),
        (["listset"], "the archive is missing"),
        (["listset", "a", "b"], "'b' is too much"),
        (["getset", "a"], "the name of a sample is missing"),
        (["getctg", "a"], "the name of a contig is missing"),
        (["getset", "--frobnicate", "a", "b"], "unknown option '--frobnicate' (see 'panarc getset --help')"),
        (["fetch", "--samples", "a", "b", "c"], "unknown option '--samples'; is '--sample' meant?"),
        (["create", "--keepcase=1", "a.fa"], "unknown option '--keepcase'; is '--keep-case' meant?"),
        (["getset", "-l", "x", "a", "b"], "argument -l: 'x' is no whole number"),
        (["getset", "-g", "10", "a", "b"], "argument -g: 10 is not from 0 to 9"),
        (["create"], "there are no files; name some, or a list of them with -i (see 'panarc create --help')"),
        (["create", "-c", "--split", "pansn", "a.fa"], "not allowed with argument -c"),
        (["create", "--split", "names", "a.fa"], "invalid choice"),
        (["create", "-t", "0", "a.fa"], "argument -t: 0 is not from 1 to 1024"),
        (["create", "-"], "standard input needs a sample name: NAME=-"),
        (["create", "a.fa", "/dev/fd/63"], "/dev/fd/63 needs a sample name: NAME=/dev/fd/63"),
        (["create", "/dev/stdin"], "/dev/stdin needs a sample name: NAME=/dev/stdin"),
        (["create", "a=-", "b=-"], "standard input can be read only once"),
    ],
)
def test_usage(arguments: list[str], message: str) -> None:
    assert message in failure(*arguments, status=2)


def test_arguments_that_begin_with_a_dash(tmp_path: Path) -> None:
    (tmp_path / "-x.fa").write_text(">c\nACGTN\n")
    assert run("create", "-o", "a.agc", "--", "-x.fa", cwd=tmp_path).returncode == 0
    assert output("listset", tmp_path / "a.agc") == "-x\n"
    assert output("getset", "-l", "3", tmp_path / "a.agc", "--", "-x") == ">c\nACG\nTN\n"
    assert "unknown option '-x'" in failure("getset", tmp_path / "a.agc", "-x", status=2)


def test_parameters_out_of_range(inputs: list[Path], tmp_path: Path) -> None:
    message = failure("create", "-k", "40", "-o", tmp_path / "x.agc", *inputs, status=2)
    assert "k-mer length (k) is 40; it must be from 17 to 32" in message


def test_lists(archive: Path) -> None:
    assert output("listref", archive) == "ref\n"
    assert output("listset", archive) == "alt\nref\n"
    listed = output("listctg", archive, "alt", "ref")
    assert listed.splitlines()[:4] == ["alt", "   chr1 other", "   only", "ref"]
    assert listed.splitlines()[4:] == [f"   {header}" for header in REF]
    assert output("listctg", archive) == output("listctg", archive, "ref", "alt")
    assert "no sample named 'nosuch'" in failure("listctg", archive, "ref", "nosuch")
    facts = output("info", archive).splitlines()
    assert facts[:6] == [
        "No. samples      : 2",
        "k-mer length     : 21",
        "Min. match length: 15",
        "Segment size     : 100",
        "Batch size       : 100",
        "Reference name   : ref",
    ]
    assert f"Archive bytes    : {archive.stat().st_size}" in facts
    assert "Command lines:" not in facts
    assert "Command lines:" in output("info", GOLDEN / "format1.agc").splitlines()


def test_lists_for_other_programs(archive: Path) -> None:
    lengths = {name: {header: len(text) for header, text in contigs.items()} for name, contigs in SAMPLES.items()}
    assert json.loads(output("listref", "--json", archive)) == {"reference": "ref"}
    assert output("listref", "--tsv", archive) == "sample\nref\n"
    samples = [(name, len(lengths[name]), sum(lengths[name].values())) for name in ("alt", "ref")]
    columns = ("sample", "contigs", "bases")
    assert json.loads(output("listset", "--json", archive)) == [dict(zip(columns, row, strict=True)) for row in samples]
    assert table(output("listset", "--tsv", archive)) == [columns, *[tuple(map(str, row)) for row in samples]]
    fields = ("sample", "contig", "length", "header")
    contigs = [("ref", header.split()[0], length, header) for header, length in lengths["ref"].items()]
    listed = json.loads(output("listctg", "--json", archive, "ref"))
    assert listed == [dict(zip(fields, row, strict=True)) for row in contigs]
    assert table(output("listctg", "--tsv", archive, "ref")) == [fields, *[tuple(map(str, row)) for row in contigs]]
    assert len(table(output("listctg", "--tsv", archive))) == 1 + len(REF) + len(ALT)
    assert "not allowed with argument" in failure("info", "--tsv", "--json", archive, status=2)


def test_info_for_other_programs(archive: Path) -> None:
    facts = json.loads(output("info", "--json", archive))
    with panarc.open(archive) as store:
        assert facts["bytes"] == store.stats().bytes
        assert facts["properties"] == store.info.properties
        assert facts["groups"] == store.info.groups
    assert facts["params"] == {"k": 21, "min_match": 15, "segment_size": 100, "pack_cardinality": 100}
    assert (facts["samples"], facts["reference"], facts["format"], facts["commands"]) == (2, "ref", 3, [])
    assert facts["size"] == sum(facts["bytes"].values()) == archive.stat().st_size
    rows = {row[0]: row[1] for row in table(output("info", "--tsv", archive))}
    assert rows["params.k"] == "21" and rows["size"] == str(archive.stat().st_size)
    assert {key for key in rows if key.startswith("bytes.")} == {f"bytes.{kind}" for kind in facts["bytes"]}


def test_what_old_archives_do_not_tell() -> None:
    facts = json.loads(output("info", "--json", GOLDEN / "format1.agc"))
    assert facts["params"]["segment_size"] is None
    assert facts["commands"] and set(facts["commands"][0]) == {"command", "date"}
    keys = [key for key, _ in table(output("info", "--tsv", GOLDEN / "format1.agc"))]
    assert "params.segment_size" not in keys and "commands.0.command" in keys


@pytest.mark.parametrize("verb", ["listref", "listset", "info", "stats"])
def test_lists_into_a_file(archive: Path, tmp_path: Path, verb: str) -> None:
    assert output(verb, "-o", tmp_path / "out", archive) == ""
    assert (tmp_path / "out").read_text() == output(verb, archive)
    assert f"{MISSING}: cannot write" in failure(verb, "-o", MISSING, archive)


def test_getset(archive: Path, tmp_path: Path) -> None:
    assert output("getset", archive, "ref") == fasta(REF)
    assert output("getset", "-p", "-s", "-t", "4", "-l", "50", archive, "alt", "ref") == fasta(ALT, 50) + fasta(REF, 50)
    assert output("getset", archive, "-l0", "alt", "-o", tmp_path / "o.fa", "-g", "3") == ""
    assert gzip.decompress((tmp_path / "o.fa").read_bytes()).decode() == fasta(ALT, 10_000)
    assert "no sample named 'nosuch'" in failure("getset", archive, "ref", "nosuch")
    assert "no sample named 'nosuch'" in failure("getset", "-o", tmp_path / "new.fa", archive, "ref", "nosuch")
    assert not (tmp_path / "new.fa").exists()


def test_getcol(archive: Path, tmp_path: Path) -> None:
    assert output("getcol", "-f", archive) == fasta(REF) + fasta(ALT)
    assert output("getcol", "-r", archive) == fasta(ALT)
    folder = tmp_path / "out"
    assert output("getcol", "-o", folder, archive) == ""
    assert sorted(os.listdir(folder)) == ["alt.fa", "ref.fa"]
    assert (folder / "ref.fa").read_text() == fasta(REF)
    (folder / "ref.fa").write_text("mine")
    assert "ref.fa: is there already; --force replaces it" in failure("getcol", "-o", folder, archive)
    assert (folder / "ref.fa").read_text() == "mine"
    output("getcol", "--force", "-o", folder, archive)
    assert (folder / "ref.fa").read_text() == fasta(REF)
    output("getcol", "-r", "-g", "1", "-o", folder, archive)
    assert gzip.decompress((folder / "alt.fa.gz").read_bytes()).decode() == fasta(ALT)
    assert not (folder / "ref.fa.gz").exists()
    (folder / "plain").touch()
    assert "is not a folder" in failure("getcol", "-o", folder / "plain", archive)


def test_getcol_stays_in_its_folder(tmp_path: Path) -> None:
    names = ["../../escape", "/abs", "..", ".", "a/b", "a%2Fb", "tab\there", "-x", "\u017c \u00f3"]
    with panarc.create(tmp_path / "a.agc") as builder:
        for name in names:
            builder.add_sample(name, {"c": ONE})
    folder = tmp_path / "deep" / "out"
    folder.parent.mkdir()
    assert output("getcol", "-o", folder, tmp_path / "a.agc") == ""
    assert sorted(os.listdir(folder)) == sorted(
        f"{name}.fa"
        for name in ("..%2F..%2Fescape", "%2Fabs", "..", ".", "a%2Fb", "a%252Fb", "tab%09here", "-x", "\u017c \u00f3")
    )
    assert sorted(os.listdir(tmp_path)) == ["a.agc", "deep"] and os.listdir(tmp_path / "deep") == ["out"]
    (tmp_path / "victim").write_text("mine")
    (folder / "-x.fa").unlink()
    (folder / "-x.fa").symlink_to(tmp_path / "victim")
    assert "is a link" in failure("getcol", "--force", "-o", folder, tmp_path / "a.agc")
    assert (tmp_path / "victim").read_text() == "mine"


@pytest.mark.parametrize(
    ("query", "header", "sequence"),
    [
        ("only", "only", TWO),
        ("only@alt", "only", TWO),
        ("chr1@ref", "chr1 first", ONE),
        ("chr1 other", "chr1 other", ALT["chr1 other"]),
        ("chr1@alt:395-402", "chr1 other:395-402", ALT["chr1 other"][395:403]),
        ("only:0-0", "only:0-0", TWO[0]),
        ("chr:2", "chr:2", TWO),
        ("chr:2:10-19", "chr:2:10-19", TWO[10:20]),
        ("chr:2@ref:10-19", "chr:2:10-19", TWO[10:20]),
        ("odd@name", "odd@name", TWO[:100]),
        ("odd@name:1-2", "odd@name:1-2", TWO[1:3]),
        ("odd@name@ref:1-2", "odd@name:1-2", TWO[1:3]),
        ("tail:5-9", "tail:5-9", TWO[:90]),
        ("tail:5-8", "tail:5-8", TWO[::-1][5:9]),
        ("tail:5-9@ref", "tail:5-9", TWO[:90]),
        ("tail:5-9@ref:5-9", "tail:5-9:5-9", TWO[5:10]),
        ("tail@ref:5-9", "tail:5-9", TWO[::-1][5:10]),
    ],
)
def test_getctg(archive: Path, query: str, header: str, sequence: str) -> None:
    assert output("getctg", archive, query) == fasta({header: sequence})


def test_getctg_of_several(archive: Path, tmp_path: Path) -> None:
    expected = fasta({"only:3-60": TWO[3:61], "chr1 first": ONE}, 40)
    assert output("getctg", "-l", "40", archive, "only:3-60", "chr1@ref") == expected
    assert output("getctg", "-o", tmp_path / "o", "-l", "40", archive, "only:3-60", "chr1@ref") == ""
    assert (tmp_path / "o").read_text() == expected


@pytest.mark.parametrize(
    ("query", "message", "status"),
    [
        ("chr1", "contig 'chr1' is in several samples (ref, alt)", 1),
        ("nosuch", "no contig named 'nosuch'", 1),
        ("nosuch:1-2", "no contig named 'nosuch'", 1),
        ("nosuch@ref", "no contig named 'nosuch' in sample 'ref'", 1),
        ("chr1@nosuch", "no sample named 'nosuch'", 1),
        ("chr1@nosuch:1-2", "no sample named 'nosuch'", 1),
        ("only:250-260", "begins beyond the end of the contig, which has 250 bases", 1),
        ("only:7-6", "'only:7-6' ends before it begins", 2),
        ("only:7-", "no contig named 'only:7-'", 1),
    ],
)
def test_getctg_that_fails(archive: Path, query: str, message: str, status: int) -> None:
    assert message in failure("getctg", archive, "only", query, status=status)


def test_getctg_beyond_the_end(archive: Path) -> None:
    done = run("getctg", archive, "only:240-300")
    assert (done.returncode, done.stdout.decode()) == (0, fasta({"only:240-300": TWO[240:]}))
    assert b"panarc: warning: 'only:240-300' ends beyond the contig" in done.stderr


def test_create_to_standard_output(archive: Path, inputs: list[Path]) -> None:
    done = run("create", "-s", "100", "-t", "1", *inputs)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == archive.read_bytes()


def test_create_from_lists_and_names(tmp_path: Path, inputs: list[Path]) -> None:
    (tmp_path / "one.txt").write_text(f"# files\n{inputs[1]}\n\nB={inputs[0]}\n")
    (tmp_path / "two.txt").write_text(f"C c\t{inputs[0]}\n")
    done = run(
        *("create", "-v", "1", "-adf", "0.01", "-o", tmp_path / "x.agc", "-i", tmp_path / "one.txt"),
        *(f"A={inputs[0]}", "in=-", "-i", tmp_path / "two.txt"),
        stdin=b">x\nACGT\n",
    )
    assert done.returncode == 0, done.stderr
    assert output("listset", tmp_path / "x.agc") == "A\nB\nC c\nalt\nin\n"
    assert panarc.open(tmp_path / "x.agc").samples == ("A", "in", "alt", "B", "C c")
    assert output("getset", tmp_path / "x.agc", "in") == ">x\nACGT\n"
    messages = done.stderr.decode()
    for note in ("-a has no effect: ", "-d has no effect: ", "-f has no effect: "):
        assert f"panarc: {note}" in messages
    assert f"panarc: {inputs[0]}: 5 contigs, sample 'C c'\n" in messages
    assert "panarc: 5 samples, 18 contigs, " in messages


def test_create_checks_before_it_works(tmp_path: Path, inputs: list[Path]) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "ref.fna").write_text(fasta(REF))
    target = ("create", "-o", out / "x.agc")
    same = failure(*target, *inputs, tmp_path / "d" / "ref.fna")
    assert "would both be sample 'ref'" in same and str(inputs[0]) in same
    assert f"{MISSING}: cannot open: No such file" in failure(*target, *inputs, MISSING)
    assert "would both be sample 'ref'" in failure(*target, *inputs, tmp_path / "d")
    assert f"{MISSING}: cannot open" in failure(*target, "-i", MISSING)
    assert "is the output, and an input too" in failure("create", "-o", inputs[0], *inputs)
    assert inputs[0].read_text() == fasta(REF)
    assert os.listdir(out) == []
    assert "cannot create: No such file" in failure("create", "-o", tmp_path / "nosuch" / "x.agc", *inputs)


@pytest.mark.parametrize(
    ("text", "message"),
    [(b">c\nACEGT\n", "bad.fa, line 2, record 'c'"), (b"", "bad.fa"), (b">c\nA\n>c\nC\n", "two contigs named 'c'")],
)
def test_create_from_bad_files(tmp_path: Path, inputs: list[Path], text: bytes, message: str) -> None:
    (tmp_path / "bad.fa").write_bytes(text)
    (tmp_path / "x.agc").write_text("what was there")
    before = sorted(os.listdir(tmp_path))
    assert message in failure("create", "--force", "-o", tmp_path / "x.agc", *inputs, tmp_path / "bad.fa")
    assert (tmp_path / "x.agc").read_text() == "what was there"
    assert sorted(os.listdir(tmp_path)) == before


def test_archives_that_are_none(tmp_path: Path) -> None:
    (tmp_path / "no.agc").write_text("not an archive, but long enough for a footer")
    names = (["getset", "x"], ["getctg", "x"], ["listctg", "x"])
    for verb in (["listref"], ["listset"], ["info"], ["stats"], ["getcol"], *names):
        assert f"{MISSING}: cannot open" in failure(verb[0], MISSING, *verb[1:])
        assert "no.agc: " in failure(verb[0], tmp_path / "no.agc", *verb[1:])


def test_tracebacks_on_demand() -> None:
    done = run("listset", MISSING, PANARC_TRACEBACK="1")
    assert done.returncode == 1
    assert b"Traceback" in done.stderr and b"MissingFileError" in done.stderr


def test_control_characters_in_messages(archive: Path) -> None:
    assert r"no sample named '\x1b[31m" in failure("getset", archive, "\x1b[31mred")
    assert "\x1b" not in failure("getctg", archive, "\x1b[31mred")


@pytest.fixture
def large(tmp_path: Path) -> Path:
    path = tmp_path / "large.agc"
    with panarc.create(path) as builder:
        builder.add_sample("s", {f"contig {i} of many": ONE * 20 for i in range(400)})
    return path


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full")
@pytest.mark.parametrize("verb", [["getset", "s"], ["getcol"], ["listctg", "s"], ["info"], ["stats"], ["create"]])
def test_full_disk(large: Path, inputs: list[Path], verb: list[str]) -> None:
    arguments = [*map(str, inputs)] if verb == ["create"] else [str(large), *verb[1:]]
    for extra in ([], ["-o", "/dev/full"]) if verb[0] != "getcol" else ([],):
        with open("/dev/full", "wb") as full:
            command = [sys.executable, "-m", "panarc", verb[0], *arguments, *extra]
            done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, timeout=60, check=False)
        assert done.returncode == 1
        assert re.fullmatch(rb"panarc: error: .*: cannot write: No space left on device[^\n]*\n", done.stderr)


def test_devices_can_be_outputs(large: Path) -> None:
    assert output("getset", "-o", "/dev/null", large, "s") == ""
    assert output("getctg", "-o", "/dev/stdout", large, "contig 7 of many:0-3") == f">contig 7 of many:0-3\n{ONE[:4]}\n"


@pytest.mark.parametrize("verb", [["getset", "s"], ["getcol"], ["listctg", "s"]])
def test_a_reader_that_goes_away(large: Path, verb: list[str]) -> None:
    names = verb[1:] * 300 if verb[0] == "listctg" else verb[1:]
    command = [sys.executable, "-m", "panarc", verb[0], str(large), *names]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stderr is not None
        assert process.stdout.readline() in (b">contig 0 of many\n", b"s\n")
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(60) == 141


def test_standard_output_that_is_closed(large: Path) -> None:
    for verb in ("getset", "listctg"):
        done = subprocess.run(
            ["sh", "-c", f'exec "$0" -m panarc {verb} "$1" s >&-', sys.executable, str(large)],
            stderr=subprocess.PIPE,
            timeout=60,
            check=False,
        )
        assert done.returncode == 1
        assert done.stderr == b"panarc: error: <standard output>: cannot write: it is closed\n"


@pytest.mark.parametrize("said", ["--version", "--help", "help create", "getctg --help", "completion bash"])
def test_standard_output_that_takes_no_help(said: str) -> None:
    outputs = {"&-": "it is closed"} | ({"/dev/full": "No space left on device"} if os.path.exists("/dev/full") else {})
    for output, reason in outputs.items():
        command = ["sh", "-c", f'exec "$0" -m panarc {said} >{output}', sys.executable]
        done = subprocess.run(command, stderr=subprocess.PIPE, timeout=60, check=False)
        assert done.returncode == 1
        assert done.stderr.decode() == f"panarc: error: <standard output>: cannot write: {reason}\n"


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signals_leave_nothing_behind(tmp_path: Path, inputs: list[Path], number: int, status: int) -> None:
    (tmp_path / "big.fa").write_text("".join(f">c{i}\n{ONE * 2000}\n" for i in range(20)))
    out = tmp_path / "out"
    out.mkdir()
    files = [f"s{i}={tmp_path / 'big.fa'}" for i in range(200)]
    command = [sys.executable, "-m", "panarc", "create", "-o", str(out / "x.agc"), *files]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        deadline = time.monotonic() + 30
        while not temporaries(out, process.pid) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert temporaries(out, process.pid)
        time.sleep(0.2)
        asked = time.monotonic()
        process.send_signal(number)
        assert process.wait(30) == status
        assert time.monotonic() - asked < 5
        assert process.stderr.read() == b""
    assert os.listdir(out) == []


def on_terminal(*arguments: str | Path) -> tuple[int, bytes]:
    """Run on a terminal; return the exit status and what it showed."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(
            sys.executable, [sys.executable, "-m", "panarc", *map(str, arguments)], os.environ | {"TERM": "xterm"}
        )
    shown = b""
    while True:
        try:
            data = os.read(terminal, 65536)
        except OSError:
            break
        if not data:
            break
        shown += data
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), shown


def test_on_a_terminal(tmp_path: Path, inputs: list[Path]) -> None:
    with panarc.create(tmp_path / "a.agc") as builder:
        builder.add_sample("\x1b[31mred", {"c": ONE})
    assert on_terminal("listset", tmp_path / "a.agc") == (0, rb"\x1b[31mred" + b"\r\n")
    assert output("listset", tmp_path / "a.agc") == "\x1b[31mred\n"
    status, shown = on_terminal("create", *inputs)
    assert status == 2 and b"an archive is not written to a terminal" in shown
    (tmp_path / "big.fa").write_text("".join(f">c{i}\n{ONE * 2000}\n" for i in range(20)))
    files = [f"s{i}={tmp_path / 'big.fa'}" for i in range(8)]
    status, shown = on_terminal("create", "-o", tmp_path / "x.agc", *files)
    assert status == 0
    assert re.search(rb"\r\x1b\[K\d/8 files, [0-9.]+ [kMG]?b, [0-9.]+ [kMG]?b/s, \d+ s", shown)
