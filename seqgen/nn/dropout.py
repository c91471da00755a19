"""Dropout (Srivastava et al. 2014) whose mask costs next to nothing on a CPU.

torch draws one floating-point number per element, which takes a fifth of the training time of a small network. Here one
64-bit random integer decides eight elements, a byte each, by a threshold: the rate is rounded to a multiple of 1/256, and
the scale is that of the rounded rate, so that the expectation is kept exactly.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Dropout(nn.Module):
    """Zero each element with probability `rate`, scale the others by 1 / (1 - rate); does nothing outside training."""

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.threshold = round(rate * 256)

    def forward(self, x: Tensor) -> Tensor:
        """A tensor of the same shape; random numbers are from torch's global generator."""
        if not self.training or not self.threshold:
            return x
        words = torch.empty((x.numel() + 7) // 8, dtype=torch.int64, device=x.device)
        words.random_(-(2**63), None)
        # Bytes become numbers of x's type, in which they are exact, then 1 at or above the threshold and 0 below: comparing
        # and converting booleans takes three times as long.
        numbers = words.view(torch.uint8)[: x.numel()].view(x.shape).to(x.dtype)
        kept = numbers.sub_(self.threshold - 1).clamp_(0, 1)
        return x * kept.mul_(256 / (256 - self.threshold))
