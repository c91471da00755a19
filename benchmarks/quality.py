"""Held-out loss after so many minutes of training: each budget with several seeds, the median, and whether it landed.

python benchmarks/quality.py --minutes 2 --seeds 3
python benchmarks/quality.py --minutes 5 --seeds 3 --file corpora/english.txt
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from report import data_file, header, table


def train(file: Path, folder: Path, options: list[str]) -> tuple[float, dict]:
    """Seconds from process start to exit, and the run's config.json."""
    command = [sys.executable, "-m", "seqgen", "train", str(file), "-o", str(folder), "--quiet", *options]
    begin = time.perf_counter()
    subprocess.run(command, check=True)
    return time.perf_counter() - begin, json.loads((folder / "config.json").read_text(encoding="utf-8"))


def main() -> None:
    """Train, collect, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--file", type=Path)
    parser.add_argument("--arch", default="hybrid")
    arguments = parser.parse_args()
    file = arguments.file or data_file("tinyshakespeare.txt")
    header(f"Quality: {file.name}, --arch {arguments.arch}, --minutes {arguments.minutes:g}, {arguments.seeds} seeds")
    rows, parts = [], {}
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(1, arguments.seeds + 1):
            options = ["--seed", str(seed), "--arch", arguments.arch]
            options += [] if arguments.arch == "markov" else ["--minutes", str(arguments.minutes)]
            seconds, config = train(file, Path(folder) / str(seed), options)
            scores = {name: found["nats_per_char"] for name, found in config["scores"].items() if name != "signature"}
            for name, value in scores.items():
                parts.setdefault(name, []).append(value)
            steps = config["seconds"].get("training", 0.0)
            shown = ", ".join(f"{name} {value:.4f}" for name, value in scores.items())
            rows.append([seed, shown, f"{seconds:.1f}", f"{1 - steps / seconds:.1%}", config["plan"]])
            print(f"seed {seed}: {shown}, {seconds:.1f} s", file=sys.stderr)
    table(["seed", "nats a character, exact", "seconds in all", "not training steps", "plan"], rows)
    table(["part", "median nats a character"], [[name, f"{statistics.median(v):.4f}"] for name, v in parts.items()])


if __name__ == "__main__":
    main()
