"""The examples of the page on remote archives run as they stand, but for the server's name."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import obstore
import pytest
from obstore.store import S3Store

import panarc
from helpers import write_genomes
from servers import s3_environment, s3_server, serving
from test_docs import ROOT, Block, blocks, run

DOCUMENT = "docs/cloud.md"
HOST = "https://genomes.example.org"
BLOCKS = list(blocks(DOCUMENT, (ROOT / DOCUMENT).read_text("utf-8")))


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.place)
def test_examples(block: Block, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert block.tested
    write_genomes(tmp_path / "genomes")
    with panarc.create(tmp_path / "pop.agc") as builder:
        for name in "abc":
            builder.add_fasta(tmp_path / "genomes" / f"{name}.fa")
    content = (tmp_path / "pop.agc").read_bytes()
    with s3_server("genomes") as s3, serving(pop=content) as server:
        for name, value in s3_environment(s3).items():
            monkeypatch.setenv(name, value)
        obstore.put(S3Store("genomes"), "pop.agc", content)
        text = block.text.replace(HOST, server.url)
        assert block.language in ("python", "sh")
        run(
            [sys.executable, "-W", "error", "-c", text] if block.language == "python" else ["bash", "-euc", text],
            tmp_path,
        )
        assert bool(server.asked) == (HOST in block.text)


def test_the_table_of_errors_is_that_of_the_package() -> None:
    text = (ROOT / DOCUMENT).read_text("utf-8").partition("## What goes wrong")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \|", text, re.MULTILINE)
    assert len(rows) == 6
    for name, bases in rows:
        for base in re.findall(r"`(\w+)`", bases):
            expected = getattr(panarc, base, None) or getattr(__import__("builtins"), base)
            assert issubclass(getattr(panarc, name), expected), (name, base)
