"""Which models there are: a table from task and architecture to a family, each in a file of its own that is loaded on use.

A task is what is learnt (the next symbol of a text, a target for a source); an architecture is what learns it. The same
architecture may serve both tasks, as two families.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from seqgen.config import Config
from seqgen.errors import ConfigError

if TYPE_CHECKING:
    from seqgen.families.base import Family

# (task, architecture) -> "module:NAME"
FAMILIES: dict[tuple[str, str], str] = {
    ("language", "markov"): "seqgen.families.markov:MARKOV",
    ("language", "rnn"): "seqgen.families.recurrent:RNN",
    ("language", "gru"): "seqgen.families.recurrent:GRU",
    ("language", "lstm"): "seqgen.families.recurrent:LSTM",
    ("language", "transformer"): "seqgen.families.decoder:DECODER",
    ("language", "hybrid"): "seqgen.families.recurrent:HYBRID",
    ("translation", "transformer"): "seqgen.families.transformer:TRANSFORMER",
}

# The networks that the counts of a hybrid can have beside them: Config.network -> "module:NAME".
HYBRIDS: dict[str, str] = {
    "lstm": "seqgen.families.recurrent:HYBRID",
    "transformer": "seqgen.families.decoder:HYBRID",
}

# What a task learns from, in plain words.
_LEARNT = {"language": "texts", "translation": "pairs"}


def architectures(task: str | None = None) -> tuple[str, ...]:
    """The names of the architectures of a task, or of all tasks, each once."""
    return tuple(dict.fromkeys(arch for kind, arch in FAMILIES if task in (None, kind)))


def tasks_of(arch: str) -> tuple[str, ...]:
    """The tasks that an architecture serves."""
    return tuple(kind for kind, name in FAMILIES if name == arch)


def family_of(config: Config) -> Family:
    """The family of a config. Raises ConfigError where a task has no such architecture."""
    place = FAMILIES.get((config.task, config.arch))
    if config.arch == "hybrid" and place is not None:
        place = HYBRIDS[config.network]
    if place is None:
        kinds, other = ", ".join(architectures(config.task)), _LEARNT[config.task]
        learns = " and ".join(_LEARNT[task] for task in tasks_of(config.arch))
        raise ConfigError(
            f"--arch {config.arch} learns from {learns or 'nothing'}, and these are {other}",
            f"{other} are learnt by --arch {kinds}; --task language takes whatever there is as a text",
        )
    module, _, name = place.partition(":")
    found: Family = getattr(importlib.import_module(module), name)
    return found
