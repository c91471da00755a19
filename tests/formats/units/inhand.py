"""Files of units as tests make and edit them."""

from __future__ import annotations

from seqgen.formats import FORMATS, function
from seqgen.formats.document import Wanted
from seqgen.formats.units import Edit, Unit
from seqgen.translation.files import FileInHand


def in_hand(name: str, data: bytes, wanted: Wanted | None = None, encoding: str = "utf-8") -> FileInHand:
    """A file of the format that its name says."""
    row = next(row for row in FORMATS.values() if name.endswith(row.suffixes))
    return FileInHand.of(name, data, row, wanted or Wanted(), encoding)


def put(file: FileInHand, place: int, translation: str, review: bool = True) -> bytes:
    """The file with a translation of the unit at a place."""
    edits: list[Edit] = function(file.format.edits)(file.units[place], translation, review=review)
    return file.rewritten(edits)


def sources(file: FileInHand) -> list[str]:
    """What the units say."""
    return [unit.source for unit in file.units]


def told(unit: Unit) -> tuple[str, str, str]:
    """A unit without where it stands."""
    return unit.name, unit.source, unit.target
