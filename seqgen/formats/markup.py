"""XML as it streams by: small trees of the elements that are wanted, with the places where they stand in the file.

Entities of a file's own are refused (they can be made to fill any memory), external ones never fetched; depth is bounded.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any
from xml.parsers import expat

from seqgen.errors import CorpusError
from seqgen.formats.document import Document, encoding_of

DEEPEST = 200
# What expat reads by itself; all else is decoded before.
_OWN = {"utf-8", "utf-16", "utf-16-le", "utf-16-be", "ascii", "iso8859-1"}
_DECLARED = re.compile(rb"<\?xml[^>]*?\bencoding\s*=\s*[\"']([\w.:-]+)")
_START = re.compile(r"<(?:[^<>\"']|\"[^\"]*\"|'[^']*')*>")
_PIECE = 1 << 16
_HEAD = 1 << 10


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


def declared(head: bytes) -> str | None:
    """The encoding that an XML declaration names. UTF-16 is told by its byte order mark."""
    found = _DECLARED.match(head.lstrip())
    return found[1].decode("ascii") if found else None


def elements(document: Document, wanted: Collection[str]) -> Iterator[Node]:
    """The elements of wanted names, none within another, each as soon as it has ended.

    An exact document is read whole, and its nodes know their places. Raises CorpusError naming the line of what is not XML, or
    not for us.
    """
    reading = _Reading(document, frozenset(wanted))
    for piece in reading.pieces():
        reading.feed(piece)
        yield from reading.taken()
    reading.feed(b"", final=True)
    yield from reading.taken()


class _Reading:
    """A parser and the trees that it is building."""

    def __init__(self, document: Document, wanted: frozenset[str]) -> None:
        self.document, self.wanted = document, wanted
        self._exact = document.exact
        self._text = document.raw(declared) if document.exact else ""
        document.references = True
        self._stack: list[tuple[str, Mapping[str, str]]] = []
        self._open: list[Node] = []
        self._done: list[Node] = []
        self._byte = self._character = 0
        self._data = b""

    def pieces(self) -> Iterator[bytes]:
        """The content for the parser."""
        encoding = None
        if self.document.exact:
            self._data = self._text.encode("utf-8", "surrogatepass")
            encoding, found = "utf-8", iter([self._data[i : i + _PIECE] for i in range(0, len(self._data), _PIECE)])
        else:
            found = self.document.blocks()
            head = b""
            while len(head) < _HEAD and (block := next(found, b"")):
                head += block
            given = self.document.named
            named, mark = encoding_of(head, given or declared(head[:_HEAD]))
            if (given and not mark) or not _is_own(named):
                encoding, found = "utf-8", _decoded(self.document, head[len(mark) :], found, named)
            else:
                found = _chained(head, found)
        self._parser(encoding)
        yield from found

    def _parser(self, encoding: str | None) -> None:
        parser = expat.ParserCreate(encoding)
        parser.buffer_text = True
        parser.StartElementHandler, parser.EndElementHandler = self._begin, self._end
        parser.CharacterDataHandler, parser.EntityDeclHandler = self._said, self._entity
        parser.SkippedEntityHandler = self._skipped
        self._expat = parser

    def feed(self, piece: bytes, final: bool = False) -> None:
        """Parse a piece. Raises CorpusError for what is not XML."""
        try:
            self._expat.Parse(piece, final)
        except expat.ExpatError as error:
            reason = expat.ErrorString(error.code)
            raise self.document.error(error.lineno, f"not XML: {reason}", "was it cut off, or edited by hand?") from None
        except (LookupError, ValueError) as error:
            raise self.document.error(self._expat.CurrentLineNumber, f"not XML: {error}") from None

    def taken(self) -> list[Node]:
        """The elements that have ended since the last time."""
        done, self._done = self._done, []
        return done

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        if ":" in name:
            name = name.rpartition(":")[2]
        if len(self._stack) >= DEEPEST:
            raise self._error(f"elements within elements, more than {DEEPEST} deep")
        if self._open:
            # Where it stands in the file, only edits need to know; its line is that of the element around it.
            node = Node(name, attributes, self._open[-1].line, self._place() if self._exact else 0)
            self._open[-1].children.append(node)
        elif name in self.wanted:
            node = Node(name, attributes, self._expat.CurrentLineNumber, self._place() if self._exact else 0)
            node.above = tuple(self._stack)
        else:
            self._stack.append((name, attributes))
            return
        if self._exact:
            begin = _START.match(self._text, node.start)
            node.inside = node.end = node.stop = begin.end() if begin else node.start
        self._open.append(node)
        self._stack.append((name, attributes))

    def _end(self, name: str) -> None:
        self._stack.pop()
        if not self._open:
            return
        node = self._open.pop()
        if self._exact and self._text[node.inside - 2] != "/":
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
        # Of a DTD that is not read: it stays as it is written.
        self._said("" if is_parameter else f"&{name};")

    def _entity(self, name: str, *_: Any) -> None:
        raise self._error(f"an entity of its own, {name[:40]!r}, which is not read", "replace it by what it stands for")

    def _place(self) -> int:
        """The parser's place in the text: it counts bytes of UTF-8, and never goes back."""
        byte = self._expat.CurrentByteIndex
        self._character += len(self._data[self._byte : byte].decode("utf-8", "surrogatepass"))
        self._byte = byte
        return self._character

    def _error(self, what: str, hint: str | None = None) -> CorpusError:
        return self.document.error(self._expat.CurrentLineNumber, what, hint)


def _is_own(encoding: str) -> bool:
    try:
        return codecs.lookup(encoding).name in _OWN
    except LookupError:
        return True  # expat says that it does not know it


def _chained(head: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield head
    yield from rest


def _decoded(document: Document, head: bytes, rest: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    """Blocks in UTF-8 of blocks in another encoding."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    try:
        for block in _chained(head, rest):
            yield decoder.decode(block).encode("utf-8", "surrogatepass")
        yield decoder.decode(b"", True).encode("utf-8", "surrogatepass")
    except UnicodeDecodeError as error:
        raise CorpusError(f"{document.name}: not {encoding.upper()}, as it says: {error.reason}") from None


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
