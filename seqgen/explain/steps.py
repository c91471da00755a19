"""One query's attention, number by number: what comes in, q, k and v, scores, shares, what each head gathers, what goes out.

The formulas are those of Vaswani et al. 2017, §3.2; infer/transformer.py has computed the numbers, here they are named.

Shape legend: D width of the model, h heads, d = D / h width of a head, K pieces that are looked at.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from seqgen.decode.scorer import Ids
from seqgen.errors import ConfigError
from seqgen.explain.attention import absent, places_of
from seqgen.explain.words import Words, pieces_of, words_of
from seqgen.infer.transformer import AttentionValues, TransformerReader
from seqgen.tokenizers.base import BOS, EOS, SPECIALS, Tokenizer
from seqgen.weights import sinusoids

Array = NDArray[np.float32]


@dataclass(frozen=True)
class Asked:
    """The row of a sentence's pieces that stands for a word: its first piece with something to see. The word has so many
    `pieces` and is there so many `times`; the first of them is taken."""

    word: str
    row: int
    pieces: int
    times: int


@dataclass(frozen=True)
class Computation:
    """The attention of one query: of a `kind`, in a layer and a head (from 1).

    `piece` is whose vector comes in, at `place` (from 0) of the queries; in the decoder that is the piece that was read last,
    while `asked` is what is written from it. Of the pieces that are looked at, `columns` [K], only the first `visible` may be.
    `embedding`, times the root of D, and `position` [D] are there where they are what comes in.
    """

    kind: str
    layer: int
    head: int
    asked: Asked
    piece: str
    place: int
    columns: tuple[str, ...]
    visible: int
    values: AttentionValues
    embedding: Array | None = None
    position: Array | None = None

    @property
    def heads(self) -> int:
        """h."""
        return len(self.values.query)

    @property
    def width(self) -> int:
        """D."""
        return int(self.values.stream.shape[-1])

    @property
    def root(self) -> float:
        """The root of d, by which inner products are divided."""
        return math.sqrt(self.values.query.shape[-1])

    @property
    def query(self) -> Array:
        """q [d]."""
        return self._of_head(self.values.query, self.place)

    @property
    def keys(self) -> Array:
        """k of each piece [K, d]."""
        return self._of_head(self.values.key)

    @property
    def vectors(self) -> Array:
        """v of each piece [K, d]."""
        return self._of_head(self.values.value)

    @property
    def products(self) -> Array:
        """q . k of each piece [K], before anything is done to them."""
        return self.keys @ self.query

    @property
    def scores(self) -> Array:
        """The products over the root of d [K], before the mask."""
        return self._of_head(self.values.scores, self.place)

    @property
    def shares(self) -> Array:
        """The softmax of the scores [K], exactly 0 where the mask is."""
        return self._of_head(self.values.weights, self.place)

    @property
    def gathered(self) -> Array:
        """What each head gathers [h, d]."""
        return self.values.gathered[:, self.place]

    def _of_head(self, array: Array, row: int | slice = slice(None)) -> Array:
        found: Array = array[self.head - 1, row]
        return found


def computations(
    reader: TransformerReader, tokenizer: Tokenizer, pair: tuple[Ids, Ids], word: str, layer: int | Literal["last"], head: int
) -> list[Computation]:
    """The attention of a word of either sentence of a pair of ids: a word of the source in the encoder, a word of the target,
    while it is written, in the decoder and between the two.

    Raises ConfigError where there is no such word, layer or head.
    """
    shape = reader.shape
    most = {"layer": max(shape.layers, shape.decoder_layers), "head": shape.heads}
    for name, number in (("layer", layer), ("head", head)):
        if isinstance(number, int) and number > most[name]:
            raise ConfigError(f"--{name}: expected 1 to {most[name]}, found {number}", "leave it out for the first")
    asked = _asked(tokenizer, pair, word)
    reading = reader.read(*pair)
    left, right = (pieces_of(tokenizer, ids) for ids in pair)
    source, read = left.with_last(SPECIALS[EOS]).texts, right.with_first(SPECIALS[BOS]).texts
    stacks = {"encoder": shape.layers, "decoder": shape.decoder_layers}

    def one(kind: str, name: str, side: str, rows: tuple[str, ...], columns: tuple[str, ...]) -> Iterator[Computation]:
        found, number = asked[side], stacks[side] if layer == "last" else layer
        if found is None or number > stacks[side]:
            return
        values = reading.attentions[f"{side}.{number - 1}.{name}"]
        visible = found.row + 1 if kind == "decoder" else len(columns)
        parts = _parts(reader, values, found.row) if number == 1 and kind != "cross" else (None, None)
        yield Computation(kind, number, head, found, rows[found.row], found.row, columns, visible, values, *parts)

    results = [
        *one("encoder", "self_attention", "encoder", source, source),
        *one("decoder", "self_attention", "decoder", read, read),
        *one("cross", "cross_attention", "decoder", read, source),
    ]
    if not results:
        raise ConfigError(f"--layer: the word {word!r} is not in a part with a layer {layer}", "name a lower one")
    return results


def _parts(reader: TransformerReader, values: AttentionValues, row: int) -> tuple[Array, Array | None]:
    """The scaled embedding and the position that make up what comes into the first layer."""
    if not reader.shape.positions:
        return values.stream[row], None
    position = sinusoids(row + 1, reader.shape.hidden)[row]
    return values.stream[row] - position, position


def _asked(tokenizer: Tokenizer, pair: tuple[Ids, Ids], word: str) -> dict[str, Asked | None]:
    """The rows of a word in the encoder and, while it is written, in the decoder. Where it is in neither, case is ignored;
    raises ConfigError, listing the words, where it still is not."""
    words = [words_of(tokenizer, ids).with_last(SPECIALS[EOS]) for ids in pair]
    pieces = [pieces_of(tokenizer, ids).with_last(SPECIALS[EOS]) for ids in pair]
    for any_case in (False, True):
        found = [_row(one, two, word, any_case) for one, two in zip(words, pieces, strict=True)]
        if any(found):
            return dict(zip(("encoder", "decoder"), found, strict=True))
    raise absent(word, words[0].texts[:-1], words[1].texts[:-1])


def _row(words: Words, pieces: Words, word: str, any_case: bool) -> Asked | None:
    """The row of a word or, where no word is spelt like that, of a piece."""
    if places := places_of(words.texts, word, any_case):
        rows = np.flatnonzero(words.numbers == places[0]).tolist()
        seen = next((row for row in rows if pieces.texts[row].strip("▁ ")), rows[0])
        return Asked(words.texts[places[0]], seen, len(rows), len(places))
    if places := places_of(pieces.texts, word, any_case):
        return Asked(pieces.texts[places[0]], places[0], 1, len(places))
    return None
