"""Writes english-french.*.tsv and english-korean.*.tsv: sentences and their translations, by one grammar for three languages.

A line is an English sentence, a tab and its translation. A sentence is drawn as a tree (pairs_sampling) and put into both
languages, so that a translation is a function of the English. The held-out sentences are new ones of known words: every
word was seen five times, and no sentence of the training set comes near. Deterministic: `python make_pairs.py [FOLDER]`
writes the same files again.
"""

from __future__ import annotations

import re
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from math import exp, log
from pathlib import Path
from random import Random

import pairs_english
import pairs_french
import pairs_korean
from pairs_grammar import Sentence
from pairs_sampling import Sampler

TRAINING, HELD_OUT = 12_000, 500
SEEN, NEAREST = 5, 40.0
SEED = 1799  # the year in which a stone with one text in three scripts was found
# Where a pronoun has a gender, what `it` stands for has to be understood.
WITH_IT = ("french",)
LANGUAGES: dict[str, Callable[[Sentence], str]] = {"french": pairs_french.said, "korean": pairs_korean.said}

Pair = tuple[str, str]
Gram = tuple[str, ...]


def drawn(random: Random, translate: Callable[[Sentence], str], it: bool) -> Iterator[Pair]:
    """Pairs without end, of 4 to 20 English words, each English sentence once; `it` says whether some have that word."""
    known: dict[str, str] = {}
    sampler = Sampler(random, it)
    while True:
        sentence = sampler.sentence()
        english = pairs_english.said(sentence)
        if not 4 <= len(english.split()) <= 20:
            continue
        translation = translate(sentence)
        first = known.setdefault(english, translation)
        assert first == translation, f"two translations of {english!r}: {first!r} and {translation!r}"
        if first is translation:
            yield english, translation


def symbols(text: str) -> Iterator[str]:
    """The words that must have been seen: words as they stand, a number in one apart from the rest of it."""
    for word in text.split():
        yield re.sub(r"\d+", "0", word)
        yield from re.findall(r"\d+", word)


def tokens(text: str) -> list[str]:
    """Words and marks, as BLEU counts them (sacrebleu's 13a, as far as these sentences need it)."""
    return re.sub(r"([.,?])", r" \1 ", text).split()


def grams(words: list[str], size: int) -> list[Gram]:
    return list(zip(*(words[start:] for start in range(size)), strict=False))


def bleu(hypothesis: list[str], reference: list[str]) -> float:
    """Sentence BLEU with exponential smoothing (Papineni et al. 2002; Lin and Och 2004, as in sacrebleu)."""
    total, smooth = 0.0, 1.0
    for size in range(1, 5):
        ours, theirs = Counter(grams(hypothesis, size)), Counter(grams(reference, size))
        matches = (ours & theirs).total()
        if not matches:
            smooth *= 2
        total += log((matches or 1 / smooth) / (len(hypothesis) - size + 1))
    return 100 * exp(total / 4 + min(0.0, 1 - len(reference) / len(hypothesis)))


class Neighbours:
    """Finds whether any of many sentences is near: only those that share enough runs of three words are compared."""

    def __init__(self, texts: list[str]) -> None:
        self.texts = [tokens(text) for text in texts]
        self.index: dict[Gram, list[int]] = defaultdict(list)
        for number, words in enumerate(self.texts):
            for gram in {*grams(words, 3), *grams(words, 4)}:
                self.index[gram].append(number)

    def near(self, text: str, limit: float) -> bool:
        """Whether some sentence as a reference gives the text `limit` BLEU or more."""
        words = tokens(text)
        shared = [Counter(number for gram in grams(words, size) for number in self.index.get(gram, ())) for size in (3, 4)]
        three, four = len(words) - 2, len(words) - 3
        for number, count in shared[0].items():
            # No BLEU is above the root of these two precisions with full marks for words and pairs of words.
            if (count / three * (shared[1][number] or 0.5) / four) ** 0.25 * 100 >= limit:
                if bleu(words, self.texts[number]) >= limit:
                    return True
        return False


def split(pairs: Iterator[Pair]) -> tuple[list[Pair], list[Pair]]:
    """The first pairs for training; of the rest the first that are new, of known words, and near to none of them."""
    training = [next(pairs) for _ in range(TRAINING)]
    targets = [target for _, target in training]
    neighbours, known = Neighbours(targets), set(targets)
    counts = [Counter(symbol for pair in training for symbol in symbols(pair[side])) for side in (0, 1)]
    held_out: list[Pair] = []
    while len(held_out) < HELD_OUT:
        pair = next(pairs)
        seen = all(counts[side][symbol] >= SEEN for side in (0, 1) for symbol in symbols(pair[side]))
        # Fewer than eight tokens say too little to be far from anything, and the bound on a pair without a run needs six.
        if seen and len(tokens(pair[1])) >= 8 and pair[1] not in known and not neighbours.near(pair[1], NEAREST):
            held_out.append(pair)
    return training, held_out


def main() -> None:
    """Write the four files into the folder named on the command line, or beside this script."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    for language, translate in LANGUAGES.items():
        parts = split(drawn(Random(f"{SEED} {language}"), translate, language in WITH_IT))
        for name, pairs in zip(("train", "heldout"), parts, strict=True):
            text = "".join(f"{english}\t{target}\n" for english, target in pairs)
            (folder / f"english-{language}.{name}.tsv").write_bytes(text.encode())


if __name__ == "__main__":
    main()
