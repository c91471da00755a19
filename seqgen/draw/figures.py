"""Numbers in the cells of a map: all of one map in one form and one unit, short, and none rounded to what it is not."""

from __future__ import annotations

import math
from collections.abc import Sequence

from seqgen.draw.panels import Grid, Heat

# Units whose numbers are parts of a whole: they are written in percent.
SHARES = ("share", "probability")


def unit_of(panel: Heat | Grid) -> str:
    """What the numbers in the cells and along the colours are given in."""
    if panel.unit not in SHARES:
        return panel.unit
    return "percent" if panel.unit == "share" else f"{panel.unit}, percent"


def in_cell(value: float, panel: Heat | Grid) -> str:
    """A number as it stands in a cell of the map, "" for what is none.

    Percent without decimals, where 0.3 is <1 and 99.7 is >99; other numbers with as many decimals as the largest of the map
    needs, where 0.997 is >0.99.
    """
    if not math.isfinite(value):
        return ""
    if panel.unit in SHARES:
        percent = value * 100
        return "<1" if 0.05 <= percent <= 0.5 else ">99" if 99.5 <= percent < 99.95 else f"{percent:.0f}"
    reach = max(abs(panel.low), abs(panel.high))
    if reach < 0.05 or abs(value) >= 1e5:
        return f"{value:.0e}".replace("e-0", "e-").replace("e+0", "e") if value else "0"
    if reach <= 1 and 0.995 <= abs(value) < 0.99995:
        return ">0.99" if value > 0 else "<-0.99"
    text = f"{value:.{0 if reach >= 100 else 1 if reach >= 10 else 2}f}"
    return text.lstrip("-") if float(text) == 0 else text


def in_words(value: float, panel: Heat | Grid) -> str:
    """A number with its unit, for where there is room: with more digits where fewer would show it as nothing or as all."""
    if panel.unit in SHARES:
        return _until_it_differs(value * 100, ("{:.1f}", "{:.3f}", "{:.5f}"), (0.0, 100.0)) + "%"
    return f"{_until_it_differs(value, ('{:.4g}', '{:.8g}'), (1.0, -1.0))} {panel.unit}".rstrip()


def _until_it_differs(value: float, forms: Sequence[str], ends: tuple[float, float]) -> str:
    """The first form that does not round a number to one of the ends, unless it is there."""
    texts = [form.format(value) for form in forms]
    return texts[0] if value in ends else next((text for text in texts if float(text) not in ends), texts[0])


def ends_of(panel: Heat | Grid) -> tuple[float, float]:
    """The numbers at both ends of the colours: equally far from zero where any is below it, so that zero is in the middle."""
    if panel.low < 0:
        reach = max(-panel.low, panel.high)
        return -reach, reach
    return panel.low, panel.high if panel.high > panel.low else panel.low + 1


def ends_in_words(panel: Heat | Grid) -> tuple[str, str]:
    """The same in the unit of the cells."""
    factor = 100 if panel.unit in SHARES else 1
    low, high = ends_of(panel)
    return f"{low * factor:g}", f"{high * factor:g}"
