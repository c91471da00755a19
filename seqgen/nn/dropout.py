"""Dropout whose mask is cheap to draw: eight decisions from one 64-bit random integer.

Srivastava et al. 2014, "Dropout: a simple way to prevent neural networks from overfitting", in the inverted form: what is
kept is scaled up in training, so that nothing changes when the network is used. A share is rounded to 1/256.
"""

from __future__ import annotations

import torch
from torch import Tensor

BYTE_VALUES = 256


def drop_threshold(share: float) -> int:
    """Bytes below this value drop their position; `share` lies in [0, 1)."""
    return min(BYTE_VALUES - 1, round(share * BYTE_VALUES))


def dropout(x: Tensor, share: float) -> Tensor:
    """x with about `share` of its numbers set to zero and the others scaled by 1 / (1 - share), drawn from torch's generator."""
    threshold = drop_threshold(share)
    if threshold == 0:
        return x
    words = torch.empty((x.numel() + 7) // 8, dtype=torch.int64, device=x.device).random_(-(2**63), None)
    kept = words.view(torch.uint8)[: x.numel()].view(x.shape) >= threshold
    return x * kept.to(x.dtype).mul_(BYTE_VALUES / (BYTE_VALUES - threshold))
