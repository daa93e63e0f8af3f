"""Named sets of FASTA files."""

from __future__ import annotations

import gzip
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

_BLOCK = 1 << 20
_SUFFIXES = (".fa", ".fasta", ".fna", ".ffn")
_PACKED = (".gz", ".zst")
_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample as AGC and panarc call it, and the name of its file without packing, if it has one of its own."""

    name: str
    file_name: str | None = None


@dataclass(frozen=True, slots=True)
class InputSet:
    """A set of samples; the first is the reference.

    Attributes
    ----------
    name
        Its name in the tables.
    files
        One file for each sample.
    records
        Whether there is a single file instead, of which each record is a sample (``create -c``).
    plain
        Whether the tools are to get plain files; see `unpacked`.
    """

    name: str
    files: tuple[Path, ...]
    records: bool = False
    plain: bool = False

    def samples(self) -> list[Sample]:
        """Return the samples in order."""
        if not self.records:
            return [sample_of(path) for path in self.files]
        with open_fasta(self.files[0]) as file:
            return [Sample(line[1:].split()[0].decode()) for line in file if line.startswith(b">")]

    def unpacked(self, folder: Path) -> InputSet:
        """Return the set with plain files, which are written into `folder`; itself if it is not to be plain."""
        if not self.plain:
            return self
        files = tuple(folder / f"{sample_name(path)}.fa" for path in self.files)
        for path, plain in zip(self.files, files, strict=True):
            with open_fasta(path) as packed, plain.open("wb") as out:
                shutil.copyfileobj(packed, out, _BLOCK)
        return replace(self, files=files)

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


def parse_set(text: str, *, records: bool = False, plain: bool = False) -> InputSet:
    """Make a set of ``name=DIR_OR_GLOB``, its files in alphabetical order.

    Parameters
    ----------
    text
        What the command line has.
    records
        Whether each record of a single file is a sample.
    plain
        Whether the tools are to get plain files.

    Raises
    ------
    ValueError
        If the form is wrong, no file matches, or several do where there is to be one.
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
    if records and len(files) > 1:
        raise ValueError(f"set {name} is to be one file, not {len(files)}")
    return InputSet(name, files, records, plain)


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
    """Tell whether the name of a file is that of a FASTA file, plain or packed."""
    return _unpacked_name(path).endswith(_SUFFIXES)


def sample_of(path: Path) -> Sample:
    """Return the sample in a file."""
    return Sample(sample_name(path), _unpacked_name(path))


def sample_name(path: Path) -> str:
    """Return the name that AGC and panarc give to the sample in a file."""
    name = _unpacked_name(path)
    for suffix in _SUFFIXES:
        name = name.removesuffix(suffix)
    return name


def _unpacked_name(path: Path) -> str:
    name = path.name
    for suffix in _PACKED:
        name = name.removesuffix(suffix)
    return name


@contextmanager
def open_fasta(path: Path) -> Iterator[IO[bytes] | gzip.GzipFile]:
    """Open a FASTA file, plain, gzip or zstd; for the last, the command ``zstd`` is needed."""
    with path.open("rb") as raw:
        head = raw.read(len(_ZSTD))
        raw.seek(0)
        if head.startswith(_GZIP):
            with gzip.GzipFile(fileobj=raw) as unpacked:
                yield unpacked
        elif head == _ZSTD:
            with subprocess.Popen(["zstd", "-dcq", str(path)], stdout=subprocess.PIPE) as process:
                assert process.stdout is not None
                yield process.stdout
                if not process.stdout.read(1) and process.wait():
                    raise OSError(f"zstd cannot read {path.name}")
        else:
            yield raw
