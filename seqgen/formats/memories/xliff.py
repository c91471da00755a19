"""XLIFF 1.2 and 2.x, what translation tools exchange: each unit's source, its target and how far that is.

OASIS, XLIFF 1.2 (trans-unit) and XLIFF 2.1 (unit, segment). An alt-trans is a proposal of somebody's, and not read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from seqgen.formats.document import Document
from seqgen.formats.inline import Marked
from seqgen.formats.memories import segmented
from seqgen.formats.memories.segments import is_preserved, marked, written
from seqgen.formats.units import Edit, State, Unit
from seqgen.formats.xml.nodes import Node
from seqgen.formats.xml.places import elements, indent_before, with_attribute

# What a state says of a target: in 1.2 of the target, in 2.x of the segment.
_TO_DO = frozenset({"new", "needs-translation", "initial"})
_DONE = frozenset({"", "translated", "final", "signed-off", "reviewed"})
_NOTHING = Marked("", {})
Above = tuple[tuple[str, Mapping[str, str]], ...]


class Slot(NamedTuple):
    """The target's start tag, and the place of the whole target; where there is none, where it is to be put, and after which
    indentation. `segment`: of 2.x, the place and start tag of the segment, whose state it is."""

    start: int
    stop: int
    tag: str
    indent: str
    segment: tuple[int, str] | None


def units(document: Document) -> Iterator[Unit]:
    """The units, those that are not to be translated too. Raises CorpusError for what is not XML."""
    for node in elements(document, ("trans-unit", "unit")):
        if node.name == "trans-unit":
            source, target = node.find("source"), node.find("target")
            segments = segmented.segments_of(node, target)
            if source is None or segments is None:
                yield _unit(document, node, node, node.above, None)
            else:
                yield from _cut(document, node, source, target, segments)
            continue
        for segment in node.all("segment"):
            yield _unit(document, node, segment, (*node.above, (node.name, node.attributes)), segment)


def _unit(document: Document, node: Node, holder: Node, above: Above, segment: Node | None) -> Unit:
    source, target = holder.find("source"), holder.find("target")
    name = holder.attributes.get("id") or node.attributes.get("resname") or node.attributes.get("id", "")
    name = node.attributes.get("id", name) if segment is not None else name
    if source is None:
        return Unit(node.line, name, "", state="kept", why="without a source")
    preserve = is_preserved(holder, above) or is_preserved(source)
    read = marked(document, source, preserve)
    found = _NOTHING if target is None else marked(document, target, preserve or is_preserved(target))
    state, why = _state(node, holder, above, target, found.text, read.text, segment)
    slot = _slot(document, holder, source, target, segment) if document.exact else None
    notes = [
        one.text().strip() for one in [*node.all("note"), *(note for all in node.all("notes") for note in all.all("note"))]
    ]
    return Unit(node.line, name, read.text, found.text, state, why, " · ".join(notes), read.marks, found.marks, slot)


def _cut(document: Document, node: Node, source: Node, target: Node | None, segments: segmented.Segments) -> Iterator[Unit]:
    """The segments of a trans-unit that is cut into some, each called by its unit and its own number."""
    preserve = is_preserved(node, node.above) or is_preserved(segments.outer)
    slots = segmented.slots(document, source, target, segments) if document.exact else {}
    notes = " · ".join(one.text().strip() for one in node.all("note"))
    for mid, segment in segments.sources.items():
        name = f"{node.attributes.get('id', '')}#{mid}"
        read = marked(document, segment, preserve)
        own = segments.targets.get(mid)
        found = _NOTHING if own is None else marked(document, own, preserve)
        state, why = _state(node, node, node.above, target, found.text, read.text, None)
        if state != "kept" and mid in segments.definitions:
            state, why = segmented.said(segments.definitions[mid], found.text)
        if not read.text.strip():
            state, why = "kept", "without a source"
        yield Unit(node.line, name, read.text, found.text, state, why, notes, read.marks, found.marks, slots.get(mid))


def _state(
    node: Node, holder: Node, above: Above, target: Node | None, found: str, source: str, segment: Node | None
) -> tuple[State, str]:
    """How far a unit is, and why it is no pair."""
    says = [attributes["translate"] for _, attributes in above if "translate" in attributes]
    if node.attributes.get("translate", says[-1] if says else "yes") == "no":
        return "kept", "not to be translated"
    if target is None or not found.strip():
        return "new", "not translated"
    default = "" if segment is None else "initial" if found == source else ""
    said = (segment or target).attributes.get("state", default)
    if said in _TO_DO:
        return "new" if found == source else "unsure", "not translated" if found == source else "to be reviewed"
    if said in _DONE and node.attributes.get("approved") != "no":
        return "done", ""
    return "unsure", "to be reviewed"


def _slot(document: Document, holder: Node, source: Node, target: Node | None, segment: Node | None) -> Slot:
    text = document.before
    of_segment = None if segment is None else (segment.start, text[segment.start : segment.inside])
    if target is not None:
        return Slot(target.start, target.stop, text[target.start : target.inside], "", of_segment)
    behind = holder.find("seg-source") or source
    prefix = text[source.start + 1 : source.inside].partition("source")[0]
    return Slot(behind.stop, behind.stop, f"<{prefix}target>", indent_before(text, source.start), of_segment)


def edits(unit: Unit, translation: str, review: bool = True) -> list[Edit]:
    """The target with the translation, and the state that says whether somebody should look at it."""
    slot: Slot | segmented.Slot = unit.slot
    if translation == unit.target:
        return []
    if isinstance(slot, segmented.Slot):
        return segmented.edits(slot, translation, unit.marks, review)
    tag = slot.tag.removesuffix("/>").rstrip() + ">" if slot.tag.endswith("/>") else slot.tag
    name = tag[1:-1].split()[0]
    made: list[Edit] = []
    if slot.segment is None:
        tag = with_attribute(tag, "state", "needs-review-translation" if review else "translated")
    else:
        start, begin = slot.segment
        made.append(Edit(start, start + len(begin), with_attribute(begin, "state", "translated" if review else "reviewed")))
    content = slot.indent + tag + written(translation, unit.marks) + f"</{name}>"
    return [*made, Edit(slot.start, slot.stop, content)]
