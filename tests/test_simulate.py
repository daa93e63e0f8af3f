"""The simulator of genome collections behind the benchmarks."""

from __future__ import annotations

import gzip
import hashlib
import sys
from pathlib import Path

import pytest

pytest.importorskip("numpy", reason="the simulator needs numpy")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "benches"))

import numpy as np
import simulate
from simulation.draws import Bases, Draws
from simulation.fasta import create_fasta, read_fasta
from simulation.genomes import chromosome_lengths
from simulation.mutation import Edit, Rates, apply_edits, mutate, reverse_complement, substitute
from simulation.repeats import RepeatRegion
from simulation.tree import coalescent, walk


def letters(text: str) -> Bases:
    """Return `text` as an array of letters."""
    return np.frombuffer(text.encode(), dtype=np.uint8)


def text(sequence: Bases) -> str:
    """Return an array of letters as a string."""
    return sequence.tobytes().decode()


def digests(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of every file below `folder`."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture
def reference(tmp_path: Path) -> Path:
    """Write a compressed genome of two chromosomes with some lower case and N."""
    path = tmp_path / "reference.fa.gz"
    first = text(Draws(7).bases(60_000))
    second = "acgt" * 25 + "N" * 50 + text(Draws(8).bases(20_000))
    path.write_bytes(gzip.compress(f">one the first\n{first}\n>two\n{second}\n".encode()))
    return path


COMMANDS = {
    "relatives": "relatives --samples 5 --fragmented 0.5 --contig-length 4000 --structural 20",
    "random": "random --length 50000 --chromosomes 3 --samples 3 --divergence 0.01",
    "unrelated": "unrelated --length 20000 --samples 2",
    "shapes": "shapes --scale 0.001",
    "hard": "hard --scale 0.01",
}
PINNED = [
    (
        ["random", "relatives", "shapes", "unrelated"],
        "2c595c6eefec67d1aa9e248bf3ed34961a293558d6787246fe8cc094e31bc197",
    ),
    (["hard"], "85ef6a35303bcba118ffc17aa3969d15e6067f574ed084e999837a905cd0a001"),
]


def simulate_into(folder: Path, command: str, reference: Path, *more: str) -> dict[str, str]:
    """Run one of `COMMANDS` and return the digests of its files."""
    arguments = [*COMMANDS[command].split(), "--out", str(folder), *more]
    if command == "relatives":
        arguments += ["--reference", str(reference)]
    simulate.main(arguments)
    return digests(folder)


@pytest.mark.parametrize("command", COMMANDS)
def test_same_seed_same_bytes(command: str, tmp_path: Path, reference: Path) -> None:
    first = simulate_into(tmp_path / "a", command, reference)
    assert simulate_into(tmp_path / "b", command, reference) == first
    assert simulate_into(tmp_path / "c", command, reference, "--seed", "2") != first


@pytest.mark.parametrize(("commands", "digest"), PINNED)
def test_bytes_are_those_of_every_machine(commands: list[str], digest: str, tmp_path: Path, reference: Path) -> None:
    """Pin the output: if this fails, collections made before cannot be made again."""
    every = [simulate_into(tmp_path / command, command, reference) for command in commands]
    assert hashlib.sha256(repr(every).encode()).hexdigest() == digest


@pytest.mark.parametrize("command", COMMANDS)
def test_files_are_fasta_of_dna(command: str, tmp_path: Path, reference: Path) -> None:
    simulate_into(tmp_path / "out", command, reference)
    files = list((tmp_path / "out").rglob("*.fa"))
    assert files
    for path in files:
        lines = path.read_text().splitlines()
        assert max(map(len, lines)) <= 80
        for _, sequence in read_fasta(path):
            assert len(sequence) > 0
            assert set(text(sequence)) <= set("ACGTN")


def test_gzip_holds_the_same_text(tmp_path: Path, reference: Path) -> None:
    simulate_into(tmp_path / "plain", "random", reference)
    simulate_into(tmp_path / "packed", "random", reference, "--gzip")
    for path in (tmp_path / "plain").glob("*.fa"):
        assert gzip.decompress((tmp_path / "packed" / f"{path.name}.gz").read_bytes()) == path.read_bytes()
    names = (tmp_path / "packed" / "samples.txt").read_text().split()
    assert names == [f"sample{number}.fa.gz" for number in (1, 2, 3)]


def test_relatives_differ_by_the_divergence(tmp_path: Path, reference: Path) -> None:
    arguments = f"relatives --reference {reference} --out {tmp_path}/out --samples 6 --indels 0 --structural 0"
    simulate.main([*arguments.split(), "--fragmented", "0", "--divergence", "0.02"])
    originals = read_fasta(reference)
    samples = [read_fasta(path) for path in sorted((tmp_path / "out").glob("*.fa"))]
    assert len(samples) == 6
    for sample in samples:
        assert [header for header, _ in sample] == ["one the first", "two"]
        for (_, changed), (_, original) in zip(sample, originals, strict=True):
            assert len(changed) == len(original)
            assert 0.01 < np.mean(changed != original) < 0.03
            assert np.array_equal(changed == ord("N"), original == ord("N"))
    shared = [
        np.mean((a[0][1] == b[0][1]) & (a[0][1] != originals[0][1])) for a in samples for b in samples if a is not b
    ]
    assert max(shared) > 0.004, "close relatives must share mutations by descent"
    assert min(shared) < 0.001, "distant relatives must not"


def test_random_genomes_have_the_asked_sizes(tmp_path: Path) -> None:
    simulate.main(f"unrelated --length 30001 --chromosomes 4 --samples 2 --out {tmp_path}".split())
    first, second = (read_fasta(tmp_path / f"sample{number}.fa") for number in (1, 2))
    assert [len(sequence) for _, sequence in first] == chromosome_lengths(30_001, 4)
    assert sum(len(sequence) for _, sequence in first) == 30_001
    assert 0.2 < np.mean(first[0][1] == second[0][1]) < 0.3


def test_repeats_repeat(tmp_path: Path) -> None:
    def distinct_words(repeats: str) -> int:
        simulate.main(f"unrelated --length 1000000 --samples 1 --out {tmp_path} --repeats {repeats}".split())
        sequence = text(read_fasta(tmp_path / "sample1.fa")[0][1])
        return len({sequence[start : start + 16] for start in range(len(sequence) - 15)})

    assert distinct_words("0.5") < 0.96 * distinct_words("0")


def test_hard_collections_by_name_and_scale(tmp_path: Path) -> None:
    simulate.main(f"hard --only viruses,distant,bad-first,fragments --scale 0.005 --out {tmp_path}".split())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad-first", "distant", "fragments", "viruses"]
    viruses = read_fasta(tmp_path / "viruses" / "viruses.fa")
    assert [header for header, _ in viruses] == [f"sample{number:02d}" for number in range(1, 11)]
    junk, *relatives = sorted((tmp_path / "bad-first").glob("*.fa"))
    assert text(read_fasta(junk)[0][1]).count("N") == 4_000
    assert len(relatives) == 10
    contigs = read_fasta(tmp_path / "fragments" / "sample1.fa")
    assert len(contigs) == pytest.approx(500, rel=0.1)
    assert sum(len(sequence) for _, sequence in contigs) == pytest.approx(60_000, rel=0.01)


def test_tandem_repeats_and_elements_differ_between_samples() -> None:
    region = RepeatRegion(200_000, Draws(1))
    first, again, second = (region.sample(Draws(2, number)) for number in (0, 0, 1))
    assert np.array_equal(first, again)
    assert len(first) != len(second)
    assert len(first) > 250_000
    assert "A" * 20 in text(first)


def test_shapes_by_name_and_scale(tmp_path: Path) -> None:
    simulate.main(f"shapes --only many-contigs,all-n,many-samples --scale 0.002 --out {tmp_path}".split())
    assert not (tmp_path / "one-contig.fa").exists()
    contigs = read_fasta(tmp_path / "many-contigs.fa")
    assert len(contigs) == 600
    assert {len(sequence) for _, sequence in contigs} == {300}
    ((_, gap),) = read_fasta(tmp_path / "all-n.fa")
    assert len(gap) == 100_000
    assert text(gap).strip("ACGT") == "N" * 98_000
    samples = sorted((tmp_path / "many-samples").glob("*.fa"))
    assert [path.name for path in samples] == ["sample1.fa", "sample2.fa", "sample3.fa", "sample4.fa"]


@pytest.mark.parametrize("arguments", ["shapes --only nothing", "random --samples 0 --length 5", "relatives"])
def test_wrong_arguments_are_refused(arguments: str, tmp_path: Path) -> None:
    with pytest.raises(SystemExit):
        simulate.main([*arguments.split(), "--out", str(tmp_path)])


def test_a_file_that_is_not_fasta_is_refused(tmp_path: Path) -> None:
    (tmp_path / "wrong.fa").write_text("ACGT\n")
    with pytest.raises(SystemExit, match="not FASTA"):
        simulate.main(f"relatives --samples 1 --reference {tmp_path}/wrong.fa --out {tmp_path}".split())


def test_draws_stay_in_bounds() -> None:
    draws = Draws(1, 2)
    values = draws.below(7, 10_000)
    assert (values.min(), values.max()) == (0, 6)
    lengths = draws.lengths(10, 3, 10_000)
    assert lengths.min() >= 10
    assert lengths.max() < 80
    assert sorted(draws.order(50).tolist()) == list(range(50))
    assert {draws.count(2.5) for _ in range(100)} == {2, 3}
    assert draws.count(3.0) == 3
    with pytest.raises(ValueError, match="below"):
        draws.below(1 << 32, 1)


def test_edits_replace_and_the_first_of_two_wins() -> None:
    edits = [Edit(8, 10, letters("")), Edit(2, 4, letters("TTT")), Edit(3, 6, letters("G")), Edit(4, 4, letters("C"))]
    assert text(apply_edits(letters("AAAAAAAAAA"), edits)) == "AATTTCAAAA"


def test_substitutions_keep_what_is_not_a_base() -> None:
    changed = substitute(letters("NRACGT" * 100), 600.0, Draws(3))
    assert all(new == old for new, old in zip(text(changed), "NRACGT" * 100, strict=True) if old in "NR")
    assert set(text(changed)) <= set("NRACGT")
    assert np.mean(changed != letters("NRACGT" * 100)) > 0.3


def test_reverse_complement() -> None:
    assert text(reverse_complement(letters("AACGTRN"))) == "NYACGTT"


def test_mutating_leaves_the_parent_alone() -> None:
    genome = [Draws(1).bases(100_000), Draws(2).bases(10), Draws(3).bases(0)]
    before = [chromosome.copy() for chromosome in genome]
    rates = Rates(substitutions=0.1, indels=0.01).scaled(large=50.0)
    changed = mutate(genome, rates, 1.0, Draws(4))
    assert all(np.array_equal(old, new) for old, new in zip(before, genome, strict=True))
    assert len(changed) == 3
    assert not np.array_equal(changed[0], genome[0])


@pytest.mark.parametrize("leaves", [1, 2, 3, 50])
def test_every_leaf_is_as_far_from_the_root(leaves: int) -> None:
    tree = coalescent(leaves, 0.3, Draws(5))
    parents = {child: node for node, children in enumerate(tree.children) for child in children}
    for leaf in range(leaves):
        node, way = leaf, tree.branches[leaf]
        while node in parents:
            node = parents[node]
            way += tree.branches[node]
        assert way == pytest.approx(1.0)
    ways = list(walk(tree, [], lambda genome, node: [*genome, letters("A")]))
    assert sorted(leaf for leaf, _ in ways) == list(range(leaves))


def test_writer_takes_pieces_of_any_size(tmp_path: Path) -> None:
    sequence = Draws(6).bases(1000)
    with create_fasta(tmp_path / "pieces.fa") as fasta:
        fasta.begin("x")
        for start in range(0, 1000, 37):
            fasta.write(sequence[start : start + 37])
    with create_fasta(tmp_path / "whole.fa") as fasta:
        fasta.record("x", sequence)
    assert (tmp_path / "pieces.fa").read_bytes() == (tmp_path / "whole.fa").read_bytes()
    assert np.array_equal(read_fasta(tmp_path / "whole.fa")[0][1], sequence)
