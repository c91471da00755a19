"""How a model that sees no more than a context reads a text of any length: in windows that overlap by half.

A window holds up to C symbols. When it is full, the next begins with its last C / 2, which are read again from their new
places. Where a window begins follows from the number of symbols alone, so that writing, scoring and looking inside agree, and
each symbol but the first C is predicted from C / 2 to C others.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple


class Window(NamedTuple):
    """Symbols `start` to `end` are read together; those before `new` have been in an earlier window."""

    start: int
    new: int
    end: int


def windows(held: int, coming: int, context: int) -> Iterator[Window]:
    """The windows for `coming` symbols behind the `held` ones of the open window, the first of which is number 0."""
    start, done, total = 0, held, held + coming
    while done < total:
        if done - start == context:
            start = done - context // 2
        end = min(total, start + context)
        yield Window(start, done, end)
        done = end
