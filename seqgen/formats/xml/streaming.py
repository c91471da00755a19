"""XML block by block: each wanted element once the next one has begun, so that a file of any size needs the memory of one.

The parser and the trees that it builds are C (expat, xml.etree's TreeBuilder); Python sees whole elements.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from seqgen.errors import CorpusError
from seqgen.formats.document import Document, encoding_of
from seqgen.formats.xml.nodes import DEEPEST, Node, no_xml, own_entity, too_deep, undeclared

# What expat reads by itself; all else is decoded before.
_OWN = {"utf-8", "utf-16", "utf-16-le", "utf-16-be", "ascii", "iso8859-1"}
_PIECE = 1 << 16
_HEAD = 1 << 10
Above = tuple[tuple[str, Mapping[str, str]], ...]


def streamed(document: Document, wanted: frozenset[str], declared: Callable[[bytes], str | None]) -> Iterator[Node]:
    """The elements of wanted names, none within another. Raises CorpusError naming the line of what is not XML."""
    document.references = True
    stream = _Stream(document, wanted)
    for block in stream.blocks(declared):
        for start in range(0, len(block), _PIECE):
            stream.feed(block[start : start + _PIECE])
            yield from stream.taken()
    stream.feed(b"", final=True)
    yield from stream.taken(all_of_them=True)


class _Stream:
    """A parser, and the part of the tree that was not taken yet, below an element of its own."""

    def __init__(self, document: Document, wanted: frozenset[str]) -> None:
        self.document, self.wanted = document, wanted
        self._builder = TreeBuilder()
        self._root = self._builder.start("", {})
        self._lines: dict[int, int] = {}

    def blocks(self, declared: Callable[[bytes], str | None]) -> Iterator[bytes]:
        """The content for the parser, which is told its encoding."""
        found = self.document.blocks()
        head = b""
        while len(head) < _HEAD and (block := next(found, b"")):
            head += block
        given = self.document.named
        named, mark = encoding_of(head, given or declared(head[:_HEAD]))
        if (given and not mark) or not _is_own(named):
            self._begin("utf-8")
            yield from _decoded(self.document, head[len(mark) :], found, named)
        else:
            self._begin(None)
            yield head
            yield from found

    def _begin(self, encoding: str | None) -> None:
        parser = self._parser = expat.ParserCreate(encoding)
        parser.buffer_text = True
        start, wanted, lines = self._builder.start, self.wanted, self._lines

        def begin(name: str, attributes: dict[str, str]) -> None:
            element = start(name, attributes)
            if name in wanted or (":" in name and name.rpartition(":")[2] in wanted):
                lines[id(element)] = parser.CurrentLineNumber

        parser.StartElementHandler, parser.EndElementHandler = begin, self._builder.end
        parser.CharacterDataHandler, parser.EntityDeclHandler = self._builder.data, self._entity
        parser.SkippedEntityHandler = self._skipped

    def feed(self, piece: bytes, final: bool = False) -> None:
        """Parse a piece. Raises CorpusError for what is not XML."""
        try:
            self._parser.Parse(piece, final)
        except (expat.ExpatError, LookupError, ValueError) as error:
            raise no_xml(self.document, self._parser.CurrentLineNumber, error) from None

    def taken(self, all_of_them: bool = False) -> Iterator[Node]:
        """The elements that have ended, which is sure of those that another one stands behind."""
        above: Above = ()
        parent = self._root
        for _ in range(DEEPEST):
            ready = list(parent) if all_of_them else list(parent)[:-1]
            for element in ready:
                yield from self._wanted(element, above, 0)
            del parent[: len(ready)]
            if not len(parent) or _name(parent[0].tag) in self.wanted:
                return
            above = (*above, (_name(parent[0].tag), parent[0].attrib))
            parent = parent[0]
        raise too_deep(self.document, self._parser.CurrentLineNumber)

    def _wanted(self, element: Element, above: Above, depth: int) -> Iterator[Node]:
        """The wanted elements in one that has ended."""
        name = _name(element.tag)
        if name in self.wanted:
            yield self._node(element, name, above)
            return
        if depth > DEEPEST:
            raise too_deep(self.document, self._parser.CurrentLineNumber)
        for child in element:
            yield from self._wanted(child, (*above, (name, element.attrib)), depth + 1)

    def _node(self, element: Element, name: str, above: Above) -> Node:
        line = self._lines.pop(id(element))
        try:
            node = _converted(element, name, line, len(above))
        except RecursionError:
            raise too_deep(self.document, line) from None
        node.above = above
        return node

    def _skipped(self, name: str, is_parameter: bool) -> None:
        self._builder.data("" if is_parameter else undeclared(name))

    def _entity(self, name: str, *_: Any) -> None:
        raise own_entity(self.document, self._parser.CurrentLineNumber, name)


def _converted(element: Element, name: str, line: int, depth: int) -> Node:
    """An element with all that is in it. Raises RecursionError where that is too deep."""
    if depth > DEEPEST:
        raise RecursionError
    node = Node(name, element.attrib, line, 0)
    add = node.children.append
    if text := element.text:
        add(text)
    for child in element:
        tag = child.tag
        add(_converted(child, tag if ":" not in tag else _name(tag), line, depth + 1))
        if text := child.tail:
            add(text)
    return node


def _name(tag: str) -> str:
    """A name without its prefix."""
    return tag.rpartition(":")[2] if ":" in tag else tag


def _decoded(document: Document, head: bytes, rest: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    """Blocks in UTF-8 of blocks in another encoding."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    try:
        yield decoder.decode(head).encode("utf-8", "surrogatepass")
        for block in rest:
            yield decoder.decode(block).encode("utf-8", "surrogatepass")
        yield decoder.decode(b"", True).encode("utf-8", "surrogatepass")
    except UnicodeDecodeError as error:
        raise CorpusError(f"{document.name}: not {encoding.upper()}, as it says: {error.reason}") from None


def _is_own(encoding: str) -> bool:
    try:
        return codecs.lookup(encoding).name in _OWN
    except LookupError:
        return True  # expat says that it does not know it
