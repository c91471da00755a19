"""Elements of XML as small trees, and what is wrong with XML that makes none.

Entities of a file's own are refused (they can be made to fill any memory), external ones never fetched; depth is bounded.
"""

from __future__ import annotations

import html
from collections.abc import Mapping
from xml.parsers import expat

from seqgen.errors import CorpusError
from seqgen.formats.document import Document

DEEPEST = 200


class Node:
    """An element: its name without a prefix, its attributes, what is in it (texts and nodes), and the line of the wanted
    element that it is, or is in.

    Of an exact reading also where it stands in the file's text: text[start:stop], and what is in it: text[inside:end].
    """

    __slots__ = ("above", "attributes", "children", "end", "inside", "line", "name", "start", "stop")

    # The attributes of the elements around it, the outermost first; of a wanted element only.
    above: tuple[tuple[str, Mapping[str, str]], ...]

    def __init__(self, name: str, attributes: Mapping[str, str], line: int, start: int) -> None:
        self.name, self.attributes, self.line, self.start = name, attributes, line, start
        self.inside = self.end = self.stop = start
        self.children: list[Node | str] = []

    def find(self, name: str) -> Node | None:
        """The first child of a name."""
        return next((child for child in self.children if isinstance(child, Node) and child.name == name), None)

    def all(self, name: str) -> list[Node]:
        """The children of a name."""
        return [child for child in self.children if isinstance(child, Node) and child.name == name]

    def text(self) -> str:
        """All text in it."""
        return "".join(child if isinstance(child, str) else child.text() for child in self.children)


def undeclared(name: str) -> str:
    """What an entity stands for whose DTD is not read: what HTML means by it; else it stays as it is written."""
    return html.unescape(f"&{name};")


def no_xml(document: Document, line: int, error: Exception) -> CorpusError:
    """The error of a parser."""
    if isinstance(error, expat.ExpatError):
        reason = expat.ErrorString(error.code)
        return document.error(error.lineno, f"not XML: {reason}", "was it cut off, or edited by hand?")
    return document.error(line, f"not XML: {error}")


def too_deep(document: Document, line: int) -> CorpusError:
    """The error of a document that is more than DEEPEST deep."""
    return document.error(line, f"elements within elements, more than {DEEPEST} deep")


def own_entity(document: Document, line: int, name: str) -> CorpusError:
    """The error of an entity that a document declares."""
    hint = "replace it by what it stands for"
    return document.error(line, f"an entity of its own, {name[:40]!r}, which is not read", hint)
