"""Containers taken apart and put together again, for archives that no program would write."""

from __future__ import annotations

from pathlib import Path

Streams = dict[str, list[tuple[int, bytes]]]
"""Metadata and payload of each part, by the name of the stream."""


def read_streams(path: Path) -> Streams:
    data = path.read_bytes()
    at = len(data) - 8 - int.from_bytes(data[-8:], "little")

    def integer() -> int:
        nonlocal at
        start, at = at + 1, at + 1 + data[at]
        return int.from_bytes(data[start:at], "big")

    streams: Streams = {}
    places: dict[str, list[tuple[int, int]]] = {}
    for _ in range(integer()):
        end = data.index(0, at)
        name, at = data[at:end].decode(), end + 1
        count, _ = integer(), integer()
        places[name] = [(integer(), integer()) for _ in range(count)]
    for name, parts in places.items():
        streams[name] = []
        for at, size in parts:
            metadata = integer()
            streams[name].append((metadata, data[at : at + size]))
    return streams


def write_streams(path: Path, streams: Streams) -> None:
    out = bytearray()
    footer = bytearray(_integer(len(streams)))
    for name, parts in streams.items():
        footer += name.encode() + b"\0" + _integer(len(parts)) + _integer(0)
        for metadata, payload in parts:
            footer += _integer(len(out)) + _integer(len(payload))
            out += _integer(metadata) + payload
    path.write_bytes(out + footer + len(footer).to_bytes(8, "little"))


def changed(streams: Streams, folder: Path) -> Path:
    write_streams(folder / "changed.agc", streams)
    return folder / "changed.agc"


def flip(streams: Streams, name: str, part: int, at: int = -3) -> None:
    """Change one bit of a part."""
    metadata, payload = streams[name][part]
    damaged = bytearray(payload)
    damaged[at] ^= 1
    streams[name][part] = metadata, bytes(damaged)


def _integer(value: int) -> bytes:
    digits = value.to_bytes((value.bit_length() + 7) // 8, "big")
    return bytes([len(digits)]) + digits
