"""Kneser-Ney against its definition, written a second time with dictionaries and recursion."""

from __future__ import annotations

import os
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqgen.errors import CheckpointError
from seqgen.markov import Markov, MarkovScorer, fit, look_up
from seqgen.markov.count import count, spread
from seqgen.markov.model import FALLBACK, discounts, smooth

Text = list[int]


class Oracle:
    """Chen & Goodman's interpolated modified Kneser-Ney from the formulas, a dictionary of contexts for each length."""

    def __init__(self, text: Text, vocab_size: int, order: int) -> None:
        self.vocab_size, self.order = vocab_size, order
        self.counts: list[dict[tuple[int, ...], dict[int, int]]] = []
        for length in range(order + 1):
            found: dict[tuple[int, ...], dict[int, int]] = defaultdict(lambda: defaultdict(int))
            grams = [tuple(text[i : i + length + 1]) for i in range(len(text) - length)]
            if length == order:
                for gram in grams:
                    found[gram[:-1]][gram[-1]] += 1
            else:
                # Distinct left neighbours; the beginning of the text is one.
                lefts = {(None if i == 0 else text[i - 1], gram) for i, gram in enumerate(grams)}
                for _, gram in lefts:
                    found[gram[:-1]][gram[-1]] += 1
            self.counts.append(found)
        self.discounts = [
            [0.0, *discounts(np.array([c for row in level.values() for c in row.values()], dtype=float))]
            for level in self.counts
        ]

    def probability(self, id_: int, context: tuple[int, ...]) -> float:
        context = context[-self.order :] if self.order else ()
        return self._at(id_, context)

    def _at(self, id_: int, context: tuple[int, ...]) -> float:
        shorter = self._at(id_, context[1:]) if context else 1 / self.vocab_size
        row = self.counts[len(context)].get(context)
        if not row:
            return shorter
        taken = self.discounts[len(context)]
        total = sum(row.values())
        own = max(0.0, row.get(id_, 0) - taken[min(3, row.get(id_, 0))]) / total
        return own + sum(taken[min(3, c)] for c in row.values()) / total * shorter


@settings(max_examples=60, deadline=None)
@given(
    text=st.lists(st.integers(0, 4), min_size=3, max_size=60),
    order=st.integers(0, 6),
    context=st.lists(st.integers(0, 5), min_size=1, max_size=9),
    spare=st.integers(1, 300),
)
def test_equal_to_the_definition(text: Text, order: int, context: Text, spare: int) -> None:
    vocab_size = 5 + spare
    order = min(order, len(text) - 1)
    scorer = MarkovScorer(smooth(count(np.array(text), vocab_size, order), order))
    oracle = Oracle(text, vocab_size, order)
    log_probs, _ = scorer.step(scorer.start([np.array(context)]), np.array(context[-1:]))
    expected = [oracle.probability(w, tuple(context)) for w in range(vocab_size)]
    np.testing.assert_allclose(np.exp(log_probs[0]), expected, rtol=2e-4, atol=1e-7)
    assert abs(np.exp(log_probs[0].astype(np.float64)).sum() - 1) < 1e-4


@settings(max_examples=40, deadline=None)
@given(
    text=st.lists(st.integers(0, 4), min_size=8, max_size=80),
    other=st.lists(st.integers(0, 6), min_size=2, max_size=40),
    order=st.integers(0, 5),
    cut=st.integers(1, 39),
)
def test_scoring_is_stepping_in_any_pieces(text: Text, other: Text, order: int, cut: int) -> None:
    scorer = MarkovScorer(smooth(count(np.array(text), 7, order), order))
    ids = np.array(other)
    state = scorer.start([ids[:1]])
    stepped = []
    for last, following in zip(ids, ids[1:], strict=False):
        log_probs, state = scorer.step(state, np.array([last]))
        stepped.append(log_probs[0, following])
    whole, after = scorer.score(ids, scorer.start([ids[:1]]))
    np.testing.assert_allclose(whole, stepped, atol=2e-5)
    np.testing.assert_array_equal(after, state)
    cut = min(cut, len(ids) - 1)
    first, middle = scorer.score(ids[: cut + 1], scorer.start([ids[:1]]))
    second, _ = scorer.score(ids[cut:], middle)
    np.testing.assert_allclose(np.concatenate([first, second]), whole, atol=2e-5)


@settings(max_examples=30, deadline=None)
@given(text=st.lists(st.integers(0, 4), min_size=8, max_size=80), seed=st.integers(0, 99), order=st.integers(0, 5))
def test_rows_of_a_batch_are_rows(text: Text, seed: int, order: int) -> None:
    rng = np.random.default_rng(seed)
    scorer = MarkovScorer(smooth(count(np.array(text), 6, order), order))
    prompts = [rng.integers(0, 6, rng.integers(1, 9)) for _ in range(4)]
    state = scorer.start(prompts)
    singles = [scorer.start([prompt]) for prompt in prompts]
    last = np.array([prompt[-1] for prompt in prompts])
    for _ in range(6):
        together, state = scorer.step(state, last)
        for row in range(4):
            alone, singles[row] = scorer.step(singles[row], last[row : row + 1])
            np.testing.assert_allclose(together[row], alone[0], atol=1e-6)
        order_ = rng.permutation(4)
        state, singles = scorer.reorder(state, order_), [singles[i] for i in order_]
        last = rng.integers(0, 6, 4)


def test_results_belong_to_the_caller() -> None:
    scorer = MarkovScorer(smooth(count(np.array([0, 1, 2, 0, 1, 2]), 3, 2), 2))
    first, _ = scorer.step(scorer.start([np.array([0])]), np.array([0]))
    kept = first.copy()
    first[:] = 7
    np.testing.assert_array_equal(scorer.step(scorer.start([np.array([0])]), np.array([0]))[0], kept)


def test_keys_do_not_overflow() -> None:
    """11,172 syllables to the tenth power would need 134 bits."""
    rng = np.random.default_rng(0)
    text = rng.integers(0, 11_172, 400)
    text = np.concatenate([text, text])
    scorer = MarkovScorer(smooth(count(text, 11_172, 9), 9))
    scored, _ = scorer.score(text, scorer.start([text[:1]]))
    assert np.exp(scored[-300:]).min() > 0.3, "seen once before in the same context: nearly certain"
    oracle = Oracle(text.tolist(), 11_172, 9)
    assert np.isclose(np.exp(scored[-1]), oracle.probability(int(text[-1]), tuple(text[-10:-1].tolist())), rtol=1e-4)


@pytest.mark.parametrize("text", [[4, 4], [4] * 50, [4, 5], [4, 5] * 30])
def test_degenerate_texts(text: Text) -> None:
    model = fit(np.array(text), np.zeros(0, dtype=np.int32), 6)
    scorer = MarkovScorer(model)
    log_probs, _ = scorer.step(scorer.start([np.array(text)]), np.array(text[-1:]))
    assert np.isfinite(log_probs).all() and abs(np.exp(log_probs).sum() - 1) < 1e-5


def test_discounts_are_chen_and_goodmans() -> None:
    counts = np.repeat([1.0, 2.0, 3.0, 4.0], [40, 20, 12, 8])
    y = 40 / (40 + 2 * 20)
    np.testing.assert_allclose(discounts(counts), [1 - 2 * y * 20 / 40, 2 - 3 * y * 12 / 20, 3 - 4 * y * 8 / 12])
    np.testing.assert_allclose(discounts(np.array([5.0, 6.0])), FALLBACK)


def test_saved_and_loaded(tmp_path: Path) -> None:
    text = np.arange(200) % 7 + 4
    model = smooth(count(text, 11, 3), 3)
    again = Markov.from_arrays(model.arrays(), 11)
    ids = np.array([4, 5, 6, 7, 9])
    for a, b in ((model, again),):
        one, two = MarkovScorer(a), MarkovScorer(b)
        np.testing.assert_array_equal(one.score(ids, one.start([ids]))[0], two.score(ids, two.start([ids]))[0])
    damaged = model.arrays()
    damaged["first"] = damaged["first"][:-1]
    with pytest.raises(CheckpointError, match="do not fit"):
        Markov.from_arrays(damaged, 11)
    del damaged["suffix"]
    with pytest.raises(CheckpointError, match="lacks suffix"):
        Markov.from_arrays(damaged, 11)


def test_long_texts_are_counted_in_pieces_from_end_to_end() -> None:
    text = np.arange(1000)
    pieces = spread(text, 640)
    assert len(pieces) == 640 and pieces[0] == 0 and pieces[-1] == 999
    assert count(text, 1000, 2, limit=640).symbols == 640


def test_tinyshakespeare(data_dir: Path) -> None:
    text = (data_dir / "tinyshakespeare.txt").read_text(encoding="utf-8")
    alphabet = {c: 4 + i for i, c in enumerate(sorted(set(text)))}
    ids = np.array([alphabet[c] for c in text])
    cut = int(len(text) * 0.9)
    valid = np.concatenate([[alphabet["\n"]], ids[cut:]])
    model = fit(ids[:cut], valid, 4 + len(alphabet), order=6)
    scorer = MarkovScorer(model)
    scored, _ = scorer.score(valid, scorer.start([valid[:1]]))
    assert len(scored) == 111_540
    assert -scored.mean(dtype=np.float64) <= 1.52
    assert "SEQGEN_DATA" in os.environ


def occurrences(text: Text, gram: Text) -> int:
    return sum(text[i : i + len(gram)] == gram for i in range(len(text) - len(gram) + 1))


@settings(max_examples=40, deadline=None)
@given(data=st.data(), order=st.integers(0, 4))
def test_look_up_finds_the_contexts_that_a_search_finds(data: st.DataObject, order: int) -> None:
    symbols = st.integers(4, 7)
    text = data.draw(st.lists(symbols, min_size=8, max_size=60))
    asked = data.draw(st.lists(symbols, min_size=2, max_size=12))
    model = fit(np.array(text, dtype=np.int32), np.zeros(0, dtype=np.int32), 8, order)
    found = look_up(model, np.array(asked))
    assert model.count is not None and int(model.count[0]) == len(text)
    for place in range(1, len(asked)):
        # A context that stands at the very end of the text has nothing behind it, but the text has it.
        contexts = [asked[place - length : place] for length in range(min(order, place) + 1)]
        known = max(len(context) for context in contexts if occurrences(text, context))
        used = [context for context in contexts if occurrences(text, [*context, asked[place]])]
        assert found.known[place - 1] == known
        assert found.used[place - 1] == (len(used[-1]) if used else -1)
        if known:
            assert found.known_count[place - 1] == occurrences(text, asked[place - known : place])
        if used:
            assert found.followed[place - 1] == occurrences(text, [*used[-1], asked[place]])


def test_counts_survive_a_file_and_may_be_missing() -> None:
    model = fit(np.array([4, 5, 4, 5, 6, 4]), np.zeros(0, dtype=np.int32), 8, 2)
    arrays = model.arrays()
    again = Markov.from_arrays(arrays, 8)
    assert again.count is not None and again.count.tolist() == arrays["count"].tolist()
    del arrays["count"]
    older = Markov.from_arrays(arrays, 8)
    assert older.count is None and not look_up(older, np.array([4, 5, 6])).followed.any()
    with pytest.raises(CheckpointError):
        Markov.from_arrays({**model.arrays(), "count": np.zeros(2)}, 8)
