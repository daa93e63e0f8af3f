"""Whether the same sequence comes out that went in.

Compared are headers and upper-case sequence; how a sequence is divided into lines does not count.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b
from itertools import chain, zip_longest
from pathlib import Path
from tempfile import TemporaryFile

from .inputs import InputSet, open_fasta, sample_of
from .process import CommandError, kill_session
from .tools import Tool

_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True, order=True)
class Digest:
    """A record, told by its header and the length and digest of its sequence."""

    header: bytes
    length: int
    digest: bytes


def blocks_of(path: Path) -> Iterator[bytes]:
    """Yield the FASTA of a file, plain or gzip, in blocks."""
    with open_fasta(path) as file:
        while block := file.read(_BLOCK):
            yield block


def digest_records(blocks: Iterable[bytes]) -> Iterator[Digest]:
    """Yield a digest of every record, in bounded memory however long records and lines are.

    Parameters
    ----------
    blocks
        FASTA text, cut anywhere.
    """
    header = b""
    inside = False
    in_header = False
    line_start = True
    length, state = 0, blake2b()
    for block in blocks:
        place = 0
        while place < len(block):
            if in_header:
                end = block.find(b"\n", place)
                header += block[place:] if end < 0 else block[place:end]
                in_header = end < 0
                line_start = not in_header
                place = len(block) if end < 0 else end + 1
            elif line_start and block.startswith(b">", place):
                if inside:
                    yield Digest(header.rstrip(), length, state.digest())
                header, in_header, inside = b"", True, True
                length, state = 0, blake2b()
                place += 1
            else:
                end = block.find(b"\n>", place) + 1 or len(block)
                sequence = block[place:end].translate(None, b" \t\r\n").upper()
                length += len(sequence)
                state.update(sequence)
                line_start = block.endswith(b"\n", place, end)
                place = end
    if inside:
        yield Digest(header.rstrip(), length, state.digest())


def verify(tool: Tool, inputs: InputSet, archive: Path) -> str | None:
    """Compare every sample of an archive with its file.

    Samples come from ``getset``, or all at once from ``getcol`` where a tool has no access to one. Where samples are
    records of one file they come from ``getcol`` in whatever order.

    Returns
    -------
    str or None
        The first difference, if there is one.
    """
    if inputs.records:
        return _difference(inputs.name, blocks_of(inputs.files[0]), tool.getcol(archive), in_order=False)
    if tool.getset(archive, sample_of(inputs.files[0])) is None:
        expected = chain.from_iterable(map(blocks_of, inputs.files))
        return _difference("collection", expected, tool.getcol(archive))
    for path in inputs.files:
        sample = sample_of(path)
        command = tool.getset(archive, sample)
        if command and (difference := _difference(sample.name, blocks_of(path), command)):
            return difference
    return None


def _difference(sample: str, expected: Iterable[bytes], command: list[str], *, in_order: bool = True) -> str | None:
    arrange: Callable[[Iterable[Digest]], Iterable[Digest]] = iter if in_order else sorted
    try:
        records = digest_records(expected), digest_records(_output_of(command))
        for wanted, found in zip_longest(*map(arrange, records)):
            if wanted != found:
                return f"{sample}: {_describe(wanted)} became {_describe(found)}"
    except CommandError as error:
        return f"{sample}: {error}"
    return None


def _output_of(command: list[str]) -> Iterator[bytes]:
    with TemporaryFile() as errors:
        try:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, start_new_session=True
            )
        except OSError as error:
            raise CommandError(f"{Path(command[0]).name} cannot be started: {error.strerror}") from None
        with process:
            try:
                assert process.stdout is not None
                while block := process.stdout.read(_BLOCK):
                    yield block
            except BaseException:
                kill_session(process)
                raise
        if process.returncode:
            raise CommandError(f"{Path(command[0]).name} ended with status {process.returncode}")


def _describe(record: Digest | None) -> str:
    if record is None:
        return "nothing"
    return f"record {record.header.decode(errors='replace')!r} of {record.length} letters ({record.digest.hex()[:8]})"
