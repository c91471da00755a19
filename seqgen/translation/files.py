"""A file translated: the same file with translations in the places that its format has for them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from seqgen.errors import CorpusError
from seqgen.formats import Format, function
from seqgen.formats.document import Document, Wanted, check_encoding
from seqgen.formats.units import Edit, Unit, edited
from seqgen.translation.units import Attempt, Lines, translated

# A file is edited in memory.
LARGEST = 500_000_000


class Choice(NamedTuple):
    """Which units are translated, and how: those that have a translation too (`again`); `review` marks what was put in as the
    format marks what somebody should look at."""

    again: bool = False
    review: bool = True


@dataclass
class FileInHand:
    """A file whose units are to be translated; notes for the user."""

    format: Format
    document: Document
    data: bytes
    units: list[Unit]
    attempts: list[Attempt] = field(default_factory=list)

    @staticmethod
    def of(name: str, data: bytes, found: Format, wanted: Wanted, encoding: str = "utf-8") -> FileInHand:
        """Read the units of a file's content. Raises CorpusError for what is not of its format, ConfigError for an unknown
        encoding."""
        check_encoding(encoding)
        document = Document(name, data, encoding, wanted, exact=True)
        units = list(function(found.units)(document))
        if not any(unit.state != "kept" for unit in units):
            raise CorpusError(f"{name}: nothing in it to translate", _reasons(units))
        return FileInHand(found, document, data, units)

    def wanted(self, choice: Choice) -> list[Unit]:
        """The units that a choice translates: with words in them, and not kept as they are."""
        states = ("new", "unsure", "done") if choice.again else ("new",)
        return [unit for unit in self.units if unit.state in states and unit.source.strip()]

    def translate(self, lines: Lines, choice: Choice, told: Callable[[float], None] = lambda done: None) -> bytes:
        """The file with its translations; what was tried is in `attempts`. `told` hears the share that is done."""
        units = self.wanted(choice)
        for attempts in translated(units, lines, self.format.accelerators):
            self.attempts += attempts
            told(len(self.attempts) / len(units))
        edits = function(self.format.edits)
        put = [(one.unit, one.translation) for one in self.attempts if not one.why]
        if self.format.every:
            tried = {unit.where for unit, _ in put}
            put += [(unit, unit.target) for unit in self.units if unit.where not in tried]
        return self.rewritten([edit for unit, text in put for edit in edits(unit, text, review=choice.review)])

    def rewritten(self, edits: Sequence[Edit]) -> bytes:
        """The file with edits, and every other byte as it was."""
        if not edits:
            return self.data
        members: dict[str, list[Edit]] = defaultdict(list)
        for edit in edits:
            members[edit.member].append(edit)
        if "" in members:
            return self.document.written(edited(self.document.before, members[""]))
        from seqgen.formats.documents.zips import rewritten

        return rewritten(self.data, members)


def _reasons(units: Sequence[Unit]) -> str:
    reasons = dict.fromkeys(unit.why for unit in units if unit.why)
    return f"its {len(units):,} units are: {', '.join(reasons)}" if reasons else "it holds no units"
