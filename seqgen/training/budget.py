"""The clock of a run: how much of the budget is gone, and where every second went.

A budget is a number of steps, or minutes of wall-clock time from process start to exit, over all sittings. The learning
rate depends on `fraction` alone, so that a timed run ends annealed however busy the machine was.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

# The end of the process, and slack so that the time limit is kept.
EXIT_SECONDS = 0.3


def process_age() -> float:
    """Seconds since this process was started; 0 where the system does not say."""
    try:
        with open("/proc/self/stat", encoding="ascii") as file:
            # The command name may hold spaces and brackets: fields are counted from its closing bracket.
            ticks = int(file.read().rpartition(")")[2].split()[19])
        with open("/proc/uptime", encoding="ascii") as file:
            uptime = float(file.read().split()[0])
        return max(0.0, uptime - ticks / os.sysconf("SC_CLK_TCK"))
    except (OSError, ValueError, IndexError, AttributeError):
        return 0.0


class Ledger:
    """Seconds by phase. Phases may nest: the outer one pauses while the inner one runs, so nothing counts twice."""

    def __init__(self, earlier: dict[str, float] | None = None, age: float = 0.0) -> None:
        """`earlier` are the phases of previous sittings; `age` is the time this one ran before the ledger was made."""
        self.seconds: dict[str, float] = dict(earlier or {})
        self.seconds["start-up"] = self.seconds.get("start-up", 0.0) + age
        self._stack = ["other"]
        self._since = time.perf_counter()

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Count the time inside the block as `name`."""
        self._book()
        self._stack.append(name)
        try:
            yield
        finally:
            self._book()
            self._stack.pop()

    def add(self, earlier: Mapping[str, float]) -> None:
        """Count the phases of earlier sittings too."""
        for name, value in earlier.items():
            self.seconds[name] = self.seconds.get(name, 0.0) + value

    def total(self) -> float:
        """All seconds so far, over all sittings."""
        self._book()
        return sum(self.seconds.values())

    def _book(self) -> None:
        now = time.perf_counter()
        name = self._stack[-1]
        self.seconds[name] = self.seconds.get(name, 0.0) + now - self._since
        self._since = now


class Budget:
    """How far a run is: by steps, or by time with a reserve for what follows the last step.

    `fraction(step)` goes from 0 to 1 over the training steps; `spent(step)` is true once no further step fits.
    """

    def __init__(self, ledger: Ledger, *, minutes: float | None = None, steps: int | None = None) -> None:
        self.ledger = ledger
        self.total_seconds = minutes * 60 if minutes is not None else None
        self.steps = steps
        self.reserve = EXIT_SECONDS
        self._step_seconds = 0.0
        self._last = time.perf_counter()

    def stepped(self) -> None:
        """Tell the budget that a step has ended; it learns how long one takes."""
        now = time.perf_counter()
        self._step_seconds += 0.1 * (now - self._last - self._step_seconds) if self._step_seconds else now - self._last
        self._last = now

    def remaining(self) -> float:
        """Seconds left for training steps in a timed run."""
        assert self.total_seconds is not None
        return self.total_seconds - self.reserve - self.ledger.total()

    def fraction(self, step: int) -> float:
        """Share of the training that is done, 0 to 1; what comes before and after the steps does not count."""
        if self.steps is not None:
            return min(1.0, step / self.steps)
        left = max(0.0, self.remaining())
        done = self.trained()
        return done / (done + left) if done + left > 0 else 1.0

    def trained(self) -> float:
        """Seconds in the training loop so far, including all that happens inside it."""
        seconds = self.ledger.seconds
        return sum(seconds.get(name, 0.0) for name in LOOP_PHASES)

    def spent(self, step: int) -> bool:
        """Whether no further step fits into the budget."""
        if self.steps is not None:
            return step >= self.steps
        return self.remaining() < self._step_seconds

    def eta(self, step: int) -> float | None:
        """Seconds until the end of the run; None before the first step of a run counted in steps."""
        if self.total_seconds is not None:
            return max(0.0, self.total_seconds - self.ledger.total())
        assert self.steps is not None
        if not step or not self.trained():
            return None
        return self.trained() / step * (self.steps - step) + self.reserve


LOOP_PHASES = ("training", "validation", "saving", "samples")
