"""Grids of small maps as SVG inside a page: cells without numbers, which each say what they are under the pointer."""

from __future__ import annotations

import html
import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from seqgen.draw.cells import label, shortened, shown
from seqgen.draw.colours import colour_of, share_of, written
from seqgen.draw.figures import in_words
from seqgen.draw.page.svg import escaped, svg
from seqgen.draw.panels import Grid
from seqgen.draw.tiles import fitted

# Pixels: the maps together at most, a cell at most and at least, between two maps, a character; characters of a name.
_WIDTH, _MOST, _LEAST, _GAP, _LETTER, _LABEL = 760, 14, 3, 8, 7, 22


def grid_svg(grid: Grid) -> str:
    """All maps [M, N, R, C] as one picture; those of very many cells are made smaller."""
    from rich.cells import cell_len

    across = max(1, grid.values.shape[1])
    values, factor = fitted(grid.values, max(1, (_WIDTH // across - _GAP) // _LEAST))
    many, _, rows, columns = values.shape
    cell = max(_LEAST, min(_MOST, (_WIDTH // across - _GAP) // max(1, columns)))
    names = [shortened(label(text), _LABEL) for text in grid.rows]
    left, top = 8 + _LETTER * max((cell_len(name) for name in names), default=0) + 6, 22
    wide, high = columns * cell + _GAP, rows * cell + _GAP
    parts = []
    for column, text in enumerate(grid.columns):
        middle = left + column * wide + columns * cell // 2
        parts.append(f'<text text-anchor="middle" x="{middle}" y="{top - 7}">{escaped(text)}</text>')
    for row, name in enumerate(names):
        y = top + row * high
        parts.append(f'<text text-anchor="end" x="{left - 6}" y="{y + rows * cell // 2 + 4}">{html.escape(name)}</text>')
        for column in range(len(grid.columns)):
            x = left + column * wide
            parts.append(f'<rect class="frame" x="{x}" y="{y}" width="{columns * cell}" height="{rows * cell}"/>')
            parts += _cells(grid, values[row, column], x, y, cell)
    most = f"; each cell is the largest of {factor} x {factor}" if factor > 1 else ""
    says = f"in each map, across: {shown(grid.x)}; down: {shown(grid.y)}{most}"
    down = top + many * high
    parts.append(f'<text class="axis" x="{left}" y="{down + 12}">{html.escape(says)}</text>')
    width = left + max(len(grid.columns) * wide, _LETTER * cell_len(says)) + 8
    return svg(width, down + 20, grid.title, parts, least=width * 3 // 4)


def _cells(grid: Grid, values: NDArray[np.floating], left: int, top: int, size: int) -> Iterator[str]:
    """The cells of one map that have numbers and a colour."""
    for (row, column), value in np.ndenumerate(values):
        if math.isnan(value):
            continue
        share = share_of(float(value), grid.low, grid.high)
        colour = written(colour_of(share, signed=grid.low < 0))
        text = html.escape(shown(in_words(float(value), grid)))
        yield (
            f'<rect fill="{colour}" x="{left + column * size}" y="{top + row * size}" width="{size}" height="{size}">'
            f"<title>{row + 1} · {column + 1}: {text}</title></rect>"
        )
