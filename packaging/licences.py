"""Collect the licences of all crates that are part of the wheel: `licences.py [--check]`.

Writes THIRD-PARTY-LICENSES, or with --check looks whether it is what it should be. Needs cargo, which fetches the
crates.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "THIRD-PARTY-LICENSES"
PACKAGE = "panarc-py"
#: Beginnings of the names of files that hold licences.
NAMES = ("LICENSE", "LICENCE", "COPYING", "COPYRIGHT", "NOTICE", "UNLICENSE")
#: Where a crate brings sources of others along.
BUNDLED = ("zstd",)


def packages() -> list[dict[str, Any]]:
    """Return the crates that the wheel is built from, as cargo describes them, without those that only build it."""
    command = ["cargo", "metadata", "--format-version", "1", "--locked", "--features", "extension-module"]
    metadata = json.loads(
        subprocess.run(
            [*command, "--manifest-path", str(ROOT / "rust/py/Cargo.toml")], check=True, capture_output=True
        ).stdout
    )
    known = {package["id"]: package for package in metadata["packages"]}
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    waiting = [next(id for id, package in known.items() if package["name"] == PACKAGE)]
    found: set[str] = set()
    while waiting:
        one = waiting.pop()
        if one in found:
            continue
        found.add(one)
        waiting += [
            dependency["pkg"]
            for dependency in nodes[one]["deps"]
            if any(kind["kind"] is None for kind in dependency["dep_kinds"])
        ]
    others = [known[id] for id in found if known[id]["source"] is not None]
    return sorted(others, key=lambda package: (package["name"], package["version"]))


def texts(folder: Path) -> list[str]:
    """Return the licences that lie in a folder, or in one that is bundled there."""
    folders = [folder, *(folder / name for name in BUNDLED)]
    files = [path for place in folders if place.is_dir() for path in sorted(place.iterdir())]
    files = [path for path in files if path.is_file() and path.name.upper().startswith(NAMES)]
    return ["\n".join(line.rstrip() for line in path.read_text("utf-8").strip().splitlines()) for path in files]


def collected() -> str:
    """Return the file: each text once, with the crates that it is of."""
    crates: dict[str, list[str]] = {}
    listed = []
    for package in packages():
        name = f"{package['name']} {package['version']}"
        listed.append(f"* {name}: {package['license']}, {package['repository']}")
        found = texts(Path(package["manifest_path"]).parent)
        if not found:
            # The crate's own field is all that it tells.
            found = [f"Licensed under {package['license']}."]
        for text in found:
            crates.setdefault(text, []).append(name)
    parts = ["Software of others that is part of panarc's wheels, and its licences.", "\n".join(listed)]
    parts += [f"{'-' * 100}\n{', '.join(names)}\n{'-' * 100}\n\n{text}" for text, names in crates.items()]
    return "\n\n".join(parts) + "\n"


def main() -> None:
    """Write the file, or check it."""
    text = collected()
    if sys.argv[1:] != ["--check"]:
        TARGET.write_text(text, "utf-8")
    elif not TARGET.is_file() or TARGET.read_text("utf-8") != text:
        sys.exit("THIRD-PARTY-LICENSES is not up to date: run packaging/licences.py")


if __name__ == "__main__":
    main()
