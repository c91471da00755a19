"""Accelerators: the letter of a menu or a button that a key chooses, marked by a sign before it (&File, _Open).

The sign is taken out before a text is translated, and put before a fitting letter of the translation: the same one at the
beginning of a word, or anywhere; where the script has no such letter, behind the text in brackets, as interfaces in Korean,
Japanese and Chinese have it.
"""

from __future__ import annotations

import re
from typing import NamedTuple

# One sign, with a letter or digit behind it: in the text of an interface, which has no other such sign.
_SIGN = re.compile(r"(?<![\w&_])([&_])(?=[^\W_])|(?<=[^\W_])([&_])(?=[^\W_])")
_BRACKETED = re.compile(r"\s?\(([&_])([^\W_])\)")
_END = re.compile(r"(?:\s*(?:\.{2,}|…|[:：]))?\s*$")


class Accelerator(NamedTuple):
    """A sign, and the letter that it marks."""

    sign: str
    letter: str


def without_accelerator(text: str) -> tuple[str, Accelerator | None]:
    """A text without the sign of its accelerator. A text with several such signs has none: they are something else, as in
    AT&T or snake_case words; nor has one with an entity, where & has another meaning."""
    bracketed = list(_BRACKETED.finditer(text))
    if len(bracketed) == 1 and sum(map(text.count, "&_")) == 1:
        found = bracketed[0]
        return text[: found.start()] + text[found.end() :], Accelerator(found[1], found[2])
    signs = list(_SIGN.finditer(text))
    if len(signs) != 1 or sum(map(text.count, "&_")) != 1 or re.match(r"&#?\w+;", text[signs[0].start() :]):
        return text, None
    place = signs[0].start()
    inside_word = place > 0 and text[place - 1].isalnum()
    # AT&T, B&B: names in capitals rather than a menu's.
    if inside_word and (text[place] == "_" or text[place + 1].isupper()):
        return text, None
    return text[:place] + text[place + 1 :], Accelerator(text[place], text[place + 1])


def with_accelerator(text: str, found: Accelerator | None) -> str:
    """A translation with the accelerator of its source."""
    if found is None or not text.strip():
        return text
    letter = re.escape(found.letter)
    place = re.search(rf"(?<![^\W_]){letter}", text, re.I) or re.search(letter, text, re.I)
    if place is None and found.letter.isascii() and not re.search(r"[A-Za-z]", text):
        end = _END.search(text)
        at = end.start() if end else len(text)
        return f"{text[:at]}({found.sign}{found.letter.upper()}){text[at:]}"
    place = place or re.search(r"[^\W_]", text)
    return text if place is None else text[: place.start()] + found.sign + text[place.start() :]
