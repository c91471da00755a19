"""How long a state remembers, against networks whose memory is known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from seqgen.explain.gates import trace_gates
from seqgen.explain.recurrence import Reading
from seqgen.explain.state import forgetting, forgotten_after
from seqgen.weights import RNNShape, rnn_weights


def reading(shape: RNNShape, weights: dict[str, np.ndarray], ids: list[int]) -> Reading:
    """A text of ids after the id 4, which is a newline."""
    whole = np.array([4, *ids], dtype=np.int32)
    layers = trace_gates(shape, weights, whole).layers
    return Reading(shape, weights, whole, 1, layers, [str(id_) for id_ in ids], tuple("x" * len(ids)), False)


def one_unit(nonlinearity: str, recurrent: float, step: float = 1e-3) -> tuple[RNNShape, dict[str, np.ndarray]]:
    """A network of one unit whose input is `step` times the id."""
    shape = RNNShape("rnn", 9, 1, 1, 1, nonlinearity)  # type: ignore[arg-type]
    weights = {name: np.zeros(size, np.float32) for name, size in rnn_weights(shape).items()}
    weights["embedding.weight"][:, 0] = step * np.arange(9)
    weights["rnn.weight_ih_l0"][:] = 1
    weights["rnn.weight_hh_l0"][:] = recurrent
    return shape, weights


def test_a_unit_forgets_by_its_weight() -> None:
    """A tanh of something small is nearly that itself: each step halves what is left."""
    found = forgetting(reading(*one_unit("tanh", 0.5), [5, 5, 7, 6, 5, 5, 5, 5, 5, 5]), 1)
    assert found is not None and found.memory is None and found.instead == 7
    np.testing.assert_allclose(found.hidden, 0.5 ** np.arange(10), rtol=1e-2)
    assert found.first == pytest.approx(2e-3, rel=1e-2)
    assert forgotten_after(found.hidden) == 7  # 1 / 128 is the first below a hundredth


def test_relu_makes_a_difference_explode() -> None:
    found = forgetting(reading(*one_unit("relu", 1.5), [5] * 20), 1)
    assert found is not None and found.instead == 4, "the text has one symbol: the first of the vocabulary"
    np.testing.assert_allclose(found.hidden, 1.5 ** np.arange(20), rtol=1e-3)
    assert forgotten_after(found.hidden) is None


def test_a_difference_that_is_none() -> None:
    found = forgetting(reading(*one_unit("tanh", 0.5, step=0.0), [5, 6]), 1)
    assert found is not None and found.first == 0 and np.isnan(found.hidden).all()
    assert forgetting(reading(*one_unit("tanh", 0.5), [5]), 1) is None


def test_an_lstm_with_open_forget_gates_remembers_for_ever() -> None:
    shape = RNNShape("lstm", 9, 1, 1, 1)
    weights = {name: np.zeros(size, np.float32) for name, size in rnn_weights(shape).items()}
    weights["embedding.weight"][:, 0] = np.arange(9)
    weights["rnn.weight_ih_l0"][2] = 0.1  # what is written; the gates do not look
    weights["rnn.bias_ih_l0"][1] = 30.0  # the forget gate
    found = forgetting(reading(shape, weights, [5, 8, 5, 5, 5]), 1)
    assert found is not None and found.memory is not None
    np.testing.assert_allclose(found.memory, 1, rtol=1e-3)
    assert forgotten_after(found.memory) is None


@pytest.mark.parametrize(
    ("relative", "after"),
    [([1, 0.5, 0.001, 0.5, 0.001], 4), ([1, 0.001], 1), ([1, 0.01], None), ([1.0], None), ([math.nan] * 3, None)],
)
def test_forgotten_is_for_good(relative: list[float], after: int | None) -> None:
    assert forgotten_after(np.array(relative)) == after
