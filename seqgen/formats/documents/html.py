"""HTML: what stands between block elements is a unit, with its inline elements as marks; so is what attributes say to people.

Which elements are inline, and what is no text: WHATWG, HTML, sections 4.5 (text-level semantics) and 15.3 (rendering).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import unescape
from typing import NamedTuple

from seqgen.formats.document import Document
from seqgen.formats.documents.attributes import Slot as AttributeSlot
from seqgen.formats.documents.attributes import attributes, with_attributes
from seqgen.formats.inline import Marker, parted
from seqgen.formats.units import Edit, Unit, text_in

INLINE = frozenset(
    "a abbr acronym b bdi bdo big cite data del dfn em font i img ins kbd label mark q rp rt ruby s samp small span strike"
    " strong sub sup time tt u var wbr input button code".split()
)
# What is within these is no text of a language, or not to be changed.
KEPT = ("script", "style", "pre", "textarea", "svg", "math", "template", "noscript")
_SINGLE = frozenset("br img wbr input".split())
_TOKEN = re.compile(
    r"<!--.*?(?:-->|\Z)|<!\[CDATA\[.*?(?:\]\]>|\Z)|<\?[^>]*+>|<![^>]*+>"
    r"|</?([A-Za-z][\w:-]*)(?:\"[^\"]*\"|'[^']*'|[^'\">])*+>",
    re.S,
)
_ATTRIBUTE = re.compile(r"""\btranslate\s*=\s*["']?no\b""", re.I)
_CHARSET = re.compile(rb"""<meta[^>]*?charset\s*=\s*["']?\s*([\w-]+)""", re.I)
_XML = re.compile(rb"""<\?xml[^>]*?encoding\s*=\s*["']([\w-]+)""")


class Token(NamedTuple):
    """A piece of the page: `name` of a tag, in lower case, with / before that of an end; "" for text, "!" for anything else."""

    name: str
    start: int
    stop: int


def declared(head: bytes) -> str | None:
    """The encoding that a page names."""
    found = _XML.match(head.lstrip()) or _CHARSET.search(head)
    return found[1].decode("ascii") if found else None


def text(document: Document) -> str:
    """What the page says, a line for each block; with its markup where that is wanted."""
    if document.wanted.markup:
        return document.text()
    return text_in(document, units_of(document.raw(declared)))


def units(document: Document) -> Iterator[Unit]:
    """The texts between block elements, and those of attributes such as alt and title, which are called by these."""
    document.references = True
    yield from units_of(document.raw(declared), also_attributes=True)


def units_of(page: str, member: str = "", also_attributes: bool = False) -> Iterator[Unit]:
    """Those of a page, which may be a member of an archive."""
    place, line = 0, 1
    for tokens in _blocks(page):
        found = [unit] if (unit := _unit(page, tokens, member)) is not None else []
        if also_attributes:
            found += [unit for token in tokens if token.name for unit in attributes(page, token.name, token.start, token.stop)]
            found.sort(key=lambda unit: unit.slot.start)
        for unit in found:
            line += page.count("\n", place, unit.slot.start)
            place = unit.slot.start
            yield unit._replace(where=line)


def _blocks(page: str) -> Iterator[list[Token]]:
    """The tokens between tags of blocks, inline tags among them; and each start tag of a block by itself."""
    block: list[Token] = []
    tokens = _tokens(page)
    for token in tokens:
        name = token.name.lstrip("/")
        if token.name == "" or name in INLINE:
            kept = name == "code" or _ATTRIBUTE.search(page, token.start, token.stop)
            if kept and token.name == name:
                token = _whole(page, token, tokens)
            block.append(token)
            continue
        if token.name == "!":
            block.append(token)
            continue
        yield block
        block = []
        is_kept = token.name == name and _ATTRIBUTE.search(page, token.start, token.stop)
        if token.name == name and not is_kept:
            yield [token]
        if token.name in KEPT or is_kept:
            _whole(page, token, tokens)
    yield block


def _whole(page: str, begin: Token, tokens: Iterator[Token]) -> Token:
    """An element with all that is in it, as one token that stands for itself; up to the page's end where it has no end."""
    if page[begin.stop - 2] == "/" or begin.name in _SINGLE:
        return Token("!", begin.start, begin.stop)
    depth, stop = 1, begin.stop
    for token in tokens:
        stop = token.stop
        depth += (token.name == begin.name) - (token.name == "/" + begin.name)
        if not depth:
            break
    return Token("!", begin.start, stop)


def _tokens(page: str) -> Iterator[Token]:
    place = 0
    while (found := _TOKEN.search(page, place)) is not None:
        if found.start() > place:
            yield Token("", place, found.start())
        name = (found[1] or "!").lower()
        yield Token(("/" if page.startswith("</", found.start()) else "") + name, found.start(), found.end())
        place = found.end()
        if name in ("script", "style", "textarea") and not page.startswith("</", found.start()):
            end = re.compile(f"</{name}", re.I).search(page, place)
            stop = end.start() if end else len(page)
            if stop > place:
                yield Token("!", place, stop)
            place = stop
    if place < len(page):
        yield Token("", place, len(page))


class Slot(NamedTuple):
    """Where a unit stands: text[start:stop], of a member of an archive; and where each of its marks does."""

    start: int
    stop: int
    member: str
    marks: tuple[tuple[int, int], ...] = ()


def _unit(page: str, tokens: Sequence[Token], member: str) -> Unit | None:
    """The unit of a block; None where it says nothing. White space around it stays where it is."""
    words = [place for place, token in enumerate(tokens) if not token.name and page[token.start : token.stop].strip()]
    if not words or not any(c.isalpha() for w in words for c in unescape(page[tokens[w].start : tokens[w].stop])):
        return None
    first, last = _with_partners(tokens, words[0], words[-1])
    inside = tokens[first : last + 1]
    start, stop = inside[0].start, inside[-1].stop
    if not inside[0].name:
        start += len(page[start : inside[0].stop]) - len(page[start : inside[0].stop].lstrip())
    if not inside[-1].name:
        stop -= len(page[inside[-1].start : stop]) - len(page[inside[-1].start : stop].rstrip())
    marker, space = Marker(), False
    for token in inside:
        raw = page[max(token.start, start) : min(token.stop, stop)]
        if not token.name:
            said = re.sub(r"[ \t\r\n\f]+", " ", raw)
            # White space on both sides of a tag is one space.
            marker.text(unescape(said[1:] if space and said.startswith(" ") else said))
            space = said.endswith(" ")
        elif token.name == "!" or token.name in _SINGLE:
            marker.single(raw)
            # A picture stands between two spaces, a comment does not.
            space = space and raw.startswith("<!")
        elif token.name.startswith("/"):
            marker.close(raw, token.name[1:])
        else:
            marker.open(raw, token.name)
    marked = marker.done()
    places = tuple((token.start, token.stop) for token in inside if token.name)
    return Unit(0, "", marked.text, marks=marked.marks, slot=Slot(start, stop, member, places))


def _with_partners(tokens: Sequence[Token], first: int, last: int) -> tuple[int, int]:
    """From the first words to the last, with tags around them that belong together with tags between them."""
    opened = [token.name for token in tokens[first : last + 1] if token.name and token.name[0] not in "!/"]
    closed = [token.name[1:] for token in tokens[first : last + 1] if token.name.startswith("/")]
    while first and tokens[first - 1].name and closed.count(tokens[first - 1].name) > opened.count(tokens[first - 1].name):
        first -= 1
        opened.append(tokens[first].name)
    while last + 1 < len(tokens) and tokens[last + 1].name.startswith("/") and (name := tokens[last + 1].name[1:]) in opened:
        if opened.count(name) <= closed.count(name):
            break
        last += 1
        closed.append(name)
    return first, last


def edits(unit: Unit, translation: str, review: bool = True) -> list[Edit]:
    """The translation in the place of the text. A page has no sign for what is to be reviewed."""
    slot: Slot | AttributeSlot = unit.slot
    if translation == unit.source:
        return []
    if isinstance(slot, AttributeSlot):
        return with_attributes(slot, translation)
    places = dict(zip(unit.marks, slot.marks, strict=True))
    new, carried = "", []
    for part, is_mark in parted(translation, unit.marks):
        if is_mark:
            carried.append((len(new), *places[part]))
        new += unit.marks[part] if is_mark else escaped(part)
    return [Edit(slot.start, slot.stop, new, slot.member, carried=tuple(carried))]


def escaped(text: str) -> str:
    """A text as a page has it."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\u00a0", "&nbsp;")
