"""Golden archives, appended to by panarc and C++ AGC in any order: every base is the same for both (PANARC_AGC)."""

from __future__ import annotations

import os
import random
import subprocess
from pathlib import Path

import pytest

import panarc
from helpers import GOLDEN, Record, fasta, md5, mutate, panarc_command, parse_fasta
from test_golden import NAMES, Row, expected

AGC = os.environ.get("PANARC_AGC")
CHAINS = [["panarc"], ["agc"], ["panarc", "agc"], ["agc", "panarc"]]

#: C++ AGC 3.2.2 dies of a segmentation fault when it reads some samples of these formats. panarc writes format 3.
OLD = ("format1", "format2")


def additions(name: str, folder: Path) -> list[tuple[Path, list[Record]]]:
    """Two samples like the first one of an archive, as files."""
    rng = random.Random(name)
    with panarc.open(GOLDEN / f"{name}.agc") as archive:
        first = [contig.sequence() for contig in archive[archive.samples[0]]][:3]
    added = []
    for number in range(2):
        records = [
            (f"new{number}.{place} added", mutate(rng, bases) if len(bases) > 50 else b"ACGTN")
            for place, bases in enumerate(first or [b""])
        ]
        path = folder / f"added{number}.fa"
        path.write_bytes(fasta(records))
        added.append((path, records))
    return added


def run(program: str, *arguments: str | Path) -> subprocess.CompletedProcess[bytes]:
    if program == "panarc":
        return panarc_command(*arguments)
    return subprocess.run([str(AGC), *map(str, arguments)], capture_output=True, timeout=120)


def rows(text: bytes) -> list[Row]:
    return [(header, len(bases), md5(bases)) for header, bases in parse_fasta(text)]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("chain", CHAINS, ids="+".join)
def test_every_base_whoever_appends(name: str, chain: list[str], tmp_path: Path) -> None:
    if AGC is None and "agc" in chain:
        pytest.skip("PANARC_AGC does not name an agc program")
    present = {sample: list(found) for sample, found in expected(name).items()}
    added, path = additions(name, tmp_path), GOLDEN / f"{name}.agc"
    steps = [added] if len(chain) == 1 else [[sample] for sample in added]
    for number, (program, step) in enumerate(zip(chain, steps, strict=True)):
        out = tmp_path / f"{number}.agc"
        done = run(program, "append", "-o", out, path, *[file for file, _ in step])
        assert done.returncode == 0, done.stderr
        present |= {file.stem: [(h, len(bases), md5(bases)) for h, bases in records] for file, records in step}
        path = out
    wanted = [row for found in present.values() for row in found]
    assert rows(run("panarc", "getcol", path).stdout) == wanted
    if AGC is None:
        return
    if name.startswith(OLD) and "panarc" not in chain:
        for sample, found in present.items():
            got = run("agc", "getset", path, sample)
            assert got.returncode < 0 or rows(got.stdout) == found, sample
    else:
        assert rows(run("agc", "getset", path, *present).stdout) == wanted
