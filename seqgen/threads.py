"""How many processors this process may use, and telling the libraries: before they are loaded, or while they run.

A container sees all of its host's processors but may use only a share of them; libraries that start one thread for each
run many times slower there.
"""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")

# What the user has set, read before anything here sets it for the libraries.
_ASKED = os.environ.get(_VARIABLES[0])

# How often an OpenMP thread checks whether the others are done before it sleeps. By default it spins for milliseconds,
# which on a busy machine keeps the very thread that it waits for from running.
_SPINS = 2_000

# How OpenBLAS calls its functions, by the way it was built.
_OPENBLAS = (
    "scipy_openblas_{}_num_threads64_",
    "scipy_openblas_{}_num_threads",
    "openblas_{}_num_threads64_",
    "openblas_{}_num_threads",
)


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


def use_threads(count: int) -> None:
    """From now on torch, where it is loaded, trains with `count` threads, and NumPy computes with one: its engines' products
    are small, and threads that spin while they wait for each other take the processors from torch's."""
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.set_num_threads(count)
    _set_blas(1)


@contextmanager
def blas_threads(count: int) -> Iterator[None]:
    """Inside the block NumPy's products use `count` threads, where its library can be told so."""
    before = _set_blas(count)
    try:
        yield
    finally:
        _set_blas(before)


def _set_blas(count: int | None) -> int | None:
    """Set the threads of NumPy's BLAS; those before, None where they are not known."""
    found = _blas() if "numpy" in sys.modules and count is not None else None
    if found is None or count is None:
        return None
    before = found[0]()
    if before != count:
        found[1](count)
    return before


@cache
def _blas() -> tuple[Callable[[], int], Callable[[int], None]] | None:
    """The functions that get and set the threads of NumPy's BLAS, None where they are not found (as on macOS, whose own
    library decides for itself). NumPy's wheels bring OpenBLAS in a folder beside or inside the package."""
    import ctypes  # here: no usage error has to wait for it

    package = Path(sys.modules["numpy"].__file__ or ".").parent
    for folder in (package.parent / "numpy.libs", package / ".dylibs"):
        for file in sorted(folder.glob("*openblas*")):
            try:
                library = ctypes.CDLL(str(file))  # loaded already: this is the same one
            except OSError:
                continue
            for name in _OPENBLAS:
                if hasattr(library, name.format("set")):
                    get, set_ = getattr(library, name.format("get")), getattr(library, name.format("set"))
                    get.restype, set_.restype, set_.argtypes = ctypes.c_int, None, [ctypes.c_int]
                    return get, set_
    return None


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
