"""The mixture: a distribution, with a weight that is the best one and has not seen what it scores."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqgen.decode.mixture import MixtureScorer, cross_fitted, fit_weight, mixed_log_probs
from tests.fakes import FakeScorer

A = FakeScorer([[0.7, 0.2, 0.1], [0.1, 0.8, 0.1], [0.3, 0.3, 0.4]])
B = FakeScorer([[0.1, 0.1, 0.8], [0.5, 0.25, 0.25], [1.0, 0.0, 0.0]])


@pytest.mark.parametrize("weight", [0.0, 0.25, 1.0])
def test_probabilities_are_mixed(weight: float) -> None:
    mix = MixtureScorer(A, B, weight)
    ids = np.array([0, 1, 2, 0])
    log_probs, _ = mix.step(mix.start([ids[:1]] * 4), ids)
    expected = weight * np.exp(A.log_table[ids]) + (1 - weight) * np.exp(B.log_table[ids])
    np.testing.assert_allclose(np.exp(log_probs), expected, atol=1e-6)
    np.testing.assert_allclose(np.exp(log_probs).sum(1), 1, atol=1e-6)


def test_scoring_is_stepping() -> None:
    mix = MixtureScorer(A, B, 0.3)
    ids = np.array([0, 2, 0, 1, 1, 0])
    scored, _ = mix.score(ids, mix.start([ids[:1]]))
    state, stepped = mix.start([ids[:1]]), []
    for last, following in zip(ids, ids[1:], strict=False):
        log_probs, state = mix.step(state, np.array([last]))
        stepped.append(log_probs[0, following])
    np.testing.assert_allclose(scored, stepped, rtol=1e-5)


@given(seed=st.integers(0, 10_000), size=st.integers(1, 60))
def test_the_weight_is_the_best_on_a_fine_grid(seed: int, size: int) -> None:
    rng = np.random.default_rng(seed)
    log_a, log_b = (-rng.gamma(1.5, 1.5, size).astype(np.float32) for _ in range(2))
    weight = fit_weight(log_a, log_b)
    grid = np.linspace(0.0005, 0.9995, 2000)
    best = max(float(mixed_log_probs(log_a, log_b, w).astype(np.float64).sum()) for w in grid)
    assert float(mixed_log_probs(log_a, log_b, min(max(weight, 1e-9), 1 - 1e-9)).astype(np.float64).sum()) > best - 0.02


def test_no_symbol_is_scored_with_a_weight_that_has_seen_it() -> None:
    """In the first half only `a` is right, in the second only `b`: each half is scored with the other's wrong weight."""
    good, bad = np.full(50, -0.1, dtype=np.float32), np.full(50, -9.0, dtype=np.float32)
    log_a, log_b = np.concatenate([good, bad]), np.concatenate([bad, good])
    crossed = cross_fitted(log_a, log_b)
    fitted = mixed_log_probs(log_a, log_b, fit_weight(log_a, log_b))
    assert crossed.mean() < -8 < fitted.mean()


def test_cross_fitting_little() -> None:
    one = np.array([-1.0], dtype=np.float32)
    np.testing.assert_allclose(cross_fitted(one, one), one, rtol=1e-6)
