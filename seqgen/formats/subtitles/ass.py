"""ASS and SSA, subtitles with styles: lines "Dialogue: ..." in [Events], whose fields a line "Format: ..." names."""

from __future__ import annotations

import re
from collections.abc import Iterator

from seqgen.formats.document import Document
from seqgen.formats.inline import Marked, Marker, unmarked
from seqgen.formats.subtitles.cues import Cue, balanced, joined, said
from seqgen.formats.units import Edit, Unit

_LINE = re.compile(r"([^\r\n]*+)(?:\r*\n|\r|\Z)")
_TIME = re.compile(r"(\d+):(\d{1,2}):(\d{1,2})[.:](\d{1,3})")
_OVERRIDE = re.compile(r"\{[^{}]*\}")
_DRAWING = re.compile(r"\{[^{}]*\\p[1-9]")
_BREAK = re.compile(r"\\[Nn]")
_FIELDS = ("layer", "start", "end", "style", "name", "marginl", "marginr", "marginv", "effect", "text")


def units(document: Document) -> Iterator[Unit]:
    """The lines of dialogue; drawings are none. Raises CorpusError for a file without lines of dialogue."""
    text = document.raw()
    fields: tuple[str, ...] = _FIELDS
    place, number, found = 0, 0, False
    while place < len(text):
        line = _LINE.match(text, place)
        assert line is not None  # it matches anything
        number, start, place = number + 1, place, line.end()
        kind, _, rest = line[1].partition(":")
        if kind.strip().lower() == "format" and "text" in rest.lower():
            fields = tuple(field.strip().lower() for field in rest.split(","))
        if kind.strip().lower() != "dialogue":
            continue
        values = rest.split(",", len(fields) - 1)
        if len(values) < len(fields) or fields[-1] != "text":
            raise document.error(number, f"expected {len(fields)} fields with commas between, found {len(values)}")
        found = True
        yield _unit(document, number, dict(zip(fields, values, strict=True)), start + len(line[1]) - len(values[-1]))
    if not found:
        raise document.error(1, "no subtitle in it: expected lines that begin with Dialogue:")


def _unit(document: Document, number: int, values: dict[str, str], start: int) -> Unit:
    raw = values["text"]
    lines = _BREAK.split(raw)
    marked = _marked(joined(lines))
    shown, hidden = _ms(values.get("start", "")), _ms(values.get("end", ""))
    slot = Cue(start, start + len(raw), shown, hidden, r"\N", len(lines), document.wanted.line_length)
    name = f"{values.get('start', '').strip()} --> {values.get('end', '').strip()}"
    is_drawing = bool(_DRAWING.search(raw))
    return Unit(number, name, marked.text, state="kept" if is_drawing else "new", why="a drawing" if is_drawing else "",
                marks=marked.marks, slot=slot)  # fmt: skip


def _ms(time: str) -> int:
    found = _TIME.search(time)
    if found is None:
        return 0
    hours, minutes, seconds, fraction = found.groups()
    return (int(hours) * 3600 + int(minutes) * 60 + int(seconds)) * 1000 + int(fraction.ljust(3, "0"))


def _marked(text: str) -> Marked:
    marker, place = Marker(), 0
    for override in _OVERRIDE.finditer(text):
        said(marker, text[place : override.start()], place == 0, _read)
        marker.single(override[0])
        place = override.end()
    said(marker, text[place:], place == 0, _read)
    return marker.done()


def _read(text: str) -> str:
    return text.replace(r"\h", "\u00a0")


def edits(unit: Unit, translation: str, review: bool = True) -> list[Edit]:
    """The translation in the place of the text, in about as many lines."""
    cue: Cue = unit.slot
    if translation == unit.source:
        return []
    lines = [line.strip(" ") for line in balanced(translation, unit.marks, cue)]
    text = cue.line_end.join(unmarked(line, unit.marks, _written) for line in lines)
    return [Edit(cue.start, cue.stop, text)]


def _written(text: str) -> str:
    # Braces would begin an override.
    return text.replace("{", "(").replace("}", ")").replace("\u00a0", r"\h")
