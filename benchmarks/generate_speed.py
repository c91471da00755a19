"""Generation speed: the NumPy engine against a torch nn.LSTM loop of the same weights, and the default hybrid.

Each is measured in a process of its own, in turns, because the number of threads of NumPy's BLAS is fixed at its import.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from report import data_file, header, table

LOOP = """
import sys, time, torch
hidden, embedding, vocab, threads, length = map(int, sys.argv[1:6])
torch.set_num_threads(threads)
torch.manual_seed(0)
table, lstm, output = torch.nn.Embedding(vocab, embedding), torch.nn.LSTM(embedding, hidden), torch.nn.Linear(hidden, vocab)
with torch.inference_mode():
    def run(n, last=torch.tensor([[4]]), state=None):
        for _ in range(n):
            h, state = lstm(table(last), state)
            last = torch.multinomial(torch.softmax(output(h[0]), -1), 1)
            last.item()
    run(200)
    begin = time.perf_counter(); run(length); print(length / (time.perf_counter() - begin))
"""

SEQGEN = """
import sys, time, numpy as np
from pathlib import Path
from seqgen.threads import limit_threads
run_path, samples, threads, length = sys.argv[1], *map(int, sys.argv[2:5])
limit_threads(threads)
from seqgen.run import Run
from seqgen.opening import enough_threads, open_scorer
from seqgen.generation import GenerateOptions, generate_text
run = Run(Path(run_path)); scorer = open_scorer(run); tokenizer = run.tokenizer()
def go(n):
    options = GenerateOptions(length=n, num_samples=samples, seed=1)
    return sum(1 for piece in generate_text(scorer, tokenizer, "", options, np.random.default_rng(1)) if piece.id is not None)
with enough_threads(run, samples):
    go(200)
    begin = time.perf_counter(); count = go(length); print(count / (time.perf_counter() - begin))
assert "torch" not in sys.modules
"""


def measure(code: str, *arguments: object) -> float:
    """The figure that a script prints."""
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True, env=os.environ).stdout)


def train(folder: Path, arch: str, *options: str) -> Path:
    """A short run: speed does not depend on how good a model is, but counting needs the whole text."""
    path = folder / f"{arch}{'-'.join(options)}"
    command = [sys.executable, "-m", "seqgen", "train", str(data_file("tinyshakespeare.txt")), "-o", str(path), "--quiet",
               "--arch", arch, *options]  # fmt: skip
    subprocess.run(command, check=True)
    return path


def main() -> None:
    """Measure in turns, print medians and ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--run", type=Path, help="a hybrid run to measure; else one of the default's shape is made")
    parser.add_argument("--hidden", type=int, default=512, help="what five minutes plan on the machine of RESULTS.md")
    arguments = parser.parse_args()
    header("Generation speed")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lstm = train(folder, "lstm", "--hidden", "512", "--steps", "20")
        hybrid = arguments.run or train(folder, "hybrid", "--hidden", str(arguments.hidden), "--steps", "20")
        shape = json.loads((hybrid / "config.json").read_text(encoding="utf-8"))
        settings = json.loads((lstm / "config.json").read_text(encoding="utf-8"))
        width, vocab = settings["settings"]["embedding"]["value"], settings["vocab_size"]
        cases = {
            "torch nn.LSTM loop 1 x 512, 1 thread": (LOOP, 512, width, vocab, 1, 3000),
            "torch nn.LSTM loop 1 x 512, 2 threads": (LOOP, 512, width, vocab, 2, 3000),
            "seqgen LSTM 1 x 512, one stream": (SEQGEN, lstm, 1, 2, 20000),
            "seqgen LSTM 1 x 512, 64 samples": (SEQGEN, lstm, 64, 2, 2000),
            "seqgen default hybrid, one stream": (SEQGEN, hybrid, 1, 2, 20000),
            "seqgen default hybrid, 64 samples": (SEQGEN, hybrid, 64, 2, 2000),
        }
        rates: dict[str, list[float]] = {case: [] for case in cases}
        for _ in range(arguments.rounds):
            for case, call in cases.items():
                rates[case].append(measure(*call))
    found = {case: statistics.median(values) for case, values in rates.items()}
    base = max(value for case, value in found.items() if case.startswith("torch"))
    rows = [[case, f"{value:,.0f}", f"{value / base:.1f} x"] for case, value in found.items()]
    print(f"the hybrid: {shape['plan']}\n")
    table(["what", "characters/s", "against the better torch loop"], rows)


if __name__ == "__main__":
    main()
