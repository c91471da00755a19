"""XLIFF 1.2 whose units are cut into segments: seg-source and target hold <mrk mtype="seg" mid="...">, one for each.

OASIS, XLIFF 1.2, 2.6 (segmentation). SDLXLIFF says how far each segment is in sdl:seg-defs, by the same number. What stands
between segments, white space and elements, is no text to be translated.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from seqgen.formats.document import Document
from seqgen.formats.memories.segments import written
from seqgen.formats.units import Edit, State
from seqgen.formats.xml.nodes import Node
from seqgen.formats.xml.places import indent_before, with_attribute

_DONE = frozenset({"Translated", "ApprovedTranslation", "ApprovedSignOff"})
# What a target's state, and the conf of a definition, say of a translation: done, or to be reviewed.
_VALUES = ("translated", "needs-review-translation")
_CONFIRMED = ("Translated", "Draft")


class Segments(NamedTuple):
    """The segments of a unit in their order: their mid, where they stand in seg-source and, if they do, in target; what
    sdl:seg-defs says of them."""

    outer: Node
    sources: Mapping[str, Node]
    targets: Mapping[str, Node]
    definitions: Mapping[str, Node]


class Slot(NamedTuple):
    """Where a segment's translation goes: text[start:stop], between `before` and `after`; `order` among others that are put in
    at the same place. `reviewed` and `unreviewed`: what else changes, for all segments of the unit alike."""

    start: int
    stop: int
    before: str
    after: str
    order: int
    reviewed: tuple[Edit, ...]
    unreviewed: tuple[Edit, ...]


def segments_of(unit: Node, target: Node | None) -> Segments | None:
    """The segments of a trans-unit; None where it is not cut, or its target is a text that is not."""
    outer = unit.find("seg-source")
    if outer is None:
        return None
    found = list(_segments(outer))
    sources = {node.attributes.get("mid", ""): node for node in found}
    there = [] if target is None else list(_segments(target))
    targets = {node.attributes.get("mid", ""): node for node in there}
    if not found or len(sources) != len(found) or len(targets) != len(there) or "" in sources:
        return None
    if target is not None and not there and (target.text().strip() or any(isinstance(one, Node) for one in target.children)):
        return None
    all_defined = {node.attributes.get("id", ""): node for defs in unit.all("seg-defs") for node in defs.all("seg")}
    definitions = {mid: all_defined[mid] for mid in sources if mid in all_defined}
    return Segments(outer, sources, targets, definitions if len(definitions) == len(sources) else {})


def _segments(node: Node) -> Iterator[Node]:
    for child in node.children:
        if isinstance(child, Node):
            if child.name == "mrk" and child.attributes.get("mtype") == "seg":
                yield child
            else:
                yield from _segments(child)


def said(definition: Node, found: str) -> tuple[State, str]:
    """How far a segment is by sdl:seg-defs, and why it is no pair."""
    if definition.attributes.get("locked") == "true":
        return "kept", "locked"
    if not found.strip():
        return "new", "not translated"
    return ("done", "") if definition.attributes.get("conf") in _DONE else ("unsure", "to be reviewed")


def slots(document: Document, source: Node, target: Node | None, segments: Segments) -> dict[str, Slot]:
    """Where translations of the segments go, by mid: into their own mrk, which is made where the target has none; the target
    too, as seg-source has it, with those that are not translated empty."""
    text = document.before
    if not segments.targets:
        return _made(text, source, target, segments)
    assert target is not None  # it has segments
    tag = (target.start, text[target.start : target.inside])
    order = list(segments.sources)
    found: dict[str, Slot] = {}
    for number, (mid, node) in enumerate(segments.sources.items()):
        own = segments.targets.get(mid)
        states = _states(text, segments, mid, tag)
        if own is not None and text[own.inside - 2] != "/":
            found[mid] = Slot(own.inside, own.end, "", "", 0, *states)
            continue
        begin, end = _mrk(text, node)
        if own is not None:
            found[mid] = Slot(own.start, own.stop, begin, end, 0, *states)
            continue
        earlier = [segments.targets[one].stop for one in order[:number] if one in segments.targets]
        if earlier:
            gap = text[segments.sources[order[number - 1]].stop : node.start]
            found[mid] = Slot(earlier[-1], earlier[-1], _space(gap) + begin, end, number, *states)
        else:
            later = next((segments.targets[one].start for one in order[number:] if one in segments.targets), target.end)
            gap = text[node.stop : segments.sources[order[number + 1]].start] if number + 1 < len(order) else ""
            found[mid] = Slot(later, later, begin, end + _space(gap), number, *states)
    return found


def _made(text: str, source: Node, target: Node | None, segments: Segments) -> dict[str, Slot]:
    """The slots where there is no target yet, or an empty one."""
    outer = segments.outer
    start, stop = (outer.stop, outer.stop) if target is None else (target.start, target.stop)
    prefix = text[source.start + 1 : source.inside].partition("source")[0]
    tag = f"<{prefix}target>" if target is None else text[target.start : target.inside]
    tag = tag.removesuffix("/>").rstrip() + ">" if tag.endswith("/>") else tag
    indent = indent_before(text, source.start) if target is None else ""
    end = f"</{tag[1:-1].split()[0]}>"
    # The tags of segments that stay empty too, so that each has its place.
    shared, reached = [], outer.inside
    for number, node in enumerate(segments.sources.values()):
        shared.append(Edit(stop, stop, text[reached : node.inside], order=2 * number + 1))
        reached = node.end
    shared.append(Edit(stop, stop, text[reached : outer.end] + end, order=2 * len(segments.sources) + 1))
    found: dict[str, Slot] = {}
    for number, mid in enumerate(segments.sources):
        both = []
        for value, states in zip(_VALUES, _states(text, segments, mid, None), strict=True):
            own = tag if segments.definitions else with_attribute(tag, "state", value)
            both.append((Edit(start, stop, indent + own), *shared, *states))
        found[mid] = Slot(stop, stop, "", "", 2 * number + 2, *both)
    return found


def _space(between: str) -> str:
    """The white space of what stands between two segments, where no words do."""
    bare = re.sub("<[^>]*>", "", between)
    return "" if bare.strip() else bare


def _mrk(text: str, node: Node) -> tuple[str, str]:
    """The tags of a segment: those that it has in seg-source."""
    return text[node.start : node.inside], text[node.end : node.stop]


def _states(text: str, segments: Segments, mid: str, tag: tuple[int, str] | None) -> tuple[tuple[Edit, ...], tuple[Edit, ...]]:
    """What says how far a segment is, reviewed and not: its definition, else the target's start tag, where that is there."""
    name, values = "state", _VALUES
    if mid in segments.definitions:
        node = segments.definitions[mid]
        tag, name, values = (node.start, text[node.start : node.inside]), "conf", _CONFIRMED
    if tag is None:
        return (), ()
    start, said = tag
    one, other = ((Edit(start, start + len(said), with_attribute(said, name, value)),) for value in values)
    return one, other


def edits(slot: Slot, translation: str, marks: Mapping[str, str], review: bool) -> list[Edit]:
    """The translation in its segment, and the state that says whether somebody should look at it."""
    content = slot.before + written(translation, marks) + slot.after
    own = Edit(slot.start, slot.stop, content, order=slot.order)
    return [*(slot.unreviewed if review else slot.reviewed), own]
