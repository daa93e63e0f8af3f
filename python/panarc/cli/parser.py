"""Command lines as argparse takes them: help, and what is wrong with those that are."""

from __future__ import annotations

import argparse

from ..meant import meant
from . import status
from .examples import EXAMPLES, shown
from .option import Options
from .output import write_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

    from .option import Option, Verb

_WIDTH = 100


class _Formatter(argparse.RawDescriptionHelpFormatter):
    """Knows its width: argparse would load `shutil` to ask for it, each time an option is added."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=14, width=_WIDTH)


class _Parser(argparse.ArgumentParser):
    """Complains in one line, as all of the command does."""

    def print_help(self, file: object = None) -> None:
        write_text(self.format_help())

    def error(self, message: str) -> NoReturn:
        raise status.UsageError(f"{message} (see '{self.prog} --help')")


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


class _Tag(argparse.Action):
    """Keeps the values of several options in their order, each with the option's constant."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: object,
        option_string: str | None = None,
    ) -> None:
        setattr(namespace, self.dest, [*getattr(namespace, self.dest), (self.const, values)])


_ACTIONS: dict[str, str | type[argparse.Action]] = {
    "set": "store",
    "once": _Once,
    "true": "store_true",
    "const": "store_const",
    "gather": "append",
    "tag": _Tag,
}


def parse(name: str, verb: Verb, arguments: list[str]) -> Options:
    """Return what the command line of a verb says.

    Raises
    ------
    UsageError
        If it is not understood.
    SystemExit
        After help was printed.
    """
    parser = _Parser(
        prog=f"panarc {name}",
        usage=f"panarc {name} [options] {verb.usage}",
        description=verb.description,
        epilog=f"examples:\n{shown(EXAMPLES[name])}",
        allow_abbrev=False,
        formatter_class=_Formatter,
    )
    parser.add_argument("arguments", nargs="*", help=argparse.SUPPRESS)
    groups: dict[str, argparse._MutuallyExclusiveGroup] = {}
    for option in verb.options():
        if option.group is not None and option.group not in groups:
            groups[option.group] = parser.add_mutually_exclusive_group()
        _add(parser if option.group is None else groups[option.group], option)
    # Options may stand between arguments; argparse cannot do that and understand "--" too.
    end = arguments.index("--") if "--" in arguments else len(arguments)
    options = Options()
    _, unknown = parser.parse_known_intermixed_args(arguments[:end], namespace=options)
    if unknown:
        flag = unknown[0].partition("=")[0]
        flags = [flag for option in verb.options() for flag in option.flags]
        parser.error(f"unknown option '{flag}'{meant(flag, [*flags, '--help'])}")
    options.arguments += arguments[end + 1 :]
    return options


def _add(parser: argparse._ActionsContainer, option: Option) -> None:
    more: dict[str, object] = {}
    if option.takes_value:
        more = {"metavar": option.metavar, "choices": option.choices}
        if option.convert is not None:
            more["type"] = _type(option.convert)
    if option.does in ("const", "tag"):
        more["const"] = option.const
    parser.add_argument(
        *option.flags,
        dest=option.dest,
        action=_ACTIONS[option.does],
        default=option.default,
        help=option.text,
        **more,  # type: ignore[arg-type]
    )


def _type(convert: Callable[[str], object]) -> Callable[[str], object]:
    """Return a converter whose errors argparse passes on."""

    def converted(text: str) -> object:
        try:
            return convert(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return converted
