"""The output layer and its loss in one place, so that the logits of a large vocabulary need never exist all at once.

Shape legend: N positions, H hidden, V vocabulary.
"""

from __future__ import annotations

import math
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

# Logits of one chunk stay in the second-level cache; a vocabulary of characters fits in one piece.
CHUNK_NUMBERS = 2**20
# In float32 and without smoothing torch's own loss is a fifth faster than chunks, for the memory of some copies of the logits.
WHOLE_NUMBERS = 2**24
# Positions are padded to a multiple of this: a product of a new shape costs a millisecond to prepare, and each batch has a
# different number of tokens.
ROUND = 64


def cross_entropy_sum(
    hidden: Tensor, weight: Tensor, bias: Tensor, targets: Tensor, *, smoothing: float = 0.0, precision: str = "fp32"
) -> Tensor:
    """Summed negative log-probability in nats of targets [N] under softmax(hidden [N, H] weight^T + bias [V]).

    With `smoothing` e the target distribution is 1 - e on the right symbol plus e / V on every one (Szegedy et al. 2016, §7).
    With precision "bf16" the products are in bfloat16; the result is float32 either way.
    """
    rows = max(1, CHUNK_NUMBERS // weight.shape[0])
    whole = 2 * CHUNK_NUMBERS if smoothing else WHOLE_NUMBERS
    if precision == "fp32" and hidden.shape[0] * weight.shape[0] <= whole:
        logits = F.linear(hidden, weight, bias).float()
        return F.cross_entropy(logits, targets, reduction="sum", label_smoothing=smoothing)
    low = torch.bfloat16 if precision == "bf16" else hidden.dtype
    # Inside the autograd function there is no way to tell whether gradients are wanted.
    wanted = torch.is_grad_enabled()
    return _Chunked.apply(hidden, weight, bias, targets, rows, smoothing, low, wanted)  # type: ignore[no-any-return, no-untyped-call]


class _Chunked(torch.autograd.Function):
    """Forward computes the gradients as well, chunk by chunk: d loss / d logits = softmax - (1 - e) one-hot - e / V.

    The last term is the same for all symbols and positions, so it enters the gradients as sums of rows rather than through
    every logit.
    """

    @staticmethod
    def forward(
        ctx: Any,
        hidden: Tensor,
        weight: Tensor,
        bias: Tensor,
        targets: Tensor,
        rows: int,
        smoothing: float,
        low: torch.dtype,
        wanted: bool,
    ) -> Tensor:
        count, vocab = hidden.shape[0], weight.shape[0]
        whole = math.ceil(count / ROUND) * ROUND
        small = F.pad(hidden.to(low), (0, 0, 0, whole - count))  # [N, H] -> [whole, H]
        small_weight, small_bias = weight.to(low), bias.to(low)
        # Chunks of about equal size: a short one at the end would read the whole weight for a few rows.
        rows = math.ceil(whole / max(1, math.ceil(whole / rows)) / ROUND) * ROUND
        d_logits = torch.empty(whole if wanted else 0, vocab, dtype=low, device=hidden.device)
        d_logits[count:] = 0
        total = hidden.new_zeros((), dtype=torch.float32)
        for start in range(0, count, rows):
            logits = F.linear(small[start : start + rows], small_weight, small_bias)  # [rows, V]
            here = slice(start, min(count, start + rows))
            own = logits[: here.stop - start]  # without the padding
            total += _loss_of(own, targets[here], smoothing, out=d_logits[here] if wanted else None)
        if smoothing:
            # The mean of all logits of a position is the position times the mean of all rows of the weight.
            total -= smoothing * ((hidden @ weight.mean(0)).sum() + count * bias.mean())
        if wanted:
            # One product for all chunks: adding up the weight's gradient chunk by chunk would cost as much again.
            share = smoothing / vocab
            d_hidden = (d_logits @ small_weight)[:count].to(hidden.dtype) - share * weight.sum(0)  # [N, H]
            d_weight = (d_logits.t() @ small).to(weight.dtype) - share * hidden.sum(0)  # [V, H]
            # As a product: a sum would first make a float32 copy of all logits.
            d_bias = (small.new_ones(1, whole) @ d_logits)[0].to(bias.dtype) - share * count
            ctx.save_for_backward(d_hidden, d_weight, d_bias)
        return total

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        d_hidden, d_weight, d_bias = ctx.saved_tensors
        return d_hidden * grads[0], d_weight * grads[0], d_bias * grads[0], *(None,) * 5


def _loss_of(logits: Tensor, targets: Tensor, smoothing: float, out: Tensor | None) -> Tensor:
    """Summed loss of a chunk's logits [rows, V], without the term of e times their mean; writes softmax - (1 - e) one-hot
    to `out` [rows, V] where it is given.

    Softmax is torch's fused kernel, which reads and writes low precision and computes in float32. The log-probability of a
    target is the logarithm of its probability, which includes the normaliser.
    """
    probs = torch.softmax(logits, dim=-1) if out is None else torch.softmax(logits, dim=-1, out=out)
    column = targets[:, None]  # [rows, 1]
    right = probs.gather(1, column)
    log_right = right.float().clamp_min(1e-30).log()
    loss = -(1 - smoothing) * log_right.sum()
    if smoothing:
        loss = loss + smoothing * (logits.gather(1, column).float() - log_right).sum()  # the normaliser
    if out is not None:
        out.scatter_(1, column, right - (1 - smoothing))
    return loss
