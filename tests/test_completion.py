"""Completion in shells: what is typed in front of Tab, in a real shell on a terminal, and what comes of it."""

from __future__ import annotations

import os
import pty
import re
import select
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from helpers import panarc_command
from panarc.cli.verbs import VERBS

SHELLS = ("bash", "zsh", "fish")
PROMPT = "ready>>"

#: What a shell reads first: `panarc` tells its arguments, and the prompt is one that can be waited for.
SETUP = {
    "bash": "panarc() {{ printf '<%s>' \"$@\"; echo '<end>'; }}; PS1='{prompt}'; bind 'set enable-bracketed-paste off'"
    "; source {script}",
    "zsh": "panarc() {{ printf '<%s>' \"$@\"; echo '<end>' }}; PS1='{prompt}'; bindkey -e; unsetopt zle_bracketed_paste"
    "; unset zle_bracketed_paste; fpath=({folder} $fpath); autoload -Uz compinit; compinit -u -D",
    "fish": "function panarc; printf '<%s>' $argv; echo '<end>'; end; function fish_prompt; echo -n '{prompt}'; end"
    "; set -g fish_greeting; set -g fish_autosuggestion_enabled 0; source {script}",
}


@pytest.fixture(scope="module", params=SHELLS)
def shell(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """A shell and a folder with its completion, and with some files."""
    name: str = request.param
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed")
    folder = tmp_path_factory.mktemp(name)
    script = folder / "_panarc"
    done = panarc_command("completion", name)
    assert (done.returncode, done.stderr) == (0, b"")
    script.write_bytes(done.stdout)
    setup = SETUP[name].format(prompt=PROMPT, script=script, folder=folder) + "\n"
    (folder / (".zshrc" if name == "zsh" else "setup")).write_text(setup)
    (folder / "somefolder").mkdir()
    (folder / "archive.agc").touch()
    return name, folder


def completed(shell: tuple[str, Path], typed: str) -> list[str]:
    """Type a line, with Tab where `typed` has one, and Enter; the arguments that the command gets."""
    name, folder = shell
    command = {
        "bash": ["bash", "--noprofile", "--rcfile", "setup", "-i"],
        "zsh": ["zsh", "-i"],
        "fish": ["fish", "--no-config", "--init-command", "source setup", "-i"],
    }[name]
    variables = {"ZDOTDIR": str(folder), "HOME": str(folder), "TERM": "xterm", "LC_ALL": "C.UTF-8"}
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(folder)
        os.execvpe(command[0], command, os.environ | variables)
    try:
        until(terminal, re.escape(PROMPT))
        os.write(terminal, f"panarc {typed}\r".encode())
        found = until(terminal, r"((?:<[^<>]*>)*)<end>")[1]
        # Whether the slash behind a folder stays is the shell's choice.
        return [word.removesuffix("/") for word in re.findall("<([^<>]*)>", found)]
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(terminal)


def until(terminal: int, pattern: str) -> re.Match[str]:
    """Read until a pattern comes."""
    shown = ""
    while not (found := re.search(pattern, shown)):
        assert select.select([terminal], [], [], 60)[0], shown
        data = os.read(terminal, 4096)
        assert data, shown
        shown += data.decode(errors="replace")
    return found


@pytest.mark.parametrize(
    ("typed", "arguments"),
    [
        ("cre\t", ["create"]),
        ("verif\t", ["verify"]),
        ("--vers\t", ["--version"]),
        ("stats --ht\t", ["stats", "--html"]),
        ("create --level sm\t", ["create", "--level", "smallest"]),
        ("create --digests f\t", ["create", "--digests", "full"]),
        ("getcol --line\t", ["getcol", "--line"]),
        ("fetch --trun\t", ["fetch", "--truncate"]),
        ("fetch --bed arch\t", ["fetch", "--bed", "archive.agc"]),
        ("stats arch\t", ["stats", "archive.agc"]),
        ("getcol -o somef\t", ["getcol", "-o", "somefolder"]),
        ("completion fi\t", ["completion", "fish"]),
        ("listset --tsv arch\t", ["listset", "--tsv", "archive.agc"]),
        ("hel\tver\t", ["help", "verify"]),
    ],
)
def test_what_is_typed(shell: tuple[str, Path], typed: str, arguments: list[str]) -> None:
    assert completed(shell, typed) == arguments


def test_choices_behind_an_equals_sign(shell: tuple[str, Path]) -> None:
    assert completed(shell, "append --level=sm\t") == ["append", "--level=smallest"]


@pytest.mark.parametrize("name", SHELLS)
def test_the_script_knows_all_verbs_and_options(name: str) -> None:
    script = panarc_command("completion", name).stdout.decode()
    for verb, entry in VERBS.items():
        assert re.search(rf"\b{verb}\b", script)
        for option in entry.options():
            if not option.dest.startswith("ignored_"):
                for flag in option.flags:
                    long = flag.startswith("--")
                    shown = f"-l {flag[2:]}" if long else f"-s {flag[1:]}"
                    assert re.search(rf"(?<![\w-]){shown if name == 'fish' else flag}(?![\w-])", script), (verb, flag)


@pytest.mark.parametrize("name", SHELLS)
def test_the_script_is_one_that_the_shell_understands(name: str) -> None:
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed")
    script = panarc_command("completion", name).stdout
    check = [name, "--no-execute"] if name == "fish" else [name, "-n"]
    done = subprocess.run(check, input=script, capture_output=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_other_shells_are_refused() -> None:
    for arguments in ([], ["tcsh"], ["bash", "zsh"]):
        done = panarc_command("completion", *arguments)
        assert (done.returncode, done.stdout) == (2, b"")
        assert b"one shell is expected: bash, zsh, fish" in done.stderr


if sys.platform == "win32":  # pragma: no cover
    pytestmark = pytest.mark.skip(reason="there are no terminals of this kind")
