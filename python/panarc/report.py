"""What was found out about an archive. Apart from `archive`, so that opening one need not load `dataclasses`."""

from __future__ import annotations

from dataclasses import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from . import _core


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong with an archive, or not as in an original. What is not known, or does not apply, is None.

    Parameters
    ----------
    sample, contig
        The contig that cannot be read right; a sample alone if none of its contigs can.
    group
        Group of similar segments that the damage is in.
    stream, part
        Stream of the file, and its part, from 0.
    message
        What is wrong.
    """

    sample: str | None
    contig: str | None
    group: int | None
    stream: str | None
    part: int | None
    message: str

    def __str__(self) -> str:
        places = (
            ("sample", self.sample),
            ("contig", self.contig),
            ("group", self.group),
            ("stream", self.stream),
            ("part", self.part),
        )
        from .names import shown

        known = [(what, f"'{shown(at)}'" if isinstance(at, str) else at) for what, at in places if at is not None]
        where = ", ".join(f"{what} {at}" for what, at in known)
        return f"{where}: {self.message}" if where else self.message


@dataclass(frozen=True, slots=True)
class Report:
    """What was looked at, and what is wrong. It does not depend on the number of threads.

    Parameters
    ----------
    findings
        All that is wrong; of each contig, what was met first.
    differences
        Where contigs are not as in the originals that they were compared with; of each contig, what was met first.
    notes
        What is worth knowing, but no damage.
    samples, samples_lost
        Samples, and those of them of which nothing can be read.
    contigs, contigs_damaged
        Contigs of the other samples, and those of them that cannot be read right.
    digests
        Contigs that were compared with a stored digest.
    compared
        Contigs that were compared with an original.
    bases
        Bases that were decoded or compared.
    """

    findings: tuple[Finding, ...]
    differences: tuple[Finding, ...]
    notes: tuple[str, ...]
    samples: int
    samples_lost: int
    contigs: int
    contigs_damaged: int
    digests: int
    compared: int
    bases: int

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong, and nothing different."""
        return not self.findings and not self.differences


def made(found: _core._Report) -> Report:
    """Return a report from what the core tells."""
    counts, notes, findings, differences = found
    return Report(
        findings=tuple(Finding(*finding) for finding in findings),
        differences=tuple(Finding(*difference) for difference in differences),
        notes=tuple(notes),
        **counts,
    )
