"""What each attention head does: how sharply it looks, and at what.

Shape legend: L layers, h heads, Q rows that look, K columns that are looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from seqgen.explain.attention import TEXT, Array, Maps
from seqgen.tokenizers.base import BOS, EOS, SPECIALS

# What a head looks at is named only where more than this share of its attention goes there.
MAJORITY = 0.5
# Where nothing that comes later is seen.
CAUSAL = ("decoder", TEXT)
# Columns by their distance from the row. Across, the same place is the word of the same number.
STEPS: dict[str, dict[int, str]] = {
    "encoder": {-1: "previous", 0: "itself", 1: "next"},
    "decoder": {-1: "previous", 0: "itself"},
    "cross": {0: "same place"},
    TEXT: {-1: "previous", 0: "itself"},
}


@dataclass(frozen=True)
class Head:
    """One head, layer and head counted from 1: how sharp it is, and what more than half of its attention goes to, if
    there is such a thing. `sharpness` is None where no row sees two places."""

    kind: str
    layer: int
    head: int
    sharpness: float | None
    looks_at: str | None
    share: float | None


def heads_of(attention: Maps) -> list[Head]:
    """All heads, the sharpest first."""
    found = []
    for kind in attention.kinds:
        maps = attention.maps(kind)
        for layer, head in np.ndindex(*maps.shape[:2]):
            shares = maps[layer, head]
            name, share = _favourite(shares, kind)
            found.append(Head(kind, layer + 1, head + 1, sharpness(shares, causal=kind in CAUSAL), name, share))
    return sorted(found, key=lambda one: -1.0 if one.sharpness is None else one.sharpness, reverse=True)


def sharpness(shares: Array, *, causal: bool) -> float | None:
    """1 - entropy / log(places that can be seen), the mean over the rows of [Q, K] that see two places or more.

    1 means all attention at one place, 0 the same attention everywhere (entropy as in Shannon 1948, §6).
    """
    rows, columns = shares.shape
    seen = np.arange(1, rows + 1) if causal else np.full(rows, columns)
    several = seen > 1
    if not several.any():
        return None
    logs = np.log(shares, out=np.zeros_like(shares), where=shares > 0)  # what has no share adds nothing
    entropy = -(shares * logs).sum(axis=1)  # [Q]
    return float((1 - entropy[several] / np.log(seen[several])).mean())


def _favourite(shares: Array, kind: str) -> tuple[str | None, float | None]:
    """What more than half of a head's attention [Q, K] goes to, and how much of it."""
    name, share = max(_habits(shares, kind), key=lambda habit: habit[1], default=(None, 0.0))
    return (name, share) if share > MAJORITY else (None, None)


def _habits(shares: Array, kind: str) -> Iterator[tuple[str, float]]:
    """What heads are known to look at, each with its mean share over the rows that can see it."""
    rows, columns = shares.shape
    for step, name in STEPS[kind].items():
        # Where nothing later is seen, the first row sees nothing but itself.
        there = [shares[row, row + step] for row in range(kind in CAUSAL, rows) if 0 <= row + step < columns]
        if there:
            yield name, float(np.mean(there))
    several = shares[kind in CAUSAL :]
    if len(several):
        yield (SPECIALS[BOS] if kind == "decoder" else "first"), float(several[:, 0].mean())
    if kind not in CAUSAL:
        yield SPECIALS[EOS], float(shares[:, -1].mean())
