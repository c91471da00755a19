"""Where a sentence ends: a table of rules, asked in order about each mark that may end one; the first that applies decides.

The rules need no language to be named: abbreviations and frequent first words of several languages stand side by side.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from seqgen.data.sentence.normalise import CONTROLS, INVISIBLE

CLOSING = "\"'”’»)\\]」』）】"
# Each run of marks with the quotes and brackets that close behind it, also after a space as in French, and the space that
# follows, with what nobody sees in it. Repeats are possessive, so that nothing is scanned twice.
_CANDIDATE = re.compile(
    rf"(?P<mark>[.!?…‥。！？｡]++)(?P<closing>[{CLOSING}]*+(?:[ \u00a0\u202f]»)?+)(?P<space>[\s{INVISIBLE}{CONTROLS}]*+)"
)
_OPENING = re.compile(r"[\"'“”„‘’«‹(\[「『（【¿¡\-–—•*]++\s*+")
_WORD = re.compile(r"[^\W\d_]++")
_BEFORE = re.compile(r"[^\s\"'“”„‘’«»()\[\]/]+\Z")
# A word and what surrounds it is never longer than this: what is looked at around a mark is bounded.
_REACH = 40
LONGEST_ABBREVIATION = 5

_ABBREVIATIONS = frozenset(
    # before a name or a word, in English, German, French, Spanish, Italian
    "mr mrs ms dr prof st mme mlle mm me messrs hr fr frl sr sra srta dott sig sen rep gov gen col maj capt cpt lt sgt cpl "
    "rev hon pres mt ft vs v cf approx ca bzw evtl ggf inkl exkl sog vgl z.b d.h u.a u.u i.d.r s.o s.u z.t p.ex c.-à-d i.e "
    "e.g viz dipl ing geb bspw zzgl abzgl av bd boul chap éd env p.ej".split()
)
_BEFORE_NUMBERS = frozenset("no nr n art fig figs abb kap abs sec p pp s vol bd ch tab eq ex tel nos núm núms pág".split())
# At the end of a sentence as often as inside one.
_EITHER = frozenset("etc usw usf u.s u.k e.u u.n a.m p.m ph.d inc ltd co corp jr bros dept est ave blvd rd d.c b.c a.d".split())
_MONTHS = frozenset(
    "januar februar märz april mai juni juli august september oktober november dezember jahrhundert jahrestag mal platz "
    "stock klasse januari february march".split()
)
# Words in capitals that begin a sentence far more often than they are part of a name.
_STARTERS = frozenset(
    "the a an he she it they we you i this that these those there his her my our your their in on at but and so if when "
    "what who how why where then now is are was were do does did il elle ils elles le la les un une ce cette je tu nous vous "
    "on mais et où quand der die das ein eine er sie es wir ihr ich du aber und wenn dann el los las una yo ella pero y".split()
)
_SPEECH_GOES_ON = re.compile(r"と|라고|이라고|하고|라는|이라는|라며|며 |고 (?:말|했|하|물)")


class Place(NamedTuple):
    """A mark that may end a sentence: its text ends at `stop`, the next would begin at `start`; `rule` has decided."""

    stop: int
    start: int
    ends: bool
    rule: str


class _Seen(NamedTuple):
    """What the rules look at: the word before the mark, the mark, what closes behind it, the space, the text after."""

    word: str
    first: bool  # the word is the first of its sentence
    mark: str
    closing: str
    space: str
    after: str
    cased: bool  # the text has capitals, so that their absence tells something

    @property
    def next(self) -> str:
        """What follows, without quotes and brackets that open."""
        return _OPENING.sub("", self.after, count=1) if _OPENING.match(self.after) else self.after

    @property
    def next_word(self) -> str:
        """The next word; "" where none follows at once."""
        found = _WORD.match(self.next)
        return found.group() if found else ""

    @property
    def is_followed_by_lower(self) -> bool:
        """Whether what follows begins in lower case."""
        return self.next[:1].islower()

    @property
    def dotted(self) -> str:
        """The word before in lower case, where the mark is one full stop; "" otherwise."""
        return self.word.lower() if self.mark == "." and not self.closing else ""


class Rule(NamedTuple):
    """`says` of a mark: True an end, False none, None where the rule does not apply."""

    name: str
    says: Callable[[_Seen], bool | None]


def _when(applies: bool, ends: bool) -> bool | None:
    return ends if applies else None


def _unspaced(seen: _Seen) -> bool | None:
    if any(map(str.isspace, seen.space)):
        return None
    syllable = "\u3040" <= seen.word[-1:] <= "\ud7a3"  # kana, ideographs, Hangul
    return (syllable and seen.after[:1].isalpha()) or (seen.mark[-1] in "!?" and seen.next_word[:1].isupper())


def _either(seen: _Seen) -> bool | None:
    """A word in which the full stop belongs to the word: an end only before what hardly goes on."""
    initial = len(seen.word) == 1 and seen.word.isalpha() and seen.word != "I" and seen.word < "\u0500"
    applies = seen.dotted in _EITHER or (initial and bool(seen.dotted)) or re.fullmatch(r"\w(?:\.\w)+", seen.dotted)
    return not seen.is_followed_by_lower and seen.next_word.lower() in _STARTERS if applies else None


def _lower(seen: _Seen) -> bool | None:
    """Inside a sentence, unless its writer begins sentences in lower case: then the words around the mark have to tell, since
    an abbreviation that no list knows is short, and not followed by what begins sentences."""
    if not seen.is_followed_by_lower or not seen.cased:
        return None
    if seen.closing or seen.mark[-1] in "…‥" or seen.mark.endswith(".."):
        return False
    return len(seen.word) > LONGEST_ABBREVIATION or seen.next_word in _STARTERS


def _ordinal(seen: _Seen) -> bool | None:
    """ "3. Oktober", and the number of an item of a list."""
    if seen.mark != "." or not re.fullmatch(r"\d{1,2}", seen.word):
        return None
    return _when(seen.first or seen.next_word.lower() in _MONTHS, False)


RULES = (
    Rule("speech that goes on", lambda seen: _when(bool(seen.closing) and bool(_SPEECH_GOES_ON.match(seen.after)), False)),
    Rule("full-width mark", lambda seen: _when(seen.mark[-1] in "。！？｡", True)),
    Rule("no space", _unspaced),
    Rule("punctuation follows", lambda seen: _when(seen.next[:1] in set(",;:.!?…)]/%"), False)),
    Rule("abbreviation", lambda seen: _when(seen.dotted in _ABBREVIATIONS, False)),
    Rule("abbreviation before a number",
         lambda seen: _when(seen.dotted in _BEFORE_NUMBERS and seen.next[:1].isdigit(), False)),
    Rule("abbreviation or initial", _either),
    Rule("ordinal number", _ordinal),
    Rule("lower case follows", _lower),
    Rule("ellipsis", lambda seen: _when(seen.mark[-1] in "…‥" or seen.mark.endswith(".."), True)),
    Rule("sentence mark", lambda seen: True),
)  # fmt: skip


def places(text: str) -> Iterator[Place]:
    """The marks inside a text that may end a sentence, in order; the mark at its very end is none of them.

    The time is linear in the length of the text.
    """
    begin, cased = 0, text != text.lower()
    for found in _CANDIDATE.finditer(text):
        if found.end() == len(text):
            return
        word = _BEFORE.search(text[max(0, found.start() - _REACH) : found.start()].rstrip())
        before = word.group() if word else ""
        is_first = text[begin : begin + _REACH].lstrip().startswith(before) and found.start() - begin <= len(before) + 2
        after = text[found.end() : found.end() + _REACH]
        seen = _Seen(before, is_first, found["mark"], found["closing"], found["space"], after, cased)
        name, ends = _decided(seen)
        if ends:
            begin = found.end()
        yield Place(found.end("closing"), found.end(), ends, name)


def _decided(seen: _Seen) -> tuple[str, bool]:
    for rule in RULES:
        ends = rule.says(seen)
        if ends is not None:
            return rule.name, ends
    raise AssertionError("the last rule applies always")


def sentences(text: str) -> list[tuple[int, int]]:
    """The spans of the sentences of a text, without the white space between them."""
    spans, start = [], 0
    for place in places(text):
        if place.ends:
            spans.append((start, place.stop))
            start = place.start
    return [*spans, (start, len(text))]
