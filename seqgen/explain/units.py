"""Which units of a network follow something that can be seen in the text, and how sure one can be of it.

A label is a number for each symbol of a text: 1 inside quotes and 0 outside, the characters since the line began. A unit
follows a label where its state goes up and down with it: Pearson's correlation r, with drifts removed (see below). State and
label at t are both those after symbol t has been read: an opening quote is inside, a closing one is not.

Among many units and labels some r is large by chance, and states and labels that change slowly make it larger still: a text
of 400 symbols with three quotations is three observations, not 400. So the threshold is measured: labels are shifted along
the text, circularly, so that they keep their runs and rhythm but lose their place. What r then reaches, over all units, it
reaches by chance. (Shuffling symbol by symbol would break the runs, and make a threshold that everything passes.) A shift
around the end of the text presumes that the end is like the beginning: so a parabola, the drift over the whole text,
is removed first from states and labels alike. Without that, most texts of 300 symbols had units named that wander at random.

Karpathy, Johnson & Li 2015 ("Visualizing and understanding recurrent networks") found such units by eye. A correlation
is not a cause: a unit may follow a label because it follows something that goes with it.

Shape legend: T length, H units, L labels, S shifts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seqgen.tokenizers.base import Tokenizer

Numbers = NDArray[np.float64]

SHORTEST = 50  # symbols: in a shorter text nothing can be told from chance
# In a long text, a unit beats chance with an r that nobody would call following: 0.3 is a tenth of its variance (r^2).
LEAST = 0.3
SHIFTS = 200
PERCENTILE = 99.0
# A label that comes and goes fewer times than this is left out: nobody can be said to follow two digits, or the one line
# that the text is.
TIMES = 5

# Straight single quotes are missing: most of them are apostrophes.
QUOTES = {'"': '"', "“": "”", "„": "“”", "«": "»", "»": "«", "‘": "’", "「": "」", "『": "』"}
OPENING, CLOSING = "([{", ")]}"


@dataclass(frozen=True)
class Follower:
    """A unit (from 0), the label that it follows, r in [-1, 1], and the |r| that chance reaches for this label."""

    unit: int
    label: str
    r: float
    threshold: float


@dataclass(frozen=True)
class Units:
    """Correlations [L, H] of labels and units, the threshold of each label [L], and units above it and LEAST, closest first.

    Without a label that comes and goes, or in a text under SHORTEST symbols, there are no thresholds (NaN) and no followers.
    """

    labels: tuple[str, ...]
    correlations: Numbers
    thresholds: Numbers
    followers: tuple[Follower, ...]


def labels_of(text: str) -> dict[str, Numbers]:
    """What can be seen at each character of a text: name -> [characters].

    A place counts the characters since the line began, which is 0 at the newline, or the letters since the word did. The
    others are 1 where they hold, else 0.
    """
    kinds = np.array([[c == " ", c.isupper(), c.isdigit()] for c in text], dtype=np.float64).reshape(-1, 3)
    letters = np.array([c.isalnum() for c in text], dtype=bool)
    in_word = _count_since(~letters)
    return {
        "place in the line": _count_since(np.array([c == "\n" for c in text], dtype=bool)),
        "inside quotes": _inside_quotes(text),
        "inside brackets": _inside_brackets(text),
        "space": kinds[:, 0],
        "first letter": (in_word == 1).astype(np.float64),
        "place in the word": in_word,
        "capital letter": kinds[:, 1],
        "digit": kinds[:, 2],
    }


def labels_of_symbols(tokenizer: Tokenizer, ids: Iterable[int]) -> dict[str, Numbers]:
    """labels_of for each id [T]: that of the last character complete with it, where symbols are bytes or pieces of words.

    Before the first whole character there is none: the first one's stands in.
    """
    decoder, text, last = tokenizer.decoder(), "", []
    for id_ in ids:
        text += decoder.push(id_)
        last.append(max(0, len(text) - 1))
    labels = labels_of(text or " ")
    return {name: values[np.array(last, dtype=np.int64)] for name, values in labels.items()}


def units_that_follow(states: NDArray[np.floating], labels: Mapping[str, Numbers], rng: np.random.Generator) -> Units:
    """Compare states [T, H] with labels [T] each; `rng` draws the shifts.

    The threshold of a label is the 99th percentile, over shifts, of the largest |r| of any unit; all thresholds are then
    raised by one factor, so that under no more than 1 % of the shifts any label's is passed: with eight labels there are
    eight chances of being wrong.
    """
    varying = {name: values for name, values in labels.items() if _comes_and_goes(values)}
    names = tuple(varying)
    if not names or len(states) < SHORTEST:
        return Units(names, np.zeros((len(names), states.shape[1])), np.full(len(names), np.nan), ())
    places = np.linspace(-1, 1, len(states))
    drifts = np.linalg.qr(np.polynomial.legendre.legvander(places, 2))[0]  # [T, 3]: level, line, parabola
    units = _standardised(states, drifts)  # [T, H]
    seen = np.stack(list(varying.values()), axis=1)  # [T, L]
    found = _standardised(seen, drifts).T @ units / len(units)  # [L, H]
    chance = _by_chance(seen, units, drifts, rng)  # [S, L]
    single = np.maximum(np.percentile(chance, PERCENTILE, axis=0), 1e-12)  # [L]
    together = np.percentile((chance / single).max(axis=1), PERCENTILE)
    thresholds = single * max(1.0, float(together))
    return Units(names, found.astype(np.float64), thresholds, _followers(names, found, thresholds))


def _followers(names: tuple[str, ...], found: NDArray[np.floating], thresholds: Numbers) -> tuple[Follower, ...]:
    """Each unit with the label that it follows most closely, of those whose threshold and LEAST it passes."""
    size = np.abs(found)
    passes = np.where((size > thresholds[:, None]) & (size >= LEAST), size, 0)  # [L, H]
    best, height = passes.argmax(axis=0), passes.max(axis=0)  # [H]
    return tuple(
        Follower(int(unit), names[best[unit]], float(found[best[unit], unit]), float(thresholds[best[unit]]))
        for unit in np.argsort(-height, kind="stable")
        if height[unit] > 0
    )


def _by_chance(seen: Numbers, units: NDArray[np.float32], drifts: Numbers, rng: np.random.Generator) -> Numbers:
    """The largest |r| of any unit with each label, for each of many shifts [S, L]."""
    length = len(units)
    # A shift by a few symbols leaves most of a run where it was; that would be no chance at all.
    nearest = max(1, length // 10)
    shifts = rng.integers(nearest, length - nearest + 1, SHIFTS)
    # The drift is removed after the shift: it belongs to places in the text and not to the label.
    shifted = (_standardised(np.roll(seen, shift, axis=0), drifts) for shift in shifts)
    return np.stack([np.abs(labels.T @ units).max(axis=1) / length for labels in shifted]).astype(np.float64)


def _standardised(columns: NDArray[np.floating], drifts: Numbers) -> NDArray[np.float32]:
    """Columns [T, n] without the drifts [T, 3], with variance 1; one that does not vary is all zeros and follows nothing."""
    wide = columns.astype(np.float64)
    level: Numbers = wide - drifts @ (drifts.T @ wide)
    spread = np.sqrt((level**2).mean(axis=0))
    # Rounding leaves a constant column some 1e-17 of spread, which must not be blown up.
    alive = spread > 1e-6 * (np.abs(wide).max(axis=0) + 1e-30)
    scaled: Numbers = level * np.where(alive, 1 / np.where(alive, spread, 1), 0)
    return scaled.astype(np.float32)


def _comes_and_goes(values: Numbers) -> bool:
    """Whether the label falls often enough: at the end of a quotation, at a new line."""
    return int(np.count_nonzero(np.diff(values) < 0)) >= TIMES


def _count_since(breaks: NDArray[np.bool_]) -> Numbers:
    """At each place the number of places since the last break, which itself counts 0."""
    places = np.arange(1, len(breaks) + 1)
    since: Numbers = (places - np.maximum.accumulate(np.where(breaks, places, 0))).astype(np.float64)
    return since


def _inside_quotes(text: str) -> Numbers:
    """1 from an opening quote up to before the closing one. An empty line closes: a lost quote must not turn all the rest."""
    inside, closes = np.zeros(len(text)), ""
    for t, c in enumerate(text):
        if closes:
            # Between two letters it is an apostrophe.
            apostrophe = c == "’" and text[t - 1].isalpha() and text[t + 1 : t + 2].isalpha()
            if (c in closes and not apostrophe) or _ends_paragraph(text, t):
                closes = ""
        else:
            closes = QUOTES.get(c, "")
        inside[t] = bool(closes)
    return inside


def _inside_brackets(text: str) -> Numbers:
    """1 from an opening bracket up to before the one that closes it; an empty line closes all."""
    inside, depth = np.zeros(len(text)), 0
    for t, c in enumerate(text):
        if c in OPENING:
            depth += 1
        elif c in CLOSING:
            depth = max(0, depth - 1)
        elif _ends_paragraph(text, t):
            depth = 0
        inside[t] = depth > 0
    return inside


def _ends_paragraph(text: str, t: int) -> bool:
    return text[t] == "\n" and t > 0 and text[t - 1] == "\n"
