"""The ways in which panarc and AGC make an archive of a hard collection."""

from __future__ import annotations

from .inputs import InputSet
from .tools import Agc, AgcConcatenated, Panarc, Tool

_LEVELS = ("balanced", "smallest")
_AGC_OPTIONS = (
    "",
    "-a",
    "-s 20000",
    "-s 10000",
    "-a -s 10000",
    "-a -f 0.01",
    "-a -s 10000 -f 0.01",
    "-a -s 10000 -b 1000",
)
"""AGC's best mode is the one with the smallest archive; each of these is best for some collection.

10000 is panarc's own segment size.  Smaller ones, other k-mers and other shortest matches earn at most a percent.
"""
_CONCATENATED_OPTIONS = ("-c", "-c -s 10000", "-c -a -s 10000 -f 0.01")
"""For a single file only: what AGC then holds is not one sample, but one for each record."""


def panarc_levels(command: tuple[str, ...], threads: int) -> list[Tool]:
    """Return panarc with each of its levels."""
    return [Panarc(f"panarc {level}", command, threads, ("--level", level)) for level in _LEVELS]


def agc_modes(command: tuple[str, ...], threads: int, inputs: InputSet) -> list[Tool]:
    """Return AGC in all modes that can be the best one for a set."""
    modes: list[tuple[str, type[Agc]]] = [(mode, Agc) for mode in _AGC_OPTIONS]
    if len(inputs.files) == 1:
        modes += [(mode, AgcConcatenated) for mode in _CONCATENATED_OPTIONS]
    return [kind(f"agc {mode}".strip(), command, threads, tuple(mode.split())) for mode, kind in modes]
