"""Which machine a figure was taken on, and how fast it was just then: figures of two machines can be compared through it."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch


def describe() -> dict[str, str]:
    """The machine and the libraries, and all of it in one `line`."""
    info = Path("/proc/cpuinfo").read_text(encoding="utf-8") if Path("/proc/cpuinfo").exists() else ""
    model = next(
        (line.split(":")[1].strip() for line in info.split("\n") if line.startswith("model name")), platform.processor()
    )
    flags = [flag for flag in ("avx2", "avx512f", "avx512_bf16", "avx512_vnni", "amx_bf16") if f" {flag}" in info]
    facts = {
        "cpu": model,
        "cores": str(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()),
        "flags": " ".join(flags),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "torch": torch.__version__,
        "load": f"{os.getloadavg()[0]:.1f}",
    }
    return {**facts, "line": ", ".join(f"{name} {value}" for name, value in facts.items())}


def calibrate() -> dict[str, float]:
    """GFLOP/s of a matrix product of 1,024^3 in fp32 and bf16, GB/s of reading 400 MB."""
    a = torch.randn(1024, 1024)
    b = a.bfloat16()
    memory = np.ones(50_000_000)
    return {
        "fp32 GFLOP/s": 2 * 1024**3 / _seconds(lambda: a @ a) / 1e9,
        "bf16 GFLOP/s": 2 * 1024**3 / _seconds(lambda: b @ b) / 1e9,
        "memory GB/s": memory.nbytes / _seconds(lambda: memory.sum(), 3) / 1e9,
    }


def _seconds(work: Callable[[], object], repeat: int = 10) -> float:
    """The best of some repetitions."""
    best = float("inf")
    for _ in range(repeat):
        begin = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - begin)
    return best


if __name__ == "__main__":
    print(describe()["line"])
    print(", ".join(f"{name} {value:.3g}" for name, value in calibrate().items()))
