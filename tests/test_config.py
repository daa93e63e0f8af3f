"""Sizes as people write them, defaults, and the environment."""

import os

import pytest

from panarc import Config, Error, ParameterError, parse_size
from panarc.config import MEMORY_LIMIT_VARIABLE
from panarc.cpus import available_cpus


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (1, 1),
        ("1", 1),
        ("17b", 17),
        ("500k", 500_000),
        ("500 kB", 500_000),
        ("64MB", 64_000_000),
        ("64mb", 64_000_000),
        ("1KiB", 1024),
        ("2 MiB", 2 << 20),
        ("1GiB", 1 << 30),
        ("1Gi", 1 << 30),
        ("3T", 3 * 10**12),
        ("1.5GB", 1_500_000_000),
        ("0.5KiB", 512),
        (" 7 ", 7),
    ],
)
def test_sizes(text: int | str, expected: int) -> None:
    assert parse_size(text) == expected


@pytest.mark.parametrize(
    "text", ["", "MB", "-1", "1e6", "1.MB", "64XB", "64 M B", "1,000", "\u0661", "0", "0MB", 0, -5]
)
def test_sizes_that_are_none(text: int | str) -> None:
    with pytest.raises(ParameterError) as caught:
        parse_size(text)
    assert isinstance(caught.value, ValueError)
    assert "size" in str(caught.value)


@pytest.mark.parametrize("other", [True, 1.5, None, b"1"])
def test_sizes_of_other_types(other: object) -> None:
    with pytest.raises(ParameterError, match=type(other).__name__):
        parse_size(other)  # type: ignore[arg-type]


def test_defaults() -> None:
    config = Config()
    assert (config.k, config.min_match, config.segment_size, config.pack_cardinality) == (None,) * 4
    assert config.threads is None
    with pytest.raises(AttributeError, match="another k"):
        config.k = 21
    with pytest.raises(TypeError):
        Config(31)  # type: ignore[call-arg]


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="the system has no affinities")
def test_threads_follow_what_the_process_may_use() -> None:
    assert Config(threads=3).effective_threads() == 3
    allowed = os.sched_getaffinity(0)
    assert available_cpus() == len(allowed)
    try:
        os.sched_setaffinity(0, {min(allowed)})
        assert Config().effective_threads() == 1
    finally:
        os.sched_setaffinity(0, allowed)


def test_memory_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(MEMORY_LIMIT_VARIABLE, raising=False)
    assert Config().effective_memory_limit() is None
    assert Config(memory_limit="64MB").effective_memory_limit() == 64_000_000
    monkeypatch.setenv(MEMORY_LIMIT_VARIABLE, "1GiB")
    assert Config().effective_memory_limit() == 1 << 30
    assert Config(memory_limit=5).effective_memory_limit() == 5
    monkeypatch.setenv(MEMORY_LIMIT_VARIABLE, "much")
    with pytest.raises(Error, match="PANARC_MEMORY_LIMIT: 'much' is no size"):
        Config().effective_memory_limit()
