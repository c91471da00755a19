"""First words: how many of the first whole words that models write stand in their corpus, without a prompt and after short
ones, with and without primers, against the words that come later; and how many lines of a list of names begin with a capital.

After a prompt, the later words that count are those in the same place: after the same word, or with the same first letter.

A hybrid is trained on each text, and so are an RNN and a GRU; markov and lstm are the halves of the hybrid."""

from __future__ import annotations

import argparse
import re
import string
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from report import data_file, header, table

from seqgen.api import Model, train
from seqgen.decode.mixture import MixtureScorer
from seqgen.decode.scorer import Scorer
from seqgen.generation import GenerateOptions, generate_text

ROOT = Path(__file__).parent.parent
LENGTH = 120
# Words that do not count as later ones: the first ones.
FIRST = 4
SMALL = {"hidden": 128, "layers": 1, "batch_size": 16, "bptt": 64, "steps": 600}
LARGE = {"hidden": 192, "layers": 1, "batch_size": 32, "bptt": 64, "steps": 1000}


class Text(NamedTuple):
    """A corpus, the prompts that are tried beside none, and how it is learnt; of one without prompts, capitals are counted."""

    name: str
    text: str
    prompts: tuple[str, ...]
    how: dict[str, int]


def texts() -> list[Text]:
    """Two sizes of English drama, made English, Korean, and a list of names."""
    shakespeare = data_file("tinyshakespeare.txt").read_text(encoding="utf-8")
    english = (ROOT / "corpora" / "english.txt").read_text(encoding="utf-8")
    korean = data_file("korean_chat.txt").read_text(encoding="utf-8")[:40_000]
    return [
        Text("42 KB of tinyshakespeare", shakespeare[:42_000], ("I ", "T"), SMALL),
        Text("tinyshakespeare", shakespeare, ("I ", "T"), LARGE),
        Text("english.txt", english, ("I ", "T"), SMALL),
        Text("100 KB of korean_chat", korean[: korean.rfind("\n") + 1], ("나 ", "사"), SMALL),
        Text("names, sorted", names(shakespeare + english), (), SMALL),
    ]


def names(text: str) -> str:
    """A list of the words that stand with a capital in the middle of a sentence, and nowhere without one."""
    small = set(re.findall(r"\b[a-z]+\b", text))
    found = set(re.findall(r"(?<=[a-z,] )[A-Z][a-z]{2,}\b", text))
    return "".join(f"{name}\n" for name in sorted(name for name in found if name.lower() not in small))


def words(text: str) -> list[str]:
    """What stands between white space, without punctuation around it."""
    return [word for found in text.split() if (word := found.strip(string.punctuation + "…“”‘’"))]


def written(model: Model, scorer: Scorer, prompt: str, primed: bool, samples: int) -> list[str]:
    """Samples, each with the part of the prompt that its first word begins with."""
    options, rng = GenerateOptions(length=LENGTH, num_samples=samples), np.random.default_rng(1)
    found = ["" if prompt.endswith(" ") else prompt] * samples
    stretches = model.stretches if primed else ()
    for piece in generate_text(scorer, model.tokenizer, prompt, options, rng, stretches=stretches):
        found[piece.sample] += piece.text
    return found


def shares(found: Sequence[str], prompt: str, known: set[str]) -> tuple[float, float]:
    """Of the first words, and of the later ones in the same place, those that are known; the last of a sample is cut off."""
    split = [words(text)[:-1] for text in found]
    first = [row[0] in known for row in split if row]
    places = [(row[i - 1], row[i]) for row in split for i in range(FIRST, len(row))]
    if prompt.endswith(" "):
        later = [word for before, word in places if before == prompt.strip()]
    else:
        later = [word for _, word in places if word.startswith(prompt)]
    return float(np.mean(first)), float(np.mean([word in known for word in later])) if later else float("nan")


def models(text: Text, folder: Path) -> list[tuple[str, Model, Scorer]]:
    """Each architecture, trained: its name, the run it is from, its scorer."""
    path = folder / "text.txt"
    path.write_text(text.text, encoding="utf-8")
    found: list[tuple[str, Model, Scorer]] = []
    for arch in ("hybrid", "rnn", "gru"):
        options: dict[str, Any] = {"arch": arch, "seed": 1, "threads": 1, **text.how}
        model = train(path, output=folder / arch, overwrite=True, **options)
        found.append((arch, model, model.scorer))
        if isinstance(model.scorer, MixtureScorer):
            found += [("markov", model, model.scorer.b), ("lstm", model, model.scorer.a)]
    return found


def rows_of(name: str, prompts: Sequence[str], model: Model, scorer: Scorer, known: set[str], samples: int) -> list[list[str]]:
    """For each prompt: without and with primers, later words, the ratio."""
    rows = []
    for prompt in prompts:
        without, _ = shares(written(model, scorer, prompt, False, samples), prompt, known)
        first, later = shares(written(model, scorer, prompt, True, samples), prompt, known)
        shown = repr(prompt) if prompt else "none"
        rows.append([name, shown, f"{without:.1%}", f"{first:.1%}", f"{later:.1%}", f"{first / later:.2f}"])
    return rows


def capitals(lines: Sequence[str]) -> str:
    """How many lines begin with a capital."""
    return f"{np.mean([line[:1].isupper() for line in lines]):.1%}"


def names_row(name: str, model: Model, scorer: Scorer, samples: int) -> list[str]:
    """How many samples begin with a capital, without and with primers, and how many of their later lines."""
    without, begun = (written(model, scorer, "", primed, samples) for primed in (False, True))
    later = [line for text in begun for line in text.split("\n")[1:-1]]
    return [name, capitals(without), capitals(begun), capitals(later)]


def start_row(name: str, model: Model, scorer: Scorer, samples: int) -> list[str]:
    """Milliseconds until the first symbol of all samples, without and with primers, the best of five."""
    row = [name, str(samples)]
    for stretches in ((), model.stretches):
        best = float("inf")
        for _ in range(5):
            begin = time.perf_counter()
            options = GenerateOptions(length=1, num_samples=samples)
            list(generate_text(scorer, model.tokenizer, "", options, np.random.default_rng(1), stretches=stretches))
            best = min(best, time.perf_counter() - begin)
        row.append(f"{1e3 * best:.1f}")
    return row


def main() -> None:
    """Train, write, count, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, default=400)
    parser.add_argument("--only", default="", help="texts whose names contain this")
    arguments = parser.parse_args()
    header(f"First words, {arguments.samples} samples")
    starts: list[list[str]] = []
    for text in texts():
        if arguments.only not in text.name:
            continue
        known, rows = set(words(text.text)), []
        print(f"{text.name}, {len(text.text):,} characters, {text.how['steps']} steps:\n")
        with tempfile.TemporaryDirectory() as folder:
            for name, model, scorer in models(text, Path(folder)):
                if not text.prompts:
                    rows.append(names_row(name, model, scorer, arguments.samples))
                    continue
                rows += rows_of(name, ("", *text.prompts), model, scorer, known, arguments.samples)
                if text.name == "tinyshakespeare" and name == "hybrid":
                    starts = [start_row(name, model, scorer, samples) for samples in (1, 64)]
        if text.prompts:
            table(["model", "prompt", "first word, no primers", "with primers", "later words", "with / later"], rows)
        else:
            table(["model", "capitals first, no primers", "with primers", "later lines"], rows)
    if starts:
        print("Milliseconds to the first symbol of tinyshakespeare's hybrid:\n")
        table(["model", "samples", "no primers", "with primers"], starts)


if __name__ == "__main__":
    main()
