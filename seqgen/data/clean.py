"""Pairs that teach nothing or the wrong thing, found by how they look and counted by reason."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Sequence

from seqgen.data.pairs import Pairs
from seqgen.draw.human import plural

# Characters of a side: no sentence has more.
LONGEST = 1_000
# How many times longer a side may be than its partner suggests. Short sides get some characters for free: "Yes." may be a
# whole sentence in another language.
RATIO = 4.0
FREE = 12


def clean(pairs: Pairs) -> tuple[Pairs, Counter[str]]:
    """The pairs worth learning from, and how many were left out for each reason."""
    typical = _typical_ratio(pairs.sources, pairs.targets)
    seen: set[tuple[str, str]] = set()
    wanted: list[bool] = []
    reasons: Counter[str] = Counter()
    for source, target in zip(pairs.sources, pairs.targets, strict=True):
        reason = _reason(source, target, typical, (source, target) in seen)
        seen.add((source, target))
        wanted.append(reason is None)
        if reason is not None:
            reasons[reason] += 1
    return pairs.chosen(wanted), reasons


def sentence(reasons: Counter[str], total: int) -> str:
    """What was left out, in one line."""
    parts = ", ".join(f"{count:,} {reason}" for reason, count in reasons.most_common())
    return f"cleaning left out {sum(reasons.values()):,} of {plural(total, 'pair')}: {parts} (--no-clean keeps them)"


def _reason(source: str, target: str, typical: float, is_duplicate: bool) -> str | None:
    # Of any kind of space, such as U+3000 or U+00A0.
    if not source.strip() or not target.strip():
        return "with an empty side"
    if is_duplicate:
        return "exact duplicates"
    # A name or a number may well be its own translation; a sentence is not.
    if source == target and " " in source:
        return "with equal sides"
    if max(len(source), len(target)) > LONGEST:
        return f"over {LONGEST:,} characters"
    expected, found = len(source) * typical + FREE, len(target) + FREE
    if max(expected, found) > RATIO * min(expected, found):
        return "of unlike length"
    return None


def _typical_ratio(sources: Sequence[str], targets: Sequence[str]) -> float:
    """Characters of a target per character of its source, the median over the corpus: 0.5 from English to Korean."""
    ratios = [len(t) / len(s) for s, t in zip(sources, targets, strict=True) if s and t]
    return statistics.median(ratios) if ratios else 1.0
