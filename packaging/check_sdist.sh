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
maturin sdist --quiet --out "$out"
tar -xzf "$out"/panarc-*.tar.gz -C "$work"
(cd "$work"/panarc-* && maturin build --quiet --release --locked --out "$work/dist")
"$python" -m venv "$work/empty"
"$work/empty/bin/python" -m pip install --quiet --no-index --no-deps "$work"/dist/*.whl
(cd "$work" && empty/bin/python -m panarc --version && empty/bin/python "$OLDPWD/examples/demo.py" --invent --out demo)
