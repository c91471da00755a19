"""The output layer and its loss in one place, so that the logits of a large vocabulary need never exist all at once.

Shape legend: N positions, H hidden, V vocabulary.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

# Logits of one chunk stay in the second-level cache; a vocabulary of characters fits in one piece.
CHUNK_NUMBERS = 2**20


def cross_entropy_sum(hidden: Tensor, weight: Tensor, bias: Tensor, targets: Tensor) -> Tensor:
    """Summed negative log-probability in nats of targets [N] under softmax(hidden [N, H] weight^T + bias [V])."""
    rows = max(1, CHUNK_NUMBERS // weight.shape[0])
    if hidden.shape[0] <= 2 * rows:
        return F.cross_entropy(F.linear(hidden, weight, bias).float(), targets, reduction="sum")
    return _Chunked.apply(hidden, weight, bias, targets, rows)  # type: ignore[no-any-return, no-untyped-call]


class _Chunked(torch.autograd.Function):
    """Forward computes the gradients as well, chunk by chunk: d loss / d logits = softmax - one-hot."""

    @staticmethod
    def forward(ctx: Any, hidden: Tensor, weight: Tensor, bias: Tensor, targets: Tensor, rows: int) -> Tensor:
        d_hidden = torch.empty_like(hidden)
        d_weight = torch.zeros_like(weight)
        d_bias = torch.zeros_like(bias)
        total = hidden.new_zeros((), dtype=torch.float32)
        for start in range(0, hidden.shape[0], rows):
            h, t = hidden[start : start + rows], targets[start : start + rows]
            logits = F.linear(h, weight, bias).float()  # [rows, V]
            log_probs = F.log_softmax(logits, dim=-1)
            total += F.nll_loss(log_probs, t, reduction="sum")
            d_logits = log_probs.exp_()
            d_logits[torch.arange(len(t)), t] -= 1
            d_logits = d_logits.to(hidden.dtype)
            torch.mm(d_logits, weight, out=d_hidden[start : start + rows])
            d_weight.addmm_(d_logits.t(), h)
            d_bias += d_logits.sum(0)
        ctx.save_for_backward(d_hidden, d_weight, d_bias)
        return total

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        d_hidden, d_weight, d_bias = ctx.saved_tensors
        return d_hidden * grads[0], d_weight * grads[0], d_bias * grads[0], None, None
