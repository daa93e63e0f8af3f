"""Sequence collections of GA4GH refget: a sample by names, lengths and digests of its sequences."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from hashlib import sha512

from .errors import ParameterError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .sample import Sample

    #: The arrays of a collection.
    Arrays = dict[str, list[str] | list[int]]

#: What the digest of a collection follows from. Lengths follow from the sequences.
_INHERENT = ("names", "sequences")


def collection(sample: Sample, level: int) -> str | dict[str, str] | Arrays:
    """Return a sample at a level; see `Sample.seqcol`."""
    if level not in (0, 1, 2):
        raise ParameterError(f"level is {level!r}; it must be 0, 1 or 2")
    whole = arrays(sample)
    if level == 2:
        return whole
    return top(whole) if level == 0 else digests(whole)


def arrays(sample: Sample) -> Arrays:
    """Return level 2: the arrays themselves."""
    contigs = tuple(sample)
    return {
        "lengths": [len(contig) for contig in contigs],
        "names": [contig.name for contig in contigs],
        "sequences": [contig.digest for contig in contigs],
    }


def digests(whole: Arrays) -> dict[str, str]:
    """Return level 1: a digest of each array."""
    return {name: _digest(array) for name, array in whole.items()}


def top(whole: Arrays) -> str:
    """Return level 0: the digest of the collection."""
    return _digest({name: _digest(whole[name]) for name in _INHERENT})


def _digest(value: object) -> str:
    # RFC 8785, for what has neither fractions nor keys beyond ASCII.
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    digest = sha512(text.encode("utf-8", "surrogateescape")).digest()
    return urlsafe_b64encode(digest[:24]).decode("ascii")
