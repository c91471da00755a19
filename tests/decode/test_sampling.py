"""Sampling: reproducible, unbiased, obedient."""

from __future__ import annotations

from itertools import islice

import numpy as np
import pytest

from seqgen.decode.rules import forbidden, repetition_penalty, top_k
from seqgen.decode.sampling import Sampling
from tests.fakes import FakeScorer, chain

TABLE = [[0.5, 0.3, 0.15, 0.05]] * 4


def draw(count: int, rows: int = 1, seed: int = 0, rules: tuple = (), greedy: bool = False, table=TABLE) -> np.ndarray:
    scorer = FakeScorer(table)
    sampling = Sampling(scorer, [np.array([0])] * rows, rules, np.random.default_rng(seed), greedy=greedy)
    return np.stack([ids for ids, _ in islice(iter(sampling), count)])


@pytest.mark.parametrize("rows", [1, 64])
@pytest.mark.parametrize("rules", [(), (top_k(4),), (top_k(4), top_k(4))], ids=["none", "one", "two"])
def test_frequencies_are_probabilities(rows: int, rules: tuple) -> None:
    """Each share may be off by five standard deviations: about one false alarm in a million draws of the seed."""
    drawn = draw(12_800 // rows, rows, rules=rules).reshape(-1)
    shares = np.bincount(drawn, minlength=4) / len(drawn)
    expected = np.array(TABLE[0])
    assert (np.abs(shares - expected) < 5 * np.sqrt(expected * (1 - expected) / len(drawn))).all()


@pytest.mark.parametrize("rows", [1, 5])
def test_the_same_seed_draws_the_same(rows: int) -> None:
    np.testing.assert_array_equal(draw(50, rows, seed=3), draw(50, rows, seed=3))
    assert (draw(50, rows, seed=3) != draw(50, rows, seed=4)).any()


def test_rows_of_a_batch_differ() -> None:
    drawn = draw(40, 8)
    assert len({tuple(row) for row in drawn.T.tolist()}) == 8


def test_greedy_takes_the_likeliest_and_ignores_the_seed() -> None:
    assert not draw(20, 3, seed=1, greedy=True).any()


def test_greedy_obeys_rules() -> None:
    assert (draw(20, 2, rules=(forbidden([0]),), greedy=True) == 1).all()


@pytest.mark.parametrize("rows", [1, 4])
def test_what_is_forbidden_is_never_drawn(rows: int) -> None:
    assert not np.isin(draw(2_000 // rows, rows, rules=(forbidden([0, 3]),)), [0, 3]).any()


def test_log_probabilities_are_the_models_own() -> None:
    sampling = Sampling(FakeScorer(TABLE), [np.array([0])], [forbidden([0])], np.random.default_rng(0))
    ids, log_probs = next(iter(sampling))
    np.testing.assert_allclose(np.exp(log_probs), np.array(TABLE[0])[ids], rtol=1e-6)


def test_the_history_reaches_the_rule() -> None:
    """With a penalty that forbids, no symbol comes twice until all have come."""
    drawn = draw(3, 1, rules=(repetition_penalty(1e6),)).reshape(-1)
    assert sorted([0, *drawn.tolist()]) == [0, 1, 2, 3], "the prompt's symbol counts as seen"


def test_rows_can_be_dropped() -> None:
    sampling = Sampling(chain(10), [np.array([4]), np.array([6]), np.array([8])], (), np.random.default_rng(0))
    columns = iter(sampling)
    assert next(columns)[0].tolist() == [5, 7, 9]
    sampling.keep(np.array([2, 0]))
    assert next(columns)[0].tolist() == [4, 6]
    sampling.keep(np.array([1]))
    assert next(columns)[0].tolist() == [7]
