"""Subwords joined into words, so that people can read attention.

A word begins where there is a space, whatever the tokenizer: a piece that opens with one, or a character after one. Punctuation
at either end of a word is a word of its own ('sees.' is 'sees' and '.'); inside, it stays ("l'eau").

Attention to a word is the sum over its pieces, attention from a word the mean over its pieces: rows still sum to one.

Not here: scripts that are written without spaces. Their sentences are one word; look at their pieces.

Shape legend: N pieces, W words, Q pieces that look, K pieces that are looked at.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seqgen.decode.scorer import Ids
from seqgen.tokenizers.base import REPLACEMENT, Tokenizer


@dataclass(frozen=True)
class Words:
    """The words [W] of a sentence, and for each of its pieces the number of its word [N], which never falls."""

    texts: tuple[str, ...]
    numbers: NDArray[np.int64]

    def with_first(self, text: str) -> Words:
        """The same with one more word of one piece in front, such as <bos>."""
        return Words((text, *self.texts), np.concatenate([[0], self.numbers + 1]).astype(np.int64))

    def with_last(self, text: str) -> Words:
        """The same with one more word of one piece at the end, such as <eos>."""
        return Words((*self.texts, text), np.append(self.numbers, len(self.texts)).astype(np.int64))


def words_of(tokenizer: Tokenizer, ids: Ids) -> Words:
    """The words of a sentence's ids."""
    units = _units(tokenizer, ids)
    texts: list[str] = []
    numbers: list[int] = []
    for group in _groups(units):
        for part in _parts(group):
            numbers += [len(texts)] * sum(count for _, count in part)
            texts.append("".join(text for text, _ in part).strip() or " ")
    return Words(tuple(texts), np.array(numbers, dtype=np.int64))


def pieces_of(tokenizer: Tokenizer, ids: Ids) -> Words:
    """Each piece as a word of its own."""
    return Words(tuple(tokenizer.symbol(id_) for id_ in ids.tolist()), np.arange(len(ids), dtype=np.int64))


def joined(maps: NDArray[np.floating], rows: Words, columns: Words) -> NDArray[np.float64]:
    """Attention between pieces [..., Q, K] as attention between words [..., W of rows, W of columns]."""
    mean = _membership(rows)  # [W, Q]
    mean /= mean.sum(axis=1, keepdims=True)
    merged: NDArray[np.float64] = mean @ maps.astype(np.float64) @ _membership(columns).T  # [W, Q] [Q, K] [K, W]
    return merged


def _membership(words: Words) -> NDArray[np.float64]:
    """1 where a piece belongs to a word [W, N]."""
    belongs: NDArray[np.bool_] = np.arange(len(words.texts))[:, None] == words.numbers[None, :]
    return belongs.astype(np.float64)


# Text that belongs together, with how many ids make it.
_Unit = tuple[str, int]


def _units(tokenizer: Tokenizer, ids: Ids) -> list[_Unit]:
    """Ids as texts; those that spell a character in bytes are one unit."""
    decoder = tokenizer.decoder()
    units: list[_Unit] = []
    waiting = 0
    for id_ in ids.tolist():
        text, waiting = decoder.push(id_), waiting + 1
        if text:
            units.append((text, waiting))
            waiting = 0
    if waiting:
        units.append((decoder.flush() or REPLACEMENT, waiting))
    return units


def _groups(units: Sequence[_Unit]) -> list[list[_Unit]]:
    """Units between spaces; a space by itself belongs to the word that follows it."""
    groups: list[list[_Unit]] = []
    inside = False
    for text, count in units:
        if not groups or (inside and text[0].isspace()):
            groups.append([])
            inside = False
        groups[-1].append((text, count))
        inside = inside or bool(text.strip())
    if len(groups) > 1 and not inside:
        # No word follows the spaces at the end.
        last = groups.pop()
        groups[-1] += last
    return groups


def _parts(group: Sequence[_Unit]) -> list[list[_Unit]]:
    """A group with the punctuation at its ends, if there is something between them, as words of their own."""
    signs = [_is_punctuation(text) for text, _ in group]
    words = [place for place, (text, _) in enumerate(group) if text.strip() and not signs[place]]
    if not words:
        return [list(group)]
    # A space by itself before the word belongs to the word, unless there is a sign between them.
    first = next((place + 1 for place in range(words[0] - 1, -1, -1) if signs[place]), 0)
    last = next((place for place in range(words[-1] + 1, len(group)) if signs[place]), len(group))
    return [list(part) for part in (group[:first], group[first:last], group[last:]) if part]


def _is_punctuation(text: str) -> bool:
    """Whether a text is nothing but punctuation and signs."""
    seen = text.strip()
    return bool(seen) and all(unicodedata.category(c)[0] in "PS" and c != REPLACEMENT for c in seen)
