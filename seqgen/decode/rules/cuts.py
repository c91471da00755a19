"""Temperature and cuts: which of the likelier symbols may be drawn, by their probabilities alone.

Shape legend: N rows, V vocabulary.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from seqgen.decode.rules.base import LEAST, Rule

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from seqgen.decode.rules.base import History, Logits


def temperature(value: float) -> Rule:
    """Divide by the temperature: below 1 sharper, above 1 flatter."""
    import numpy as np

    scale = np.float32(1 / max(value, LEAST))

    def apply(logits: Logits, history: History) -> Logits:
        logits *= scale
        return logits

    return Rule(apply)


def top_k(k: int) -> Rule:
    """Only the k likeliest symbols; those that tie with the last one stay."""
    import numpy as np

    def apply(logits: Logits, history: History) -> Logits:
        if k < logits.shape[1]:
            least = np.partition(logits, -k, axis=1)[:, -k, None]  # [N, 1]
            logits[logits < least] = -np.inf
        return logits

    return Rule(apply)


def top_p(p: float) -> Rule:
    """Only the likeliest symbols that together reach probability p (nucleus sampling, Holtzman et al. 2020, §3.1)."""
    import numpy as np

    def apply(logits: Logits, history: History) -> Logits:
        order = np.argsort(-logits, axis=1, kind="stable")
        weights = np.exp(np.take_along_axis(logits, order, 1) - logits.max(axis=1, keepdims=True))
        probabilities = weights / weights.sum(axis=1, keepdims=True)
        return _until(logits, order, probabilities, p)

    return Rule(apply)


def min_p(p: float) -> Rule:
    """Only symbols at least p times as likely as the likeliest (Nguyen et al. 2024, "Min-p sampling", §3)."""
    import numpy as np

    distance = np.float32(np.log(p))

    def apply(logits: Logits, history: History) -> Logits:
        logits[logits < logits.max(axis=1, keepdims=True) + distance] = -np.inf
        return logits

    return Rule(apply)


def typical(p: float) -> Rule:
    """Only the symbols whose surprise is nearest to the expected one, as many as reach probability p together.

    Meister et al. 2023, "Locally Typical Sampling", eq. 10: ordered by |H - (-log q)|, where H is the entropy of q.
    """
    import numpy as np

    def apply(logits: Logits, history: History) -> Logits:
        q = softmax(logits)
        with np.errstate(divide="ignore"):
            surprise = -np.log(q)
        entropy = (q * np.where(q > 0, surprise, 0)).sum(axis=1, keepdims=True)
        distance = np.where(q > 0, np.abs(surprise - entropy), np.inf)
        order = np.argsort(distance, axis=1, kind="stable")
        return _until(logits, order, np.take_along_axis(q, order, 1), p)

    return Rule(apply)


def xtc(probability: float, rng: np.random.Generator, xtc_threshold: float = 0.1) -> Rule:
    """Exclude top choices: at a step, with this probability, remove all symbols of at least the threshold's probability but the
    least likely of them. With fewer than two of them nothing changes, as for any threshold above a half.

    p-e-w 2024, "Exclude Top Choices (XTC): A sampler that boosts creativity" (text-generation-webui, pull request 6335).
    """
    import numpy as np

    def apply(logits: Logits, history: History) -> Logits:
        q = softmax(logits)
        top = (q >= xtc_threshold) & (q > 0) & (rng.random(len(q)) < probability)[:, None]
        # The last of equal ones stays, so that just one does.
        least = q.shape[1] - 1 - np.argmin(np.where(top, q, np.inf)[:, ::-1], axis=1)
        top[np.arange(len(q)), least] = False
        logits[top] = -np.inf
        return logits

    return Rule(apply)


def _until(logits: Logits, order: NDArray[np.intp], probabilities: NDArray[Any], p: float) -> Logits:
    """Logits of the first symbols in an order [N, V] that together reach p; `probabilities` [N, V] are in that order.

    A symbol stays while those before it have not reached p; the first even where p is zero in float32."""
    import numpy as np

    cut = np.cumsum(probabilities, axis=1) - probabilities >= p
    cut[:, 0] = False
    mask = np.zeros_like(cut)
    np.put_along_axis(mask, order, cut, 1)
    logits[mask] = -np.inf
    return logits


def softmax(logits: Logits) -> NDArray[np.float64]:
    """Probabilities [N, V] of logits that are finite somewhere in each row."""
    import numpy as np

    weights = np.exp(logits - logits.max(axis=1, keepdims=True), dtype=np.float64)
    found: NDArray[np.float64] = weights / weights.sum(axis=1, keepdims=True)
    return found
