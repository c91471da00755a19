"""SRT (SubRip) and WebVTT: cues of a number or name, times, and lines of text, with a blank line behind each.

WebVTT: W3C, WebVTT: The Web Video Text Tracks Format. SRT has no standard; what players take is read, tags and {\\an8} too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

from seqgen.formats.document import Document
from seqgen.formats.inline import Marked, Marker, unmarked
from seqgen.formats.subtitles.cues import Cue, balanced, joined, said
from seqgen.formats.units import Edit, Unit

_END = r"(?:\r*\n|\r)"
_TIME = r"(?:(\d+):)?(\d{1,2}):(\d{1,2})[,.](\d{1,3})"
_TIMES = re.compile(rf"[^\S\r\n]*+{_TIME}[^\S\r\n]*+-->[^\S\r\n]*+{_TIME}[^\r\n]*+")
_LINE = re.compile(r"([^\r\n]*+)(\r*\n|\r|\Z)")
# Tags of both; an override of ASS, which many SRT files have; a time within a WebVTT cue.
_TAG = re.compile(r"<(/?)([A-Za-z][\w-]*)[^<>\r\n]*>|<\d[\d:.]*>|\{\\[^{}\r\n]*\}")


def units(document: Document) -> Iterator[Unit]:
    """The cues. Raises CorpusError for a file without one."""
    is_vtt = document.name.lower().removesuffix(".gz").endswith(".vtt") or document.head.startswith("WEBVTT")
    text = document.raw()
    found = False
    place, number = 0, 0
    while place < len(text):
        line = _LINE.match(text, place)
        assert line is not None  # it matches anything
        number += 1
        place = line.end()
        times = _TIMES.fullmatch(line[1])
        if times is None:
            continue
        found = True
        unit, place, lines = _cue(document, text, place, number, times, is_vtt)
        number += lines
        yield unit
    if not found:
        raise document.error(1, "no subtitle in it: expected lines such as 00:01:02,000 --> 00:01:04,000")


def _cue(document: Document, text: str, place: int, number: int, times: re.Match[str], is_vtt: bool) -> tuple[Unit, int, int]:
    """The cue behind a line of times, where the text goes on, and how many lines it took."""
    start = stop = place
    lines: list[str] = []
    line_end = "\n"
    while place < len(text):
        line = _LINE.match(text, place)
        assert line is not None  # it matches anything
        if not line[1].strip() or _TIMES.fullmatch(line[1]):
            break
        lines.append(line[1])
        line_end = line[2] or line_end
        stop, place = line.end(1), line.end()
    # A file without blank lines: what stands before the next times is their number.
    following = _LINE.match(text, place)
    if lines and following and _TIMES.fullmatch(following[1]) and lines[-1].strip().isdigit():
        place -= len(lines[-1]) + len(line_end)
        lines.pop()
        stop = max(start, place - len(line_end))
    slot = Cue(start, stop, _ms(times, 1), _ms(times, 5), line_end, max(1, len(lines)), document.wanted.line_length, is_vtt)
    marked = _marked(joined(lines), is_vtt)
    unit = Unit(number, times[0].strip(), marked.text, marks=marked.marks, slot=slot)
    return unit, place, len(lines)


def _ms(times: re.Match[str], group: int) -> int:
    hours, minutes, seconds, fraction = (times[group + i] or "0" for i in range(4))
    return (int(hours) * 3600 + int(minutes) * 60 + int(seconds)) * 1000 + int(fraction.ljust(3, "0"))


def _marked(text: str, is_vtt: bool) -> Marked:
    marker, place = Marker(), 0
    for tag in _TAG.finditer(text):
        if is_vtt and tag[0].startswith("{"):
            continue
        said(marker, text[place : tag.start()], place == 0, lambda text: _read(text, is_vtt))
        if tag[2] and tag[1]:
            marker.close(tag[0], tag[2])
        elif tag[2]:
            marker.open(tag[0], tag[2])
        else:
            marker.single(tag[0])
        place = tag.end()
    said(marker, text[place:], place == 0, lambda text: _read(text, is_vtt))
    return marker.done()


def _read(text: str, is_vtt: bool) -> str:
    return unescape(text) if is_vtt else text


def _written(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _arrowless(text: str) -> str:
    return text.replace("-->", "→")


def edits(unit: Unit, translation: str, review: bool = True) -> list[Edit]:
    """The translation in the place of the text, in about as many lines. Subtitles have no sign for what is to be reviewed."""
    cue: Cue = unit.slot
    if translation == unit.source:
        return []
    # A blank line would end the cue, and so would an arrow.
    lines = [line.strip() for line in balanced(translation, unit.marks, cue) if line.strip()]
    text = cue.line_end.join(unmarked(line, unit.marks, _written if cue.entities else _arrowless) for line in lines)
    return [Edit(cue.start, cue.stop, text)]
