"""Colours for numbers: from dark to light as a number grows, so that the order is seen without knowing the colours.

They are the same in a terminal, in a picture and on a page, light or dark: whoever has read one reads all.
"""

from __future__ import annotations

from collections.abc import Sequence

RGB = tuple[int, int, int]

# Equal steps of lightness: night blue, violet, red, orange, pale yellow.
_SCALE: Sequence[RGB] = ((18, 16, 46), (72, 32, 118), (150, 44, 116), (218, 82, 78), (246, 150, 62), (252, 228, 130))
# Towards blue below zero, towards orange above; zero is dark, so that both ends stand out.
_BELOW: Sequence[RGB] = ((34, 34, 38), (22, 66, 118), (40, 118, 188), (118, 182, 232), (206, 232, 250))
_ABOVE: Sequence[RGB] = ((34, 34, 38), (106, 48, 16), (178, 84, 24), (236, 146, 72), (254, 218, 176))
# Cells of nearly the same colour share one, so that long lines have few spans.
_LEVELS = 31

# For lines: easy to tell apart, legible on dark and on light.
LINES = ("#3b8eea", "#e5682e", "#2fa56a", "#c458c9", "#c49a1f", "#12a5b8", "#e0527b", "#8a8f98")


def ramp(*, signed: bool) -> list[RGB]:
    """The colours from the lowest number to the highest, in equal steps."""
    return [*reversed(_BELOW), *_ABOVE[1:]] if signed else list(_SCALE)


def share_of(value: float, low: float, high: float) -> float:
    """How far `value` is from `low` towards `high`, 0 to 1; with `low` below zero, how far it is from zero, -1 to 1."""
    if low < 0:
        reach = max(-low, high)
        return min(1.0, max(-1.0, value / reach))
    return min(1.0, max(0.0, (value - low) / (high - low))) if high > low else 0.0


def colour_of(share: float, *, signed: bool = False) -> RGB:
    """The colour of a share from 0 to 1, or from -1 to 1 where `signed`."""
    scale = (_BELOW if share < 0 else _ABOVE) if signed else _SCALE
    place = round(min(1.0, abs(share)) * _LEVELS) / _LEVELS * (len(scale) - 1)
    first = min(int(place), len(scale) - 2)
    part = place - first
    red, green, blue = (round(a + (b - a) * part) for a, b in zip(scale[first], scale[first + 1], strict=True))
    return red, green, blue


def lightness(colour: RGB) -> float:
    """How light a colour looks, from 0 to 1 (luminance as in ITU-R BT.709, with a gamma of two)."""
    red, green, blue = (part / 255 for part in colour)
    return float((0.2126 * red**2 + 0.7152 * green**2 + 0.0722 * blue**2) ** 0.5)


def takes_dark_ink(colour: RGB) -> bool:
    """Whether black is more readable than white on a colour: their contrasts are equal at a luminance of 0.18."""
    return lightness(colour) > 0.42


def style_of(share: float, *, signed: bool = False) -> str:
    """A style for text on the colour of a share that keeps it readable, as rich writes it."""
    colour = colour_of(share, signed=signed)
    ink = "#101010" if takes_dark_ink(colour) else "#f4f4f4"
    return f"{ink} on {written(colour)}"


def written(colour: RGB) -> str:
    """A colour as style sheets and rich write it: #rrggbb."""
    return "#{:02x}{:02x}{:02x}".format(*colour)
