"""Grids of small maps in a terminal: one digit a cell, as many maps beside each other as fit."""

from __future__ import annotations

import math

from seqgen.draw.cells import Line, label, padded, shown, wrapped
from seqgen.draw.colours import share_of, style_of
from seqgen.draw.panels import Grid
from seqgen.draw.tiles import fitted

_GAP = 2


def grid_lines(grid: Grid, width: int) -> list[Line]:
    """The maps in lines of at most `width` cells; columns of maps that do not fit follow in a block of their own."""
    from rich.cells import cell_len

    names = [label(text) for text in grid.rows]
    side = min(max((cell_len(name) for name in names), default=0), width // 3)
    values, factor = fitted(grid.values, width - side - _GAP)
    heads = [label(text) for text in grid.columns]
    each = min(max(values.shape[-1], *(cell_len(head) for head in heads), 1) if heads else 1, width - side - _GAP)
    lines: list[Line] = [[(text, "dim")] for text in wrapped(_legend(grid, factor), width)]
    fit = max(1, (width - side) // (each + _GAP))
    for start in range(0, len(heads), fit):
        block = range(start, min(start + fit, len(heads)))
        lines += [[]] * (start > 0)
        lines.append([(" " * side + "".join(" " * _GAP + padded(heads[column], each) for column in block), "")])
        for row, name in enumerate(names):
            lines += [[]] * (row > 0)
            for inner in range(values.shape[2]):
                line: Line = [(padded(name if inner == 0 else "", side, right=True), "")]
                for column in block:
                    line.append((" " * _GAP, ""))
                    line += [_cell(grid, float(value)) for value in values[row, column, inner]]
                    line.append((" " * (each - values.shape[-1]), ""))
                lines.append(line)
    return lines


def _legend(grid: Grid, factor: int) -> str:
    """What is where, and what the digits say."""
    unit = f" {shown(grid.unit)}" if grid.unit else ""
    most = f"; each is the largest of {factor} x {factor} cells" if factor > 1 else ""
    ends = f"digits: tenths of the way from {grid.low:g} to {grid.high:g}{unit}"
    return f"in each map down: {shown(grid.y)}; across: {shown(grid.x)}; {ends}{most}"


def _cell(grid: Grid, value: float) -> tuple[str, str]:
    """One digit with its colour; nothing where there is no number."""
    if math.isnan(value):
        return " ", ""
    share = share_of(value, grid.low, grid.high)
    return str(min(9, int(abs(share) * 10 + 1e-9))), style_of(share, signed=grid.low < 0)
