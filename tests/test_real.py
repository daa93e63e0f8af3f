"""Real genomes (../shared/data): every base, windows of all samples, sizes; and C++ AGC where there is one."""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass
from pathlib import Path

import pytest

import panarc
from helpers import Collection, fasta, mutate, oracle, parse_fasta, read_fasta, run_agc, windows

MOST = {
    "balanced": {"yeast": 4_200_000, "chlamydia": 400_000, "LPA": 65_000, "mpox": 68_000, "sars2": 82_000},
    "smallest": {"yeast": 3_950_000, "chlamydia": 376_000, "LPA": 61_500, "mpox": 64_000, "sars2": 70_000},
}
"""Bytes that an archive of each level may have; C++ AGC's own have 15 to 75 % more."""

SPLIT = {
    "HLA_A": "locus/HLA_A.fa.gz",
    "LPA": "locus/LPA.fa.gz",
    "mpox": "small/mpox.fa.gz",
    "chrM": "small/human_chrM_420.fa.gz",
    "sars2": "small/sars2_1000.fa.zst",
}
"""Files of many records, each of which becomes a sample of its own."""

SETS = ["yeast", "chlamydia", *SPLIT]


@dataclass
class Built:
    """An archive with what went in; sequences are not kept, they are many."""

    name: str
    level: str
    path: Path
    files: list[Path]
    samples: list[str]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("real")


@pytest.fixture(scope="module", params=[(name, level) for name in SETS for level in MOST], ids="-".join)
def built(request: pytest.FixtureRequest, shared_data: Path, folder: Path) -> Built:
    name, level = request.param
    source = shared_data / SPLIT.get(name, name)
    files = split(source, folder / name) if name in SPLIT else sorted(source.iterdir())
    path = folder / f"{name}.{level}.agc"
    with panarc.create(path, level=level) as builder:
        for file in files:
            builder.add_fasta(file)
    with panarc.open(path) as archive:
        samples = list(archive.samples)
    assert len(samples) == len(files)
    return Built(name, level, path, files, samples)


def split(path: Path, folder: Path) -> list[Path]:
    """One file a record."""
    folder.mkdir(exist_ok=True)
    files = []
    for number, record in enumerate(read_fasta(path)):
        files.append(folder / f"h{number:04}.fa")
        files[-1].write_bytes(fasta([record], 80))
    return files


def test_every_base_by_panarc(built: Built) -> None:
    with panarc.open(built.path) as archive:
        for sample, file in zip(built.samples, built.files, strict=True):
            contigs = list(archive[sample])
            wanted = read_fasta(file)
            assert [(contig.header, len(contig)) for contig in contigs] == [(h, len(s)) for h, s in wanted]
            for contig, (header, sequence) in zip(contigs, wanted, strict=True):
                digest = hashlib.md5(usedforsecurity=False)
                for chunk in contig.chunks():
                    digest.update(chunk)
                assert digest.digest() == hashlib.md5(sequence, usedforsecurity=False).digest(), (sample, header)


def test_every_base_by_the_oracle(built: Built) -> None:
    said = oracle("verify", built.path, *built.files)
    assert said.count(b"contigs equal") == len(built.files)


def test_windows(built: Built, rng: random.Random) -> None:
    count = 2000 // len(built.samples) + 1
    with panarc.open(built.path) as archive:
        for sample, file in zip(built.samples, built.files, strict=True):
            wanted = dict(read_fasta(file))
            contigs = list(archive[sample])
            for contig in rng.choices(contigs, k=count):
                sequence = wanted[contig.header]
                for start, end in windows(rng, len(sequence), 1):
                    assert contig[start:end] == sequence[start:end], (sample, contig.header, start, end)


def test_size(built: Built) -> None:
    if built.name not in MOST[built.level]:
        pytest.skip("no size to compare with")
    assert built.path.stat().st_size <= MOST[built.level][built.name]


def test_agc_reads_every_base(agc: Path, built: Built) -> None:
    for sample, file in zip(built.samples, built.files, strict=True):
        assert parse_fasta(run_agc(agc, "getset", built.path, sample)) == read_fasta(file), sample


def test_agc_reads_ranges(agc: Path, built: Built, rng: random.Random) -> None:
    """Ranges of AGC are 0-based, with both ends inside."""
    wanted = {sample: read_fasta(file) for sample, file in zip(built.samples, built.files, strict=True)}
    for sample in rng.choices(built.samples, k=200):
        header, sequence = rng.choice(wanted[sample])
        start = rng.randrange(len(sequence))
        end = min(len(sequence), start + rng.choice([1, 10, 1000, 30_000]))
        query = f"{header.split()[0]}@{sample}:{start}-{end - 1}"
        [(_, found)] = parse_fasta(run_agc(agc, "getctg", built.path, query))
        assert found == sequence[start:end], query


def test_agc_appends(agc: Path, built: Built, rng: random.Random, tmp_path: Path) -> None:
    news: Collection = {}
    for number in range(2):
        records = read_fasta(rng.choice(built.files))
        news[f"new{number}"] = [(header, mutate(rng, sequence, 0.001)) for header, sequence in records]
        (tmp_path / f"new{number}.fa").write_bytes(fasta(news[f"new{number}"], 80))
    appended = tmp_path / "appended.agc"
    run_agc(agc, "append", "-o", appended, built.path, *(tmp_path / f"{sample}.fa" for sample in news))

    files = [*built.files, *(tmp_path / f"{sample}.fa" for sample in news)]
    with panarc.open(appended) as archive:
        assert list(archive.samples) == [*built.samples, *news]
        for sample, file in zip(archive.samples, files, strict=True):
            wanted = read_fasta(file)
            assert [(contig.header, contig.sequence()) for contig in archive[sample]] == wanted, sample
            if sample in news or len(files) < 60:
                assert parse_fasta(run_agc(agc, "getset", appended, sample)) == wanted, sample
