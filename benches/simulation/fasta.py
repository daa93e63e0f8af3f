"""FASTA files, read whole and written in pieces."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import numpy as np

from .draws import Bases

LINE_BASES = 80
_BLOCK_LINES = 1 << 16
_GZIP_LEVEL = 6


class FastaWriter:
    """Writes records of 80-column FASTA; the sequence of a record may come in pieces of any size."""

    def __init__(self, file: IO[bytes] | gzip.GzipFile) -> None:
        self._file = file
        self._rest = np.empty(0, dtype=np.uint8)
        self.total_bases = 0

    def begin(self, header: str) -> None:
        """End the record before, if any, and start one named `header`."""
        self.end()
        self._file.write(b">%s\n" % header.encode())

    def write(self, sequence: Bases) -> None:
        """Add `sequence` to the record."""
        self.total_bases += len(sequence)
        if len(self._rest):
            sequence = np.concatenate((self._rest, sequence))
        whole = len(sequence) - len(sequence) % LINE_BASES
        self._rest = sequence[whole:].copy()
        for start in range(0, whole, _BLOCK_LINES * LINE_BASES):
            rows = sequence[start : min(whole, start + _BLOCK_LINES * LINE_BASES)].reshape(-1, LINE_BASES)
            lines = np.full((len(rows), LINE_BASES + 1), ord("\n"), dtype=np.uint8)
            lines[:, :LINE_BASES] = rows
            self._file.write(lines.tobytes())

    def end(self) -> None:
        """Write the last, shorter line of the record."""
        if len(self._rest):
            self._file.write(self._rest.tobytes() + b"\n")
            self._rest = self._rest[:0]

    def record(self, header: str, sequence: Bases) -> None:
        """Write a whole record."""
        self.begin(header)
        self.write(sequence)
        self.end()


@contextmanager
def create_fasta(path: Path, *, compress: bool = False) -> Iterator[FastaWriter]:
    """Open a FASTA file for writing.

    Parameters
    ----------
    path
        The file; ``.gz`` is added to its name when `compress` is set.
    compress
        Write gzip, without a time in its header.  The compressed bytes depend on the zlib in use, the FASTA does not.
    """
    if not compress:
        with path.open("wb") as plain:
            writer = FastaWriter(plain)
            yield writer
            writer.end()
        return
    with (
        path.with_name(path.name + ".gz").open("wb") as raw,
        gzip.GzipFile(filename="", mode="wb", fileobj=raw, compresslevel=_GZIP_LEVEL, mtime=0) as packed,
    ):
        writer = FastaWriter(packed)
        yield writer
        writer.end()


def read_fasta(path: Path) -> list[tuple[str, Bases]]:
    """Read a FASTA file, plain or gzip, into upper-case arrays of letters.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    list of (header, sequence)
        In the order of the file; the header without ``>``.
    """
    with path.open("rb") as file:
        data = file.read()
    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    if not data.startswith(b">"):
        raise ValueError(f"{path.name} is not FASTA: it does not start with '>'")
    records = []
    for block in data[1:].split(b"\n>"):
        header, _, lines = block.partition(b"\n")
        sequence = lines.translate(None, b" \t\r\n").upper()
        records.append((header.decode().strip(), np.frombuffer(sequence, dtype=np.uint8)))
    return records
