"""Pairs that teach nothing or the wrong thing, found by how they look and counted by reason.

Shape legend: N pairs.
"""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from seqgen.data.pairs import Pairs
from seqgen.draw.human import plural

# Characters of a side: no sentence has more.
LONGEST = 1_000
# How many times longer a side may be than its partner suggests. Short sides get some characters for free: "Yes." may be a
# whole sentence in another language.
RATIO = 4.0
FREE = 12
# The first that fits is a pair's reason; 0 stands for none.
REASONS = (
    "",
    "with an empty side",
    "exact duplicates",
    "with equal sides",
    f"over {LONGEST:,} characters",
    "of unlike length",
)


class Looks(NamedTuple):
    """How pairs look: characters of each `source` and `target` [N], and which are `empty`, `known` from earlier ones, and have
    `equal` sides [N]."""

    source: NDArray[np.int64]
    target: NDArray[np.int64]
    empty: NDArray[np.bool_]
    known: NDArray[np.bool_]
    equal: NDArray[np.bool_]


def clean(pairs: Pairs) -> tuple[Pairs, Counter[str]]:
    """The pairs worth learning from, and how many were left out for each reason."""
    found = judged(_looks(pairs))
    # In the order in which they are met.
    reasons = Counter(REASONS[number] for number in found[found > 0].tolist())
    return pairs.chosen(list(found == 0)), reasons


def judged(looks: Looks) -> NDArray[np.int8]:
    """For each pair the place in REASONS of why it teaches nothing, 0 where it is worth learning from [N]."""
    expected = looks.source * _typical_ratio(looks) + FREE
    found = looks.target + FREE
    unlike = np.maximum(expected, found) > RATIO * np.minimum(expected, found)
    long = np.maximum(looks.source, looks.target) > LONGEST
    return np.select([looks.empty, looks.known, looks.equal, long, unlike], range(1, len(REASONS))).astype(np.int8)


def is_empty(source: str, target: str) -> bool:
    """Whether a side holds nothing but space of any kind, such as U+3000 or U+00A0."""
    return not source.strip() or not target.strip()


def is_equal(source: str, target: str) -> bool:
    """Whether a sentence is its own translation. A name or a number may well be."""
    return source == target and " " in source


def sentence(reasons: Counter[str], total: int) -> str:
    """What was left out, in one line."""
    parts = ", ".join(f"{count:,} {reason}" for reason, count in reasons.most_common())
    return f"cleaning left out {sum(reasons.values()):,} of {plural(total, 'pair')}: {parts} (--no-clean keeps them)"


def _looks(pairs: Pairs) -> Looks:
    seen: set[tuple[str, str]] = set()
    known = np.zeros(len(pairs), np.bool_)
    sides = list(zip(pairs.sources, pairs.targets, strict=True))
    for place, both in enumerate(sides):
        known[place] = both in seen
        seen.add(both)
    return Looks(
        np.fromiter(map(len, pairs.sources), np.int64, len(pairs)),
        np.fromiter(map(len, pairs.targets), np.int64, len(pairs)),
        np.fromiter((is_empty(*both) for both in sides), np.bool_, len(pairs)),
        known,
        np.fromiter((is_equal(*both) for both in sides), np.bool_, len(pairs)),
    )


def _typical_ratio(looks: Looks) -> float:
    """Characters of a target per character of its source, the median over the corpus: 0.5 from English to Korean."""
    both = (looks.source > 0) & (looks.target > 0)
    return float(np.median(looks.target[both] / looks.source[both])) if both.any() else 1.0
