"""Compare panarc with other Python libraries that read sequence: random windows, and a whole sample."""

from __future__ import annotations

import argparse
import json
import random
import shlex
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

from comparison.command_line import input_set, positive, say, stop_when_terminated
from comparison.inputs import InputSet
from comparison.process import measure
from comparison.schedule import create_once
from comparison.tools import Agc, Panarc, Tool
from reader_worker import LIBRARIES

_WORKER = Path(__file__).with_name("reader_worker.py")
_ROWS = {"open": "open", "windows": "windows", "sample": "a whole sample", "peak": "peak of the process"}


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(prog="readers.py", description="Compare Python libraries that read sequence.")
    add = parser.add_argument
    add("--set", dest="inputs", type=input_set, required=True, metavar="NAME=DIR_OR_GLOB", help="one sample a file")
    add("--panarc", default="panarc", metavar="COMMAND", help="the command of panarc (default %(default)s)")
    add("--agc", metavar="COMMAND", help="the command of AGC")
    add("--agc-module", metavar="PATH", help="AGC's Python module (py_agc_api*.so)")
    add("--libraries", nargs="+", choices=list(LIBRARIES), default=list(LIBRARIES), help="which (default all)")
    add("--windows", type=positive, default=10_000, metavar="N", help="windows (default %(default)s)")
    add("--length", type=positive, default=1000, metavar="N", help="bases of a window (default %(default)s)")
    add("--runs", type=positive, default=5, metavar="N", help="runs (default %(default)s)")
    add("--json", type=Path, metavar="FILE", help="write everything measured")
    add("--markdown", type=Path, metavar="FILE", help="write the table (default: standard output)")
    return parser


def prepare(given: argparse.Namespace, folder: Path) -> tuple[dict[str, dict[str, Any]], dict[str, Any]]:
    """Make archives and plain files; what each library needs to know, and what all do."""
    inputs: InputSet = given.inputs
    files = folder / "files"
    files.mkdir()
    plain = InputSet(inputs.name, inputs.files, plain=True).unpacked(files)
    samples = {sample.name: str(path) for sample, path in zip(inputs.samples(), plain.files, strict=True)}
    tools: dict[str, Tool] = {"panarc": Panarc("panarc", tuple(shlex.split(given.panarc)), 2)}
    if given.agc and given.agc_module:
        tools["agc"] = Agc("agc", tuple(shlex.split(given.agc)), 2)
    jobs: dict[str, dict[str, Any]] = {}
    for name in given.libraries:
        tool = name.split(",")[0]
        if tool in tools:
            archive = folder / f"{tool}.agc"
            if not archive.exists():
                create_once(tools[tool], inputs, archive, None)
            jobs[name] = {"archive": str(archive), "module": given.agc_module}
        elif tool not in ("panarc", "agc"):
            jobs[name] = {"files": samples}
    headers = {sample: _contigs(Path(path)) for sample, path in samples.items()}
    rng = random.Random(1)
    usable = [(s, c, n) for s, contigs in headers.items() for c, n in contigs if n >= given.length]
    windows = []
    for sample, contig, length in rng.choices(usable, [n for _, _, n in usable], k=given.windows):
        start = rng.randrange(length - given.length + 1)
        windows.append((sample, contig, start, start + given.length))
    (folder / "windows.json").write_text(json.dumps(windows))
    last = list(samples)[-1]
    return jobs, {
        "windows": str(folder / "windows.json"),
        "sample": last,
        "contigs": [contig for contig, _ in headers[last]],
    }


def _contigs(path: Path) -> list[tuple[str, int]]:
    found: list[tuple[str, int]] = []
    with path.open() as file:
        for line in file:
            if line.startswith(">"):
                found.append((line[1:].rstrip("\n"), 0))
            else:
                found[-1] = found[-1][0], found[-1][1] + len(line.strip())
    return found


def run(given: argparse.Namespace, folder: Path) -> dict[str, dict[str, list[float]]]:
    """Let all libraries read the same, in turn: once without counting, so that indexes are there, then `runs` times."""
    jobs, common = prepare(given, folder)
    times: dict[str, dict[str, list[float]]] = {name: {row: [] for row in _ROWS} for name in jobs}
    digests = set()
    for number in range(given.runs + 1):
        for name, job in jobs.items():
            request, response = folder / "job.json", folder / "answer.json"
            request.write_text(json.dumps({"library": name, **job, **common}))
            usage = measure([sys.executable, str(_WORKER), str(request)], stdout=response)
            answer = json.loads(response.read_text())
            digests.add(answer.pop("digest"))
            if number == 0:
                continue
            for row, seconds in answer.items():
                times[name][row].append(seconds)
            times[name]["peak"].append(usage.peak)
            say(f"{name} {number}/{given.runs}: {answer['windows'] * 1e3:.1f} ms, {answer['sample'] * 1e3:.1f} ms")
    if len(digests) > 1:
        raise SystemExit("the libraries read different bases")
    return times


def table(times: dict[str, dict[str, list[float]]], given: argparse.Namespace) -> str:
    """Return medians as Markdown."""
    titles = {**_ROWS, "windows": f"{given.windows:,} windows of {given.length:,} bases"}
    lines = [f"| {' | '.join(['what', *times])} |", f"| --- |{' ---: |' * len(times)}"]
    for row, title in titles.items():
        shown = [_shown(row, median(found[row])) for found in times.values()]
        lines.append(f"| {' | '.join([title, *shown])} |")
    return "\n".join(lines) + "\n"


def _shown(row: str, value: float) -> str:
    return f"{value / 1e6:.0f} MB" if row == "peak" else f"{value * 1e3:.1f} ms"


def main(argv: list[str] | None = None) -> None:
    """Run the command line."""
    given = build_parser().parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        times = run(given, Path(folder))
    if given.json:
        given.json.write_text(json.dumps(times, indent=2) + "\n")
    text = table(times, given)
    if given.markdown:
        given.markdown.write_text(text)
    else:
        print(text, end="")


if __name__ == "__main__":
    stop_when_terminated()
    main()
