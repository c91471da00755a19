"""What can be drawn, as plain values: panels that a terminal, a picture and a page each draw in their own way.

Shape legend: R rows, C columns; M, N rows and columns of maps.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# How a figure begins: 0.5, -3, +4 %, < 10, .5, over 1,000.
_FIGURE = re.compile(r"(over |under |about |[-+−±<>≈~≤≥] ?)?\.?\d")


@dataclass(frozen=True)
class Heat:
    """A grid of numbers [R, C] from `low` to `high`, with a label for each row and column and a name for each axis.

    `unit` says what the numbers are. With `low` below zero there are two kinds of colour, and zero has none. A NaN cell
    stays empty.
    """

    title: str
    values: NDArray[np.floating]
    rows: Sequence[str]
    columns: Sequence[str]
    x: str
    y: str
    unit: str = ""
    low: float = 0.0
    high: float = 1.0


@dataclass(frozen=True)
class Grid:
    """Small maps of one size [M, N, R, C] in M rows and N columns, which have names, with one scale from `low` to `high` for
    all: to be compared, not read. `x` and `y` say what is across and down within each; a NaN cell stays empty."""

    title: str
    values: NDArray[np.floating]
    rows: Sequence[str]
    columns: Sequence[str]
    x: str
    y: str
    unit: str = ""
    low: float = 0.0
    high: float = 1.0


@dataclass(frozen=True)
class Series:
    """One line of a chart: its name and its points (x, y)."""

    name: str
    points: Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Chart:
    """Lines over common axes, either of which may be logarithmic: points that such an axis cannot show are left out."""

    title: str
    series: Sequence[Series]
    x: str
    y: str
    log_x: bool = False
    log_y: bool = False


@dataclass(frozen=True)
class Cell:
    """A piece of text with a number, and a hint about it to show where there is room."""

    text: str
    value: float
    hint: str = ""


@dataclass(frozen=True)
class ShadedText:
    """A text whose pieces are coloured by a number from 0 to `high`: more is more colour. Pieces may hold newlines."""

    title: str
    cells: Sequence[Cell]
    unit: str
    high: float


@dataclass(frozen=True)
class Table:
    """Rows of text under a head; the first column is a name, the others are figures or words.

    A table is for reading and copying, and not drawn in a picture file where there is anything else, unless it is `pictured`.
    """

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    pictured: bool = False

    def word_columns(self) -> list[bool]:
        """Which columns are aligned left: the first, and those with an entry that does not begin like a number."""

        def words(column: int) -> bool:
            return any(len(row[column]) > 1 and not _FIGURE.match(row[column]) for row in self.rows)

        return [column == 0 or words(column) for column in range(len(self.head))]


Panel = Heat | Grid | Chart | ShadedText | Table


@dataclass(frozen=True)
class Exhibit:
    """What one look inside a model has to show: panels, then sentences that say what they mean.

    `about` says which run and which text it is of: a picture or a page has it below the title, since it is seen without the
    command that made it.
    """

    title: str
    panels: Sequence[Panel]
    sentences: Sequence[str] = ()
    about: str = ""
