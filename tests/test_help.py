"""Help and manual pages: made from one table, complete, and with examples that work."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from helpers import TESTS, panarc_command, write_genomes
from panarc.cli.examples import EXAMPLES, OVERVIEW
from panarc.cli.verbs import VERBS
from test_docs import run

SCRIPT = TESTS.parent / "packaging" / "man.py"
PAGES = sorted((TESTS.parent / "packaging" / "data" / "data" / "share" / "man" / "man1").glob("*.1"))


def test_all_verbs_have_examples() -> None:
    assert EXAMPLES.keys() == VERBS.keys()
    for verb, lines in EXAMPLES.items():
        assert lines and all(f"panarc {verb} " in line for line in lines)


@pytest.mark.parametrize("verb", VERBS)
def test_help_has_options_and_examples(verb: str) -> None:
    text = panarc_command(verb, "--help").stdout.decode()
    assert all(f"  {line}\n" in text for line in EXAMPLES[verb])
    for option in VERBS[verb].options():
        for flag in option.flags:
            assert re.search(rf"(?m)^  .*(?<![\w-]){flag}\b", text), flag


def test_the_overview_has_examples() -> None:
    text = panarc_command("--help").stdout.decode()
    assert all(f"  {line}\n" in text for line in OVERVIEW)


@pytest.mark.parametrize("line", sorted({*OVERVIEW, *(line for lines in EXAMPLES.values() for line in lines)}))
def test_examples_work(line: str, tmp_path: Path) -> None:
    write_genomes(tmp_path / "genomes")
    # What an example adds is not there before.
    before = "genomes/b.fa genomes/c.fa" if " append " in line else "genomes/*.fa"
    if "create -o pop.agc" not in line:
        run(["bash", "-c", f"panarc create -o pop.agc {before}"], tmp_path)
    run(["bash", "-eu", "-o", "pipefail", "-c", line], tmp_path)


# --- manual pages ----------------------------------------------------------------------------------------------------


def test_pages_are_up_to_date() -> None:
    done = subprocess.run([sys.executable, SCRIPT, "--check"], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "all pages are up to date\n")


def test_a_page_that_is_not_up_to_date_is_noticed(tmp_path: Path) -> None:
    subprocess.run([sys.executable, SCRIPT, tmp_path], check=True)
    assert {page.name: page.read_text() for page in tmp_path.iterdir()} == {
        page.name: page.read_text() for page in PAGES
    }
    (tmp_path / "panarc-info.1").write_text("")
    (tmp_path / "panarc-old.1").touch()
    done = subprocess.run([sys.executable, SCRIPT, "--check", tmp_path], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stdout.splitlines() == ["panarc-info.1 is not up to date", "panarc-old.1 is not up to date"]
    subprocess.run([sys.executable, SCRIPT, tmp_path], check=True)
    assert sorted(page.name for page in tmp_path.iterdir()) == [page.name for page in PAGES]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_mandoc_has_nothing_against_a_page(page: Path) -> None:
    if shutil.which("mandoc") is None:
        pytest.skip("mandoc is not installed")
    done = subprocess.run(["mandoc", "-Tlint", "-Wwarning", page], capture_output=True, text=True)
    # A page is as new as its version, which it has.
    assert [line for line in done.stdout.splitlines() if "missing date" not in line] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_groff_has_nothing_against_a_page(page: Path) -> None:
    if shutil.which("groff") is None:
        pytest.skip("groff is not installed")
    done = subprocess.run(["groff", "-man", "-ww", "-Tutf8", page], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    shown = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout)
    verb = page.stem.removeprefix("panarc").removeprefix("-")
    for line in EXAMPLES[verb] if verb else OVERVIEW:
        assert line in shown


def test_the_wheel_has_the_pages() -> None:
    files = importlib.metadata.files("panarc") or []
    assert sorted(file.name for file in files if "share/man/man1" in str(file)) == [page.name for page in PAGES]


def test_the_source_distribution_has_the_pages(tmp_path: Path) -> None:
    if importlib.util.find_spec("maturin") is None or shutil.which("cargo") is None:
        pytest.skip("maturin and cargo are needed")
    command = [sys.executable, "-m", "maturin", "sdist", "--out", str(tmp_path)]
    subprocess.run(command, cwd=TESTS.parent, check=True, capture_output=True, timeout=300)
    (made,) = tmp_path.glob("*.tar.gz")
    with tarfile.open(made) as archive:
        names = [Path(name) for name in archive.getnames()]
    assert sorted(name.name for name in names if name.suffix == ".1") == [page.name for page in PAGES]
    assert "style.css" in {name.name for name in names}
