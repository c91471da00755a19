"""TMX 1.1 to 1.4b, translation memories: of each unit the segments in two languages.

LISA, TMX 1.4b Specification. Languages are xml:lang, or lang in versions before 1.4; bpt, ept, ph, it, hi and ut are inline.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from seqgen.errors import ConfigError
from seqgen.formats.document import Document
from seqgen.formats.inline import Marked
from seqgen.formats.languages import best, parts
from seqgen.formats.memories.segments import is_preserved, marked, written
from seqgen.formats.units import Edit, Unit
from seqgen.formats.xml.nodes import Node
from seqgen.formats.xml.places import elements, indent_before

_NOTHING = Marked("", {})


class Slot(NamedTuple):
    """Where a translation goes: text[start:stop], between `before` and `after`."""

    start: int
    stop: int
    before: str = ""
    after: str = ""


class Languages:
    """The two languages that are wanted of a memory: those that were named, else the source that its header names, or that its
    first unit begins with, and the only other one that there is in all of it."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.source, self.target = document.wanted.source, document.wanted.target
        self._other: str | None = None
        # Most units have the same languages in the same order.
        self._known: dict[tuple[str, ...], tuple[int | None, int | None]] = {}

    def header(self, node: Node) -> None:
        """Take the source from the header, if it names one."""
        self._known.clear()
        named = node.attributes.get("srclang", "")
        if self.source is None and named and named != "*all*":
            self.source = named

    def of(self, codes: Sequence[str], line: int) -> tuple[int | None, int | None]:
        """Places of the two among a unit's languages. Raises ConfigError where more than two leave it open."""
        key = tuple(codes)
        if key not in self._known:
            self._known[key] = self._of(codes, line)
        return self._known[key]

    def _of(self, codes: Sequence[str], line: int) -> tuple[int | None, int | None]:
        if self.source is None and codes and codes[0]:
            self.source = codes[0]
        source = best(self.source, codes) if self.source else (0 if codes else None)
        if self.target is not None:
            fitting = best(self.target, [code if place != source else "" for place, code in enumerate(codes)])
            return source, fitting
        if source is None:
            return None, None
        others = {parts(code): place for place, code in reversed(list(enumerate(codes))) if parts(code) != parts(codes[source])}
        if len(others) > 1:
            raise self._too_many(dict.fromkeys(codes), line)
        first = next(iter(others.values()), None)
        if first is not None:
            # A memory of en with ko and of en with fr has three languages, though each unit has two.
            self._other = self._other or codes[first]
            if parts(self._other)[0] != parts(codes[first])[0]:
                raise self._too_many((codes[source], self._other, codes[first]), line)
        return source, first

    def _too_many(self, codes: Iterable[str], line: int) -> ConfigError:
        return ConfigError(
            f"{self.document.name}:{line}: languages {', '.join(codes)}: expected two", "name them: --from CODE --to CODE"
        )


def units(document: Document) -> Iterator[Unit]:
    """The units of a memory. One without the source's language, or with it twice, is kept as it is."""
    languages = Languages(document)
    number = 0
    for node in elements(document, ("header", "tu")):
        if node.name == "header":
            languages.header(node)
            continue
        number += 1
        yield _unit(document, node, languages, number)


def _unit(document: Document, node: Node, languages: Languages, number: int) -> Unit:
    tuvs = node.all("tuv")
    codes = [tuv.attributes.get("xml:lang") or tuv.attributes.get("lang") or "" for tuv in tuvs]
    source, target = languages.of(codes, node.line)
    name = node.attributes.get("tuid", "")
    segment = tuvs[source].find("seg") if source is not None else None
    if source is None or segment is None:
        wanted = languages.source or "a source"
        return Unit(node.line, name, "", state="kept", why=f"without {wanted}")
    read = marked(document, segment, is_preserved(segment, node.above))
    if not read.text.strip():
        return Unit(node.line, name, "", state="kept", why=f"without {languages.source or 'a source'}")
    there = tuvs[target].find("seg") if target is not None else None
    found = _NOTHING if there is None else marked(document, there, is_preserved(there, node.above))
    slot = _slot(document, tuvs[source], None if target is None else tuvs[target], there, languages) if document.exact else None
    context = " · ".join(one.text().strip() for one in node.all("note"))
    is_done = bool(found.text.strip())
    why = "" if is_done else f"without {languages.target or 'a translation'}"
    return Unit(
        node.line, name, read.text, found.text, "done" if is_done else "new", why, context, read.marks, found.marks, slot
    )


def _slot(document: Document, source: Node, target: Node | None, segment: Node | None, languages: Languages) -> Slot:
    text = document.before
    if segment is not None and text[segment.inside - 2] != "/":
        return Slot(segment.inside, segment.end)
    if segment is not None:
        return Slot(segment.start, segment.stop, "<seg>", "</seg>")
    if target is not None:
        return Slot(target.end, target.end, "<seg>", "</seg>")
    attribute = "xml:lang" if "xml:lang" in source.attributes else "lang"
    code = languages.target or ""
    before = f'{indent_before(text, source.start)}<tuv {attribute}="{code}"><seg>'
    return Slot(source.stop, source.stop, before, "</seg></tuv>")


def edits(unit: Unit, translation: str, review: bool = True) -> list[Edit]:
    """The translation in its segment, which is made where there is none. A memory has no sign for what is to be reviewed.

    Raises ConfigError where it is not known of which language it would be.
    """
    slot: Slot = unit.slot
    if translation == unit.target:
        return []
    if '=""><seg>' in slot.before:
        raise ConfigError(f"line {unit.where}: a translation into which language?", "name it: --to CODE")
    return [Edit(slot.start, slot.stop, slot.before + written(translation, unit.marks) + slot.after)]
