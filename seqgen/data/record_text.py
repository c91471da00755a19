"""A corpus of records, each a text of its own: one text in which a mark ends each of them.

The mark is an ordinary symbol of the vocabulary, so that a model learns by itself where a record begins and ends. Lines end in
a newline; other records, which may hold newlines, in U+001E, the record separator of ASCII. In front of a record may stand its
label and U+001F, the unit separator.

Shape legend: N symbols, R records.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqgen.errors import ConfigError

LINES, PARAGRAPHS, FILES = "lines", "paragraphs", "files"
LINE_END, END, LABEL_END = "\n", "\x1e", "\x1f"
_MARKS = re.compile(f"[{END}{LABEL_END}]")
# Labels that an error names.
NAMED = 20
_BLANK = re.compile(r"\n[ \t]*\n\s*")


def end_of(records: str) -> str:
    """The mark behind records of a kind."""
    return LINE_END if records == LINES else END


def before_first(records: str | None) -> str:
    """What the first symbol of a text is predicted after, in training and in use: a newline, or the end of another record."""
    return end_of(records) if records else "\n"


def shown_between(records: str) -> str:
    """What stands between records where people read them."""
    return "\n" if records == LINES else "\n\n"


def split_records(text: str, records: str) -> list[str]:
    """The lines or paragraphs of a text that hold something; or the text itself."""
    parts = text.split("\n") if records == LINES else _BLANK.split(text) if records == PARAGRAPHS else [text]
    return [part.strip("\n") for part in parts if part.strip()]


def marked_text(found: Iterable[tuple[str, str]], records: str) -> list[str]:
    """Records, each with its label ("" for none) in front and the mark behind it. Marks that they hold themselves are gone."""
    end = end_of(records)
    made = []
    for text, label in found:
        text = _MARKS.sub("", text)
        if end == LINE_END:
            text = " ".join(text.split("\n"))
        made.append((_labelled(label) if label else "") + text + end)
    return made


def records_in(text: str, records: str) -> list[str]:
    """The records of such a text, without labels."""
    return [one.rpartition(LABEL_END)[2] for one in text.split(end_of(records)) if one]


def _labelled(label: str) -> str:
    return " ".join(_MARKS.sub("", label).split()) + LABEL_END


def beginning(records: str, known: Mapping[str, Any], label: str | None = None, prompt: str = "") -> str:
    """What stands before a prompt that begins a record: the mark of the one before it, and its label, one of those `known`.

    Raises ConfigError for another one, and for a prompt without a label where records have one: it would be read as such."""
    named = ", ".join(list(known)[:NAMED]) + (", ..." if len(known) > NAMED else "")
    if label is not None and label not in known:
        raise ConfigError(f"no label {label!r} was learnt", f"the labels are {named}" if known else "its records have none")
    if prompt and known and label is None:
        raise ConfigError("a record begins with its label: name it before a prompt", f"the labels are {named}")
    return end_of(records) + (_labelled(label) if label else "")


class Shown:
    """A text of records as it comes, made into what people read: without labels, and with what stands between records in place
    of the mark."""

    def __init__(self, records: str, labelled: bool, begins_anew: bool) -> None:
        """`labelled`: each record has a label in front; so has what comes first where it `begins_anew`."""
        self._end, self._between, self._labelled = end_of(records), shown_between(records), labelled
        self._in_label = labelled and begins_anew

    def push(self, text: str) -> str:
        """What is shown of a piece."""
        shown = ""
        while text:
            if self._in_label:
                _, mark, text = text.partition(LABEL_END)
                self._in_label = not mark
                continue
            part, mark, text = text.partition(self._end)
            shown += part + (self._between if mark else "")
            self._in_label = bool(mark) and self._labelled
        return shown


def held_out(records: Sequence[str], fraction: float) -> list[bool]:
    """For each record whether it is held out, by a hash of it alone: so all that are the same are on one side, and it does not
    matter in which order they come."""
    threshold = int(fraction * 2**64)
    return [int.from_bytes(hashlib.blake2b(one.encode(), digest_size=8).digest(), "big") < threshold for one in records]


class Shuffled:
    """The ids of records in an order of its own for each pass over them."""

    def __init__(self, ids: NDArray[Any], end: int, seed: int) -> None:
        """`ids` [N], in which each record ends with `end`."""
        self.ids, self.seed = ids, seed
        ends = np.flatnonzero(ids == end) + 1
        stops = ends if len(ends) and ends[-1] == len(ids) else np.append(ends, len(ids))
        self._starts, self._sizes = np.concatenate([[0], stops[:-1]]), np.diff(stops, prepend=0)  # [R]
        self._made: tuple[int, NDArray[Any]] | None = None

    def of(self, epoch: int) -> NDArray[Any]:
        """The ids as a pass reads them [N]; a pure function of the seed and the pass."""
        if self._made is None or self._made[0] != epoch:
            order = np.random.default_rng([self.seed, epoch, 1]).permutation(len(self._starts))
            sizes = self._sizes[order]
            places = np.repeat(self._starts[order] - np.concatenate([[0], np.cumsum(sizes)[:-1]]), sizes)
            self._made = epoch, self.ids[places + np.arange(len(self.ids))]
        return self._made[1]
