"""Heat maps in a terminal: columns one character wide where the labels are characters, else numbers under upright labels.

Shape legend: R rows, C columns.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from seqgen.draw.cells import Line, clusters, label, padded, shown, wrapped
from seqgen.draw.colours import share_of, style_of
from seqgen.draw.figures import SHARES, in_cell, unit_of
from seqgen.draw.panels import Heat

# Characters of an upright label.
_UPRIGHT = 12


@dataclass(frozen=True)
class _Column:
    """A column's number, its width in cells and its heading from top to bottom, each part of that width."""

    index: int
    width: int
    heading: Sequence[str]


def heat_lines(heat: Heat, width: int) -> list[Line]:
    """The map [R, C] in lines of at most `width` cells; columns that do not fit follow in a block of their own."""
    from rich.cells import cell_len

    labels = [label(text) for text in heat.columns]
    names = [label(text) for text in heat.rows]
    side = min(max((cell_len(name) for name in names), default=0), width // 3)
    compact = all(len(clusters(text)) <= 1 for text in labels)
    write, says = _digits(heat) if compact else _figures(heat)
    if compact:
        columns = [_narrow(index, text, signed=heat.low < 0) for index, text in enumerate(labels)]
    else:
        needed = max((len(write(float(value))) for value in heat.values.flat), default=0)
        columns = [_upright(index, text, max(4, needed + 1)) for index, text in enumerate(labels)]
    legend = f"down: {shown(heat.y)}; across: {shown(heat.x)}; {says}"
    lines: list[Line] = [[(text, "dim")] for text in wrapped(legend, width)]
    for number, block in enumerate(_blocks(columns, width - side - 1)):
        lines += [[]] * (number > 0)
        height = max(len(column.heading) for column in block)
        for level in range(height):
            lines.append([(" " * (side + 1) + "".join(_part(column, height, level) for column in block), "")])
        for row, name in enumerate(names):
            start = padded(name, side, right=True) + " "
            lines.append([(start, ""), *(_cell(heat, row, column, write, compact) for column in block)])
    return lines


def _digits(heat: Heat) -> tuple[Callable[[float], str], str]:
    """How a number becomes a digit, and what the digits say."""
    unit = f" {shown(heat.unit)}" if heat.unit else ""
    if heat.low < 0:
        reach = max(-heat.low, heat.high)

        def signed(value: float) -> str:
            tenths = min(9, int(abs(share_of(value, heat.low, heat.high)) * 10 + 1e-9))
            return f"{'-' if value < 0 else '+'}{tenths}" if tenths else " 0"

        what = f"{shown(heat.unit)} in tenths" if heat.unit else "tenths"
        return signed, f"digits: {what} of {reach:g}, 9 is {0.9 * reach:g} or more"

    def plain(value: float) -> str:
        return str(min(9, int(share_of(value, heat.low, heat.high) * 10 + 1e-9)))

    return plain, f"digits: tenths of the way from {heat.low:g} to {heat.high:g}{unit}"


def _figures(heat: Heat) -> tuple[Callable[[float], str], str]:
    """How a number is abbreviated, and what the numbers are."""
    if heat.unit in SHARES:
        return partial(in_cell, panel=heat), f"cells: {unit_of(heat)}"
    return partial(in_cell, panel=heat), f"cells: {shown(heat.unit) or 'numbers'}, from {heat.low:g} to {heat.high:g}"


def _narrow(index: int, text: str, *, signed: bool) -> _Column:
    """A column as wide as its one character; a sign needs two cells."""
    from rich.cells import cell_len

    text = "".join(clusters(text))
    width = max(2 if signed else 1, cell_len(text))
    return _Column(index, width, [padded(text, width, right=signed)])


def _upright(index: int, text: str, width: int) -> _Column:
    """A column with its label above it, one character per line."""
    parts = clusters(text)
    parts = parts if len(parts) <= _UPRIGHT else [*parts[:_UPRIGHT], "…"]
    return _Column(index, width, [padded(part, width, right=True) for part in parts])


def _blocks(columns: Sequence[_Column], width: int) -> Iterator[list[_Column]]:
    """As many columns at a time as fit, at least one."""
    block: list[_Column] = []
    used = 0
    for column in columns:
        if block and used + column.width > width:
            yield block
            block, used = [], 0
        block.append(column)
        used += column.width
    if block:
        yield block


def _part(column: _Column, height: int, number: int) -> str:
    """Line `number` of a heading that ends at the lowest of `height` lines."""
    place = number - (height - len(column.heading))
    return column.heading[place] if place >= 0 else " " * column.width


def _cell(heat: Heat, row: int, column: _Column, write: Callable[[float], str], compact: bool) -> tuple[str, str]:
    """One number with its colour; nothing where there is none."""
    value = float(heat.values[row, column.index])
    if math.isnan(value):
        return " " * column.width, ""
    text = write(value)
    style = style_of(share_of(value, heat.low, heat.high), signed=heat.low < 0)
    return (padded(text, column.width, right=not compact or heat.low < 0)), style
