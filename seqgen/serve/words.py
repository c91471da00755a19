"""How likely each word of a translation was under the model, given its source and the words before it."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher

import numpy as np

from seqgen.data.sentence.placeholders import SENTINEL
from seqgen.decode.alignment import word_numbers
from seqgen.translation.kept import Answer
from seqgen.translation.lines import LineTranslator, Translated


def word_probabilities(lines: LineTranslator, done: Sequence[Translated]) -> list[list[float | None]]:
    """For each word of each best translation, as white space separates them, the product of its pieces' probabilities; None for
    a word that the model did not write: a number, an address, what was put back."""
    answers = [answer for one in done for answer in one.answers]
    sources = [lines.encoder.ids([answer.read])[0] for answer in answers]
    log_probs = lines.translator.score(sources, [answer.ids for answer in answers]) if answers else []
    found = iter(zip(answers, log_probs, strict=True))
    return [_of_line(lines, one.text, [next(found) for _ in one.answers]) for one in done]


def _of_line(lines: LineTranslator, text: str, answers: Sequence[tuple[Answer, np.ndarray]]) -> list[float | None]:
    written: list[str] = []
    likely: list[float | None] = []
    for answer, log_probs in answers:
        words = answer.text.split()
        numbers = word_numbers(lines.encoder.tokenizer, answer.ids)
        sums = np.zeros(len(words))
        for number, log_prob in zip(numbers, log_probs[: len(answer.ids)], strict=True):
            if 0 <= number < len(words):
                sums[number] += log_prob
        written += words
        # A placeholder stands for what is put back in its place.
        likely += [None if SENTINEL.search(word) else p for word, p in zip(words, np.exp(sums).tolist(), strict=True)]
    words = text.split()
    if len(words) == len(written):
        return likely
    found: list[float | None] = [None] * len(words)
    for block in SequenceMatcher(None, written, words, autojunk=False).get_matching_blocks():
        found[block.b : block.b + block.size] = likely[block.a : block.a + block.size]
    return found
