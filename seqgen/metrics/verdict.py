"""What the figures of a training mean, in sentences for people who have not had the lecture.

Thresholds were set by the curves of some trainings, and are tested on those of others (tests/metrics/verdicts.json).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from seqgen.draw.human import plural

# A curve of fewer points says nothing about where it goes; a training makes twelve.
LEAST_POINTS = 6
# The loss on held-out text wavers by less than this share of itself: what rises by more has been learnt by heart, where the
# lowest place lies in the first part of the training.
RISE, EARLY = 0.02, 0.75
# Dropout makes the loss in training higher than it is. Where it is that much below that of held-out text all the same, more
# text helps more than more time; where it is below by far, the text has been learnt by heart.
APART, BY_HEART = 0.85, 0.5
# Trainings that were continued to twice the steps gained 0.7 to 1.9 times what a line through their second half says: the
# learning rate falls to nothing, and flattens the end of the curve, but not what comes after it.
AGAIN = 1.4
# It is not said where a text has been read more often than this: the gain gets smaller than the line says; nor where it would
# be more than this share of the loss, which cannot fall below zero.
MANY_PASSES, MOST_GAIN = 5, 0.33
# A gain of less than this share of the loss is hardly seen in what a model writes.
WORTH = 0.01
# How far the points may lie from the line, as a share of what it falls in the second half.
SCATTER = 0.2
# Losses that differ by less than this share are as good.
CLOSE = 0.03
# A text or a corpus of pairs below these is small for a network: published ones have a hundred times as much.
SMALL_TEXT, SMALL_PAIRS = 200_000, 20_000
# Fewer stretches make no percentage.
LEAST_STRETCHES = 100
# Shares of sentences in words, the nearest of which is said.
_SHARES = (
    (0.05, "one sentence in twenty is"),
    (0.1, "one sentence in ten is"),
    (0.2, "every fifth sentence is"),
    (0.25, "every fourth sentence is"),
    (1 / 3, "every third sentence is"),
    (0.5, "every second sentence is"),
    (2 / 3, "two of three sentences are"),
    (0.75, "three of four sentences are"),
    (0.8, "four of five sentences are"),
    (0.9, "nine of ten sentences are"),
)
_FEWEST, _MOST = 0.02, 0.97


@dataclass(frozen=True)
class Point:
    """A look at a training: the loss in training, the network's on held-out text, that of the model as it is used (with a
    Markov model, the mix), all in bits a character (pairs: a token); BLEU in `score`. What is not known is NaN."""

    step: int
    train: float = math.nan
    network: float = math.nan
    used: float = math.nan
    score: float = math.nan


@dataclass(frozen=True)
class Figures:
    """What is known of a finished training.

    `size` are characters of the text, or pairs, all in all; `passes` over the training text; `used`, `network` and
    `counting` bits of the exact scoring, and `exact` how many held-out sources of how many came out as their targets are.
    `copied` are stretches that stand in the training text, of how many in what was written; `repeated` those of the held-out
    text that do.
    """

    task: str
    learns: bool = True
    counts: bool = False
    size: int = 0
    passes: float | None = None
    curve: Sequence[Point] = ()
    used: float | None = None
    network: float | None = None
    counting: float | None = None
    exact: tuple[int, int] | None = None
    copied: tuple[int, int] | None = None
    repeated: tuple[int, int] | None = None


def sentences(figures: Figures) -> tuple[str, ...]:
    """What the figures mean and what to do next: about two sentences, none where nothing is known."""
    if not figures.learns:
        found = ["All of the text has been counted at once: more minutes change nothing, more text will."]
        return (*found, *copying(figures))
    if figures.task == "translation":
        return (*right(figures), *course(figures))
    if not _held_out(figures):
        return (
            "Nothing was held out: how good it is on new text is not known, only that it has seen this one"
            + (f" {figures.passes:,.0f} times." if figures.passes and figures.passes >= 2 else "."),
        )
    return (*course(figures), *against_counting(figures), *copying(figures))


def course(figures: Figures) -> tuple[str, ...]:
    """Where the curve goes, and whether more time helps."""
    kind = trend(figures)
    more = "text" if figures.task == "language" else "pairs"
    if kind == "by heart":
        return (f"{_whole(figures)} been learnt by heart{_when(figures)}; more minutes will not help, more {more} will.",)
    if kind == "rising":
        return (f"It is still getting better: {_worth(figures)}.",)
    if kind == "level" and _is_behind(figures):
        return (
            "The network is still getting better, but counting does better so far: "
            "twice the time will hardly be noticed, several times as much may.",
        )
    if kind == "level":
        return (f"It hardly gets any better: twice the time will not be noticed, {_instead(figures, more)}.",)
    return ()


def trend(figures: Figures) -> str:
    """ "by heart", "rising" (in quality), "level", or "" where the curve says too little."""
    known = _held_out(figures)
    if len(known) < LEAST_POINTS:
        return ""
    best, last = min(known, key=lambda point: point.network), known[-1]
    early = best.step <= EARLY * last.step
    if early and last.network - best.network > RISE * best.network and not _scores_rise(known):
        return "by heart"
    if AGAIN * _fall(known)[0] >= WORTH * last.used:
        return "rising"
    if figures.task == "language" and last.train < BY_HEART * last.network:
        return "by heart"
    return "level"


def gain(figures: Figures) -> float | None:
    """Bits that twice the time is worth; None where the curve does not say so within a factor of two.

    The loss falls by about as much with each doubling of the time, for a while: a line in the logarithm of the steps, fitted
    to the second half. It does not hold where points are far from the line, where the text is being learnt by heart, and of a
    mix whose network is still behind counting.
    """
    known = _held_out(figures)
    if trend(figures) != "rising":
        return None
    last, (fall, scatter) = known[-1], _fall(known)
    if scatter > SCATTER * fall or _is_apart(last) or (figures.passes or 0) > MANY_PASSES:
        return None
    if last.network > (1 + CLOSE) * last.used or AGAIN * fall > MOST_GAIN * last.used:
        return None
    return AGAIN * fall


def against_counting(figures: Figures) -> tuple[str, ...]:
    """The network and the Markov model of the same text, compared."""
    network, counting = figures.network, figures.counting
    if network is None or counting is None:
        return ()
    mixed = ""
    if figures.counts and figures.used is not None and figures.used < (1 - WORTH) * min(network, counting):
        mixed = f"; both mixed get {figures.used:.2f}"
    if abs(network - counting) <= CLOSE * counting:
        return (f"Counting is as good as the network here ({counting:.2f} and {network:.2f} bits a character{mixed}).",)
    if network > counting:
        kind = trend(figures)
        yet = "so far" if kind == "rising" or (kind == "level" and _is_behind(figures)) else "here"
        return (f"Counting is better than the network {yet} ({counting:.2f} and {network:.2f} bits a character{mixed}).",)
    return (f"The network is better than counting ({network:.2f} and {counting:.2f} bits a character{mixed}).",)


def right(figures: Figures) -> tuple[str, ...]:
    """How many held-out sentences are translated word for word as they are in the corpus."""
    if figures.exact is None or not figures.exact[1]:
        return ()
    found, of = figures.exact
    share = found / of
    if share < _FEWEST:
        words = "Hardly any sentence is"
    elif share > _MOST:
        words = "Nearly every sentence is"
    else:
        words = "About " + min(_SHARES, key=lambda row: abs(math.log(row[0] / share)))[1]
    return (f"{words} right word for word on held-out pairs ({found:,} of {of:,}).",)


def copying(figures: Figures) -> tuple[str, ...]:
    """How much of what is written is copied, beside how much the text repeats itself."""
    if figures.copied is None or figures.copied[1] < LEAST_STRETCHES:
        return ()
    found, of = figures.copied
    own = ""
    if figures.repeated is not None and figures.repeated[1] >= LEAST_STRETCHES:
        own = f"; of the held-out part it is {figures.repeated[0] / figures.repeated[1]:.0%}"
    return (
        f"{f'{found / of:.0%}' if found else 'Nothing'} of what it writes in stretches of 20 characters stands in your text "
        f"(by {plural(of, 'stretch', 'stretches')} in samples){own}.",
    )


def _held_out(figures: Figures) -> list[Point]:
    """The points with a loss on held-out text."""
    return [point for point in figures.curve if math.isfinite(point.network) and math.isfinite(point.used) and point.step]


def _is_behind(figures: Figures) -> bool:
    """Whether the network of a mix still learns, and is so far behind counting that the mix hardly has anything of it."""
    known = _held_out(figures)
    last = known[-1]
    return last.network > (1 + CLOSE) * last.used and AGAIN * _fall(known, "network")[0] >= WORTH * last.network


def _fall(known: Sequence[Point], loss: str = "used") -> tuple[float, float]:
    """By how much a loss falls with each doubling of the steps, and how far its points lie from that line (RMS).

    Least squares over the second half of the training.
    """
    last = known[-1].step
    half = [point for point in known if 2 * point.step >= last]
    if len(half) < 3:
        return 0.0, math.inf
    x, y = np.log2([point.step for point in half]), np.array([getattr(point, loss) for point in half])
    slope, offset = np.polyfit(x, y, 1)
    return -float(slope), float(np.sqrt(np.mean((y - slope * x - offset) ** 2)))


def _scores_rise(known: Sequence[Point]) -> bool:
    """Whether translations still get better, by one BLEU in the last third, even though the loss does not."""
    scored = [point for point in known if math.isfinite(point.score)]
    if not scored:
        return False
    before = max((point.score for point in scored if 3 * point.step <= 2 * known[-1].step), default=0.0)
    return scored[-1].score > before + 1


def _worth(figures: Figures) -> str:
    bits = gain(figures)
    unit = "character" if figures.task == "language" else "token"
    if bits is not None:
        return f"twice the time is worth about {bits:.2g} bits a {unit}"
    more = "text" if figures.task == "language" else "pairs"
    return "more minutes will help" + (f", and so will more {more}" if _is_apart(_held_out(figures)[-1]) else "")


def _is_apart(point: Point) -> bool:
    """Whether the loss in training is well below that of held-out text; smoothed targets of pairs make it higher, too."""
    return point.train < APART * point.network


def _instead(figures: Figures, more: str) -> str:
    last = _held_out(figures)[-1]
    if figures.task == "language" and not _is_apart(last):
        return "a larger model (--hidden, --layers) may"
    return f"more {more} will"


def _whole(figures: Figures) -> str:
    """What was learnt from, as the beginning of a sentence."""
    if figures.task == "translation":
        return (
            f"Your pairs are few ({figures.size:,}) and have"
            if figures.size < SMALL_PAIRS
            else f"Your {figures.size:,} pairs have"
        )
    if figures.size < SMALL_TEXT:
        return f"Your text is small ({figures.size:,} characters) and has"
    return f"Your text ({figures.size:,} characters) has"


def _when(figures: Figures) -> str:
    """When it was best on held-out text."""
    known = _held_out(figures)
    best, last = min(known, key=lambda point: point.network), known[-1]
    if best is last:
        return ""
    if figures.passes is None or figures.passes < 2:
        return f" after {best.step:,} of {last.step:,} steps"
    return f" after {max(1, round(figures.passes * best.step / last.step)):,} of {figures.passes:,.0f} passes"
