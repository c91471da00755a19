"""A shaded text cut into lines of glyphs, for a terminal and for a picture."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

from seqgen.draw.cells import clusters, fitting, shown
from seqgen.draw.colours import share_of
from seqgen.draw.panels import Cell, ShadedText


class Glyph(NamedTuple):
    """A character as it is shown, how much of the colour it has (None if unknown), and whether a piece begins."""

    text: str
    share: float | None
    first: bool


def shaded_rows(panel: ShadedText, width: int) -> Iterator[list[Glyph]]:
    """Lines of characters of at most `width` cells: broken after each newline, and where a line is full."""
    paragraph: list[Glyph] = []
    for cell in panel.cells:
        for glyph, ends in _glyphs(cell, panel.high):
            paragraph.append(glyph)
            if ends:
                yield from _broken(paragraph, width)
                paragraph = []
    yield from _broken(paragraph, width)


def _glyphs(cell: Cell, high: float) -> Iterator[tuple[Glyph, bool]]:
    """The characters of a piece, and for each whether a line ends after it."""
    share = share_of(cell.value, 0.0, high) if math.isfinite(cell.value) else None
    first = True
    parts = cell.text.replace("\r\n", "\n").split("\n")
    for number, part in enumerate(parts):
        ends = number < len(parts) - 1
        characters = clusters(shown(part)) + ["⏎"] * ends
        for place, character in enumerate(characters):
            yield Glyph(character, share, first), ends and place == len(characters) - 1
            first = False


def _broken(glyphs: list[Glyph], width: int) -> Iterator[list[Glyph]]:
    """A paragraph in lines that fit."""
    while glyphs:
        fit = fitting([glyph.text for glyph in glyphs[: width + 1]], width)
        yield glyphs[:fit]
        glyphs = glyphs[fit:]
