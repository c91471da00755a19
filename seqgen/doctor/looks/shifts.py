"""Targets that stand some lines beside their sources, as where one file lost a line: there the neighbours fit better.

Two texts fit by their lengths; where these do not vary, as in a list that is sorted by length, by how they end and by the
numbers and words that they share.

Shape legend: N pairs, W pairs of a window.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from seqgen.doctor.findings import Findings
from seqgen.doctor.spool import Spool

WINDOW = 100
SMALLEST = 30
# How far a target may stand from its source.
FARTHEST = 5
# Correlation of the lengths where sides fit, at least, and by how much it must be better than at all other distances.
FITS, BETTER = 0.6, 0.25
# By how much more the texts of a pair must share elsewhere, where lengths do not tell; most windows that are read for it.
SHARED, MOST_READ = 0.15, 500
_WORD = re.compile(r"\d+|[^\W\d_]{4}")
_ENDS = {"?": "?", "\uff1f": "?", "\u061f": "?", "!": "!", "\uff01": "!"}


class Stretch(NamedTuple):
    """Pairs `first` to `stop` (from 0, the last is excluded), whose targets stand `shift` lines further on."""

    first: int
    stop: int
    shift: int


def look(findings: Findings, spool: Spool, source: NDArray[np.int64], target: NDArray[np.int64]) -> list[Stretch]:
    """Find windows of pairs that are shifted; `source` and `target` are lengths [N]."""
    found: list[Stretch] = []
    size = len(source)
    window = min(WINDOW, max(SMALLEST, size // 4))
    left, right = np.log1p(source.astype(np.float64)), np.log1p(target.astype(np.float64))
    # What is left at the end belongs to the last window.
    starts = range(0, size - window + 1, window)
    windows = [(first, size if first + 2 * window > size else first + window) for first in starts]
    by_length = {(first, stop): _by_length(left, right, first, stop) for first, stop in windows}
    unclear = [window for window, shift in by_length.items() if shift is None]
    read = set(unclear[:: -(-len(unclear) // MOST_READ)] if unclear else ())
    for first, stop in windows:
        shift = by_length[first, stop]
        if (first, stop) in read:
            shift = _by_words(spool, first, stop)
        if shift and found and found[-1].shift == shift:
            # What lies between is shifted too, though it does not show there.
            found[-1] = found[-1]._replace(stop=stop)
        elif shift:
            found.append(Stretch(first, stop, shift))
        elif shift is None and found and found[-1].stop == first:
            # Nothing says that they fit again: a shift goes on until something is put in or left out.
            found[-1] = found[-1]._replace(stop=stop)
    for stretch in found:
        _tell(findings, stretch)
    return found


def _tell(findings: Findings, stretch: Stretch) -> None:
    places = np.arange(stretch.first, stretch.stop)
    lines = f"{abs(stretch.shift)} {'line' if abs(stretch.shift) == 1 else 'lines'} {'below' if stretch.shift > 0 else 'above'}"
    badness = np.full(len(places), float(len(places)))
    findings.add_all("shifted", places, badness, lambda at: f"its target seems to stand {lines}")


def _distances() -> list[int]:
    return [near for far in range(1, FARTHEST + 1) for near in (far, -far)]


def _by_length(left: NDArray[np.float64], right: NDArray[np.float64], first: int, stop: int) -> int | None:
    """How far the targets of a window stand from their sources by their lengths; None where these do not tell."""
    fits = {}
    for distance in (0, *_distances()):
        start, end = max(first, -distance), min(stop, len(right) - distance)
        fits[distance] = _fit(left[start:end], right[start + distance : end + distance])
    best = max(fits, key=lambda distance: fits[distance])
    others = max(fit for distance, fit in fits.items() if distance != best)
    if fits[best] < FITS or fits[best] < others + BETTER:
        return None
    return best


def _fit(left: NDArray[np.float64], right: NDArray[np.float64]) -> float:
    """Pearson's correlation of two rows of lengths; 0 where one does not vary."""
    if len(left) < SMALLEST // 2 or left.std() < 1e-9 or right.std() < 1e-9:
        return 0.0
    return float(np.corrcoef(left, right)[0, 1])


def _by_words(spool: Spool, first: int, stop: int) -> int | None:
    """The same by what the texts share: at the right distance more than at all others."""
    places = range(max(0, first - FARTHEST), min(len(spool), stop + FARTHEST))
    records = {place: spool[place].record for place in places}
    marks = {place: (_marks(record.source), _marks(record.target)) for place, record in records.items()}

    def shared(distance: int) -> float:
        both = [(marks[at][0], marks[at + distance][1]) for at in range(first, stop) if at + distance in marks]
        return sum(len(one & other) for one, other in both) / max(1, len(both))

    scores = {distance: shared(distance) for distance in (0, *_distances())}
    best = max(scores, key=lambda distance: (scores[distance], -abs(distance)))
    others = [score for distance, score in scores.items() if distance != best]
    return best if scores[best] > max(others) + SHARED else None


def _marks(text: str) -> set[str]:
    """What a translation may share with its source: how it ends, its numbers, the beginnings of its words."""
    text = text.rstrip(" \"'”»’)")
    return {_ENDS.get(text[-1:], "."), *_WORD.findall(text.lower())}
