"""Windows of archives through the Python modules of panarc and AGC: what is measured, and in which order."""

from __future__ import annotations

import json
import random
import sys
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path
from typing import Any

from .process import CommandError, Usage, measure

_WORKER = Path(__file__).with_name("window_worker.py")

#: Sample, contig, length.
Contig = tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class Measure:
    """Something that is measured.

    Attributes
    ----------
    title
        Its name in the tables.
    task
        What the worker does.
    cold
        Whether the cache is emptied before each window; else each was read once before.
    """

    title: str
    task: str
    cold: bool = False


MEASURES = (
    Measure("open and list samples", "open"),
    Measure("one by one, warm", "single"),
    Measure("one by one, cache emptied", "single", cold=True),
    Measure("two or more threads, warm", "shared"),
    Measure("two or more threads, cache emptied", "shared", cold=True),
    Measure("a thousand at once, warm", "many"),
    Measure("a thousand at once, cache emptied", "many", cold=True),
)


@dataclass(frozen=True, slots=True)
class Library:
    """A Python module that reads archives.

    Attributes
    ----------
    name
        Its name in the tables.
    archive
        What it reads.
    options
        What the worker needs to know beside that.
    batches
        Whether it can be asked for many windows at once.
    """

    name: str
    archive: Path
    options: dict[str, Any]
    batches: bool = False


@dataclass(slots=True)
class Readings:
    """What one library did.

    Attributes
    ----------
    library
        Which.
    seconds
        For each measure, the time for one window (or opening) of every run.
    usages
        For each measure, what the process of every run cost.
    digests
        For each measure, a digest of what was read.
    error
        Why the library was given up.
    """

    library: Library
    seconds: dict[str, list[float]] = field(default_factory=dict)
    usages: dict[str, list[Usage]] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)
    error: str | None = None


@dataclass(frozen=True, slots=True)
class WindowPlan:
    """How windows are measured: how many, how long, by how many threads, how often, from which seed."""

    count: int
    length: int
    threads: int
    runs: int
    seed: int = 1
    say: Callable[[str], None] = print


def draw_windows(contigs: list[Contig], plan: WindowPlan) -> list[tuple[str, str, int, int]]:
    """Draw windows, each place in any contig as likely as any other; contigs that are too short are left out.

    Raises
    ------
    CommandError
        If all contigs are too short.
    """
    usable = [contig for contig in contigs if contig[2] >= plan.length]
    if not usable:
        raise CommandError(f"no contig has {plan.length} bases")
    ends = list(accumulate(length - plan.length + 1 for _, _, length in usable))
    generator = random.Random(plan.seed)
    windows = []
    for place in (generator.randrange(ends[-1]) for _ in range(plan.count)):
        number = bisect_right(ends, place)
        sample, contig, length = usable[number]
        start = place - (ends[number] - (length - plan.length + 1))
        windows.append((sample, contig, start, start + plan.length))
    return windows


def read_windows(libraries: list[Library], plan: WindowPlan, folder: Path) -> list[Readings]:
    """Let all libraries read the same windows, in turn.

    A library that fails is given up; the others go on.  It is an error of a library if it reads something else than
    the first one does.

    Parameters
    ----------
    libraries
        The libraries; the first tells which contigs there are.
    plan
        How.
    folder
        An empty folder for windows and results.
    """
    readings = [Readings(library) for library in libraries]
    answer, _ = _run(libraries[0], "contigs", folder, {})
    windows = folder / "windows.json"
    windows.write_text(json.dumps(draw_windows([tuple(contig) for contig in answer["contigs"]], plan)))
    options = {"windows": str(windows), "threads": plan.threads}
    for measured in MEASURES:
        for number in range(1, plan.runs + 1):
            for found in readings:
                if found.error is not None or (measured.task == "many" and not found.library.batches):
                    continue
                try:
                    answer, usage = _run(found.library, measured.task, folder, {**options, "cold": measured.cold})
                except CommandError as error:
                    found.error = f"{measured.title}: {error}"
                    plan.say(f"{found.library.name} {found.error}")
                    continue
                each = sorted(answer["seconds"])[len(answer["seconds"]) // 2] / answer["count"]
                found.seconds.setdefault(measured.title, []).append(each)
                found.usages.setdefault(measured.title, []).append(usage)
                found.digests[measured.title] = answer["digest"]
                if answer["digest"] != readings[0].digests.get(measured.title, answer["digest"]):
                    found.error = f"{measured.title}: other bases than {libraries[0].name}"
                plan.say(f"{found.library.name}, {measured.title} {number}/{plan.runs}: {each * 1e6:.1f} µs")
    return readings


def _run(library: Library, task: str, folder: Path, options: dict[str, Any]) -> tuple[dict[str, Any], Usage]:
    job = {"task": task, "archive": str(library.archive), "cold": False, **library.options, **options}
    request, response = folder / "job.json", folder / "answer.json"
    request.write_text(json.dumps(job))
    usage = measure([sys.executable, str(_WORKER), str(request)], stdout=response)
    answer: dict[str, Any] = json.loads(response.read_text())
    return answer, usage
