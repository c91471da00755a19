"""Counts added are the counts of both texts: against counting from the definition."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from seqgen.markov.add import added, counts_of
from seqgen.markov.count import Counts, count
from seqgen.markov.model import smooth

TEXTS = st.lists(st.integers(0, 4), max_size=40).map(lambda ids: np.array(ids, dtype=np.int64))


def grams_of(counts: Counts) -> list[dict[tuple[int, ...], tuple[int, int | None]]]:
    """N-gram -> how often it occurs and how many symbols stand before it, for each length, spelt out."""
    before: list[tuple[int, ...]] = [()]
    found = []
    for k, level in enumerate(counts.levels):
        names = [(*before[p], s) for p, s in zip(level.prefix.tolist(), level.symbol.tolist(), strict=True)]
        assert names == sorted(names)
        assert [before[s] for s in level.suffix.tolist()] == [name[1:] for name in names]
        left = level.left.tolist() if k + 1 < len(counts.levels) else [None] * len(names)
        found.append({name: (n, b) for name, n, b in zip(names, level.count.tolist(), left, strict=True)})
        before = names
    return found


def defined(texts: list[NDArray[np.int64]], order: int) -> list[dict[tuple[int, ...], tuple[int, int | None]]]:
    """The same from the definition: every place of every text."""
    lists = [text.tolist() for text in texts]
    top = min(order + 1, max(map(len, lists), default=0))
    found = []
    for n in range(1, top + 1):
        number: Counter[tuple[int, ...]] = Counter()
        left: dict[tuple[int, ...], set[int]] = {}
        for ids in lists:
            for i in range(len(ids) - n + 1):
                gram = tuple(ids[i : i + n])
                number[gram] += 1
                left.setdefault(gram, set()).add(ids[i - 1] if i else -1)
        found.append({gram: (c, len(left[gram]) if n < top else None) for gram, c in number.items()})
    return found


@settings(max_examples=150, deadline=None)
@given(TEXTS.filter(len), TEXTS, st.integers(0, 4))
def test_the_sum_is_what_counting_both_texts_gives(one: NDArray[np.int64], other: NDArray[np.int64], order: int) -> None:
    first = counts_of(smooth(count(one, 5, order), min(order, len(one) - 1)))
    assert first is not None
    assert grams_of(first) == defined([one], order)
    total = added(first, count(other, 5, order), 7)
    assert grams_of(total) == defined([one, other], order)
    assert total.symbols == len(one) + len(other)


@settings(max_examples=50, deadline=None)
@given(TEXTS.filter(len), TEXTS.filter(len), TEXTS)
def test_models_are_added_one_after_the_other(a: NDArray[np.int64], b: NDArray[np.int64], c: NDArray[np.int64]) -> None:
    def model(counts: Counts) -> Counts:
        found = counts_of(smooth(counts, min(3, len(counts.levels) - 1)))
        assert found is not None
        return found

    order = 3
    left = added(model(added(model(count(a, 5, order)), count(b, 5, order), 5)), count(c, 5, order), 5)
    right = added(model(count(a, 5, order)), added(count(b, 5, order), count(c, 5, order), 5), 5)
    assert grams_of(left) == grams_of(right)


@pytest.mark.parametrize("order", [0, 2, 5])
def test_nothing_added_changes_nothing(order: int) -> None:
    ids = np.random.default_rng(3).integers(0, 30, 5_000)
    model = smooth(count(ids, 30, order), order)
    counts = counts_of(model)
    assert counts is not None
    same = smooth(added(counts, count(ids[:0], 30, order), 30), order)
    for name, array in model.arrays().items():
        assert np.array_equal(array, same.arrays()[name]), name
