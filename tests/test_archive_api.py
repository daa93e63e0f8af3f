"""`panarc.open`: archives, samples and contigs as mappings and as sequences."""

import random
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import panarc

RANDOM = random.Random(11)
FIRST = bytes(RANDOM.choices(b"ACGT", k=25_000))
SECOND = FIRST[:9_000] + b"NNNNRYK" + FIRST[9_100:]
SHORT = b"ACGTACGTAC"
SAMPLES = {
    "ref": {"c1": FIRST, "c2 second contig": SHORT, "empty": b""},
    "s 2": {"c1 one": SECOND, "c1 two": SHORT, "c3\ttab": SHORT[::-1], "w": FIRST[5:700], "w w": SHORT[1:]},
}


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("archive") / "a.agc"
    with panarc.create(path, segment_size=1000, threads=2) as builder:
        for name, contigs in SAMPLES.items():
            builder.add_sample(name, contigs)
    return path


@pytest.fixture(scope="module")
def store(path: Path) -> Iterator[panarc.Archive]:
    with panarc.open(path) as archive:
        yield archive


def test_an_archive_is_a_mapping_of_samples(store: panarc.Archive, path: Path) -> None:
    assert isinstance(store, Mapping)
    assert store.samples == tuple(store) == tuple(store.keys()) == ("ref", "s 2")
    assert store.reference == "ref"
    assert len(store) == 2
    assert "ref" in store and "nosuch" not in store and 5 not in store  # type: ignore[comparison-overlap]
    assert [sample.name for sample in store.values()] == ["ref", "s 2"]
    assert store.get("nosuch") is None
    assert store["ref"] == store["ref"] != store["s 2"]
    assert store == panarc.open(path)
    assert repr(store) == f"<panarc.Archive '{path}', 2 samples>"
    with pytest.raises(panarc.SampleNotFoundError) as caught:
        store["nosuch"]
    assert str(caught.value) == f"{path}: no sample named 'nosuch'"
    assert isinstance(caught.value, KeyError)


def test_facts(store: panarc.Archive, path: Path) -> None:
    assert store.params == panarc.Params(k=21, min_match=15, segment_size=1000, pack_cardinality=100)
    info = store.info
    assert (info.format, info.size, info.commands) == (3, path.stat().st_size, ())
    assert info.properties["producer"] == "panarc"
    assert info.groups >= 20


def test_a_sample_gives_contigs(store: panarc.Archive) -> None:
    for name, contigs in SAMPLES.items():
        sample = store[name]
        assert len(sample) == len(contigs)
        assert sample.headers == tuple(contigs)
        assert {contig.header: contig.sequence() for contig in sample} == contigs
        assert all(sample[header] == contig for header, contig in zip(sample.headers, sample, strict=True))
        assert tuple(dict(sample)) == sample.keys()
        assert sample.items() == tuple(zip(sample.keys(), sample.values(), strict=True))


def test_keys_find_their_contigs(store: panarc.Archive) -> None:
    assert store["ref"].keys() == ("c1", "c2", "empty")
    assert store["s 2"].keys() == ("c1 one", "c1 two", "c3", "w", "w w")
    for sample in store.values():
        for key, contig in sample.items():
            assert key in sample
            assert sample[key] == contig


def test_names_that_several_contigs_have(store: panarc.Archive) -> None:
    sample = store["s 2"]
    with pytest.raises(panarc.AmbiguousContigError, match="several contigs of sample 's 2' are called 'c1'"):
        sample["c1"]
    assert "c1" not in sample and sample.get("c1") is None
    # A whole header goes before a first word.
    assert sample["w"].sequence() == FIRST[5:700]


def test_names_that_no_contig_has(store: panarc.Archive) -> None:
    with pytest.raises(panarc.ContigNotFoundError) as caught:
        store["ref"]["nosuch"]
    assert "no contig named 'nosuch' in sample 'ref'" in str(caught.value)
    assert not str(caught.value).startswith(("'", '"'))
    assert "nosuch" not in store["ref"] and 3 not in store["ref"]
    with pytest.raises(panarc.ContigNotFoundError, match="no contig named 0 in sample 'ref'; its name is expected"):
        store["ref"][0]  # type: ignore[index]
    contig = store["ref"]["c1"]
    assert contig in store["ref"] and contig not in store["s 2"]


def test_contig(store: panarc.Archive) -> None:
    contig = store["s 2"]["c3"]
    assert (contig.name, contig.header, len(contig)) == ("c3", "c3\ttab", 10)
    assert contig.sample == store["s 2"]
    assert contig == store["s 2"]["c3\ttab"] and hash(contig) == hash(store["s 2"]["c3"])
    assert contig != store["s 2"]["w"]
    assert bytes(contig) == contig.sequence() == SHORT[::-1]
    assert repr(contig) == "<panarc.Contig 'c3' of sample 's 2', 10 bases>"
    empty = store["ref"]["empty"]
    assert len(empty) == 0 and empty.sequence() == b"" and list(empty.chunks()) == [] and empty[:] == b""
    assert empty


def test_a_contig_is_not_looped_over_base_by_base(store: panarc.Archive) -> None:
    with pytest.raises(TypeError):
        iter(store["ref"]["c1"])


positions = st.none() | st.integers(-len(SECOND) - 50, len(SECOND) + 50)


@given(start=positions, stop=positions, step=st.sampled_from([None, 1, 2, 7, 1000, -1, -3, -5000]))
def test_slices_are_those_of_bytes(
    store: panarc.Archive, start: int | None, stop: int | None, step: int | None
) -> None:
    assert store["s 2"]["c1 one"][start:stop:step] == SECOND[start:stop:step]


def test_single_bases_are_numbers_as_in_bytes(store: panarc.Archive) -> None:
    contig = store["s 2"]["c1 one"]
    for place in (0, 1, 9_000, 9_006, len(SECOND) - 1, -1, -len(SECOND)):
        assert contig[place] == SECOND[place]
    for place in (len(SECOND), -len(SECOND) - 1):
        with pytest.raises(panarc.RangeError, match=f"position {place} is outside"):
            contig[place]
    with pytest.raises(TypeError):
        contig["1"]  # type: ignore[call-overload]


def test_fetch_of_a_contig(store: panarc.Archive) -> None:
    contig = store["ref"]["c1"]
    assert contig.fetch(990, 3020) == FIRST[990:3020]
    assert contig.fetch(24_990) == FIRST[-10:]
    assert contig.fetch(end=3, strand="-") == FIRST[:3].translate(bytes.maketrans(b"ACGT", b"TGCA"))[::-1]
    assert contig.fetch(24_990, 30_000, clamp=True) == FIRST[-10:]
    with pytest.raises(panarc.RangeError):
        contig.fetch(-10)


@pytest.mark.parametrize("size", [1, 7, 10, 11, 1 << 20])
def test_chunks(store: panarc.Archive, size: int) -> None:
    chunks = list(store["ref"]["c2"].chunks(size))
    assert b"".join(chunks) == SHORT
    assert all(len(chunk) == size for chunk in chunks[:-1])


def test_chunks_refuse_sizes_below_one(store: panarc.Archive) -> None:
    with pytest.raises(panarc.ParameterError, match="size"):
        store["ref"]["c2"].chunks(0)


def test_threads_share_an_archive(path: Path) -> None:
    with panarc.open(path, cache_bytes=0) as archive, ThreadPoolExecutor(4) as pool:
        ranges = [(start, start + 500) for start in range(0, 20_000, 333)]
        contig = archive["s 2"]["c1 one"]
        assert list(pool.map(lambda r: contig.fetch(*r), ranges)) == [SECOND[a:b] for a, b in ranges]


def test_closed(path: Path) -> None:
    with panarc.open(path) as archive:
        contig = archive["ref"]["c1"]
    assert archive.closed and archive.samples == ("ref", "s 2")
    for use in (contig.sequence, lambda: archive.params, lambda: archive.fetch("w")):
        with pytest.raises(panarc.ParameterError, match="the archive is closed"):
            use()
    archive.close()


def test_write_fasta(store: panarc.Archive, tmp_path: Path) -> None:
    target = tmp_path / "out.fa"
    store["ref"].write_fasta(target, line_width=0)
    assert target.read_bytes() == b">c1\n" + FIRST + b"\n>c2 second contig\n" + SHORT + b"\n>empty\n"
    store.write_fasta(target, ["s 2", "ref"], line_width=4)
    lines = target.read_bytes().split(b"\n")
    assert lines[0] == b">c1 one" and lines[1] == SECOND[:4]
    with pytest.raises(panarc.SampleNotFoundError):
        store.write_fasta(target, ["ref", "nosuch"])
    for wrong in ({"gzip_level": 10}, {"line_width": -1}):
        with pytest.raises(panarc.ParameterError, match=next(iter(wrong))):
            store.write_fasta(target, **wrong)  # type: ignore[arg-type]
