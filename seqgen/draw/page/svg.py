"""Heat maps and charts as SVG inside a page: lines have the style sheet's colours, so that they suit light and dark; cells have
those that they have in a terminal and a picture, so that dark means the same everywhere.

No element has an id, since a page holds many pictures.
Shape legend: R rows, C columns.
"""

from __future__ import annotations

import html
import math
from collections.abc import Iterator, Sequence

from seqgen.draw.axis import Axis, axes_of
from seqgen.draw.cells import clusters, label, shortened, shown
from seqgen.draw.colours import RGB, colour_of, share_of, takes_dark_ink, written
from seqgen.draw.figures import in_cell, in_words
from seqgen.draw.panels import Chart, Heat, Series

# Pixels: a map at most, a chart, a character of the labels, a row, a column under a character and under a word.
_WIDTH, _CHART = 800, 540
_LETTER, _ROW, _NARROW, _WIDE = 7, 22, 13, 34
# The longest label, in characters.
_LABEL = 22
# Lines differ by more than colour.
_DASHES = ("", "7 3", "2 3", "9 3 2 3")


def escaped(text: str) -> str:
    """Text for HTML and SVG, in one line."""
    return html.escape(shown(text))


def heat_svg(heat: Heat) -> list[str]:
    """The map [R, C] as one or more pictures: columns that do not fit are in the next one."""
    from rich.cells import cell_len

    names = [shortened(label(text), _LABEL) for text in heat.columns]
    sides = [shortened(label(text), _LABEL) for text in heat.rows]
    narrow = all(len(clusters(name)) <= 1 for name in names)
    left = 24 + _LETTER * max((cell_len(name) for name in sides), default=0) + 6
    if narrow:
        cell = max([_NARROW, *(_LETTER * cell_len(name) for name in names)])
    else:
        cell = max([_WIDE, *(_LETTER * len(in_cell(float(value), heat)) + 8 for value in heat.values.flat)])
    fit = max(1, (_WIDTH - left) // cell)
    return [
        _block(heat, range(start, min(start + fit, len(names))), names, sides, left, cell, narrow)
        for start in range(0, len(names), fit)
    ]


def _block(heat: Heat, columns: range, names: Sequence[str], sides: Sequence[str], left: int, cell: int, narrow: bool) -> str:
    """A picture of some of the columns."""
    from rich.cells import cell_len

    top = 20 if narrow else 10 + _LETTER * max(cell_len(names[column]) for column in columns)
    across, down = cell * len(columns), _ROW * len(sides)
    parts = [f'<rect class="frame" x="{left}" y="{top}" width="{across}" height="{down}"/>']
    for place, column in enumerate(columns):
        middle = left + place * cell + cell // 2
        turn = f'text-anchor="middle" x="{middle}" y="{top - 5}"'
        if not narrow:
            turn = f'transform="translate({middle + 4} {top - 5}) rotate(-90)"'
        parts.append(f"<text {turn}>{html.escape(names[column])}</text>")
    for row, name in enumerate(sides):
        y = top + row * _ROW
        parts.append(f'<text text-anchor="end" x="{left - 5}" y="{y + 15}">{html.escape(name)}</text>')
        for place, column in enumerate(columns):
            parts += _cell(heat, row, column, left + place * cell, y, cell, numbers=not narrow)
    parts.append(
        f'<text class="axis" text-anchor="middle" x="{left + across // 2}" y="{top + down + 18}">{escaped(heat.x)}</text>'
    )
    turn = f'transform="translate(14 {top + down // 2}) rotate(-90)"'
    parts.append(f'<text class="axis" text-anchor="middle" {turn}>{escaped(heat.y)}</text>')
    width = left + max(across, _LETTER * cell_len(shown(heat.x))) + 8
    return svg(width, top + down + 26, heat.title, parts, least=width * 3 // 4)


def _cell(heat: Heat, row: int, column: int, x: int, y: int, width: int, *, numbers: bool) -> Iterator[str]:
    """A number as a coloured cell that says, under the pointer, what it is."""
    value = float(heat.values[row, column])
    if math.isnan(value):
        return
    share = share_of(value, heat.low, heat.high)
    colour = colour_of(share, signed=heat.low < 0)
    says = html.escape(f"{label(heat.rows[row])} · {label(heat.columns[column])}: {shown(in_words(value, heat))}")
    yield f'<rect fill="{written(colour)}" x="{x}" y="{y}" width="{width}" height="{_ROW}"><title>{says}</title></rect>'
    if numbers:
        ink = ink_on(colour)
        short = html.escape(in_cell(value, heat))
        yield f'<text class="{ink}" text-anchor="middle" x="{x + width // 2}" y="{y + 15}" pointer-events="none">{short}</text>'


def ink_on(colour: RGB) -> str:
    """The style sheet's name of the ink that can be read on a colour."""
    return "dark" if takes_dark_ink(colour) else "light"


def chart_svg(chart: Chart) -> str:
    """The chart: a line for each series, dots where its points are few, ticks and the names of the axes."""
    across, up = axes_of(chart)
    ticks = up.ticks(6)
    left = 30 + _LETTER * max((len(text) for _, text in ticks), default=0)
    width, height, top = _CHART - left - 20, 230, 12
    parts = []
    for place, text in ticks:
        y = round(top + (1 - place) * height, 1)
        parts.append(f'<path class="grid" d="M{left} {y}h{width}"/>')
        parts.append(f'<text text-anchor="end" x="{left - 6}" y="{y + 4}">{text}</text>')
    for place, text in across.ticks(7):
        x = round(left + place * width, 1)
        parts.append(f'<path class="grid" d="M{x} {top}v{height + 4}"/>')
        parts.append(f'<text text-anchor="middle" x="{x}" y="{top + height + 19}">{text}</text>')
    middle = left + width // 2
    parts.append(f'<text class="axis" text-anchor="middle" x="{middle}" y="{top + height + 40}">{escaped(chart.x)}</text>')
    turn = f'transform="translate(14 {top + height // 2}) rotate(-90)"'
    parts.append(f'<text class="axis" text-anchor="middle" {turn}>{escaped(chart.y)}</text>')
    for number, series in enumerate(chart.series):
        parts += _line(series, number, across, up, (left, top, width, height))
    return svg(_CHART, top + height + 48, chart.title, parts, least=_CHART * 3 // 5)


def _line(series: Series, number: int, across: Axis, up: Axis, box: tuple[int, int, int, int]) -> Iterator[str]:
    """One series: a line for each stretch of points that the axes can show."""
    left, top, width, height = box
    stretches: list[list[str]] = [[]]
    dots = []
    for x, y in series.points:
        right, high = across.place(x), up.place(y)
        if right is None or high is None:
            stretches.append([])
            continue
        at = f"{left + right * width:.1f}", f"{top + (1 - high) * height:.1f}"
        stretches[-1].append(",".join(at))
        says = html.escape(f"{shown(series.name)}: {x:g}, {y:.4g}")
        dots.append(f'<circle class="c{number % 8}" cx="{at[0]}" cy="{at[1]}" r="3"><title>{says}</title></circle>')
    dash = f' stroke-dasharray="{_DASHES[number % 4]}"' if number % 4 else ""
    for stretch in stretches:
        if len(stretch) > 1:
            title = f"<title>{escaped(series.name)}</title>"
            yield f'<polyline class="c{number % 8}"{dash} points="{" ".join(stretch)}">{title}</polyline>'
    if len(dots) <= 40:
        yield from dots


def swatch(number: int) -> str:
    """A short piece of the line of series `number`, for a legend."""
    dash = f' stroke-dasharray="{_DASHES[number % 4]}"' if number % 4 else ""
    return f'<svg class="swatch" width="26" height="8" aria-hidden="true"><path class="c{number % 8}"{dash} d="M0 4h26"/></svg>'


def svg(width: int, height: int, title: str, parts: Sequence[str], least: int) -> str:
    """The picture: on a small screen it shrinks to `least` pixels, still readable, and scrolls below that."""
    return (
        f'<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" aria-label="{escaped(title)}" '
        f'style="min-width:{least}px">{"".join(parts)}</svg>'
    )
