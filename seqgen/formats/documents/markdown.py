"""Markdown: paragraphs, headings, items and cells are units; code, links' addresses and front matter stay as they are.

What is a block and what is inline: CommonMark 0.31, with tables as GitHub has them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from seqgen.formats.document import Document
from seqgen.formats.inline import Marked, Marker, unmarked
from seqgen.formats.units import Edit, Unit, text_in

_LINE = re.compile(r"([^\r\n]*+)(\r?\n|\r|\Z)")
_FENCE = re.compile(r"[ >]*+(?:[-*+] |\d+[.)] )*[ ]{0,3}(`{3,}|~{3,})")
# What stands before the text of a line: quotes, items, a task's box, a heading's signs.
_PREFIX = re.compile(r"(?:[ \t]*+>)*+[ \t]*+(?:(?:[-*+]|\d{1,9}[.)])[ \t]++)*+(?:\[[ xX]\][ \t]++)?(?:#{1,6}[ \t]++)?")
_STARTS = re.compile(r"(?:[-*+]|\d{1,9}[.)])[ \t]|#{1,6}[ \t]|>")
_RULE = re.compile(r"[ \t>]*+(?:(?:[-*_=][ \t]*+){3,}|[-=]++[ \t]*+)")
_TABLE_RULE = re.compile(r"[ \t>]*+\|?(?:[ \t]*+:?-+:?[ \t]*+\|)+(?:[ \t]*+:?-+:?[ \t]*+)?")
_DEFINITION = re.compile(r"[ \t]{0,3}\[[^\]]+\]:[ \t]*\S")
_HTML = re.compile(r"[ \t]*+(?:<!--.*?-->|</?[A-Za-z][^<>]*>|[ \t])++")
_FRONT = re.compile(r"\A(?:---|\+\+\+)[ \t]*\r?\n.*?\n(?:---|\.\.\.|\+\+\+)[ \t]*(?:\r?\n|\Z)", re.S)
_INLINE = re.compile(
    r"(?P<code>(?<!`)(`+)(?!`).+?(?<!`)\2(?!`))"
    r"|(?P<escape>\\[!-/:-@\[-`{-~])"
    r"|(?P<auto><(?:[A-Za-z][\w+.-]*:[^<>\s]*|[\w.+-]+@[\w.-]+)>|</?[A-Za-z][^<>]*>|<!--.*?-->)"
    r"|(?P<open>!?\[(?=[^\]]*\](?:\([^()\s]*(?:\s+(?:\"[^\"]*\"|'[^']*'))?\)|\[[^\]]*\])))"
    r"|(?P<close>\](?:\([^()\s]*(?:\s+(?:\"[^\"]*\"|'[^']*'))?\)|\[[^\]]*\]))"
    r"|(?P<emphasis>\*{1,3}|~~|(?<![^\W_])_{1,3}(?=\S)|(?<=\S)_{1,3}(?![^\W_]))",
    re.S,
)


class Slot(NamedTuple):
    """Where a unit's text stands: text[start:stop]; `in_cell`: a | would end it."""

    start: int
    stop: int
    in_cell: bool


def text(document: Document) -> str:
    """What the document says, a line for each block; with its markup where that is wanted, or the file is of an older run."""
    if document.wanted.markup or document.way.all_files:
        return document.text()
    return text_in(document, units(document))


def units(document: Document) -> Iterator[Unit]:
    """The texts of blocks. The lines of a paragraph are one text."""
    page = document.raw()
    found = _FRONT.match(page)
    place = found.end() if found else 0
    number = page.count("\n", 0, place)
    fence = ""
    block: list[tuple[int, int, int]] = []
    while place < len(page):
        line = _LINE.match(page, place)
        assert line is not None  # it matches anything
        number, start, place = number + 1, place, line.end()
        opens = _FENCE.match(line[1])
        if fence:
            if opens and opens[1].startswith(fence) and not line[1][opens.end() :].strip():
                fence = ""
            continue
        if opens:
            yield from _paragraph(page, block)
            fence, block = opens[1], []
            continue
        prefix = _PREFIX.match(line[1])
        body = start + (prefix.end() if prefix else 0)
        stop = line.end(1)
        if _is_kept(line[1], page[body:stop], bool(block)):
            yield from _paragraph(page, block)
            block = []
        elif _is_row(page, line, place):
            yield from _paragraph(page, block)
            block = []
            yield from _cells(page, number, body, stop)
        elif block and not _begins(line[1]):
            block.append((number, body, stop))
        else:
            yield from _paragraph(page, block)
            block = [(number, body, stop)]
        # A heading is a line; two spaces or a backslash end one.
        if block and (page.startswith("#", start + len(line[1]) - len(line[1].lstrip())) or line[1].endswith(("  ", "\\"))):
            yield from _paragraph(page, block)
            block = []
    yield from _paragraph(page, block)


def _begins(line: str) -> bool:
    """Whether a line begins a block of its own."""
    return bool(_STARTS.match(line.lstrip()))


def _is_kept(line: str, body: str, inside: bool) -> bool:
    """Whether a line says nothing: empty, code by indentation, a rule, the address of a link, markup alone."""
    if not body.strip() or _RULE.fullmatch(line) or _TABLE_RULE.fullmatch(line) or _DEFINITION.match(line):
        return True
    is_code = not inside and re.match(r"(?: {4}|\t)(?![-*+>]|\d+[.)])", line) is not None
    return is_code or bool(_HTML.fullmatch(line))


def _is_row(page: str, line: re.Match[str], place: int) -> bool:
    """Whether a line is a row of a table: between bars."""
    bare = line[1].strip()
    if not bare.count("|") or bare.startswith("[") and bare.endswith("]"):
        return False
    following = _LINE.match(page, place)
    return bare.startswith("|") or bool(following and _TABLE_RULE.fullmatch(following[1]))


def _cells(page: str, number: int, start: int, stop: int) -> Iterator[Unit]:
    for cell in re.finditer(r"(?:\\.|`[^`]*`|[^|\\])+", page[start:stop]):
        yield from _unit(page, number, start + cell.start(), start + cell.end(), True)


def _paragraph(page: str, block: list[tuple[int, int, int]]) -> Iterator[Unit]:
    """The unit of a block of lines. Where the lines have something before them, as quotes do, each is a unit of its own."""
    if not block:
        return
    contiguous = all(not page[a[2] : b[1]].strip() for a, b in zip(block, block[1:], strict=False))
    if contiguous:
        yield from _unit(page, block[0][0], block[0][1], block[-1][2], False)
        return
    for number, start, stop in block:
        yield from _unit(page, number, start, stop, False)


def _unit(page: str, number: int, start: int, stop: int, in_cell: bool) -> Iterator[Unit]:
    raw = page[start:stop]
    start += len(raw) - len(raw.lstrip())
    bare = re.sub(r"[ \t]+#+[ \t]*$|[ \t\r\n\\]+$", "", raw.lstrip())
    marked = _marked(re.sub(r"\s*\r?\n[ \t]*", " ", bare))
    if any(map(str.isalpha, unmarked(marked.text, dict.fromkeys(marked.marks, "")))):
        yield Unit(number, "", marked.text, marks=marked.marks, slot=Slot(start, start + len(bare), in_cell))


def _marked(line: str) -> Marked:
    marker, place = Marker(), 0
    opened: list[str] = []
    for found in _INLINE.finditer(line):
        marker.text(line[place : found.start()])
        raw, kind = found[0], found.lastgroup
        if kind == "open":
            marker.open(raw, "link")
        elif kind == "close":
            marker.close(raw, "link")
        elif kind == "emphasis" and raw in opened:
            opened.remove(raw)
            marker.close(raw, raw)
        elif kind == "emphasis" and line.find(raw, found.end()) > 0 and line[found.end() : found.end() + 1].strip():
            opened.append(raw)
            marker.open(raw, raw)
        elif kind == "escape":
            marker.text(raw[1:])
        elif kind == "emphasis":
            marker.text(raw)
        else:
            marker.single(raw)
        place = found.end()
    marker.text(line[place:])
    return marker.done()


def edits(unit: Unit, translation: str, review: bool = True) -> list[Edit]:
    """The translation in the place of the text, in one line."""
    slot: Slot = unit.slot
    if translation == unit.source:
        return []
    made = unmarked(translation, unit.marks, lambda text: _escaped(text, slot.in_cell))
    # What would begin a heading, an item or a quote.
    if not slot.in_cell and (begins := _STARTS.match(made)):
        place = begins.end() - 2 if made[0].isdigit() else 0
        made = made[:place] + "\\" + made[place:]
    return [Edit(slot.start, slot.stop, made)]


def _escaped(text: str, in_cell: bool) -> str:
    """A text as Markdown has it: signs that would mean something are escaped, underscores only at the edges of words."""
    text = re.sub(r"[\\`*\[\]<|]" if in_cell else r"[\\`*\[\]<]", r"\\\g<0>", text)
    return re.sub(r"(?<![^\W_])_|_(?![^\W_])", r"\\_", text)
