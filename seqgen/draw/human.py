"""Numbers as people read them."""

from __future__ import annotations

import math

from seqgen.visible import visible

__all__ = ["age", "count", "duration", "figure", "plural", "size", "visible"]


def duration(seconds: float) -> str:
    """0:31, 12:05, 1:02:03; "?" for what is not known."""
    if not math.isfinite(seconds):
        return "?"
    whole = max(0, round(seconds))
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours}:{minutes:02d}:{left:02d}" if hours else f"{minutes}:{left:02d}"


def age(seconds: float) -> str:
    """now, 3 min, 5 h, 2 days."""
    for limit, size, unit in ((60, 0, "now"), (3600, 60, "min"), (172_800, 3600, "h")):
        if seconds < limit:
            return f"{seconds / size:.0f} {unit}" if size else unit
    return f"{seconds / 86_400:.0f} days"


def count(number: float) -> str:
    """950, 12.4 k, 1.12 M."""
    for limit, size, unit in ((1_000, 1, ""), (1_000_000, 1_000, " k"), (1_000_000_000, 1_000_000, " M")):
        if abs(number) < limit:
            return f"{number:.0f}" if size == 1 else f"{number / size:.3g}{unit}"
    return f"{number / 1e9:.3g} G"


def size(number: float) -> str:
    """950 B, 12.4 kB, 1.12 MB."""
    text = count(number)
    return f"{text}B" if " " in text else f"{text} B"


def figure(value: float) -> str:
    """A number in four decimals; more where 0.99996 would be shown as 1, and 4e-06 where it would be shown as 0."""
    if not math.isfinite(value):
        return "?"
    size = abs(value)
    if 0 < size < 0.00005:
        return f"{value:.0e}"
    text = f"{value + 0.0:.4f}"
    return f"{value:.7f}" if size < 1 <= abs(float(text)) else text


def plural(number: float, one: str, several: str = "") -> str:
    """1 pair, 1,200 pairs, 0 pairs: a number with its noun; `several` is the plural where that is not `one` with an s. Both may
    be longer, as in "pair is" and "pairs are"."""
    return f"{number:,.10g} {one if number == 1 else several or one + 's'}"
