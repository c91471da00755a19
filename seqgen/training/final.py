"""The last part of a run: score every held-out symbol exactly, fit the mix, write down what the run is worth."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqgen.backend import network_scorer
from seqgen.decode.mixture import cross_fitted, fit_weight
from seqgen.evaluation import score_in_pieces, signature
from seqgen.metrics.likelihood import scores
from seqgen.run import Run
from seqgen.tokenizers.base import UNK
from seqgen.training.budget import Ledger
from seqgen.training.material import Material
from seqgen.training.progress import Progress
from seqgen.weights import rnn_shape

# Without held-out text there is nothing to fit a mix on: both halves are trusted alike.
UNFITTED = 0.5


def score_exactly(
    run: Run, material: Material, counted: NDArray[np.float32] | None, ledger: Ledger, stop: Callable[[], bool]
) -> Iterator[Progress]:
    """Score in one stream, the state carried; yields progress, stops early when asked to, writes the scores when done.

    `counted` are the Markov model's log-probabilities of the same symbols, None where there is no such model.
    """
    config = run.info.config
    parts: dict[str, NDArray[np.float32]] = {}
    if counted is not None and len(counted):
        parts["markov"] = counted
    if config.cell and material.held_out:
        pieces = []
        scorer = network_scorer(rnn_shape(config, len(material.tokenizer)), run.arrays("weights"))
        for piece in score_in_pieces(scorer, material.valid):
            pieces.append(piece)
            yield Progress(phase="scoring", fraction=sum(map(len, pieces)) / material.held_out, elapsed=ledger.total())
            if stop():
                return
        parts["network"] = np.concatenate(pieces)
    weight = None
    if config.arch == "hybrid":
        fitted = len(parts) == 2
        weight = fit_weight(parts["network"], parts["markov"]) if fitted else UNFITTED
        if fitted:
            parts["mix"] = cross_fitted(parts["network"], parts["markov"])
    run.update(mix_weight=weight, scores=_summary(run, material, parts))


def headline(run: Run) -> str:
    """Which of the scored parts stands for the run."""
    return {"markov": "markov", "hybrid": "mix"}.get(run.info.config.arch, "network")


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
