"""Measure panarc on collections that are not alike: against the smallest archive of AGC, and against half the input."""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from comparison.command_line import (
    Measurement,
    add_run_arguments,
    check_folders,
    measure_and_write,
    say,
    stop_when_terminated,
)
from comparison.growth import GrowthOfSet, growth_as_json, growth_table, measure_growth
from comparison.inputs import InputSet
from comparison.modes import agc_modes, panarc_levels
from comparison.process import CommandError
from comparison.report import describe_machine, machine_line
from comparison.schedule import Plan
from comparison.tools import Tool


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(prog="hard.py", description="Measure panarc on hard collections.")
    add_run_arguments(parser, runs=1)
    return parser


class HardCollections(Measurement):
    """All that was measured so far.

    Parameters
    ----------
    arguments
        The command line.
    """

    def __init__(self, arguments: argparse.Namespace) -> None:
        self._arguments = arguments
        self._machine = describe_machine()
        self._versions: dict[str, str] = {}
        self._sets: list[GrowthOfSet] = []
        self._complete = False

    def run(self) -> None:
        """Measure every set."""
        plan = Plan(self._arguments.runs, self._arguments.timeout, check=self._arguments.verify, say=say)
        for inputs in self._arguments.sets:
            with TemporaryDirectory(prefix="hard-", dir=self._arguments.workspace) as folder:
                self._sets.append(measure_growth(self._tools(inputs), inputs, plan, Path(folder)))
        self._complete = True

    def markdown(self) -> str:
        """Return the tables."""
        introduction = (
            f"{machine_line(self._machine)}. Medians of {self._arguments.runs} runs, tools in turn, "
            f"{self._arguments.threads} threads. Half is the first half of the samples, or of the records of a single "
            "sample. Growth is processor time for a base of the whole, divided by that for a base of the half: "
            "1 is linear."
        )
        versions = [f"* {name}: {version}" for name, version in self._versions.items()]
        return "\n".join([introduction, "", *versions, "", *map(growth_table, self._sets)])

    def json(self) -> dict[str, Any]:
        """Return everything measured as plain values, without paths."""
        return {
            "complete": self._complete,
            "machine": self._machine,
            "runs": self._arguments.runs,
            "threads": self._arguments.threads,
            "versions": self._versions,
            "sets": [growth_as_json(growth) for growth in self._sets],
        }

    def _tools(self, inputs: InputSet) -> list[Tool]:
        tools: list[Tool] = []
        threads = self._arguments.threads
        if self._arguments.panarc:
            tools += self._that_start(panarc_levels(tuple(shlex.split(self._arguments.panarc)), threads))
        if self._arguments.agc:
            tools += self._that_start(agc_modes(tuple(shlex.split(self._arguments.agc)), threads, inputs))
        return tools

    def _that_start(self, tools: list[Tool]) -> list[Tool]:
        program = tools[0].name.partition(" ")[0]
        try:
            self._versions[program] = tools[0].version()
        except CommandError as error:
            self._versions[program] = str(error)
            say(str(error))
            return []
        return tools


def main(argv: list[str] | None = None) -> None:
    """Run the command line."""
    parser = build_parser()
    arguments = parser.parse_args(argv)
    if not (arguments.panarc or arguments.agc):
        parser.error("no tool: give at least one of --panarc, --agc")
    if not arguments.sets:
        parser.error("no set: give --set")
    check_folders(parser, arguments)
    measure_and_write(HardCollections(arguments), arguments)


if __name__ == "__main__":
    stop_when_terminated()
    main()
