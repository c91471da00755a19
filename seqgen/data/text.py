"""A text as contiguous streams for truncated backpropagation through time.

What step k reads is a pure function of (seed, k): training can be stopped anywhere and resumed with nothing kept but
the number of the step.

Shape legend: B streams side by side, T symbols of each in one step.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray


def fit_batch(symbols: int, batch: int, length: int) -> tuple[int, int]:
    """Streams and length that a text has room for: streams are made fewer first, then stretches shorter.

    At least one stretch of at least one input and one target fits into any text of two symbols.
    """
    pairs = symbols - 1
    batch = max(1, min(batch, pairs // max(1, min(length, pairs))))
    return batch, max(1, min(length, pairs // batch))


def epoch_steps(symbols: int, batch: int, length: int) -> int:
    """Stretches of each stream in one pass over the text."""
    return max(1, (symbols - 1) // batch // length)


def streams(
    ids: NDArray[Any],
    batch: int,
    length: int,
    *,
    step: int,
    seed: int,
    order: Callable[[int], NDArray[Any]] | None = None,
) -> tuple[NDArray[Any], NDArray[Any], bool]:
    """Inputs [B, T] and targets [B, T] of a step, and whether it begins a pass: then no state is carried into it.

    Each pass begins at a different offset, so that streams are not cut at the same places every time. `order` gives the same
    ids in another order for each pass.
    """
    steps = epoch_steps(len(ids), batch, length)
    epoch, position = divmod(step, steps)
    used = batch * steps * length
    slack = len(ids) - 1 - used
    offset = int(np.random.default_rng([seed, epoch]).integers(0, slack + 1))
    # Stream b reads ids[offset + b * steps * length :]; this step's stretch begins `position` stretches into it.
    starts = offset + np.arange(batch) * steps * length + position * length  # [B]
    window = starts[:, None] + np.arange(length + 1)  # [B, T + 1]
    stretch = (ids if order is None else order(epoch))[window]
    return stretch[:, :-1], stretch[:, 1:], position == 0
