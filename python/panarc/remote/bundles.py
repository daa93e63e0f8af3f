"""Which ranges one request asks for."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .multipart import Part

    Range = tuple[int, int]

#: Ranges of one request: some servers refuse more.
MOST_RANGES = 16

#: Bytes of one request for several ranges. More come sooner by several connections.
MOST_BYTES = 256 << 10

#: Headers by which object stores are known. Asked for several ranges, these give the whole file, or one range.
_OF_STORES = ("x-amz-", "x-goog-", "x-guploader-", "x-ms-", "x-oss-", "x-obs-")


def bundled(ranges: list[Range]) -> list[list[Range]]:
    """Return ranges in bundles, in order, each small enough for one request unless it is a range by itself."""
    bundles: list[list[Range]] = []
    room = 0
    for start, end in ranges:
        length = end - start
        if not bundles or length > room or len(bundles[-1]) == MOST_RANGES:
            bundles.append([])
            room = MOST_BYTES
        bundles[-1].append((start, end))
        room -= length
    return bundles


def header(ranges: list[Range]) -> str:
    """Return the header ``Range`` that asks for ranges, 0-based and half-open."""
    return "bytes=" + ",".join(f"{start}-{end - 1}" for start, end in ranges)


def covered(ranges: list[Range], parts: list[Part]) -> dict[Range, bytes]:
    """Return those ranges that came, each in one of the parts."""
    found = {}
    for start, end in ranges:
        for part in parts:
            if part.start <= start and end <= part.end:
                found[start, end] = part.body[start - part.start : end - part.start]
                break
    return found


def of_store(headers: Iterable[str] | Mapping[str, str]) -> bool:
    """Whether an answer with these headers comes from an object store."""
    return any(name.lower().startswith(_OF_STORES) for name in headers)
