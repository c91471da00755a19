"""What stood to choose at each step of a search: the likeliest symbols, what the rules left of them, which one was taken.

Sampling knows nothing of this. The rules that it applies are watched, so that without an observer nothing is done for one.

Shape legend: N rows, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from seqgen.decode.rules.base import Rule
from seqgen.decode.scorer import LogProbs

if TYPE_CHECKING:
    from seqgen.decode.rules.base import History, Logits

# Instead of the number of the rule that removed a symbol: it is still there, or the model never had it.
THERE, NEVER = -1, -2


@dataclass(frozen=True)
class Candidate:
    """A symbol that might have come: its probability `p` under the model, and in the distribution after all rules, which is
    the one that is drawn from; None where no rules were watched. `removed_by` is the name of the rule that removed it."""

    id: int
    p: float
    drawn_from: float | None = None
    removed_by: str | None = None


@dataclass(frozen=True)
class Choice:
    """One step: the model's likeliest candidates, best first, and behind them the one that was taken where it is not among
    them; `rank` is its place among all symbols, from 1. `others` stands for all other symbols together (its id is their
    number). `given` says that nothing was chosen here: the text was told to begin so."""

    taken: int
    rank: int
    candidates: tuple[Candidate, ...]
    others: Candidate
    given: bool = False


def choice_of(log_probs: NDArray[np.float32], most: int, taken: int, given: bool = False) -> Choice:
    """The `most` likeliest symbols under log_probs [V], where `taken` was taken and no rules were applied."""
    ids, rank = _shortlist(log_probs, most, taken)
    p = np.exp(log_probs, dtype=np.float64)  # [V]
    candidates = tuple(Candidate(id_, float(p[id_])) for id_ in ids)
    return Choice(taken, rank, candidates, Candidate(len(p) - len(ids), float(np.delete(p, ids).sum())), given)


def _shortlist(log_probs: NDArray[np.float32], most: int, taken: int) -> tuple[list[int], int]:
    """The ids of the `most` likeliest symbols, the one taken in any case, and its rank; of equal ones the first is first."""
    order = np.argsort(-log_probs, kind="stable")
    rank = int(np.flatnonzero(order == taken)[0]) + 1
    ids: list[int] = order[:most].tolist()
    return (ids if rank <= most else [*ids, taken]), rank


class Choices:
    """The observer of one Sampling: `watched` rules note what each of them leaves, `took` what was drawn from that.

    `most` candidates are kept of each step; of the first `steps` steps of the first `samples` samples, None for all. `found`
    has the choices of each sample in order; `is_cut` says that there were more.
    """

    def __init__(self, most: int, steps: int | None = None, samples: int | None = None) -> None:
        self.most, self.steps, self.samples = most, steps, samples
        self.found: dict[int, list[Choice]] = {}
        self.is_cut = False
        self._made = 0
        self._names: list[str] = []
        empty = np.zeros((0, 0), dtype=np.float32)
        self._model: LogProbs = empty  # [N, V], before any rule
        self._left: LogProbs = empty  # [N, V], after all of them, not normalised
        self._removed = np.zeros((0, 0), dtype=np.int16)  # [N, V], the number of a rule, or THERE, or NEVER

    @property
    def _is_full(self) -> bool:
        return self.steps is not None and self._made >= self.steps

    def watched(self, rules: Sequence[Rule]) -> list[Rule]:
        """The same rules, one or more of them, which note what they leave."""
        assert rules
        self._names = [rule.name for rule in rules]
        return [self._watched(number, rule) for number, rule in enumerate(rules)]

    def took(self, samples: Sequence[int], ids: NDArray[np.int64]) -> None:
        """Note the id [N] that each row took in the step whose rules were applied last; `samples` names the rows."""
        if self._is_full:
            self.is_cut = True
            return
        self._made += 1
        for row, (sample, id_) in enumerate(zip(samples, ids.tolist(), strict=True)):
            if id_ < 0:  # this row has ended
                continue
            if self.samples is not None and sample >= self.samples:
                self.is_cut = True
            else:
                self.found.setdefault(sample, []).append(self._choice(row, id_))

    def _watched(self, number: int, rule: Rule) -> Rule:
        def apply(logits: Logits, history: History) -> Logits:
            if self._is_full:
                return rule.apply(logits, history)
            if number == 0:
                self._model = logits.copy()
                self._removed = np.where(logits == -np.inf, NEVER, THERE).astype(np.int16)
            logits = rule.apply(logits, history)
            self._removed[(logits == -np.inf) & (self._removed == THERE)] = number
            self._left = logits
            return logits

        return rule._replace(apply=apply)

    def _choice(self, row: int, taken: int) -> Choice:
        """The choice of a row."""
        model, left, removed = self._model[row], self._left[row], self._removed[row]  # each [V]
        ids, rank = _shortlist(model, self.most, taken)
        p = np.exp(model, dtype=np.float64)
        weights = np.exp(left - left.max(), dtype=np.float64)
        drawn_from = weights / weights.sum()
        candidates = tuple(
            Candidate(id_, float(p[id_]), float(drawn_from[id_]), self._names[removed[id_]] if removed[id_] >= 0 else None)
            for id_ in ids
        )
        rest, rest_drawn_from = (float(np.delete(shares, ids).sum()) for shares in (p, drawn_from))
        return Choice(taken, rank, candidates, Candidate(len(p) - len(ids), rest, rest_drawn_from))
