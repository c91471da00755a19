"""Dynamic evaluation (Krause et al. 2018, "Dynamic evaluation of neural sequence models"): a network that goes on learning from
what it has just read.

A text is read in segments. Each is scored first; then the weights take a step along its gradient, divided by the root of the
mean of its squares so far: weights whose gradients are usually large move less. What a step has learnt, the next segment uses.

Shape legend: T symbols of a text, H hidden, V vocabulary.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray

from seqgen.decode.scorer import Ids, LogProbs

# Symbols of a segment: shorter ones cost more time and gain nothing.
SEGMENT = 20
# Measured on held-out text of an LSTM and a Transformer; a pull back to the trained weights gained nothing.
RATE, SMALLEST = 6e-4, 1e-4


class DynamicNetwork:
    """A module for texts (ids [T, 1] and a state to hidden states [T, 1, H] and the next state) that reads one text."""

    def __init__(self, module: Any) -> None:
        self.module = module.eval()
        self._weights = [weight for weight in module.parameters() if weight.requires_grad]
        self._squares = [torch.zeros_like(weight) for weight in self._weights]
        self._segments = 0
        # What reads a window anew for each segment had better read much that is new.
        self._length = SEGMENT if module.zero_state(1) else max(SEGMENT, module.shape.context // 2)
        self._state, self._last = module.zero_state(1), 0

    def begin(self, id_: int) -> None:
        """What the first symbol stands behind."""
        self._state, self._last = self.module.zero_state(1), id_

    def read(self, ids: Ids) -> LogProbs:
        """Log-probability of each of ids [T], each segment learnt from before the next."""
        given = torch.from_numpy(np.asarray(ids, dtype=np.int64))
        found = [self._segment(given[start : start + self._length]) for start in range(0, len(given), self._length)]
        return np.concatenate(found) if found else np.zeros(0, dtype=np.float32)

    def arrays(self) -> dict[str, NDArray[np.float32]]:
        """The weights as they are now."""
        return {name: value.detach().numpy().copy() for name, value in self.module.state_dict().items()}

    def _segment(self, targets: torch.Tensor) -> LogProbs:
        inputs = torch.cat([torch.tensor([self._last]), targets[:-1]])[:, None]  # [T, 1]
        hidden, state = self.module(inputs, self._state)
        logits = F.linear(hidden[:, 0], *self.module.output_layer()).float()  # [T, V]
        log_probs = torch.log_softmax(logits, dim=-1).gather(1, targets[:, None])[:, 0]  # [T]
        self._learn(torch.autograd.grad(-log_probs.mean(), self._weights))
        self._state, self._last = tuple(part.detach() for part in state), int(targets[-1])
        scored: LogProbs = log_probs.detach().numpy()
        return scored

    @torch.no_grad()
    def _learn(self, gradients: tuple[torch.Tensor, ...]) -> None:
        self._segments += 1
        torch._foreach_lerp_(self._squares, torch._foreach_mul(gradients, gradients), 1 / self._segments)
        if self._segments == 1:
            return  # one gradient says nothing about what is usual
        usual = torch._foreach_sqrt(self._squares)
        torch._foreach_add_(usual, SMALLEST)
        torch._foreach_addcdiv_(self._weights, list(gradients), usual, value=-RATE)
