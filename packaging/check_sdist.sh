#!/usr/bin/env bash
# Makes the source distribution in a folder, builds a wheel from nothing but it, and tries that in an empty environment.
set -euo pipefail
cd "$(dirname "$0")/.."
out=${1:-dist}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

python=$(command -v "${PYTHON:-python3}")
rm -f "$out"/panarc-*.tar.gz
"$python" packaging/licences.py
maturin sdist --out "$out"
tar -xzf "$out"/panarc-*.tar.gz -C "$work"
(
    cd "$work"/panarc-*
    # The lock file also names what the crates that are left out need; cargo drops that, and must change nothing else.
    pinned() { awk '/^name = /{name = $3} /^version = /{print name, $3}' "$1" | sort; }
    pinned Cargo.lock > "$work/before"
    maturin build --quiet --release --out "$work/dist"
    if added=$(pinned Cargo.lock | comm -13 "$work/before" - | grep .); then
        echo "versions that are not in Cargo.lock: $added" >&2
        exit 1
    fi
)
"$python" -m venv "$work/empty"
"$work/empty/bin/python" -m pip install --quiet --no-index --no-deps "$work"/dist/*.whl
(cd "$work" && empty/bin/python -m panarc --version && empty/bin/python "$OLDPWD/examples/demo.py" --invent --out demo)
