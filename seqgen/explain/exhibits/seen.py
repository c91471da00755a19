"""What a look inside a model takes and gives."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqgen.draw.panels import Exhibit

Record = dict[str, Any]
# What to draw, and the numbers of it for a program.
Seen = tuple[Exhibit, Record]
# Called with what a user should know, and with the share of the work done.
Note = Callable[[str], None]
Tell = Callable[[float], None]
# The most characters of a text that a picture names.
MOST_TEXT = 100


def about(name: str, *texts: str) -> str:
    """Which run, "" where the title says so, and the beginnings of the texts that it has read."""
    return " · ".join([*([name] if name else []), *(f"“{_beginning(text)}”" for text in texts if text)])


def _beginning(text: str) -> str:
    """The first words of a text, with … where that is not all of it."""
    if len(text) <= MOST_TEXT:
        return text
    begun = text[:MOST_TEXT]
    return (begun.rsplit(" ", 1)[0] if " " in begun[MOST_TEXT // 2 :] else begun).rstrip() + "…"


def exact(array: NDArray[np.floating]) -> list[Any]:
    """An array as nested lists, in the eight digits that 32 bits hold; None for what is no number."""
    if array.ndim > 1:
        return [exact(row) for row in array]
    return [float(f"{value:.8g}") if math.isfinite(value) else None for value in array.tolist()]
