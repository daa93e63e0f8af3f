"""Measure windows of archives: panarc's Python module beside that of C++ AGC, each in processes of its own."""

from __future__ import annotations

import argparse
import shlex
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from comparison.command_line import (
    Measurement,
    add_run_arguments,
    check_folders,
    measure_and_write,
    positive,
    say,
    stop_when_terminated,
)
from comparison.inputs import InputSet
from comparison.report import describe_machine, machine_line
from comparison.schedule import create_once
from comparison.tools import Agc, Panarc, Tool
from comparison.window_report import growth_lines, readings_as_json, window_table
from comparison.windows import Library, Readings, WindowPlan, read_windows


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(prog="windows.py", description="Measure windows of archives from Python.")
    add_run_arguments(parser, runs=5, verifies=False)
    add = parser.add_argument
    add("--agc-module", type=Path, metavar="PATH", help="AGC's Python module (py_agc_api*.so) or its folder")
    add("--archives", type=Path, metavar="DIR", help="keep archives there, and use those that are there already")
    add("--fewer", type=positive, metavar="N", help="also measure the first N samples of each set")
    add("--windows", type=positive, default=1000, metavar="N", help="windows of each pass (default %(default)s)")
    add("--length", type=positive, default=4096, metavar="N", help="bases of a window (default %(default)s)")
    return parser


class Windows(Measurement):
    """All that was measured so far.

    Parameters
    ----------
    arguments
        The command line.
    """

    def __init__(self, arguments: argparse.Namespace) -> None:
        self._arguments = arguments
        self._machine = describe_machine()
        self._sets: list[tuple[InputSet, list[Readings]]] = []
        self._complete = False

    def run(self) -> None:
        """Measure every set, and its first samples."""
        given = self._arguments
        plan = WindowPlan(given.windows, given.length, given.threads, given.runs, say=say)
        for whole in given.sets:
            fewer = replace(whole, name=f"{whole.name}-first{given.fewer}", files=whole.files[: given.fewer])
            for inputs in [whole, fewer] if given.fewer else [whole]:
                with TemporaryDirectory(prefix="windows-", dir=given.workspace) as folder:
                    libraries = self._libraries(inputs, given.archives or Path(folder))
                    self._sets.append((inputs, read_windows(libraries, plan, Path(folder))))
        self._complete = True

    def markdown(self) -> str:
        """Return the tables."""
        given = self._arguments
        introduction = (
            f"{machine_line(self._machine)}. Time for one window of {given.length:,} bases, {given.windows:,} random "
            f"windows of all samples; medians of {given.runs} runs, libraries in turn, each run in a process of its "
            f"own. Warm: all windows were read once before. Several threads are {given.threads}, sharing one archive: "
            "the time is that of all windows divided by their number."
        )
        tables = [window_table(inputs.name, len(inputs.files), readings) for inputs, readings in self._sets]
        if given.fewer:
            pairs = zip(self._sets[::2], self._sets[1::2], strict=False)
            tables += [growth_lines(many, few, (whole.name, first.name)) for (whole, many), (first, few) in pairs]
        return "\n".join([introduction, "", *tables])

    def json(self) -> dict[str, Any]:
        """Return everything measured as plain values, without paths."""
        given = self._arguments
        return {
            "complete": self._complete,
            "machine": self._machine,
            **{key: getattr(given, key) for key in ("runs", "threads", "windows", "length")},
            "sets": [
                {
                    "name": inputs.name,
                    "samples": len(inputs.files),
                    "results": [readings_as_json(found) for found in readings],
                }
                for inputs, readings in self._sets
            ],
        }

    def _libraries(self, inputs: InputSet, folder: Path) -> list[Library]:
        given, libraries = self._arguments, []
        if given.panarc:
            tool = Panarc("panarc", tuple(shlex.split(given.panarc)), given.threads)
            archive = self._archive(tool, inputs, folder)
            libraries.append(Library("panarc", archive, {"library": "panarc"}, batches=True))
        if given.agc and given.agc_module:
            archive = self._archive(Agc("agc", tuple(shlex.split(given.agc)), given.threads), inputs, folder)
            for name, prefetch in (("agc", False), ("agc, prefetching", True)):
                options = {"library": "agc", "module": str(given.agc_module.resolve()), "prefetch": prefetch}
                libraries.append(Library(name, archive, options))
        return libraries

    def _archive(self, tool: Tool, inputs: InputSet, folder: Path) -> Path:
        archive = folder / f"{inputs.name}.{tool.name}{tool.suffix}"
        if not archive.exists():
            say(f"{inputs.name}: {tool.name} makes an archive")
            create_once(tool, inputs, archive, self._arguments.timeout)
        return archive


def main(argv: list[str] | None = None) -> None:
    """Run the command line."""
    parser = build_parser()
    arguments = parser.parse_args(argv)
    if not (arguments.panarc or (arguments.agc and arguments.agc_module)):
        parser.error("no library: give --panarc, or --agc and --agc-module")
    if not arguments.sets:
        parser.error("no set: give --set")
    check_folders(parser, arguments)
    measure_and_write(Windows(arguments), arguments)


if __name__ == "__main__":
    stop_when_terminated()
    main()
