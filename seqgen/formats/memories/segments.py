"""The content of a segment in XML: its text, with inline elements as marks; and such a text written again."""

from __future__ import annotations

import re
from collections.abc import Mapping

from seqgen.formats.document import Document
from seqgen.formats.inline import Marked, Marker, unmarked
from seqgen.formats.units import NO_MARKS
from seqgen.formats.xml.nodes import Node
from seqgen.formats.xml.places import escaped

# Around words: their begin and end tags are marks by themselves.
AROUND = frozenset({"g", "hi", "mrk", "pc"})
# The beginning of a pair of marks, and its end; both are whole elements, what is in them is code.
OPENING = {"bpt": ("i", "rid", "id"), "sc": ("id",), "sm": ("id",)}
CLOSING = {"ept": ("i", "rid", "id"), "ec": ("startRef", "id"), "em": ("startRef",)}
_BREAK = re.compile(r"[ \t]*[\r\n]+[ \t]*")


def marked(document: Document, node: Node, preserve: bool) -> Marked:
    """The text of a segment. Line breaks in it are spaces unless it says that they are to be preserved."""
    children = node.children
    # Most segments are a text and nothing else.
    if not children:
        return Marked("", NO_MARKS)
    if len(children) == 1 and isinstance(children[0], str):
        return Marked(children[0] if preserve else _unbroken(children[0]), NO_MARKS)
    marker = Marker()
    _walk(document, node, marker, preserve)
    return marker.done()


def _walk(document: Document, node: Node, marker: Marker, preserve: bool) -> None:
    # What stands in the file, only edits need to know.
    before = document.before if document.exact else None
    for child in node.children:
        if isinstance(child, str):
            marker.text(child if preserve or ("\n" not in child and "\r" not in child) else _BREAK.sub(" ", child))
            continue
        name = child.name
        if name in AROUND and child.children and not _is_protected(child):
            key = (name, id(child))
            marker.open("-" if before is None else before[child.start : child.inside], key)
            _walk(document, child, marker, preserve)
            marker.close("-" if before is None else before[child.end : child.stop], key)
            continue
        raw = "-" if before is None else before[child.start : child.stop]
        if name in OPENING:
            marker.open(raw, _pair(child, OPENING[name]))
        elif name in CLOSING:
            marker.close(raw, _pair(child, CLOSING[name]))
        else:
            marker.single(raw)


def _is_protected(node: Node) -> bool:
    """Whether the words in it are not to be translated: a name, a command."""
    return node.name == "mrk" and (node.attributes.get("mtype") == "protected" or node.attributes.get("translate") == "no")


def _unbroken(text: str) -> str:
    return _BREAK.sub(" ", text) if "\n" in text or "\r" in text else text


def _pair(node: Node, names: tuple[str, ...]) -> str:
    for name in names:
        if name in node.attributes:
            return node.attributes[name]
    return ""


def written(text: str, marks: Mapping[str, str]) -> str:
    """A text as the content of a segment."""
    return unmarked(text, marks, escaped)


def is_preserved(node: Node, above: tuple[tuple[str, Mapping[str, str]], ...] = ()) -> bool:
    """Whether white space is as it is meant: by the element, or the nearest one around it that says so."""
    if "xml:space" in node.attributes:
        return node.attributes["xml:space"] == "preserve"
    return next((said["xml:space"] == "preserve" for _, said in reversed(above) if "xml:space" in said), False)
