"""JSON lines whose records are translated: the translation is a field that is added, or put in the place of the one there."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import NamedTuple

from seqgen.errors import ConfigError
from seqgen.formats.document import Document
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
    text, place, number = document.raw(), 0, 0
    source, target = _fields(document)
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
        if not source:
            source, target = _found(record)
        value, there = at(record, source), at(record, target)
        if not isinstance(value, str):
            texts = ", ".join(paths(record)[:8]) or "none"
            raise document.error(number, f"no text in the field {source!r}", f"its texts: {texts}; name one with --columns")
        if "." in target and target not in record:
            raise ConfigError(f"--columns: {target!r} is inside another field", "name a field of the record itself")
        is_done = isinstance(there, str) and there.strip()
        yield Unit(number, "", value, there if isinstance(there, str) else "", "done" if is_done else "new",
                   slot=Slot(start, line[1], target))  # fmt: skip


def _fields(document: Document) -> tuple[str, str]:
    given = document.wanted.columns
    if given is None:
        return "", ADDED
    names = given.split(",")
    if len(names) > 2 or not all(names) or len(set(names)) < len(names):
        raise ConfigError(f"--columns: expected one or two different fields such as text,translation, found {given[:40]!r}")
    return names[0], names[1] if len(names) == 2 else ADDED


def _found(record: object) -> tuple[str, str]:
    """The fields that a first record has: those that other tools call so, else its first text."""
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
    there = re.search(rf'{re.escape(json.dumps(slot.field, ensure_ascii=False))}\s*:\s*("(?:[^"\\]|\\.)*+"|null)', slot.line)
    if there:
        return [Edit(slot.start + there.start(1), slot.start + there.end(1), value)]
    end = slot.start + len(slot.line[: slot.line.rindex("}")].rstrip())
    return [Edit(end, end, f", {json.dumps(slot.field, ensure_ascii=False)}: {value}")]
