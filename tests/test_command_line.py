"""Plain command lines are taken by a parser of their own, which must agree with argparse, and know when it does not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panarc.cli import parser, quick
from panarc.cli.status import UsageError
from panarc.cli.verbs import VERBS

VALUES = [
    "x",
    "a.fa",
    "-",
    "",
    "3",
    "0",
    "-3",
    "1e3",
    "99999999999",
    "record",
    "pansn",
    "fast",
    "slow",
    "-o",
    "--",
    "a=b",
]


@st.composite
def command_lines(draw: st.DrawFn) -> tuple[str, list[str]]:
    name = draw(st.sampled_from(sorted(VERBS)))
    options = VERBS[name].options()
    flags = [flag for option in options for flag in option.flags]
    words = st.sampled_from([*flags, *VALUES, "--nosuch", "-t4", "--level=fast", "-x"])
    pairs = st.tuples(st.sampled_from(flags), st.sampled_from(VALUES))
    parts = draw(st.lists(st.one_of(words.map(lambda word: (word,)), pairs), max_size=6))
    return name, [word for part in parts for word in part]


@given(command_lines())
def test_what_is_taken_quickly_is_what_argparse_takes(line: tuple[str, list[str]]) -> None:
    name, arguments = line
    verb = VERBS[name]
    options = quick.parse(verb.options(), arguments)
    if options is not None:
        assert vars(options) == vars(parser.parse(name, verb, arguments))


@pytest.mark.parametrize(
    ("line", "quickly"),
    [
        ("getset a.agc s", True),
        ("getset -o - -t 2 a.agc -g 6 s", True),
        ("getset -g 6 --zstd 3 a.agc s", False),
        ("getset -t x a.agc s", False),
        ("getset a.agc -- -s", False),
        ("getset -h", False),
        ("create -i l1 -i l2 --split pansn r.fa", True),
        ("create --split nosuch r.fa", False),
        ("create --level=fast r.fa", False),
        ("fetch --bed b --regions r --sample s a.agc", True),
        ("fetch --sample s --sample t a.agc", False),
    ],
)
def test_which_lines_are_plain(line: str, quickly: bool) -> None:
    name, *arguments = line.split()
    assert (quick.parse(VERBS[name].options(), arguments) is not None) == quickly


def test_what_is_not_plain_is_left_to_argparse() -> None:
    options = parser.parse("create", VERBS["create"], ["--level=fast", "-t2", "a", "--", "-b"])
    assert (options.level, options.threads, options.arguments) == ("fast", 2, ["a", "-b"])
    for arguments in (["-t", "0"], ["--split", "x"], ["--nosuch"], ["-f", "x"]):
        with pytest.raises(UsageError, match="see 'panarc create --help'"):
            parser.parse("create", VERBS["create"], arguments)
