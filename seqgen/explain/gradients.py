"""Why a plain RNN forgets: how large the gradient of a loss still is at inputs that were read long before.

The state after k steps is a function applied k times, and its gradient a product of k Jacobians: unless their norms stay
near 1 it vanishes or explodes with k (Bengio, Simard & Frasconi 1994; Pascanu, Mikolov & Bengio 2013, §2). What has no
gradient is not learnt from. An LSTM's memory is carried by a sum instead, through a gate (Hochreiter & Schmidhuber 1997).

What is measured is the norm of d loss(t) / d x(t - k): of the loss at one time, with respect to the input vector that was
read k steps before. That includes all paths: through h, through c, and across every gate. It is done in float64, because a
sigmoid's gradient at 100 steps is below what float32 can hold. torch is imported inside functions.

Shape legend: T length, B streams, H hidden, E width of the input, K distances (0 to the largest), N networks.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from seqgen.config import Config
from seqgen.errors import CorpusError

if TYPE_CHECKING:
    from seqgen.nn.rnn import RNNModel
    from seqgen.training.trainer import Trainer

Norms = NDArray[np.float64]

# name -> (cell, nonlinearity), the one that forgets soonest first
NETWORKS: dict[str, tuple[Any, Any]] = {
    "sigmoid RNN": ("rnn", "sigmoid"),
    "tanh RNN": ("rnn", "tanh"),
    "relu RNN": ("rnn", "relu"),
    "GRU": ("gru", "tanh"),
    "LSTM": ("lstm", "tanh"),
}

# Names for the ratio of a far gradient to a near one.
VANISHES = 1e-3  # below: a thousand symbols far away weigh less than one near
SHRINKS = 0.1  # below
EXPLODES = 10.0  # above
JUDGED_AT = 50  # symbols; the largest distance where that is less

STREAMS = 128  # over which norms are averaged
WARM = 50  # symbols read before the first that is looked at, so that no state is fresh
BATCH = 16
LEAST_STRETCH = 32
# One rate for all at 64 units, reduced by the square root of the width above. At twice that, which suits the others, relus
# explode, since they have no ceiling.
RATE, WARMUP, CLIP = 5e-3, 0.05, 1.0
SAVE_EVERY = 50  # steps after which a network that explodes later would be taken back to here


@dataclass(frozen=True)
class Carried:
    """One network. `start` and `trained` [K]: mean norm of the gradient by distance, before and after training.

    `loss`: nats a symbol at the end of training, smoothed. `undone`: steps that exploded and were taken back.
    """

    name: str
    start: Norms
    trained: Norms
    loss: float
    undone: int


@dataclass(frozen=True)
class Gradients:
    """All networks, after `steps` steps of training each on stretches of `stretch` symbols."""

    networks: tuple[Carried, ...]
    steps: int
    stretch: int


@dataclass(frozen=True)
class Budget:
    """When training ends: after `steps` steps, or, where that is None, at `until` on time.monotonic()'s clock."""

    steps: int | None
    began: float
    until: float

    def done(self, steps: int) -> float:
        """The share that is done after so many steps."""
        if self.steps is not None:
            return steps / self.steps
        return (time.monotonic() - self.began) / max(1e-9, self.until - self.began)


def symbols_needed(distance: int) -> int:
    """Symbols of text needed to have enough to learn from and to look back on."""
    return max(WARM + distance + 2, BATCH * stretch_of(distance) + 1)


def stretch_of(distance: int) -> int:
    """Symbols that training looks back over: no less than the distance that is judged."""
    return max(LEAST_STRETCH, distance)


def check_length(symbols: int, distance: int) -> None:
    """Raise CorpusError where a text is too short."""
    needed = symbols_needed(distance)
    if symbols < needed:
        raise CorpusError(
            f"the text has {symbols:,} symbols; gradients over a distance of {distance} need {needed:,}",
            "give a longer text, or a smaller --distance",
        )


def judged_at(distance: int) -> int:
    """The distance at which verdicts are given, where `distance` is the largest."""
    return min(JUDGED_AT, distance)


def relative(norms: Norms) -> Norms:
    """Norms [K] over that at distance 0."""
    return norms / max(float(norms[0]), 1e-300)


def verdict(ratio: float) -> str:
    """The word for a ratio of gradients."""
    if ratio < VANISHES:
        return "vanishes"
    if ratio > EXPLODES:
        return "explodes"
    return "shrinks" if ratio < SHRINKS else "stays"


def reach(norms: Norms) -> int | None:
    """The first distance at which the gradient, over that at distance 0, is no longer above VANISHES; None where it is above
    it at all distances [K]."""
    below = np.flatnonzero(~(relative(norms) > VANISHES))
    return int(below[0]) if len(below) else None


def explodes_at(norms: Norms) -> int | None:
    """The first distance at which the gradient is more than EXPLODES times that at distance 0; None where it never is."""
    above = np.flatnonzero(relative(norms) > EXPLODES)
    return int(above[0]) if len(above) else None


def gradient_norms(model: RNNModel, windows: NDArray[np.integer], distance: int) -> Norms:
    """Mean over streams of |d loss(t) / d x(t - k)| for k = 0 to distance [K]; t is the last symbol that is read.

    windows [B, T + 1]: ids, of which the last is what is predicted; T > distance. What comes before the first symbol
    looked at is read without gradients.
    """
    import torch
    import torch.nn.functional as F

    model = deepcopy(model).double().eval()
    ids = torch.from_numpy(windows.astype(np.int64)).t()  # [T + 1, B]
    with torch.no_grad():
        table = model.embedding.weight if model.shape.embedding else torch.eye(model.shape.vocab_size, dtype=torch.float64)
        inputs = table[ids[:-1]]  # [T, B, E]
        zero = model.zero_state(ids.shape[1])
        before = len(inputs) - distance - 1
        state = zero if model.shape.cell == "lstm" else zero[0]
        if before:
            _, state = model.rnn(inputs[:before], state)
    x = inputs[before:].requires_grad_()  # [K, B, E]
    hidden, _ = model.rnn(x, state)  # [K, B, H]
    # A sum of losses of independent streams: each stream's gradient is that of its own loss.
    loss = F.cross_entropy(model.output(hidden[-1]), ids[-1], reduction="sum")
    (gradient,) = torch.autograd.grad(loss, x)  # [K, B, E]
    norms: Norms = gradient.norm(dim=-1).mean(dim=-1).flip(0).numpy()  # the last symbol is at distance 0
    return norms


def measure(
    ids: NDArray[np.integer],
    vocab_size: int,
    *,
    hidden: int,
    distance: int,
    seed: int,
    steps: int | None,
    until: float,
    scale: float = 1.0,
    tell: Callable[[float], None] = lambda share: None,
) -> Gradients:
    """Measure, train and measure again each of NETWORKS on a text of ids [T], whose recurrent matrices begin `scale` times as
    large as seqgen begins them.

    They take turns, a step each, so that all have learnt from the same stretches as often when `steps` are done or, where
    that is None, the clock (time.monotonic) is nearly at `until`: time for the last measurements is reserved. `tell` is
    called with the share done. Raises CorpusError for a text that is too short.
    """
    check_length(len(ids), distance)
    began = time.monotonic()
    windows = _windows(ids, distance, seed)
    trainers = {name: _trainer(name, ids, vocab_size, hidden, stretch_of(distance), seed, scale) for name in NETWORKS}
    start = {name: gradient_norms(_model(trainer), windows, distance) for name, trainer in trainers.items()}
    now = time.monotonic()
    budget = Budget(steps, now, until - 1.5 * (now - began))
    count, undone = _train(trainers, budget, tell)
    trained = {name: gradient_norms(_model(trainer), windows, distance) for name, trainer in trainers.items()}
    networks = (Carried(name, start[name], trained[name], trainers[name].loss, undone[name]) for name in NETWORKS)
    return Gradients(tuple(networks), count, stretch_of(distance))


def _windows(ids: NDArray[np.integer], distance: int, seed: int) -> NDArray[np.integer]:
    """Stretches of the text from places drawn at random [B, T + 1]."""
    length = min(len(ids), WARM + distance + 2)
    starts = np.random.default_rng([seed, 1]).integers(0, len(ids) - length + 1, STREAMS)
    windows: NDArray[np.integer] = ids[starts[:, None] + np.arange(length)]
    return windows


def _trainer(
    name: str, ids: NDArray[np.integer], vocab_size: int, hidden: int, stretch: int, seed: int, scale: float
) -> Trainer:
    """A fresh network, as seqgen initialises it but for the `scale` of its recurrent matrices, with its trainer."""
    import torch

    from seqgen.training.language.task import LanguageTask
    from seqgen.training.trainer import Trainer

    cell, nonlinearity = NETWORKS[name]
    config = Config(
        arch=cell, nonlinearity=nonlinearity, layers=1, hidden=hidden, embedding=hidden, dropout=0.0, precision="fp32",
        batch_size=BATCH, bptt=stretch, lr=RATE * min(1.0, (64 / hidden) ** 0.5), warmup=WARMUP, clip=CLIP, seed=seed,
    )  # fmt: skip
    trainer = Trainer(LanguageTask(config, vocab_size, ids, ids[:0], torch.device("cpu")))
    if scale != 1:
        with torch.no_grad():
            for part, weights in _model(trainer).rnn.named_parameters():
                if part.startswith("weight_hh"):
                    weights.mul_(scale)
        trainer.best = trainer.weights()  # what a step that explodes goes back to
    return trainer


def _model(trainer: Trainer) -> RNNModel:
    from seqgen.nn.rnn import RNNModel

    assert isinstance(trainer.model, RNNModel)
    return trainer.model


def _train(trainers: dict[str, Trainer], budget: Budget, tell: Callable[[float], None]) -> tuple[int, dict[str, int]]:
    """Let the networks take turns until the budget is spent, once at least; return the steps of each, and those undone."""
    from seqgen.training.optim import rate

    steps, undone = 0, dict.fromkeys(trainers, 0)
    while (share := budget.done(steps)) < 1 or not steps:
        for name, trainer in trainers.items():
            undone[name] += not trainer.step(rate(share, trainer.task.config.lr or RATE, WARMUP))
            if trainer.step_count % SAVE_EVERY == 0:
                trainer.judge(trainer.loss, trainer.weights())
        steps += 1
        tell(min(1.0, share))
    return steps, undone
