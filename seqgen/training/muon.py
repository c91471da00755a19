"""Muon (Jordan et al. 2024): momentum whose update of a matrix is made orthogonal, so that it moves all directions alike.

A gradient of a matrix is mostly a few directions; what is rare in it is learnt slowly. Here the momentum U S V^T is replaced by
about U V^T, found with products of matrices alone: five steps of an iteration of Newton and Schulz whose coefficients bring
all singular values near 1. A small Transformer needs about half as many symbols for the same loss as with AdamW.

Shape legend: N matrices of one size, m rows, n columns.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

MOMENTUM = 0.95
# Its steps for each unit of AdamW's rate, which the other weights of a network have.
RATE = 7.0
STEPS = 5
# Of x (a + b s + c s^2) for s = x x^T: steep at 0, and no singular value up to 1 leaves 0.7 to 1.2.
COEFFICIENTS = (3.4445, -4.7750, 2.0315)


def orthogonalised(matrices: Tensor) -> Tensor:
    """Matrices [N, m, n] with singular values near 1, and the same singular vectors."""
    a, b, c = COEFFICIENTS
    is_tall = matrices.shape[1] > matrices.shape[2]
    x = matrices.mT if is_tall else matrices
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    for _ in range(STEPS):
        square = x @ x.mT  # [N, m, m], of the shorter side
        x = a * x + (b * square + c * square @ square) @ x
    result: Tensor = x.mT if is_tall else x
    return result


class Muon:
    """The momentum of some matrices by name, each of which holds `parts` one below the other."""

    def __init__(self, matrices: Mapping[str, Tensor], parts: Mapping[str, int]) -> None:
        self.matrices, self.parts = dict(matrices), parts
        self._momentum = {name: torch.zeros_like(matrix) for name, matrix in self.matrices.items()}

    @torch.no_grad()
    def step(self, lr: float, decay: float) -> None:
        """Update the matrices that have gradients at AdamW's rate `lr`; those of one size together."""
        groups: dict[tuple[int, ...], list[str]] = {}
        for name, matrix in self.matrices.items():
            if matrix.grad is not None:
                groups.setdefault((self.parts[name], *matrix.shape), []).append(name)
        for (parts, rows, columns), names in groups.items():
            momentum = [self._momentum[name] for name in names]
            gradients = [gradient for name in names if (gradient := self.matrices[name].grad) is not None]
            torch._foreach_lerp_(momentum, gradients, 1 - MOMENTUM)
            # Nesterov's look ahead.
            ahead = torch.stack(torch._foreach_lerp(gradients, momentum, MOMENTUM))
            size = (len(names) * parts, rows // parts, columns)
            update = orthogonalised(ahead.reshape(size)).reshape(ahead.shape)  # [N, m, n]
            # Of a matrix with more rows than columns, an orthogonal one changes each output less.
            scale = RATE * lr * max(1.0, size[1] / columns) ** 0.5
            for name, change in zip(names, update, strict=True):
                self.matrices[name].mul_(1 - lr * decay).sub_(change, alpha=scale)

    def forget(self) -> None:
        """Drop the momentum."""
        for value in self._momentum.values():
            value.zero_()

    def state(self) -> dict[str, NDArray[Any]]:
        """Everything that the next step depends on."""
        return {f"optimizer.momentum.{name}": value.cpu().numpy().copy() for name, value in self._momentum.items()}

    def restore(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """The inverse of state()."""
        for name, value in self._momentum.items():
            value.copy_(torch.from_numpy(np.array(arrays[f"optimizer.momentum.{name}"])))
