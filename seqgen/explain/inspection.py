"""What there is to know of one run: settings and whose they are, parameters by part, vocabulary, where its time went."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from seqgen.config import DEFAULTS, flag
from seqgen.families import family_of
from seqgen.run import Run
from seqgen.tokenizers.base import SENTINELS, SPECIALS
from seqgen.weights import parameters

# A network's array as named in a file, and the part of the network that it belongs to.
_PARTS = (
    (re.compile(r"rnn\.\w+_l(\d+)$"), "recurrent layer {}"),
    (re.compile(r"(encoder)\.(\d+)\."), "encoder layer {}"),
    (re.compile(r"(decoder)\.(\d+)\."), "decoder layer {}"),
    (re.compile(r"output[._]"), "output"),
    (re.compile(r"embedding\."), "embedding"),
)
# Where settings come from, in words.
BY = {"command line": "given", "plan": "planned"}


def counted_of(run: Run) -> dict[str, int]:
    """`counts`: how many sequences of symbols, of every length up to the order and one more, a run has counted, and `contexts`:
    how many of them are followed by something. Nothing for a run that does not count, or not yet.

    Only the header of the file is read. Raises CheckpointError where it is damaged.
    """
    if not family_of(run.info.config).counts or not run.has("markov"):
        return {}
    shapes = run.shapes("markov")
    return {"contexts": shapes.get("backoff", (0,))[0], "counts": shapes.get("prob", (0,))[0]}


def parts_of(run: Run) -> dict[str, int]:
    """The parameters of each part of a run's network; no parts where it has none, or is not planned yet."""
    config = run.info.config
    if config.hidden is None:
        return {}
    weights = family_of(config).weights(config, run.info.vocab_size)
    found: dict[str, int] = {}
    for name, shape in weights.items():
        part = _part(name)
        found[part] = found.get(part, 0) + parameters({name: shape})
    return found


def _part(name: str) -> str:
    """The part that an array belongs to; what no family here has is called by its own first name."""
    for pattern, said in _PARTS:
        if match := pattern.match(name):
            return said.format(int(match.groups()[-1]) + 1) if match.groups() else said
    return name.partition(".")[0].replace("_", " ")


def settings_of(run: Run) -> list[tuple[str, Any, str]]:
    """The settings that somebody has chosen: option, value, and who: given on the command line, or planned."""
    config = run.info.config
    chosen = [(name, value, BY.get(config.set_by.get(name, ""), "")) for name, value in config.values().items()]
    return [(flag(name), value, by) for name, value, by in chosen if value is not None and (by or value != DEFAULTS[name])]


def symbols_of(run: Run) -> list[str]:
    """The vocabulary in printable form, without what no text has: special symbols, placeholders and single bytes."""
    tokenizer = run.tokenizer()
    reserved = {*SPECIALS, *SENTINELS}
    found = [tokenizer.symbol(id_) for id_ in range(len(tokenizer))]
    return [symbol for symbol in found if symbol not in reserved and not re.fullmatch(r"<(0x\w\w|placeholder\d+)>", symbol)]


def shares_of(seconds: Mapping[str, float]) -> list[tuple[str, float, float]]:
    """Phases of a training with their seconds and their share of all, the longest first."""
    total = sum(seconds.values()) or 1.0
    return sorted(((name, value, value / total) for name, value in seconds.items()), key=lambda one: -one[1])
