"""Greedy loops: how many different lines a greedy text has under each setting that is there to end loops, how many of its words
are words of the corpus, and after how many symbols 100 different lines are written. The corpus itself stands beside it."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
from report import header, table

from seqgen.api import Model, open_run
from seqgen.generation import GenerateOptions, generate_text

ROOT = Path(__file__).parent.parent
WANTED = 100
PLACES = 20
SETTINGS: list[Mapping[str, float]] = [
    {},
    *({"repetition_penalty": penalty} for penalty in (1.05, 1.1, 1.2, 1.5)),
    *({"repetition_penalty": penalty, "repetition_window": 1024} for penalty in (1.05, 1.1, 1.2, 1.5)),
    {"repetition_penalty": 1.1, "repetition_window": 3000},
    *({"no_repeat_ngram": n} for n in (16, 32, 64)),
    *({"no_repeat_ngram": n, "repetition_penalty": 1.05, "repetition_window": 1024} for n in (32, 64)),
    {"no_repeat_ngram": 16, "repetition_penalty": 1.1, "repetition_window": 2048},
]


def written(model: Model, rules: Mapping[str, float], symbols: int) -> Iterator[str]:
    """A greedy text after a newline, piece by piece."""
    options = GenerateOptions(length=symbols, greedy=True, **rules)
    pieces = generate_text(model.scorer, model.tokenizer, "", options, np.random.default_rng(0))
    return (piece.text for piece in pieces)


def symbols_until(text: str, lines: int) -> str:
    """After how many symbols so many different lines are complete."""
    seen: set[str] = set()
    place = 0
    for line in text.split("\n")[:-1]:
        seen.add(line)
        place += len(line) + 1
        if len(seen) >= lines:
            return f"{place:,}"
    return f"not in {len(text):,}"


def row(name: str, text: str, symbols: int, known: set[str]) -> list[str]:
    """What is counted of a text; all but the last column of its first `symbols` only."""
    head = text[:symbols]
    lines, words = head.split("\n"), re.findall(r"\w+", head)
    share = sum(word in known for word in words) / max(1, len(words))
    return [name, str(len(set(lines))), str(len(lines)), f"{share:.1%}", symbols_until(text, WANTED)]


def corpus_row(corpus: str, symbols: int, most: int, known: set[str]) -> list[str]:
    """The least and the most that is counted at places all over the corpus."""
    starts = (corpus.find("\n", start) + 1 for start in range(0, len(corpus) - most, len(corpus) // PLACES))
    found = [row("", corpus[start : start + most], symbols, known)[1:] for start in starts]
    ordered = (sorted(column, key=lambda shown: (len(shown), shown)) for column in zip(*found, strict=True))
    return [f"the corpus itself, {len(found)} places", *(f"{column[0]} to {column[-1]}" for column in ordered)]


def main() -> None:
    """Write with each setting, count, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", type=Path, default=ROOT / "checkpoints" / "tiny-english")
    parser.add_argument("--corpus", type=Path, default=ROOT / "corpora" / "english.txt")
    parser.add_argument("--symbols", type=int, default=3_000)
    parser.add_argument("--most", type=int, default=10_000, help="symbols to write in search of 100 different lines")
    arguments = parser.parse_args()
    model, corpus = open_run(arguments.run), arguments.corpus.read_text(encoding="utf-8")
    known = set(re.findall(r"\w+", corpus))
    header(f"Greedy loops: {arguments.run.name}, {arguments.symbols:,} symbols")
    rows = [corpus_row(corpus, arguments.symbols, arguments.most, known)]
    for rules in SETTINGS:
        name = ", ".join(f"--{key.replace('_', '-')} {value}" for key, value in rules.items()) or "--greedy alone"
        rows.append(row(name, "".join(written(model, rules, arguments.most)), arguments.symbols, known))
    table(["setting", "different lines", "lines", "words of the corpus", f"symbols until {WANTED} different lines"], rows)


if __name__ == "__main__":
    main()
