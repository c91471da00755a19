"""Numbers in cells: short, in one unit, and never what they are not."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqgen.draw.figures import ends_in_words, in_cell, in_words, unit_of
from seqgen.draw.panels import Heat


def heat(unit: str, low: float = 0.0, high: float = 1.0) -> Heat:
    return Heat("", np.zeros((1, 1)), ["r"], ["c"], "x", "y", unit, low, high)


@pytest.mark.parametrize(
    ("unit", "low", "high", "value", "cell", "words"),
    [
        ("share", 0, 1, 0.0, "0", "0.0%"),
        ("share", 0, 1, 0.0001, "0", "0.010%"),
        ("share", 0, 1, 0.003, "<1", "0.3%"),
        ("share", 0, 1, 0.006, "1", "0.6%"),
        ("share", 0, 1, 0.5, "50", "50.0%"),
        ("probability", 0, 1, 0.997, ">99", "99.7%"),
        ("share", 0, 1, 0.99999, "100", "99.999%"),
        ("share", 0, 1, 1.0, "100", "100.0%"),
        ("h", -1, 1, 0.7, "0.70", "0.7 h"),
        ("h", -1, 1, 0.997, ">0.99", "0.997 h"),
        ("h", -1, 1, -0.997, "<-0.99", "-0.997 h"),
        ("h", -1, 1, -0.999996, "-1.00", "-0.999996 h"),
        ("h", -1, 1, 1.0, "1.00", "1 h"),
        ("h", -1, 1, -0.0008, "0.00", "-0.0008 h"),
        ("bits", 0, 9, 0.997, "1.00", "0.997 bits"),
        ("bits", 0, 30, 12.34, "12.3", "12.34 bits"),
        ("", 0, 500, 123.4, "123", "123.4"),
        ("norm", 0, 0.001, 0.0004, "4e-4", "0.0004 norm"),
        ("", 0, 1, math.nan, "", "nan"),
    ],
)
def test_a_number_is_short_in_its_cell_and_whole_under_the_pointer(
    unit: str, low: float, high: float, value: float, cell: str, words: str
) -> None:
    panel = heat(unit, low, high)
    assert (in_cell(value, panel), in_words(value, panel)) == (cell, words)


@given(st.floats(0, 1))
def test_what_is_neither_nothing_nor_all_is_not_shown_as_such(share: float) -> None:
    said = in_cell(share, heat("share"))
    assert said != "100" or share >= 0.9995
    assert said != "0" or share <= 0.0005
    if said.isdigit():
        assert abs(float(said) - share * 100) <= 0.5 + 1e-9


def test_the_ends_of_the_colours_have_the_unit_of_the_cells() -> None:
    assert (unit_of(heat("share")), *ends_in_words(heat("share"))) == ("percent", "0", "100")
    assert (unit_of(heat("tanh(c)", -1, 0.5)), *ends_in_words(heat("tanh(c)", -1, 0.5))) == ("tanh(c)", "-1", "1")
    assert ends_in_words(heat("bits", 3, 3)) == ("3", "4")
