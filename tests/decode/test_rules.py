"""Rules: laws over all of them, and golden values worked out by hand."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqgen.decode.rules import (
    Rule,
    forbidden,
    min_p,
    repetition_penalty,
    rules_for,
    temperature,
    top_k,
    top_p,
)
from seqgen.generation import GenerateOptions

RULES: dict[str, Callable[[], Rule]] = {
    "forbidden": lambda: forbidden([0, 2]),
    "temperature": lambda: temperature(0.7),
    "top_k": lambda: top_k(3),
    "top_p": lambda: top_p(0.8),
    "min_p": lambda: min_p(0.2),
    "repetition_penalty": lambda: repetition_penalty(1.3),
}
CUTS = ("forbidden", "top_k", "top_p", "min_p")
NOTHING = np.full((1, 4), -1)


def logs(*probabilities: float) -> np.ndarray:
    return np.log(np.array([probabilities], dtype=np.float32))


@pytest.mark.parametrize("name", RULES)
@given(seed=st.integers(0, 999), rows=st.integers(1, 4), size=st.integers(4, 12))
def test_a_row_of_a_batch_is_treated_as_it_would_be_alone(name: str, seed: int, rows: int, size: int) -> None:
    rng = np.random.default_rng(seed)
    logits = np.log(rng.dirichlet(np.ones(size), rows)).astype(np.float32)
    history = rng.integers(-1, size, (rows, 5))
    together = RULES[name]()(logits.copy(), history)
    for row in range(rows):
        alone = RULES[name]()(logits[row : row + 1].copy(), history[row : row + 1])
        np.testing.assert_array_equal(together[row : row + 1], alone)
    assert np.isfinite(together).any(axis=1).all(), "something can always be drawn"
    if name in CUTS:
        kept = np.isfinite(together)
        np.testing.assert_array_equal(together[kept], logits[kept])


def test_top_k_keeps_ties() -> None:
    cut = top_k(2)(logs(0.1, 0.3, 0.2, 0.2, 0.2), NOTHING)
    assert np.isfinite(cut).tolist() == [[False, True, True, True, True]]
    assert np.isfinite(top_k(9)(logs(0.5, 0.5), NOTHING)).all()


def test_top_p_keeps_the_least_set_that_reaches_p() -> None:
    assert np.isfinite(top_p(0.75)(logs(0.1, 0.5, 0.3, 0.1), NOTHING)).tolist() == [[False, True, True, False]]
    assert np.isfinite(top_p(0.01)(logs(0.1, 0.5, 0.3, 0.1), NOTHING)).tolist() == [[False, True, False, False]]


def test_min_p_is_relative_to_the_likeliest() -> None:
    assert np.isfinite(min_p(0.5)(logs(0.26, 0.5, 0.24), NOTHING)).tolist() == [[True, True, False]]


def test_temperature_divides() -> None:
    np.testing.assert_allclose(temperature(2.0)(logs(0.25, 0.75), NOTHING), logs(0.5, 0.75**0.5), rtol=1e-6)


def test_the_penalty_squares_the_probability_of_what_was_seen() -> None:
    penalised = repetition_penalty(2.0)(logs(0.5, 0.25, 0.25), np.array([[1, -1, 1]]))
    np.testing.assert_allclose(np.exp(penalised), [[0.5, 0.0625, 0.25]], rtol=1e-5)


def test_neutral_options_make_no_rules_but_the_forbidden() -> None:
    assert rules_for(GenerateOptions(), []) == []
    assert len(rules_for(GenerateOptions(), [0, 1])) == 1
    options = GenerateOptions(temperature=0.5, top_k=3, top_p=0.9, min_p=0.1, repetition_penalty=1.2)
    assert len(rules_for(options, [0])) == 6
