"""Kills `create` and `append --in-place`, and fills their disk: `kill_campaign.py KILLS SIZES` (docs/fuzzing.md).

Whatever happens, under the archive's name there must be the old archive or the complete new one: `verify` is content,
and every base comes back. Nothing else may be left where the file system has files without names; a kill can only meet
the moment between the last two calls, at which the complete file has a name of its own, and the next run must remove
it. Half of the kills are spread over the run, the others over its end. The disk is a small tmpfs
where one may be mounted; else a bound on the size of files stands for it. The last line is `bad N`.
"""

from __future__ import annotations

import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import panarc
from damage_campaign import content
from helpers import bases, command, fasta, mutate

WATCHDOG = 120


class Work:
    """What is run again and again in a folder: one command that replaces one archive."""

    def __init__(self, kind: str, folder: Path, length: int = 400_000, samples: int = 6) -> None:
        rng = random.Random("kill")
        self.kind = kind
        ancestor = bases(rng, length)
        inputs = folder / "inputs"
        inputs.mkdir(exist_ok=True)
        self.files = [inputs / f"g{number}.fa" for number in range(samples)]
        for file in self.files:
            file.write_bytes(fasta([("c1", mutate(rng, ancestor, 0.01)), ("c2", bases(rng, length // 10))]))
        old = inputs / f"{kind}.agc"
        with panarc.create(old) as builder:
            builder.add_fasta(self.files[0], sample="old")
        self.old = old.read_bytes()
        new = folder / "new" / "a.agc"
        new.parent.mkdir(exist_ok=True)
        self.seconds = min(self.run(new) for _ in range(3))
        self.new = new.read_bytes()
        assert self.new != self.old
        self.contents = {self.read(self.old, new): "old", self.read(self.new, new): "new"}
        assert len(self.contents) == 2
        new.unlink()

    def run(self, target: Path) -> float:
        """Runs it undisturbed; how long that takes."""
        began = time.monotonic()
        done = self.start(target).communicate(timeout=WATCHDOG)
        assert done[1] == b"", done
        return time.monotonic() - began

    @staticmethod
    def read(data: bytes, path: Path) -> str:
        path.write_bytes(data)
        with panarc.open(path) as archive:
            return content(archive)

    def start(self, target: Path, most: int | None = None) -> subprocess.Popen[bytes]:
        """Puts the old archive there and begins; files may have `most` bytes."""
        target.write_bytes(self.old)

        def limit() -> None:
            if most is not None:
                resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

        verb: dict[str, list[str | Path]] = {
            "create": ["create", "--force", "-o", target],
            "append": ["append", "--in-place", target],
        }
        return subprocess.Popen(
            command(*verb[self.kind], "-t", "2", *self.files),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            preexec_fn=limit if most is not None else None,
        )

    def found(self, target: Path) -> str:
        """Which archive is there: every base is read, and compared with its digests."""
        try:
            with panarc.open(target, verify=True) as archive:
                report = archive.verify()
                if not report.ok or report.digests != report.contigs:
                    return f"bad: {report}"
                return self.contents.get(content(archive), "bad: other content")
        except panarc.Error as error:
            return f"bad: {error}"


def kill(work: Work, folder: Path, kills: int, rng: random.Random) -> Counter[str]:
    """Kills the command at random moments."""
    outcomes: Counter[str] = Counter()
    target = folder / "a.agc"
    for number in range(kills):
        moment = rng.uniform(0, 1.1) if number % 2 == 0 else rng.uniform(0.6, 1.0)
        process = work.start(target)
        time.sleep(moment * work.seconds)
        process.kill()
        process.communicate()
        outcome = work.found(target)
        left = [path for path in folder.iterdir() if path != target]
        if left and not is_cleared(work, folder, left):
            outcome = f"bad: left {left}"
        if outcome.startswith("bad"):
            print(f"{work.kind}, killed after {moment * work.seconds:.3f} s: {outcome}", flush=True)
        outcomes[outcome.split(":")[0]] += 1
    return outcomes


def is_cleared(work: Work, folder: Path, left: list[Path]) -> bool:
    """Whether what a kill left is the complete archive, or has its name from the start, and goes with the next run."""
    try:
        os.close(os.open(folder, os.O_TMPFILE | os.O_RDWR))
        fits = all(path.read_bytes() == work.new for path in left)
    except (AttributeError, OSError):
        fits = True
    print(f"{work.kind}: killed between two names", flush=True)
    work.run(folder / "a.agc")
    return fits and not any(path.exists() for path in left)


def fill(work: Work, folder: Path, sizes: int) -> Counter[str]:
    """Runs the command with room for the old archive, and for more and more of what it writes."""
    disk = folder / "disk"
    disk.mkdir()
    enough = len(work.old) + 8192
    while attempt(work, disk, enough)[0] == "old":
        enough *= 2
    outcomes: Counter[str] = Counter()
    for number in range(sizes):
        room = len(work.old) + 4096 + number * (enough - len(work.old)) // sizes
        outcome, how = attempt(work, disk, room)
        outcomes[f"{outcome} ({how})"] += 1
    return outcomes


def attempt(work: Work, disk: Path, room: int) -> tuple[str, str]:
    """Runs the command on a disk of so many bytes: which archive is there then, and what the disk was."""
    mount = ["mount", "-t", "tmpfs", "-o", f"size={room}", "tmpfs", str(disk)]
    mounted = subprocess.run(mount, capture_output=True).returncode == 0
    try:
        target = disk / "a.agc"
        process = work.start(target, None if mounted else room)
        said = process.communicate(timeout=WATCHDOG)[1].decode(errors="replace")
        outcome = work.found(target)
        wanted = {0: "new", 1: "old"}.get(process.returncode)
        left = [path.name for path in disk.iterdir() if path != target]
        if outcome != wanted or left or (wanted == "old") != (len(said.splitlines()) == 1):
            print(f"{work.kind}, {room} bytes: {outcome}, {process.returncode}, {left}, {said!r}", flush=True)
            outcome = "bad"
        return outcome, "full disk" if mounted else "bounded files"
    finally:
        if mounted:
            subprocess.run(["umount", str(disk)], check=True)


def campaign(kills: int, sizes: int) -> int:
    """Both commands; how often there was neither archive."""
    bad = 0
    with tempfile.TemporaryDirectory() as name:
        for kind in ("create", "append"):
            folder = Path(name) / kind
            (folder / "killed").mkdir(parents=True)
            work = Work(kind, folder)
            killed = kill(work, folder / "killed", kills, random.Random(kind))
            full = fill(work, folder, sizes)
            print(f"{kind}: killed {dict(killed)}; full {dict(full)}", flush=True)
            bad += sum(count for outcome, count in (killed + full).items() if outcome.startswith("bad"))
    return bad


if __name__ == "__main__":
    print(f"bad {campaign(int(sys.argv[1]), int(sys.argv[2]))}")
