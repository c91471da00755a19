"""The NumPy engine against torch.nn: the same weights, the same probabilities, for every cell."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from seqgen.errors import CheckpointError
from seqgen.infer.cells import CELLS
from seqgen.infer.rnn import BLOCK, RNNScorer
from seqgen.nn.rnn import RNNModel
from seqgen.nn.scorer import RNNModelScorer
from seqgen.weights import RNNShape, rnn_weights

KINDS = {"lstm": ("lstm", "tanh"), "gru": ("gru", "tanh"), **{f"rnn-{n}": ("rnn", n) for n in ("tanh", "relu", "sigmoid")}}


def pair(kind: str, layers: int = 1, hidden: int = 16, embedding: int = 8, vocab: int = 13) -> tuple[RNNScorer, RNNModelScorer]:
    cell, nonlinearity = KINDS[kind]
    shape = RNNShape(cell, vocab, layers, hidden, embedding, nonlinearity)  # type: ignore[arg-type]
    torch.manual_seed(0)
    model = RNNModel(shape)
    bound = 1.4 * hidden**-0.5  # larger than at the start of training, so that gates open and close
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.uniform_(-bound, bound)
    return RNNScorer(shape, {name: value.numpy() for name, value in model.state_dict().items()}), RNNModelScorer(model)


def test_the_tables_agree() -> None:
    assert set(KINDS) == set(CELLS)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("layers", [1, 2, 3])
@pytest.mark.parametrize(("hidden", "embedding"), [(16, 8), (64, 0), (33, 33)])
def test_equal_to_torch(kind: str, layers: int, hidden: int, embedding: int) -> None:
    ours, reference = pair(kind, layers, hidden, embedding)
    rng = np.random.default_rng(1)
    ids = rng.integers(0, 13, 60)
    a, state_a = ours.score(ids, ours.start([ids[:1]]))
    b, state_b = reference.score(ids, reference.start([ids[:1]]))
    np.testing.assert_allclose(a, b, atol=1e-4)
    for _ in range(3):  # what follows the scored text, too
        last = rng.integers(0, 13, 1)
        log_a, state_a = ours.step(state_a, last)
        log_b, state_b = reference.step(state_b, last)
        np.testing.assert_allclose(log_a, log_b, atol=1e-4)
        np.testing.assert_allclose(np.exp(log_a).sum(), 1, atol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_rows_of_a_batch_with_prompts_of_any_length(kind: str) -> None:
    ours, reference = pair(kind, layers=2)
    rng = np.random.default_rng(2)
    prompts = [rng.integers(0, 13, n) for n in (1, 7, 3, 7)]
    prompts.append(prompts[1])
    state, other = ours.start(prompts), reference.start(prompts)
    last = np.array([prompt[-1] for prompt in prompts])
    rows = np.array([4, 0, 0, 2])
    for _ in range(3):
        a, state = ours.step(state, last)
        b, other = reference.step(other, last)
        np.testing.assert_allclose(a, b, atol=1e-4)
        state, other, last = ours.reorder(state, rows), reference.reorder(other, rows), last[rows]
        rows = np.arange(4)[::-1]


@pytest.mark.parametrize("kind", KINDS)
def test_scoring_is_stepping_across_blocks(kind: str) -> None:
    ours, _ = pair(kind, layers=2, hidden=8)
    ids = np.random.default_rng(3).integers(0, 13, BLOCK + 20)
    scored, _ = ours.score(ids, ours.start([ids[:1]]))
    state = ours.start([ids[:1]])
    for place in range(len(ids) - 1):
        log_probs, state = ours.step(state, ids[place : place + 1])
        assert abs(log_probs[0, ids[place + 1]] - scored[place]) < 1e-4


def test_a_copied_state_is_another_state() -> None:
    ours, _ = pair("lstm")
    state = ours.start([np.array([1, 2, 3])])
    copy = ours.reorder(state, np.arange(1))
    expected, _ = ours.step(ours.reorder(state, np.arange(1)), np.array([4]))
    for _ in range(5):
        log_probs, state = ours.step(state, np.array([4]))
        log_probs[:] = 0
    np.testing.assert_array_equal(ours.step(copy, np.array([4]))[0], expected)


def test_golden_values_from_a_formula() -> None:
    """Weights are sin(1), sin(2), ...: figures that no random generator can change, worked out with torch.nn."""
    shape = RNNShape("lstm", 5, 2, 3, 4)
    weights, start = {}, 1
    for name, size in rnn_weights(shape).items():
        count = int(np.prod(size))
        weights[name] = np.sin(np.arange(start, start + count)).astype(np.float32).reshape(size)
        start += count
    ours = RNNScorer(shape, weights)
    ids = np.array([0, 1, 2, 3, 4, 0])
    scored, _ = ours.score(ids, ours.start([ids[:1]]))
    np.testing.assert_allclose(scored, GOLDEN, atol=1e-5)


GOLDEN = [-1.331807, -1.812918, -3.200591, -2.570511, -0.634689]


@pytest.mark.parametrize("change", ["missing", "shape", "extra"])
def test_weights_that_do_not_fit_are_errors(change: str) -> None:
    shape = RNNShape("gru", 5, 1, 3, 4)
    weights = {name: np.zeros(size, dtype=np.float32) for name, size in rnn_weights(shape).items()}
    if change == "missing":
        del weights["output.bias"]
    elif change == "shape":
        weights["output.bias"] = np.zeros(6, dtype=np.float32)
    else:
        weights["more"] = np.zeros(1, dtype=np.float32)
    with pytest.raises(CheckpointError, match="more" if change == "extra" else "output.bias"):
        RNNScorer(shape, weights, "checkpoints/x")
