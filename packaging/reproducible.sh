#!/usr/bin/env bash
# Builds the wheel twice, from copies in two folders, and compares the bytes. Needs Rust, git, and maturin on the PATH.
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH

for copy in one another/folder; do
    mkdir -p "$work/$copy"
    git archive HEAD | tar -x -C "$work/$copy"
    (
        cd "$work/$copy"
        # What the compiler writes down of paths is the same wherever the folder and cargo's home are.
        export RUSTFLAGS="--remap-path-prefix=$PWD=panarc --remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}=cargo"
        python3 packaging/licences.py
        maturin build --quiet --release --locked --out dist
        sha256sum dist/*.whl | tee wheel.sha256
    )
done
cmp "$work/one/wheel.sha256" "$work/another/folder/wheel.sha256"
echo "the wheels are the same"
