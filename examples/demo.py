"""A tour of the `panarc` command: pack genomes, list them, take a range, take one out, compare.

    python examples/demo.py [--out FOLDER] [FASTA...]

Without files it takes ../shared/data/yeast if that is there, and else invents some genomes.
"""

from __future__ import annotations

import argparse
import gzip
import os
import random
import subprocess
import sys
from pathlib import Path

FOUR = bytes(b"ACGT"[byte & 3] for byte in range(256))


def invented(folder: Path, count: int = 6, length: int = 400_000) -> list[Path]:
    """Genomes that differ from one another in one base of two hundred."""
    rng = random.Random(1)
    ancestor = [rng.randbytes(length // part).translate(FOUR) for part in (1, 2, 4)]
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for number in range(count):
        files.append(folder / f"genome{number}.fa")
        with files[-1].open("wb") as out:
            for place, sequence in enumerate(ancestor, 1):
                own = bytearray(sequence)
                for _ in range(len(own) // 200 if number else 0):
                    own[rng.randrange(len(own))] = rng.choice(b"ACGT")
                out.write(b">chr%d invented\n" % place)
                out.writelines(bytes(own[at : at + 60]) + b"\n" for at in range(0, len(own), 60))
    return files


def records(data: bytes) -> dict[bytes, bytes]:
    """Headers and bases, in upper case, of FASTA text."""
    found = {}
    for record in data.removeprefix(b">").split(b"\n>"):
        header, _, body = record.partition(b"\n")
        found[header] = body.replace(b"\n", b"").upper()
    return found


def read(path: Path) -> bytes:
    """A file, unpacked where it is gzip."""
    data = path.read_bytes()
    return gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data


def panarc(*arguments: str | Path) -> bytes:
    """Shows and runs a command; what it prints."""
    words = [str(argument) for argument in arguments]
    shown = words if len(words) < 9 else [*words[:5], "...", words[-1]]
    print("$ panarc", *shown, flush=True)
    return subprocess.run([sys.executable, "-m", "panarc", *words], stdout=subprocess.PIPE, check=True).stdout


def show(output: bytes, lines: int = 4) -> None:
    """The first lines of what a command printed."""
    text = output.decode().splitlines()
    for line in text[:lines]:
        print(f"  {line}")
    if len(text) > lines:
        print(f"  ... ({len(text)} lines)")


def main() -> int:
    parser = argparse.ArgumentParser(description="a tour of the panarc command")
    parser.add_argument("--out", type=Path, default=Path("demo-out"), help="folder for what is made")
    parser.add_argument("--invent", action="store_true", help="invent genomes even if real ones are there")
    parser.add_argument("files", type=Path, nargs="*", help="FASTA files, one a genome")
    options = parser.parse_args()
    out: Path = options.out
    out.mkdir(parents=True, exist_ok=True)
    files: list[Path] = options.files
    if not files and not options.invent:
        files = sorted(Path(os.environ.get("PANARC_SHARED", "../shared"), "data", "yeast").glob("*.fa.gz"))
    files = files or invented(out / "genomes")
    archive = out / "demo.agc"

    panarc("create", "-o", archive, *files)
    plain = sum(len(read(file)) for file in files)
    print(f"  {len(files)} genomes of {plain:,} bytes in {archive.stat().st_size:,} bytes\n")
    listed = panarc("listset", archive)
    show(listed)
    samples = listed.decode().split()
    contigs = panarc("listctg", archive, samples[-1])
    show(contigs)

    wanted = records(read(files[-1]))
    header, sequence = next(iter(wanted.items()))
    name = header.split()[0].decode()
    start, end = len(sequence) // 2, len(sequence) // 2 + 119
    piece = panarc("getctg", archive, f"{name}@{samples[-1]}:{start}-{end}")
    show(piece)
    if list(records(piece).values()) != [sequence[start : end + 1]]:
        print("the range differs from the file")
        return 1

    for sample, file in zip(samples, files, strict=True):
        taken = out / f"{sample}.fa"
        panarc("getset", "-o", taken, archive, sample)
        if records(read(taken)) != records(read(file)):
            print(f"{sample} differs from {file}")
            return 1
        taken.unlink()
    print(f"\nall {len(samples)} genomes came back base for base")
    return 0


if __name__ == "__main__":
    sys.exit(main())
