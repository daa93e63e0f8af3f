"""The order of runs: every tool once, then every tool again, so that a change of the machine touches all alike."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from .inputs import InputSet
from .process import CommandError, Usage, measure
from .tools import Tool
from .verification import verify

VERBS = ("create", "getcol", "getcol -f", "getset", "listset", "--help")
_QUICK = ("getset", "listset", "--help")


@dataclass(slots=True)
class Result:
    """What one tool did with one set.

    Attributes
    ----------
    set_name, tool_name
        Which.
    usages
        Runs of every verb; a verb the tool does not have is missing.
    archive_bytes
        Size of the archive of every run.
    verified
        Whether the sequence came back; nothing if it was not looked at.
    error
        Why the tool was given up.
    """

    set_name: str
    tool_name: str
    usages: dict[str, list[Usage]] = field(default_factory=dict)
    archive_bytes: list[int] = field(default_factory=list)
    verified: bool | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """How a comparison is done.

    Attributes
    ----------
    runs
        Runs of each verb.
    quick_runs
        Runs of verbs that take some milliseconds; as many as of the others unless given.
    timeout
        Seconds for one run.
    enough
        Seconds after which no further round of a verb begins; all tools have the same number of runs.
    verbs
        What is measured; to make the archive is always part of it.
    check
        Verify the sequence after the last run.
    say
        Tells the user what goes on.
    """

    runs: int
    timeout: float | None = None
    quick_runs: int | None = None
    enough: float | None = None
    verbs: tuple[str, ...] = VERBS
    check: bool = False
    say: Callable[[str], None] = print

    def runs_of(self, verb: str) -> int:
        """Return how often a verb is run."""
        return self.quick_runs if self.quick_runs is not None and verb in _QUICK else self.runs


def compare_tools(tools: list[Tool], inputs: InputSet, plan: Plan, folder: Path) -> list[Result]:
    """Run all tools on one set.

    A tool that fails is given up for this set; the others go on.

    Parameters
    ----------
    tools
        The tools, in the order of their runs.
    inputs
        The set.
    plan
        How often, how long.
    folder
        An empty folder for the archives.
    """
    results = {tool.name: Result(inputs.name, tool.name) for tool in tools}
    archives = {tool.name: folder / f"{tool.name}{tool.suffix}" for tool in tools}
    for verb in VERBS:
        if verb != VERBS[0] and verb not in plan.verbs:
            continue
        start = time.monotonic()
        for number in range(1, plan.runs_of(verb) + 1):
            for tool in tools:
                _one_run(tool, inputs, verb, archives[tool.name], plan, results[tool.name], number)
            if plan.enough is not None and time.monotonic() - start > plan.enough:
                break
    for tool in tools:
        result = results[tool.name]
        if plan.check and result.error is None:
            difference = verify(tool, inputs, archives[tool.name])
            result.verified = difference is None
            result.error = f"verify: {difference}" if difference else None
            plan.say(f"{inputs.name}: {tool.name} {result.error or 'verify: same sequence'}")
    return list(results.values())


def _one_run(tool: Tool, inputs: InputSet, verb: str, archive: Path, plan: Plan, result: Result, number: int) -> None:
    if result.error is not None:
        return
    try:
        usage = _measured(tool, inputs, verb, archive, plan.timeout)
    except CommandError as error:
        result.error = f"{verb}: {error}"
        plan.say(f"{inputs.name}: {tool.name} {result.error}")
        return
    if usage is not None:
        result.usages.setdefault(verb, []).append(usage)
        cost = f"{usage.wall:.3f} s, {usage.peak / 1e6:.0f} MB"
        plan.say(f"{inputs.name}: {tool.name} {verb} {number}/{plan.runs_of(verb)}: {cost}")
    if verb == "create":
        result.archive_bytes.append(archive.stat().st_size)


def _measured(tool: Tool, inputs: InputSet, verb: str, archive: Path, timeout: float | None) -> Usage | None:
    if verb == "create":
        return create_once(tool, inputs, archive, timeout)
    samples = inputs.samples() if verb == "getset" else []
    commands: dict[str, Callable[[], list[str] | None]] = {
        "getcol": lambda: tool.getcol(archive),
        "getcol -f": lambda: tool.getcol_fast(archive),
        "getset": lambda: tool.getset(archive, samples[len(samples) // 2]),
        "listset": lambda: tool.listset(archive),
        "--help": tool.help,
    }
    command = commands[verb]()
    return measure(command, timeout=timeout) if command is not None else None


def create_once(tool: Tool, inputs: InputSet, archive: Path, timeout: float | None) -> Usage:
    """Make an archive where there may be an older one, and measure it.

    Raises
    ------
    CommandError
        If the tool fails, takes longer than `timeout`, or leaves no archive.
    """
    archive.unlink(missing_ok=True)
    usage = measure(tool.create(inputs, archive), timeout=timeout)
    if not archive.exists():
        raise CommandError("there is no archive")
    return usage
