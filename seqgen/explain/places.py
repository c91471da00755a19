"""Places in a text as `explain surprise` prints them: LINE:COLUMN, both from 1.

A column counts characters, and a newline is the last column of the line that it ends. A character that is spelt in several
symbols has one place, which stands for the last of them: the one that completes it.

Shape legend: T symbols of a text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from seqgen.errors import ConfigError

_PLACE = re.compile(r"\s*([1-9][0-9]{0,8}):([1-9][0-9]{0,8})\s*")
HINT = "a place is LINE:COLUMN, both from 1, as `seqgen explain surprise` lists them"


class Place(NamedTuple):
    """A line and a column, both from 1."""

    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.line}:{self.column}"


def place_named(text: str) -> Place:
    """The place that LINE:COLUMN names. Raises ConfigError for anything else."""
    found = _PLACE.fullmatch(text)
    if found is None:
        raise ConfigError(f"expected LINE:COLUMN, such as 1:5, found {text!r}", HINT)
    return Place(int(found[1]), int(found[2]))


def places_of(texts: Sequence[str]) -> list[Place]:
    """Where each symbol begins [T], given the text that each completes [T], "" where it completes none."""
    places = []
    line = column = 1
    for text in texts:
        places.append(Place(line, column))
        # Characters after the last newline of this symbol, if it has one.
        column = column + len(text) if "\n" not in text else len(text) - text.rindex("\n")
        line += text.count("\n")
    return places


def index_of(wanted: Place, texts: Sequence[str], whole: bool = True) -> int:
    """The symbol at a place, from 0, given the text that each symbol completes [T].

    `whole` says whether the text ends with them. Raises ConfigError, with what there is, for a place outside the text.
    """
    lines = _lines("".join(texts))
    among = "" if whole else f" in the {len(texts):,} symbols that are read"
    if wanted.line > len(lines):
        raise ConfigError(f"--at {wanted}: expected a line from 1 to {len(lines):,}{among}", HINT)
    columns = len(lines[wanted.line - 1])
    if wanted.column > columns:
        raise ConfigError(f"--at {wanted}: expected a column from 1 to {columns:,} in line {wanted.line:,}{among}", HINT)
    return max(index for index, place in enumerate(places_of(texts)) if place <= wanted)


def _lines(text: str) -> list[str]:
    """The lines with their newlines; what follows the last newline is no line where it is nothing."""
    lines = [line + "\n" for line in text.split("\n")]
    lines[-1] = lines[-1][:-1]
    return lines if lines[-1] else lines[:-1]
