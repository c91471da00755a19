"""Grids of small maps: every number is where it belongs in each way of drawing, and what is too large is made smaller."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest
from rich.cells import cell_len

from seqgen.draw.colours import colour_of, written
from seqgen.draw.page.grid import grid_svg
from seqgen.draw.panels import Exhibit, Grid
from seqgen.draw.picture.exhibit import picture
from seqgen.draw.terminal.exhibit import rendered
from seqgen.draw.tiles import fitted, tiled
from tests.draw.exhibits import grid, table


def test_tiles_lie_where_they_were() -> None:
    values = np.random.default_rng(0).random((2, 3, 4, 5))
    whole = tiled(values)
    assert whole.shape == (2 * 4 + 1, 3 * 5 + 2)
    for row, column in np.ndindex(2, 3):
        np.testing.assert_array_equal(whole[row * 5 : row * 5 + 4, column * 6 : column * 6 + 5], values[row, column])
    assert np.isnan(whole[4]).all() and np.isnan(whole[:, 5]).all() and np.isnan(whole).sum() == whole.size - values.size
    assert tiled(values[:0]).size == tiled(values[:, :0]).size == 0


def test_a_smaller_map_keeps_the_largest_number_of_each_square() -> None:
    values = np.arange(20.0).reshape(1, 1, 4, 5)
    values[0, 0, 2:, 4] = np.nan
    small, factor = fitted(values, 3)
    assert factor == 2
    np.testing.assert_array_equal(small[0, 0], [[6, 8, 9], [16, 18, np.nan]])
    assert fitted(values, 5) == (values, 1)


@pytest.mark.parametrize("width", [30, 80, 200])
def test_digits_are_read_back_in_a_terminal(width: int) -> None:
    panel = grid()
    lines = rendered(Exhibit("e", [replace(panel, title="")]), width, colour=False).plain.split("\n")
    assert max(map(cell_len, lines)) <= width
    inside = [line for line in lines if not any(word in line for word in ("머리", "head", "digits", "to 1"))]
    digits = [character for line in inside for character in line.replace("layer 1", "").replace("층 <2>", "")
              if character.isdigit()]  # fmt: skip
    wanted = [int(value * 10 + 1e-9) for value in panel.values.flat if not np.isnan(value)]
    assert sorted(map(int, digits)) == sorted(wanted)
    assert sum("layer 1" in line for line in lines) == (2 if width == 30 else 1), "what does not fit follows below"


def test_a_wide_grid_is_made_smaller_and_says_so() -> None:
    text = rendered(Exhibit("e", [grid(columns=300)]), 80, colour=True).plain
    assert max(map(cell_len, text.split("\n"))) <= 80 and "the largest of" in text
    assert "the largest of" in grid_svg(grid(columns=300)) and len(grid_svg(grid(columns=3000))) < 1_000_000


def test_the_page_has_a_cell_for_each_number() -> None:
    panel = grid()
    root = ElementTree.fromstring(grid_svg(panel))
    fills = [found.get("fill") for found in root.iter("rect") if found.get("fill")]
    wanted = panel.values[~np.isnan(panel.values)]
    assert sorted(fills) == sorted(written(colour_of(value)) for value in wanted)
    assert {"layer 1", "층 <2>", "머리 3"} <= {found.text for found in root.iter("text")}


def test_nothing_is_a_grid_too() -> None:
    empty = Grid("", np.zeros((0, 0, 0, 0)), [], [], "x", "y")
    exhibit = Exhibit("none", [empty])
    assert ElementTree.fromstring(grid_svg(empty)) is not None and rendered(exhibit, 80, colour=True).plain
    assert picture(exhibit, "svg", note=pytest.fail).startswith(b"<?xml")


def test_a_table_that_is_pictured_is_drawn_beside_others() -> None:
    drawn = picture(Exhibit("", [grid(), replace(table(), pictured=True)]), "svg", note=pytest.fail).decode()
    assert ">2.19<" in drawn and ">머리 3<" in drawn and ">source<" not in drawn
