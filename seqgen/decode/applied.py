"""Rules at work on rows that a search writes side by side: the one place that keeps their history.

Shape legend: N rows, V vocabulary, T ids of a row.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from seqgen.decode.rules import Rule
from seqgen.decode.scorer import Ids, LogProbs

# Ids kept before the table grows, or its last ids move to the front.
ROOM = 1_024


class AppliedRules:
    """Some rules, in their order, over N rows that begin with `prompts`. History that no rule needs is not kept."""

    def __init__(self, rules: Sequence[Rule], prompts: Sequence[Ids]) -> None:
        self.rules = list(rules)
        windows = [rule.window for rule in self.rules]
        # The longest that any rule asks for, None where one asks for everything.
        self.window = None if None in windows else max((window or 0 for window in windows), default=0)
        # So many of the first rules may leave a row nothing.
        self.banning = max((place for place, rule in enumerate(self.rules, 1) if rule.bans), default=0)
        self._end = max((len(self._seen(prompt)) for prompt in prompts), default=0)
        width = 0 if self.window == 0 else max(ROOM, 2 * self._end)
        self._ids = np.full((len(prompts), width), -1, dtype=np.int64)  # [N, width], of which [:, :end] are written
        for row, prompt in enumerate(prompts):
            seen = self._seen(prompt)
            self._ids[row, self._end - len(seen) : self._end] = seen

    def __call__(self, logits: LogProbs) -> LogProbs:
        """Logits [N, V] after all rules, in place where a rule can; all -inf where bans leave a row nothing."""
        # Where only what bans comes last, nothing counts on a candidate.
        if self.banning in (0, len(self.rules)):
            return self._after(self.rules, logits)
        logits = self._after(self.rules[: self.banning], logits)
        ended = logits.max(axis=1) == -np.inf
        if not ended.any():
            return self._after(self.rules[self.banning :], logits)
        # The other rules count on something to choose from.
        logits[ended] = 0
        logits = self._after(self.rules[self.banning :], logits)
        logits[ended] = -np.inf
        return logits

    def _after(self, rules: Sequence[Rule], logits: LogProbs) -> LogProbs:
        for rule in rules:
            # Where nothing is kept the table itself is the history, [N, 0].
            logits = rule.apply(logits, self.history(rule.window) if self.window != 0 else self._ids)
        return logits

    def history(self, window: int | None) -> NDArray[np.int64]:
        """The last ids of each row [N, up to `window`], oldest first; rows that have fewer begin with -1."""
        return self._ids[:, 0 if window is None else max(0, self._end - window) : self._end]

    def took(self, ids: NDArray[np.int64]) -> None:
        """Append one id to each row [N]."""
        if self.window == 0:
            return
        if self._end == self._ids.shape[1]:
            self._make_room()
        self._ids[:, self._end] = ids
        self._end += 1

    def reorder(self, rows: NDArray[np.intp]) -> None:
        """From now on row i is what was row rows[i]."""
        self._ids = self._ids[rows]
        for rule in self.rules:
            rule.reorder(rows)

    def _seen(self, prompt: Ids) -> Ids:
        """The part of a prompt that some rule needs to see."""
        return prompt if self.window is None else prompt[len(prompt) - min(len(prompt), self.window) :]

    def _make_room(self) -> None:
        """Move the ids that a rule may see to the front of a table of twice their number: each id costs little."""
        kept = self.history(self.window)
        width = max(ROOM, 2 * kept.shape[1])
        table = np.full((len(kept), width), -1, dtype=np.int64)
        table[:, : kept.shape[1]] = kept
        self._ids, self._end = table, kept.shape[1]
