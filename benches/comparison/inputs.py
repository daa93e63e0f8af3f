"""Named sets of FASTA files."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

_BLOCK = 1 << 20
_SUFFIXES = (".fa", ".fasta", ".fna", ".ffn")


@dataclass(frozen=True, slots=True)
class InputSet:
    """A set of samples, one file each; the first is the reference."""

    name: str
    files: tuple[Path, ...]

    @property
    def middle(self) -> Path:
        """The sample that ``getset`` is measured with."""
        return self.files[len(self.files) // 2]

    def warm(self) -> tuple[int, int]:
        """Read all files once, so that the first tool finds them cached as the others do.

        Returns
        -------
        tuple of int
            Bytes of the files and bytes of the FASTA in them.
        """
        plain = 0
        for path in self.files:
            with open_fasta(path) as file:
                while block := file.read(_BLOCK):
                    plain += len(block)
        return sum(path.stat().st_size for path in self.files), plain


def parse_set(text: str) -> InputSet:
    """Make a set of ``name=DIR_OR_GLOB``, its files in alphabetical order.

    Raises
    ------
    ValueError
        If the form is wrong or no file matches.
    """
    name, equals, pattern = text.partition("=")
    if not (name and equals and pattern):
        raise ValueError(f"{text!r} is not name=DIR_OR_GLOB")
    if Path(pattern).is_dir():
        candidates = [path for path in Path(pattern).iterdir() if is_fasta(path)]
    else:
        path = Path(pattern)
        candidates = list(Path(path.anchor or ".").glob(str(path.relative_to(path.anchor))))
    files = tuple(sorted(path.resolve() for path in candidates if path.is_file()))
    if not files:
        raise ValueError(f"no FASTA file for set {name}")
    return InputSet(name, files)


def half_of(inputs: InputSet, folder: Path) -> InputSet:
    """Return the first half of the samples, rounded up; of a single sample the first half of its records.

    Parameters
    ----------
    inputs
        The set.
    folder
        Takes the file with half of the records, which is plain FASTA.
    """
    if len(inputs.files) > 1:
        return InputSet(inputs.name, inputs.files[: (len(inputs.files) + 1) // 2])
    (path,) = inputs.files
    with open_fasta(path) as file:
        records = sum(line.startswith(b">") for line in file)
    half = folder / f"{sample_name(path)}.fa"
    split_records(path, (records + 1) // 2, half)
    return InputSet(inputs.name, (half,))


def split_records(path: Path, count: int, first: Path, rest: Path | None = None) -> None:
    """Write the first `count` records of a FASTA file into `first`, and the others, if they are wanted, into `rest`."""
    with open_fasta(path) as file:
        records = 0
        ahead: list[bytes] = []
        with first.open("wb") as out:
            for line in file:
                records += line.startswith(b">")
                if records > count:
                    ahead.append(line)
                    break
                out.write(line)
        if rest is not None:
            with rest.open("wb") as out:
                out.writelines(ahead)
                out.writelines(file)


def separate_records(path: Path, folder: Path) -> list[Path]:
    """Write each record of a FASTA file into a file of its own, in an empty folder, and return the files in order."""
    folder.mkdir()
    files: list[Path] = []
    with open_fasta(path) as file, ExitStack() as last:
        for line in file:
            if line.startswith(b">"):
                last.close()
                files.append(folder / f"record{len(files) + 1:06d}.fa")
                out = last.enter_context(files[-1].open("wb"))
            out.write(line)
    return files


def is_fasta(path: Path) -> bool:
    """Tell whether the name of a file is that of a FASTA file, plain or gzip."""
    return path.name.removesuffix(".gz").endswith(_SUFFIXES)


def sample_name(path: Path) -> str:
    """Return the name that AGC and panarc give to the sample in a file."""
    name = path.name.removesuffix(".gz")
    for suffix in _SUFFIXES:
        name = name.removesuffix(suffix)
    return name


@contextmanager
def open_fasta(path: Path) -> Iterator[IO[bytes] | gzip.GzipFile]:
    """Open a FASTA file, plain or gzip."""
    with path.open("rb") as raw:
        packed = raw.read(2) == b"\x1f\x8b"
        raw.seek(0)
        if not packed:
            yield raw
            return
        with gzip.GzipFile(fileobj=raw) as unpacked:
            yield unpacked
