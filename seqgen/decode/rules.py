"""Rules: what sampling does to a distribution before it draws from it.

A rule takes logits [N, V] and the history [N, W] (the last W ids of each row in any order, -1
where there are none yet) and returns
logits. Logits need not be normalised; a symbol that may not be drawn has -inf. Rules are made by factories and applied in
the order of `rules_for`: what is forbidden, penalties, temperature, then the cuts (top-k, top-p, min-p).

Shape legend: N rows, V vocabulary, W window.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Logits = NDArray[np.float32]
History = NDArray[np.int64]
Rule = Callable[[Logits, History], Logits]

PENALTY_WINDOW = 64


def forbidden(ids: Sequence[int]) -> Rule:
    """Never these ids."""
    columns = np.array(ids, dtype=np.intp)

    def rule(logits: Logits, history: History) -> Logits:
        logits[:, columns] = -np.inf
        return logits

    return rule


def temperature(value: float) -> Rule:
    """Divide by the temperature: below 1 sharper, above 1 flatter."""
    scale = np.float32(1 / value)

    def rule(logits: Logits, history: History) -> Logits:
        logits *= scale
        return logits

    return rule


def top_k(k: int) -> Rule:
    """Only the k likeliest symbols; those that tie with the last one stay."""

    def rule(logits: Logits, history: History) -> Logits:
        if k < logits.shape[1]:
            least = np.partition(logits, -k, axis=1)[:, -k, None]  # [N, 1]
            logits[logits < least] = -np.inf
        return logits

    return rule


def top_p(p: float) -> Rule:
    """Only the likeliest symbols that together reach probability p (nucleus sampling, Holtzman et al. 2020, §3.1)."""

    def rule(logits: Logits, history: History) -> Logits:
        order = np.argsort(-logits, axis=1, kind="stable")
        probabilities = _softmax(np.take_along_axis(logits, order, 1))
        # A symbol stays while those before it have not reached p; so the likeliest always does.
        cut = np.cumsum(probabilities, axis=1) - probabilities >= p
        mask = np.zeros_like(cut)
        np.put_along_axis(mask, order, cut, 1)
        logits[mask] = -np.inf
        return logits

    return rule


def min_p(p: float) -> Rule:
    """Only symbols at least p times as likely as the likeliest (Nguyen et al. 2024, "Min-p sampling", §3)."""
    distance = np.float32(np.log(p))

    def rule(logits: Logits, history: History) -> Logits:
        logits[logits < logits.max(axis=1, keepdims=True) + distance] = -np.inf
        return logits

    return rule


def repetition_penalty(penalty: float) -> Rule:
    """Make symbols of the history less likely (Keskar et al. 2019, "CTRL", §4.1).

    The paper divides positive logits and multiplies negative ones. Log-probabilities are never positive, so they are
    multiplied here, whatever the model.
    """
    factor = np.float32(penalty)

    def rule(logits: Logits, history: History) -> Logits:
        rows, places = np.nonzero(history >= 0)
        seen = np.zeros(logits.shape, dtype=bool)
        seen[rows, history[rows, places]] = True
        logits[seen] *= factor
        return logits

    return rule


def rules_for(options: Any, special: Sequence[int]) -> list[Rule]:
    """The rules that GenerateOptions ask for; neutral settings cost nothing. `special` ids are never drawn."""
    rules = [forbidden(special)] if special else []
    if options.repetition_penalty != 1:
        rules.append(repetition_penalty(options.repetition_penalty))
    if options.temperature != 1 and not options.greedy:
        rules.append(temperature(options.temperature))
    if options.top_k:
        rules.append(top_k(options.top_k))
    if options.top_p < 1:
        rules.append(top_p(options.top_p))
    if options.min_p > 0:
        rules.append(min_p(options.min_p))
    return rules


def _softmax(logits: Logits) -> Logits:
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    result: Logits = shifted / shifted.sum(axis=1, keepdims=True)
    return result
