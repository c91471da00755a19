"""The textbook exercise: of a text so short that it fits in a line, what the network expects after each of its symbols, step
by step, until all of that is right.

The network is given the text as it is (teacher forcing), so that one wrong guess does not spoil the next.

Shape legend: T symbols of the text, V vocabulary.
"""

from __future__ import annotations

import math

import numpy as np

from seqgen.data.primers import Ids
from seqgen.decode.scorer import Scorer
from seqgen.tokenizers.base import SPECIALS, Tokenizer

LEGEND = "the next symbol -> the one that the network expects, given all before it"


class Exercise:
    """A text of T symbols, and when the network expected each of them but the first; `with_ids` shows ids beside characters."""

    def __init__(self, tokenizer: Tokenizer, ids: Ids, *, with_ids: bool) -> None:
        self.tokenizer, self.ids, self.with_ids = tokenizer, ids, with_ids
        self.nats = math.nan  # per symbol, when last looked
        self._shown = ""
        self._last: int | None = None  # the step of the last look
        self._first: int | None = None  # the first at which all was right
        self._since: int | None = None  # the first of those without a wrong one since
        self._looks = 0  # at different steps, from that one on

    def look(self, network: Scorer, step: int) -> str:
        """What should be expected -> what is, as texts, and in a second line as ids where these are wanted."""
        state = network.start([self.ids[:1]])
        expected, nats = np.zeros(len(self.ids) - 1, dtype=np.int64), 0.0
        for place, id_ in enumerate(self.ids[1:].tolist()):
            log_probs, state = network.step(state, self.ids[place : place + 1])  # [1, V]
            nats -= float(log_probs[0, id_])
            # Nobody ever writes a special one.
            expected[place] = len(SPECIALS) + np.argmax(log_probs[0, len(SPECIALS) :])
        self.nats = nats / len(expected)
        self._note(step, bool((expected == self.ids[1:]).all()))
        wanted = self.ids[1:]
        self._shown = f"{self.tokenizer.decode(wanted)!r} -> {self.tokenizer.decode(expected)!r}"
        if self.with_ids:
            self._shown += f"\n{_array(wanted)} -> {_array(expected)}"
        return self._shown

    def _note(self, step: int, is_right: bool) -> None:
        """Remember whether all was right at a step."""
        if not is_right:
            self._since, self._looks = None, 0
        elif self._since is None:
            self._since, self._looks = step, 1
            self._first = step if self._first is None else self._first
        elif step != self._last:
            self._looks += 1
        self._last = step

    def line(self, step: int) -> str:
        """The last look as the line of a step."""
        loss = f"loss {self.nats:.3f} nats ({self.nats / math.log(2):.3f} bits)"
        return f"step {step:,}  {loss}  " + self._shown.replace("\n", "\n    ")

    def verdict(self) -> str:
        """At which step all was right for the first time, and whether it stayed so; nothing before the first look."""
        if self._last is None:
            return ""
        if self._first is None:
            return f"not yet right at step {self._last:,}: a larger budget goes on from here"
        begin = f"right for the first time at step {self._first:,}"
        if self._since is None:
            return f"{begin}, but not at step {self._last:,}, the last: a larger budget goes on from here"
        if self._since != self._first:
            return f"{begin}, and without a mistake from step {self._since:,} on"
        return f"{begin}, the last" if self._looks == 1 else f"{begin}, and at all {self._looks:,} steps shown from there on"


def _array(ids: Ids) -> str:
    """Ids in brackets."""
    return f"[{' '.join(map(str, ids.tolist()))}]"
