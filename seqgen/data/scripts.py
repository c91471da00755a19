"""Scripts that a model has learnt from, as far as its vocabulary says, and texts in others.

The script of a letter is told from its name in the Unicode Character Database, so that none needs a table here.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seqgen.data.sentence.encoder import PairEncoder

# A script counts as learnt that has so many letters in a vocabulary, or this share of what the commonest script has there:
# an English text brings in some Greek letters, and a very short text has but a few of its own.
ENOUGH, SHARE = 10, 0.2
# A text is foreign where less than this share of its words are in scripts that were learnt: names and terms of another script
# stand in all texts, and a Korean line may consist of English words for the most part.
OWN = 1 / 3
# Letters of a text before its script is worth a word.
LEAST = 2
# Where words are not set apart, or are short, a letter counts as a word.
_EACH = frozenset({"CJK", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO", "YI", "THAI", "LAO", "KHMER", "MYANMAR", "TIBETAN"})
_CALLED = {"CJK": "Chinese characters", "HANGUL": "Hangul", "HIRAGANA": "Japanese letters", "KATAKANA": "Japanese letters"}
_NAME = re.compile(r"(.+?) (?:CAPITAL|SMALL|LETTER|SYLLAB|CHARACTER|IDEOGRAPH|UNIFIED|COMPATIBILITY|CHOSEONG|JUNGSEONG)")


@functools.cache
def script_of_letter(character: str) -> str:
    """The script of a letter as Unicode's names begin, "LATIN"; "" for what is no letter, or a letter of all scripts."""
    plain = unicodedata.normalize("NFKC", character)[:1]
    if unicodedata.category(plain or " ") not in ("Lu", "Ll", "Lt", "Lo"):
        return ""
    name = unicodedata.name(plain, "")
    found = _NAME.match(name)
    return found[1] if found else name.split(" ")[0]


def called(script: str) -> str:
    """What a reader calls the letters of a script: "Cyrillic letters"."""
    return _CALLED.get(script, f"{script.capitalize()} letters")


class LearntScripts:
    """The scripts of the characters that training has seen; where these are not known (None), no text is foreign."""

    def __init__(self, characters: Iterable[str] | None) -> None:
        self._characters = characters
        self._own: set[str] = set()  # characters that make no text foreign

    @cached_property
    def learnt(self) -> tuple[str, ...]:
        """The scripts that were learnt, the one with most letters first."""
        letters = Counter(filter(None, map(script_of_letter, self._characters or ())))
        enough = min(ENOUGH, SHARE * max(letters.values(), default=0))
        return tuple(script for script, count in letters.most_common() if count >= enough)

    def foreign(self, text: str) -> str:
        """The script of a text most of which is in one that was not learnt; else, and where there are no letters, ""."""
        if self._characters is None or not self.learnt or not self._strange(text):
            return ""
        words, letters = _counted(text)
        own = sum(words[script] for script in self.learnt)
        others = Counter({script: count for script, count in words.items() if script not in self.learnt})
        if not others or own >= OWN * words.total():
            return ""
        script = others.most_common(1)[0][0]
        # Half of a Japanese text are Chinese characters.
        script = "HIRAGANA" if script == "CJK" and others["HIRAGANA"] else script
        return script if sum(letters[one] for one in others) >= LEAST else ""

    def foreign_line(self, encoder: PairEncoder, line: str) -> str:
        """The same of a line to translate, without addresses, code and whatever else no model reads as words."""
        if not self.foreign(line):
            return ""
        rest, reached = [], 0
        for span in encoder.spans(line):
            if span.kind != "unseen":
                rest += [line[reached : span.start], " "]
                reached = span.stop
        return self.foreign("".join(rest) + line[reached:])

    def told(self, script: str) -> str:
        """What a foreign text is in, in words."""
        return f"in {called(script)}, which this run has not learnt"

    def known(self) -> str:
        """The scripts that the model knows best, in words."""
        return f"it has learnt {' and '.join(list(dict.fromkeys(map(called, self.learnt)))[:3])}"

    def _strange(self, text: str) -> bool:
        """Whether a text has any letter of a script that was not learnt: few have, and this is quick to find."""
        new = set(text) - self._own
        strange = {character for character in new if script_of_letter(character) not in ("", *self.learnt)}
        self._own |= new - strange
        return bool(strange)


def _counted(text: str) -> tuple[Counter[str], Counter[str]]:
    """Words and letters of each script. One letter is no word, where words are set apart: it is a symbol, as in a formula."""
    words: Counter[str] = Counter()
    letters: Counter[str] = Counter()
    last, size = "", 0
    for character in (*text, " "):
        if last and unicodedata.category(character)[0] == "M":
            continue  # a mark belongs to its letter
        script = script_of_letter(character)
        letters[script] += bool(script)
        size = size + 1 if script == last else 1
        words[script] += bool(script) and (script in _EACH or size == 2)
        last = script
    return words, letters
