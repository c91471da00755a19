"""Characters against pieces of words: bits a held-out character after the same minutes, how many characters a symbol has, and
characters a second written by one stream.

python benchmarks/tokenizers.py --minutes 5
python benchmarks/tokenizers.py --minutes 1 --file corpora/korean.txt --kinds char bpe:2000 bpe:8000
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from quality import train
from report import data_file, header, table

import seqgen

FILES = ("tinyshakespeare.txt", "korean_chat.txt")
KINDS = ("char", "bpe", "unigram")
WRITTEN = 3_000


def characters_a_second(run: Path) -> float:
    """The best of three: a model as it is opened for use, one stream."""
    model, best = seqgen.open_run(run), 0.0
    for seed in range(3):
        begin = time.perf_counter()
        text = "".join(model.generate("", length=WRITTEN, seed=seed))
        best = max(best, len(text) / (time.perf_counter() - begin))
    return best


def row_of(file: Path, kind: str, folder: Path, arguments: argparse.Namespace) -> list[object]:
    """Train once; the figures of a kind of symbol, "bpe" or, with the number of pieces, "bpe:2000"."""
    name, _, size = kind.partition(":")
    run = folder / f"{file.stem}-{name}{size}"
    options = ["--tokenizer", name, "--arch", arguments.arch] + (["--vocab-size", size] if size else [])
    # A model that only counts takes the time that it takes, and draws nothing.
    timed = ["--minutes", str(arguments.minutes), "--seed", str(arguments.seed)]
    _, config = train(file, run, options + ([] if arguments.arch == "markov" else timed))
    scores, valid = config["scores"], config["scores"]["valid"]
    parts = [f"{scores[part]['bits_per_char']:.4f}" if part in scores else "-" for part in ("network", "markov", "mix")]
    length = f"{valid['chars'] / valid['tokens']:.2f}"
    return [file.stem, kind, config["vocab_size"], length, *parts, f"{characters_a_second(run):,.0f}", config["plan"]]


def main() -> None:
    """Train each kind on each file, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--file", type=Path, action="append")
    parser.add_argument("--kinds", nargs="+", default=list(KINDS))
    parser.add_argument("--arch", default="hybrid")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    timed = "" if arguments.arch == "markov" else f", --minutes {arguments.minutes:g}"
    header(f"Characters and pieces: --arch {arguments.arch}{timed}")
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for file in arguments.file or [data_file(name) for name in FILES]:
            for kind in arguments.kinds:
                rows.append(row_of(file, kind, Path(folder), arguments))
                print(rows[-1], file=sys.stderr, flush=True)
    columns = ["text", "symbols", "vocabulary", "characters a symbol", "network", "counting", "mix", "characters/s", "plan"]
    table(columns, rows)


if __name__ == "__main__":
    main()
