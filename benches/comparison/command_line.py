"""What the scripts that measure have in common: arguments, progress, and results that outlive an interrupt."""

from __future__ import annotations

import argparse
import json
import signal
import sys
from abc import ABC, abstractmethod
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from .inputs import InputSet, parse_set

_INTERRUPTED = 130


def input_set(text: str, *, records: bool = False, plain: bool = False) -> InputSet:
    """Make a set of an argument."""
    try:
        return parse_set(text, records=records, plain=plain)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def positive(text: str) -> int:
    """Make a number above zero of an argument."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not positive")
    return value


def add_run_arguments(parser: argparse.ArgumentParser, *, runs: int, verifies: bool = True) -> None:
    """Add the arguments that say what is measured, how often, and where the results go."""
    add = parser.add_argument
    add(
        "--set",
        dest="sets",
        type=input_set,
        action="append",
        default=[],
        metavar="NAME=DIR_OR_GLOB",
        help="a set of FASTA files, one sample each; may be given more than once",
    )
    add("--panarc", metavar="COMMAND", help="the command of panarc, quoted as in a shell")
    add("--agc", metavar="COMMAND", help="the command of AGC")
    add("--threads", "-t", type=positive, default=2, metavar="N", help="threads of each tool (default %(default)s)")
    add("--runs", type=positive, default=runs, metavar="N", help="runs of each verb (default %(default)s)")
    add("--timeout", type=float, metavar="SECONDS", help="give a tool up after this time for one run")
    if verifies:
        add("--verify", action="store_true", help="compare the sequence of all samples with the files")
    add("--workspace", type=Path, metavar="DIR", help="where the temporary folder for archives is made")
    add("--json", type=Path, metavar="FILE", help="write everything measured")
    add("--markdown", type=Path, metavar="FILE", help="write the tables (default: standard output)")


class Measurement(ABC):
    """Something that measures for a long time and can say at any moment what it has."""

    @abstractmethod
    def run(self) -> None:
        """Measure everything."""

    @abstractmethod
    def markdown(self) -> str:
        """Return the tables."""

    @abstractmethod
    def json(self) -> dict[str, Any]:
        """Return everything measured as plain values, without paths."""


def measure_and_write(measurement: Measurement, arguments: argparse.Namespace) -> None:
    """Measure, and write the files that the command line asks for.

    An interrupt leaves no process and no temporary file behind; the sets finished before it are written.
    """
    status = 0
    try:
        measurement.run()
    except KeyboardInterrupt:
        say("interrupted")
        status = _INTERRUPTED
    if arguments.json:
        arguments.json.write_text(json.dumps(measurement.json(), indent=2, ensure_ascii=False) + "\n")
    if arguments.markdown:
        arguments.markdown.write_text(measurement.markdown())
    else:
        print(measurement.markdown(), end="")
    if status:
        sys.exit(status)


def check_folders(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> None:
    """Refuse results for folders that are not there, before hours of measuring."""
    for path in (arguments.json, arguments.markdown):
        if path and not path.resolve().parent.is_dir():
            parser.error(f"no folder for {path}")


def say(text: str) -> None:
    """Tell the user what goes on."""
    print(text, file=sys.stderr, flush=True)


def stop_when_terminated() -> None:
    """Treat SIGTERM as Ctrl-C."""

    def stop(number: int, frame: FrameType | None) -> NoReturn:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)
