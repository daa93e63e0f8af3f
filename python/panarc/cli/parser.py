"""Verbs and their options."""

from __future__ import annotations

import argparse
import sys

from . import status

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

_WIDTH = 100
_MORE = "'panarc VERB --help' tells the options of a verb."


class _Formatter(argparse.RawDescriptionHelpFormatter):
    """Knows its width: argparse would load `shutil` to ask for it, each time an option is added."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=14, width=_WIDTH)


class _Parser(argparse.ArgumentParser):
    """Complains in one line, as all of the command does."""

    def error(self, message: str) -> NoReturn:
        raise status.UsageError(f"{message} (see '{self.prog} --help')")


def parse(arguments: list[str]) -> tuple[tuple[str, str], argparse.Namespace]:
    """Return the function that does what the command line asks for, and its options.

    Raises
    ------
    UsageError
        If the command line is not understood.
    SystemExit
        After help or the version was printed.
    """
    name = arguments[0] if arguments else ""
    if name in ("-h", "--help", "help"):
        _finish(_overview())
    if name in ("-V", "--version", "version"):
        from .. import __version__

        _finish(f"panarc {__version__}\n")
    if not name:
        raise status.UsageError("there is no verb (see 'panarc --help')")
    if name.startswith("-"):
        raise status.UsageError(f"unknown option '{name}' (see 'panarc --help')")
    if name not in VERBS:
        raise status.UsageError(f"unknown verb '{name}' (see 'panarc --help')")
    function, summary, usage, add_options = VERBS[name]
    parser = _Parser(
        prog=f"panarc {name}",
        usage=f"panarc {name} [options] {usage}",
        description=summary[0].upper() + summary[1:] + ".",
        allow_abbrev=False,
        formatter_class=_Formatter,
    )
    add_options(parser)
    # Options may stand between arguments; argparse cannot do that and understand "--" too.
    end = arguments.index("--") if "--" in arguments else len(arguments)
    options = parser.parse_intermixed_args(arguments[1:end])
    options.arguments += arguments[end + 1 :]
    return function, options


def _overview() -> str:
    verbs = "".join(f"  {name:<9}{summary}\n" for name, (_, summary, _, _) in VERBS.items())
    return (
        "usage: panarc VERB [options] [arguments]\n\n"
        "Packs collections of similar genomes into AGC archives, and reads them.\n\n"
        f"verbs:\n{verbs}\noptions:\n  -h, --help     this text\n  --version      version of panarc\n\n{_MORE}\n"
    )


def _finish(text: str) -> NoReturn:
    sys.stdout.write(text)
    sys.stdout.flush()
    raise SystemExit(status.OK)


def _number(low: int, high: int) -> Callable[[str], int]:
    """Return a converter that takes whole numbers in a range."""

    def convert(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"'{text}' is no whole number") from None
        if not low <= number <= high:
            raise argparse.ArgumentTypeError(f"{number} is not from {low} to {high}")
        return number

    return convert


def _threads(parser: argparse.ArgumentParser, does: str) -> None:
    parser.add_argument("-t", dest="threads", metavar="N", type=_number(1, 1024), help=does)


def _verbosity(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "-v", dest="verbosity", metavar="N", type=_number(0, 2), default=0, help="verbosity: 0 (default), 1 or 2"
    )


def _output(parser: argparse.ArgumentParser, what: str = "write to this file; default: standard output") -> None:
    parser.add_argument("-o", dest="output", metavar="FILE", help=what)


def _ignored(parser: argparse.ArgumentParser, **flags: str) -> None:
    """Add flags of AGC that change nothing here; `note_ignored` says so at -v 1."""
    for flag, reason in flags.items():
        parser.add_argument(
            f"-{flag}", dest=f"ignored_{flag}", action="store_const", const=reason, help=f"no effect: {reason}"
        )


def _ignored_number(reason: str) -> Callable[[str], str]:
    """Return a converter that takes any number and gives the reason why it changes nothing."""

    def convert(text: str) -> str:
        try:
            float(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"'{text}' is no number") from None
        return reason

    return convert


class _Once(argparse.Action):
    """Refuses to be given twice: the first value would be dropped."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: object,
        option_string: str | None = None,
    ) -> None:
        if getattr(namespace, self.dest) is not None:
            parser.error(f"{option_string} is given twice")
        setattr(namespace, self.dest, values)


class _Append(argparse.Action):
    """Keeps the files of several options in their order, each with the option's constant."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: object,
        option_string: str | None = None,
    ) -> None:
        setattr(namespace, self.dest, [*getattr(namespace, self.dest), (self.const, values)])


def _fasta(parser: argparse.ArgumentParser) -> None:
    packing = parser.add_mutually_exclusive_group()
    packing.add_argument(
        "-g",
        dest="gzip_level",
        metavar="N",
        type=_number(0, 9),
        default=0,
        help="compress as BGZF, which any gzip reads: level 1 to 9; 0 (default) for plain text",
    )
    packing.add_argument(
        "--zstd", dest="zstd_level", metavar="N", type=_number(0, 19), default=0, help="compress by zstd, level 1 to 19"
    )
    parser.add_argument(
        "-l",
        dest="line_width",
        metavar="N",
        type=_number(0, 2_000_000_000),
        default=80,
        help="bases a line; default 80; 0 for one line a contig",
    )
    parser.add_argument(
        "--upper", action="store_true", help="upper case only, also where the archive has kept lower case"
    )
    parser.add_argument(
        "--fai",
        action="store_true",
        help="index each file, plain or BGZF, as samtools faidx does: FILE.fai, for BGZF also FILE.gzi",
    )
    _threads(parser, "threads that decode; default: all processors the process may use (AGC's default is 1)")
    _verbosity(parser)


def _create(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Make an archive from FASTA files; one file is one sample, the first is the reference.\n\n"
        "FILE is a path, or NAME=PATH to name the sample; else its name is the file's without folder and suffixes\n"
        "such as .fa.gz. Files may be plain, gzip, BGZF or zstd. NAME=- reads one sample from standard input. A\n"
        "folder stands for the FASTA files in it, sorted by name. Files of the same NAME, one right behind the other,\n"
        "are one sample. With -c or --split a file holds many samples, unless it has a NAME."
    )
    parser.add_argument("arguments", nargs="*", help=argparse.SUPPRESS)
    _output(parser, "the archive; default: standard output. It appears when it is complete")
    _inputs(parser)
    integer = _number(0, (1 << 32) - 1)
    parser.add_argument("-k", metavar="N", type=integer, help="overlap of segments, 17 to 32; default 21")
    parser.add_argument(
        "-l", dest="min_match", metavar="N", type=integer, help="what matches count from, 15 to 32; default 15"
    )
    parser.add_argument(
        "-s",
        dest="segment_size",
        metavar="N",
        type=integer,
        help="size of new groups, 100 to 1000000; default: what suits level and first sample, 30000 to 400000",
    )
    parser.add_argument(
        "-b",
        dest="pack_cardinality",
        metavar="N",
        type=integer,
        help="batch size, differences compressed together; default: 100, for the smallest archives 200",
    )
    _build(parser)


def _append(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Add the samples of FASTA files to an archive, whatever made it. The result is a new archive, or with\n"
        "--in-place takes the old one's place when it is complete; until then the old one is as it was.\n\n"
        "FILE is as for create. The archive's own parameters count."
    )
    parser.add_argument("arguments", nargs="*", help=argparse.SUPPRESS)
    _output(parser, "the new archive; default: standard output. It appears when it is complete")
    parser.add_argument("--in-place", action="store_true", help="replace the archive itself")
    _inputs(parser)
    _build(parser)


def _inputs(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "-i",
        dest="lists",
        metavar="FILE",
        action="append",
        default=[],
        help="list of files, one a line: PATH, NAME=PATH or NAME, tab, PATH; may be given several times",
    )
    split = parser.add_mutually_exclusive_group()
    split.add_argument(
        "-c",
        dest="split",
        action="store_const",
        const="record",
        help="concatenated genomes: each record is a sample, named by the first word of its header; neighbours of\n"
        "the same first word are one sample. The same as --split record",
    )
    split.add_argument(
        "--split",
        dest="split",
        choices=("record", "pansn", "pansn:sample"),
        help="how records name their samples: record as -c; pansn takes sample#haplotype of sample#haplotype#contig;\n"
        "pansn:sample takes sample",
    )


def _build(parser: argparse.ArgumentParser) -> None:
    _threads(parser, "threads; default: all processors the process may use (AGC's default is 1)")
    parser.add_argument(
        "--memory-limit",
        metavar="SIZE",
        help="what the whole process may have resident, such as 64MB or 1GiB; default: PANARC_MEMORY_LIMIT, or half\n"
        "of what is free, at most 2 GiB. With too little of it the archive is larger; a warning says so",
    )
    parser.add_argument(
        "--level",
        choices=("fast", "balanced", "smallest"),
        default="balanced",
        help="fast, balanced (default), or smallest: up to a quarter smaller in several times the time, and more work\n"
        "to read ranges from",
    )
    parser.add_argument(
        "--keep-case",
        action="store_true",
        help="keep lower case, so that it comes back; else it is taken as upper case. Where an archive has kept it,\n"
        "append goes on by itself",
    )
    parser.add_argument("--stats", metavar="FILE", help="write counts, times and peaks of memory as JSON")
    _verbosity(parser)
    _ignored(
        parser,
        a="what is new in any sample is always adapted to, as AGC does in its adaptive mode",
        d="archives of format 3 store no command line",
    )
    reason = "all references are searched for what is similar, not a fraction of them"
    parser.add_argument("-f", dest="ignored_f", metavar="X", type=_ignored_number(reason), help=f"no effect: {reason}")


def _getcol(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("arguments", nargs="*", help=argparse.SUPPRESS)
    parser.add_argument(
        "-o",
        dest="output",
        metavar="DIR",
        help="write SAMPLE.fa (with -g SAMPLE.fa.gz, with --zstd SAMPLE.fa.zst) of each sample into this folder;\n"
        "default: all to standard output",
    )
    parser.add_argument("--force", action="store_true", help="replace files that are there")
    parser.add_argument("-r", dest="skip_reference", action="store_true", help="leave out the reference sample")
    _fasta(parser)
    _ignored(parser, f="memory is bounded in either case")


def _getset(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("arguments", nargs="*", help=argparse.SUPPRESS)
    _output(parser)
    _fasta(parser)
    _ignored(parser, p="nothing is read ahead", s="output always streams")


def _getctg(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Extract contigs, or parts of them: CONTIG, CONTIG@SAMPLE, CONTIG:FROM-TO or CONTIG@SAMPLE:FROM-TO.\n\n"
        "Positions are counted from 0, and TO is meant too; a TO beyond the contig's end means the end. Without a\n"
        "sample, exactly one sample must have the contig. A contig is named by its whole header, or its first word."
    )
    _getset(parser)


def _fetch(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Extract regions, as samtools faidx does, in the order given: CONTIG, CONTIG:FROM-TO, CONTIG:FROM (all from\n"
        "there), CONTIG:-TO. Positions are counted from 1, and TO is meant too; they may have commas.\n\n"
        "CONTIG@SAMPLE:FROM-TO, CONTIG:FROM-TO@SAMPLE and SAMPLE#CONTIG:FROM-TO name the sample. Without one, exactly\n"
        "one sample must have the contig. A contig is named by its whole header, or its first word. What is the name\n"
        "of a contig as a whole is never taken apart. Regions are looked up some thousands at a time; with -o FILE,\n"
        "nothing appears if one of them is wrong."
    )
    parser.add_argument("arguments", nargs="*", help=argparse.SUPPRESS)
    _output(parser)
    parser.add_argument("--sample", metavar="NAME", action=_Once, help="the sample of all regions that do not name one")
    files = {
        "--bed": ("bed", "BED file: chrom (or chrom@sample), start, end, name, score, strand, from 0, half-open"),
        "--regions": ("regions", "list of regions, one a line; lines that begin with # are left out"),
    }
    for flag, (kind, what) in files.items():
        parser.add_argument(
            flag,
            dest="files",
            metavar="FILE",
            action=_Append,
            const=kind,
            default=[],
            help=f"{what}; - for standard input; may be given several times",
        )
    strand = parser.add_mutually_exclusive_group()
    strand.add_argument(
        "-s",
        "--stranded",
        dest="stranded",
        action="store_true",
        help="reverse complement where the BED file has strand -; else its strands have no effect",
    )
    strand.add_argument(
        "-r", "--reverse-complement", dest="reverse", action="store_true", help="reverse complement of all regions"
    )
    parser.add_argument(
        "--truncate", action="store_true", help="cut regions to their contigs, with a warning, instead of refusing them"
    )
    parser.add_argument(
        "--header",
        metavar="X",
        default="bare",
        help="bare (default): CONTIG:FROM-TO, with /rc for the reverse complement; sample: SAMPLE#CONTIG:FROM-TO;\n"
        "full: that, strand and comment; or a text such as '{sample}#{contig}:{start}-{end}({strand})', with the\n"
        "fields sample contig header comment start (from 1) start0 (from 0) end length strand, and of a BED file also\n"
        "name score",
    )
    parser.add_argument(
        "--comment", action="store_true", help="keep what stands behind the first word of the contig's header"
    )
    _fasta(parser)


def _list(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("arguments", nargs="*", help=argparse.SUPPRESS)
    _output(parser)


def _names(parser: argparse.ArgumentParser) -> None:
    _list(parser)
    instead = parser.add_mutually_exclusive_group()
    instead.add_argument("--json", action="store_true", help="print JSON, with more than the names")
    instead.add_argument("--tsv", action="store_true", help="print columns separated by tabs, with more than the names")


def _stats(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Print where an archive's bytes went: a table of what they hold, or the groups, or the samples.\n\n"
        "A group's reference counts for the first sample that uses it. A pack's bytes are divided evenly over the\n"
        "deltas in it, and each counts for the first sample that uses it. No sequence is decoded."
    )
    _list(parser)
    instead = parser.add_mutually_exclusive_group()
    instead.add_argument("--groups", action="store_true", help="a line for each group, columns separated by tabs")
    instead.add_argument("--samples", action="store_true", help="a line for each sample, columns separated by tabs")
    instead.add_argument("--json", action="store_true", help="everything as JSON")


#: By name: the module of this package and the function in it that does the work, a summary, the arguments, the options.
VERBS: dict[str, tuple[tuple[str, str], str, str, Callable[[argparse.ArgumentParser], None]]] = {
    "create": (("create", "create"), "make an archive from FASTA files", "FILE [FILE ...]", _create),
    "append": (("append", "append"), "add samples to an archive", "ARCHIVE FILE [FILE ...]", _append),
    "getcol": (("extract", "getcol"), "extract all samples", "ARCHIVE", _getcol),
    "getset": (("extract", "getset"), "extract samples", "ARCHIVE SAMPLE [SAMPLE ...]", _getset),
    "getctg": (("extract", "getctg"), "extract contigs, or parts of them", "ARCHIVE CONTIG [CONTIG ...]", _getctg),
    "fetch": (("fetch", "fetch"), "extract regions, as samtools faidx does", "ARCHIVE [REGION ...]", _fetch),
    "listref": (("lists", "listref"), "print the name of the reference sample", "ARCHIVE", _names),
    "listset": (("lists", "listset"), "print the names of the samples, sorted", "ARCHIVE", _names),
    "listctg": (("lists", "listctg"), "print samples and their contigs", "ARCHIVE SAMPLE [SAMPLE ...]", _names),
    "info": (("lists", "info"), "print facts about an archive", "ARCHIVE", _names),
    "stats": (("stats", "stats"), "print where an archive's bytes went", "ARCHIVE", _stats),
}
