"""DRY ("Don't repeat yourself"): what would make a repeated passage longer is less likely, the more so the longer it is.

Shape legend: N rows, V vocabulary, T ids of history.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from seqgen.decode.rules.base import Rule

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from seqgen.decode.rules.base import History, Logits

# Symbols of a repeated passage that are counted: a longer one is penalised like one of this length.
LONGEST = 256
# A larger penalty changes nothing more, and float32 stays far from its end.
MOST = 1e30


def dry(multiplier: float, dry_base: float = 1.75, dry_allowed_length: int = 2, dry_penalty_last_n: int = -1) -> Rule:
    """Where the last n symbols stand among those before them, subtract multiplier * base^(n - allowed length) from the logit of
    what came next there, for the greatest n of each symbol that reaches the allowed length.

    p-e-w 2024, "DRY: A modern repetition penalty that reliably prevents looping" (text-generation-webui, pull request 5677);
    here no symbol breaks a passage. `dry_penalty_last_n` symbols are looked at: -1 for all, 0 for none.
    """
    import numpy as np

    def apply(logits: Logits, history: History) -> Logits:
        for row, ids in enumerate(history):
            symbols, lengths = _repeated(ids, max(dry_allowed_length, 1))
            if len(symbols):
                with np.errstate(over="ignore"):
                    penalties = multiplier * np.power(float(dry_base), lengths - dry_allowed_length)
                np.subtract.at(logits[row], symbols, np.minimum(penalties, MOST).astype(np.float32))
        return logits

    return Rule(apply, window=None if dry_penalty_last_n < 0 else dry_penalty_last_n)


def _repeated(ids: NDArray[np.int64], least: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The symbols that would prolong a repeated passage of `least` ids or more, each once, with the longest such passage."""
    import numpy as np

    ids = ids[ids >= 0]
    end = len(ids) - 1
    # Where what stands before the end also ends; then backwards as long as any of these places goes on.
    places = np.flatnonzero(ids[:end] == ids[end]) if end > 0 else np.zeros(0, dtype=np.int64)
    lengths = np.ones(len(places), dtype=np.int64)
    going, back = np.arange(len(places)), 1
    while len(going) and back < LONGEST:
        going = going[places[going] >= back]
        going = going[ids[places[going] - back] == ids[end - back]]
        lengths[going] += 1
        back += 1
    follows, lengths = ids[places + 1][lengths >= least], lengths[lengths >= least]
    symbols, of = np.unique(follows, return_inverse=True)
    longest = np.zeros(len(symbols), dtype=np.int64)
    np.maximum.at(longest, of, lengths)
    return symbols, longest
