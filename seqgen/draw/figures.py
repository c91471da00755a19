"""Numbers in the cells of a map: all of one map in one form and one unit, short, and none rounded to what it is not."""

from __future__ import annotations

import math

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
        return "<1" if 0.05 <= percent < 0.5 else ">99" if 99.5 <= percent < 99.95 else f"{percent:.0f}"
    reach = max(abs(panel.low), abs(panel.high))
    if reach < 0.05 or abs(value) >= 1e5:
        return f"{value:.0e}".replace("e-0", "e-").replace("e+0", "e") if value else "0"
    if reach <= 1 and 0.995 <= abs(value) < 0.99995:
        return ">0.99" if value > 0 else "<-0.99"
    text = f"{value:.{0 if reach >= 100 else 1 if reach >= 10 else 2}f}"
    return text.lstrip("-") if float(text) == 0 else text


def in_words(value: float, panel: Heat | Grid) -> str:
    """A number with its unit, for where there is room: more digits where it would be shown as all or nothing."""
    if panel.unit in SHARES:
        return next((text for digits in range(1, 6) if float(text := f"{value * 100:.{digits}f}") not in (0, 100)), text) + "%"
    text = f"{value:.4g}"
    return f"{value:.8g} {panel.unit}".rstrip() if abs(float(text)) == 1 else f"{text} {panel.unit}".rstrip()


def ends_of(panel: Heat | Grid) -> tuple[float, float]:
    """The numbers at both ends of the colours: with any below zero, equally far on both sides, so that zero is in the middle."""
    if panel.low < 0:
        reach = max(-panel.low, panel.high)
        return -reach, reach
    return panel.low, panel.high if panel.high > panel.low else panel.low + 1


def ends_in_words(panel: Heat | Grid) -> tuple[str, str]:
    """The same in the unit of the cells."""
    factor = 100 if panel.unit in SHARES else 1
    low, high = ends_of(panel)
    return f"{low * factor:g}", f"{high * factor:g}"
