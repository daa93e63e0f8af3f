"""Simulate collections of genomes for benchmarks.

The same arguments and seed give the same FASTA bytes on any machine; see ``simulation/draws.py`` for why.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

try:
    import numpy  # noqa: F401
except ModuleNotFoundError:
    sys.exit("simulate.py needs numpy: python -m pip install numpy")

from simulation.fasta import read_fasta
from simulation.hard import HARD, write_hard
from simulation.mutation import Rates
from simulation.populations import (
    Descent,
    Output,
    ancestor_genome,
    chromosome_names,
    write_descendants,
    write_unrelated,
)
from simulation.shapes import SHAPES, write_shapes

_RELATIVES_DIVERGENCE = 0.005
_RANDOM_DIVERGENCE = 0.001


def _positive(text: str) -> int:
    value = int(text.replace("_", "").replace(",", ""))
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not positive")
    return value


def _share(text: str) -> float:
    value = float(text)
    if not 0.0 <= value <= 1.0:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and 1")
    return value


def _factor(text: str) -> float:
    value = float(text)
    if not 0.0 <= value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not a factor")
    return value


def _names_among(known: list[str]) -> Callable[[str], list[str]]:
    def names(text: str) -> list[str]:
        chosen = text.split(",")
        unknown = [name for name in chosen if name not in known]
        if unknown:
            raise argparse.ArgumentTypeError(f"no {', '.join(unknown)}; there are {', '.join(known)}")
        return chosen

    return names


def _add_descent(command: argparse.ArgumentParser, *, divergence: float, fragmented: float) -> None:
    command.add_argument(
        "--divergence",
        type=_share,
        default=divergence,
        metavar="D",
        help="substitutions per base from root to leaf (default %(default)s)",
    )
    command.add_argument(
        "--indels", type=_share, default=0.1, metavar="SHARE", help="indels per substitution (default %(default)s)"
    )
    command.add_argument(
        "--structural",
        type=_factor,
        default=1.0,
        metavar="FACTOR",
        help="factor of all rates of large events and of gaps (default %(default)s)",
    )
    command.add_argument(
        "--private",
        type=_share,
        default=0.2,
        metavar="SHARE",
        help="share of its events that a sample has for itself, at least (default %(default)s)",
    )
    command.add_argument(
        "--fragmented",
        type=_share,
        default=fragmented,
        metavar="SHARE",
        help="share of samples written as many contigs (default %(default)s)",
    )
    command.add_argument(
        "--contig-length",
        type=_positive,
        default=20_000,
        metavar="BASES",
        help="mean contig of a fragmented sample (default %(default)s)",
    )


def _add_random(command: argparse.ArgumentParser) -> None:
    command.add_argument("--length", type=_positive, required=True, metavar="BASES", help="bases of a genome")
    command.add_argument("--chromosomes", type=_positive, default=1, metavar="N", help="default %(default)s")
    command.add_argument(
        "--repeats",
        type=_share,
        default=0.2,
        metavar="SHARE",
        help="share of a genome covered with copies of repeats (default %(default)s)",
    )


def _add_named(command: argparse.ArgumentParser, known: list[str]) -> None:
    command.add_argument(
        "--only",
        type=_names_among(known),
        default=known,
        metavar="NAME,...",
        help=f"some of {', '.join(known)} (default all)",
    )
    command.add_argument("--scale", type=_factor, default=1.0, help="factor of all sizes (default %(default)s)")


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder for the files")
    common.add_argument("--seed", type=int, default=1, metavar="N", help="default %(default)s")
    common.add_argument("--gzip", action="store_true", help="compress the files")
    samples = argparse.ArgumentParser(add_help=False)
    samples.add_argument("--samples", type=_positive, required=True, metavar="N", help="number of samples")

    parser = argparse.ArgumentParser(prog="simulate.py", description="Simulate collections of genomes.")
    commands = parser.add_subparsers(dest="command", required=True)
    relatives = commands.add_parser("relatives", parents=[common, samples], help="relatives of a real genome")
    relatives.add_argument("--reference", type=Path, required=True, metavar="FILE", help="FASTA, plain or gzip")
    _add_descent(relatives, divergence=_RELATIVES_DIVERGENCE, fragmented=0.1)
    related = commands.add_parser("random", parents=[common, samples], help="relatives of a random genome")
    _add_random(related)
    _add_descent(related, divergence=_RANDOM_DIVERGENCE, fragmented=0.0)
    unrelated = commands.add_parser("unrelated", parents=[common, samples], help="unrelated random genomes")
    _add_random(unrelated)
    _add_named(commands.add_parser("shapes", parents=[common], help="awkward shapes"), list(SHAPES))
    _add_named(commands.add_parser("hard", parents=[common], help="collections that are not alike"), list(HARD))
    return parser


def _descent(arguments: argparse.Namespace) -> Descent:
    rates = Rates(substitutions=arguments.divergence, indels=arguments.divergence * arguments.indels)
    return Descent(
        seed=arguments.seed,
        samples=arguments.samples,
        rates=rates.scaled(large=arguments.structural),
        private=arguments.private,
        fragmented=arguments.fragmented,
        contig_length=arguments.contig_length,
    )


def run(arguments: argparse.Namespace) -> int:
    """Do what the command line asks for and return the number of bases written."""
    output = Output(arguments.out, arguments.gzip)
    if arguments.command == "shapes":
        return write_shapes(
            arguments.only, output.folder, seed=arguments.seed, scale=arguments.scale, compress=arguments.gzip
        )
    if arguments.command == "hard":
        return write_hard(arguments.only, output, seed=arguments.seed, scale=arguments.scale)
    if arguments.command == "unrelated":
        descent = Descent(arguments.seed, arguments.samples, Rates())
        return write_unrelated(arguments.length, arguments.chromosomes, arguments.repeats, descent, output)
    if arguments.command == "random":
        ancestor = ancestor_genome(arguments.length, arguments.chromosomes, arguments.repeats, arguments.seed)
        headers = chromosome_names(arguments.chromosomes)
        return write_descendants(headers, ancestor, _descent(arguments), output)
    records = read_fasta(arguments.reference)
    return write_descendants(
        [header for header, _ in records], [sequence for _, sequence in records], _descent(arguments), output
    )


def main(argv: list[str] | None = None) -> None:
    """Run the command line."""
    arguments = build_parser().parse_args(argv)
    start = time.perf_counter()
    try:
        bases = run(arguments)
    except (OSError, ValueError) as error:
        sys.exit(f"simulate.py: {error}")
    print(f"{arguments.out}: {bases:,} bases in {time.perf_counter() - start:.1f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
