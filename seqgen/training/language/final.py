"""The last part of a run: score every held-out symbol exactly, fit the mix, record the scores."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqgen.decode.mixture import cross_fitted, fit_weight
from seqgen.evaluation import score_in_pieces, signature
from seqgen.families import family_of
from seqgen.metrics.likelihood import scores
from seqgen.opening import UNFITTED
from seqgen.run import Run
from seqgen.tokenizers.base import UNK
from seqgen.training.budget import Ledger
from seqgen.training.language.material import Material
from seqgen.training.progress import Progress


def score_exactly(
    run: Run, material: Material, counted: NDArray[np.float32] | None, ledger: Ledger, stop: Callable[[], bool]
) -> Iterator[Progress]:
    """Score as one stream, carrying the state; yield progress, stop early when asked to, write the scores when done.

    `counted` are the Markov model's log-probabilities of the same symbols, None where there is no such model.
    """
    config, family = run.info.config, family_of(run.info.config)
    parts: dict[str, NDArray[np.float32]] = {}
    if counted is not None and len(counted):
        parts["markov"] = counted
    if family.network is not None and material.held_out:
        pieces = []
        scorer = family.network.engine(family.shape(config, len(material.tokenizer)), run.arrays("weights"))
        for piece in score_in_pieces(scorer, material.valid):
            pieces.append(piece)
            yield Progress(phase="scoring", fraction=sum(map(len, pieces)) / material.held_out, elapsed=ledger.total())
            if stop():
                return
        parts["network"] = np.concatenate(pieces)
    weight = None
    if family.network is not None and family.counts:
        fitted = len(parts) == 2
        weight = fit_weight(parts["network"], parts["markov"]) if fitted else UNFITTED
        if fitted:
            parts["mix"] = cross_fitted(parts["network"], parts["markov"])
    run.update(mix_weight=weight, scores=_summary(run, material, parts))


def headline(run: Run) -> str:
    """The scored part whose score is the run's."""
    family = family_of(run.info.config)
    return "network" if not family.counts else "markov" if family.network is None else "mix"


def _summary(run: Run, material: Material, parts: dict[str, NDArray[np.float32]]) -> dict[str, Any]:
    """Scores of each part, and of the run as `valid`."""
    if not parts:
        return {}
    text, ids = material.valid_text, material.valid[1:]
    summary: dict[str, Any] = {}
    for name, log_probs in parts.items():
        found = scores(log_probs, ids, UNK, len(material.tokenizer), len(text), len(text.encode()))
        summary[name] = {key: value for key, value in found.to_json().items() if math.isfinite(value)}
    summary["valid"] = summary[headline(run)]
    summary["signature"] = signature(material.tokenizer, run.info.config.arch)
    return summary
