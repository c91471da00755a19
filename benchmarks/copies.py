"""What --no-copy costs: the start of its index, and writing with it against without, for a megabyte and for sixty of text kept.

The larger text is put together from sentences of a corpus, in another order each time that all were used. Each measurement is a
process of its own, in turns; the model is the default one, trained for a few steps: how fast it writes does not depend on what.

    python benchmarks/copies.py --rounds 3
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
path, most, length = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
limit_threads(2)
from seqgen.run import Run
from seqgen.opening import enough_threads, open_never, open_scorer, open_stretches
from seqgen.generation import GenerateOptions, generate_text
run = Run(Path(path)); scorer = open_scorer(run); tokenizer = run.tokenizer(); stretches = open_stretches(run)
begin = time.perf_counter()
never = open_never(run, most) if most else None
start = time.perf_counter() - begin
def go(n):
    options = GenerateOptions(length=n, seed=1, no_copy=most)
    pieces = generate_text(scorer, tokenizer, "", options, np.random.default_rng(1), stretches=stretches, never=never)
    return sum(1 for piece in pieces if piece.id is not None)
with enough_threads(run, 1):
    go(200)
    begin = time.perf_counter(); count = go(length); print(json.dumps([start, count / (time.perf_counter() - begin)]))
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


def measure(run: Path, most: int, length: int) -> tuple[float, float]:
    """Seconds until the index is there, and characters a second."""
    command = [sys.executable, "-c", CODE, str(run), str(most), str(length)]
    start, rate = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return start, rate


def main() -> None:
    """Train, measure in turns, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--hidden", type=int, default=512, help="what five minutes plan on the machine of RESULTS.md")
    parser.add_argument("--length", type=int, default=8_000)
    parser.add_argument("--no-copy", type=int, default=20)
    parser.add_argument("--megabytes", type=int, default=60, help="of the larger text")
    arguments = parser.parse_args()
    header(f"--no-copy {arguments.no_copy}")
    rows = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        large = folder / "large.txt"
        large.write_text(sixty_megabytes(arguments.megabytes * 1_000_000), encoding="utf-8")
        for file, steps in ((data_file("tinyshakespeare.txt"), "20"), (large, "5")):
            run = folder / file.stem
            command = [sys.executable, "-m", "seqgen", "train", str(file), "-o", str(run), "--quiet", "--arch", "hybrid"]
            subprocess.run([*command, "--hidden", str(arguments.hidden), "--steps", steps], check=True)
            found = [[measure(run, most, arguments.length) for most in (0, arguments.no_copy)] for _ in range(arguments.rounds)]
            without, with_it = (statistics.median(pair[place][1] for pair in found) for place in (0, 1))
            start = statistics.median(pair[1][0] for pair in found)
            size = f"{file.stat().st_size / 1e6:.1f} MB"
            rows.append([size, f"{start:.2f}", f"{without:,.0f}", f"{with_it:,.0f}", f"{without / with_it - 1:+.1%}"])
    table(["text", "start of the index, s", "characters/s without", "with", "time for each character"], rows)


if __name__ == "__main__":
    main()
