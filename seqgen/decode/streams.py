"""Texts that begin and end at different times, written side by side: one step of the model advances them all.

Each has rules and a random generator of its own, so that what is drawn depends on its own past alone.

Shape legend: V vocabulary.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

import numpy as np

from seqgen.decode.applied import AppliedRules
from seqgen.decode.rules import Rule
from seqgen.decode.sampling import draw_one
from seqgen.decode.scorer import Ids, Joining, LogProbs, State

Key = TypeVar("Key")


@dataclass
class _Row:
    """One text: its last id, and how the next one is drawn."""

    last: int
    rules: AppliedRules
    rng: np.random.Generator
    greedy: bool

    def draw(self, log_probs: LogProbs) -> int:
        """The next id by log_probs [V], which stay as they are; -1 where the rules leave nothing."""
        logits = self.rules(log_probs[None].copy())[0] if self.rules.rules else log_probs
        if not self.greedy:
            chosen = draw_one(logits, self.rng)
        else:
            chosen = int(logits.argmax())
            chosen = -1 if logits[chosen] == -np.inf else chosen
        if self.rules.window != 0:
            self.rules.took(np.array([chosen]))
        self.last = chosen
        return chosen


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

    def __init__(self, scorer: Joining) -> None:
        self.scorer = scorer
        self._state: State = None
        self._rows: dict[Key, _Row] = {}  # in the order of the state's rows

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, beginners: Sequence[Beginner[Key]]) -> None:
        """Begin texts; prompts of one length are read side by side."""
        if not beginners:
            return
        reads = [beginner.read for beginner in beginners]
        state = self.scorer.start(reads)
        self._state = self.scorer.join([self._state, state]) if self._rows else state
        for (key, prompt, rules, rng, greedy, _), read in zip(beginners, reads, strict=True):
            self._rows[key] = _Row(int(read[-1]), AppliedRules(rules, [prompt]), rng, greedy)

    def step(self) -> list[Drawn[Key]]:
        """One more id of each text, in the order in which they were begun. One that has -1 has to be dropped."""
        last = np.array([row.last for row in self._rows.values()], dtype=np.int64)
        log_probs, self._state = self.scorer.step(self._state, last)
        return [Drawn(key, row.draw(found), found) for (key, row), found in zip(self._rows.items(), log_probs, strict=True)]

    def drop(self, keys: Collection[Key]) -> None:
        """Write no more of these texts."""
        kept = [place for place, key in enumerate(self._rows) if key not in keys]
        if len(kept) == len(self._rows):
            return
        self._rows = {key: row for key, row in self._rows.items() if key not in keys}
        self._state = self.scorer.reorder(self._state, np.array(kept, dtype=np.intp)) if kept else None
