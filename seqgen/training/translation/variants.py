"""The pairs that a model learns from, as texts: those of the corpus, and some of them again as people may write them, in lower
case or with something in them that has to survive.

A placeholder is put in the place of two words that translate each other, or beside them, so that a model learns to carry it to
where it belongs. Which words do is told by how often they occur together (the Dice coefficient; Smadja, McKeown &
Hatzivassiloglou 1996, "Translating collocations for bilingual lexicons").
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from seqgen.config import Config
from seqgen.data.pairs import Pairs
from seqgen.data.sentence.edits import Edit, edited
from seqgen.data.sentence.encoder import hidden_pairs
from seqgen.data.sentence.numerals import NumberForms
from seqgen.data.sentence.placeholders import MOST
from seqgen.data.sentence.typography import lowered
from seqgen.tokenizers.base import SENTINELS

# Pairs that words are counted in, and how surely two have to belong together.
COUNTED, LEAST_DICE = 10_000, 0.3
# There are fewer words than this, so that two make one number.
FEWER_WORDS = 2**31
# How many placeholders a pair gets, one of these.
COUNTS = (1, 1, 1, 2, 2, 3, 4, 6)
# What becomes of two words: replaced, or with a placeholder before or behind them, with a space or without.
BEFORE, BEHIND = ("{0} {1}", "{0}{1}"), ("{1} {0}", "{1}{0}")
WAYS = ("{0}", "{0}", "{0}", BEFORE[0], BEHIND[0], BEFORE[1], BEHIND[1])
# How often one more stands at the end or the beginning.
AT_AN_END = 0.25
_WORD = re.compile(r"[^\W\d_]+")


def learnt_pairs(pairs: Pairs, config: Config, forms: NumberForms) -> Pairs:
    """The pairs that are learnt: first those given, in their order, with what stands on both sides behind placeholders; then
    shares of them again, as evenly spread as possible."""
    more = _lowered(pairs, config.lowercase_frac)
    if not config.placeholder_frac:
        return replace(pairs, sources=(*pairs.sources, *more[0]), targets=(*pairs.targets, *more[1]))
    rng = np.random.default_rng(config.seed)
    sources, targets = [*pairs.sources, *more[0]], [*pairs.targets, *more[1]]
    hidden = hidden_pairs(
        sources, targets, forms, lambda text: set(text) & set(SENTINELS), lambda row: rng.permutation(MOST).tolist()
    )
    chosen = _spread(len(pairs), config.placeholder_frac)
    hidden += _with_placeholders([hidden[row] for row in chosen], Together(hidden[: len(pairs)]), rng)
    return replace(pairs, sources=tuple(source for source, _ in hidden), targets=tuple(target for _, target in hidden))


def _spread(count: int, share: float) -> list[int]:
    """A share of rows."""
    return [row for row in range(count) if int((row + 1) * share) > int(row * share)]


def _lowered(pairs: Pairs, share: float) -> tuple[list[str], list[str]]:
    """A share of the pairs with the source in lower case; languages without capitals have none of these."""
    sources, targets = [], []
    for row in _spread(len(pairs), share):
        if (low := lowered(pairs.sources[row])) != pairs.sources[row]:
            sources.append(low)
            targets.append(pairs.targets[row])
    return sources, targets


class Together:
    """How often words of sources and words of targets occur in the same pairs."""

    def __init__(self, pairs: Sequence[tuple[str, str]]) -> None:
        self.left: Counter[str] = Counter()
        self.right: Counter[str] = Counter()
        self.numbers: dict[str, int] = {}
        codes = [np.zeros(0, dtype=np.int64)]
        for source, target in pairs[:: max(1, len(pairs) // COUNTED)]:
            left, right = set(_WORD.findall(source)), set(_WORD.findall(target))
            self.left.update(left)
            self.right.update(right)
            codes.append((self._numbered(left)[:, None] * FEWER_WORDS + self._numbered(right)).ravel())  # [S, T] -> [S * T]
        found, counts = np.unique(np.concatenate(codes), return_counts=True)
        # Once is no evidence.
        self.both: dict[int, int] = dict(zip(found[counts > 1].tolist(), counts[counts > 1].tolist(), strict=True))

    def _numbered(self, words: set[str]) -> NDArray[np.int64]:
        return np.array([self.numbers.setdefault(word, len(self.numbers)) for word in words], dtype=np.int64)

    def dice(self, source: str, target: str) -> float:
        """Twice the pairs that have both, against those that have either; 1 for a name that is spelt alike."""
        if source == target and len(source) > 2:
            return 1.0
        code = self.numbers.get(source, -1) * FEWER_WORDS + self.numbers.get(target, -1)
        return 2 * self.both.get(code, 0) / max(1, self.left[source] + self.right[target])


def _with_placeholders(pairs: Sequence[tuple[str, str]], together: Together, rng: np.random.Generator) -> list[tuple[str, str]]:
    """Pairs with one or more placeholders put in."""
    found = []
    for source, target in pairs:
        free = [sentinel for sentinel in rng.permutation(list(SENTINELS)).tolist() if sentinel not in source + target]
        left, right = [], []
        sure = partners(source, target, together)
        some = [sure[place] for place in rng.permutation(len(sure))[: COUNTS[rng.integers(len(COUNTS))]]]
        for (s, t), sentinel in zip(some, free, strict=False):
            way = WAYS[rng.integers(len(WAYS))]
            left.append(Edit(s[0], s[1], way.format(sentinel, source[slice(*s)])))
            right.append(Edit(t[0], t[1], way.format(sentinel, target[slice(*t)])))
        source, target = edited(source, sorted(left)), edited(target, sorted(right))
        if free and (not left or rng.random() < AT_AN_END):
            way = BEFORE[0] if rng.random() < 0.3 else BEHIND[0]
            source, target = way.format(free[-1], source), way.format(free[-1], target)
        found.append((source, target))
    return found


def partners(source: str, target: str, together: Together) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Places of words that translate each other, of those that occur once: each the best partner of the other."""
    left, right = _once(source), _once(target)
    best = {s: max(right, key=lambda t: together.dice(s, t), default="") for s in left}
    back = {t: max(left, key=lambda s: together.dice(s, t), default="") for t in right}
    return [(left[s], right[t]) for s, t in best.items() if t and back[t] == s and together.dice(s, t) >= LEAST_DICE]


def _once(text: str) -> dict[str, tuple[int, int]]:
    """The words that occur once in a text, and their places."""
    counts = Counter(_WORD.findall(text))
    return {match.group(): match.span() for match in _WORD.finditer(text) if counts[match.group()] == 1}
