"""When to validate, sample and save between steps.

In a timed run these are moments of time; in a run counted in steps they are steps, so that a resumed run does the same as
one that was never interrupted.
"""

from __future__ import annotations

import time

from seqgen.training.budget import Budget

VALIDATIONS = 12
# Share of a timed budget that approximate validation may take.
VALIDATION_SHARE = 0.02
SAVE_SECONDS = 30.0
STEPS_VALIDATED_SYMBOLS = 65_536


class Schedule:
    """Decides after each step what is due."""

    def __init__(self, budget: Budget, *, sample_every: int) -> None:
        self.budget = budget
        self.sample_every = sample_every
        self.every = max(1, budget.steps // VALIDATIONS) if budget.steps else 0
        self._next = budget.fraction(0) + 1 / VALIDATIONS if not budget.steps else 0.0
        self._saved = time.perf_counter()

    def validation_due(self, step: int) -> bool:
        """Whether to validate after this step; the end of the run validates by itself."""
        if self.every:
            return step % self.every == 0
        if self.budget.fraction(step) < self._next:
            return False
        self._next += 1 / VALIDATIONS
        return True

    def sample_due(self, step: int) -> bool:
        """Whether a sample was asked for after this step."""
        return bool(self.sample_every) and step % self.sample_every == 0

    def save_due(self) -> bool:
        """Whether enough time has passed that losing it would hurt."""
        if time.perf_counter() - self._saved < SAVE_SECONDS:
            return False
        self._saved = time.perf_counter()
        return True


def validated_symbols(budget: Budget, held_out: int, seconds_per_symbol: float | None) -> int:
    """How many held-out symbols each approximate validation scores, so that all validations stay in their share of time."""
    if budget.total_seconds is None or seconds_per_symbol is None:
        return min(held_out, STEPS_VALIDATED_SYMBOLS)
    allowed = VALIDATION_SHARE * budget.total_seconds / VALIDATIONS / seconds_per_symbol
    return max(min(held_out, 2_048), min(held_out, int(allowed)))
