"""JSON lines whose records are translated: the translation is a field that is added, or put in the place of the one there."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from seqgen.errors import ConfigError
from seqgen.formats.document import Document, Wanted
from seqgen.formats.json_places import objects_in, texts_in
from seqgen.formats.tables.columns import ADDED, TITLES
from seqgen.formats.tables.fields import at, paths
from seqgen.formats.units import Edit, Unit

_LINE = re.compile(r"([^\r\n]*+)(?:\r?\n|\r|\Z)")


class Slot(NamedTuple):
    """The line of a record, text[start:stop], and its field for the translation."""

    start: int
    line: str
    field: str


def units(document: Document) -> Iterator[Unit]:
    """The records; `--columns source,target` names their fields. Raises CorpusError for a line that is no record with a text
    in the source's field, ConfigError for a field inside another one that would have to be added."""
    text = document.raw()
    fields = Fields(document)
    place = number = 0
    while place < len(text):
        line = _LINE.match(text, place)
        assert line is not None  # it matches anything
        number, start, place = number + 1, place, line.end()
        if not line[1].strip():
            continue
        try:
            record = json.loads(line[1])
        except (ValueError, RecursionError) as error:
            raise document.error(number, f"not JSON: {error}") from None
        yield fields.unit(number, record, start, line[1], "")


def listed(document: Document, text: str) -> Iterator[Unit]:
    """The same of a list of records."""
    fields = Fields(document)
    line = place = 0
    for found in objects_in(document, text):
        line, place = line + text.count("\n", place, found.start), found.start
        yield fields.unit(line + 1, found.record, found.start, text[found.start : found.stop], str(found.number))


class Fields:
    """The fields of source and target: those that were named, else those of the first record."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.source, self.target = _fields(document)

    def unit(self, line: int, record: object, start: int, raw: str, name: str) -> Unit:
        """The unit of a record that stands as `raw` at a place of the text."""
        if not self.source:
            self.source, self.target = _found(record, self.document.wanted)
        value, there = at(record, self.source), at(record, self.target)
        if not isinstance(value, str):
            texts = ", ".join(paths(record)[:8]) or "none"
            hint = f"its texts: {texts}; name one with --columns"
            raise self.document.error(line, f"no text in the field {self.source!r}", hint)
        if not isinstance(there, str) and (why := _no_place(record, self.target)):
            raise ConfigError(
                f"{self.document.name}:{line}: --columns: {self.target!r} {why}", "name a field of the record itself"
            )
        is_done = isinstance(there, str) and there.strip()
        return Unit(line, name, value, there if isinstance(there, str) else "", "done" if is_done else "new",
                    slot=Slot(start, raw, self.target))  # fmt: skip


def _no_place(record: Any, path: str) -> str:
    """Why no text can be put at a path where none is; "" where one can: in the place of null, or as a field that is added."""
    if at(record, path) is not None:
        return "holds no text"
    above, _, key = path.rpartition(".") if path not in record else ("", "", path)
    around = at(record, above) if above else record
    return "" if isinstance(around, dict) and (key in around or not above) else "is inside another field"


def _fields(document: Document) -> tuple[str, str]:
    given = document.wanted.columns
    if given is None:
        return "", ADDED
    names = given.split(",")
    if len(names) > 2 or not all(names) or len(set(names)) < len(names):
        raise ConfigError(f"--columns: expected one or two different fields such as text,translation, found {given[:40]!r}")
    return names[0], names[1] if len(names) == 2 else ADDED


def _found(record: object, wanted: Wanted) -> tuple[str, str]:
    """The fields that a first record has: those of the languages, those that other tools call so, else its first text."""
    languages = f"translation.{wanted.source}", f"translation.{wanted.target}"
    if isinstance(at(record, languages[0]), str) and not _no_place(record, languages[1]).startswith("is"):
        return languages
    for source, target in TITLES:
        if isinstance(at(record, source), str):
            return source, target
    return next(iter(paths(record)), "source"), ADDED


def edits(unit: Unit, translation: str, review: bool = True) -> list[Edit]:
    """The translation as a field of its record, behind the others where it was not there. All else of the line stays."""
    slot: Slot = unit.slot
    if translation == unit.target:
        return []
    value = json.dumps(translation, ensure_ascii=False)
    # Of a field that is there twice the last one counts; one of that name may be inside another.
    places = [(one.start, one.stop) for one in texts_in(Document("record", b""), slot.line) if ".".join(one.path) == slot.field]
    for name in {slot.field, slot.field.rpartition(".")[2]}:
        nulls = re.finditer(rf"{re.escape(json.dumps(name, ensure_ascii=False))}\s*:\s*(null)\b", slot.line)
        places += [one.span(1) for one in nulls]
    for start, stop in reversed(places):
        if at(json.loads(slot.line[:start] + value + slot.line[stop:], strict=False), slot.field) == translation:
            return [Edit(slot.start + start, slot.start + stop, value)]
    end = slot.start + len(slot.line[: slot.line.rindex("}")].rstrip())
    return [Edit(end, end, f", {json.dumps(slot.field, ensure_ascii=False)}: {value}")]
