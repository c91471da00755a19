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

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from seqgen.decode.rules.banned import banned
from seqgen.decode.rules.base import Rule
from seqgen.decode.rules.cuts import min_p, temperature, top_k, top_p, typical, xtc
from seqgen.decode.rules.declared import Declared
from seqgen.decode.rules.dry import dry
from seqgen.decode.rules.forbidding import forbidden, logit_bias, no_repeat_ngram, not_first
from seqgen.decode.rules.mirostat import mirostat
from seqgen.decode.rules.penalties import PENALTY_WINDOW, frequency_penalty, presence_penalty, repetition_penalty
from seqgen.errors import ConfigError

if TYPE_CHECKING:
    import numpy as np

__all__ = [
    "PENALTY_WINDOW", "RULES", "Declared", "Rule", "banned", "check_rules", "check_samplers", "dry", "forbidden",
    "frequency_penalty", "logit_bias", "min_p", "mirostat", "no_repeat_ngram", "not_first", "presence_penalty",
    "repetition_penalty", "rules_of", "temperature", "top_k", "top_p", "typical", "xtc",
]  # fmt: skip

PENALTIES = "repetition_penalty", "presence_penalty", "frequency_penalty"

# In the order in which they are applied: what may not follow, penalties, temperature, then the cuts.
RULES: list[Declared] = [
    Declared("no_repeat_ngram", no_repeat_ngram, off=0, low=0, high=1_000_000,
             help="Never the same run of this many symbols twice, which ends loops; 0 is off."),
    Declared("repetition_penalty", repetition_penalty, off=1.0, low=0, high=1_000, above=True, flags=("--repeat-penalty",),
             help="Divides the odds of a symbol by this each time that it stands among the last ones: above 1 fewer "
                  "repetitions, below 1 more; 1 is off.", sampler="penalties"),
    Declared("repetition_window", None, off=PENALTY_WINDOW, low=1, high=1_000_000, flags=("--repeat-last-n",),
             help="The last symbols that the penalties count in.", of=PENALTIES, group="repetition"),
    Declared("presence_penalty", presence_penalty, off=0.0, low=-100, high=100, sampler="penalties", group="repetition",
             help="Subtracted from the logit of each symbol that stands among the last ones; 0 is off."),
    Declared("frequency_penalty", frequency_penalty, off=0.0, low=-100, high=100, sampler="penalties", group="repetition",
             help="The same for each time that it stands there; 0 is off."),
    Declared("dry_multiplier", dry, off=0.0, low=0, high=1_000, sampler="dry", group="repetition",
             help="DRY: what would prolong a passage that was written before is penalised, the longer it is the more; 0.8 is "
                  "usual, 0 is off."),
    Declared("dry_base", None, off=1.75, low=1, high=100, of=("dry_multiplier",), group="repetition",
             help="How fast that penalty grows with each further symbol."),
    Declared("dry_allowed_length", None, off=2, low=0, high=1_000_000, of=("dry_multiplier",), group="repetition",
             help="The longest passage that may be repeated at the smallest penalty; about 10 for characters."),
    Declared("dry_penalty_last_n", None, off=-1, low=-1, high=1_000_000, of=("dry_multiplier",), group="repetition",
             help="The last symbols in which passages are looked for; -1 is all."),
    Declared("temperature", temperature, off=1.0, low=0, high=1_000, above=True, draws=True, flags=("-T", "--temp"),
             help="Below 1 sharper, above 1 wilder.", hint="--greedy takes the likeliest symbol", sampler="temperature"),
    Declared("top_k", top_k, off=0, low=0, high=1_000_000_000, draws=True, help="Only the k likeliest symbols; 0 is off.",
             sampler="top_k"),
    Declared("typical", typical, off=1.0, low=0, high=1, above=True, draws=True, flags=("--typical-p",), sampler="typ_p",
             help="Only the symbols about as surprising as is to be expected that together reach this probability; 1 is off.",
             group="sampling"),
    Declared("top_p", top_p, off=1.0, low=0, high=1, above=True, draws=True,
             help="Only the likeliest that together reach this probability; 1 is off.", sampler="top_p"),
    Declared("min_p", min_p, off=0.0, low=0, high=1, draws=True,
             help="Only those at least this many times as likely as the likeliest; 0 is off.", sampler="min_p"),
    Declared("xtc_probability", xtc, off=0.0, low=0, high=1, draws=True, random=True, sampler="xtc", group="sampling",
             help="XTC: how often all symbols above the threshold but the least likely of them are removed; 0 is off."),
    Declared("xtc_threshold", None, off=0.1, low=0, high=1, draws=True, of=("xtc_probability",), group="sampling",
             help="That threshold; above 0.5 nothing is ever removed."),
    Declared("mirostat", mirostat, off=0, low=0, high=2, draws=True, group="sampling",
             help="Cuts so that the text is as surprising as --mirostat-ent says, by version 1 or 2 of this method; 0 is off."),
    Declared("mirostat_ent", None, off=5.0, low=0, high=100, draws=True, of=("mirostat",), group="sampling",
             help="The surprise to aim at, in bits a symbol; of characters usual text has about 2."),
    Declared("mirostat_lr", None, off=0.1, low=0, high=10, draws=True, of=("mirostat",), group="sampling",
             help="How fast the cut follows."),
]  # fmt: skip


def check_rules(values: Mapping[str, Any]) -> None:
    """Raise ConfigError for a setting that no rule has, or for a value out of range."""
    rows = {row.name: row for row in RULES}
    for name, value in values.items():
        if name not in rows:
            raise ConfigError(f"no rule {name!r}; the rules are {', '.join(rows)}")
        rows[name].check(value)


def check_samplers(names: Sequence[str], values: Mapping[str, Any]) -> None:
    """Raise ConfigError for an order of samplers that names an unknown one, one twice, or leaves out one that is set."""
    known = list(dict.fromkeys(row.sampler for row in RULES if row.sampler))
    for name in names:
        if name not in known:
            raise ConfigError(f"--samplers: no sampler {name!r}", f"they are {', '.join(known)}; mirostat always comes last")
    if len(set(names)) < len(names):
        raise ConfigError(f"--samplers: expected each once, found {';'.join(names)}")
    for row in RULES if names else ():
        if row.sampler and row.sampler not in names and values.get(row.name, row.off) != row.off:
            found = f"--samplers leaves out {row.sampler}, which {row.option_name} sets"
            raise ConfigError(found, f"name it too, or leave out {row.option_name}")


def rules_of(
    values: Mapping[str, float],
    *,
    greedy: bool = False,
    rng: np.random.Generator | None = None,
    samplers: Sequence[str] = (),
) -> list[Rule]:
    """The rules that settings ask for, in their order; neutral ones cost nothing, nor do those that only shape draws.

    `samplers` names another order of those whose place is not fixed. `rng` is needed for those that draw themselves.
    """
    asked = [row for row in RULES if row.make and values.get(row.name, row.off) != row.off and not (greedy and row.draws)]
    return [_made(row, values, rng)._replace(name=row.name) for row in _ordered(asked, samplers)]


def _ordered(rows: list[Declared], samplers: Sequence[str]) -> list[Declared]:
    """Rows with those that have a place among the samplers in this order, where all of these stand now."""
    if not samplers:
        return rows
    fixed = next((place for place, row in enumerate(rows) if row.sampler), len(rows))
    moved = sorted((row for row in rows if row.sampler), key=lambda row: samplers.index(row.sampler))
    return [*rows[:fixed], *moved, *(row for row in rows[fixed:] if not row.sampler)]


def _made(row: Declared, values: Mapping[str, float], rng: np.random.Generator | None) -> Rule:
    """The rule of a row, with the further settings that are given."""
    assert row.make is not None
    names = [other.name for other in RULES if row.name in other.of]
    further: dict[str, Any] = {name: values[name] for name in names if name in values}
    if row.random:
        assert rng is not None, row.name
        further["rng"] = rng
    return row.make(values[row.name], **further)
