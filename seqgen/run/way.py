"""How the corpus of a run is read: as it was when the run began, so that a run that is continued finds its own corpus again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from seqgen.config import Config
from seqgen.formats.document import BEFORE, Wanted, Way

# A run notes by which rules its files were read; versions before 0.5 noted none.
READING = 2


def way_of(config: Config, corpus: Mapping[str, Any] | None, every_row: bool = False) -> Way:
    """How files are read for a run: `corpus` is what it knows of its own, None for a new run; `every_row` keeps rows that are
    no pairs, for a command that answers each."""
    if corpus is not None and corpus.get("reading") != READING:
        return BEFORE
    return Way(mend=config.clean, rows=config.clean and not every_row)


def wanted_to_learn(config: Config) -> Wanted:
    """What a run learns from files that hold more than one thing, and the format of those whose names do not say it."""
    return wanted_of(config)._replace(format=config.format)


def wanted_of(config: Config, columns: str | None = None) -> Wanted:
    """What a run takes from files that hold more than one thing: `columns`, or those that it learnt from."""
    return Wanted(
        columns or config.columns,
        config.source_language,
        config.target_language,
        config.column,
        config.keep_markup,
        config.review,
    )
