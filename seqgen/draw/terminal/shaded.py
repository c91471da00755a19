"""Text with a number for each piece in a terminal: as a background, or as a digit under the piece's first cell."""

from __future__ import annotations

import math

from seqgen.draw.cells import Line, shown, wrapped
from seqgen.draw.colours import style_of
from seqgen.draw.glyphs import Glyph, shaded_rows
from seqgen.draw.panels import ShadedText


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


def _below(glyph: Glyph) -> str:
    """What is written under a character: the digit of the piece that begins with it, then spaces up to the next one."""
    from rich.cells import cell_len

    digit = "" if not glyph.first else "?" if glyph.share is None else str(round(glyph.share * 9))
    return digit + " " * (cell_len(glyph.text) - len(digit))
