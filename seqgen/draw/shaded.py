"""Text with a number for each piece in a terminal: as a background, or as a digit under the piece's first cell."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

from seqgen.draw.cells import Line, clusters, fitting, shown, wrapped
from seqgen.draw.colours import share_of, style_of
from seqgen.draw.panels import Cell, ShadedText


class Glyph(NamedTuple):
    """A character as it is shown, how much of the colour it has (None where that is unknown), and whether a piece begins."""

    text: str
    share: float | None
    first: bool


def shaded_lines(panel: ShadedText, width: int, *, colour: bool) -> list[Line]:
    """The text in lines of at most `width` cells, each followed by a line of digits where there is no colour."""
    lines: list[Line] = [[(text, "dim")] for text in wrapped(_legend(panel, colour=colour), width)]
    for row in shaded_rows(panel, width):
        lines.append([(glyph.text, "" if glyph.share is None else style_of(glyph.share)) for glyph in row])
        if not colour:
            lines.append([("".join(_below(glyph) for glyph in row).rstrip(), "")])
    return lines


def _legend(panel: ShadedText, *, colour: bool) -> str:
    """What the colours or digits measure, short enough for one line."""
    unit = f"{shown(panel.unit)}; " if panel.unit else ""
    if colour:
        return f"colour: {unit}dark is 0, light is {panel.high:g} or more"
    unknown = "; ? is none" if any(math.isnan(cell.value) for cell in panel.cells) else ""
    if panel.high == 9:
        return f"digits: {unit}9 is 9 or more{unknown}"
    return f"digits: {unit}0 is 0, 9 is {panel.high:g} or more{unknown}"


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
    """The characters of a piece, each with whether a line ends after it."""
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


def _below(glyph: Glyph) -> str:
    """What stands under a character: the digit of the piece that begins with it, then spaces up to the next one."""
    from rich.cells import cell_len

    digit = "" if not glyph.first else "?" if glyph.share is None else str(round(glyph.share * 9))
    return digit + " " * (cell_len(glyph.text) - len(digit))
