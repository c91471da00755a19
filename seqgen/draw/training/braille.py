"""The curve of a loss: a braille cell is two dots wide and four high, so a small panel still shows a shape."""

from __future__ import annotations

import math
from collections.abc import Sequence

from seqgen.draw.axis import Axis

Points = Sequence[tuple[float, float]]

# Cells of the labels at the left.
GUTTER = 7
# The eight dots of a braille cell by column and row (Unicode, block U+2800).
_DOTS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
MARK = "●"


def curve(line: Points, marks: Points, width: int, height: int, *, end: float | None = None) -> list[str]:
    """`line` as a braille line, `marks` as dots over it, with a labelled axis: `height` lines of at most `width` cells.

    x runs from 0 to `end` (default: the last point). Points that are not finite are left out; without points, the
    panel is empty.
    """
    line, marks = _finite(line), _finite(marks)
    points = [*line, *marks]
    columns, rows = width - GUTTER, height
    if not points or columns < 4 or rows < 1:
        return [" " * max(0, width)] * max(0, height)
    right = end or max(x for x, _ in points) or 1.0
    low, high = _range([y for _, y in points])
    cells = [[0] * columns for _ in range(rows)]

    def place(x: float, y: float) -> tuple[int, int]:
        column = round(min(1.0, max(0.0, x / right)) * (2 * columns - 1))
        row = round((high - y) / (high - low) * (4 * rows - 1))
        return column, min(4 * rows - 1, max(0, row))

    for column, row in _joined([place(x, y) for x, y in line]):
        cells[row // 4][column // 2] |= _DOTS[column % 2][row % 4]
    canvas = [[chr(0x2800 + bits) if bits else " " for bits in row] for row in cells]
    for x, y in marks:
        column, row = place(x, y)
        canvas[row // 4][column // 2] = MARK
    labels = {0: f"{high:.2f}", rows - 1: f"{low:.2f}"} if rows > 1 else {0: f"{high:.2f}"}
    return [f"{labels.get(number, ''):>{GUTTER - 2}} ┤{''.join(row)}" for number, row in enumerate(canvas)]


def scale(end: float, unit: str, width: int) -> str:
    """The labels below a curve of that width whose x runs from 0 to `end`; the last one has the unit."""
    columns = width - GUTTER
    if columns < len(unit) + 4 or not 0 < end < math.inf:
        return ""
    ticks = Axis(0.0, end).ticks(max(4, min(8, columns // 10)))
    text = ""
    # From the right, so that the one with the unit is there whatever else finds room.
    for place, name in reversed(ticks):
        name = name if text else name + unit
        at = GUTTER + round(place * (columns - 1)) - (len(name) // 2 if place else 0)
        at = max(0, min(width - len(name), at))
        if not text or at + len(name) < len(text) - len(text.lstrip()):
            text = " " * at + name + text[at + len(name) :]
    return text


def _finite(points: Points) -> list[tuple[float, float]]:
    return [(x, y) for x, y in points if math.isfinite(x) and math.isfinite(y)]


def _range(values: Sequence[float]) -> tuple[float, float]:
    """Lowest and highest, never the same."""
    low, high = min(values), max(values)
    # Next to a very large number a half is lost in rounding: the margin grows with it.
    margin = max(0.5, abs(low) * 1e-6)
    return (low, high) if high - low > margin * 1e-6 else (low - margin, high + margin)


def _joined(places: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The places and those between two neighbours, so that a steep curve has no holes."""
    dots = list(places[:1])
    for (x0, y0), (x1, y1) in zip(places, places[1:], strict=False):
        steps = max(abs(x1 - x0), abs(y1 - y0), 1)
        dots += [(round(x0 + (x1 - x0) * i / steps), round(y0 + (y1 - y0) * i / steps)) for i in range(1, steps + 1)]
    return dots
