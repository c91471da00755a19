"""What the symbols of a vocabulary write, in characters: one, several at once, or a part of one.

Shape legend: V vocabulary, N characters of the training text.
"""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from seqgen.copies.index import PIECE, CopyIndex, codes_of, hashes_of
from seqgen.copies.spans import spans_of


class Written(NamedTuple):
    """What each id writes behind some bytes of an unfinished character, or where a line begins: whole characters [V], their
    numbers [V], the unfinished bytes behind them [V], and the ids by what they begin with."""

    texts: list[str]
    codes: list[list[int]]
    rests: list[bytes]
    starting: dict[str, list[int]]


class Symbols:
    """The symbols of a vocabulary by their bytes, `spellings` [V], and `first` where a line begins."""

    def __init__(self, spellings: Sequence[bytes], first: Sequence[bytes]) -> None:
        self._spellings, self._first = spellings, first
        self.are_alike = list(first) == list(spellings)
        self._behind: dict[tuple[bytes, bool], Written] = {}
        self.longest = max(map(len, self.behind(b"", False).texts), default=1)

    def behind(self, rest: bytes, is_first: bool) -> Written:
        """What each writes behind unfinished bytes; whether nothing else stands in the line."""
        key = rest, is_first and not self.are_alike
        if key not in self._behind:
            texts, rests = [], []
            for spelt in self._first if is_first else self._spellings:
                decoder = codecs.getincrementaldecoder("utf-8")("replace")
                texts.append(decoder.decode(rest + spelt))
                rests.append(decoder.getstate()[0])
            starting: dict[str, list[int]] = {}
            for id_, text in enumerate(texts):
                for end in range(1, len(text) + 1):
                    starting.setdefault(text[:end], []).append(id_)
            self._behind[key] = Written(texts, [[ord(one) for one in text] for text in texts], rests, starting)
        return self._behind[key]


class LongSymbols:
    """Symbols that bring so many characters with them that an index of longer stretches does not see what they would copy.

    `least` characters or more of each stand in the text, at some places; there a stretch of `length` is copied exactly if what
    stands before such a place was written before the symbol: so many characters as are missing.
    """

    def __init__(self, index: CopyIndex, written: Written, least: int, length: int) -> None:
        # Those that hold such a stretch themselves.
        self.whole = [id_ for id_, text in enumerate(written.texts) if len(text) >= length and _holds(text, index, length)]
        # Characters that are missing -> hashes of those, sorted, and the id that they forbid.
        self._missing: dict[int, tuple[NDArray[np.uint64], NDArray[np.int64]]] = {}
        ids: dict[str, list[int]] = {}
        for id_, text in enumerate(written.texts):
            if len(text) >= least:
                ids.setdefault(text[:least], []).append(id_)
        if not ids:
            return
        heads = {int(hashes_of(codes_of(head), least)[0]): head for head in ids}
        found: dict[int, set[tuple[int, int]]] = {}
        for place, hashed in _places_of(index, list(heads), least):
            for id_ in ids[heads[hashed]]:
                self._note(index, written.texts[id_], place, length, id_, found)
        for missing, pairs in found.items():
            listed = sorted(pairs)
            hashes = np.array([hashed for hashed, _ in listed], dtype=np.uint64)
            self._missing[missing] = hashes, np.array([id_ for _, id_ in listed], dtype=np.int64)

    def _note(
        self, index: CopyIndex, text: str, place: int, length: int, id_: int, found: dict[int, set[tuple[int, int]]]
    ) -> None:
        """What has to stand before a symbol where it stands in the text."""
        codes = codes_of(text)
        there = index.codes[place : place + len(codes)]
        differ = np.flatnonzero(there != codes[: len(there)])
        common = int(differ[0]) if len(differ) else len(there)
        missing = length - common
        if 0 < missing <= place:
            before = index.codes[place - missing : place].astype(np.uint32)
            found.setdefault(missing, set()).add((int(hashes_of(before, missing)[0]), id_))

    def forbidden(self, tail: str) -> list[int]:
        """The ids that may not follow this text."""
        ids = list(self.whole)
        codes = codes_of(tail)
        for missing, (hashes, forbidden) in self._missing.items():
            if missing <= len(codes):
                hashed = hashes_of(codes[len(codes) - missing :], missing)[0]
                first, last = hashes.searchsorted(hashed), hashes.searchsorted(hashed, side="right")
                ids += forbidden[first:last].tolist()
        return ids


def _holds(text: str, index: CopyIndex, length: int) -> bool:
    """Whether a stretch of `length` characters of a text stands in the indexed one."""
    return any(span.end - span.begin >= length for span in spans_of(text, index))


def _places_of(index: CopyIndex, wanted: list[int], size: int) -> list[tuple[int, int]]:
    """Where in the text stretches of `size` characters with one of these hashes begin, and which."""
    found = []
    sought = np.sort(np.array(wanted, dtype=np.uint64))
    for start in range(0, len(index.codes), PIECE):
        hashes = hashes_of(index.codes[start : start + PIECE + size - 1], size)
        nearest = np.minimum(sought.searchsorted(hashes), len(sought) - 1)
        at = np.flatnonzero(sought[nearest] == hashes)
        found += list(zip((at + start).tolist(), hashes[at].tolist(), strict=True))
    return found
