"""Android's strings.xml: string, the items of string-array, and those of plurals, in one language a file.

Google, Android developers, String resources.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from seqgen.formats.document import Document
from seqgen.formats.inline import Marker, unmarked
from seqgen.formats.units import Edit, Unit
from seqgen.formats.xml.nodes import Node
from seqgen.formats.xml.places import elements, escaped

_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|.)", re.S)
_NAMED = {"n": "\n", "t": "\t"}


class Slot(NamedTuple):
    """Where a string stands: text[start:stop]; `quoted`: it is in quotes, which keep its white space."""

    start: int
    stop: int
    quoted: bool


def units(document: Document) -> Iterator[Unit]:
    """The strings; those that are not translatable, and references to others, are kept.

    Raises CorpusError for what is not XML.
    """
    for node in elements(document, ("string", "string-array", "plurals")):
        name = node.attributes.get("name", "")
        kept = node.attributes.get("translatable") == "false"
        if node.name == "string":
            yield _unit(document, node, name, kept)
            continue
        for number, item in enumerate(node.all("item")):
            yield _unit(document, item, f"{name}[{item.attributes.get('quantity', number)}]", kept)


def _unit(document: Document, node: Node, name: str, kept: bool) -> Unit:
    raw = node.text().strip()
    if kept or re.fullmatch(r"[@?][\w:+]*[\w/]+", raw):
        return Unit(node.line, name, raw, state="kept", why="not to be translated")
    marker = Marker()
    _walk(document, node, marker)
    marked = marker.done()
    text, quoted = marked.text.strip(" \t\r\n"), False
    if len(text) > 1 and text[0] == text[-1] == '"' and text[-2] != "\\":
        text, quoted = text[1:-1], True
    else:
        text = re.sub(r"[ \t\r\n]+", " ", text)
    slot = Slot(node.inside, node.end, quoted) if document.exact else None
    return Unit(node.line, name, _ESCAPE.sub(_said, text), marks=marked.marks, slot=slot)


def _walk(document: Document, node: Node, marker: Marker) -> None:
    for child in node.children:
        if isinstance(child, str):
            marker.text(child)
        elif child.name == "g" or not child.children:  # xliff:g holds what is not to be translated
            marker.single(document.before[child.start : child.stop])
        else:
            key = id(child)
            marker.open(document.before[child.start : child.inside], key)
            _walk(document, child, marker)
            marker.close(document.before[child.end : child.stop], key)


def _said(found: re.Match[str]) -> str:
    sign = found[1]
    return chr(int(sign[1:], 16)) if len(sign) == 5 else _NAMED.get(sign, sign)


def edits(unit: Unit, translation: str, review: bool = True) -> list[Edit]:
    """The translation in the place of the string: a file is one language's. It has no sign for what is to be reviewed."""
    slot: Slot = unit.slot
    if translation == unit.source:
        return []
    made = unmarked(translation, unit.marks, _written)
    if translation != translation.strip() or "  " in translation or slot.quoted:
        made = f'"{made}"'
    elif made[:1] in "@?":
        made = "\\" + made
    return [Edit(slot.start, slot.stop, made)]


def _written(text: str) -> str:
    text = re.sub(r"[\\'\"]", r"\\\g<0>", text).replace("\n", "\\n").replace("\t", "\\t")
    return escaped(text)
