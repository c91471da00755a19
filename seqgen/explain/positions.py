"""What the positional encoding is, and what a Transformer confuses without it.

Attention has no order: from the same pieces in another order, the encoder makes the same states in another order (which is
why there is an encoding at all: Vaswani et al. 2017, §3.5). Here a sentence is read in two orders, by the model as it was
trained and by the same weights with the encoding left out.

Shape legend: P positions, D width, N pieces of the source and <eos>.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from seqgen.decode.scorer import Ids
from seqgen.decode.translator import TranslateOptions, Translator
from seqgen.errors import ConfigError
from seqgen.infer.transformer import TransformerReader
from seqgen.tokenizers.base import EOS, SPECIALS, Tokenizer
from seqgen.weights import TransformerShape, sinusoids

# Orders that are drawn to find one that leaves few words in their places.
DRAWN = 20
ENDS = ".?!…。？！ "
# Two states closer to each other than this share of their length are the same but for rounding.
ROUNDING = 1e-4


@dataclass(frozen=True)
class Encoding:
    """`table` [P, D] is what is added to the embeddings of positions 0 to P - 1.

    `similarity` [P] is the cosine of position 0 with each of them. Where D is even, it is that of any two positions as far
    apart: the mean of cos(distance / 10000^(2 i / D)) over i, for sin a sin b + cos a cos b = cos(a - b).
    """

    table: NDArray[np.float32]
    similarity: NDArray[np.float32]


def encoding(positions: int, width: int) -> Encoding:
    """The sinusoids of the first positions."""
    table = sinusoids(positions, width)
    lengths = np.linalg.norm(table, axis=1)  # [P], each of them sqrt(D / 2) where D is even
    return Encoding(table, table @ table[0] / (lengths * lengths[0]))


def reordered(sentence: str, seed: int) -> str:
    """The words of a sentence in another order; punctuation at its end stays there.

    Of several drawn orders, the one that leaves fewest words in place. Raises ConfigError where all words are the same.
    """
    text = " ".join(sentence.split())
    core = text.rstrip(ENDS)
    words = core.split()
    if len(set(words)) < 2:
        raise ConfigError("the sentence has no two different words: it has no other order", "take a longer one")
    rng = np.random.default_rng(seed)
    # Words that are not all the same, rotated by one place, are certain to be in another order.
    orders = [*(rng.permutation(len(words)) for _ in range(DRAWN)), np.roll(np.arange(len(words)), 1)]
    moved = [sum(words[new] != words[old] for old, new in enumerate(order.tolist())) for order in orders]
    best = orders[int(np.argmax(moved))]
    return " ".join(words[place] for place in best.tolist()) + text[len(core) :]


def check_orders(tokenizer: Tokenizer, first: Ids, second: Ids) -> None:
    """Raise ConfigError where two sentences are not two orders of the same pieces."""
    left, right = Counter(first.tolist()), Counter(second.tolist())
    for id_ in (left - right) + (right - left):
        raise ConfigError(
            f"expected the same pieces in both orders, found {tokenizer.symbol(id_)!r} {left[id_]} and {right[id_]} times",
            "--shuffled takes the words of SENTENCE, spelt as they are there, in another order",
        )
    if np.array_equal(first, second):
        raise ConfigError("the two orders are the same", "name another with --shuffled")


@dataclass(frozen=True)
class TwoOrders:
    """What a model, which has a `name` and may know positions, makes of two orders of the same pieces.

    `differences` [N] say how far apart the encoder's states of a piece are, |a - b| / |a|, in the order of the first
    sentence, its <eos> last. The log-probabilities (nats) are of one target, with its <eos>, given either order.
    """

    name: str
    positions: bool
    pieces: tuple[str, ...]
    differences: NDArray[np.float64]
    log_probs: tuple[float, float]
    translations: tuple[str, str]

    @property
    def alike(self) -> bool:
        """Whether the states of all pieces are the same in both orders, but for rounding."""
        return bool(self.differences.max() < ROUNDING)


def two_orders(
    name: str, reader: TransformerReader, tokenizer: Tokenizer, orders: tuple[Ids, Ids], target: Ids,
    translations: tuple[Ids, Ids],
) -> TwoOrders:  # fmt: skip
    """Read a target after its source in two orders; `translations` are the same model's own."""
    first, second = (reader.read(order, target) for order in orders)
    distance = np.linalg.norm(first.memory - second.memory[matched(*orders)], axis=1)  # [N]
    outputs = np.append(target, EOS).astype(np.intp)
    scores = [float(found.log_probs[np.arange(len(outputs)), outputs].sum(dtype=np.float64)) for found in (first, second)]
    return TwoOrders(
        name=name,
        positions=reader.shape.positions,
        pieces=(*(tokenizer.symbol(id_) for id_ in orders[0].tolist()), SPECIALS[EOS]),
        differences=(distance / np.linalg.norm(first.memory, axis=1)).astype(np.float64),
        log_probs=(scores[0], scores[1]),
        translations=(tokenizer.decode(translations[0]), tokenizer.decode(translations[1])),
    )


def matched(first: Ids, second: Ids) -> NDArray[np.intp]:
    """For each piece of the first order, and <eos>, its place in the second [N]: equal ones in order of appearance."""
    places: defaultdict[int, deque[int]] = defaultdict(deque)
    for place, id_ in enumerate(second.tolist()):
        places[id_].append(place)
    return np.array([*(places[id_].popleft() for id_ in first.tolist()), len(second)], dtype=np.intp)


def without_positions(
    shape: TransformerShape, weights: Mapping[str, NDArray[np.float32]]
) -> tuple[TransformerReader, Translator]:
    """The same weights with the encoding left out, to read and to translate with; converted in memory."""
    from seqgen.infer.ct2 import CT2Translator, convert

    shape = replace(shape, positions=False)
    return TransformerReader(shape, weights), CT2Translator(convert(shape, weights), precision="float32")


def translations_of(translator: Translator, orders: tuple[Ids, Ids], options: TranslateOptions) -> tuple[Ids, Ids]:
    """The likeliest translation found for each order."""
    first, second = (hypotheses[0].ids for hypotheses in translator.submit(orders, options)())
    return first, second
