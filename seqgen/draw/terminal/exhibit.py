"""An exhibit in a terminal: its panels one below the other, then what they mean."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from seqgen.draw.cells import Line, wrapped
from seqgen.draw.panels import Chart, Exhibit, Grid, Heat, Panel, ShadedText, Table
from seqgen.draw.terminal.chart import chart_lines
from seqgen.draw.terminal.grid import grid_lines
from seqgen.draw.terminal.heat import heat_lines
from seqgen.draw.terminal.shaded import shaded_lines
from seqgen.draw.terminal.table import table_lines

if TYPE_CHECKING:
    from rich.text import Text


def rendered(exhibit: Exhibit, width: int, colour: bool) -> Text:
    """All panels, each under its title, then the sentences; no line is wider than `width` cells."""
    from rich.text import Text

    text = Text(no_wrap=True, overflow="ignore", end="")
    for number, line in enumerate(_lines(exhibit, max(8, width), colour)):
        text.append("\n" * (number > 0))
        for piece, style in _merged(line):
            text.append(piece, style if colour and style else None)
    return text


def _lines(exhibit: Exhibit, width: int, colour: bool) -> Iterator[Line]:
    """All lines, with an empty one before each panel but the first."""
    yield from ([(text, "bold")] for text in wrapped(exhibit.title, width))
    for panel in exhibit.panels:
        yield []
        if panel.title and panel.title != exhibit.title:
            yield from ([(text, "bold cyan")] for text in wrapped(panel.title, width))
        yield from _panel(panel, width, colour)
    if exhibit.sentences:
        yield []
    for sentence in exhibit.sentences:
        yield from ([(text, "")] for text in wrapped(sentence, width))


def _panel(panel: Panel, width: int, colour: bool) -> list[Line]:
    match panel:
        case Heat():
            return heat_lines(panel, width)
        case Grid():
            return grid_lines(panel, width)
        case Chart():
            return chart_lines(panel, width)
        case ShadedText():
            return shaded_lines(panel, width, colour=colour)
        case Table():
            return table_lines(panel, width)


def _merged(line: Line) -> Iterator[tuple[str, str]]:
    """The line with neighbours of one style joined, which saves escape codes."""
    piece, style = "", ""
    for text, next_style in line:
        if next_style != style and piece:
            yield piece, style
            piece = ""
        piece, style = piece + text, next_style
    if piece:
        yield piece, style
