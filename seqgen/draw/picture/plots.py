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
from seqgen.draw.colours import LINES, ramp, takes_dark_ink
from seqgen.draw.figures import SHARES, ends_of, in_cell, unit_of
from seqgen.draw.glyphs import Glyph, shaded_rows
from seqgen.draw.panels import Chart, Grid, Heat, ShadedText, Table
from seqgen.draw.picture import fonts
from seqgen.draw.tiles import tiled

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# A shaded text: lines from which on the colours stand beside it, not below; lines that are drawn.
LINES_LEAST, LINES_DRAWN = 4, 40
# The longest label of a map, the longest text in a table.
_LABEL, _CELL = 24, 60
# Hardly any font has pictures of the control characters.
_CONTROLS = {0x2400 + point: "→" if point == 0x09 else "·" for point in range(0x20)}
# Points: letters of a shaded text, numbers in cells at most and at least. Inches: a cell of a shaded
# text, down and across, and what is beside the text.
_LETTERS, _MOST, _LEAST = 11, 8.0, 5.5
LINE, _LETTER_WIDTH, _BESIDE = 0.19, 0.11, 0.9
# Maps with more rows or columns have no numbers in them.
_WRITTEN = 20


def draw_heat(axes: Axes, heat: Heat, width: float, height: float) -> None:
    """The map [R, C] in about `width` x `height` inches, with its numbers where there are few, and a colour bar."""
    low, high = ends_of(heat)
    image = axes.imshow(np.ma.masked_invalid(heat.values), cmap=_colours(signed=low < 0), vmin=low, vmax=high, aspect="auto",
                        interpolation="nearest")  # fmt: skip
    rows, columns = heat.values.shape
    names = [_label(text) for text in heat.columns]
    _ticks(axes.xaxis, names, width / max(1, columns), across=True)
    _ticks(axes.yaxis, [_label(text) for text in heat.rows], height / max(1, rows))
    axes.set_xlabel(_shown(heat.x))
    axes.set_ylabel(_shown(heat.y))
    _bar(axes, image, heat, ax=axes, pad=0.01, fraction=0.05, aspect=height / 0.12)


def draw_grid(axes: Axes, grid: Grid) -> None:
    """All maps [M, N, R, C] in one image with a frame around each, a name for each row and column, and one colour bar."""
    from matplotlib.patches import Rectangle

    many, across, rows, columns = grid.values.shape
    low, high = ends_of(grid)
    image = axes.imshow(np.ma.masked_invalid(tiled(grid.values)), cmap=_colours(signed=low < 0), vmin=low, vmax=high,
                        aspect="auto", interpolation="nearest")  # fmt: skip
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
    _bar(axes, image, grid, ax=axes, pad=0.01, fraction=0.05)


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


def line_cells(width: float) -> int:
    """How many cells a line of a shaded text has in a picture of `width` inches."""
    return max(20, int((width - _BESIDE) / _LETTER_WIDTH))


def text_rows(panel: ShadedText, across: int) -> tuple[list[list[Glyph]], bool]:
    """The lines of `across` cells that are drawn, and whether those are all."""
    rows: list[list[Glyph]] = []
    for row in shaded_rows(panel, across):
        if len(rows) == LINES_DRAWN:
            return rows, False
        rows.append(row)
    return rows, True


def draw_text(axes: Axes, panel: ShadedText, rows: Sequence[Sequence[Glyph]], across: int) -> None:
    """A grid of cells, coloured, each with its character, all of one width so that they stand evenly; a wide one takes two."""
    from rich.cells import cell_len

    values = np.full((max(1, len(rows)), across), np.nan)
    texts: list[tuple[int, float, Glyph]] = []
    for number, row in enumerate(rows):
        column = 0
        for glyph in row:
            width = cell_len(glyph.text)
            values[number, column : column + width] = np.nan if glyph.share is None else glyph.share * panel.high
            texts.append((number, column + (width - 1) / 2, glyph))
            column += width
    image = axes.imshow(np.ma.masked_invalid(values), cmap=_colours(signed=False), vmin=0, vmax=panel.high or 1,
                        aspect=LINE / _LETTER_WIDTH, interpolation="nearest")  # fmt: skip
    for number, middle, glyph in texts:
        ink = "black" if glyph.share is None else _ink(image, glyph.share * panel.high)
        text = glyph.text.translate(_CONTROLS)
        axes.text(middle, number, text, ha="center", va="center_baseline", fontsize=_LETTERS, color=ink, in_layout=False,
                  family=fonts.even(axes.xaxis.label.get_fontfamily()))  # fmt: skip
    axes.set_axis_off()
    axes.set_anchor("NW")
    if len(rows) < LINES_LEAST:
        line = 1 / len(values)
        below = axes.inset_axes((0.0, -0.8 * line, 0.25, 0.4 * line))
        _bar(axes, image, panel, extend="max", cax=below, orientation="horizontal")
    else:
        _bar(axes, image, panel, extend="max", ax=axes, pad=0.01, fraction=0.05, aspect=len(values) * 1.6)


def fit_letters(axes: Axes, across: int) -> None:
    """Letters of a shaded text as wide as nine tenths of their cells, once it is known how large those are."""
    axes.apply_aspect()
    figure = axes.get_figure()
    assert figure is not None
    # A letter of DejaVu Sans Mono is 0.602 of its font's size wide.
    size = 0.9 * axes.get_window_extent().width / across / (figure.dpi / 72) / 0.602
    for text in axes.texts:
        text.set_fontsize(size)


def draw_table(axes: Axes, table: Table) -> None:
    """The rows under their head, each column as wide as its longest text."""
    from rich.cells import cell_len

    axes.set_axis_off()
    if not table.head or not table.rows:
        return
    head, *rows = ([cells.shortened(_shown(text), _CELL) for text in row] for row in (table.head, *table.rows))
    longest = [max(cell_len(row[column]) for row in (head, *rows)) + 2 for column in range(len(head))]
    widths = [length / max(80, sum(longest)) for length in longest]
    drawn = axes.table(rows, colLabels=head, colWidths=widths, loc="upper left", cellLoc="right", edges="horizontal")
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


def _colours(*, signed: bool) -> Any:
    """The colours of the terminal and the page as matplotlib's."""
    from matplotlib.colors import LinearSegmentedColormap

    steps = [tuple(part / 255 for part in colour) for colour in ramp(signed=signed)]
    return LinearSegmentedColormap.from_list("seqgen", steps)


def _bar(axes: Axes, image: Any, panel: Heat | Grid | ShadedText, **more: Any) -> None:
    """The colours beside the panel, in the unit of its cells."""
    from matplotlib.ticker import MaxNLocator

    figure = axes.get_figure()
    assert figure is not None
    unit = "percent" if isinstance(panel, ShadedText) and panel.unit in SHARES else panel.unit
    unit = unit if isinstance(panel, ShadedText) else unit_of(panel)
    shares = panel.unit in SHARES
    written = (lambda value, _: f"{value * 100:g}") if shares else None
    # Whole numbers of what is counted: no tick at 2.5 symbols.
    ticks = MaxNLocator(5, steps=[1, 2, 5, 10])
    figure.colorbar(image, label=_shown(unit), format=written, ticks=ticks, **more)


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


def write_numbers(axes: Axes, heat: Heat) -> None:
    """The numbers in their cells, once it is known how large those are: as large as they fit, none where they would not."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    rows, columns = heat.values.shape
    texts = {place: text for place, value in np.ndenumerate(heat.values) if (text := in_cell(float(value), heat))}
    if not texts or max(rows, columns) > _WRITTEN:
        return
    figure, box = axes.get_figure(), axes.get_window_extent()
    assert figure is not None
    point = figure.dpi / 72
    one = FontProperties(family=axes.xaxis.label.get_fontfamily(), size=100)
    longest = max(text_to_path.get_text_width_height_descent(text, one, False)[0] / 100 for text in set(texts.values()))
    # Some room is left at the sides, and digits are about 0.75 of their font's size high.
    size = min(_MOST, 0.86 * box.width / columns / point / longest, box.height / rows / point)
    if size < _LEAST:
        return
    (image,) = axes.get_images()
    for (row, column), text in texts.items():
        ink = _ink(image, float(heat.values[row, column]))
        axes.text(column, row, text, ha="center", va="center", fontsize=size, color=ink, in_layout=False)


def _ink(image: Any, value: float) -> str:
    """Black or white, whichever can be read on the colour of a value."""
    red, green, blue, _ = image.cmap(image.norm(value))
    return "black" if takes_dark_ink((round(red * 255), round(green * 255), round(blue * 255))) else "white"
