"""Catalogues in JSON, a language a file: i18next's (objects in objects, a key for each plural form) and Flutter's ARB.

i18next, JSON Format v4; Google, Application Resource Bundle Specification: what begins with @ is about texts, and none itself.
A .json whose content is a list of records is a table (formats/tables/records.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from seqgen.formats.document import Document
from seqgen.formats.inline import Marked, Marker, unmarked
from seqgen.formats.json_places import escapes_letters, list_at, texts_in, written
from seqgen.formats.tables import records
from seqgen.formats.units import Edit, Unit

# react-i18next numbers the elements of a text: <0>...</0>, <1/>.
_NUMBERED = re.compile(r"<(/?)(\d{1,4})(/?)>")


class Slot(NamedTuple):
    """Where a text stands with its quotes, text[start:stop], and whether the file writes letters as escapes."""

    start: int
    stop: int
    escapes: bool


def units(document: Document) -> Iterator[Unit]:
    """The texts, called by the keys that lead to them; or the records of a list. Raises CorpusError for what is not JSON."""
    text = document.raw()
    if list_at(text) is not None:
        yield from records.listed(document, text)
        return
    line = place = 0
    escapes = escapes_letters(text)
    for found in texts_in(document, text):
        if any(key.startswith("@") for key in found.path):
            continue
        line, place = line + text.count("\n", place, found.start), found.start
        name = ".".join(found.path)
        if not found.value.strip():
            yield Unit(line + 1, name, found.value, state="kept", why="without a text")
        else:
            marked = _marked(found.value)
            yield Unit(line + 1, name, marked.text, marks=marked.marks, slot=Slot(found.start, found.stop, escapes))


def _marked(text: str) -> Marked:
    """A text with numbered elements as marks."""
    marker, place = Marker(), 0
    for found in _NUMBERED.finditer(text):
        marker.text(text[place : found.start()])
        place = found.end()
        if found[3]:
            marker.single(found[0])
        elif found[1]:
            marker.close(found[0], found[2])
        else:
            marker.open(found[0], found[2])
    marker.text(text[place:])
    return marker.done()


def edits(unit: Unit, translation: str, review: bool = True) -> list[Edit]:
    """The translation in the place of the text: a file is one language's. It has no sign for what is to be reviewed."""
    if isinstance(unit.slot, records.Slot):
        return records.edits(unit, translation, review)
    slot: Slot = unit.slot
    if translation == unit.source:
        return []
    return [Edit(slot.start, slot.stop, written(unmarked(translation, unit.marks), slot.escapes))]
