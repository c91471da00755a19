"""From a run and a device to something that can be asked: the one place that picks an engine.

On a CPU nothing here imports torch: recurrent networks run in the NumPy engine, Transformers in CTranslate2. The reference
engine (`engine="reference"`) is the network as it was trained, and the only one on a GPU.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from seqgen.decode.mixture import MixtureScorer
from seqgen.decode.scorer import Scorer
from seqgen.decode.translator import TranslateOptions, Translator
from seqgen.errors import CheckpointError, ConfigError
from seqgen.run import Run
from seqgen.translation import LineTranslator
from seqgen.weights import RNNShape, TransformerShape, rnn_shape, transformer_shape

if TYPE_CHECKING:
    from seqgen.infer.transformer import TransformerReader

ENGINES = ("numpy", "reference")
TRANSLATION_ENGINES = ("ctranslate2", "reference")
# A source longer than any that was learnt from has positions that the model knows nothing of: it is cut. But not too short.
SHORTEST_LIMIT = 8


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


def open_translator(run: Run, *, engine: str = "ctranslate2", precision: str = "auto", threads: int = 1) -> Translator:
    """The translation engine of a run. Raises CheckpointError where the run is of another kind or damaged."""
    if engine not in TRANSLATION_ENGINES:
        raise ConfigError(f"--engine: expected one of {', '.join(TRANSLATION_ENGINES)}, found {engine!r}")
    if run.info.kind != "translation":
        raise CheckpointError(f"{run.path}: a {run.info.kind} run, expected a translation model", "name another with -m")
    if engine == "reference":
        return _reference_translator(transformer_shape(run.info.config, run.info.vocab_size), run.arrays("weights"))
    from seqgen.infer.cache import converted
    from seqgen.infer.ct2 import CT2Translator

    return CT2Translator(converted(run), precision=precision, threads=threads)


def open_reader(run: Run) -> TransformerReader:
    """The Transformer of a translation run as it is looked into: slow, but nothing inside it is hidden.

    Raises CheckpointError where the run is of another kind or damaged.
    """
    from seqgen.infer.transformer import TransformerReader

    if run.info.kind != "translation":
        raise CheckpointError(f"{run.path}: a {run.info.kind} run, expected a translation model", "name another with -m")
    return TransformerReader(transformer_shape(run.info.config, run.info.vocab_size), run.arrays("weights"))


def line_translator(run: Run, translator: Translator, options: TranslateOptions) -> LineTranslator:
    """A translator of lines with the run's tokenizer and limits."""
    limit = max(SHORTEST_LIMIT, int(run.info.corpus.get("longest_source", 0)))
    return LineTranslator(translator, run.tokenizer(), options, limit)


def longest_translation(run: Run) -> int:
    """Target tokens that no translation of one piece should need."""
    return max(64, 2 * int(run.info.corpus.get("longest_target", 0)))


def _reference_translator(shape: TransformerShape, weights: Mapping[str, NDArray[np.float32]]) -> Translator:
    import torch

    from seqgen.nn.reference import ReferenceTranslator
    from seqgen.nn.transformer import TransformerModel
    from seqgen.weights import check_weights, transformer_weights

    check_weights(transformer_weights(shape), {name: array.shape for name, array in weights.items()}, "weights")
    model = TransformerModel(shape)
    model.load_state_dict({name: torch.from_numpy(array) for name, array in weights.items()})
    return ReferenceTranslator(model)
