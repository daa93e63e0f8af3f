"""The ways in which panarc and AGC make an archive of a hard collection."""

from __future__ import annotations

from .inputs import InputSet
from .tools import Agc, AgcConcatenated, AgcSeparate, Panarc, Tool

_LEVELS = ("balanced", "smallest")
_AGC_OPTIONS = (
    "",
    "-a",
    "-s 20000",
    "-s 10000",
    "-a -s 10000",
    "-a -f 0.01",
    "-a -s 10000 -f 0.01",
    "-a -f 0.01 -b 2000",
)
"""AGC's best mode is the one with the smallest archive; each of these is best for some collection.

10000 is panarc's own segment size.  Smaller ones, other k-mers and other shortest matches earn at most a percent.
"""
_CONCATENATED_OPTIONS = ("-c", "-c -b 2000")
_SEPARATE_OPTIONS = ("", "-a -f 0.01", "-a -f 0.01 -b 2000")
"""For a single file only: what AGC then holds is not one sample, but one for each record."""


def panarc_levels(command: tuple[str, ...], threads: int) -> list[Tool]:
    """Return panarc with each of its levels."""
    return [Panarc(f"panarc {level}", command, threads, ("--level", level)) for level in _LEVELS]


def agc_modes(command: tuple[str, ...], threads: int, inputs: InputSet) -> list[Tool]:
    """Return AGC in all modes that can be the best one for a set."""
    tools: list[Tool] = [_agc(Agc, mode, command, threads) for mode in _AGC_OPTIONS]
    if len(inputs.files) == 1:
        tools += [_agc(AgcConcatenated, mode, command, threads) for mode in _CONCATENATED_OPTIONS]
        tools += [_agc(AgcSeparate, mode, command, threads, ", a file each") for mode in _SEPARATE_OPTIONS]
    return tools


def _agc(kind: type[Agc], mode: str, command: tuple[str, ...], threads: int, how: str = "") -> Tool:
    return kind(f"agc {mode}".strip() + how, command, threads, tuple(mode.split()))
