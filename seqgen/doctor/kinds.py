"""What can be wrong with pairs: one table, which the looks, the reports, the exit code and --write all read."""

from __future__ import annotations

from typing import NamedTuple

from seqgen.data.clean import LONGEST

# Where more is left out by cleaning than this share, something is wrong with the whole.
MOST_CLEANED = 0.5
NEVER = 2.0


class Kind(NamedTuple):
    """One thing that can be wrong.

    `what` names those that are so, `why` says why it matters or what to do. It hurts where more than `limit` of all are so;
    what is `cleaned` is left out by training itself, what is `removed` by `--write`. `deep`: looked for only when asked;
    `pairs`, `lines`: looked for in pairs, in lines of a text.
    """

    name: str
    what: str
    why: str
    limit: float = NEVER
    cleaned: bool = False
    removed: bool = False
    deep: bool = False
    pairs: bool = True
    lines: bool = False


_ROWS = (
    Kind("empty", "with an empty side", "left out by training", cleaned=True, removed=True),
    Kind("duplicate", "seen before", "left out by training", cleaned=True, removed=True),
    Kind("equal", "with equal sides", "not translated; left out by training", cleaned=True, removed=True),
    Kind("long", f"over {LONGEST:,} characters", "split them into sentences; left out by training", cleaned=True, removed=True),
    Kind("unlike", "of unlike length", "hardly each other's translation; left out by training", cleaned=True, removed=True),
    Kind("swapped", "with swapped sides", "the model would learn both directions at once", 0.005, removed=True),
    Kind("language", "in another language", "the model would write it too", 0.03, removed=True, lines=True),
    Kind("shifted", "beside their partners", "all of them teach what is wrong", 0.0, removed=True),
    Kind("mojibake", "with letters of a wrong encoding", "the model would write them too", 0.005, removed=True, lines=True),
    Kind("placeholders", "whose placeholders or addresses differ", "the model would lose them", 0.05, removed=True),
    Kind("tags", "whose tags differ", "the model would lose them", 0.05, removed=True),
    Kind("numbers", "whose numbers differ", "the model would get numbers wrong", 0.2),
    Kind("known", "held out too", "scores would be too good; --write leaves them out", 0.01, removed=True, lines=True),
    Kind("repeated", "seen before", "they are learnt by heart", 0.3, removed=True, pairs=False, lines=True),
    Kind("conflict", "whose source has other targets too", "the model can learn but one; natural where targets are free"),
    Kind("invisible", "with characters that nobody sees", "training takes most of them out", lines=True),
    Kind("near", "nearly like another source", "they count twice, and make held-out scores too good", deep=True),
    Kind("terms", "with a term translated as in few others", "look whether both are meant", deep=True),
)  # fmt: skip
KINDS: dict[str, Kind] = {row.name: row for row in _ROWS}
# The bit of each kind in the flags of a pair.
BITS: dict[str, int] = {name: 1 << number for number, name in enumerate(KINDS)}
# What cleaning calls a pair, in the order of its reasons.
CLEANED = ("empty", "duplicate", "equal", "long", "unlike")


def kinds_of(lines: bool, deep: bool) -> list[Kind]:
    """What is looked for in pairs, or in the lines of a text."""
    return [kind for kind in KINDS.values() if (kind.lines if lines else kind.pairs) and (deep or not kind.deep)]


def hurts(kind: Kind, count: int, total: int) -> bool:
    """Whether so many of all pairs would hurt a training."""
    return count > kind.limit * total
