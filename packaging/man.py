"""Makes the manual pages from the table of verbs, as help and completion are made.

    python packaging/man.py [--check] [FOLDER]

The pages are kept in the repository, so that a wheel can be built without panarc at hand; --check tells whether they
are those that the table gives.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

from panarc import __version__
from panarc.cli.examples import EXAMPLES, OVERVIEW
from panarc.cli.option import Option
from panarc.cli.verbs import VERBS

FOLDER = Path(__file__).resolve().parent / "data" / "data" / "share" / "man" / "man1"

STATUS = (
    ("0", "All is well."),
    ("1", "Something is wrong with data or files."),
    ("2", "The command line was not understood."),
    ("130", "Ctrl-C ended it."),
    ("141", "The reader of a pipe went away."),
)
VARIABLES = (
    ("PANARC_MEMORY_LIMIT", "The memory limit where --memory-limit does not give one, such as 256MB."),
    ("PANARC_TRACEBACK", "If it is 1, errors come with a traceback."),
)


def escaped(text: str) -> str:
    """Return text that roff shows as it is."""
    text = (
        text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq").replace("^", "\\(ha").replace("~", "\\(ti")
    )
    return re.sub(r"^\.", "\\&.", text, flags=re.MULTILINE)


def paragraphs(text: str) -> str:
    """Return paragraphs of text whose lines are filled anew."""
    return "\n.PP\n".join(escaped(" ".join(paragraph.split())) for paragraph in text.split("\n\n")) + "\n"


def tagged(rows: list[tuple[str, str]]) -> str:
    """Return a list: what it is in bold, and below it what is said of it."""
    return "".join(f".TP\n{tag}\n{paragraphs(text)}" for tag, text in rows)


def bold(text: str) -> str:
    """Return text in bold."""
    return f"\\fB{escaped(text)}\\fR"


def option_tag(option: Option) -> str:
    """Return an option and its value."""
    flags = ", ".join(bold(flag) for flag in option.flags)
    if not option.takes_value:
        return flags
    value = "{" + ",".join(option.choices) + "}" if option.choices else option.metavar or "VALUE"
    return f"{flags} \\fI{escaped(value)}\\fR"


def examples(lines: tuple[str, ...]) -> str:
    """Return command lines as they are typed."""
    return ".SH EXAMPLES\n.EX\n" + "".join(f"{escaped(line)}\n" for line in lines) + ".EE\n"


def head(name: str, summary: str) -> str:
    """Return the beginning of a page."""
    title = escaped(name)
    return (
        f'.TH {title.upper()} 1 "" "panarc {__version__}" "User Commands"\n.SH NAME\n{title} \\- {escaped(summary)}\n'
    )


def verb_page(name: str) -> str:
    """Return the page of a verb."""
    verb = VERBS[name]
    options = [(option_tag(option), option.text) for option in verb.options()]
    options.append((f"{bold('-h')}, {bold('--help')}", "show help"))
    return (
        head(f"panarc-{name}", verb.summary)
        + f".SH SYNOPSIS\n{bold(f'panarc {name}')} [\\fIoptions\\fR] {escaped(verb.usage)}\n"
        + f".SH DESCRIPTION\n{paragraphs(verb.description)}"
        + f".SH OPTIONS\n{tagged(options)}"
        + examples(EXAMPLES[name])
        + ".SH SEE ALSO\n.BR panarc (1)\n"
    )


def main_page() -> str:
    """Return the page of the command."""
    verbs = [(bold(f"panarc-{name}") + "(1)", verb.summary) for name, verb in VERBS.items()]
    return (
        head("panarc", "archives of similar genomes")
        + f".SH SYNOPSIS\n{bold('panarc')} \\fIVERB\\fR [\\fIoptions\\fR] [\\fIarguments\\fR]\n"
        + ".SH DESCRIPTION\nPacks collections of similar genomes into AGC archives, and reads them.\n"
        + f".SH VERBS\n{tagged(verbs)}"
        + f".SH OPTIONS\n{tagged([(bold('--help'), 'show help'), (bold('--version'), 'show the version')])}"
        + f".SH EXIT STATUS\n{tagged([(bold(status), text) for status, text in STATUS])}"
        + f".SH ENVIRONMENT\n{tagged([(bold(name), text) for name, text in VARIABLES])}"
        + examples(OVERVIEW)
    )


def pages() -> dict[str, str]:
    """Return all pages by their files' names."""
    return {"panarc.1": main_page()} | {f"panarc-{name}.1": verb_page(name) for name in VERBS}


def main() -> int:
    """Write the pages, or look whether they are up to date."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", nargs="?", type=Path, default=FOLDER)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if a page is not as it should be")
    arguments = parser.parse_args()
    made = pages()
    there = {path.name: path.read_text("utf-8") for path in arguments.folder.glob("*.1")}
    if arguments.check:
        wrong = sorted(name for name in made.keys() | there.keys() if made.get(name) != there.get(name))
        print("\n".join(f"{name} is not up to date" for name in wrong) or "all pages are up to date")
        return int(bool(wrong))
    arguments.folder.mkdir(parents=True, exist_ok=True)
    for name in there.keys() - made.keys():
        (arguments.folder / name).unlink()
    for name, text in made.items():
        (arguments.folder / name).write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
