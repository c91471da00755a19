"""Pairs of ids as batches of about equally many tokens, made of pairs of similar length.

What step k reads is a pure function of (seed, k). Each pass puts the pairs in an order by length with some noise, cuts it
into batches and reads these in random order. The cuts depend on lengths alone, so that all passes have equally many batches.

Shape legend: B pairs of a batch, S source length, T target length, N pairs in all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from seqgen.tokenizers.base import BOS, EOS, PAD

Ids = NDArray[np.int32]
# Lengths are rounded up to a multiple of this before pairs are shuffled, so that a batch is not of one length only.
BUCKET = 3
# Within a bucket the order is by source length, with noise of up to this many tokens.
NOISE = 4.0


@dataclass(frozen=True)
class PairIds:
    """N sentences of either side: `ids` one after another, sentence i at offsets[i] : offsets[i + 1]."""

    source: Ids
    source_offsets: NDArray[np.int64]
    target: Ids
    target_offsets: NDArray[np.int64]

    @classmethod
    def of(cls, sources: Sequence[Ids], targets: Sequence[Ids]) -> PairIds:
        """From a list for each side."""
        return cls(*_joined(sources), *_joined(targets))

    def __len__(self) -> int:
        return len(self.source_offsets) - 1

    @property
    def source_lengths(self) -> NDArray[np.int64]:
        """Tokens of each source [N], without its end."""
        return np.diff(self.source_offsets)

    @property
    def target_lengths(self) -> NDArray[np.int64]:
        """Tokens of each target [N], without its end."""
        return np.diff(self.target_offsets)

    def pair(self, index: int) -> tuple[Ids, Ids]:
        """One source and its target."""
        return (
            self.source[self.source_offsets[index] : self.source_offsets[index + 1]],
            self.target[self.target_offsets[index] : self.target_offsets[index + 1]],
        )


def _joined(sentences: Sequence[Ids]) -> tuple[Ids, NDArray[np.int64]]:
    offsets = np.concatenate([[0], np.cumsum([len(ids) for ids in sentences], dtype=np.int64)])
    return np.concatenate([np.zeros(0, dtype=np.int32), *sentences]).astype(np.int32), offsets.astype(np.int64)


@dataclass(frozen=True)
class Batch:
    """`source` [B, S] ends with <eos>; `inputs` [B, T] are the target behind <bos>, `outputs` [B, T] the target and <eos>.

    Shorter rows are filled up with <pad>.
    """

    source: NDArray[np.int64]
    inputs: NDArray[np.int64]
    outputs: NDArray[np.int64]


def batch_of(pairs: PairIds, rows: Sequence[int] | NDArray[np.int64]) -> Batch:
    """These pairs, side by side."""
    found = [pairs.pair(int(row)) for row in rows]
    width, length = (1 + max(len(pair[side]) for pair in found) for side in (0, 1))
    source = np.full((len(found), width), PAD, dtype=np.int64)
    outputs = np.full((len(found), length), PAD, dtype=np.int64)
    inputs = np.full((len(found), length), PAD, dtype=np.int64)
    inputs[:, 0] = BOS
    for row, (left, right) in enumerate(found):
        source[row, : len(left)], source[row, len(left)] = left, EOS
        outputs[row, : len(right)], outputs[row, len(right)] = right, EOS
        inputs[row, 1 : len(right) + 1] = right
    return Batch(source, inputs, outputs)


@dataclass
class Batches:
    """The batches of all passes; `max_tokens` bounds B times the longer of S and T."""

    pairs: PairIds
    max_tokens: int
    seed: int
    cuts: NDArray[np.int64] = field(init=False)
    _order: tuple[int, NDArray[np.int64], NDArray[np.int64]] | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        lengths = np.maximum(self.pairs.source_lengths, self.pairs.target_lengths) + 1
        self._buckets = -(-lengths // BUCKET) * BUCKET
        self.cuts = _cuts(np.sort(self._buckets), self.max_tokens)

    def __len__(self) -> int:
        """Batches in one pass."""
        return len(self.cuts) - 1

    def rows(self, k: int) -> NDArray[np.int64]:
        """The pairs that the k-th batch of all consists of."""
        epoch, position = divmod(k, len(self))
        if self._order is None or self._order[0] != epoch:
            rng = np.random.default_rng([self.seed, epoch])
            key = self.pairs.source_lengths + NOISE * rng.random(len(self.pairs))
            self._order = epoch, np.lexsort((key, self._buckets)), rng.permutation(len(self))
        _, order, places = self._order
        place = places[position]
        return order[self.cuts[place] : self.cuts[place + 1]]

    def batch(self, k: int) -> Batch:
        """The k-th batch of all."""
        return batch_of(self.pairs, self.rows(k))


def by_tokens(widths: NDArray[np.int64], max_tokens: int) -> list[NDArray[np.int64]]:
    """Rows in batches that have at most max_tokens tokens each when filled up to their widest, the narrow ones first."""
    order = np.argsort(widths, kind="stable")
    cuts = _cuts(widths[order], max_tokens)
    return [order[start:end] for start, end in zip(cuts[:-1], cuts[1:], strict=True)]


def _cuts(widths: NDArray[np.int64], max_tokens: int) -> NDArray[np.int64]:
    """Where to cut pairs of rising widths so that each piece, filled up to its widest, has at most max_tokens tokens.

    A pair that is wider than that makes a batch of its own. Pieces are cut from the wide end, so that the one which is
    not full is made of short pairs.
    """
    cuts = [len(widths)]
    while cuts[-1]:
        end = cuts[-1]
        cuts.append(max(0, end - max(1, max_tokens // int(widths[end - 1]))))
    return np.array(cuts[::-1], dtype=np.int64)
