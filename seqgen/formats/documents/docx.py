"""Word documents (docx): each paragraph is a unit; runs of another form, links, tabs, pictures and notes are marks in it.

ECMA-376, Part 1, section 17: w:p is a paragraph, w:r a run of one form, w:rPr its properties, w:t text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import NamedTuple

from seqgen.formats.document import Document
from seqgen.formats.documents.zips import member, opened
from seqgen.formats.inline import Marker
from seqgen.formats.units import Edit, Unit, text_in

# The members that hold text, in the order of reading.
_MEMBERS = re.compile(r"word/(?:document|footnotes|endnotes|header\d*|footer\d*)\.xml")
_TAG = re.compile(r"<(/?)([A-Za-z][\w:.-]*)[^<>]*?(/?)>")
# What holds for a paragraph rather than for its text, and what editors note between runs and need not.
_PROPERTIES = re.compile(r"\s*<w:pPr\b(?:[^<>]*/>|.*?</w:pPr>)", re.S)
_NOISE = re.compile(r"<w:(?:proofErr|lastRenderedPageBreak|bookmarkStart|bookmarkEnd)\b[^<>]*/>")
_RUN_PROPERTIES = re.compile(r"<w:rPr\b(?:[^<>]*/>|.*?</w:rPr>)", re.S)
_TEXT = re.compile(r"<w:t(?:\s[^<>]*)?>([^<]*)</w:t>|<w:t\s*/>|<w:noBreakHyphen\s*/>|<w:softHyphen\s*/>")
# Of properties, what does not change how a text looks: languages and marks of revisions.
_UNSEEN = re.compile(r"<w:(?:lang|noProof|rsid\w*)\b[^<>]*/>|\s(?:w:rsid\w*)=\"[^\"]*\"")


class Slot(NamedTuple):
    """Where a paragraph's runs stand in a member, text[start:stop], and the properties of its own form. Marks stand for the
    properties that hold from there, "" for its own again, or for elements as they are."""

    start: int
    stop: int
    member: str
    form: str


def text(document: Document) -> str:
    """What the document says, a line for each paragraph."""
    return text_in(document, units(document))


def units(document: Document) -> Iterator[Unit]:
    """The paragraphs, numbered, of the document, its notes, headers and footers. Raises CorpusError for what is no docx."""
    name = document.name
    with opened(document.taken(), name) as archive:
        member(archive, "word/document.xml", name)
        inside = [info.filename for info in archive.infolist() if _MEMBERS.fullmatch(info.filename)]
        number = 0
        for part in sorted(inside, key=lambda part: (part != "word/document.xml", part)):
            xml = member(archive, part, name).decode("utf-8")
            for start, stop in _paragraphs(xml):
                number += 1
                unit = _unit(xml, start, stop, part, number)
                if unit is not None:
                    yield unit


def _paragraphs(xml: str) -> Iterator[tuple[int, int]]:
    """Where the contents of paragraphs begin and end. One within another, as in a text box, is left as it is."""
    depth, begin = 0, 0
    for tag in re.finditer(r"<w:p(?:\s[^<>]*)?(/?)>|</w:p>", xml):
        if tag[0].startswith("</"):
            depth -= 1
            if not depth:
                yield begin, tag.start()
        elif not tag[1]:
            begin = begin if depth else tag.end()
            depth += 1


def _unit(xml: str, start: int, stop: int, part: str, number: int) -> Unit | None:
    """The unit of a paragraph; None for one without words, or with elements that cross."""
    properties = _PROPERTIES.match(xml, start, stop)
    begin = properties.end() if properties else start
    pieces = _pieces(_NOISE.sub("", xml[begin:stop]))
    if not any(any(map(str.isalpha, unescape(said))) for kind, said, _ in pieces if kind == "text"):
        return None
    written = [(said, form) for kind, said, form in pieces if kind == "text"]
    # The form of most of the text is the paragraph's own; only what differs from it is marked.
    form = max({form for _, form in written}, key=lambda one: sum(len(said) for said, other in written if other == one))
    marker, current = Marker(), form
    for kind, said, other in pieces:
        if kind == "text":
            if other != current:
                if current != form:
                    marker.close("", "form")
                if other != form:
                    marker.open(other or "<w:rPr/>", "form")
                current = other
            marker.text(unescape(said))
            continue
        if current != form:
            marker.close("", "form")
            current = form
        if kind == "single":
            marker.single(said)
        else:
            (marker.open if kind == "open" else marker.close)(said, other)
    if current != form:
        marker.close("", "form")
    marked = marker.done()
    return Unit(number, "", marked.text, marks=marked.marks, slot=Slot(begin, stop, part, form))


def _pieces(xml: str) -> list[tuple[str, str, str]]:
    """A paragraph as texts with their form, elements around runs that open and close, and elements that stand alone."""
    found: list[tuple[str, str, str]] = []
    place = 0
    while (tag := _TAG.search(xml, place)) is not None:
        raw, is_end, name = tag[0], tag[1], tag[2]
        if name == "w:r" and not is_end and not tag[3]:
            stop = _end_of(xml, tag.end(), "w:r")
            found += _run(xml[tag.end() : stop], raw)
            place = xml.index(">", stop) + 1
        elif name in ("w:hyperlink", "w:smartTag", "w:ins", "w:fldSimple") and not tag[3]:
            found.append(("close" if is_end else "open", raw, name))
            place = tag.end()
        else:
            # A drawing, a formula, a deletion: whole, as it is.
            stop = tag.end() if is_end or tag[3] else _end_of(xml, tag.end(), name)
            stop = stop if is_end or tag[3] else xml.index(">", stop) + 1
            found.append(("single", xml[tag.start() : stop], ""))
            place = stop
    return found


def _end_of(xml: str, place: int, name: str) -> int:
    """Where the end tag of an element begins, elements of its name within it counted."""
    depth = 1
    for tag in re.finditer(rf"<(/?){re.escape(name)}(?:\s[^<>]*?)?(/?)>", xml[place:]):
        depth += 0 if tag[2] else -1 if tag[1] else 1
        if not depth:
            return place + tag.start()
    return len(xml)


def _run(inside: str, begin: str) -> list[tuple[str, str, str]]:
    """A run as texts with its form, and what else is in it as runs of their own."""
    properties = _RUN_PROPERTIES.match(inside)
    raw = properties[0] if properties else ""
    form = _UNSEEN.sub("", raw)
    form = "" if re.fullmatch(r"<w:rPr\s*/>|<w:rPr>\s*</w:rPr>", form) else form
    found: list[tuple[str, str, str]] = []
    place = properties.end() if properties else 0
    while place < len(inside):
        text = _TEXT.match(inside, place)
        if text:
            said = text[1] or ("\u2011" if "noBreak" in text[0] else "\u00ad" if "soft" in text[0] else "")
            found.append(("text", said, form))
            place = text.end()
            continue
        tag = _TAG.match(inside, place)
        if tag is None:
            place += 1  # white space between elements
            continue
        stop = tag.end() if tag[3] else inside.index(">", _end_of(inside, tag.end(), tag[2])) + 1
        found.append(("single", f"<w:r>{raw}{inside[place:stop]}</w:r>", ""))
        place = stop
    return found


def edits(unit: Unit, translation: str, review: bool = True) -> list[Edit]:
    """The paragraph's runs written anew around the translation; what is no text stays as it is."""
    slot: Slot = unit.slot
    if translation == unit.source:
        return []
    parts = re.split("(" + "|".join(map(re.escape, unit.marks)) + ")", translation) if unit.marks else [translation]
    form, made = slot.form, []
    for place, part in enumerate(parts):
        raw = unit.marks.get(part) if place % 2 else None
        if raw is None:
            made.append(_written(part, form))
        elif raw.startswith("<w:rPr"):
            form = "" if raw == "<w:rPr/>" else raw
        elif raw == "":
            form = slot.form
        else:
            made.append(raw)
    return [Edit(slot.start, slot.stop, "".join(made), slot.member)]


def _written(text: str, form: str) -> str:
    if not text:
        return ""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return f'<w:r>{form}<w:t xml:space="preserve">{text}</w:t></w:r>'
