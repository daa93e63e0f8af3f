"""The command lines of panarc and its peers."""

from __future__ import annotations

import shlex
import shutil
import subprocess
from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

from .inputs import InputSet, Sample, separate_records, split_records
from .process import CommandError, without_folders

_VERSION_TIMEOUT = 60
_LONGEST_VERSION = 100


@dataclass(frozen=True, slots=True)
class Tool(ABC):
    """A program that makes archives.

    Attributes
    ----------
    name
        Its name in the tables.
    command
        Program, and arguments that come before all others.
    threads
        Threads it may use.
    options
        More options for making an archive.
    suffix
        How the names of its archives end.
    """

    suffix: ClassVar[str]

    name: str
    command: tuple[str, ...]
    threads: int = 1
    options: tuple[str, ...] = ()

    @abstractmethod
    def create(self, inputs: InputSet, archive: Path) -> list[str]:
        """Return the command that makes `archive`; files beside it may be used as well."""

    @abstractmethod
    def getcol(self, archive: Path) -> list[str]:
        """Return the command that writes all samples to standard output."""

    def getcol_fast(self, archive: Path) -> list[str] | None:
        """Return the same with the option that is to make it faster, or nothing if there is none."""
        return None

    @abstractmethod
    def getset(self, archive: Path, sample: Sample) -> list[str] | None:
        """Return the command that writes one sample, or nothing if there is no such way."""

    def listset(self, archive: Path) -> list[str] | None:
        """Return the command that prints the names of the samples, or nothing if there is none."""
        return None

    def help(self) -> list[str]:
        """Return the command that prints how the program is used."""
        return [*self.command, "--help"]

    def version(self) -> str:
        """Return the line in which the program says its version.

        Raises
        ------
        CommandError
            If it cannot be started.
        """
        try:
            done = subprocess.run(
                [*self.command, *self.version_arguments()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=_VERSION_TIMEOUT,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            reason = error.strerror if isinstance(error, OSError) else "no answer"
            raise CommandError(f"{Path(self.command[0]).name} cannot be started: {reason}") from None
        lines = [line.strip(" *") for line in without_folders(done.stdout.decode(errors="replace")).splitlines()]
        return next((line for line in lines if any(map(str.isdigit, line))), "unknown")[:_LONGEST_VERSION]

    def version_arguments(self) -> tuple[str, ...]:
        """Return the arguments that make the program tell its version."""
        return ("--version",)


class Panarc(Tool):
    """The command of panarc."""

    __slots__ = ()
    suffix = ".agc"

    def create(self, inputs: InputSet, archive: Path) -> list[str]:
        """Return the command that makes `archive`."""
        concatenated = ("-c",) if inputs.records else ()
        files = map(str, inputs.files)
        options = ["-t", str(self.threads), *self.options, *concatenated]
        return [*self.command, "create", *options, "-o", str(archive), *files]

    def getcol(self, archive: Path) -> list[str]:
        """Return the command that writes all samples."""
        return [*self.command, "getcol", "-t", str(self.threads), str(archive)]

    def getcol_fast(self, archive: Path) -> list[str] | None:
        """Return the command that writes all samples; ``-f`` changes AGC only."""
        return [*self.command, "getcol", "-f", "-t", str(self.threads), str(archive)]

    def getset(self, archive: Path, sample: Sample) -> list[str] | None:
        """Return the command that writes one sample."""
        return [*self.command, "getset", "-t", str(self.threads), str(archive), sample.name]

    def listset(self, archive: Path) -> list[str] | None:
        """Return the command that prints the names of the samples."""
        return [*self.command, "listset", str(archive)]


class Agc(Panarc):
    """AGC: the same verbs and options, but its version is in the text it prints without any.

    Where each record is a sample, the first one comes in a file of its own.
    """

    __slots__ = ()

    def create(self, inputs: InputSet, archive: Path) -> list[str]:
        """Return the command that makes `archive`; of a set of records, from two files written beside it."""
        if inputs.records:
            inputs = replace(inputs, files=first_and_rest(inputs.files[0], archive))
        return Panarc.create(self, inputs, archive)

    def version_arguments(self) -> tuple[str, ...]:
        """Return no arguments."""
        return ()


def first_and_rest(path: Path, archive: Path) -> tuple[Path, Path]:
    """Write the first record of a file, and all others, into two files beside an archive."""
    files = archive.with_suffix(".first.fa"), archive.with_suffix(".rest.fa")
    split_records(path, 1, *files)
    return files


class AgcConcatenated(Agc):
    """AGC with a sample for every record of one file; the first record is to come in a file of its own."""

    __slots__ = ()

    def create(self, inputs: InputSet, archive: Path) -> list[str]:
        """Return the command that makes `archive`, from two files written beside it."""
        (path,) = inputs.files
        return Panarc.create(self, InputSet(inputs.name, first_and_rest(path, archive)), archive)


class AgcSeparate(Agc):
    """AGC with a sample for every record of one file, each in a file of its own."""

    __slots__ = ()

    def create(self, inputs: InputSet, archive: Path) -> list[str]:
        """Return the command that makes `archive`, from many files written beside it and a list of them."""
        (path,) = inputs.files
        folder, listing = archive.with_suffix(".records"), archive.with_suffix(".list")
        if folder.exists():
            shutil.rmtree(folder)
        first, *rest = separate_records(path, folder)
        listing.write_text("".join(f"{path}\n" for path in rest))
        several = ("-i", str(listing)) if rest else ()
        return [
            *self.command,
            "create",
            "-t",
            str(self.threads),
            *self.options,
            *several,
            "-o",
            str(archive),
            str(first),
        ]


class Mbgc(Tool):
    """MBGC version 2: no access inside a sample, but samples can be chosen by file name. One thread decodes."""

    __slots__ = ()
    suffix = ".mbgc"

    def create(self, inputs: InputSet, archive: Path) -> list[str]:
        """Return the command that makes `archive`, from a list of files written beside it."""
        listing = archive.with_suffix(".list")
        listing.write_text("".join(f"{path}\n" for path in inputs.files))
        return [*self.command, "c", "-t", str(self.threads), *self.options, str(listing), str(archive)]

    def getcol(self, archive: Path) -> list[str]:
        """Return the command that writes all samples."""
        return [*self.command, "d", "-t", "1", str(archive), "-"]

    def getset(self, archive: Path, sample: Sample) -> list[str] | None:
        """Return the command that writes one sample, which must have a file of its own."""
        if sample.file_name is None:
            return None
        return [*self.command, "d", "-t", "1", "-e", sample.file_name, str(archive), "-"]

    def listset(self, archive: Path) -> list[str] | None:
        """Return the command that prints the names of the files."""
        return [*self.command, "i", str(archive)]

    def help(self) -> list[str]:
        """Return the command that prints how the program is used."""
        return [*self.command, "-h"]

    def version_arguments(self) -> tuple[str, ...]:
        """Return the arguments that make the program tell its version."""
        return ("-v",)


class Zstd(Tool):
    """All samples through one zstd stream, which has no way to a single sample."""

    __slots__ = ()
    suffix = ".zst"

    def create(self, inputs: InputSet, archive: Path) -> list[str]:
        """Return the command that makes `archive`; the time of ``gzip -cdf``, which reads the files, is in it."""
        packing = [*self.command, "-q", f"-T{self.threads}", *self.options, "-o", str(archive)]
        return ["sh", "-c", f'gzip -cdf -- "$@" | {shlex.join(packing)}', "sh", *map(str, inputs.files)]

    def getcol(self, archive: Path) -> list[str]:
        """Return the command that writes all samples."""
        return [*self.command, "-q", "-d", "-c", "--long=31", str(archive)]

    def getset(self, archive: Path, sample: Sample) -> list[str] | None:
        """Return nothing: there is no access."""
        return None
