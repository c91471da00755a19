"""Primers: what is read silently before a short prompt, or before no prompt at all.

A model reads a text as one long stretch, so that it hardly ever learns what stands at the very beginning of one: a network
begins without memory, and counts answer for a context that is nowhere else so short. So a run keeps some stretches of its
training text, and a prompt is read where one of them has something that begins like it.

Stretches end at the coarsest boundary that the text has: of paragraphs, lines, sentences or words; where it has none of them,
anywhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqgen.tokenizers.base import UNK, Tokenizer

Ids = NDArray[Any]

# Stretches of a run, spread evenly over its text, and symbols of each.
STRETCHES, STRETCH = 64, 96
# Symbols that are read. More were measured to change nothing, and a prompt of as many needs none.
PRIMER = 32
# Symbols in which a boundary is looked for: what is rarer in a text is not how its parts begin.
REACH = 10_000
# A text of so few symbols is learnt by heart, its beginning too, as in the textbook exercise.
TEXTBOOK_LENGTH = 80
BOUNDARIES = (("\n\n",), ("\n",), (". ", "! ", "? ", "。", "！", "？"), (" ",))
# A longer match is preferred as long as so many places have it.
ENOUGH = 4


def stretches_of(ids: Ids, tokenizer: Tokenizer) -> list[Ids]:
    """The stretches that a run keeps of its training text; none where that is too short to need any."""
    if len(ids) <= TEXTBOOK_LENGTH:
        return []
    starts = np.unique(np.linspace(PRIMER, len(ids), STRETCHES, endpoint=False, dtype=np.int64)).tolist()
    ends: list[int] = starts
    for level in BOUNDARIES:
        marks = [found for mark in level if UNK not in (found := tokenizer.encode(mark))]
        places = [place for start in starts if (place := _first_end(ids, start, marks))]
        if 2 * len(places) >= len(starts):
            ends = sorted(set(places))
            break
    return [ids[max(0, end - STRETCH) : end] for end in ends]


def _first_end(ids: Ids, start: int, marks: Sequence[Ids]) -> int:
    """The first place from `start` on where one of the marks ends and something else begins, 0 where there is none."""
    window = ids[start : start + REACH]
    places = []
    for mark in marks:
        count = max(0, len(window) - len(mark))  # something has to follow
        same = window[len(mark) :] != mark[-1]
        for offset, id_ in enumerate(mark.tolist()):
            same &= window[offset : offset + count] == id_
        if same.any():
            places.append(start + int(same.argmax()) + len(mark))
    return min(places, default=0)


def primers_for(prompt: Ids, stretches: Sequence[Ids], gaps: Ids) -> list[Ids]:
    """What may be read before a prompt; `gaps` are the ids of white space, after which words begin.

    Before no prompt: the ends of the stretches. Else, what stands before the places where a word begins like the prompt, or
    where anything does.
    """
    if len(prompt):
        text = np.concatenate(stretches)
        offsets = np.concatenate([np.arange(len(stretch)) for stretch in stretches])
        places = np.flatnonzero((text == prompt[0]) & (offsets >= PRIMER))
        if prompt[0] not in gaps:
            words = places[np.isin(text[places - 1], gaps)]
            places = words if len(words) else places
        for length, id_ in enumerate(prompt[1:].tolist(), start=1):
            longer = places[places + length < len(text)]
            longer = longer[(text[longer + length] == id_) & (offsets[longer + length] >= PRIMER)]
            if len(longer) < ENOUGH:
                break
            places = longer
        if len(places):
            return [text[place - PRIMER : place] for place in places.tolist()]
    return [stretch[-PRIMER:] for stretch in stretches]


def to_arrays(stretches: Sequence[Ids]) -> dict[str, NDArray[Any]]:
    """Stretches as a run keeps them: their ids in a row, and where each ends there."""
    return {"ids": np.concatenate(stretches), "ends": np.cumsum([len(ids) for ids in stretches]).astype(np.uint32)}


def from_arrays(arrays: Mapping[str, NDArray[Any]]) -> list[Ids]:
    """The inverse of to_arrays."""
    return np.split(arrays["ids"], arrays["ends"][:-1])
