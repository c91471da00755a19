"""XML as it streams by: small trees of the elements that are wanted, with the places where they stand in the file.

Entities of a file's own are refused (they can be made to fill any memory), external ones never fetched; depth is bounded.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any
from xml.parsers import expat

from seqgen.formats.document import Document
from seqgen.formats.xml.nodes import DEEPEST, Node, no_xml, own_entity, too_deep, undeclared
from seqgen.formats.xml.streaming import streamed

_DECLARED = re.compile(rb"<\?xml[^>]*?\bencoding\s*=\s*[\"']([\w.:-]+)")
_START = re.compile(r"<(?:[^<>\"']|\"[^\"]*\"|'[^']*')*>")
_PIECE = 1 << 16


def declared(head: bytes) -> str | None:
    """The encoding that an XML declaration names. UTF-16 is told by its byte order mark."""
    found = _DECLARED.match(head.lstrip())
    return found[1].decode("ascii") if found else None


def elements(document: Document, wanted: Collection[str]) -> Iterator[Node]:
    """The elements of wanted names, none within another, each as soon as it has ended.

    An exact document is read whole, and its nodes know their places. Raises CorpusError naming the line of what is not XML, or
    not for us.
    """
    if not document.exact:
        yield from streamed(document, frozenset(wanted), declared)
        return
    reading = _Reading(document, frozenset(wanted))
    for piece in reading.pieces():
        reading.feed(piece)
        yield from reading.taken()
    reading.feed(b"", final=True)
    yield from reading.taken()


class _Reading:
    """A parser of a document whose nodes are to know their places, and the trees that it is building."""

    def __init__(self, document: Document, wanted: frozenset[str]) -> None:
        self.document, self.wanted = document, wanted
        self._text = document.raw(declared)
        document.references = True
        self._stack: list[tuple[str, Mapping[str, str]]] = []
        self._open: list[Node] = []
        self._done: list[Node] = []
        self._byte = self._character = 0
        self._data = b""

    def pieces(self) -> Iterator[bytes]:
        """The content for the parser."""
        self._data = self._text.encode("utf-8", "surrogatepass")
        parser = self._expat = expat.ParserCreate("utf-8")
        parser.buffer_text = True
        parser.StartElementHandler, parser.EndElementHandler = self._begin, self._end
        parser.CharacterDataHandler, parser.EntityDeclHandler = self._said, self._entity
        parser.SkippedEntityHandler = self._skipped
        for start in range(0, len(self._data), _PIECE):
            yield self._data[start : start + _PIECE]

    def feed(self, piece: bytes, final: bool = False) -> None:
        """Parse a piece. Raises CorpusError for what is not XML."""
        try:
            self._expat.Parse(piece, final)
        except (expat.ExpatError, LookupError, ValueError) as error:
            raise no_xml(self.document, self._expat.CurrentLineNumber, error) from None

    def taken(self) -> list[Node]:
        """The elements that have ended since the last time."""
        done, self._done = self._done, []
        return done

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        if ":" in name:
            name = name.rpartition(":")[2]
        if len(self._stack) >= DEEPEST:
            raise too_deep(self.document, self._expat.CurrentLineNumber)
        if self._open:
            node = Node(name, attributes, self._open[-1].line, self._place())
            self._open[-1].children.append(node)
        elif name in self.wanted:
            node = Node(name, attributes, self._expat.CurrentLineNumber, self._place())
            node.above = tuple(self._stack)
        else:
            self._stack.append((name, attributes))
            return
        begin = _START.match(self._text, node.start)
        node.inside = node.end = node.stop = begin.end() if begin else node.start
        self._open.append(node)
        self._stack.append((name, attributes))

    def _end(self, name: str) -> None:
        self._stack.pop()
        if not self._open:
            return
        node = self._open.pop()
        if self._text[node.inside - 2] != "/":
            node.end = self._place()
            node.stop = self._text.index(">", node.end) + 1
        if not self._open:
            self._done.append(node)

    def _said(self, text: str) -> None:
        if not self._open:
            return
        children = self._open[-1].children
        if children and isinstance(children[-1], str):
            children[-1] += text  # the parser tells one text in pieces
        else:
            children.append(text)

    def _skipped(self, name: str, is_parameter: bool) -> None:
        self._said("" if is_parameter else undeclared(name))

    def _entity(self, name: str, *_: Any) -> None:
        raise own_entity(self.document, self._expat.CurrentLineNumber, name)

    def _place(self) -> int:
        """The parser's place in the text: it counts bytes of UTF-8, and never goes back."""
        byte = self._expat.CurrentByteIndex
        self._character += len(self._data[self._byte : byte].decode("utf-8", "surrogatepass"))
        self._byte = byte
        return self._character


def escaped(text: str) -> str:
    """A text as XML has it between tags."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")
    # No XML can hold these.
    return re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]", "\ufffd", text)


def with_attribute(tag: str, name: str, value: str) -> str:
    """A start tag with an attribute set, all else in it as it was."""
    found = re.search(rf"(\s{re.escape(name)}\s*=\s*)(\"[^\"]*\"|'[^']*')", tag)
    if found:
        return f'{tag[: found.start(2)]}"{value}"{tag[found.end(2) :]}'
    end = len(tag) - (2 if tag.endswith("/>") else 1)
    return f'{tag[:end].rstrip()} {name}="{value}"{tag[end:]}'


def indent_before(text: str, place: int) -> str:
    """The line end and the white space before a place, where nothing else stands before it in its line."""
    found = re.search(r"(?:\r?\n|\r)[ \t]*\Z", text[max(0, place - 200) : place])
    return found[0] if found else ""
