"""Penalties: what stands among the last symbols is less likely.

Shape legend: N rows, V vocabulary, T ids of history.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from seqgen.decode.rules.base import LEAST, Rule

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from seqgen.decode.rules.base import History, Logits

# Symbols that the penalties look back, unless told otherwise: a loop of two or three lines fits in.
PENALTY_WINDOW = 256


def repetition_penalty(penalty: float, repetition_window: int = PENALTY_WINDOW) -> Rule:
    """Divide the odds of a symbol by the penalty each time that it stands among the last `repetition_window` symbols:
    log(penalty) is subtracted from its logit, so that models that are sure of themselves are penalised as others are.

    Keskar et al. 2019, "CTRL", §4.1 multiply logits instead, which leaves a log-probability near 0 where it is, and count a
    symbol once. With a vocabulary of characters nearly all of them stand in any window, and only their numbers differ: as in
    the frequency penalty of other programs.
    """
    import numpy as np

    step = np.float32(np.log(max(penalty, LEAST)))

    def apply(logits: Logits, history: History) -> Logits:
        return _shifted(logits, _counts(logits, history) * -step)

    return Rule(apply, window=repetition_window)


def presence_penalty(penalty: float, repetition_window: int = PENALTY_WINDOW) -> Rule:
    """Subtract the penalty from the logit of each symbol that stands among the last ones, however often.

    OpenAI's API reference, "Frequency and presence penalties": mu[j] - (c[j] > 0) * penalty.
    """

    def apply(logits: Logits, history: History) -> Logits:
        return _shifted(logits, (_counts(logits, history) > 0) * _float(-penalty))

    return Rule(apply, window=repetition_window)


def frequency_penalty(penalty: float, repetition_window: int = PENALTY_WINDOW) -> Rule:
    """Subtract the penalty from the logit of a symbol each time that it stands among the last ones: what
    --repetition-penalty exp(penalty) does.

    OpenAI's API reference, "Frequency and presence penalties": mu[j] - c[j] * penalty.
    """

    def apply(logits: Logits, history: History) -> Logits:
        return _shifted(logits, _counts(logits, history) * _float(-penalty))

    return Rule(apply, window=repetition_window)


def _float(value: float) -> np.float32:
    import numpy as np

    return np.float32(value)


def _counts(logits: Logits, history: History) -> NDArray[np.float32]:
    """How often each symbol stands in each row's history [N, V]."""
    import numpy as np

    rows, size = logits.shape
    flat = (history + np.arange(0, rows * size, size)[:, None])[history >= 0]
    return np.bincount(flat, minlength=rows * size).reshape(rows, size).astype(np.float32)


def _shifted(logits: Logits, change: NDArray[np.float32]) -> Logits:
    """Logits after a change. A reward could lift them beyond what can be exponentiated; what is added to all of a row changes
    nothing."""
    import numpy as np

    logits += change
    return logits if (change <= 0).all() else logits - np.maximum(logits.max(axis=1, keepdims=True), 0)
