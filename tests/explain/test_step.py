"""A step taken apart: its numbers against torch.nn, its lines against the arithmetic that they state."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from seqgen.draw.human import figure
from seqgen.explain.exhibits.recurrent.step import quantities, written_out
from seqgen.explain.gates import trace_gates
from seqgen.explain.step import step_of
from seqgen.weights import RNNShape, rnn_weights

SHAPES = [
    RNNShape(cell, 13, layers, 8, embedding, nonlinearity)  # type: ignore[arg-type]
    for cell, nonlinearity in (("lstm", "tanh"), ("gru", "tanh"), ("rnn", "tanh"), ("rnn", "relu"), ("rnn", "sigmoid"))
    for layers in (1, 3)
    for embedding in (0, 5)
]
LENGTH = 20
Tensors = dict[str, torch.Tensor]


def random_weights(shape: RNNShape) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(3)
    return {name: rng.normal(0, 0.3, size).astype(np.float32) for name, size in rnn_weights(shape).items()}


def states_of_torch(shape: RNNShape, tensors: Tensors, x: torch.Tensor) -> list[tuple[torch.Tensor, ...]]:
    """h, and c of an LSTM, of all layers [L, H] after 0, 1, ... symbols; torch.nn has no sigmoid: its formula, then."""
    names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    h = torch.zeros(shape.layers, shape.hidden)
    found: list[tuple[torch.Tensor, ...]] = [(h, h) if shape.cell == "lstm" else (h,)]
    if shape.nonlinearity == "sigmoid":
        for step in x:
            below, rows = step, []
            for k in range(shape.layers):
                w, u, b, d = (tensors[f"rnn.{name}_l{k}"] for name in names)
                below = torch.sigmoid(w @ below + b + u @ found[-1][0][k] + d)
                rows.append(below)
            found.append((torch.stack(rows),))
        return found
    how = {"nonlinearity": shape.nonlinearity} if shape.cell == "rnn" else {}
    oracle = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}[shape.cell](x.shape[1], shape.hidden, shape.layers, **how)
    oracle.load_state_dict({name.removeprefix("rnn."): value for name, value in tensors.items() if name.startswith("rnn.")})
    with torch.no_grad():
        for step in x:
            _, state = oracle(step[None], found[-1] if shape.cell == "lstm" else found[-1][0])
            found.append(state if shape.cell == "lstm" else (state,))
    return found


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_a_step_is_that_of_torch(shape: RNNShape) -> None:
    weights = random_weights(shape)
    ids = np.random.default_rng(4).integers(0, shape.vocab_size, LENGTH)
    layers = trace_gates(shape, weights, ids).layers
    tensors = {name: torch.from_numpy(array) for name, array in weights.items()}
    x = tensors["embedding.weight"][ids] if shape.embedding else torch.eye(shape.vocab_size)[ids]
    states = states_of_torch(shape, tensors, x)
    for place in (0, 7, LENGTH - 1):
        for k in range(shape.layers):
            step = step_of(shape, weights, ids, layers, k, place)
            before, after = states[place], states[place + 1]
            np.testing.assert_allclose(step.h_before, before[0][k], atol=1e-5)
            np.testing.assert_allclose(step.h, after[0][k], atol=1e-5)
            if shape.cell == "lstm":
                np.testing.assert_allclose(step.c_before, before[1][k], atol=1e-5)
                np.testing.assert_allclose(step.c, after[1][k], atol=1e-5)
            else:
                assert step.c is None and step.c_before is None
            below = x[place] if k == 0 else after[0][k - 1]
            w, u, b, d = (tensors[f"rnn.{name}_l{k}"] for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"))
            into = functional.linear(below, w, b).numpy().reshape(len(step.parts), shape.hidden)  # [G * H] -> [G, H]
            past = functional.linear(before[0][k], u, d).numpy().reshape(len(step.parts), shape.hidden)
            for part, one, other in zip(step.parts, into, past, strict=True):
                np.testing.assert_allclose(part.from_input, one, atol=1e-5)
                np.testing.assert_allclose(part.from_state, other, atol=1e-5)
                if part.name not in ("state", "new"):
                    squash = np.tanh if part.name == "cell" else lambda a: 1 / (1 + np.exp(-a))
                    np.testing.assert_allclose(part.value, squash(one + other), atol=1e-5)


def sigma(x: float) -> float:
    return 1 / (1 + math.exp(-x))


@pytest.mark.parametrize("shape", [shape for shape in SHAPES if shape.layers == 1 and shape.embedding], ids=str)
def test_what_is_written_out_is_true(shape: RNNShape) -> None:
    weights, ids = random_weights(shape), np.arange(10)
    step = step_of(shape, weights, ids, trace_gates(shape, weights, ids).layers, 0, 6)
    functions = {"sigma": sigma, "tanh": math.tanh, "relu": lambda x: max(0.0, x)}
    for unit in range(shape.hidden):
        lines = written_out(step, unit)
        assert len(lines) == {"lstm": 6, "gru": 4, "rnn": 1}[shape.cell]
        for line in lines:
            *_, sum_, value = line.split(" = ")
            assert eval(sum_, {}, functions) == pytest.approx(float(value), abs=3e-4), line
        assert lines[-1].endswith(f" = {figure(float(step.h[unit]))}")
    if shape.cell != "rnn":
        assert set(quantities(step)) == {"lstm": {*"figoch", "c before"}, "gru": {*"rznh", "h before"}}[shape.cell]


def test_figures_are_never_rounded_to_what_they_are_not() -> None:
    shown = [figure(value) for value in (0.5, 1.0, 0.99996, -0.999999, 0.00001, -2e-9, 0.0, -0.0, 12.3456789, math.nan)]
    assert shown == ["0.5000", "1.0000", "0.9999600", "-0.9999990", "1e-05", "-2e-09", "0.0000", "0.0000", "12.3457", "?"]
