"""One optimiser step: the rate, the clipping, AdamW, the running average of the weights.

The schedule is a pure function of how far the training is, a number from 0 to 1: linear warm-up, then a half cosine down
to zero (Loshchilov & Hutter 2017, "SGDR", equation 5, without restarts), or the peak and a straight line to zero (Zhai et al.
2022, §3.5). The update is AdamW (Loshchilov & Hutter 2019, algorithm 2) or, for matrices, Muon. The average is exponential
(Polyak averaging with decay) with the usual correction for its start from zero.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.optim.adamw import adamw

from seqgen.training.muon import Muon

BETAS = (0.9, 0.98)
EPSILON = 1e-8
# Share of the training over which a rate that has stayed at its peak falls to zero.
COOLDOWN = 0.6


def rate(fraction: float, peak: float, warmup: float, schedule: str = "cosine") -> float:
    """The learning rate when `fraction` of the training is done; rises to `peak` over the first `warmup` of it, ends at 0."""
    if fraction < warmup:
        return peak * fraction / warmup
    if schedule == "linear":
        return peak * min(1.0, max(0.0, 1 - fraction) / min(COOLDOWN, 1 - warmup)) if warmup < 1 else 0.0
    progress = (fraction - warmup) / (1 - warmup) if warmup < 1 else 1.0
    return peak * 0.5 * (1 + math.cos(math.pi * min(1.0, progress)))


class Optimizer:
    """AdamW with clipping and an optional running average, whose whole state is a dict of arrays. `matrices` are updated by
    Muon instead: name -> how many each holds."""

    def __init__(
        self,
        model: nn.Module,
        *,
        weight_decay: float,
        clip: float | None,
        average: float,
        matrices: Mapping[str, int] | None = None,
    ) -> None:
        named = dict(model.named_parameters())
        self.muon = Muon({name: named[name] for name in matrices}, matrices) if matrices else None
        self.weight_decay = weight_decay
        self.names = [name for name, _ in model.named_parameters()]
        self.parameters = [parameter for _, parameter in model.named_parameters()]
        self.clip = clip
        self.decay = average
        self.averages = [torch.zeros_like(p) for p in self.parameters] if average else []
        self.updates = 0
        # Only matrices decay; weight decay was not made for biases and the rows of an embedding.
        self.decays = [
            weight_decay if p.dim() > 1 and "embedding" not in n else 0.0
            for n, p in zip(self.names, self.parameters, strict=True)
        ]
        self._adam: dict[str, dict[str, Tensor]] = {}  # the moments of each parameter, and how often it was updated

    def step(self, lr: float) -> float:
        """Clip, update, average; return the gradient's norm before clipping. Gradients are cleared."""
        norm = float(torch.nn.utils.clip_grad_norm_(self.parameters, self.clip or math.inf))
        for decay in sorted(set(self.decays)):
            self._update(lr, decay)
        if self.muon is not None:
            self.muon.step(lr, self.weight_decay)
        for parameter in self.parameters:
            parameter.grad = None
        self.updates += 1
        if self.averages:
            with torch.no_grad():
                torch._foreach_lerp_(self.averages, list[Tensor](self.parameters), 1 - self.decay)
        return norm

    @torch.no_grad()
    def _update(self, lr: float, decay: float) -> None:
        """AdamW of the parameters with this weight decay: torch's function, since its class loads a compiler that is not
        used, which takes a second, and on a busy machine six."""
        chosen = [
            (name, parameter)
            for name, parameter, own in zip(self.names, self.parameters, self.decays, strict=True)
            if own == decay and parameter.grad is not None and (self.muon is None or name not in self.muon.matrices)
        ]
        for name, parameter in chosen:
            if name not in self._adam:
                self._adam[name] = _moments(parameter)
        states = [self._adam[name] for name, _ in chosen]
        adamw(
            [parameter for _, parameter in chosen],
            [parameter.grad for _, parameter in chosen if parameter.grad is not None],
            exp_avgs=[state["exp_avg"] for state in states],
            exp_avg_sqs=[state["exp_avg_sq"] for state in states],
            max_exp_avg_sqs=[],
            state_steps=[state["step"] for state in states],
            fused=True,
            amsgrad=False,
            beta1=BETAS[0],
            beta2=BETAS[1],
            lr=lr,
            weight_decay=decay,
            eps=EPSILON,
            maximize=False,
        )

    def averaged(self) -> dict[str, Tensor]:
        """The averaged weights by name, corrected for their start from zero; empty without averaging, and while there is
        nothing to average."""
        if not self.updates:
            return {}
        correction = 1 - self.decay**self.updates
        return {name: average / correction for name, average in zip(self.names, self.averages, strict=False)}

    def forget(self) -> None:
        """Drop the moments and the average: after a return to earlier weights nothing may remember the steps away from them."""
        self._adam.clear()
        if self.muon is not None:
            self.muon.forget()
        self.updates = 0
        for average in self.averages:
            average.zero_()

    def state(self) -> dict[str, NDArray[Any]]:
        """Everything the next step depends on, as arrays."""
        arrays: dict[str, NDArray[Any]] = {"optimizer.updates": np.array([self.updates], dtype=np.int64)}
        for name in self.names:
            for key, value in self._adam.get(name, {}).items():
                arrays[f"optimizer.{key}.{name}"] = value.detach().cpu().numpy().copy()
        for name, average in zip(self.names, self.averages, strict=False):
            arrays[f"average.{name}"] = average.cpu().numpy().copy()
        return arrays | (self.muon.state() if self.muon is not None else {})

    def restore(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """The inverse of state()."""
        self._adam.clear()
        self.updates = int(arrays["optimizer.updates"][0])
        for name, parameter in zip(self.names, self.parameters, strict=True):
            for key in ("step", "exp_avg", "exp_avg_sq"):
                if (stored := f"optimizer.{key}.{name}") in arrays:
                    value = torch.from_numpy(arrays[stored].copy()).to(parameter.device)
                    self._adam.setdefault(name, {})[key] = value
        for name, average in zip(self.names, self.averages, strict=False):
            average.copy_(torch.from_numpy(arrays[f"average.{name}"].copy()))
        if self.muon is not None:
            self.muon.restore(arrays)


def _moments(parameter: Tensor) -> dict[str, Tensor]:
    """The state of a parameter that has never been updated."""
    return {
        "step": torch.zeros((), dtype=torch.float32, device=parameter.device),
        "exp_avg": torch.zeros_like(parameter, memory_format=torch.preserve_format),
        "exp_avg_sq": torch.zeros_like(parameter, memory_format=torch.preserve_format),
    }
