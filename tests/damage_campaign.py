"""Reads damaged copies of archives, thousands of them: `damage_campaign.py COUNT [ARCHIVE…]` (docs/fuzzing.md).

Each copy of an archive (the golden ones if none is named) has one to eight bytes changed, its end cut off, or a
stretch doubled. A worker process opens it, reads every base, verifies it, and reads it once more with digests checked;
if it takes too long or ends, that copy is reported, and another worker goes on. At the end it is told how many copies
were refused when they were opened or read, gave what the whole archive gives, or gave something else without an error;
and of how many `verify` found damage. The last line is `bad N`: copies that crashed, hung, took too much memory or met
an error that is a bug; and, of archives with digests, those that gave something else and were found sound.
"""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import random
import resource
import sys
import tempfile
import time
from collections import Counter
from multiprocessing.connection import Connection
from pathlib import Path

import panarc
from panarc.errors import CorruptArchiveError, Error, InternalError, MemoryLimitError

GOLDEN = Path(__file__).resolve().parent / "data" / "golden"
#: Seconds for one copy, bytes that a worker may have resident, and may ask for at all.
SECONDS = 20
PEAK = 1 << 30
ADDRESSES = 6 << 30
PIECE = 1 << 20
#: What an archive may announce is without end; more than this is not read.
MOST_BASES = 64 << 20


def damaged(data: bytes, rng: random.Random) -> bytes:
    """One to eight bytes changed, the end cut off, or a stretch doubled."""
    out = bytearray(data)
    # Footer and collection are small, and all depends on them: half of the damage is done to the last part.
    low = rng.choice([0, max(0, len(out) - 4000)])
    match rng.randrange(8):
        case 0:
            del out[rng.randrange(low, len(out)) :]
        case 1:
            start = rng.randrange(low, len(out))
            out[start:start] = out[start : start + rng.randint(1, 200)]
        case _:
            for _ in range(rng.randint(1, 8)):
                out[rng.randrange(low, len(out))] = rng.randrange(256)
    return bytes(out)


def content(archive: panarc.Archive) -> str:
    """A digest of all names and bases, up to the limit."""
    digest = hashlib.sha256()
    total = 0
    for sample in archive.samples:
        digest.update(f"\0s{sample}".encode(errors="surrogateescape"))
        for contig in archive[sample]:
            length = len(contig)
            digest.update(f"\0c{contig.header}\0{length}\0".encode(errors="surrogateescape"))
            for start in range(0, length, PIECE):
                digest.update(contig[start : min(start + PIECE, length)])
                total += PIECE
                if total > MOST_BASES:
                    return digest.hexdigest()
    return digest.hexdigest()


def reading(path: Path, whole: str, verify: bool) -> tuple[str, bool]:
    """What becomes of a copy that is read, with its digests checked or not; and whether it could be opened."""
    stage = "open"
    try:
        with panarc.open(path, threads=1, verify=verify) as archive:
            stage = "read"
            return "read the same" if content(archive) == whole else "read differently", True
    except InternalError as error:
        return f"bad: {error}", False
    except (CorruptArchiveError, MemoryLimitError) as error:
        refused = f"{stage} refused"
        return (refused if len(str(error).splitlines()) == 1 else f"bad: message {error!r}"), stage == "read"
    except Error as error:
        # Of the file, or of names that are not what they were.
        return f"{stage} refused as {type(error).__name__}", stage == "read"
    except Exception as error:
        return f"bad: {error!r}", False


def outcome(path: Path, whole: str, digests: bool) -> str:
    """What becomes of a copy, and whether `verify` finds something."""
    found, opened = reading(path, whole, verify=False)
    if found.startswith("bad") or not opened:
        return found
    try:
        with panarc.open(path, threads=1) as archive:
            report = archive.verify()
    except Exception as error:
        return f"bad: verify: {error!r}"
    if not digests:
        return f"{found}, {'sound' if report.ok else 'found'}"
    if report.ok and found != "read the same":
        return f"bad: {found}, not found; {report.notes}"
    checked, _ = reading(path, whole, verify=True)
    if checked.startswith("bad"):
        return checked
    if checked == "read differently" and not report.findings:
        return "bad: read differently with digests checked"
    return f"{found}, {'sound' if report.ok else 'found'}; checked {checked}"


def work(orders: Connection) -> None:
    """Reads copies, as long as there are orders."""
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESSES, ADDRESSES))
    wholes: dict[str, tuple[bytes, str, bool]] = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "damaged.agc"
        while True:
            try:
                source, seed = orders.recv()
            except EOFError:
                return
            if source not in wholes:
                with panarc.open(source, threads=1) as archive:
                    digests = archive.verify().digests > 0
                    wholes[source] = Path(source).read_bytes(), content(archive), digests
            data, whole, digests = wholes[source]
            path.write_bytes(damaged(data, random.Random(f"{Path(source).name} {seed}")))
            orders.send((outcome(path, whole, digests), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024))


class Worker:
    """A process that reads copies."""

    def __init__(self) -> None:
        self.orders, theirs = multiprocessing.Pipe()
        self.process = multiprocessing.get_context("fork").Process(target=work, args=(theirs,), daemon=True)
        self.process.start()
        theirs.close()

    def run(self, source: Path, seed: int) -> tuple[str, int]:
        """What became of a copy, and the most memory that the worker had so far."""
        self.orders.send((str(source), seed))
        if not self.orders.poll(SECONDS):
            return "bad: hangs", 0
        try:
            return self.orders.recv()  # type: ignore[no-any-return]
        except EOFError:
            self.process.join()
            return f"bad: ended with {self.process.exitcode}", 0

    def end(self) -> None:
        self.process.kill()
        self.process.join()
        self.orders.close()


def campaign(count: int, sources: list[Path], first: int = 0) -> tuple[Counter[str], int]:
    """How often what happened, and the greatest peak."""
    outcomes: Counter[str] = Counter()
    greatest = 0
    worker = Worker()
    for number in range(first, first + count):
        source = sources[number % len(sources)]
        found, peak = worker.run(source, number)
        greatest = max(greatest, peak)
        if peak > PEAK:
            found = f"bad: {peak} bytes"
        if found.startswith("bad"):
            print(f"{source.name} {number}: {found}", flush=True)
            worker.end()
            worker = Worker()
        outcomes["bad" if found.startswith("bad") else found] += 1
    worker.end()
    return outcomes, greatest


def main() -> None:
    sources = [Path(source) for source in sys.argv[2:]] or sorted(GOLDEN.glob("*.agc"))
    began = time.monotonic()
    outcomes, peak = campaign(int(sys.argv[1]), sources)
    result = {"archives": len(sources), "seconds": round(time.monotonic() - began), "peak": peak, **outcomes}
    print(json.dumps(result, indent=2))
    print(f"bad {outcomes['bad']}")


if __name__ == "__main__":
    main()
