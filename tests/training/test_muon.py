"""Muon against what it is by definition: the orthogonal factor of a matrix, and a rate that falls in a straight line."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from seqgen.training.muon import MOMENTUM, RATE, Muon, orthogonalised
from seqgen.training.optim import COOLDOWN, Optimizer, rate


def drawn(*size: int) -> torch.Tensor:
    return torch.randn(size, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("size", [(1, 8, 8), (2, 24, 8), (3, 8, 24), (1, 1, 5), (1, 5, 1)])
@pytest.mark.parametrize("scale", [1e-4, 1.0, 1e4])
def test_singular_values_come_near_one_and_vectors_stay(size: tuple[int, int, int], scale: float) -> None:
    """Against the singular value decomposition. Directions that are a hundredth of the largest reach half of 1 at least."""
    matrices = drawn(*size) * scale
    found = orthogonalised(matrices)
    left, values, right = torch.linalg.svd(matrices, full_matrices=False)
    seen = left.mT @ found @ right.mT  # diagonal where the vectors are the same
    diagonal = torch.diagonal(seen, dim1=1, dim2=2)
    assert torch.allclose(seen, torch.diag_embed(diagonal), atol=1e-3)
    assert ((diagonal > 0.5) & (diagonal < 1.25))[values > 0.01 * values.max()].all()


def test_nothing_is_made_of_nothing() -> None:
    assert not orthogonalised(torch.zeros(2, 4, 3)).any()


def test_parts_of_a_matrix_are_made_orthogonal_one_by_one() -> None:
    """Queries, keys and values stand one below the other; what one gets does not depend on the others."""
    whole = nn.Parameter(torch.zeros(12, 4))
    muon = Muon({"m": whole}, {"m": 3})
    whole.grad = drawn(12, 4)
    muon.step(0.01, 0.0)
    for part, gradient in zip(whole.detach().split(4), drawn(12, 4).split(4), strict=True):
        # The first momentum is a share of the gradient, and scale makes no difference.
        assert torch.allclose(part, -RATE * 0.01 * orthogonalised(gradient[None])[0], atol=1e-6)


def test_two_steps_are_momentum_that_looks_ahead_with_decay() -> None:
    parameter = nn.Parameter(drawn(6, 3))
    expected, momentum = parameter.detach().clone(), torch.zeros(6, 3)
    muon = Muon({"m": parameter}, {"m": 1})
    for step in range(2):
        gradient = drawn(6, 3) + step
        parameter.grad = gradient.clone()
        muon.step(0.02, 0.1)
        momentum = MOMENTUM * momentum + (1 - MOMENTUM) * gradient
        update = orthogonalised(((1 - MOMENTUM) * gradient + MOMENTUM * momentum)[None])[0]
        expected = expected * (1 - 0.02 * 0.1) - RATE * 0.02 * math.sqrt(2) * update
    assert torch.allclose(parameter.detach(), expected, atol=1e-5)


def test_only_named_matrices_are_muons_and_the_state_goes_on() -> None:
    """An optimiser that was restored makes the same next step; another weight is AdamW's."""

    def made() -> tuple[nn.Linear, Optimizer]:
        torch.manual_seed(0)
        model = nn.Linear(4, 3)
        return model, Optimizer(model, weight_decay=0.1, clip=None, average=0.0, matrices={"weight": 1})

    def stepped(model: nn.Linear, optimizer: Optimizer) -> None:
        model(drawn(5, 4)).pow(2).sum().backward()
        optimizer.step(0.01)

    (model, optimizer), (other, again) = made(), made()
    stepped(model, optimizer)
    state = optimizer.state()
    assert "optimizer.momentum.weight" in state and "optimizer.exp_avg.weight" not in state
    assert "optimizer.exp_avg.bias" in state and "optimizer.momentum.bias" not in state
    other.load_state_dict(model.state_dict())
    again.restore({name: np.array(array) for name, array in state.items()})
    stepped(model, optimizer)
    stepped(other, again)
    assert all(torch.equal(a, b) for a, b in zip(model.parameters(), other.parameters(), strict=True))
    optimizer.forget()
    assert not optimizer.state()["optimizer.momentum.weight"].any()


def test_a_rate_may_stay_and_then_fall_in_a_straight_line() -> None:
    assert rate(0.05, 1.0, 0.1, "linear") == 0.5
    assert rate(0.1, 2.0, 0.1, "linear") == rate(1 - COOLDOWN, 2.0, 0.1, "linear") == 2.0
    assert math.isclose(rate(1 - COOLDOWN / 4, 2.0, 0.1, "linear"), 0.5) and rate(1.0, 2.0, 0.1, "linear") == 0.0
    assert math.isclose(rate(0.9, 1.0, 0.8, "linear"), 0.5), "a long warm-up leaves less to fall in"
    assert rate(1.0, 1.0, 1.0, "linear") == 0.0


@given(st.floats(0, 1), st.floats(0, 1, allow_subnormal=False), st.floats(0, 1))
def test_the_straight_line_stays_in_its_bounds(fraction: float, peak: float, warmup: float) -> None:
    assert 0 <= rate(fraction, peak, warmup, "linear") <= peak
