"""Texts that begin and end at different times, written side by side: one step of the model advances them all.

Each has rules and a random generator of its own, so that what is drawn depends on its own past alone.

Shape legend: N texts, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from seqgen.decode.applied import AppliedRules
from seqgen.decode.rules import Rule
from seqgen.decode.sampling import LEAST_TOTAL, draw_one
from seqgen.decode.scorer import Ids, Joining, LogProbs, State

Key = TypeVar("Key")
# Texts of so many ids are remembered, up to so many of them.
SHORT, REMEMBERED = 64, 128


@dataclass
class _Row:
    """One text: its last id, and how the next one is drawn."""

    last: int
    rules: AppliedRules | None
    rng: np.random.Generator
    greedy: bool

    def draw(self, logits: LogProbs, cumulative: NDArray[np.float64], total: float) -> int:
        """The next id by logits [V]; -1 where these leave nothing. `cumulative` [V] are sums of their exponentials, of which
        `total` is the last."""
        if self.greedy:
            chosen = int(logits.argmax())
            return -1 if logits[chosen] == -np.inf else chosen
        if not total > LEAST_TOTAL:
            return draw_one(logits, self.rng)
        return min(int(cumulative.searchsorted(self.rng.random() * total, side="right")), len(logits) - 1)


class Beginner(NamedTuple, Generic[Key]):
    """A text to begin with a prompt; `before` is what it reads ahead of that, which rules do not see. One may be empty."""

    key: Key
    prompt: Ids
    rules: Sequence[Rule]
    rng: np.random.Generator
    greedy: bool = False
    before: Ids | None = None

    @property
    def read(self) -> Ids:
        """All that the model reads."""
        return self.prompt if self.before is None else np.concatenate([self.before, self.prompt])


class Drawn(NamedTuple, Generic[Key]):
    """An id drawn for a text, -1 where nothing was left for it, and the log-probabilities [V] of the model, before rules."""

    key: Key
    id: int
    log_probs: LogProbs


class Streams(Generic[Key]):
    """The texts that are being written, by keys that their owner chose."""

    def __init__(self, scorer: Joining, rules: Sequence[Rule] = ()) -> None:
        """`rules` are for all texts, before their own; they look at no history."""
        self.scorer = scorer
        self._common = AppliedRules(rules, [])
        self._state: State = None
        self._remembered: dict[bytes, State] = {}  # what was read -> the state behind it, of one row
        self._rows: dict[Key, _Row] = {}  # in the order of the state's rows

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, beginners: Sequence[Beginner[Key]]) -> None:
        """Begin texts; prompts of one length are read side by side."""
        if not beginners:
            return
        reads = [beginner.read for beginner in beginners]
        started = self._started(reads)
        self._state = self.scorer.join([self._state, *started] if self._rows else started)
        for (key, prompt, rules, rng, greedy, _), read in zip(beginners, reads, strict=True):
            self._rows[key] = _Row(int(read[-1]), AppliedRules(rules, [prompt]) if rules else None, rng, greedy)

    def _started(self, reads: Sequence[Ids]) -> list[State]:
        """The states behind texts. Those behind short ones are remembered: many begin alike."""
        keys = [read.tobytes() if len(read) <= SHORT else b"" for read in reads]
        new = {key: place for place, key in enumerate(keys) if key and key not in self._remembered}
        apart = [place for place, key in enumerate(keys) if not key]
        long: dict[int, State] = {}
        if places := [*new.values(), *apart]:
            state = self.scorer.start([reads[place] for place in places])
            rows = [self.scorer.reorder(state, np.array([row])) for row in range(len(places))]
            self._remembered.update(zip(new, rows, strict=False))
            long = dict(zip(apart, rows[len(new) :], strict=True))
        found = [self._remembered[key] if key else long[place] for place, key in enumerate(keys)]
        while len(self._remembered) > REMEMBERED:
            del self._remembered[next(iter(self._remembered))]
        return found

    def step(self) -> list[Drawn[Key]]:
        """One more id of each text, in the order in which they were begun. One that has -1 has to be dropped."""
        rows = list(self._rows.values())
        log_probs, self._state = self.scorer.step(self._state, np.array([row.last for row in rows], dtype=np.int64))
        logits = self._common(log_probs.copy())
        for place, row in enumerate(rows):
            if row.rules is not None:
                logits[place : place + 1] = row.rules(logits[place : place + 1])
        # As one text alone is drawn: in double precision, by a threshold in the sum.
        cumulative = np.exp(logits).cumsum(axis=1, dtype=np.float64)  # [N, V]
        drawn = []
        for place, (row, total) in enumerate(zip(rows, cumulative[:, -1].tolist(), strict=True)):
            row.last = row.draw(logits[place], cumulative[place], total)
            if row.rules is not None and row.rules.window != 0:
                row.rules.took(np.array([row.last]))
            drawn.append(row.last)
        return [Drawn(key, id_, found) for key, id_, found in zip(self._rows, drawn, log_probs, strict=True)]

    def drop(self, keys: Collection[Key]) -> None:
        """Write no more of these texts."""
        kept = [place for place, key in enumerate(self._rows) if key not in keys]
        if len(kept) == len(self._rows):
            return
        self._rows = {key: row for key, row in self._rows.items() if key not in keys}
        self._state = self.scorer.reorder(self._state, np.array(kept, dtype=np.intp)) if kept else None
