"""Measure everything that docs/benchmarks.md and the README show, on all sets, and write it down."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import compare
import windows
from comparison.command_line import positive, say, stop_when_terminated
from comparison.goals import goal_introduction, goal_table, goals_of_comparison, goals_of_windows, publish
from comparison.schedule import VERBS

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT, README = ROOT / "docs" / "benchmarks.md", ROOT / "README.md"

#: Rows that the README shows: what most users do, on few and on many genomes, and where panarc is behind most.
IN_README = {
    *(("yeast", what) for what in ("archive", "create", "getset")),
    *(("relatives100", what) for what in ("archive", "create", "create, peak", "getcol")),
    *((name, "create") for name in ("chlamydia", "big4")),
    ("relatives100", "windows, one by one, cache emptied"),
}

_RELATIVES = ("relatives", "--samples", "100")
_BIG = ("random", "--length", "250000000", "--chromosomes", "3", "--samples", "4")

_QUICK_RUNS = 3
"""Times as many runs of what takes some milliseconds."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the suite: the script that measures it, and the script's arguments."""

    name: str
    script: Callable[[list[str]], None]
    arguments: tuple[str, ...]


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(prog="suite.py", description="Measure all that the documents show.")
    add = parser.add_argument
    add("--data", type=Path, metavar="DIR", help="yeast/, chlamydia/, locus/ and small/ (default PANARC_SHARED/data)")
    add("--simulated", type=Path, metavar="DIR", help="relatives100/ and big4/, made if missing (default in --out)")
    add("--panarc", default="panarc", metavar="COMMAND", help="the command of panarc (default %(default)s)")
    for name in ("agc", "mbgc", "zstd"):
        add(f"--{name}", metavar="COMMAND", help=f"the command of {name}")
    add("--agc-module", metavar="PATH", help="AGC's Python module (py_agc_api*.so) or its folder")
    add("--out", type=Path, default=ROOT / "bench-out", metavar="DIR", help="where results go (default bench-out)")
    add("--runs", type=positive, default=5, metavar="N", help="runs of each measurement (default %(default)s)")
    add("--threads", type=positive, default=2, metavar="N", help="threads (default %(default)s)")
    add(
        "--only", nargs="+", choices=("real", "relatives", "big", "windows"), help="parts to measure anew (default all)"
    )
    add("--publish", action="store_true", help="write the tables into docs/benchmarks.md and the README")
    return parser


def parts_of(given: argparse.Namespace, data: Path, simulated: Path) -> list[Part]:
    """Return the parts in order."""
    common = ["--panarc", given.panarc, "--threads", str(given.threads), "--runs", str(given.runs)]
    common += ["--agc", given.agc] if given.agc else []
    tools = [*common, "--quick-runs", str(_QUICK_RUNS * given.runs)]
    for name in ("mbgc", "zstd"):
        if command := getattr(given, name):
            tools += [f"--{name}", command]
    module = ["--agc-module", given.agc_module] if given.agc_module else []
    relatives = ["--set", f"relatives100={simulated / 'relatives100'}"]
    real = [
        *("--plain", f"yeast={data / 'yeast'}", "--set", f"chlamydia={data / 'chlamydia'}"),
        *("--records", f"LPA={data / 'locus' / 'LPA.fa.gz'}"),
        *("--records", f"sars2={data / 'small' / 'sars2_1000.fa.zst'}"),
    ]
    big = ["--set", f"big4={simulated / 'big4'}", "--verbs", "create", "getcol"]
    return [
        Part("real", compare.main, (*tools, *real, "--verify")),
        Part("relatives", compare.main, (*tools, *relatives, "--verbs", *VERBS[:-1], "--enough", "120")),
        Part("big", compare.main, (*tools, *big, "--enough", "120")),
        Part("windows", windows.main, (*common, *module, *relatives, "--fewer", "10")),
    ]


def simulate(folder: Path, arguments: tuple[str, ...]) -> None:
    """Make a simulated set, unless it is there."""
    if not folder.exists():
        say(f"making {folder.name}")
        script = Path(__file__).with_name("simulate.py")
        subprocess.run([sys.executable, str(script), *arguments, "--out", str(folder)], check=True)


def write_tables(names: list[str], out: Path, *, into_documents: bool) -> None:
    """Write the table of everything that was measured, in this run or an earlier one."""
    measured = {name: json.loads((out / f"{name}.json").read_text()) for name in names}
    goals = [
        goal
        for name, part in measured.items()
        for goal in (goals_of_windows if name == "windows" else goals_of_comparison)(part)
    ]
    introduction = goal_introduction(list(measured.values())) + "\n"
    table = introduction + goal_table(goals)
    (out / "goals.md").write_text(table)
    print(table, end="")
    if into_documents:
        publish(DOCUMENT, "\n".join([table, *((out / f"{name}.md").read_text() for name in names)]))
        publish(README, introduction + goal_table([goal for goal in goals if (goal.set_name, goal.what) in IN_README]))


def main(argv: list[str] | None = None) -> None:
    """Run the command line."""
    parser = build_parser()
    given = parser.parse_args(argv)
    shared = os.environ.get("PANARC_SHARED", str(ROOT.parent / "shared"))
    data: Path = given.data or Path(shared, "data")
    if not data.is_dir():
        parser.error("no data: give --data, or set PANARC_SHARED")
    out: Path = given.out
    simulated: Path = given.simulated or out / "simulated"
    for folder in (out, simulated):
        folder.mkdir(parents=True, exist_ok=True)
    reference = ("--reference", str(data / "yeast" / "S288C.fa.gz"))
    parts = parts_of(given, data, simulated)
    for part in parts:
        if given.only and part.name not in given.only:
            continue
        if part.name in ("relatives", "windows"):
            simulate(simulated / "relatives100", (*_RELATIVES, *reference))
        if part.name == "big":
            simulate(simulated / "big4", _BIG)
        results = ("--json", str(out / f"{part.name}.json"), "--markdown", str(out / f"{part.name}.md"))
        part.script([*part.arguments, *results])
    names = [part.name for part in parts if (out / f"{part.name}.json").exists()]
    write_tables(names, out, into_documents=given.publish)


if __name__ == "__main__":
    stop_when_terminated()
    main()
