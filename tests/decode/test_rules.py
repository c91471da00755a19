"""Rules: laws over all of them, and golden values worked out by hand."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqgen.decode.rules import (
    PENALTY_WINDOW,
    Rule,
    check_rules,
    forbidden,
    min_p,
    no_repeat_ngram,
    not_first,
    repetition_penalty,
    rules_of,
    temperature,
    top_k,
    top_p,
)
from seqgen.decode.rules import (
    RULES as DECLARED,
)
from seqgen.errors import ConfigError

RULES: dict[str, Callable[[], Rule]] = {
    "forbidden": lambda: forbidden([0, 2]),
    "not_first": lambda: not_first([1]),
    "no_repeat_ngram": lambda: no_repeat_ngram(2),
    "temperature": lambda: temperature(0.7),
    "top_k": lambda: top_k(3),
    "top_p": lambda: top_p(0.8),
    "min_p": lambda: min_p(0.2),
    "repetition_penalty": lambda: repetition_penalty(1.3),
}
CUTS = ("forbidden", "not_first", "no_repeat_ngram", "top_k", "top_p", "min_p")
NOTHING = np.full((1, 4), -1)


def logs(*probabilities: float) -> np.ndarray:
    return np.log(np.array([probabilities], dtype=np.float32))


@pytest.mark.parametrize("name", RULES)
@given(seed=st.integers(0, 999), rows=st.integers(1, 4), size=st.integers(4, 12))
def test_a_row_of_a_batch_is_treated_as_it_would_be_alone(name: str, seed: int, rows: int, size: int) -> None:
    rng = np.random.default_rng(seed)
    logits = np.log(rng.dirichlet(np.ones(size), rows)).astype(np.float32)
    # As a search keeps it: rows that have begun later begin with -1.
    history = rng.integers(0, size, (rows, 5))
    history[np.arange(5) < rng.integers(0, 5, (rows, 1))] = -1
    together = RULES[name]().apply(logits.copy(), history)
    for row in range(rows):
        alone = RULES[name]().apply(logits[row : row + 1].copy(), history[row : row + 1])
        np.testing.assert_array_equal(together[row : row + 1], alone)
    assert np.isfinite(together).any(axis=1).all(), "something can always be drawn"
    if name in CUTS:
        kept = np.isfinite(together)
        np.testing.assert_array_equal(together[kept], logits[kept])


def test_top_k_keeps_ties() -> None:
    cut = top_k(2).apply(logs(0.1, 0.3, 0.2, 0.2, 0.2), NOTHING)
    assert np.isfinite(cut).tolist() == [[False, True, True, True, True]]
    assert np.isfinite(top_k(9).apply(logs(0.5, 0.5), NOTHING)).all()


def test_top_p_keeps_the_least_set_that_reaches_p() -> None:
    assert np.isfinite(top_p(0.75).apply(logs(0.1, 0.5, 0.3, 0.1), NOTHING)).tolist() == [[False, True, True, False]]
    assert np.isfinite(top_p(0.01).apply(logs(0.1, 0.5, 0.3, 0.1), NOTHING)).tolist() == [[False, True, False, False]]


def test_min_p_is_relative_to_the_likeliest() -> None:
    assert np.isfinite(min_p(0.5).apply(logs(0.26, 0.5, 0.24), NOTHING)).tolist() == [[True, True, False]]


def test_temperature_divides() -> None:
    np.testing.assert_allclose(temperature(2.0).apply(logs(0.25, 0.75), NOTHING), logs(0.5, 0.75**0.5), rtol=1e-6)


def test_the_penalty_divides_the_odds_each_time_that_a_symbol_was_seen() -> None:
    penalised = repetition_penalty(2.0).apply(logs(0.5, 0.25, 0.25), np.array([[1, -1, 1, 0]]))
    np.testing.assert_allclose(np.exp(penalised), [[0.25, 0.0625, 0.25]], rtol=1e-5)
    # What is nearly certain as well: a log-probability near 0 has nothing to multiply.
    sure = repetition_penalty(4.0).apply(logs(1 - 1e-4, 1e-4), np.array([[0, 0, 0, 0, 0, 0, 0]]))
    assert sure.argmax() == 1


def test_the_penalty_counts_within_its_window() -> None:
    (rule,) = rules_of({"repetition_penalty": 2.0, "repetition_window": 3})
    assert rule.window == 3 and rules_of({"repetition_penalty": 2.0})[0].window == PENALTY_WINDOW
    assert rules_of({"repetition_window": 3}) == []


@given(seed=st.integers(0, 99), times=st.integers(1, 400))
def test_a_reward_shifts_odds_as_a_penalty_does_and_nothing_overflows(seed: int, times: int) -> None:
    logits = np.log(np.random.default_rng(seed).dirichlet(np.ones(4), 1)).astype(np.float32)
    history = np.full((1, times), 2)
    for penalty in (0.5, 1e-20, 1_000.0):
        shifted = repetition_penalty(penalty).apply(logits.copy(), history)
        assert (shifted <= 0).all()
        expected = logits[0, 2] - logits[0, 1] - times * np.log(penalty)
        np.testing.assert_allclose(shifted[0, 2] - shifted[0, 1], expected, rtol=1e-4, atol=1e-3)


def test_a_temperature_near_nothing_takes_the_likeliest() -> None:
    for value in (1e-40, 1e-320, 5e-324):
        cold = temperature(value).apply(logs(0.4, 0.35, 0.25) * 100, NOTHING)
        assert np.isfinite(cold).all() and cold.argmax() == 0 and cold[0, 0] - cold[0, 1] > 1e9


@given(history=st.lists(st.integers(0, 3), max_size=40), n=st.integers(1, 6), late=st.integers(0, 3))
def test_no_ngram_comes_twice(history: list[int], n: int, late: int) -> None:
    """Against the definition: a symbol is banned where the n-gram that it would end is there already."""
    ids = np.array([[-1] * late + history])
    kept = np.isfinite(no_repeat_ngram(n).apply(np.zeros((1, 5), dtype=np.float32), ids))[0]
    grams = {tuple(history[place : place + n]) for place in range(len(history) - n + 1)}
    recent = tuple(history[len(history) - n + 1 :])
    assert kept.tolist() == [(*recent, symbol) not in grams for symbol in range(5)] or len(history) < n - 1


def test_where_nothing_else_is_left_an_ngram_may_repeat() -> None:
    spent = no_repeat_ngram(1).apply(logs(0.5, 0.5), np.array([[0, 1]]))
    np.testing.assert_array_equal(spent, logs(0.5, 0.5))


def test_nothing_is_forbidden_once_something_is_written() -> None:
    first = not_first([0])
    assert np.isinf(first.apply(logs(0.5, 0.5), np.zeros((1, 0), dtype=np.int64))[0, 0])
    assert np.isfinite(first.apply(logs(0.5, 0.5), np.array([[1]]))).all()


def test_neutral_settings_make_no_rules_and_draws_do_not_matter_to_the_likeliest() -> None:
    assert rules_of({row.name: row.off for row in DECLARED}) == [] == rules_of({})
    settings = {"temperature": 0.5, "top_k": 3, "top_p": 0.9, "min_p": 0.1, "repetition_penalty": 1.2, "no_repeat_ngram": 2}
    assert len(rules_of(settings)) == 6 and len(rules_of(settings, greedy=True)) == 2


@pytest.mark.parametrize("row", DECLARED, ids=lambda row: row.name)
def test_a_setting_is_a_finite_number_in_its_range(row: object) -> None:
    row.check(row.off)
    row.check(row.high)
    beyond = row.low if row.above else row.low - 1
    for value in (beyond, row.high * 2, float("nan"), float("inf"), -float("inf"), 1e300, 2**64, "1", None, True):
        with pytest.raises(ConfigError, match=f"{row.option_name}: expected"):
            row.check(value)
    with pytest.raises(ConfigError, match="no rule 'warmth'"):
        check_rules({"warmth": 1.0})


def test_every_rule_survives_the_ends_of_its_range() -> None:
    """No value that is allowed leaves a row with nothing to draw, or with what is no number."""
    rng = np.random.default_rng(0)
    history = rng.integers(0, 6, (3, 40))
    for row in DECLARED:
        for value in (row.high, float(np.nextafter(row.low, 1)) if row.above else row.low):
            for rules in (rules_of({row.name: value}), rules_of({"repetition_penalty": 1_000.0, row.name: value})):
                logits = np.log(rng.dirichlet(np.full(6, 0.05), 3) + 1e-38).astype(np.float32)
                logits[:, 0] = -np.inf
                for rule in rules:
                    logits = rule.apply(logits, history)
                assert not np.isnan(logits).any() and np.isfinite(logits).any(axis=1).all(), row.name
