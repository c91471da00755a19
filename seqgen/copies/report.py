"""What of a text is copied, with where it stands in both texts: for people and programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from seqgen.copies.index import CopyIndex
from seqgen.copies.spans import Span, covered, spans_of
from seqgen.draw.human import plural

# Characters of a stretch that are shown.
SHOWN = 60


@dataclass(frozen=True)
class Place:
    """Where a stretch begins: line and column from 1, and characters before it."""

    line: int
    column: int
    character: int


@dataclass(frozen=True)
class Copied:
    """A stretch that stands in the training text: what it is, and where it begins in both."""

    text: str
    here: Place
    there: Place

    @property
    def shown(self) -> str:
        """Its beginning in one line, with what cannot be seen escaped."""
        return repr(self.text if len(self.text) <= SHOWN else self.text[: SHOWN - 1] + "…")

    def record(self) -> dict[str, Any]:
        """For a program."""
        places = {"line": self.here.line, "column": self.here.column, "character": self.here.character}
        training = {"line": self.there.line, "column": self.there.column, "character": self.there.character}
        return {"text": self.text, "length": len(self.text), **places, "training": training}


@dataclass(frozen=True)
class Report:
    """The stretches of `least` characters or more of a text of `characters`; of these, `copied` lie in one or more of them."""

    least: int
    characters: int
    copied: int
    stretches: tuple[Copied, ...]

    @property
    def longest(self) -> Copied | None:
        """The longest of them, the first one of several."""
        return max(self.stretches, key=lambda one: len(one.text), default=None)

    def sentence(self) -> str:
        """In words."""
        stretches, longest = f"{self.least} characters or more in a row", self.longest
        if longest is None:
            return f"nothing is copied: nowhere do {stretches} stand in the training text"
        share = f"{self.copied / max(1, self.characters):.1%} of {plural(self.characters, 'character')}"
        here = f"at {longest.here.line}:{longest.here.column}, in line {longest.there.line:,} of the training text"
        return f"{share} stand in the training text, {stretches}; the most, {len(longest.text):,}, {here}: {longest.shown}"

    def record(self) -> dict[str, Any]:
        """For a program."""
        longest = self.longest
        return {
            "least": self.least,
            "characters": self.characters,
            "copied": self.copied,
            "share": round(self.copied / max(1, self.characters), 6),
            "longest": None if longest is None else longest.record(),
            "stretches": [one.record() for one in self.stretches],
        }


class Copies:
    """Reports on any number of texts."""

    def __init__(self, index: CopyIndex) -> None:
        self.index = index
        self._ends = np.flatnonzero(index.codes == ord("\n"))

    def of(self, text: str, after: int = 0) -> Report:
        """Of the stretches that reach beyond the first `after` characters, which were given."""
        spans = [span for span in spans_of(text, self.index) if span.end > after]
        ends = np.array([place for place, character in enumerate(text) if character == "\n"], dtype=np.int64)
        found = tuple(
            Copied(text[span.begin : span.end], _place(ends, span.begin), _place(self._ends, span.place)) for span in spans
        )
        return Report(self.index.length, max(0, len(text) - after), covered(_behind(spans, after)), found)


def _behind(spans: Sequence[Span], after: int) -> list[Span]:
    return [span._replace(begin=max(after, span.begin)) for span in spans]


def _place(ends: np.ndarray[Any, np.dtype[np.int64]], character: int) -> Place:
    line = int(ends.searchsorted(character))
    return Place(line + 1, character - (int(ends[line - 1]) + 1 if line else 0) + 1, character)
