"""What --no-copy costs: the start of its index, and writing with it against without, for 1 MB and for 60 MB of kept text.

The larger text is put together from sentences of a corpus, in another order each time that all were used. A model of the
default kind is trained on each for some minutes: how often what it writes stands in the text decides what the rule costs.
Then one process writes with it and without, in turns; the ratio is the median of pairs.

    python benchmarks/copies.py --rounds 9
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from report import data_file, header, table

CODE = """
import json, sys, time, numpy as np
from pathlib import Path
from seqgen.threads import limit_threads
path, most, length, rounds = sys.argv[1], *map(int, sys.argv[2:])
limit_threads(2)
from seqgen.run import Run
from seqgen.opening import enough_threads, open_never, open_scorer, open_stretches
from seqgen.generation import GenerateOptions, generate_text
run = Run(Path(path)); scorer = open_scorer(run); tokenizer = run.tokenizer(); stretches = open_stretches(run)
begin = time.perf_counter()
never = open_never(run, most)
start = time.perf_counter() - begin
def seconds(most, seed, n):
    options = GenerateOptions(length=n, seed=seed, no_copy=most)
    rng, begin = np.random.default_rng(seed), time.perf_counter()
    pieces = generate_text(scorer, tokenizer, "", options, rng, stretches=stretches, never=never if most else None)
    count = sum(1 for piece in pieces if piece.id is not None)
    return (time.perf_counter() - begin) / count
with enough_threads(run, 1):
    seconds(0, 0, 200), seconds(most, 0, 200)
    found = [[seconds(0, seed, length), seconds(most, seed, length)] for seed in range(rounds)]
print(json.dumps([start, found]))
"""


def sixty_megabytes(size: int) -> str:
    """Sentences of both languages, shuffled again each time that all were used."""
    with gzip.open(data_file("tatoeba.eng-deu.tsv.gz"), "rt", encoding="utf-8") as file:
        sentences = file.read().replace("\t", "\n").split("\n")
    rng, parts, count = random.Random(1), [], 0
    while count < size:
        rng.shuffle(sentences)
        parts += sentences
        count += sum(map(len, sentences)) + len(sentences)
    return "\n".join(parts)[:size]


def measure(run: Path, most: int, length: int, rounds: int) -> tuple[float, list[tuple[float, float]]]:
    """Seconds until the index is there, and pairs of the seconds that a character takes without and with the rule."""
    command = [sys.executable, "-c", CODE, str(run), *map(str, (most, length, rounds))]
    start, found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return start, found


def main() -> None:
    """Train, measure in turns, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--minutes", type=float, default=4, help="of training, for each text")
    parser.add_argument("--length", type=int, default=4_000)
    parser.add_argument("--no-copy", type=int, default=20)
    parser.add_argument("--megabytes", type=int, default=60, help="of the larger text")
    arguments = parser.parse_args()
    header(f"--no-copy {arguments.no_copy}")
    rows = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        large = folder / "large.txt"
        large.write_text(sixty_megabytes(arguments.megabytes * 1_000_000), encoding="utf-8")
        for file in (data_file("tinyshakespeare.txt"), large):
            run = folder / file.stem
            command = [sys.executable, "-m", "seqgen", "train", str(file), "-o", str(run), "--quiet"]
            subprocess.run([*command, "--minutes", str(arguments.minutes)], check=True)
            start, pairs = measure(run, arguments.no_copy, arguments.length, arguments.rounds)
            without, with_it = (1 / statistics.median(pair[place] for pair in pairs) for place in (0, 1))
            more = statistics.median(pair[1] / pair[0] - 1 for pair in pairs)
            size = f"{file.stat().st_size / 1e6:.1f} MB"
            rows.append([size, f"{start:.2f}", f"{without:,.0f}", f"{with_it:,.0f}", f"{more:+.1%}"])
    table(["text", "start of the index, s", "characters/s without", "with", "time for each character"], rows)


if __name__ == "__main__":
    main()
