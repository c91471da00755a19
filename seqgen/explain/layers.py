"""The layers of a Transformer, each with parameters of its own, and what changes inside when one word is replaced.

An untrained one is drawn in the size that Vaswani et al. 2017 call "base" (table 3): 6 + 6 layers of 512, 8 heads of 64,
feed-forward layers of 2048, normalised after each sublayer.

Shape legend: N pieces of a sentence and <eos>, D width.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seqgen.decode.scorer import Ids
from seqgen.errors import ConfigError
from seqgen.infer.transformer import TransformerReader
from seqgen.tokenizers.base import EOS, SPECIALS, normalise
from seqgen.weights import TransformerShape, parameters, transformer_weights

Weights = dict[str, NDArray[np.float32]]
# Two vectors closer than this share of their length are the same but for rounding.
ROUNDING = 1e-6
_WORD = re.compile(r"\w+|[^\w\s]")


def base(words: int) -> TransformerShape:
    """The shape of table 3's "base" with a vocabulary of so many words."""
    return TransformerShape(len(SPECIALS) + words, 6, 6, 8, 512, 2048, pre_norm=False)


def drawn(shape: TransformerShape, seed: int) -> Weights:
    """The encoder's arrays and each decoder layer's first ones, as training begins them: matrices as in Glorot & Bengio 2010,
    embeddings with a variance of 1 / D, biases 0. Each array has a generator of its own, so that leaving some out changes none.
    """
    found: Weights = {}
    for number, (name, size) in enumerate(transformer_weights(shape).items()):
        rng = np.random.default_rng([seed, number])
        if name.startswith("decoder") and not name.endswith("self_attention.inputs.weight"):
            continue
        if name == "embedding.weight":
            found[name] = rng.standard_normal(size, dtype=np.float32) * np.float32(shape.hidden**-0.5)
        elif len(size) == 2:
            # Queries, keys and values are three matrices in one.
            rows = shape.hidden if name.endswith("attention.inputs.weight") else size[0]
            bound = math.sqrt(6 / (rows + size[1]))
            found[name] = rng.random(size, dtype=np.float32) * np.float32(2 * bound) - np.float32(bound)
        else:
            found[name] = np.full(size, float(name.endswith("norm.weight")), dtype=np.float32)
    return found


def encoder_reader(shape: TransformerShape, weights: Weights) -> TransformerReader:
    """A reader of the encoder alone, whose decoder has no layers."""
    alone = TransformerShape(shape.vocab_size, shape.layers, 0, shape.heads, shape.hidden, shape.ffn, shape.pre_norm)
    return TransformerReader(alone, {name: weights[name] for name in transformer_weights(alone)})


@dataclass(frozen=True)
class Layer:
    """One layer: encoder or decoder, its number from 1, how many parameters it has, the first numbers of its W_q."""

    side: str
    number: int
    parameters: int
    begins: tuple[float, ...]


def layers_of(shape: TransformerShape, weights: Weights, numbers: int) -> list[Layer]:
    """All layers of both stacks, with so many of the numbers of each one's W_q of self-attention."""
    sizes = transformer_weights(shape)
    found = []
    for side, count in (("encoder", shape.layers), ("decoder", shape.decoder_layers)):
        for index in range(count):
            here = f"{side}.{index}."
            size = parameters({name: one for name, one in sizes.items() if name.startswith(here)})
            first = weights[f"{here}self_attention.inputs.weight"][0, :numbers]
            found.append(Layer(side, index + 1, size, tuple(first.tolist())))
    return found


def words_in(sentence: str) -> list[str]:
    """The words and marks of a sentence, for a model that has never seen pieces."""
    return _WORD.findall(normalise(sentence))


def replaced(sentence: str, word: str, other: str) -> str:
    """A sentence with the first `word` in it replaced by another. Raises ConfigError where it is not there or the same."""
    found = re.search(rf"(?<!\w){re.escape(word)}(?!\w)", sentence)
    if found is None:
        raise ConfigError(
            f"--replace: {word!r} is not a word of the sentence", f"its words are: {' '.join(words_in(sentence))}"
        )
    if word == other:
        raise ConfigError(f"--replace: {word!r} is replaced by itself", "name another word: --replace WORD=OTHER")
    return sentence[: found.start()] + other + sentence[found.end() :]


def numbered(sentences: list[list[str]]) -> tuple[int, list[Ids]]:
    """How many words there are in all sentences, and each sentence in ids: the words in order of appearance."""
    vocabulary = {word: len(SPECIALS) + number for number, word in enumerate(dict.fromkeys(sum(sentences, [])))}
    return len(vocabulary), [np.array([vocabulary[word] for word in words], dtype=np.int32) for words in sentences]


@dataclass(frozen=True)
class Changes:
    """How far the vectors of each place differ between two sentences, |a - b| / |a| [N], at each stage by name."""

    stages: dict[str, NDArray[np.float64]]

    def counted(self, stage: str) -> int:
        """At how many places the vectors differ by more than rounding."""
        return int((self.stages[stage] > ROUNDING).sum())


def changes_of(reader: TransformerReader, first: Ids, second: Ids) -> Changes:
    """Read two sentences of as many pieces. Raises ConfigError where they have not as many."""
    if len(first) != len(second):
        raise ConfigError(
            f"--replace: expected a word of as many pieces, found {len(first)} pieces in all before and {len(second)} after",
            "replace it by a word that is read as as many pieces",
        )
    nothing = np.zeros(0, dtype=np.int32)
    one, other = (_vectors(reader, ids, nothing) for ids in (first, second))
    stages = {}
    for name, before in one.items():
        lengths = np.maximum(np.linalg.norm(before, axis=1), 1e-30)
        stages[name] = (np.linalg.norm(before - other[name], axis=1) / lengths).astype(np.float64)
    return Changes(stages)


def _vectors(reader: TransformerReader, ids: Ids, nothing: Ids) -> dict[str, NDArray[np.float32]]:
    """The vectors [N, D] of a sentence at each stage; "feed-forward alone" is that of the first layer without attention."""
    reading = reader.read(ids, nothing)
    layers = [reading.attentions[f"encoder.{index}.self_attention"] for index in range(reader.shape.layers)]
    stages = {
        "comes in": layers[0].stream,
        "feed-forward alone": reader.feed_forward("encoder.0", reader.embed(np.append(ids, EOS))),
        "attention": layers[0].stream + layers[0].output,
    }
    if len(layers) > 1:
        stages["layer 1"] = layers[1].stream
    stages["encoder"] = reading.memory
    return stages
