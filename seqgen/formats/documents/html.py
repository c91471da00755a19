"""HTML: what stands between block elements is a unit, with its inline elements as marks.

Which elements are inline, and what is no text: WHATWG, HTML, sections 4.5 (text-level semantics) and 15.3 (rendering).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import unescape
from typing import NamedTuple

from seqgen.formats.document import Document
from seqgen.formats.inline import Marker, unmarked
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
# Attributes that are shown or read aloud; of meta, what it is about that is shown where the page is not.
_SPOKEN = ("alt", "title", "placeholder", "aria-label")
_ABOUT = frozenset({"description", "og:title", "og:description", "twitter:title", "twitter:description"})
_NAMED = re.compile(r"""[\s/]+([^\s"'<>/=]+)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+))?""")
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
    """The texts between block elements, and those of attributes that are read aloud or shown."""
    document.references = True
    page = document.raw(declared)
    found = list(units_of(page))
    spoken = attributes_of(page, [(unit.slot.start, unit.slot.stop) for unit in found])
    yield from sorted([*found, *spoken], key=lambda unit: unit.slot.start)


def units_of(page: str, member: str = "") -> Iterator[Unit]:
    """Those of a page, which may be a member of an archive."""
    place, line = 0, 1
    for tokens in _blocks(page):
        unit = _unit(page, tokens, member)
        if unit is not None:
            line += page.count("\n", place, unit.slot.start)
            place = unit.slot.start
            yield unit._replace(where=line)


def _blocks(page: str) -> Iterator[list[Token]]:
    """The tokens between tags of blocks, inline tags among them."""
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
        if token.name in KEPT or (token.name == name and _ATTRIBUTE.search(page, token.start, token.stop)):
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
    """Where a unit stands: text[start:stop], of a member of an archive; of an attribute's value, the `quote` around it."""

    start: int
    stop: int
    member: str
    quote: str = ""


def attributes_of(page: str, texts: Sequence[tuple[int, int]]) -> Iterator[Unit]:
    """Values of attributes that people read or hear, outside the places of texts: within these a tag is a mark, as a whole."""
    tokens, inside = _tokens(page), iter([*texts, (len(page), len(page))])
    start, stop = next(inside)
    line = place = 0
    for token in tokens:
        while token.start >= stop and stop < len(page):
            start, stop = next(inside)
        if not token.name or token.name[0] in "/!" or start <= token.start < stop:
            continue
        if token.name in KEPT or _ATTRIBUTE.search(page, token.start, token.stop):
            _whole(page, token, tokens)
            continue
        for name, value, first, last in _read_aloud(page, token):
            line, place = line + page.count("\n", place, first), first
            quote = page[first] if page[first] in "\"'" else ""
            yield Unit(line + 1, name, value, slot=Slot(first, last, "", quote or '"'))


def _read_aloud(page: str, token: Token) -> Iterator[tuple[str, str, int, int]]:
    """Name, value and place, with its quotes, of each such attribute of a tag that has words in it."""
    found = {one[1].lower(): one for one in _NAMED.finditer(page, token.start + len(token.name) + 1, token.stop) if one[2]}
    is_about = any(found[name][2].strip("\"'").lower() in _ABOUT for name in ("name", "property") if name in found)
    names = ("content",) if token.name == "meta" and is_about else _SPOKEN
    for name in names if token.name != "meta" or is_about else ():
        one = found.get(name)
        value = unescape(one[2].strip("\"'") if one and one[2][0] in "\"'" else one[2]) if one else ""
        if one and any(map(str.isalpha, value)):
            yield name, value, one.start(2), one.end(2)


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
    return Unit(0, "", marked.text, marks=marked.marks, slot=Slot(start, stop, member))


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
    slot: Slot = unit.slot
    if translation == unit.source:
        return []
    if slot.quote:
        quoted = {'"': "&quot;", "'": "&#39;"}[slot.quote]
        made = escaped(translation).replace(slot.quote, quoted).replace("\n", "&#10;")
        return [Edit(slot.start, slot.stop, f"{slot.quote}{made}{slot.quote}", slot.member)]
    return [Edit(slot.start, slot.stop, unmarked(translation, unit.marks, escaped), slot.member)]


def escaped(text: str) -> str:
    """A text as a page has it."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\u00a0", "&nbsp;")
