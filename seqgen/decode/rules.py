"""Rules: what a search does to a distribution before it draws from it, or looks for the best; for sampling and beam alike.

A rule takes logits [N, V] and the history [N, T] of its rows and returns logits. Logits need not be normalised; a symbol
that may not follow has -inf. The history holds the last ids of each row, oldest first, as many as the rule's `window` asks
for; a row that has fewer begins with -1. A rule keeps what it remembers of its rows in its closure: `reorder` says which
rows the search continues with.

`RULES` declares those that have a setting. A row there is the rule's option of `seqgen generate`, its check and its place
in both searches. NumPy is imported in the factories: the command line is made from the table, and `--help` loads no NumPy.

Shape legend: N rows, V vocabulary, T ids of history.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from seqgen.decode.ranges import check_number, option_name
from seqgen.errors import ConfigError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Logits = NDArray[np.float32]
    History = NDArray[np.int64]
    Rows = NDArray[np.intp]

# Symbols that the repetition penalty looks back, unless told otherwise: a loop of two or three lines fits in.
PENALTY_WINDOW = 256
# Symbols of an n-gram that are compared at once.
MOST_AT_ONCE = 64
# A value nearer to zero would turn float32 logits into infinity; this one already has the same effect.
LEAST = 1e-20


def stateless(rows: Rows) -> None:
    """The `reorder` of a rule that remembers nothing about its rows."""


class Rule(NamedTuple):
    """One rule of one search. `window`: how many of the last ids of each row it needs to see, None for all of them.

    Row i of the next logits will belong to what was row rows[i], after `reorder(rows)`; rows may repeat or drop out. `name` is
    what it is called where its work is shown: the name of its setting, where it has one.
    """

    apply: Callable[[Logits, History], Logits]
    window: int | None = 0
    reorder: Callable[[Rows], None] = stateless
    name: str = ""


def forbidden(ids: Sequence[int]) -> Rule:
    """Never these ids."""
    import numpy as np

    columns = np.array(ids, dtype=np.intp)

    def apply(logits: Logits, history: History) -> Logits:
        logits[:, columns] = -np.inf
        return logits

    return Rule(apply, name="forbidden")


def not_first(ids: Sequence[int]) -> Rule:
    """None of these ids where nothing has been written yet."""
    never = forbidden(ids)

    def apply(logits: Logits, history: History) -> Logits:
        return logits if history.shape[1] else never.apply(logits, history)

    return Rule(apply, window=1)


def no_repeat_ngram(n: int) -> Rule:
    """Never the same n ids in a row twice, unless nothing else is left.

    Paulus et al. 2017, "A Deep Reinforced Model for Abstractive Summarization", §2.5, for n = 3.
    """
    import numpy as np

    def apply(logits: Logits, history: History) -> Logits:
        length = history.shape[1]
        if length >= n:
            # Where n-grams begin, of which there are none before the beginning of a row.
            rows, places = np.nonzero(_begins(history, n))
            # From the last symbol but one backwards, more and more at a time: few places are left after the first of them.
            back, step = 2, 1
            while back < n and len(rows):
                backs = np.arange(back, min(back + step, n))
                here, newest = (rows[:, None], places[:, None] + n - 1 - backs), (rows[:, None], length - backs)
                same = (history[here] == history[newest]).all(axis=1)
                rows, places = rows[same], places[same]
                back, step = back + step, min(2 * step, MOST_AT_ONCE)
            banned = history[rows, places + n - 1]
            before = logits[rows, banned]
            logits[rows, banned] = -np.inf
            spent = (logits == -np.inf).all(axis=1)[rows]
            logits[rows[spent], banned[spent]] = before[spent]
        return logits

    return Rule(apply, window=None)


def _begins(history: History, n: int) -> NDArray[np.bool_]:
    """At which places [N, T - n + 1] an n-gram begins whose last symbol but one is the newest of all."""
    length = history.shape[1]
    begins = history[:, : length - n + 1] >= 0
    return begins if n == 1 else begins & (history[:, n - 2 : length - 1] == history[:, -1:])


def repetition_penalty(penalty: float, repetition_window: int = PENALTY_WINDOW) -> Rule:
    """Divide the odds of a symbol by the penalty each time that it stands among the last `repetition_window` symbols:
    log(penalty) is subtracted from its logit, so that models that are sure of themselves are penalised as others are.

    Keskar et al. 2019, "CTRL", §4.1 multiply logits instead, which leaves a log-probability near 0 where it is, and count a
    symbol once. With a vocabulary of characters nearly all of them stand in any window, and only their numbers differ: as in
    the frequency penalty of other programs.
    """
    import numpy as np

    step = np.float32(np.log(max(penalty, LEAST)))

    def apply(logits: Logits, history: History) -> Logits:
        rows, size = logits.shape
        flat = (history + np.arange(0, rows * size, size)[:, None])[history >= 0]
        counts = np.bincount(flat, minlength=rows * size).reshape(rows, size)  # [N, V]
        logits -= step * counts.astype(np.float32)
        if step < 0:
            # A reward could lift logits beyond what can be exponentiated; what is added to all of a row changes nothing.
            logits -= np.maximum(logits.max(axis=1, keepdims=True), 0)
        return logits

    return Rule(apply, window=repetition_window)


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
        # A symbol stays while those before it have not reached p; the likeliest even where p is zero in float32.
        cut = np.cumsum(probabilities, axis=1) - probabilities >= p
        cut[:, 0] = False
        mask = np.zeros_like(cut)
        np.put_along_axis(mask, order, cut, 1)
        logits[mask] = -np.inf
        return logits

    return Rule(apply)


def min_p(p: float) -> Rule:
    """Only symbols at least p times as likely as the likeliest (Nguyen et al. 2024, "Min-p sampling", §3)."""
    import numpy as np

    distance = np.float32(np.log(p))

    def apply(logits: Logits, history: History) -> Logits:
        logits[logits < logits.max(axis=1, keepdims=True) + distance] = -np.inf
        return logits

    return Rule(apply)


class Declared(NamedTuple):
    """A rule with a setting. `off` is the value that changes nothing, and the default; its type is the setting's.

    Values reach from `low` (itself excluded where `above`) to `high`. `draws`: it only shapes what is drawn, the likeliest
    symbol stays the likeliest. `flags` are further names of the option; without `option` there is none in `generate`.
    A row without `make` is a further setting of the rule named `of`, whose factory takes it under the row's name.
    """

    name: str
    make: Callable[..., Rule] | None
    off: float
    low: float
    high: float
    help: str
    above: bool = False
    draws: bool = False
    flags: tuple[str, ...] = ()
    option: bool = True
    hint: str | None = None
    of: str | None = None

    def check(self, value: Any) -> None:
        """Raise ConfigError for a value that this setting cannot have."""
        kind = int if isinstance(self.off, int) else float
        check_number(self.name, value, kind, self.low, self.high, above=self.above, hint=self.hint)

    @property
    def option_name(self) -> str:
        """As it is written on the command line."""
        return option_name(self.name)


# In the order in which they are applied: what may not follow, penalties, temperature, then the cuts.
RULES: list[Declared] = [
    Declared("no_repeat_ngram", no_repeat_ngram, off=0, low=0, high=1_000_000,
             help="Never the same run of this many symbols twice, which ends loops; 0 is off."),
    Declared("repetition_penalty", repetition_penalty, off=1.0, low=0, high=1_000, above=True, flags=("--repeat-penalty",),
             help="Divides the odds of a symbol by this each time that it stands among the last ones: above 1 fewer "
                  "repetitions, below 1 more; 1 is off."),
    Declared("repetition_window", None, off=PENALTY_WINDOW, low=1, high=1_000_000, flags=("--repeat-last-n",),
             help="The last symbols that the penalty counts in.", of="repetition_penalty"),
    Declared("temperature", temperature, off=1.0, low=0, high=1_000, above=True, draws=True, flags=("-T", "--temp"),
             help="Below 1 sharper, above 1 wilder.", hint="--greedy takes the likeliest symbol"),
    Declared("top_k", top_k, off=0, low=0, high=1_000_000_000, draws=True, help="Only the k likeliest symbols; 0 is off."),
    Declared("top_p", top_p, off=1.0, low=0, high=1, above=True, draws=True,
             help="Only the likeliest that together reach this probability; 1 is off."),
    Declared("min_p", min_p, off=0.0, low=0, high=1, draws=True,
             help="Only those at least this many times as likely as the likeliest; 0 is off."),
]  # fmt: skip


def check_rules(values: Mapping[str, Any]) -> None:
    """Raise ConfigError for a setting that no rule has, or for a value out of range."""
    rows = {row.name: row for row in RULES}
    for name, value in values.items():
        if name not in rows:
            raise ConfigError(f"no rule {name!r}; the rules are {', '.join(rows)}")
        rows[name].check(value)


def rules_of(values: Mapping[str, float], *, greedy: bool = False) -> list[Rule]:
    """The rules that settings ask for, in their order; neutral ones cost nothing, nor do those that only shape draws."""
    asked = [row for row in RULES if row.make and values.get(row.name, row.off) != row.off and not (greedy and row.draws)]
    made = [(row.name, row.make(values[row.name], **_further(row.name, values))) for row in asked if row.make]
    return [rule._replace(name=name) for name, rule in made]


def _further(name: str, values: Mapping[str, float]) -> dict[str, float]:
    """The further settings of a rule that are given."""
    return {row.name: values[row.name] for row in RULES if row.of == name and row.name in values}
