"""Which words of a source each word of a translation looks at: attention, summed over the tokens of words.

Shape legend: S source tokens, T target tokens.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from seqgen.decode.scorer import Ids
from seqgen.tokenizers.base import Tokenizer


def word_numbers(tokenizer: Tokenizer, ids: Iterable[int] | Ids) -> NDArray[np.int64]:
    """For each token the number of its word; a token of white space belongs to the word that follows it."""
    decoder = tokenizer.decoder()
    numbers, word, inside = [], 0, False
    for id_ in np.asarray(ids).tolist():
        text = decoder.push(id_)
        if inside and text[:1].isspace():
            word, inside = word + 1, False
        numbers.append(word)
        inside = inside or bool(text.strip())
        if inside and text.strip() and text[-1:].isspace():
            word, inside = word + 1, False
    return np.array(numbers, dtype=np.int64)


def word_links(
    attention: NDArray[np.float32], source_words: NDArray[np.int64], target_words: NDArray[np.int64]
) -> list[tuple[int, int]]:
    """For each target word, the source word that its tokens attend to most; none where that is the end of the sentence.

    `attention` [T, S + 1]; a word's share is the sum over its tokens.
    """
    count = int(source_words.max(initial=-1)) + 1
    shares = np.zeros((int(target_words.max(initial=-1)) + 1, count + 1))
    columns = np.append(source_words, count)  # the last column is <eos>
    for token, word in enumerate(target_words):
        np.add.at(shares[word], columns, attention[token, : len(columns)])
    return [(int(best), word) for word, best in enumerate(shares.argmax(axis=1)) if best < count]
