"""Processors."""

from __future__ import annotations

import os


def available_cpus() -> int:
    """Return how many processors this process may use; fewer than the machine has under taskset or in a batch job."""
    if hasattr(os, "process_cpu_count"):
        return int(os.process_cpu_count() or 1)
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
