"""How many processors this process may use, and telling the libraries before they are loaded.

A container sees all of its host's processors but may use only a share of them; libraries that start one thread for each
run many times slower there.
"""

from __future__ import annotations

import math
import os
from pathlib import Path

_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")

# What the user has set, read before anything here sets it for the libraries.
_ASKED = os.environ.get(_VARIABLES[0])

# How often an OpenMP thread checks whether the others are done before it sleeps. By default it spins for milliseconds,
# which on a busy machine keeps the very thread that it waits for from running.
_SPINS = 2_000


def available_cpus(cgroup: Path = Path("/sys/fs/cgroup")) -> int:
    """Processors of this process: those it is allowed to run on, and no more than its control group's quota."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quota = _quota(cgroup)
    return max(1, min(allowed, math.ceil(quota) if quota else allowed))


def default_threads(asked: str | None = _ASKED) -> int:
    """Threads where no option gives a number: OMP_NUM_THREADS, but never more than there are processors."""
    first = (asked or "").split(",")[0].strip()  # "4,2" is for threads that start threads
    most = available_cpus()
    return min(int(first), most) if first.isascii() and first.isdigit() and int(first) > 0 else most


def limit_threads(count: int) -> None:
    """Let BLAS and OpenMP use `count` threads. They read it when loaded: call this before numpy or torch is imported."""
    for variable in _VARIABLES:
        os.environ[variable] = str(count)
    os.environ.setdefault("GOMP_SPINCOUNT", str(_SPINS))


def _quota(cgroup: Path) -> float | None:
    """Processors that the control group grants, None where it sets no limit; version 2 first, then version 1."""
    try:
        quota, period = (cgroup / "cpu.max").read_text(encoding="ascii").split()
        return None if quota == "max" else int(quota) / int(period)
    except (OSError, ValueError):
        pass
    try:
        microseconds = int((cgroup / "cpu/cpu.cfs_quota_us").read_text(encoding="ascii"))
        period_us = int((cgroup / "cpu/cpu.cfs_period_us").read_text(encoding="ascii"))
        return microseconds / period_us if microseconds > 0 else None
    except (OSError, ValueError):
        return None
