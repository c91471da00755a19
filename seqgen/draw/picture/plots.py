"""Panels on matplotlib's axes, for a picture in a report.

Shape legend: R rows, C columns; M, N rows and columns of maps.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from seqgen.draw import cells
from seqgen.draw.axis import axes_of
from seqgen.draw.colours import LINES, takes_dark_ink
from seqgen.draw.glyphs import Glyph, shaded_rows
from seqgen.draw.panels import Chart, Grid, Heat, ShadedText, Table
from seqgen.draw.tiles import tiled

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# A shaded text: cells a line, lines.
LINE_CELLS = 60
LINES_LEAST, LINES_DRAWN = 4, 40
# The longest label of a map, the longest text in a table.
_LABEL, _CELL = 24, 60
# Hardly any font has pictures of the control characters.
_CONTROLS = {0x2400 + point: "→" if point == 0x09 else "·" for point in range(0x20)}
_SEQUENTIAL, _DIVERGING = "viridis", "RdBu_r"


def draw_heat(axes: Axes, heat: Heat, width: float, height: float) -> None:
    """The map [R, C] in about `width` x `height` inches, with its numbers where there are few, and a colour bar."""
    low, high = _range(heat)
    image = axes.imshow(np.ma.masked_invalid(heat.values), cmap=_DIVERGING if low < 0 else _SEQUENTIAL, vmin=low, vmax=high,
                        aspect="auto", interpolation="nearest")  # fmt: skip
    rows, columns = heat.values.shape
    names = [_label(text) for text in heat.columns]
    _ticks(axes.xaxis, names, width / max(1, columns), across=True)
    _ticks(axes.yaxis, [_label(text) for text in heat.rows], height / max(1, rows))
    axes.set_xlabel(_shown(heat.x))
    axes.set_ylabel(_shown(heat.y))
    if rows <= 20 and columns <= 20 and width / max(1, columns) > 0.26:
        _numbers(axes, heat, image)
    figure = axes.get_figure()
    assert figure is not None
    figure.colorbar(image, ax=axes, label=_shown(heat.unit), pad=0.01, fraction=0.05, aspect=height / 0.12)


def draw_grid(axes: Axes, grid: Grid) -> None:
    """All maps [M, N, R, C] in one image with a frame around each, a name for each row and column, and one colour bar."""
    from matplotlib.patches import Rectangle

    many, across, rows, columns = grid.values.shape
    low, high = _range(grid)
    image = axes.imshow(np.ma.masked_invalid(tiled(grid.values)), cmap=_DIVERGING if low < 0 else _SEQUENTIAL, vmin=low,
                        vmax=high, aspect="auto", interpolation="nearest")  # fmt: skip
    for row, column in np.ndindex(many, across):
        corner = (column * (columns + 1) - 0.5, row * (rows + 1) - 0.5)
        axes.add_patch(Rectangle(corner, columns, rows, fill=False, edgecolor="0.6", linewidth=0.6))
    for axis, names, size in ((axes.xaxis, grid.columns, columns), (axes.yaxis, grid.rows, rows)):
        axis.set_ticks([n * (size + 1) + (size - 1) / 2 for n in range(len(names))], labels=[_label(name) for name in names])
        axis.set_tick_params(length=0, labelsize=9)
    axes.xaxis.tick_top()
    axes.set_xlabel(f"in each map, across: {_shown(grid.x)}; down: {_shown(grid.y)}", fontsize=9)
    for side in axes.spines.values():
        side.set_visible(False)
    figure = axes.get_figure()
    assert figure is not None
    figure.colorbar(image, ax=axes, label=_shown(grid.unit), pad=0.01, fraction=0.05)


def draw_chart(axes: Axes, chart: Chart) -> None:
    """A line for each series, with its points where they are few, and a legend."""
    across, up = axes_of(chart)
    if chart.log_x:
        axes.set_xscale("log")
    if chart.log_y:
        axes.set_yscale("log")
    handles: list[Any] = []
    for number, series in enumerate(chart.series):
        # What an axis cannot show breaks the line.
        seen = [
            (x, y) if across.place(x) is not None and up.place(y) is not None else (math.nan,) * 2 for x, y in series.points
        ]
        mark = "o" if len(seen) <= 30 else ""
        handles += axes.plot([x for x, _ in seen], [y for _, y in seen], mark + "-", color=LINES[number % len(LINES)],
                             markersize=3.5, linewidth=1.6)  # fmt: skip
    for axis, one in ((axes.xaxis, across), (axes.yaxis, up)):
        ticks = one.ticks(8)
        axis.set_ticks([one.value(place) for place, _ in ticks], labels=[text for _, text in ticks])
        axis.set_ticks([], minor=True)
    axes.set_xlim(across.low, across.high)
    axes.margins(y=0.03)
    axes.set_xlabel(_shown(chart.x))
    axes.set_ylabel(_shown(chart.y))
    axes.grid(alpha=0.3, linewidth=0.6)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    if handles:
        axes.legend(handles, [_shown(series.name) for series in chart.series], frameon=False, fontsize=9)


def text_rows(panel: ShadedText) -> tuple[list[list[Glyph]], bool]:
    """The lines that are drawn, and whether those are all."""
    rows: list[list[Glyph]] = []
    for row in shaded_rows(panel, LINE_CELLS):
        if len(rows) == LINES_DRAWN:
            return rows, False
        rows.append(row)
    return rows, True


def draw_text(axes: Axes, panel: ShadedText, rows: Sequence[Sequence[Glyph]]) -> None:
    """A grid of cells, coloured, each with its character; a wide one takes two."""
    from rich.cells import cell_len

    values = np.full((max(LINES_LEAST, len(rows)), LINE_CELLS), np.nan)
    texts: list[tuple[int, float, Glyph]] = []
    for number, row in enumerate(rows):
        column = 0
        for glyph in row:
            width = cell_len(glyph.text)
            values[number, column : column + width] = np.nan if glyph.share is None else glyph.share * panel.high
            texts.append((number, column + (width - 1) / 2, glyph))
            column += width
    image = axes.imshow(np.ma.masked_invalid(values), cmap=_SEQUENTIAL, vmin=0, vmax=panel.high or 1, aspect="auto",
                        interpolation="nearest")  # fmt: skip
    for number, middle, glyph in texts:
        ink = "black" if glyph.share is None else _ink(image, glyph.share * panel.high)
        text = glyph.text.translate(_CONTROLS)
        axes.text(middle, number, text, ha="center", va="center_baseline", fontsize=9, color=ink, in_layout=False)
    axes.set_axis_off()
    figure = axes.get_figure()
    assert figure is not None
    figure.colorbar(image, ax=axes, label=_shown(panel.unit), pad=0.01, fraction=0.05, aspect=len(values) * 1.6, extend="max")


def draw_table(axes: Axes, table: Table) -> None:
    """The rows under their head, each column as wide as its longest text."""
    from rich.cells import cell_len

    axes.set_axis_off()
    if not table.head or not table.rows:
        return
    head, *rows = ([cells.shortened(_shown(text), _CELL) for text in row] for row in (table.head, *table.rows))
    longest = [max(cell_len(row[column]) for row in (head, *rows)) + 2 for column in range(len(head))]
    widths = [length / max(LINE_CELLS + 20, sum(longest)) for length in longest]
    drawn = axes.table(rows, colLabels=head, colWidths=widths, loc="center", cellLoc="right", edges="horizontal")
    drawn.auto_set_font_size(False)
    drawn.set_fontsize(9)
    for (_, column), cell in drawn.get_celld().items():
        if table.word_columns()[column]:
            cell.get_text().set_horizontalalignment("left")
            cell.PAD = 0.02


def _shown(text: str) -> str:
    return cells.shown(text).translate(_CONTROLS)


def _label(text: str) -> str:
    return cells.shortened(cells.label(text).translate(_CONTROLS), _LABEL)


def _range(heat: Heat | Grid) -> tuple[float, float]:
    """The ends of the colours: with numbers below zero, equally far on both sides, so that zero has none."""
    if heat.low < 0:
        reach = max(-heat.low, heat.high)
        return -reach, reach
    return heat.low, heat.high if heat.high > heat.low else heat.low + 1


def _ticks(axis: Any, names: Sequence[str], room: float, *, across: bool = False) -> None:
    """A label for each cell of `room` inches, or for every few where they would touch; upright where they are too long."""
    from rich.cells import cell_len

    size = max(5.0, min(9.0, room * 72 * 0.8))
    every = max(1, math.ceil(size / 72 / max(room, 1e-6)))
    places = range(0, len(names), every)
    # A character is about 0.6 of its height wide.
    longest = max((cell_len(names[place]) for place in places), default=0) * size * 0.6 / 72
    upright = across and longest > room * every * 0.9 and longest > size / 72
    axis.set_ticks(list(places), labels=[names[place] for place in places], fontsize=size, rotation=90 if upright else 0)
    axis.set_tick_params(length=2 if every > 1 else 0)


def _numbers(axes: Axes, heat: Heat, image: Any) -> None:
    """The numbers in their cells: percent for shares."""
    for (row, column), value in np.ndenumerate(heat.values):
        if math.isfinite(value):
            text = f"{value * 100:.0f}" if heat.unit == "share" else f"{value:.2g}"
            axes.text(column, row, text, ha="center", va="center", fontsize=7, color=_ink(image, value), in_layout=False)


def _ink(image: Any, value: float) -> str:
    """Black or white, whichever can be read on the colour of a value."""
    red, green, blue, _ = image.cmap(image.norm(value))
    return "black" if takes_dark_ink((round(red * 255), round(green * 255), round(blue * 255))) else "white"
