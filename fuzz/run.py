"""Fuzzes all targets, one after another: `run.py SECONDS [TARGET…]`; see docs/fuzzing.md.

Needs a nightly toolchain, and gets cargo-fuzz where it is not installed. What was found lies in fuzz/artifacts; the
corpus grows in fuzz/corpus.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

FUZZ = Path(__file__).resolve().parent
#: Where cargo-fuzz goes if it is not installed.
TOOLS = FUZZ / "target" / "tools"
#: Longest input of a target; 4,096 bytes for the others.
LONGEST = {"container": 70_000, "archive": 70_000, "streams": 200_000, "append": 200_000, "pack": 30_000}
#: How many shares of the time a target gets; one for the others.
SHARES = {"archive": 3, "streams": 3, "append": 2, "delta": 2, "collection": 2, "fasta": 2}
#: Seconds for one input, megabytes that the process may have, megabytes that may be asked for at once.
LIMITS = ["-timeout=20", "-rss_limit_mb=2048", "-malloc_limit_mb=1024"]
HOST = re.findall(r"host: (\S+)", subprocess.run(["rustc", "-vV"], capture_output=True, text=True).stdout)[0]
TARGETS = re.findall(r'^name = "(\w+)"$', (FUZZ / "Cargo.toml").read_text(), re.MULTILINE)


def fuzz(target: str, seconds: float) -> tuple[int, str, str, int]:
    """Inputs tried, edges covered and inputs kept as libFuzzer tells, and what was found."""
    artifacts = FUZZ / "artifacts" / target
    artifacts.mkdir(parents=True, exist_ok=True)
    before = set(artifacts.glob("*"))
    deadline = time.monotonic() + seconds
    tried, covered, kept = 0, "?", "?"
    while (left := int(deadline - time.monotonic())) > 0:
        options = [
            f"-artifact_prefix={artifacts}/",
            f"-max_total_time={left}",
            f"-max_len={LONGEST.get(target, 4096)}",
            "-print_final_stats=1",
            *LIMITS,
        ]
        # Not by cargo, which would take up what has changed meanwhile.
        command = [str(FUZZ / "target" / HOST / "release" / target), str(FUZZ / "corpus" / target), *options]
        done = subprocess.run(command, stderr=subprocess.PIPE, text=True, errors="replace")
        (FUZZ / "artifacts" / f"{target}.log").write_text(done.stderr[-200_000:])
        tried += sum(map(int, re.findall(r"stat::number_of_executed_units:\s*(\d+)", done.stderr)))
        if told := re.findall(r"cov: (\d+) ft: \d+ corp: (\d+)/", done.stderr):
            covered, kept = told[-1]
        # After a case was found, go on: there may be others behind it.
        if done.returncode != 0 and len(set(artifacts.glob("*")) - before) == 0:
            sys.exit(f"{target} did not run:\n{done.stderr[-3000:]}")
        if len(set(artifacts.glob("*")) - before) >= 5:
            break
    return tried, covered, kept, len(set(artifacts.glob("*")) - before)


def main() -> None:
    seconds, chosen = float(sys.argv[1]), sys.argv[2:] or TARGETS
    seeds = ["cargo", "run", "--quiet", "--manifest-path", str(FUZZ / "Cargo.toml"), "--bin", "seeds"]
    subprocess.run([*seeds, str(FUZZ / "corpus")], check=True)
    environment = os.environ | {"PATH": f"{TOOLS / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    if shutil.which("cargo-fuzz", path=environment["PATH"]) is None:
        subprocess.run(["cargo", "install", "--quiet", "--locked", "--root", str(TOOLS), "cargo-fuzz"], check=True)
    # Optimised, with assertions and AddressSanitizer.
    build = ["cargo", "+nightly", "fuzz", "build", "--features", "libfuzzer", "-O", "-a", "--target", HOST]
    subprocess.run(build, cwd=FUZZ.parent, env=environment, check=True)
    share = seconds / sum(SHARES.get(target, 1) for target in chosen)
    found = 0
    print(f"{'target':12} {'seconds':>8} {'inputs':>12} {'edges':>8} {'corpus':>8} {'found':>6}", flush=True)
    for target in chosen:
        began = time.monotonic()
        tried, covered, kept, cases = fuzz(target, share * SHARES.get(target, 1))
        taken = time.monotonic() - began
        print(f"{target:12} {taken:8.0f} {tried:12} {covered:>8} {kept:>8} {cases:6}", flush=True)
        found += cases
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
