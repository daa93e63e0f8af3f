"""Fixtures of all tests."""

from __future__ import annotations

import os
import random
import signal
from pathlib import Path

import pytest

from helpers import TESTS


def pytest_sessionstart() -> None:
    """Let commands hear Ctrl-C also where the tests themselves run in the background, which is to be deaf to it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def rng(request: pytest.FixtureRequest) -> random.Random:
    """A generator seeded by the test's name: the same in every run."""
    return random.Random(request.node.name)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of the real genomes beside the repository, or in PANARC_SHARED."""
    shared = Path(os.environ.get("PANARC_SHARED") or TESTS.parents[1] / "shared")
    if not (shared / "data").is_dir():
        reason = "the real genomes (../shared/data) are not there"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return shared / "data"


@pytest.fixture(scope="session")
def agc() -> Path:
    """The C++ AGC program that PANARC_AGC names."""
    path = os.environ.get("PANARC_AGC")
    if not path:
        pytest.skip("PANARC_AGC does not name an agc program")
    return Path(path)
