"""How many threads train fastest, looked at again while a run goes on: a plan that was made in two busy seconds must not hold
for twenty minutes.

A trial is a few real steps with the other number; nothing is thrown away. Only a run counted in minutes does this: in one
counted in steps the order of sums, and so each bit, stays what it was.
"""

from __future__ import annotations

import statistics
from collections import deque
from collections.abc import Callable

from seqgen.threads import use_threads

# Steps of a trial (the first, with threads that have only just been started, does not count), and steps compared with.
TRIAL, COMPARED = 4, 9
# Share of the time that trials may take: of that which is gone where nothing asks for one, else of the whole budget.
SHARE = 0.01
# A change of speed that asks for a trial; else there is one after as many seconds at the earliest.
CHANGE, EVERY = 1.3, 20.0
# The other number has to be this much faster, or noise would decide.
FASTER = 0.9
# A trial whose first, or a later step is this many times slower ends with it.
HOPELESS = (3.0, 1.5)


class Pace:
    """The number of threads in use, and when it changed: (step, threads)."""

    def __init__(self, threads: int, most: int, total: float, use: Callable[[int], None] = use_threads) -> None:
        """Begin with `threads`; the other choice is `most`, or one. `total` is the budget in seconds."""
        self.threads, self._other = threads, most if threads != most else 1
        self.changes: list[tuple[int, int]] = []
        self._use, self._total = use, total
        self._recent: deque[float] = deque(maxlen=COMPARED)
        self._trial: list[float] | None = None
        self._trained = self._tried = self._since = 0.0  # seconds: in all, in trials, since the last one
        self._cost = 0.0  # seconds of the last trial
        self._known: float | None = None  # the pace at the last decision

    def stepped(self, step: int, seconds: float, symbols: int) -> None:
        """Step number `step` took so long for so many symbols."""
        if self._other == self.threads:
            return
        self._trained += seconds
        self._since += seconds
        pace = seconds / max(1, symbols)
        if self._trial is not None:
            self._tried, self._cost = self._tried + seconds, self._cost + seconds
            self._trial.append(pace)
            limit = HOPELESS[min(len(self._trial), len(HOPELESS)) - 1] * statistics.median(self._recent)
            if len(self._trial) == TRIAL or pace > limit:
                self._decide(step)
            return
        self._recent.append(pace)
        if len(self._recent) == COMPARED and self._is_due(symbols):
            self._trial, self._cost = [], 0.0
            self._use(self._other)

    def _is_due(self, symbols: int) -> bool:
        """Whether there is time for a trial, and a reason."""
        pace = statistics.median(self._recent)
        self._known = self._known or pace
        cost = TRIAL * pace * symbols
        if not self._tried or not 1 / CHANGE <= pace / self._known <= CHANGE:
            return self._tried + cost <= SHARE * self._total
        return self._since >= EVERY and self._tried + max(cost, self._cost) <= SHARE * self._trained

    def _decide(self, step: int) -> None:
        """Take the faster of the two."""
        assert self._trial is not None
        ours, theirs = statistics.median(self._recent), statistics.median(self._trial[1:] or self._trial)
        if theirs < FASTER * ours:
            self.threads, self._other = self._other, self.threads
            self.changes.append((step, self.threads))
        else:
            self._use(self.threads)
        self._known = min(ours, theirs) if theirs < FASTER * ours else ours
        self._trial, self._since = None, 0.0
        self._recent.clear()
