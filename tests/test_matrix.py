"""Who makes an archive, who appends to it, and who reads it: every base is the same, whoever it is (PANARC_AGC)."""

from __future__ import annotations

import random
import subprocess
from pathlib import Path

import pytest

from helpers import (
    Collection,
    bases,
    fasta,
    mutate,
    panarc_command,
    parse_fasta,
    read_fasta,
    relatives,
    reverse_complement,
    write_collection,
)

MAKERS = ["panarc", "agc"]
CHAINS = [[], ["panarc"], ["agc"], ["panarc", "agc"], ["agc", "panarc"]]


def awkward(rng: random.Random) -> Collection:
    """N runs, ambiguity codes, tiny and turned contigs, and a sample that is like no other."""
    collection = relatives(rng, 5, [60_000, 2_000, 40])
    for number, records in enumerate(collection.values()):
        header, sequence = records[0]
        changed = bytearray(mutate(rng, sequence))
        changed[5000:5300] = b"N" * 300
        changed[9000:9004] = b"RYKM"
        records[0] = (header, reverse_complement(bytes(changed)) if number % 2 else bytes(changed))
        records.append((f"tiny{number} of {number}", b"ACGT"))
    collection["stranger"] = [("c", bases(rng, 30_000))]
    return collection


@pytest.fixture(scope="module", params=["yeast", "chlamydia", "awkward"])
def files(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    if request.param == "awkward":
        return write_collection(tmp_path_factory.mktemp("awkward"), awkward(random.Random("awkward")))
    shared: Path = request.getfixturevalue("shared_data")
    found = sorted((shared / request.param).iterdir())
    return found[:5] if request.param == "yeast" else found[:12]


def run(program: str, agc: Path, *arguments: str | Path) -> None:
    if program == "panarc":
        done = panarc_command(*arguments)
        assert done.returncode == 0, done.stderr
    else:
        subprocess.run([str(agc), *map(str, arguments)], capture_output=True, timeout=600, check=True)


@pytest.mark.parametrize("maker", MAKERS)
@pytest.mark.parametrize("chain", CHAINS, ids=lambda chain: "+".join(chain) or "none")
def test_all_is_there(agc: Path, files: list[Path], maker: str, chain: list[str], tmp_path: Path) -> None:
    first = len(files) - 2
    path = tmp_path / "made.agc"
    run(maker, agc, "create", "-o", path, *files[:first])
    steps = [files[first:]] if len(chain) == 1 else [[file] for file in files[first:]]
    present = files[:first]
    for number, program in enumerate(chain):
        out = tmp_path / f"{number}.agc"
        run(program, agc, "append", "-o", out, path, *steps[number])
        present, path = present + steps[number], out
    for file in present:
        name = panarc_name(file)
        wanted = read_fasta(file)
        for reader in ([str(agc)], None):
            got = (
                panarc_command("getset", path, name).stdout
                if reader is None
                else subprocess.run([*reader, "getset", str(path), name], capture_output=True, timeout=600).stdout
            )
            assert parse_fasta(got) == wanted, (name, reader)


def panarc_name(file: Path) -> str:
    """The sample that both programs make of a file."""
    name = file.name
    for suffix in (".gz", ".fna", ".fa"):
        name = name.removesuffix(suffix)
    return name


@pytest.mark.parametrize("maker", MAKERS)
@pytest.mark.parametrize("chain", CHAINS, ids=lambda chain: "+".join(chain) or "none")
def test_records_as_samples(agc: Path, maker: str, chain: list[str], tmp_path: Path) -> None:
    """Archives made with -c."""
    rng = random.Random("records")
    genome = bases(rng, 8_000)
    present = [(f"v{number}", mutate(rng, genome)) for number in range(120)]
    path = tmp_path / "c.agc"
    (tmp_path / "all.fa").write_bytes(fasta(present))
    run(maker, agc, "create", "-c", "-o", path, tmp_path / "all.fa")
    for number, program in enumerate(chain):
        file, out = tmp_path / f"n{number}.fa", tmp_path / f"{number}.agc"
        added = [(f"n{number}", mutate(rng, genome))]
        file.write_bytes(fasta(added))
        run(program, agc, "append", "-o", out, path, file)
        present, path = present + added, out
    names = [name for name, _ in present]
    theirs = subprocess.run([str(agc), "getset", str(path), *names], capture_output=True, timeout=60)
    for text in (panarc_command("getset", path, *names).stdout, theirs.stdout):
        assert parse_fasta(text) == [(name, sequence.upper()) for name, sequence in present]
