"""The contigs that an adapter shows, by name."""

from __future__ import annotations

from functools import cached_property

from ..archive import Archive
from ..archive import open as open_archive
from ..errors import ContigNotFoundError, SampleNotFoundError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..contig import Contig
    from ..paths import Path
    from ..sample import Sample


def text(name: str | bytes) -> str:
    """Return a name as text; bytes are taken as the archive has them."""
    return name.decode("utf-8", "surrogateescape") if isinstance(name, bytes) else name


class References:
    """Contigs of one sample by their keys, or of all samples by ``SAMPLE#KEY``.

    Parameters
    ----------
    archive
        An open archive, which stays open, or the path of one.
    sample
        Name of the sample; None for all.

    Raises
    ------
    SampleNotFoundError
        If there is no such sample.
    """

    def __init__(self, archive: Archive | Path, sample: str | bytes | None) -> None:
        self._own = not isinstance(archive, Archive)
        self.archive = archive if isinstance(archive, Archive) else open_archive(archive)
        try:
            self.sample = None if sample is None else self.archive[text(sample)]
        except SampleNotFoundError:
            self.close()
            raise

    @cached_property
    def names(self) -> list[str]:
        """Names of all contigs, in the archive's order."""
        if self.sample is not None:
            return list(self.sample.keys())
        return [f"{sample.name}#{key}" for sample in self.archive.values() for key in sample.keys()]  # noqa: SIM118

    def find(self, name: str | bytes) -> Contig | None:
        """Return the contig of a name, or None."""
        for sample, key in self._readings(text(name)):
            try:
                return sample[key]
            except ContigNotFoundError:
                continue
        return None

    def _readings(self, name: str) -> Iterator[tuple[Sample, str]]:
        """Yield the samples and keys that a name may mean: names of samples may hold ``#``, too."""
        if self.sample is not None:
            yield self.sample, name
            return
        at = name.rfind("#")
        while at > 0:
            if name[:at] in self.archive:
                yield self.archive[name[:at]], name[at + 1 :]
            at = name.rfind("#", 0, at)

    def close(self) -> None:
        """Close the archive, if it was opened here."""
        if self._own:
            self.archive.close()
