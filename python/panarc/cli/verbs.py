"""The verbs and their options: the one place that lists them."""

from __future__ import annotations

from .option import Option, Verb

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


def _number(low: int, high: int) -> Callable[[str], int]:
    """Return a converter that takes whole numbers in a range."""

    def convert(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            raise ValueError(f"'{text}' is no whole number") from None
        if not low <= number <= high:
            raise ValueError(f"{number} is not from {low} to {high}")
        return number

    return convert


def _threads(text: str) -> Option:
    return Option("-t", dest="threads", metavar="N", convert=_number(1, 1024), text=text)


def _seconds(text: str) -> float:
    """Take a number of seconds."""
    try:
        seconds = float(text)
    except ValueError:
        raise ValueError(f"'{text}' is no number of seconds") from None
    if not seconds >= 0:
        raise ValueError(f"'{text}' is no number of seconds from 0 on")
    return seconds


def _verbosity() -> Option:
    return Option(
        "-v",
        dest="verbosity",
        metavar="N",
        convert=_number(0, 2),
        default=0,
        text="verbosity: 0 (default), 1 or 2",
    )


def _output(text: str = "write to this file; default: standard output") -> Option:
    return Option("-o", dest="output", metavar="FILE", text=text)


def _ignored(**flags: str) -> list[Option]:
    """Return flags of AGC that change nothing here; `note_ignored` says so at -v 1."""
    return [
        Option(f"-{flag}", dest=f"ignored_{flag}", does="const", const=reason, text=f"no effect: {reason}")
        for flag, reason in flags.items()
    ]


def _ignored_number(reason: str) -> Callable[[str], str]:
    """Return a converter that takes any number and gives the reason why it changes nothing."""

    def convert(text: str) -> str:
        try:
            float(text)
        except ValueError:
            raise ValueError(f"'{text}' is no number") from None
        return reason

    return convert


def _memory() -> Option:
    return Option(
        "--memory-limit",
        metavar="SIZE",
        text="what the archive may take in memory, such as 64MB or 1GiB; default: PANARC_MEMORY_LIMIT, or 256 MiB\n"
        "of what was decoded and 1 GiB a part",
    )


def _fasta() -> list[Option]:
    return [
        Option(
            "-g",
            dest="gzip_level",
            metavar="N",
            convert=_number(0, 9),
            default=0,
            group="packing",
            text="compress as BGZF, which any gzip reads: level 1 to 9; 0 (default) for what the file's name says:\n"
            "6 for .gz and .bgz",
        ),
        Option(
            "--zstd",
            dest="zstd_level",
            metavar="N",
            convert=_number(0, 19),
            default=0,
            group="packing",
            text="compress by zstd: level 1 to 19; 0 (default) for what the file's name says: 3 for .zst",
        ),
        Option(
            "-l",
            dest="line_width",
            metavar="N",
            convert=_number(0, 2_000_000_000),
            default=80,
            text="bases a line; default 80; 0 for one line a contig",
        ),
        Option("--upper", does="true", text="upper case only, also where the archive has kept lower case"),
        Option(
            "--verify",
            does="true",
            text="check each contig against its stored digest before any of it is written; what is wrong is an error",
        ),
        Option(
            "--fai",
            does="true",
            text="index each file, plain or BGZF, as samtools faidx does: FILE.fai, for BGZF also FILE.gzi",
        ),
        _memory(),
        _threads("threads that decode; default: all processors the process may use (AGC's default is 1)"),
        _verbosity(),
    ]


def _create() -> list[Option]:
    integer = _number(0, (1 << 32) - 1)
    return [
        _output("the archive; default: standard output. It appears when it is complete"),
        Option("--force", does="true", text="replace the archive, or whatever else is there"),
        *_inputs(),
        Option("-k", metavar="N", convert=integer, text="overlap of segments, 17 to 32; default 21"),
        Option(
            "-l", dest="min_match", metavar="N", convert=integer, text="what matches count from, 15 to 32; default 15"
        ),
        Option(
            "-s",
            dest="segment_size",
            metavar="N",
            convert=integer,
            text="size of new groups, 100 to 1000000; default: what suits level and first sample, 30000 to 400000",
        ),
        Option(
            "-b",
            dest="pack_cardinality",
            metavar="N",
            convert=integer,
            text="batch size, differences compressed together; default: 100, for the smallest archives 200",
        ),
        *_build(),
    ]


def _append() -> list[Option]:
    return [
        _output("the new archive; default: standard output. It appears when it is complete"),
        Option("--in-place", does="true", text="replace the archive itself"),
        Option(
            "--force", does="true", text="replace what is there under the name of -o, or an archive that is read-only"
        ),
        Option(
            "--wait",
            metavar="SECONDS",
            convert=_seconds,
            default=0.0,
            text="wait so long for another process that is adding to the archive; default: 0",
        ),
        Option(
            "--skip-existing",
            does="true",
            text="pass over samples whose names the archive has already, in place of an error, so that a job can be\n"
            "started again",
        ),
        *_inputs(),
        *_build(),
    ]


def _inputs() -> list[Option]:
    return [
        Option(
            "-i",
            dest="lists",
            does="gather",
            metavar="FILE",
            text="list of files, one a line: PATH, NAME=PATH or NAME, tab, PATH; may be given several times",
        ),
        Option(
            "-c",
            dest="split",
            does="const",
            const="record",
            group="split",
            text="concatenated genomes: each record is a sample, named by the first word of its header; neighbours of\n"
            "the same first word are one sample. The same as --split record",
        ),
        Option(
            "--split",
            choices=("record", "pansn", "pansn:sample"),
            group="split",
            text="how records name their samples: record as -c; pansn takes sample#haplotype of\n"
            "sample#haplotype#contig; pansn:sample takes sample",
        ),
        Option(
            "--allow-missing-eof",
            does="true",
            text="accept BGZF files without an end-of-file block, which may be truncated; by default they are refused",
        ),
    ]


def _build() -> list[Option]:
    reason = "all references are searched for what is similar, not a fraction of them"
    return [
        _threads("threads; default: all processors the process may use (AGC's default is 1)"),
        Option(
            "--memory-limit",
            metavar="SIZE",
            text="what the whole process may have resident, such as 64MB or 1GiB; default: PANARC_MEMORY_LIMIT, or\n"
            "what it has at the start and half of what is free, at most 2 GiB. With too little of it the archive is\n"
            "larger; a warning says so",
        ),
        Option(
            "--level",
            choices=("fast", "balanced", "smallest"),
            default="balanced",
            text="fast, balanced (default), or smallest: up to a quarter smaller in several times the time, and more\n"
            "work to read ranges from",
        ),
        Option(
            "--keep-case",
            does="true",
            text="keep lower case, so that it comes back; else it is taken as upper case. Where an archive has\n"
            "kept it, append goes on by itself",
        ),
        Option(
            "--digests",
            choices=("auto", "full", "none"),
            default="auto",
            text="digests of contigs that are stored, as refget has them: auto (default) for those of contigs from\n"
            "262144 bases on, and 4 of the 24 bytes of the others'; full for all; or none. An archive that has\n"
            "digests goes on as it did",
        ),
        Option("--md5", does="true", text="store an MD5 of each contig, too"),
        Option("--stats", metavar="FILE", text="write counts, times and peaks of memory as JSON"),
        _verbosity(),
        *_ignored(
            a="what is new in any sample is always adapted to, as AGC does in its adaptive mode",
            d="archives of format 3 store no command line",
        ),
        Option("-f", dest="ignored_f", metavar="X", convert=_ignored_number(reason), text=f"no effect: {reason}"),
    ]


def _getcol() -> list[Option]:
    return [
        Option(
            "-o",
            dest="output",
            metavar="DIR",
            text="write SAMPLE.fa (with -g SAMPLE.fa.gz, with --zstd SAMPLE.fa.zst) of each sample into this folder;\n"
            "default: all to standard output",
        ),
        Option("--force", does="true", text="replace files that are there"),
        Option("-r", dest="skip_reference", does="true", text="leave out the reference sample"),
        *_fasta(),
        *_ignored(f="memory is bounded in either case"),
    ]


def _getset() -> list[Option]:
    return [_output(), *_fasta(), *_ignored(p="nothing is read ahead", s="output always streams")]


def _fetch() -> list[Option]:
    again = "may be gzip; - for standard input; may be given several times"
    return [
        _output(),
        Option("--sample", does="once", metavar="NAME", text="the sample of all regions that do not name one"),
        Option(
            "--bed",
            dest="files",
            does="tag",
            const="bed",
            metavar="FILE",
            text=f"BED file: chrom (or chrom@sample), start, end, name, score, strand, from 0, half-open; {again}",
        ),
        Option(
            "--regions",
            dest="files",
            does="tag",
            const="regions",
            metavar="FILE",
            text=f"list of regions, one a line; lines that begin with # are left out; {again}",
        ),
        Option(
            "-s",
            "--stranded",
            does="true",
            group="strand",
            text="reverse complement where the BED file has strand -; else its strands have no effect",
        ),
        Option(
            "-r",
            "--reverse-complement",
            dest="reverse",
            does="true",
            group="strand",
            text="reverse complement of all regions",
        ),
        Option(
            "--truncate", does="true", text="cut regions to their contigs, with a warning, instead of refusing them"
        ),
        Option(
            "--header",
            metavar="X",
            default="bare",
            text="bare (default): CONTIG:FROM-TO, with /rc for the reverse complement, and with SAMPLE# in front if\n"
            "there are several samples; sample: SAMPLE#CONTIG:FROM-TO; full: that, strand and comment; or a text\n"
            "such as '{sample}#{contig}:{start}-{end}({strand})', with the\n"
            "fields sample contig header comment start (from 1) start0 (from 0) end length strand, and of a BED\n"
            "file also name score",
        ),
        Option("--comment", does="true", text="keep what stands behind the first word of the contig's header"),
        *_fasta(),
    ]


def _names() -> list[Option]:
    return [
        _output(),
        Option("--json", does="true", group="form", text="print JSON, which tells more"),
        Option("--tsv", does="true", group="form", text="print columns separated by tabs, which tell more"),
    ]


def _stats() -> list[Option]:
    columns = "columns separated by tabs"
    return [
        _output(),
        Option("--groups", does="true", group="form", text=f"a line for each group, {columns}"),
        Option("--samples", does="true", group="form", text=f"a line for each sample, {columns}"),
        Option("--json", does="true", group="form", text="everything as JSON"),
        Option(
            "--html",
            metavar="FILE",
            group="form",
            text="a page with plots, complete in itself, for any browser; - for standard output",
        ),
    ]


def _whole() -> list[Option]:
    return [
        _output(),
        Option("--json", does="true", text="print JSON"),
        _memory(),
        _threads("threads that decode; default: all processors the process may use"),
    ]


def _verify() -> list[Option]:
    return [
        Option("--against", does="true", text="compare with the FASTA files behind the archive, too"),
        *_inputs(),
        *_whole(),
    ]


def _repair() -> list[Option]:
    return [
        _output("the new archive, another file; it appears when it is complete"),
        Option("--force", does="true", text="replace what is there under that name"),
        Option("--json", does="true", text="print JSON"),
        _threads("threads; default: all processors the process may use"),
        Option(
            "--memory-limit",
            metavar="SIZE",
            text="what the whole process may have resident, such as 64MB or 1GiB; default: PANARC_MEMORY_LIMIT, or\n"
            "what it has at the start and half of what is free, at most 2 GiB",
        ),
    ]


def _digest() -> list[Option]:
    return [
        _output(),
        Option("--sample", dest="samples", does="gather", metavar="NAME", text="only this sample; may be repeated"),
        Option("--md5", does="true", group="what", text="a column with MD5s, too"),
        Option("--seqcol", does="true", group="what", text="the sequence collection that each sample is"),
        Option("--json", does="true", text="print JSON; of sequence collections all three levels"),
    ]


#: By name.
VERBS: dict[str, Verb] = {
    "create": Verb("create", "create", "make an archive from FASTA files", "FILE [FILE ...]", _create, builds=True),
    "append": Verb("append", "append", "add samples to an archive", "ARCHIVE FILE [FILE ...]", _append, builds=True),
    "getcol": Verb("extract", "getcol", "extract all samples", "ARCHIVE", _getcol),
    "getset": Verb("extract", "getset", "extract samples", "ARCHIVE SAMPLE [SAMPLE ...]", _getset),
    "getctg": Verb("extract", "getctg", "extract contigs, or parts of them", "ARCHIVE CONTIG [CONTIG ...]", _getset),
    "fetch": Verb("fetch", "fetch", "extract regions, as samtools faidx does", "ARCHIVE [REGION ...]", _fetch),
    "listref": Verb("lists", "listref", "print the name of the reference sample", "ARCHIVE", _names),
    "listset": Verb("lists", "listset", "print the names of the samples, sorted", "ARCHIVE", _names),
    "listctg": Verb("lists", "listctg", "print samples and their contigs", "ARCHIVE [SAMPLE ...]", _names),
    "info": Verb("lists", "info", "print facts about an archive", "ARCHIVE", _names),
    "check": Verb("verify", "check", "look whether an archive is well formed", "ARCHIVE", _whole),
    "verify": Verb(
        "verify", "verify", "look whether all of an archive is right", "ARCHIVE [--against FILE ...]", _verify
    ),
    "repair": Verb(
        "repair",
        "repair",
        "make a new archive of what can be read of a damaged one",
        "ARCHIVE -o FILE",
        _repair,
        builds=True,
    ),
    "digest": Verb("digest", "digest", "print the digests of contigs", "ARCHIVE", _digest),
    "stats": Verb("stats", "stats", "print where an archive's bytes went", "ARCHIVE", _stats, builds=True),
    "completion": Verb(
        "completion",
        "completion",
        "print what lets a shell complete command lines",
        "bash|zsh|fish",
        lambda: [_output()],
    ),
}
