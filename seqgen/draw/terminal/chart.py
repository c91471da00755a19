"""Charts in a terminal: a mark and a colour for each line, dots between the marks, axes with labels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from seqgen.draw.axis import Axis, axes_of
from seqgen.draw.cells import Line, padded, shortened, shown, wrapped
from seqgen.draw.colours import LINES
from seqgen.draw.panels import Chart, Series

_MARKS = "ox+*#@%&ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_HEIGHT = 14
_Place = tuple[int, int]


def chart_lines(chart: Chart, width: int) -> list[Line]:
    """The chart in lines of at most `width` cells: the name of y, the plot, the name of x, what each mark means."""
    from rich.cells import cell_len

    x_axis, y_axis = axes_of(chart)
    ticks = {round((1 - place) * (_HEIGHT - 1)): text for place, text in y_axis.ticks(5)}
    gutter = max((cell_len(text) for text in ticks.values()), default=0)
    columns = max(1, width - gutter - 2)
    canvas = _canvas(chart.series, x_axis, y_axis, columns)
    lines: list[Line] = [[(text, "dim")] for text in wrapped(_named(chart.y, chart.log_y), width)]
    for row, cells in enumerate(canvas):
        edge = "┤" if row in ticks else "│"
        lines.append([(f"{padded(ticks.get(row, ''), gutter, right=True)} {edge}", "dim"), *cells])
    lines += _below(x_axis, gutter, columns)
    lines += [[(padded(text, width, right=True), "dim")] for text in wrapped(_named(chart.x, chart.log_x), width)]
    return lines + _legend(chart.series, width)


def _named(name: str, log: bool) -> str:
    return f"{shown(name)} (logarithmic)" if log else shown(name)


def _style(number: int) -> str:
    return LINES[number % len(LINES)]


def _canvas(series: Sequence[Series], x_axis: Axis, y_axis: Axis, columns: int) -> list[Line]:
    """The plot. Where lines overlap, their marks take turns from column to column, so that none is hidden."""
    marks: dict[_Place, list[int]] = {}
    dots: dict[_Place, int] = {}
    for number, one in enumerate(series):
        before: _Place | None = None
        for place in _places(one, x_axis, y_axis, columns):
            if place is not None:
                holders = marks.setdefault(place, [])
                if number not in holders:
                    holders.append(number)
                if before is not None:
                    dots.update((between, number) for between in _between(before, place))
            before = place

    def cell(row: int, column: int) -> tuple[str, str]:
        if holders := marks.get((row, column)):
            number = holders[column % len(holders)]
            return _MARKS[number % len(_MARKS)], _style(number)
        if (row, column) in dots:
            return "·", _style(dots[row, column])
        return " ", ""

    return [[cell(row, column) for column in range(columns)] for row in range(_HEIGHT)]


def _places(series: Series, x_axis: Axis, y_axis: Axis, columns: int) -> Iterator[_Place | None]:
    """Row and column of each point, None for one that cannot be shown, where the line is interrupted."""
    for x, y in series.points:
        across, up = x_axis.place(x), y_axis.place(y)
        if across is None or up is None:
            yield None
        else:
            yield round((1 - up) * (_HEIGHT - 1)), round(across * (columns - 1))


def _between(one: _Place, other: _Place) -> Iterator[_Place]:
    """The cells on the straight line between two."""
    steps = max(abs(other[0] - one[0]), abs(other[1] - one[1]))
    for step in range(1, steps):
        yield tuple(round(a + (b - a) * step / steps) for a, b in zip(one, other, strict=True))  # type: ignore[misc]


def _below(axis: Axis, gutter: int, columns: int) -> list[Line]:
    """The x axis and its labels, each under its tick; one that would touch its neighbour is left out."""
    edge, text = ["─"] * columns, ""
    start = gutter + 2
    for place, name in axis.ticks(max(2, min(8, columns // 9))):
        column = min(columns - 1, max(0, round(place * (columns - 1))))
        at = max(0, min(start + columns - len(name), start + column - len(name) // 2))
        if not text or at > len(text):
            edge[column] = "┬"
            text = text.ljust(at) + name
    return [[(" " * (gutter + 1) + "└" + "".join(edge), "dim")], [(text[: start + columns], "dim")]]


def _legend(series: Sequence[Series], width: int) -> list[Line]:
    """Marks and names, as many in a line as fit."""
    from rich.cells import cell_len

    lines: list[Line] = []
    used = width
    for number, one in enumerate(series):
        text = shortened(f"{_MARKS[number % len(_MARKS)]} {shown(one.name)}", width)
        if used + 3 + cell_len(text) > width:
            lines.append([])
            used = -3
        lines[-1] += [("   ", "")] * (used >= 0) + [(text, _style(number))]
        used += 3 + cell_len(text)
    return lines
