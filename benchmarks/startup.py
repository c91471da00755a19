"""How long a user waits: process start to the first character of `generate`, and `--help`, against importing torch."""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from report import data_file, header, table


def seconds(command: list[str], first_byte: bool) -> float:
    """From process start to the first byte on stdout, or to the end."""
    begin = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL) as process:
        assert process.stdout
        if first_byte:
            # The prompt is echoed first: what counts is the byte behind it, which the model made.
            assert process.stdout.read(len("KING") + 1)
            taken = time.perf_counter() - begin
            process.kill()
        else:
            process.stdout.read()
            process.wait()
            taken = time.perf_counter() - begin
    return taken


def main() -> None:
    """Measure in turns, print medians and ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--run", type=Path, help="a run to generate with; else a short default one is trained")
    arguments = parser.parse_args()
    header("Start-up")
    with tempfile.TemporaryDirectory() as folder:
        run = arguments.run
        if run is None:
            run = Path(folder) / "run"
            text = str(data_file("tinyshakespeare.txt"))
            subprocess.run([sys.executable, "-m", "seqgen", "train", text, "-o", str(run), "-q", "--steps", "20"], check=True)
        python = [sys.executable, "-m", "seqgen"]
        cases = {
            'python -c "import torch"': ([sys.executable, "-c", "import torch"], False),
            "seqgen generate, to the first character": (
                [*python, "generate", "-m", str(run), "-p", "KING", "-n", "400"],
                True,
            ),
            "seqgen --help": ([*python, "--help"], False),
            "python -c pass": ([sys.executable, "-c", "pass"], False),
        }
        taken: dict[str, list[float]] = {case: [] for case in cases}
        for number in range(arguments.rounds + 1):
            for case, (command, first) in cases.items():
                value = seconds(command, first)
                if number:  # the first round warms the file cache
                    taken[case].append(value)
    found = {case: statistics.median(values) for case, values in taken.items()}
    base = found['python -c "import torch"']
    rows = [[case, f"{value:.3f}", f"{min(taken[case]):.3f}", f"{value / base:.2f} x"] for case, value in found.items()]
    table(["what", "seconds, median", "least", "against importing torch"], rows)


if __name__ == "__main__":
    main()
