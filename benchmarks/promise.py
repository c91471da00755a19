"""Is `train --minutes M` kept on short and long texts, idle and with both processors busy? And what memory does a text take?

The texts are tinyshakespeare's paragraphs, shuffled and repeated to so many megabytes, with one emoji in the first.

python benchmarks/promise.py
python benchmarks/promise.py --minutes 5 --megabytes 12 --load busy
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from report import data_file, header, table

BUSY_PROCESSES = 2
MEGABYTE = 1_000_000


def write_text(path: Path, megabytes: int) -> None:
    """So many megabytes of shuffled paragraphs, one character an emoji: as text it takes four bytes a character."""
    paragraphs = data_file("tinyshakespeare.txt").read_text(encoding="utf-8").split("\n\n")
    rng, left = random.Random(0), megabytes * MEGABYTE
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write("\U0001f600\n")
        while left > 0:
            rng.shuffle(paragraphs)
            text = ("\n\n".join(paragraphs) + "\n\n")[:left]
            file.write(text)
            left -= len(text)


@contextmanager
def load(kind: str) -> Iterator[None]:
    """Inside the block two processes compute without end, where the machine is to be busy."""
    count = BUSY_PROCESSES if kind == "busy" else 0
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield
    finally:
        for process in busy:
            process.kill()
            process.wait()


def peak_memory(process: int) -> float:
    """The most memory that a running process has had, in MB; 0 where the system does not say (it is not Linux), or it has
    ended. The figure that the system keeps of ended children is no less than what their parent had when it began them."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return 0.0
    found = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(found[0]) / 1e3 if found else 0.0


def train(file: Path, folder: Path, options: list[str]) -> tuple[float, float, dict[str, Any]]:
    """Seconds from process start to exit, the most memory it had in MB, and the run's config.json."""
    command = [sys.executable, "-m", "seqgen", "train", str(file), "-o", str(folder), "--quiet", *options]
    begin, most = time.perf_counter(), 0.0
    process = subprocess.Popen(command)
    while process.returncode is None:
        most = max(most, peak_memory(process.pid))
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.2)
    seconds = time.perf_counter() - begin
    if process.returncode:
        sys.exit(f"{' '.join(command)}: exit code {process.returncode}")
    return seconds, most, json.loads((folder / "config.json").read_text(encoding="utf-8"))


def row_of(megabytes: int, kind: str, minutes: float, seconds: float, memory: float, config: dict[str, Any]) -> list[str]:
    """One row of the table."""
    phases, scores = config["seconds"], config["scores"]
    # Reading a large file is counted apart: no training can be faster than that.
    share = phases.get("training", 0.0) / max(1e-9, seconds - phases.get("reading", 0.0))
    state = next(part for part in scores["signature"].split("|") if part.startswith("state:"))
    rest = sorted(phases.items(), key=lambda item: -item[1])
    spent = ", ".join(f"{name} {value:.1f}" for name, value in rest if value >= 0.5 and name != "training")
    return [f"{megabytes}", kind, f"{minutes:g}", f"{seconds:.1f}", f"{seconds / minutes / 60 - 1:+.1%}", f"{share:.0%}",
            f"{config['step']:,}", f"{memory:,.0f}", f"{scores['valid']['nats_per_char']:.4f}", state, spent]  # fmt: skip


def main() -> None:
    """Train on each size, idle and busy; print where each landed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=1)
    parser.add_argument("--megabytes", type=int, nargs="+", default=[1, 12, 100])
    parser.add_argument("--load", choices=["idle", "busy", "both"], default="both")
    parser.add_argument("--arch", default="hybrid")
    arguments = parser.parse_args()
    header(f"The promise: --minutes {arguments.minutes:g}, --arch {arguments.arch}, {os.cpu_count()} processors")
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for megabytes in arguments.megabytes:
            file = Path(folder) / f"{megabytes}.txt"
            write_text(file, megabytes)
            for kind in ("idle", "busy") if arguments.load == "both" else (arguments.load,):
                with load(kind):
                    options = ["--minutes", str(arguments.minutes), "--arch", arguments.arch]
                    found = train(file, Path(folder) / f"{megabytes}-{kind}", options)
                rows.append(row_of(megabytes, kind, arguments.minutes, *found))
                print(" | ".join(rows[-1]), file=sys.stderr)
            file.unlink()
    table(["MB", "machine", "minutes", "seconds", "off by", "training, without reading", "steps", "MB of memory at most",
           "nats a character", "scored", "the rest, seconds"], rows)  # fmt: skip


if __name__ == "__main__":
    main()
