"""How much each symbol of a text surprised the model: -log2 of the symbol's probability, and what the model would rather
have said.

A symbol of n bits had a probability of 2^-n. Bits add up: their sum is the length of the text if the model were used to
pack it (Shannon 1948, §7).

Shape legend: T symbols, V vocabulary, K alternatives.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from seqgen.decode.scorer import Ids, Scorer
from seqgen.explain.places import Place, places_of
from seqgen.metrics.likelihood import unknown_penalty
from seqgen.tokenizers.base import EOS, PAD, REPLACEMENT, SPECIALS, UNK, Tokenizer, normalise

BLOCK = 256


@dataclass(frozen=True)
class Surprise:
    """A text symbol by symbol. `texts` [T]: the text that each completes; `symbols` [T]: its name in the vocabulary;
    `bits` [T]; `rank` [T]: how many others were likelier; `alternatives` [T, K] ids, the likeliest first, and their
    `probabilities` [T, K]."""

    texts: tuple[str, ...]
    symbols: tuple[str, ...]
    bits: NDArray[np.float64]
    rank: NDArray[np.int64]
    alternatives: NDArray[np.int64]
    probabilities: NDArray[np.float64]

    @property
    def total(self) -> float:
        """Bits of the whole text."""
        return float(self.bits.sum())

    @property
    def characters(self) -> int:
        """How many characters the symbols spell; the end of a sentence is none."""
        return sum(len(text) for text, symbol in zip(self.texts, self.symbols, strict=True) if symbol != SPECIALS[EOS])


def surprise_of_text(
    scorer: Scorer, tokenizer: Tokenizer, text: str, k: int, before: str = "\n"
) -> Iterator[tuple[float, Surprise | None]]:
    """Read a text symbol by symbol, the first after `before`; yields (share done, None), then (1, the result)."""
    text = normalise(text)
    ids = tokenizer.encode(text)
    last = tokenizer.encode(before)[-1:]
    state = scorer.start([last])
    rows: list[NDArray[np.float32]] = []
    parts = []
    for place, id_ in enumerate(ids.tolist()):
        log_probs, state = scorer.step(state, last)
        rows.append(log_probs[0].copy())
        last = np.array([id_], dtype=np.int32)
        if len(rows) == BLOCK or place + 1 == len(ids):
            parts.append(_judged(np.stack(rows), ids[place + 1 - len(rows) : place + 1], k, len(tokenizer)))
            rows = []
            yield (place + 1) / len(ids), None
    yield 1.0, _joined(parts, tokenizer, ids, shown_texts(tokenizer, text, ids), k)


def surprise_of_target(log_probs: NDArray[np.float32], tokenizer: Tokenizer, target: Ids, text: str, k: int) -> Surprise:
    """A translation, ids [T] that spell `text`, under log-probabilities [T + 1, V] of them and of the <eos> after them.

    A model may spell a text in other pieces than its tokenizer would: the ids are its own.
    """
    ids = np.concatenate([target, [EOS]])
    texts = (*shown_texts(tokenizer, normalise(text), ids[:-1]), SPECIALS[EOS])
    return _joined([_judged(log_probs, ids, k, len(tokenizer))], tokenizer, ids, texts, k)


def joined_lines(found: Sequence[Surprise]) -> Surprise:
    """Several as one text, each on a line of its own: a newline, which costs nothing, is added to its last text."""
    texts = [(*one.texts[:-1], one.texts[-1] + "\n") if one.texts else () for one in found[:-1]]
    return Surprise(
        tuple(text for line in [*texts, found[-1].texts] for text in line),
        tuple(symbol for one in found for symbol in one.symbols),
        *(np.concatenate([getattr(one, name) for one in found]) for name in ("bits", "rank", "alternatives", "probabilities")),
    )


class Word(NamedTuple):
    """What stands between blanks, where it begins, and the bits of its symbols; the blanks' own bits are no word's."""

    text: str
    place: Place
    bits: float


def words_of(found: Surprise) -> list[Word]:
    """The words of a text, in its order. A symbol that begins with a blank begins a word, as pieces of sentences do."""
    words: list[Word] = []
    inside, waiting = False, 0.0
    for place, text, symbol, bits in zip(places_of(found.texts), found.texts, found.symbols, found.bits.tolist(), strict=True):
        if not text:
            waiting += bits  # a byte of a character that a later symbol completes
            continue
        bits, waiting = bits + waiting, 0.0
        bare = text.strip()
        if not bare or symbol == SPECIALS[EOS]:
            inside = False
            continue
        if inside and not text[0].isspace():
            words[-1] = words[-1]._replace(text=words[-1].text + bare, bits=words[-1].bits + bits)
        else:
            blank = len(text) - len(text.lstrip())
            words.append(Word(bare, place._replace(column=place.column + blank), bits))
        inside = not text[-1].isspace()
    return words


def shown_texts(tokenizer: Tokenizer, text: str, ids: NDArray[Any]) -> tuple[str, ...]:
    """The text that each id completes; a character spelt in several bytes is at the last one, "" at the others."""
    if len(ids) == len(text) and tokenizer.kind == "char":
        return tuple(text)  # one character per id: unknown ones as they were written
    decoder = tokenizer.decoder()
    texts = [decoder.push(id_) for id_ in ids.tolist()]
    return tuple(REPLACEMENT if id_ == UNK and not text else text for id_, text in zip(ids.tolist(), texts, strict=True))


def _judged(log_probs: NDArray[np.float32], ids: NDArray[Any], k: int, vocab_size: int) -> tuple[NDArray[Any], ...]:
    """Bits, rank, alternatives and their probabilities of ids [T] under log_probs [T, V]."""
    # Nothing is padded here: a model's tiny probability of <pad> would only take up a place.
    log_probs[:, PAD] = -np.inf
    own = log_probs[np.arange(len(ids)), ids]
    bits = -own.astype(np.float64) / math.log(2) + (ids == UNK) * unknown_penalty(vocab_size) / math.log(2)
    rank = np.count_nonzero(log_probs > own[:, None], axis=1)
    k = min(k, log_probs.shape[1])
    best = np.argpartition(-log_probs, k - 1, axis=1)[:, :k]  # [T, K], in any order
    values = np.take_along_axis(log_probs, best, axis=1)
    order = np.argsort(-values, axis=1, kind="stable")
    return (
        bits,
        rank.astype(np.int64),
        np.take_along_axis(best, order, axis=1).astype(np.int64),
        np.exp(np.take_along_axis(values, order, axis=1).astype(np.float64)),
    )


def _joined(
    parts: list[tuple[NDArray[Any], ...]], tokenizer: Tokenizer, ids: NDArray[Any], texts: tuple[str, ...], k: int
) -> Surprise:
    if not parts:
        nothing = np.zeros(0)
        empty = nothing.reshape(0, k)  # [0] -> [0, K]
        return Surprise((), (), nothing, nothing.astype(np.int64), empty.astype(np.int64), empty)
    bits, rank, alternatives, probabilities = (np.concatenate(column) for column in zip(*parts, strict=True))
    symbols = tuple(tokenizer.symbol(id_) for id_ in ids.tolist())
    return Surprise(texts, symbols, bits, rank, alternatives, probabilities)
