"""What a line has all over and a model need not know, taken off in front of it and given back behind it: capitals, and the
form of quotes, dashes and ellipses. It is given back only where the source leaves no doubt."""

from __future__ import annotations

import re

# A single word in capitals may be a name (NASA): from this many on it is shouting.
SHOUTED_WORDS = 2
_WORD = re.compile(r"[^\W\d_]{2,}")


def is_shouted(text: str) -> bool:
    """Whether a text is written in capitals throughout."""
    return text.isupper() and len(_WORD.findall(text)) >= SHOUTED_WORDS


def lowered(text: str) -> str:
    """A text in lower case, its first letter apart: as a writer without a shift key would begin it."""
    low = text.lower()
    for place, character in enumerate(low):
        if character.isalpha():
            return low[:place] + character.upper() + low[place + 1 :] if len(character.upper()) == 1 else low
    return low


def retyped(translation: str, source: str) -> str:
    """A translation with the apostrophes, quotes, dashes and ellipses of its source, where that uses one form of each."""
    if source.isascii():
        return translation
    if "’" in source and "'" not in source:
        translation = translation.replace("'", "’")
    if "…" in source and "..." not in source:
        translation = translation.replace("...", "…")
    for dash in "–—":
        if f" {dash} " in source and " - " not in source:
            translation = translation.replace(" - ", f" {dash} ")
    # Other quotation marks belong to a language, and a translation is in another one.
    return _quoted(translation, "“", "”") if "“" in source and "”" in source and '"' not in source else translation


def _quoted(text: str, opening: str, closing: str) -> str:
    """Straight quotes, if they come in pairs, in another form."""
    parts = text.split('"')
    if len(parts) % 2 == 0:
        return text
    marks = [opening, closing] * (len(parts) // 2)
    return parts[0] + "".join(mark + part for mark, part in zip(marks, parts[1:], strict=True))
