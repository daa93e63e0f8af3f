"""Sequence collections of GA4GH refget: a sample by names, lengths and digests of its sequences."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from hashlib import sha512
from itertools import islice

from .errors import ParameterError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from hashlib import _Hash as _Hasher

    from .sample import Sample

    #: The arrays of a collection.
    Arrays = dict[str, list[str] | list[int]]

#: What the digest of a collection follows from. Lengths follow from the sequences.
_INHERENT = ("names", "sequences")

#: Elements of an array that are hashed together.
_TOGETHER = 1024


def collection(sample: Sample, level: int) -> str | dict[str, str] | Arrays:
    """Return a sample at a level; see `Sample.seqcol`."""
    if level not in (0, 1, 2):
        raise ParameterError(f"level is {level!r}; it must be 0, 1 or 2")
    if level == 2:
        return arrays(sample)
    found = {name: _digest_array(elements) for name, elements in _elements(sample).items()}
    return found if level == 1 else top(found)


def arrays(sample: Sample) -> Arrays:
    """Return level 2: the arrays themselves."""
    contigs = tuple(sample)
    return {
        "lengths": [len(contig) for contig in contigs],
        "names": [contig.name for contig in contigs],
        "sequences": [contig.digest for contig in contigs],
    }


def top(digests: dict[str, str]) -> str:
    """Return level 0, the digest of the collection, from level 1."""
    return _shown(sha512(_canonical({name: digests[name] for name in _INHERENT})))


def _elements(sample: Sample) -> dict[str, Iterator[str] | Iterator[int]]:
    """Return what each array has, in the order of the contigs; nothing is held of all of them."""
    return {
        "lengths": (len(contig) for contig in sample),
        "names": (contig.name for contig in sample),
        "sequences": (contig.digest for contig in sample),
    }


def _digest_array(elements: Iterable[object]) -> str:
    """Return the digest of an array, of which a part is in memory at a time."""
    hasher, elements, mark = sha512(b"["), iter(elements), b""
    while part := list(islice(elements, _TOGETHER)):
        hasher.update(mark + _canonical(part)[1:-1])
        mark = b","
    hasher.update(b"]")
    return _shown(hasher)


def _canonical(value: object) -> bytes:
    # RFC 8785, for what has neither fractions nor keys beyond ASCII.
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return text.encode("utf-8", "surrogateescape")


def _shown(hasher: _Hasher) -> str:
    return urlsafe_b64encode(hasher.digest()[:24]).decode("ascii")
