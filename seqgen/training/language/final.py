"""The last part of a run: score the held-out symbols exactly, fit the mix, record the scores.

Exactly is one stream from the first symbol to the last. Where that takes more than its share of a budget in minutes, many
streams are read side by side, which differs by less than can be seen; where that is too slow as well, they read less. In a
run counted in steps the streams follow from the number of symbols alone, so that the same command gives the same figures.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqgen.decode.mixture import cross_fitted, fit_weight
from seqgen.decode.scorer import Scorer
from seqgen.evaluation import STREAMS, WARM_UP, Scoring, signature
from seqgen.families import family_of
from seqgen.metrics.likelihood import scores
from seqgen.opening import UNFITTED
from seqgen.run import Run
from seqgen.threads import blas_threads
from seqgen.tokenizers.base import UNK
from seqgen.training.budget import EXIT_SECONDS, Ledger
from seqgen.training.language.material import Material
from seqgen.training.progress import Progress

# Share of a budget in minutes that the scoring may take, and the share that it gets where the rest has taken too long.
SHARE, LEAST_SHARE = 0.05, 0.01
# Fitting the mix, logging and the like.
END_SECONDS = 0.3
# In a run counted in steps: the most symbols that are scored as one stream.
ONE_STREAM = 131_072
# Symbols, and steps of all streams, that are enough to measure the speed of scoring.
MEASURED_SYMBOLS, MEASURED_STEPS = 100, 10
# Part of the time allowed that is planned with: a busy machine is slower the next moment. No more than OVERTIME of it is used.
PLANNED, OVERTIME = 0.85, 1.2
# A stream that adds fewer symbols than these to the score is not worth its warm-up.
SHORTEST_STREAM = 4 * WARM_UP


@dataclass(frozen=True)
class ScoringPlan:
    """How many streams score how many of the held-out symbols, and about how many seconds that takes."""

    streams: int
    symbols: int
    seconds: float


def plan_scoring(scorer: Scorer, ids: NDArray[Any], allowed: float | None) -> ScoringPlan:
    """How to score ids[1:] in the seconds allowed, as fast as this machine is just now; None follows from their number."""
    symbols = len(ids) - 1
    if allowed is None:
        return ScoringPlan(1 if symbols <= ONE_STREAM else STREAMS, symbols, math.nan)
    with blas_threads(1):
        few = ids[: MEASURED_SYMBOLS + 1]
        one = _seconds(lambda: scorer.score(few, scorer.start([ids[:1]]))) / (len(few) - 1)
        if one * symbols <= PLANNED * allowed:
            return ScoringPlan(1, symbols, one * symbols)
        streams = max(2, min(STREAMS, symbols // SHORTEST_STREAM))
        rows = np.resize(ids, (MEASURED_STEPS, streams))
        _read(scorer, rows[:2])  # the first steps are slower: memory is new to them
        step = _seconds(lambda: _read(scorer, rows)) / MEASURED_STEPS
    fit = WARM_UP + streams * (int(PLANNED * allowed / step) - WARM_UP)
    if fit >= symbols:
        return ScoringPlan(streams, symbols, step * (WARM_UP + symbols / streams))
    # Less than one stream would do in the time is not worth several.
    alone = min(symbols, int(PLANNED * allowed / one))
    return ScoringPlan(streams, fit, PLANNED * allowed) if fit > alone else ScoringPlan(1, max(1, alone), PLANNED * allowed)


def score_exactly(
    run: Run, material: Material, counted: NDArray[np.float32] | None, ledger: Ledger, stop: Callable[[], bool]
) -> Iterator[Progress]:
    """Score; yield progress, stop early when asked to, write the scores when done.

    `counted` are the Markov model's log-probabilities of the same symbols, None where there is no such model.
    """
    config, family = run.info.config, family_of(run.info.config)
    places: NDArray[np.intp] | slice = slice(None)
    parts: dict[str, NDArray[np.float32]] = {}
    state = "carried"
    if family.network is not None and material.held_out:
        allowed = allowed_seconds(config.minutes * 60, ledger.total()) if config.timed and config.minutes else None
        end = time.perf_counter() + OVERTIME * (math.inf if allowed is None else allowed)
        scorer = family.network.engine(family.shape(config, len(material.tokenizer)), run.arrays("weights"))
        plan = plan_scoring(scorer, material.valid, allowed)
        scoring = Scoring(scorer, material.valid[: plan.symbols + 1], plan.streams)
        for share in scoring.run():
            yield Progress(phase="scoring", fraction=share, elapsed=ledger.total())
            if stop():
                return
            if time.perf_counter() > end:
                break
        places, parts["network"] = scoring.found()
        state = scoring.protocol()
        if len(parts["network"]) < material.held_out:
            scored = f"{len(parts['network']):,} of {material.held_out:,}"
            yield Progress(phase="scoring", note=f"scored {scored} held-out symbols, as many as a twentieth of the time allows")
            state += f",part:{len(parts['network'])}/{material.held_out}"
    if counted is not None and len(counted):
        parts = {"markov": counted[places], **parts}
    weight = None
    if family.network is not None and family.counts:
        fitted = len(parts) == 2
        weight = fit_weight(parts["network"], parts["markov"]) if fitted else UNFITTED
        if fitted:
            parts["mix"] = cross_fitted(parts["network"], parts["markov"])
    run.update(mix_weight=weight, scores=_summary(run, material, parts, places, state))


def allowed_seconds(total: float, spent: float) -> float:
    """Seconds that scoring may take of a budget of `total`, of which `spent` are gone."""
    return min(SHARE * total, max(LEAST_SHARE * total, total - spent - EXIT_SECONDS - END_SECONDS))


def headline(run: Run) -> str:
    """The scored part whose score is the run's."""
    family = family_of(run.info.config)
    return "network" if not family.counts else "markov" if family.network is None else "mix"


def _read(scorer: Scorer, rows: NDArray[Any]) -> None:
    """Read rows [steps, N], a symbol of each stream at a time."""
    state = scorer.start([rows[0, :1]] * rows.shape[1])
    for row in rows:
        _, state = scorer.step(state, row)


def _seconds(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def _summary(
    run: Run, material: Material, parts: dict[str, NDArray[np.float32]], places: NDArray[np.intp] | slice, state: str
) -> dict[str, Any]:
    """Scores of each part at these places of the held-out symbols, and of the run as `valid`."""
    if not parts:
        return {}
    text, ids = material.valid_text, material.valid[1:][places]
    if len(ids) < material.held_out:
        text = material.tokenizer.decode(ids)
    summary: dict[str, Any] = {}
    for name, log_probs in parts.items():
        found = scores(log_probs, ids, UNK, len(material.tokenizer), len(text), material.tokenizer.bytes_of(text))
        summary[name] = {key: value for key, value in found.to_json().items() if math.isfinite(value)}
    summary["valid"] = summary[headline(run)]
    summary["signature"] = signature(material.tokenizer, run.info.config.arch, state)
    return summary
