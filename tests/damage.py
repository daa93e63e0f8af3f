"""Reads damaged copies of an archive, in a process of its own: `damage.py ARCHIVE FIRST COUNT`.

Prints a line before and after each copy, so that the parent knows the one that ended the process.
"""

from __future__ import annotations

import random
import resource
import sys
import tempfile
import time
from pathlib import Path

import panarc
from panarc.errors import Error, InternalError

MEMORY = 4 << 30
PIECE = 1 << 20
MOST_BASES = 64 << 20


def damaged(data: bytes, seed: int) -> bytes:
    """Some bytes changed, the end cut off, or a stretch doubled, removed or zeroed."""
    rng = random.Random(seed)
    out = bytearray(data)
    # The footer and the collection are small but matter most: half of all damage is done to the last part.
    low = rng.choice([0, max(0, len(out) - 4000)])
    match rng.randrange(8):
        case 0:
            del out[rng.randrange(low, len(out)) :]
        case 1:
            start = rng.randrange(low, len(out))
            piece = out[start : start + rng.randint(1, 200)]
            out[start:start] = piece
        case 2:
            start = rng.randrange(low, len(out))
            del out[start : start + rng.randint(1, 200)]
        case 3:
            start = rng.randrange(low, len(out))
            piece = out[start : start + rng.randint(1, 30)]
            out[start : start + len(piece)] = bytes(len(piece))
        case _:
            for _ in range(rng.randint(1, 4)):
                out[rng.randrange(low, len(out))] = rng.randrange(256)
    return bytes(out)


def read_everything(path: Path) -> int:
    """Every base up to a limit: lengths may be damaged too."""
    total = 0
    with panarc.open(path) as archive:
        for sample in archive.samples:
            for contig in archive[sample]:
                length = len(contig)
                for start in range(0, min(length, MOST_BASES), PIECE):
                    total += len(contig[start : min(start + PIECE, length)])
                    if total > MOST_BASES:
                        return total
    return total


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    original, first, count = Path(sys.argv[1]).read_bytes(), int(sys.argv[2]), int(sys.argv[3])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "damaged.agc"
        for seed in range(first, first + count):
            print(f"begin {seed}", flush=True)
            path.write_bytes(damaged(original, seed))
            began = time.monotonic()
            try:
                read_everything(path)
                outcome = "data"
            except InternalError as error:
                outcome = f"internal {error}"
            except Error as error:
                # The message can be shown, and on one line.
                outcome = "error" if len(str(error).splitlines()) == 1 else f"message {error!r}"
            except Exception as error:
                outcome = f"stranger {error!r}"
            seconds = time.monotonic() - began
            print(f"end {seed} {seconds:.2f} {outcome}", flush=True)
    print(f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}", flush=True)


if __name__ == "__main__":
    main()
