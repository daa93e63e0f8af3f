"""Measure panarc beside its peers, on named sets of genomes, and write a table."""

from __future__ import annotations

import argparse
import shlex
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from comparison.command_line import (
    Measurement,
    add_run_arguments,
    check_folders,
    input_set,
    measure_and_write,
    positive,
    say,
    stop_when_terminated,
)
from comparison.process import CommandError, measure_floor
from comparison.report import SetSize, as_json, describe_machine, machine_line, table_of, write_bytes
from comparison.schedule import VERBS, Plan, Result, compare_tools
from comparison.tools import Agc, Mbgc, Panarc, Tool, Zstd


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(prog="compare.py", description="Measure panarc beside its peers.")
    add_run_arguments(parser, runs=3)
    add = parser.add_argument
    for option, kind, text in (
        ("--plain", partial(input_set, plain=True), "a set that is unpacked first, so that tools get plain FASTA"),
        (
            "--records",
            partial(input_set, records=True, plain=True),
            "one file, plain or not, of which each record is a sample",
        ),
    ):
        add(option, dest="sets", type=kind, action="append", metavar="NAME=PATH", help=text)
    add("--verbs", nargs="+", choices=VERBS, default=VERBS, help="what is measured (default all)")
    add("--quick-runs", type=positive, metavar="N", help="runs of getset, listset and --help (default as --runs)")
    add("--enough", type=float, metavar="SECONDS", help="no further round of a verb after this time")
    add("--mbgc", metavar="COMMAND", help="the command of MBGC 2")
    add("--zstd", nargs="?", const="zstd", metavar="COMMAND", help="the command of zstd (default zstd)")
    add("--panarc-args", type=shlex.split, default=[], metavar="ARGS", help="more options of panarc create")
    add("--agc-args", type=shlex.split, default=[], metavar="ARGS", help="more options of agc create")
    add("--mbgc-args", type=shlex.split, default=[], metavar="ARGS", help="more options of mbgc c")
    add(
        "--zstd-args",
        type=shlex.split,
        default=["-3", "--long=31"],
        metavar="ARGS",
        help="options of zstd (default -3 --long=31)",
    )
    return parser


def chosen_tools(arguments: argparse.Namespace) -> list[Tool]:
    """Return the tools of the command line; the first is the one that ratios are taken of."""
    kinds: dict[str, type[Tool]] = {"panarc": Panarc, "agc": Agc, "mbgc": Mbgc, "zstd": Zstd}
    tools = []
    for name, kind in kinds.items():
        if command := getattr(arguments, name):
            options = tuple(getattr(arguments, f"{name}_args"))
            tools.append(kind(name, tuple(shlex.split(command)), arguments.threads, options))
    return tools


class Comparison(Measurement):
    """All that was measured so far.

    Parameters
    ----------
    arguments
        The command line.
    """

    def __init__(self, arguments: argparse.Namespace) -> None:
        self._arguments = arguments
        self._machine = describe_machine()
        self._floor = measure_floor()
        self._versions: dict[str, str] = {}
        self._sets: list[tuple[SetSize, list[Result]]] = []
        self._complete = False

    def run(self) -> None:
        """Measure every set."""
        usable = []
        missing: dict[str, str] = {}
        for tool in chosen_tools(self._arguments):
            try:
                self._versions[tool.name] = tool.version()
                usable.append(tool)
            except CommandError as error:
                missing[tool.name] = str(error)
                say(str(error))
        plan = Plan(
            self._arguments.runs,
            timeout=self._arguments.timeout,
            quick_runs=self._arguments.quick_runs,
            enough=self._arguments.enough,
            verbs=tuple(self._arguments.verbs),
            check=self._arguments.verify,
            say=say,
        )
        for packed in self._arguments.sets:
            say(f"{packed.name}: reading {len(packed.files)} files once")
            with TemporaryDirectory(prefix="compare-", dir=self._arguments.workspace) as folder:
                archives, files = Path(folder, "archives"), Path(folder, "files")
                archives.mkdir()
                files.mkdir()
                inputs = packed.unpacked(files)
                size = SetSize(inputs.name, len(inputs.samples()), *inputs.warm())
                results = compare_tools(usable, inputs, plan, archives)
            results += [Result(inputs.name, name, error=reason) for name, reason in missing.items()]
            self._sets.append((size, results))
        self._complete = True

    def markdown(self) -> str:
        """Return the tables."""
        versions = [f"* {name}: {version}" for name, version in self._versions.items()]
        introduction = (
            f"{machine_line(self._machine)}. Medians of at most {self._arguments.runs} runs, tools in turn, "
            f"{self._arguments.threads} threads. Peak is the resident size of the largest process; "
            f"nothing below {write_bytes(self._floor)} can be measured."
        )
        tables = [table_of(size, results, self._floor) for size, results in self._sets]
        return "\n".join([introduction, "", *versions, "", *tables])

    def json(self) -> dict[str, Any]:
        """Return everything measured as plain values, without paths."""
        return {
            "complete": self._complete,
            "machine": self._machine,
            "peak_floor": self._floor,
            "runs": self._arguments.runs,
            "quick_runs": self._arguments.quick_runs,
            "threads": self._arguments.threads,
            "tools": {
                tool.name: {"version": self._versions.get(tool.name), "options": list(tool.options)}
                for tool in chosen_tools(self._arguments)
            },
            "sets": [
                {
                    "name": size.name,
                    "samples": size.samples,
                    "file_bytes": size.file_bytes,
                    "fasta_bytes": size.fasta_bytes,
                    "results": [as_json(result) for result in results],
                }
                for size, results in self._sets
            ],
        }


def main(argv: list[str] | None = None) -> None:
    """Run the command line."""
    parser = build_parser()
    arguments = parser.parse_args(argv)
    if not chosen_tools(arguments):
        parser.error("no tool: give at least one of --panarc, --agc, --mbgc, --zstd")
    if not arguments.sets:
        parser.error("no set: give at least one of --set, --plain, --records")
    check_folders(parser, arguments)
    measure_and_write(Comparison(arguments), arguments)


if __name__ == "__main__":
    stop_when_terminated()
    main()
