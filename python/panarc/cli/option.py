"""What an option of the command is; `quick` and `parser` both read it."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Literal

    #: What an option does: set a value; set one that must not be given twice; set True or a constant, without a value;
    #: gather values; gather pairs of the constant and a value.
    Does = Literal["set", "once", "true", "const", "gather", "tag"]


class Options:
    """What a command line says: an attribute for each option, and `arguments` for what stands between them."""

    arguments: list[str]

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...


class Option:
    """An option of a verb.

    Parameters
    ----------
    flags
        Its names.
    does
        What it does.
    text
        What help says of it.
    dest
        Attribute of `Options`; None for the last flag's name.
    metavar
        What help calls its value.
    convert
        Makes its value from text, or raises a ValueError that says what is wrong.
    choices
        The values that are taken.
    const, default
        The constant, and what holds if it is not given.
    group
        Options of one group exclude each other.
    """

    __slots__ = ("choices", "const", "convert", "default", "dest", "does", "flags", "group", "metavar", "text")

    def __init__(
        self,
        *flags: str,
        text: str,
        does: Does = "set",
        dest: str | None = None,
        metavar: str | None = None,
        convert: Callable[[str], object] | None = None,
        choices: tuple[str, ...] | None = None,
        const: object = None,
        default: object = None,
        group: str | None = None,
    ) -> None:
        self.flags = flags
        self.text = text
        self.does = does
        self.dest = flags[-1].lstrip("-").replace("-", "_") if dest is None else dest
        self.metavar = metavar
        self.convert = convert
        self.choices = choices
        self.const = const
        self.default = False if does == "true" else [] if does in ("gather", "tag") else default
        self.group = group

    @property
    def takes_value(self) -> bool:
        """Whether a value follows it."""
        return self.does not in ("true", "const")


class Verb:
    """A verb of the command.

    Parameters
    ----------
    module, function
        The module of this package and the function in it that does the work.
    summary, usage
        A line on what it does, and what stands behind the options.
    options
        Its options.
    builds
        Whether it writes temporary files even if its output is no file.
    """

    __slots__ = ("builds", "function", "module", "options", "summary", "usage")

    def __init__(
        self,
        module: str,
        function: str,
        summary: str,
        usage: str,
        options: Callable[[], list[Option]],
        *,
        builds: bool = False,
    ) -> None:
        self.module = module
        self.function = function
        self.summary = summary
        self.usage = usage
        self.options = options
        self.builds = builds

    @property
    def description(self) -> str:
        """What help says of it at length."""
        from .descriptions import DESCRIPTIONS

        return DESCRIPTIONS.get(self.function, f"{self.summary[0].upper()}{self.summary[1:]}.")
