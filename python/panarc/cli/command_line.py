"""From arguments to a verb and what it is to do."""

from __future__ import annotations

from . import quick, status
from .verbs import VERBS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

    from .option import Options, Verb

#: Options that stand in the place of a verb.
GLOBAL = ("--help", "--version")

_MORE = "'panarc VERB --help' or 'panarc help VERB' tells the options of a verb."


def parse(arguments: list[str]) -> tuple[Verb, Options]:
    """Return the verb of a command line, and its options.

    Raises
    ------
    UsageError
        If the command line is not understood.
    SystemExit
        After help or the version was printed, or help on standard error because there are no arguments at all.
    """
    if not arguments:
        from .messages import tell

        tell(_overview())
        raise SystemExit(status.USAGE)
    if arguments[0] == "help" and len(arguments) == 2:
        arguments = [arguments[1], "--help"]
    name = arguments[0]
    if name in ("-h", "--help", "help"):
        _finish(_overview())
    if name in ("-V", "--version", "version"):
        from .. import __version__

        _finish(f"panarc {__version__}\n")
    verb = VERBS.get(name)
    if verb is None:
        from ..meant import meant
        from .pointers import POINTERS

        if name in POINTERS:
            raise status.UsageError(f"there is no verb '{name}': {POINTERS[name]} (see 'panarc --help')")
        kind = "option" if name.startswith("-") else "verb"
        raise status.UsageError(f"unknown {kind} '{name}'{meant(name, [*VERBS, *GLOBAL])} (see 'panarc --help')")
    options = quick.parse(verb.options(), arguments[1:])
    if options is None:
        from . import parser

        options = parser.parse(name, verb, arguments[1:])
    return verb, options


def _overview() -> str:
    from .examples import OVERVIEW, shown

    verbs = "".join(f"  {name:<12}{verb.summary}\n" for name, verb in VERBS.items())
    return (
        "usage: panarc VERB [options] [arguments]\n\n"
        "Packs collections of similar genomes into AGC archives, and reads them.\n\n"
        f"verbs:\n{verbs}\noptions:\n  -h, --help     this text\n  --version      version of panarc\n\n"
        f"examples:\n{shown(OVERVIEW)}\n{_MORE}\n"
    )


def _finish(text: str) -> NoReturn:
    from .output import write_text

    write_text(text)
    raise SystemExit(status.OK)
