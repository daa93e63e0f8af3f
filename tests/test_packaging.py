"""What is shipped: licences, one version, workflows and recipes that can be read."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

import panarc

ROOT = Path(__file__).resolve().parent.parent
WHEELS = sorted((ROOT / "dist").glob("panarc-*.whl"))


def tracked() -> list[Path]:
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True)
    if done.returncode != 0:
        pytest.skip("this is no checkout")
    return [ROOT / name for name in os.fsdecode(done.stdout).split("\0") if name]


def test_the_version_stands_in_one_place() -> None:
    version = tomllib.loads((ROOT / "Cargo.toml").read_text())["workspace"]["package"]["version"]
    assert panarc.__version__ == version
    allowed = {"Cargo.lock", "CHANGELOG.md", "README.md", "benchmarks.md"}
    repeated = [
        path.relative_to(ROOT)
        for path in tracked()
        if path.is_file() and path.name not in allowed and path != ROOT / "Cargo.toml" and "data" not in path.parts
        if re.search(rf"panarc\W{{1,12}}{re.escape(version)}\b|version\W{{1,4}}{re.escape(version)}\b", text(path))
    ]
    assert repeated == []


def text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError:
        return ""


@pytest.mark.skipif(not WHEELS, reason="no wheel was built")
def test_the_wheel_has_all_licences_and_is_small() -> None:
    wheel = WHEELS[-1]
    assert wheel.stat().st_size < 6_000_000
    with zipfile.ZipFile(wheel) as archive:
        names = {Path(name).name: name for name in archive.namelist()}
        assert {"LICENSE", "THIRD-PARTY-LICENSES", "py.typed", "_core.pyi"} <= set(names)
        licences = archive.read(names["THIRD-PARTY-LICENSES"]).decode()
        metadata = archive.read(names["METADATA"]).decode()
    required = [line for line in metadata.splitlines() if line.startswith("Requires-Dist")]
    assert all("extra ==" in line for line in required)
    for crate in ("zstd-sys", "crossbeam-channel", "pyo3", "sha2", "flate2"):
        assert f"* {crate} " in licences


@pytest.mark.skipif(shutil.which("cargo") is None, reason="there is no cargo")
def test_licences_are_those_of_the_lock_file() -> None:
    script = ROOT / "packaging" / "licences.py"
    if not (ROOT / "THIRD-PARTY-LICENSES").is_file():
        pytest.skip("no wheel was built here")
    done = subprocess.run([sys.executable, str(script), "--check"], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_module_runs_as_a_command() -> None:
    done = subprocess.run([sys.executable, "-m", "panarc", "--version"], capture_output=True, text=True)
    assert done.stdout == f"panarc {panarc.__version__}\n"


def test_recipe_and_workflows_run_what_is_there() -> None:
    recipe = (ROOT / "packaging" / "bioconda" / "meta.yaml").read_text()
    assert "panarc = panarc.cli:command" in recipe
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert f"python {project['requires-python']}" in recipe
    for workflow in (ROOT / ".github" / "workflows").glob("*.yml"):
        for path in re.findall(r"(?:packaging|examples|\.ci)/[\w./]*\w", workflow.read_text()):
            assert (ROOT / path).exists(), path


def test_what_is_declared_is_what_is_released() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    declared = {name.split(" :: ")[-1] for name in project["classifiers"] if name.startswith("Operating System")}
    release = (ROOT / ".github" / "workflows" / "release.yml").read_text()
    built = {system for system in ("Linux", "MacOS", "Windows") if f"\n  {system.lower()}:\n" in release}
    assert declared == built
    [install] = [line for line in (ROOT / "README.md").read_text().splitlines() if "It is tested on Linux" in line]
    said = {system for system in ("Linux", "MacOS") if f" {system.lower()}" in install.lower()}
    assert said == built and "none for Windows" in install
