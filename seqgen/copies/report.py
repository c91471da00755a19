"""What of a text is copied, with where it stands in both texts: for people and programs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from seqgen.copies.index import CopyIndex
from seqgen.copies.spans import Span, covered, spans_of
from seqgen.draw.human import plural

if TYPE_CHECKING:
    from seqgen.copies.hashed import HashedText

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
    """A stretch that stands in the training text: what it is, and where it begins in both; None where nobody knows."""

    text: str
    here: Place
    there: Place | None

    @property
    def shown(self) -> str:
        """Its beginning in one line, with what cannot be seen escaped."""
        return repr(self.text if len(self.text) <= SHOWN else self.text[: SHOWN - 1] + "…")

    def record(self) -> dict[str, Any]:
        """For a program."""
        places = asdict(self.here)
        training = {} if self.there is None else {"training": asdict(self.there)}
        return {"text": self.text, "length": len(self.text), **places, **training}


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
        here = f"at {longest.here.line}:{longest.here.column}"
        here += f", in line {longest.there.line:,} of the training text" if longest.there else ""
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
    """Reports on any number of texts. `mistaken` is the share of other stretches that is taken for a copy."""

    def __init__(self, least: int, find: Callable[[str], list[Span]], ends: NDArray[np.int64] | None, mistaken: float) -> None:
        """`find` gives the spans of a text, `ends` are the line ends of the training text where it is there."""
        self.least, self.mistaken, self._find, self._ends = least, mistaken, find, ends

    @classmethod
    def of_index(cls, index: CopyIndex) -> Copies:
        """By the training text."""
        return cls(index.length, lambda text: spans_of(text, index), np.flatnonzero(index.codes == ord("\n")), 0.0)

    @classmethod
    def of_hashes(cls, hashed: HashedText, least: int) -> Copies:
        """By what is left of it."""
        return cls(least, lambda text: [s for s in hashed.spans(text) if s.end - s.begin >= least], None, hashed.mistaken)

    @property
    def doubt(self) -> str:
        """What of the answer is not certain, in words; empty where all is."""
        if not self.mistaken:
            return ""
        return f"the run keeps hashes only: of other stretches about 1 in {1 / self.mistaken:,.0f} is taken for a copy"

    def of(self, text: str, after: int = 0) -> Report:
        """Of the stretches that reach beyond the first `after` characters, which were given."""
        spans = [span for span in self._find(text) if span.end > after]
        ends = np.array([place for place, character in enumerate(text) if character == "\n"], dtype=np.int64)
        found = tuple(
            Copied(
                text[span.begin : span.end],
                _place(ends, span.begin),
                None if self._ends is None else _place(self._ends, span.place),
            )
            for span in spans
        )
        return Report(self.least, max(0, len(text) - after), covered(_behind(spans, after)), found)


def _behind(spans: Sequence[Span], after: int) -> list[Span]:
    return [span._replace(begin=max(after, span.begin)) for span in spans]


def _place(ends: NDArray[np.int64], character: int) -> Place:
    line = int(ends.searchsorted(character))
    return Place(line + 1, character - (int(ends[line - 1]) + 1 if line else 0) + 1, character)
