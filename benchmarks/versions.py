"""This checkout against another one, command by command, in turns: what has become slower, or faster, or other.

    git worktree add /tmp/before v0.3.0
    python benchmarks/versions.py /tmp/before

Each command is a process of its own over the committed tiny runs of the other checkout: all versions read older runs. A
round runs both checkouts one after the other, and they take turns at being first; a figure is the median over the rounds of
the ratio of their times.
Trainings are compared by the time that a step takes, and by the score that the same number of steps reaches.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from report import header, table

ROOT = Path(__file__).parent.parent


def commands(folder: Path, runs: Path) -> dict[str, list[str]]:
    """What is timed: a name, and the arguments behind `seqgen`; `runs` are the committed ones that both versions read."""
    text_run, pair_run = runs / "tiny-english", runs / "tiny-english-french"
    text, pairs = folder / "text.txt", folder / "lines.txt"
    text.write_text((ROOT / "corpora/english.txt").read_text(encoding="utf-8")[:60_000], encoding="utf-8")
    lines = (ROOT / "corpora/english-french.train.tsv").read_text(encoding="utf-8").split("\n")[:1_000]
    pairs.write_text("".join(line.split("\t")[0] + "\n" for line in lines), encoding="utf-8")
    generate = ["generate", "-m", str(text_run), "--seed", "1", "-q", "-p", "The"]
    translate = ["translate", "-m", str(pair_run), "-q", "--threads", "1"]
    return {
        "--help": ["--help"],
        "train --help": ["train", "--help"],
        "generate, 1 symbol": [*generate, "-n", "1"],
        "generate, 20,000 symbols": [*generate, "-n", "20000"],
        "generate, with a penalty": [*generate, "-n", "5000", "--repetition-penalty", "1.2"],
        "generate, 64 samples": [*generate, "-n", "500", "--num-samples", "64"],
        "evaluate, 60,000 symbols": ["evaluate", "-m", str(text_run), "-q", str(text)],
        "translate, 1,000 lines, int8": [*translate, "--precision", "int8", str(pairs)],
        "translate, 1,000 lines, float32": [*translate, "--precision", "float32", str(pairs)],
        "translate, greedy": [*translate, "-b", "1", str(pairs)],
        "explain surprise": ["explain", "surprise", "-m", str(text_run), "-q", "-p", "The old sailor"],
    }


def taken(checkout: Path, arguments: Sequence[str]) -> tuple[float, float]:
    """Wall-clock and processor seconds of one process."""
    before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    # As it is installed: the first round writes the bytecode, which some environments forbid.
    env = {**os.environ, "PYTHONPATH": str(checkout), "PYTHONDONTWRITEBYTECODE": ""}
    subprocess.run(
        [sys.executable, "-m", "seqgen", *arguments], env=env, check=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, cwd=tempfile.gettempdir(),
    )  # fmt: skip
    wall, after = time.perf_counter() - begin, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def compared(other: Path, arguments: Sequence[str], rounds: int) -> list[str]:
    """Median seconds here, and the median ratios of here to there."""
    here, walls, cpus = [], [], []
    for number in range(-1, rounds):
        order = (ROOT, other) if number % 2 else (other, ROOT)
        found = {checkout: taken(checkout, arguments) for checkout in order}
        if number >= 0:  # the first round fills caches
            here.append(found[ROOT][0])
            walls.append(found[ROOT][0] / found[other][0])
            cpus.append(found[ROOT][1] / found[other][1])
    return [f"{statistics.median(here):.3f}", *(f"{statistics.median(ratios):.3f}" for ratios in (walls, cpus))]


def trained(checkout: Path, folder: Path, arguments: Sequence[str]) -> tuple[float, float]:
    """Steps a second of the training itself, and the score that was reached: bits a character, or nats a token."""
    run = folder / "run"
    subprocess.run(["rm", "-rf", str(run)], check=True)
    taken(checkout, ["train", *arguments, "-o", str(run), "-q"])
    content = json.loads((run / "config.json").read_text(encoding="utf-8"))
    valid = content["scores"]["valid"]
    return content["step"] / content["seconds"]["training"], valid.get("bits_per_char", valid.get("nats_per_token"))


def trainings(other: Path, folder: Path, rounds: int) -> list[list[str]]:
    """The same steps by both, in turns."""
    text = ["--arch", "lstm", "--hidden", "256", "--steps", "150", "--precision", "fp32", "--threads", "1"]
    pairs = ["--layers", "1", "--hidden", "64", "--ffn", "128", "--steps", "100", "--max-tokens", "1000", "--precision", "fp32",
             "--threads", "1", "--vocab-size", "1000", "--valid-frac", "0.01"]  # fmt: skip
    rows = []
    for name, arguments in (
        ("train, LSTM of 256", [str(ROOT / "corpora/english.txt"), *text]),
        ("train, Transformer", [str(ROOT / "corpora/english-french.train.tsv"), *pairs]),
    ):
        found = []
        for number in range(rounds):
            order = (ROOT, other) if number % 2 else (other, ROOT)
            speeds = {checkout: trained(checkout, folder, arguments) for checkout in order}
            found.append((speeds[other][0] / speeds[ROOT][0], speeds[ROOT][1], speeds[other][1]))
        ratio = statistics.median(row[0] for row in found)
        rows.append([name, f"{ratio:.3f}", f"{found[0][1]:.4f}", f"{found[0][2]:.4f}"])
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("other", type=Path, help="The other checkout.")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--only", help="Commands whose name has this in it; `train` for the trainings.")
    arguments = parser.parse_args()
    other = arguments.other.resolve()
    header("This version against another, in turns")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        chosen = {key: value for key, value in commands(folder, other / "checkpoints").items() if (arguments.only or "") in key}
        rows = [[key, *compared(other, words, arguments.rounds)] for key, words in chosen.items()]
        table(["command", "seconds here", "wall, here / there", "processor, here / there"], rows)
        if (arguments.only or "train,") in "train, LSTM Transformer":
            rounds = max(3, arguments.rounds // 3)
            table(["training", "time a step, here / there", "score here", "score there"], trainings(other, folder, rounds))


if __name__ == "__main__":
    main()
