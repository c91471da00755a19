"""Qt Linguist's .ts: messages in contexts; those with numerus="yes" have a form for each number.

The Qt Company, Linguist TS file format.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from seqgen.formats.document import Document
from seqgen.formats.units import Edit, State, Unit
from seqgen.formats.xml.nodes import Node
from seqgen.formats.xml.places import elements, escaped, indent_before


class Slot(NamedTuple):
    """Where a translation goes: text[start:stop] between `before` and `after`; `tag` is the start tag of the translation that
    is marked, with its place."""

    start: int
    stop: int
    before: str
    after: str
    tag: tuple[int, str] | None


def units(document: Document) -> Iterator[Unit]:
    """The messages, a unit for each numerus form. Obsolete ones are kept. Raises CorpusError for what is not XML."""
    context = ""
    for node in elements(document, ("name", "message")):
        if node.name == "name":
            context = node.text().strip()
        else:
            yield from _message(document, node, context)


def _message(document: Document, node: Node, context: str) -> Iterator[Unit]:
    source, translation = node.find("source"), node.find("translation")
    said = source.text() if source else ""
    kind = translation.attributes.get("type", "") if translation else ""
    notes = [one.text().strip() for one in (*node.all("comment"), *node.all("extracomment"), *node.all("translatorcomment"))]
    forms = translation.all("numerusform") if translation and node.attributes.get("numerus") == "yes" else []
    places: list[Node | None] = [*forms] or [translation]
    for place in places:
        found = place.text() if place else ""
        state, why = _state(kind, said, found)
        slot = _slot(document, source, translation, place) if document.exact else None
        name = node.attributes.get("id", context)
        yield Unit(node.line, name, said, found, state, why, " · ".join([context, *notes]), slot=slot)


def _state(kind: str, source: str, found: str) -> tuple[State, str]:
    if kind in ("obsolete", "vanished") or not source.strip():
        return "kept", "obsolete" if kind else "without a source"
    if not found.strip():
        return "new", "not translated"
    return ("unsure", "unfinished") if kind == "unfinished" else ("done", "")


def _slot(document: Document, source: Node | None, translation: Node | None, place: Node | None) -> Slot | None:
    text = document.before
    if source is None:
        return None
    if translation is None or place is None:
        return Slot(source.stop, source.stop, f"{indent_before(text, source.start)}<translation>", "</translation>", None)
    tag = (translation.start, text[translation.start : translation.inside])
    if text[place.inside - 2] == "/":
        # <translation type="unfinished"/>: its tag is part of what is written anew.
        before = text[place.start : place.inside - 2].rstrip() + ">"
        return Slot(place.start, place.stop, before, f"</{place.name}>", tag if place is not translation else None)
    return Slot(place.inside, place.end, "", "", tag)


def edits(unit: Unit, translation: str, review: bool = True) -> list[Edit]:
    """The translation, as unfinished where somebody should look at it."""
    slot: Slot | None = unit.slot
    if translation == unit.target or slot is None:
        return []
    before = slot.before
    made: list[Edit] = []
    if slot.tag is not None:
        start, tag = slot.tag
        if (marked := _marked(tag, review)) != tag:
            made.append(Edit(start, start + len(tag), marked))
    elif before:
        head, _, tail = before.rpartition("<")
        before = head + _marked("<" + tail, review)
    text = escaped(translation).replace('"', "&quot;").replace("'", "&apos;")
    return [*made, Edit(slot.start, slot.stop, before + text + slot.after)]


def _marked(tag: str, review: bool) -> str:
    """A start tag of a translation with or without the sign that it is unfinished."""
    plain = tag.replace(' type="unfinished"', "").replace(" type='unfinished'", "")
    return plain[:-1].rstrip() + ' type="unfinished">' if review else plain
