"""The verb completion: scripts for shells, made from the table of verbs."""

from __future__ import annotations

from .command_line import GLOBAL
from .output import write_lines
from .status import UsageError
from .verbs import VERBS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .messages import Messages
    from .option import Option, Options

_HELP = "-h", "--help", "this text"
#: What the verb help does.
_OF_A_VERB = "options and examples of a verb"
#: What options call values that are paths.
_PATHS = ("FILE", "DIR")


def completion(options: Options, _messages: Messages) -> None:
    """Print the script for a shell."""
    if len(options.arguments) != 1 or options.arguments[0] not in _SHELLS:
        raise UsageError(f"one shell is expected: {', '.join(_SHELLS)}")
    write_lines(_SHELLS[options.arguments[0]](), options.output)


def _options(verb: str) -> list[Option]:
    """Return the options that do something."""
    return [option for option in VERBS[verb].options() if not option.dest.startswith("ignored_")]


def _text(option: Option) -> str:
    """Return what help says of an option, in one line and up to the first semicolon."""
    return " ".join(option.text.split()).partition(";")[0]


def _words(verb: str) -> str:
    """Return what a verb's argument may be, where its usage lists that."""
    return " ".join(VERBS[verb].usage.split("|")) if "|" in VERBS[verb].usage else ""


def _bash() -> Iterator[str]:
    yield "# bash completion for panarc; made by: panarc completion bash"
    yield "_panarc() {"
    yield "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} verb=${COMP_WORDS[1]} flags words"
    yield "    COMPREPLY=()"
    yield "    if ((COMP_CWORD == 1)); then"
    yield f'        COMPREPLY=($(compgen -W "{" ".join([*VERBS, "help", *GLOBAL])}" -- "$cur"))'
    yield "        return"
    yield "    fi"
    yield "    # --level=fast comes as three words."
    yield '    if [[ $cur == "=" ]]; then'
    yield "        cur="
    yield '    elif [[ $prev == "=" && COMP_CWORD -gt 2 ]]; then'
    yield "        prev=${COMP_WORDS[COMP_CWORD-2]}"
    yield "    fi"
    yield "    case $verb:$prev in"
    for verb in VERBS:
        for option in _options(verb):
            if option.takes_value and option.metavar not in _PATHS:
                cases = "|".join(f"{verb}:{flag}" for flag in option.flags)
                choices = " ".join(option.choices or ())
                reply = f'COMPREPLY=($(compgen -W "{choices}" -- "$cur")); ' if choices else ""
                yield f"        {cases}) compopt +o default 2>/dev/null; {reply}return ;;"
    for verb in VERBS:
        paths = [flag for option in _options(verb) if option.metavar in _PATHS for flag in option.flags]
        if paths:
            yield f"        {'|'.join(f'{verb}:{flag}' for flag in paths)}) return ;;"
    yield "    esac"
    yield "    case $verb in"
    for verb in VERBS:
        flags = [flag for option in _options(verb) for flag in option.flags]
        yield f'        {verb}) flags="{" ".join([*flags, *_HELP[:2]])}" words="{_words(verb)}" ;;'
    yield f'        help) flags= words="{" ".join(VERBS)}" ;;'
    yield "    esac"
    yield "    if [[ $cur == -* ]]; then"
    yield '        COMPREPLY=($(compgen -W "$flags" -- "$cur"))'
    yield "    elif [[ -n $words ]]; then"
    yield "        compopt +o default 2>/dev/null"
    yield '        COMPREPLY=($(compgen -W "$words" -- "$cur"))'
    yield "    fi"
    yield "}"
    yield "# Where there is no reply, files are completed."
    yield "complete -o default -F _panarc panarc"


def _zsh() -> Iterator[str]:
    yield "#compdef panarc"
    yield "# zsh completion for panarc; made by: panarc completion zsh"
    yield "_panarc() {"
    yield "    local -a verbs"
    yield "    verbs=("
    for name, verb in VERBS.items():
        yield f"        {_quoted(f'{name}:{verb.summary}')}"
    yield f"        {_quoted(f'help:{_OF_A_VERB}')}"
    yield "    )"
    yield "    if ((CURRENT == 2)); then"
    yield "        _describe -t verbs verb verbs"
    yield f"        compadd -- {' '.join(GLOBAL)}"
    yield "        return"
    yield "    fi"
    yield "    local verb=$words[2]"
    yield "    shift words"
    yield "    ((CURRENT--))"
    yield "    case $verb in"
    for name in VERBS:
        words = _words(name)
        yield f"        {name})"
        yield "            _arguments -S \\"
        for option in _options(name):
            for flag in option.flags:
                yield f"                {_quoted(_zsh_option(option, flag))} \\"
        yield f"                {_quoted(f'(-){_HELP[0]}[{_HELP[2]}]')} \\"
        yield f"                {_quoted(f'(-){_HELP[1]}[{_HELP[2]}]')} \\"
        yield f"                {_quoted(f'*:shell:({words})' if words else '*:file:_files')}"
        yield "            ;;"
    yield '        help) _arguments "1:verb:->verbs"; [[ $state != verbs ]] || _describe -t verbs verb verbs ;;'
    yield "    esac"
    yield "}"
    yield 'if [[ $funcstack[1] == _panarc ]]; then _panarc "$@"; else compdef _panarc panarc; fi'


def _zsh_option(option: Option, flag: str) -> str:
    """Return an option as `_arguments` wants it."""
    text = _text(option)
    for letter in "\\[]:":
        text = text.replace(letter, f"\\{letter}")
    repeated = "*" if option.does in ("gather", "tag") else ""
    if not option.takes_value:
        return f"{repeated}{flag}[{text}]"
    equals = "=" if flag.startswith("--") else ""
    metavar = option.metavar or "value"
    choices = " ".join(option.choices or ()).replace(":", "\\:")
    action = f"({choices})" if choices else "_files" if metavar == "FILE" else "_files -/" if metavar == "DIR" else " "
    return f"{repeated}{flag}{equals}[{text}]:{metavar}:{action}"


def _fish() -> Iterator[str]:
    yield "# fish completion for panarc; made by: panarc completion fish"
    none = "__fish_use_subcommand"
    for name, verb in VERBS.items():
        yield f"complete -c panarc -f -n {none} -a {name} -d {_quoted(verb.summary)}"
    yield f"complete -c panarc -f -n {none} -a help -d {_quoted(_OF_A_VERB)}"
    yield f"complete -c panarc -f -n '__fish_seen_subcommand_from help' -a '{' '.join(VERBS)}'"
    yield f"complete -c panarc -f -n {none} -l help -d 'what there is'"
    yield f"complete -c panarc -f -n {none} -l version -d 'version of panarc'"
    for name in VERBS:
        seen = f"complete -c panarc -n '__fish_seen_subcommand_from {name}'"
        if words := _words(name):
            yield f"{seen} -f -a {_quoted(words)}"
        for option in _options(name):
            flags = " ".join(f"-l {flag[2:]}" if flag.startswith("--") else f"-s {flag[1:]}" for flag in option.flags)
            value = ""
            if option.choices:
                value = f" -x -a {_quoted(' '.join(option.choices))}"
            elif option.takes_value:
                value = " -r -F" if option.metavar in _PATHS else " -x"
            yield f"{seen} {flags}{value} -d {_quoted(_text(option))}"
        yield f"{seen} -s h -l help -d {_quoted(_HELP[2])}"


def _quoted(text: str) -> str:
    """Return a word that bash, zsh and fish take as it is."""
    return "'" + text.replace("'", "'\\''") + "'"


_SHELLS: dict[str, Callable[[], Iterator[str]]] = {"bash": _bash, "zsh": _zsh, "fish": _fish}
