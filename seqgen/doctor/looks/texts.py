"""What shows in a pair by itself: letters of a wrong encoding, characters that nobody sees, and numbers, placeholders,
addresses and tags that the two sides do not share."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from seqgen.data.mending import INVISIBLE
from seqgen.data.sentence.spans import spans
from seqgen.doctor.findings import Findings
from seqgen.doctor.kinds import KINDS
from seqgen.doctor.spool import Piece, Spool

# UTF-8 that was read as Windows-1252 or Latin-1: a byte that begins a character of several, then bytes that go on with it.
_UPPER = "\x80-\xbf\u20ac\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u017d\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u017e\u0178"  # noqa: E501
_MOJIBAKE = re.compile(rf"[\xc3\xc2\xc5\xce\xcf\xd0\xd1][{_UPPER}]|[\xe0-\xef][{_UPPER}]{{2}}|\xf0\u0178[{_UPPER}]{{2}}")
_REPLACEMENT = "\ufffd"
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u2028\u2029\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069]")
# Months have numbers in Korean, Chinese and Japanese, and names elsewhere.
_DIGITS = re.compile(r"\d+(?![\d월月])")
_NUMERAL = re.compile(r"\d+(?:[.,:/'’ ]\d+)*")
# What a piece is searched for at once: bytes and their bits.
_NUMBER, _MARK, _ODD = 1, 2, 4
_LEADS = np.isin(np.arange(256), [0xC2, 0xC5, 0xC6, 0xCB, 0xE2])
_KINDS = {
    "tag": "tags", "entity": "tags", "format": "placeholders", "url": "placeholders", "email": "placeholders",
}  # fmt: skip
SHOWN = 60

Found = tuple[str, float, str]


def look(findings: Findings, spool: Spool, lines: bool) -> None:
    """Find what is wrong with pairs, or with the `lines` of a text, which have no other side that they could differ from."""
    for piece in spool.pieces():
        suspect = _suspects(piece)
        for at in np.flatnonzero(suspect).tolist():
            source, target = piece.text(0, at), piece.text(1, at)
            for kind, badness, detail in _looks(source, target, int(suspect[at])):
                if KINDS[kind].lines or not lines:
                    findings.add(kind, piece.first + at, badness, detail)


def unseen(source: str, target: str) -> Iterator[Found]:
    """The characters of a pair that nobody sees."""
    for name, text in (("source", source), ("target", target)):
        if found := [*INVISIBLE.findall(text), *_CONTROLS.findall(text)]:
            names = ", ".join(f"U+{ord(one):04X}" for one in dict.fromkeys(found))
            yield "invisible", float(len(found)), f"{name}: {names}"


def _suspects(piece: Piece) -> NDArray[np.uint8]:
    """What each pair of a piece has to be looked at for, as bits [P]: Python looks at few."""
    data = np.concatenate([piece.data, np.zeros(3, np.uint8)])
    a, b, c = data[:-3], data[1:-2], data[2:-1]
    bits = np.zeros(len(a), np.uint8)
    bits[(a >= 0x30) & (a <= 0x39)] = _NUMBER
    bits[np.isin(a, np.frombuffer(b"&<%{@", np.uint8)) | ((a == ord(":")) & (b == c) & (b == ord("/")))] = _MARK
    bits[(a == b) & (b == c) & (a == ord("w"))] = _MARK
    odd = ((a < 0x20) & (a != 0x09)) | (a == 0x7F) | ((a == 0xC2) & ((b < 0xA0) | (b == 0xAD)))
    # U+200B-200F, 2028-202E, 2060-2069; U+FEFF and U+FFFD.
    odd |= (a == 0xE2) & (((b == 0x80) & (((c >= 0x8B) & (c <= 0x8F)) | ((c >= 0xA8) & (c <= 0xAE)))) | (b == 0x81))
    odd |= (a == 0xEF) & (b >= 0xBB)
    # A letter of Latin-1, and a character that Windows-1252 reads from the byte behind it.
    odd |= (a == 0xC3) & _LEADS[c]
    bits[odd] = _ODD
    edges = np.concatenate([piece.begin, piece.end[:, -1:]], axis=1)  # [2, P + 1]
    sides = []
    for side in (0, 1):
        # reduceat takes one number of an empty text.
        inside = np.bitwise_or.reduceat(np.concatenate([bits, [0]]).astype(np.uint8), edges[side][:-1])
        sides.append(np.where(piece.end[side] > piece.begin[side], inside, 0))
    return np.asarray(sides[0] | sides[1], np.uint8)


def _looks(source: str, target: str, suspect: int) -> Iterator[Found]:
    if suspect & _ODD:
        yield from unseen(source, target)
        yield from _unread(source, target)
    if suspect & _NUMBER:
        yield from _numbers(source, target)
    if suspect & _MARK:
        yield from _marks(source, target)


def _unread(source: str, target: str) -> Iterator[Found]:
    for name, text in (("source", source), ("target", target)):
        if _REPLACEMENT in text:
            yield "mojibake", float(text.count(_REPLACEMENT)), f"{name}: U+FFFD, where a character was lost"
        elif found := _wrongly_read(text):
            yield "mojibake", float(found[0]), f"{name}: {found[1]!r}, which may be {found[2]!r}"


def _wrongly_read(text: str) -> tuple[int, str, str] | None:
    """How many characters of a text were read in a wrong encoding, the first word with one, and what it may be."""
    count, first = 0, ("", "")
    for word in re.findall(r"\S+", text) if _MOJIBAKE.search(text) else ():
        repaired = _repaired(word) if _MOJIBAKE.search(word) else None
        if repaired is not None:
            count += len(word) - len(repaired)
            first = first if first[0] else (word[:SHOWN], repaired[:SHOWN])
    return (count, *first) if count else None


def _repaired(word: str) -> str | None:
    """A word that was UTF-8 before it was read as Windows-1252 or Latin-1; None where it was not."""
    for encoding in ("cp1252", "latin-1"):
        try:
            # What Windows-1252 has no character for stays the control character that the byte is.
            data = b"".join(one.encode(encoding) if one > "\x9f" or one < "\x80" else bytes([ord(one)]) for one in word)
            found = data.decode("utf-8")
        except UnicodeError:
            continue
        return found if len(found) < len(word) else None
    return None


def _numbers(source: str, target: str) -> Iterator[Found]:
    """Numbers, however they are written: 1,000.5 is 1 000,5, and 3/4/2026 is 4.3.2026. Single digits may be words."""
    left, right = (sorted(_DIGITS.findall(side)) for side in (source, target))
    if left == right or sorted("".join(left)) == sorted("".join(right)):
        return
    one, other = Counter(left), Counter(right)
    lost = [f"{_whole(number, source)} only in the source" for number in (one - other).elements() if _counts(number)]
    added = [f"{_whole(number, target)} only in the target" for number in (other - one).elements() if _counts(number)]
    if lost or added:
        yield "numbers", float(len(lost) + len(added)), _listed(lost + added)


def _whole(digits: str, text: str) -> str:
    """The number in a text that has these digits between its marks."""
    return next((number for number in _NUMERAL.findall(text) if digits in _DIGITS.findall(number)), digits)


def _counts(digits: str) -> bool:
    """Whether digits say more than a single one, or than zeros: 2.00 is 2, and 40,000 may be forty thousand."""
    return len(digits) > 1 and bool(digits.strip("0"))


def _marks(source: str, target: str) -> Iterator[Found]:
    sides: list[dict[str, Counter[str]]] = []
    for text in (source, target):
        found: dict[str, Counter[str]] = {"tags": Counter(), "placeholders": Counter()}
        for span in spans(text, lambda text: set()):
            if kind := _KINDS.get(span.kind):
                found[kind][text[span.start : span.stop]] += 1
        sides.append(found)
    for kind in ("placeholders", "tags"):
        left, right = (side[kind] for side in sides)
        if left != right:
            lost = [f"{one} only in the source" for one in (left - right).elements()]
            added = [f"{one} only in the target" for one in (right - left).elements()]
            yield kind, float(len(lost) + len(added)), _listed(lost + added)


def _listed(items: list[str]) -> str:
    return ", ".join(items[:3]) + (f", and {len(items) - 3} more" if len(items) > 3 else "")
