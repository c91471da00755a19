"""From a run and a device to something that can be asked: the one place that picks an engine.

On a CPU nothing here imports torch: networks run in the NumPy engine. The reference engine (`engine="reference"`) is the
network as it was trained, and the only one on a GPU.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from seqgen.decode.mixture import MixtureScorer
from seqgen.decode.scorer import Scorer
from seqgen.errors import CheckpointError, ConfigError
from seqgen.run import Run
from seqgen.weights import RNNShape, rnn_shape

ENGINES = ("numpy", "reference")


def open_scorer(run: Run, *, engine: str = "numpy", device: str = "cpu") -> Scorer:
    """The language model of a run. Raises CheckpointError where its arrays are missing or do not fit its config."""
    if engine not in ENGINES:
        raise ConfigError(f"--engine: expected one of {', '.join(ENGINES)}, found {engine!r}")
    if run.info.kind != "language":
        raise CheckpointError(f"{run.path}: a {run.info.kind} run, expected a language model", "name another with -m")
    config = run.info.config
    counted = open_markov(run) if config.counts else None
    if config.cell is None:
        assert counted is not None
        return counted
    shape = rnn_shape(config, run.info.vocab_size)
    weights = run.arrays("weights")
    network = network_scorer(shape, weights) if engine == "numpy" and device == "cpu" else _reference(shape, weights, device)
    if counted is None:
        return network
    return MixtureScorer(network, counted, 0.5 if run.info.mix_weight is None else run.info.mix_weight)


def open_markov(run: Run) -> Scorer:
    """The Markov model of a run."""
    from seqgen.markov import Markov, MarkovScorer

    return MarkovScorer(Markov.from_arrays(run.arrays("markov"), run.info.vocab_size))


def network_scorer(shape: RNNShape, weights: Mapping[str, NDArray[np.float32]]) -> Scorer:
    """A recurrent network in the NumPy engine."""
    from seqgen.infer.rnn import RNNScorer

    return RNNScorer(shape, weights)


def _reference(shape: RNNShape, weights: Mapping[str, NDArray[np.float32]], device: str) -> Scorer:
    import torch

    from seqgen.nn.rnn import RNNModel
    from seqgen.nn.scorer import RNNModelScorer

    model = RNNModel(shape)
    model.load_state_dict({name: torch.from_numpy(array) for name, array in weights.items()})
    return RNNModelScorer(model.to(device).eval())
