"""Where outputs go: through links, under names that say what they are, and not over what somebody may miss."""

from __future__ import annotations

import gzip
import hashlib
import os
import subprocess
import threading
import time
from pathlib import Path

import pytest

import panarc
from helpers import Collection, check, command, fasta, panarc_command, read_fasta
from measured import needs_linux
from panarc import errors

RECORDS = [("c", b"ACGTACGTGG" * 30), ("d", b"GATTACA")]
NEW: Collection = {"x": [("c", b"GGGG")]}


@pytest.fixture
def pop(tmp_path: Path) -> Path:
    path = tmp_path / "pop.agc"
    with panarc.create(path) as builder:
        builder.add_sample("a", RECORDS)
        builder.add_sample("b", RECORDS)
    return path


@pytest.fixture
def fa(tmp_path: Path) -> Path:
    path = tmp_path / "x.fa"
    path.write_bytes(fasta(NEW["x"]))
    return path


def fails(*arguments: str | Path, status: int = 1) -> str:
    """Run a command that must fail with one line; that line."""
    done = panarc_command(*arguments)
    said = done.stderr.decode().splitlines()
    assert (done.returncode, len(said)) == (status, 1), (done.returncode, said)
    return said[0]


def succeeds(*arguments: str | Path) -> None:
    done = panarc_command(*arguments)
    assert (done.returncode, done.stderr) == (0, b""), done.stderr


# --- links that lead to what is not there yet -------------------------------------------------------------------------

Line = list[str | Path]

OUTPUTS = [
    "create",
    "append",
    "repair",
    "getset",
    "getctg",
    "fetch",
    "listset",
    "digest",
    "stats",
    "html",
    "json",
    "python",
]


def write(kind: str, out: Path, pop: Path, fa: Path) -> list[str | Path] | None:
    """The command line that writes such an output; None when that was done in Python."""
    if kind == "python":
        with panarc.open(pop) as archive:
            archive.write_fasta(out, ["a"])
        return None
    cut = pop.with_name("cut.agc")
    cut.write_bytes(pop.read_bytes()[:-9])
    lines: dict[str, list[str | Path]] = {
        "create": ["create", "-o", out, fa],
        "append": ["append", "-o", out, pop, fa],
        "repair": ["repair", "-o", out, cut],
        "getset": ["getset", "-o", out, pop, "a"],
        "getctg": ["getctg", "-o", out, pop, "c@a"],
        "fetch": ["fetch", "-o", out, pop, "c@a:1-3"],
        "listset": ["listset", "-o", out, pop],
        "digest": ["digest", "-o", out, pop],
        "stats": ["stats", "-o", out, pop],
        "html": ["stats", "--html", out, pop],
        "json": ["create", "-o", out.with_name("other.agc"), "--stats", out, fa],
    }
    return lines[kind]


@pytest.mark.parametrize("kind", OUTPUTS)
def test_a_link_to_what_is_not_there(kind: str, pop: Path, fa: Path, tmp_path: Path) -> None:
    """It stays one, over several steps, relative and absolute; twice, as something is there the second time."""
    big = tmp_path / "big"
    big.mkdir()
    link, second = tmp_path / "link", tmp_path / "second"
    link.symlink_to("second")
    second.symlink_to(big / "out")
    for _ in range(2):
        line = write(kind, link, pop, fa)
        if line is not None:
            done = panarc_command(*line, *(["--force"] if line[0] in ("create", "append", "repair") else []))
            assert done.stderr == b"", done
        assert link.is_symlink() and second.is_symlink()
        assert [path.name for path in big.iterdir()] == ["out"]
        assert (big / "out").stat().st_size > 0


@pytest.mark.parametrize("kind", OUTPUTS)
def test_a_link_into_a_folder_that_is_not_there(kind: str, pop: Path, fa: Path, tmp_path: Path) -> None:
    """The message names where the link leads."""
    link = tmp_path / "link"
    link.symlink_to("absent/out")
    if kind == "python":
        with pytest.raises(errors.MissingFileError, match="absent/out: cannot create: No such file or directory"):
            write(kind, link, pop, fa)
    else:
        said = fails(*write(kind, link, pop, fa) or [])
        assert said.startswith(f"panarc: error: {link}, a link to {tmp_path / 'absent' / 'out'}: cannot ")
        assert said.endswith(": No such file or directory")
    assert link.is_symlink() and not link.exists()


def test_circles_of_links(pop: Path, fa: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to("link")
    lines: list[Line] = [["create", "-o", link, fa], ["getset", "-o", link, pop, "a"], ["listset", "-o", link, pop]]
    for line in lines:
        assert "Too many levels of symbolic links" in fails(*line)
    assert link.is_symlink()


def test_links_of_indexes_and_folders(pop: Path, tmp_path: Path) -> None:
    big = tmp_path / "big"
    big.mkdir()
    for name in ("o.fa", "o.fa.fai"):
        (tmp_path / name).symlink_to(big / f"target-{name}")
    succeeds("getset", "--fai", "-o", tmp_path / "o.fa", pop, "a")
    assert sorted(path.name for path in big.iterdir()) == ["target-o.fa", "target-o.fa.fai"]
    assert (big / "target-o.fa").read_bytes() == fasta(RECORDS, 80)
    assert (big / "target-o.fa.fai").read_text().startswith("c\t300\t")
    (tmp_path / "folder").symlink_to("big/new")
    succeeds("getcol", "-o", tmp_path / "folder", pop)
    assert (tmp_path / "folder").is_symlink()
    assert sorted(path.name for path in (big / "new").iterdir()) == ["a.fa", "b.fa"]
    (tmp_path / "nowhere").symlink_to("absent/new")
    assert f"{tmp_path / 'absent' / 'new'}: cannot create" in fails("getcol", "-o", tmp_path / "nowhere", pop)


# --- names and compression --------------------------------------------------------------------------------------------


def kind_of(path: Path) -> str:
    start = path.read_bytes()[:18]
    if start[:2] == b"\x1f\x8b":
        return "bgzf" if start[12:14] == b"BC" else "gzip"
    return "zstd" if start[:4] == b"\x28\xb5\x2f\xfd" else "plain"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("o.fa", "plain"),
        ("o.fa.gz", "bgzf"),
        ("o.bgz", "bgzf"),
        ("O.FA.GZ", "bgzf"),
        ("o.fa.zst", "zstd"),
        ("gz", "plain"),
    ],
)
@pytest.mark.parametrize("verb", ["getset", "getctg", "fetch", "write_fasta", "write_regions", "sample"])
def test_compressed_as_the_name_says(verb: str, name: str, kind: str, pop: Path, tmp_path: Path) -> None:
    out = tmp_path / name
    with panarc.open(pop) as archive:
        if verb == "write_fasta":
            archive.write_fasta(out, ["a"])
        elif verb == "sample":
            archive["a"].write_fasta(out)
        elif verb == "write_regions":
            archive.write_regions(out, ["c@a", "d@a"])
        else:
            succeeds(verb, "-o", out, pop, *(["a"] if verb == "getset" else ["c@a", "d@a"]))
    assert kind_of(out) == kind
    assert [letters for _, letters in read_fasta(out)] == [letters for _, letters in RECORDS]


def test_through_a_link_the_given_name_counts(pop: Path, tmp_path: Path) -> None:
    (tmp_path / "o.fa.gz").symlink_to("target")
    succeeds("getset", "-o", tmp_path / "o.fa.gz", pop, "a")
    assert kind_of(tmp_path / "target") == "bgzf"


def test_indexes_by_name(pop: Path, tmp_path: Path) -> None:
    succeeds("getset", "--fai", "-o", tmp_path / "o.fa.gz", pop, "a")
    assert (tmp_path / "o.fa.gz.fai").exists() and (tmp_path / "o.fa.gz.gzi").exists()
    assert "zstd text has no index" in fails("getset", "--fai", "-o", tmp_path / "o.zst", pop, "a", status=2)


@pytest.mark.parametrize("verb", ["getset", "getctg", "fetch"])
def test_names_that_contradict(verb: str, pop: Path, tmp_path: Path) -> None:
    """The name counts, and the command says so; of a function's two arguments neither does."""
    what = "a" if verb == "getset" else "c@a"
    for option, name, kind in (("-g", "o.fa.zst", "zstd"), ("--zstd", "o.fa.gz", "BGZF")):
        out = tmp_path / name
        done = panarc_command(verb, option, "1", "-o", out, pop, what)
        said = f"panarc: warning: {out} is written as its name says, by {kind}: {option} has no effect\n"
        assert (done.returncode, done.stderr.decode()) == (0, said)
        assert kind_of(out) == kind.lower()
        assert read_fasta(out)[0][1] == RECORDS[0][1]
    other = tmp_path / "o.fa.xz"
    assert "o.fa.xz: a file of this name cannot be written" in fails(verb, "-o", other, pop, what, status=2)
    with panarc.open(pop) as archive:
        with pytest.raises(errors.ParameterError, match="the name stands for zstd"):
            archive.write_fasta(tmp_path / "p.zst", gzip_level=1)
        with pytest.raises(errors.ParameterError, match="the name stands for gzip"):
            archive.write_regions(tmp_path / "p.gz", ["c@a"], zstd_level=1)
    succeeds(verb, "-g", "1", "-o", tmp_path / "o.fa", pop, what)
    assert kind_of(tmp_path / "o.fa") == "bgzf"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["o.fa", "o.fa.gz", "o.fa.zst", "pop.agc"]


def test_lists_by_name(pop: Path, tmp_path: Path) -> None:
    for line in (["listset"], ["listctg", "--tsv"], ["digest"], ["info", "--json"], ["stats", "--samples"]):
        plain, packed, zst = tmp_path / "l.txt", tmp_path / "l.txt.gz", tmp_path / "l.zst"
        for out in (plain, packed, zst):
            succeeds(*line, "-o", out, pop)
        assert gzip.decompress(packed.read_bytes()) == plain.read_bytes() != b""
        assert kind_of(zst) == "zstd"
    succeeds("stats", "--html", tmp_path / "p.html.gz", pop)
    assert gzip.decompress((tmp_path / "p.html.gz").read_bytes()).startswith(b"<!")


@needs_linux
def test_a_pipe_by_name(pop: Path, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.fa.gz"
    os.mkfifo(pipe)
    found: list[bytes] = []
    reader = threading.Thread(target=lambda: found.append(pipe.read_bytes()))
    reader.start()
    succeeds("getset", "-o", pipe, pop, "a")
    reader.join(timeout=30)
    assert gzip.decompress(found[0]) == fasta(RECORDS, 80)


def test_an_archive_is_not_called_fasta(fa: Path, pop: Path, tmp_path: Path) -> None:
    for name in ("n.fa", "n.fasta.gz", "n.zst"):
        out = tmp_path / name
        lines: list[Line] = [["create", "-o", out, fa], ["append", "-o", out, pop, fa]]
        for line in lines:
            assert "call it NAME.agc, or use --force" in fails(*line, status=2)
        assert not out.exists()
        with pytest.raises(errors.ParameterError, match="overwrite=True"):
            panarc.create(out)
        succeeds("create", "--force", "-o", out, fa)
        check(out, NEW)


# --- what is not replaced ---------------------------------------------------------------------------------------------


def test_an_archive_is_not_replaced_unasked(pop: Path, fa: Path, tmp_path: Path) -> None:
    before = pop.read_bytes()
    damaged = tmp_path / "damaged.agc"
    damaged.write_bytes(before[:-30])
    wanted = "pop.agc: cannot replace: an archive of 2 samples is there"
    append = "; 'panarc append' adds to it; --force (in Python overwrite=True) replaces it"
    assert fails("create", "-o", pop, fa).endswith(wanted + append)
    other = tmp_path / "other.agc"
    succeeds("create", "-o", other, fa)
    assert wanted + "; --force" in fails("append", "-o", pop, other, fa)
    assert wanted + "; --force" in fails("repair", "-o", pop, damaged)
    for call in (
        lambda: panarc.create(pop),
        lambda: panarc.repair(damaged, pop),
        lambda: panarc.append(other, output=pop),
    ):
        with pytest.raises(errors.FileError, match="an archive of 2 samples is there"):
            call()
    assert pop.read_bytes() == before
    succeeds("create", "--force", "-o", pop, fa)
    check(pop, NEW)
    assert "an archive of 1 sample is there" in fails("create", "-o", pop, fa)
    with panarc.create(pop, overwrite=True) as builder:
        builder.add_sample("y", NEW["x"])
    check(pop, {"y": NEW["x"]})


def test_other_files_are_not_replaced_either(fa: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.agc"
    out.write_text("notes")
    assert "a file of 5 bytes is there" in fails("create", "-o", out, fa)
    assert out.read_text() == "notes"
    out.write_text("")
    succeeds("create", "-o", out, fa)
    check(out, NEW)
    other = tmp_path / "other"
    other.write_bytes(fasta(NEW["x"]))
    for force in ([], ["--force"]):
        assert "it looks like FASTA; remove it first" in fails("create", *force, "-o", other, fa)
    assert other.read_bytes() == fasta(NEW["x"])


def test_what_appears_meanwhile_is_not_replaced(pop: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.agc"
    builder = panarc.create(out)
    builder.add_sample("mine", RECORDS)
    out.write_bytes(pop.read_bytes())
    with pytest.raises(errors.FileError, match=r"out\.agc: cannot write: another program has put a file there"):
        builder.close()
    assert out.read_bytes() == pop.read_bytes()
    with panarc.create(tmp_path / "new.agc", overwrite=True) as builder:
        builder.add_sample("mine", RECORDS)
        (tmp_path / "new.agc").write_text("of somebody else")
    check(tmp_path / "new.agc", {"mine": RECORDS})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new.agc", "out.agc", "pop.agc"]


def test_two_that_create_one_archive(tmp_path: Path) -> None:
    """The first that is complete has the name, and the other says so."""
    out = tmp_path / "out.agc"
    first, second = panarc.create(out), panarc.create(out)
    first.add_sample("first", RECORDS)
    second.add_sample("second", RECORDS)
    second.close()
    with pytest.raises(errors.FileError, match="another program has put a file there meanwhile"):
        first.close()
    check(out, {"second": RECORDS})


def test_what_is_read_only_is_not_replaced(pop: Path, fa: Path, tmp_path: Path) -> None:
    before = pop.read_bytes()
    os.chmod(pop, 0o444)
    assert "pop.agc: cannot replace: it is read-only; --force" in fails("append", "--in-place", pop, fa)
    with pytest.raises(errors.FileError, match="it is read-only"):
        panarc.append(pop)
    assert pop.read_bytes() == before
    succeeds("append", "--force", "--in-place", pop, fa)
    check(pop, {"a": RECORDS, "b": RECORDS, **NEW})
    assert pop.stat().st_mode & 0o777 == 0o444
    out = tmp_path / "o"
    lines: list[Line] = [["getset", "-o", out, pop, "a"], ["fetch", "-o", out, pop, "c@a"], ["listset", "-o", out, pop]]
    for line in lines:
        out.write_text("mine")
        os.chmod(out, 0o444)
        assert ": it is read-only; remove it first, or make it writable" in fails(*line)
        assert out.read_text() == "mine"
        os.chmod(out, 0o200)
        succeeds(*line)
        out.unlink()


# --- appending again and again ----------------------------------------------------------------------------------------


def test_waiting_for_another_writer(pop: Path, fa: Path) -> None:
    holder = panarc.append(pop)
    holder.add_sample("held", NEW["x"])
    assert "another process is writing it" in fails("append", "--in-place", pop, fa)
    assert "waited 0.2 s for it" in fails("append", "--wait", "0.2", "--in-place", pop, fa)
    with pytest.raises(errors.FileError, match=r"waited 0\.1 s"):
        panarc.append(pop, wait=0.1)
    waiting = subprocess.Popen(command("append", "--wait", "60", "--in-place", pop, fa), stderr=subprocess.PIPE)
    try:
        # It comes to the lock, and is still there.
        time.sleep(1.5)
        assert waiting.poll() is None
        holder.close()
        assert waiting.communicate(timeout=60)[1] == b""
        assert waiting.returncode == 0
    finally:
        waiting.kill()
    check(pop, {"a": RECORDS, "b": RECORDS, "held": NEW["x"], **NEW})


def test_a_signal_ends_the_waiting(pop: Path, fa: Path) -> None:
    holder = panarc.append(pop)
    waiting = subprocess.Popen(command("append", "--wait", "inf", "--in-place", pop, fa), stderr=subprocess.PIPE)
    try:
        time.sleep(1.5)
        assert waiting.poll() is None
        waiting.terminate()
        assert waiting.wait(timeout=5) == 143
    finally:
        waiting.kill()
        waiting.communicate()
    holder.abort()


@pytest.mark.parametrize("wait", [-1.0, float("nan")])
def test_times_to_wait(wait: float, pop: Path, fa: Path) -> None:
    with pytest.raises(errors.ParameterError, match="wait is"):
        panarc.append(pop, wait=wait)
    assert "no number of seconds" in panarc_command("append", f"--wait={wait}", "--in-place", pop, fa).stderr.decode()


def test_a_job_that_is_started_again(pop: Path, fa: Path, tmp_path: Path) -> None:
    line: list[str | Path] = ["append", "--skip-existing", "--in-place", pop, f"a={tmp_path / 'x.fa'}", fa]
    done = panarc_command(*line)
    assert done.returncode == 0
    assert done.stderr.decode() == f"panarc: warning: {pop} has sample 'a' already; passed over\n"
    check(pop, {"a": RECORDS, "b": RECORDS, **NEW})
    before = pop.stat()
    done = panarc_command(*line)
    assert (done.returncode, done.stderr.decode()) == (
        0,
        f"panarc: warning: {pop} has samples 'a', 'x' already; passed over\n",
    )
    assert pop.stat() == before
    # Without the option it is an error, and so are two samples of one name in one run.
    assert "already a sample named" in fails(*(part for part in line if part != "--skip-existing"))


@pytest.mark.parametrize("options", [["-c"], ["--split", "pansn"], ["-i"]])
def test_samples_within_files_are_passed_over(options: list[str], pop: Path, tmp_path: Path) -> None:
    file = tmp_path / "records.fa"
    mark = "#1#c" if "pansn" in options else ""
    if mark:
        with panarc.append(pop) as builder:
            builder.add_sample("b#1", RECORDS)
    have = "b#1" if mark else "b"
    records = [(f"n{mark}", b"ACGT"), (f"b{mark}", b"GGGG"), (f"m{mark}", b"TTTT")]
    if options == ["-i"]:
        rows = []
        for name, letters in records:
            (tmp_path / f"{name}.fa").write_bytes(fasta([(name, letters)]))
            rows.append(f"{tmp_path / name}.fa\n")
        file.write_text("".join(rows))
        before, behind = ["-i", str(file)], []
    else:
        file.write_bytes(fasta(records))
        before, behind = options, [file]
    done = panarc_command("append", "--skip-existing", *before, "--in-place", pop, *behind)
    assert done.returncode == 0 and f"has sample '{have}' already; passed over" in done.stderr.decode()
    with panarc.open(pop) as archive:
        assert list(archive.samples)[-2:] == (["n#1", "m#1"] if mark else ["n", "m"])
        assert archive[have]["c"].sequence() == RECORDS[0][1]
        assert [contig.sequence() for contig in archive["m#1" if mark else "m"]] == [b"TTTT"]


def test_samples_passed_over_in_python(pop: Path, fa: Path) -> None:
    with panarc.append(pop, skip_existing=True) as builder:
        assert builder.add_sample("a", [("c", b"GGGG")]) == 0
        assert builder.add_fasta("/not/there.fa", "b") == 0
        assert builder.add_fasta(fa) == 1
        assert builder.skipped == ("a", "b")
    check(pop, {"a": RECORDS, "b": RECORDS, **NEW})
    with panarc.open(pop) as archive, archive.append(skip_existing=True, wait=1) as builder:
        assert builder.add_sample("x", [("c", b"GGGG")]) == 0
        assert builder.add_records(fa) == 1
    check(pop, {"a": RECORDS, "b": RECORDS, **NEW, "c": NEW["x"]})
    with pytest.raises(errors.DuplicateError), panarc.append(pop, skip_existing=True) as builder:
        builder.add_sample("new", NEW["x"])
        builder.add_sample("new", NEW["x"])
    with pytest.raises(errors.DuplicateError), panarc.append(pop) as builder:
        builder.add_sample("a", NEW["x"])


# --- the temporary folder ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["create", "append"])
def test_a_temporary_folder_that_is_not_there(verb: str, pop: Path, fa: Path, tmp_path: Path) -> None:
    absent = tmp_path / "absent"
    line = command(verb, *([fa] if verb == "create" else [pop, fa]))
    done = subprocess.run(line, env=os.environ | {"TMPDIR": str(absent)}, capture_output=True)
    wanted = f"temporary file in {absent}: cannot create: No such file or directory (TMPDIR)"
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.decode() == f"panarc: error: {wanted}\n"
    # What has a name needs no such folder.
    out = tmp_path / "out.agc"
    done = subprocess.run(
        command(verb, "-o", out, *([fa] if verb == "create" else [pop, fa])),
        env=os.environ | {"TMPDIR": str(absent)},
        capture_output=True,
    )
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_temporary_folder_in_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path / "absent"))
    with pytest.raises(errors.MissingFileError, match=r"absent: cannot create: .*\(TMPDIR\)") as caught:
        panarc.create(None)
    assert caught.value.errno == 2


# --- names of files ---------------------------------------------------------------------------------------------------


def test_names_that_are_too_long_for_files(tmp_path: Path) -> None:
    path, out = tmp_path / "a.agc", tmp_path / "out"
    long = ["L" * 300, "L" * 300 + "1", "é/" * 200, "m" * 252]
    with panarc.create(path) as builder:
        for number, name in enumerate(["first", *long]):
            builder.add_sample(name, [("c", b"ACGT" * (number + 1))])
    done = panarc_command("getcol", "-o", out, path)
    assert done.returncode == 0
    said = done.stderr.decode().splitlines()
    assert len(said) == 3 and all("whose name is too long for a file" in line for line in said)
    found = {file.name: file.read_bytes() for file in out.iterdir()}
    assert len(found) == 5
    for number, name in enumerate(["first", *long]):
        digest = hashlib.sha256(name.encode()).hexdigest()[:16]
        escaped = name.replace("/", "%2F")
        if len(escaped.encode()) > 252:
            start = escaped.encode()[: 252 - 18].decode(errors="ignore")
            start = start[: start.rindex("%")] if "%" in start[-2:] else start
            escaped = f"{start}%-{digest}"
            assert any(f"{escaped}.fa: sample '{name}'" in line for line in said)
        assert found[f"{escaped}.fa"] == fasta([("c", b"ACGT" * (number + 1))], 80)
    # With longer suffixes fewer letters are left, and nothing is written if one of the files is there.
    (out / "first.fa.gz.gzi").touch()
    before = sorted(out.iterdir())
    assert "first.fa.gz.gzi: is there already; --force replaces it" in fails(
        "getcol", "-g", "1", "--fai", "-o", out, path
    )
    assert sorted(out.iterdir()) == before
    assert panarc_command("getcol", "-g", "1", "--fai", "--force", "-o", out, path).returncode == 0
    assert len(list(out.iterdir())) == 5 + 15


def test_many_long_names_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "a.agc"
    with panarc.create(path) as builder:
        for number in range(30):
            builder.add_sample("x" * 300 + str(number), [("c", b"ACGT")])
    done = panarc_command("getcol", "-o", tmp_path / "out", path)
    said = done.stderr.decode().splitlines()
    assert (done.returncode, len(said)) == (0, 21)
    assert said[-1].startswith("panarc: warning: 30 samples have names that are too long for files")
    assert len(list((tmp_path / "out").iterdir())) == 30


def test_a_sample_that_cannot_be_read_leaves_the_others(tmp_path: Path) -> None:
    """Files that were complete before it stay; none is cut."""
    import random

    rng = random.Random("getcol")
    path, out = tmp_path / "a.agc", tmp_path / "out"
    with panarc.create(path) as builder:
        for number in range(6):
            builder.add_sample(f"s{number}", [("c", bytes(rng.choices(b"ACGT", k=70_000)))])
    data = bytearray(path.read_bytes())
    with panarc.open(path) as archive:
        whole = {name: archive[name]["c"].sequence() for name in archive.samples}
    data[len(data) * 6 // 10] ^= 0xFF
    path.write_bytes(data)
    done = panarc_command("getcol", "--verify", "-l", "0", "-o", out, path)
    assert done.returncode == 1
    found = sorted(file.name for file in out.iterdir())
    assert 0 < len(found) < 6
    for name in found:
        assert (out / name).read_bytes() == b">c\n" + whole[name.removesuffix(".fa")] + b"\n"
