"""The sentences of the toy translation sets before they have a language: what may be said.

A sentence is a tree of the classes below; pairs_english, pairs_french and pairs_korean each turn the same tree into words.
What English does not show is not in the tree, or follows from what is shown, so that the translation is a function of the
English sentence: an object with a relative clause is never followed by a place that could belong to either, `I` and `we`,
whose gender nobody knows, have no French adjective that would need it, and no verb has a past like its present. What `it`
stands for, which French has to know, follows from what is said of it: only an animal is tired, only a street is wide.
"""

from __future__ import annotations

from dataclasses import dataclass

import pairs_words as words
from pairs_words import Adjective, Noun, Verb

PEOPLE, ANIMALS = words.nouns(words.PEOPLE, "person", "명"), words.nouns(words.ANIMALS, "animal", "마리")
THINGS, STUFF = words.nouns(words.THINGS, "thing"), words.nouns(words.STUFF, "stuff")
PLACES, INSTRUMENTS = words.nouns(words.PLACES, "place"), words.nouns(words.INSTRUMENTS, "instrument")
NAMES, CITIES = words.nouns(words.NAMES, "name"), words.nouns(words.CITIES, "city")
ADJECTIVES, REASONS = words.adjectives(words.ADJECTIVES), words.adjectives(words.REASONS)
(ANIMAL,) = words.nouns(words.ANIMAL, "animal", "마리")
VERBS, GIVING, DOING = words.verbs(words.VERBS), words.verbs(words.GIVING), words.verbs(words.DOING)
MOVING, PLAY, SAYING = words.verbs(words.MOVING), words.verbs(words.PLAY), words.verbs(words.SAYING)
PRONOUNS = {
    name: Noun((name, name), (french, french), gender, korean, "", "pronoun", frozenset())
    for name, french, gender, korean in (
        ("I", "je", "m", "저"), ("we", "nous", "m", "우리"), ("he", "il", "m", "그"),
        ("she", "elle", "f", "그녀"), ("they", "ils", "m", "그들"), ("who", "qui", "m", "누"),
    )
}  # fmt: skip
# By the gender of what it stands for.
IT = {gender: Noun(("it", "it"), (french, french), gender, "그것", "", "pronoun", frozenset())
      for gender, french in (("m", "il"), ("f", "elle"))}  # fmt: skip
OWNERS = ("my", "our", "his", "her", "their")
LANDMARKS = tuple(
    noun
    for noun in (*THINGS, *PLACES)
    if noun.english[0] in "house tree door table bridge church tower castle mill school station lighthouse".split()
)
RELATIONS = ("near", "behind", "in front of", "under")
HABITS = (
    "every morning", "every evening", "every night", "every day", "every week", "every summer", "every winter", "in spring",
    "in autumn", "in winter", "in summer", "at noon", "at midnight", "today", *(f"on {day}s" for day in (
        "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")))  # fmt: skip
EVENTS = (
    "yesterday", "this morning", "last night", "last week", "last month", "last year", "last winter", "last summer",
    *(f"last {day}" for day in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")),
    *(f"in {month}" for month in ("January", "February", "March", "April", "May", "June", "July", "August", "September",
                                  "October", "November", "December")))  # fmt: skip
OFTEN, HOW = ("often", "always", "sometimes"), ("slowly", "quickly", "quietly", "carefully", "happily")
MEANS = ("by boat", "by car", "by train", "by bicycle", "on foot")


@dataclass(frozen=True)
class Phrase:
    """A noun phrase; `det` is the, a, this, my, its like, some, many, every, number, or nothing."""

    noun: Noun
    det: str = ""
    plural: bool = False
    number: int = 0
    adjectives: tuple[Adjective, ...] = ()
    owner: Phrase | None = None
    relative: Clause | None = None
    also: Phrase | None = None

    @property
    def many(self) -> bool:
        return self.plural or self.also is not None

    @property
    def feminine(self) -> bool:
        return self.noun.gender == "f" and (self.also is None or self.also.feminine)

    @property
    def pronoun(self) -> str:
        return self.noun.english[0] if self.noun.kind == "pronoun" else ""

    @property
    def definite(self) -> bool:
        return self.det not in ("a", "number", "some", "many")


@dataclass(frozen=True)
class Place:
    """Where: at, in, on as the place has it, or a relation such as behind."""

    relation: str
    phrase: Phrase


@dataclass(frozen=True)
class Time:
    """When: one of HABITS and EVENTS, or a phrase with a number in it (`N`)."""

    english: str
    number: int = 0
    front: bool = False


@dataclass(frozen=True)
class Clause:
    """A predication. Without verb it says how (`adjective`, `too` much so) or where (`place`) the subject is. `None` stands for
    a gap."""

    subject: Phrase | None
    verb: Verb | None = None
    past: bool = False
    object: Phrase | None = None
    to: Phrase | None = None
    adjective: Adjective | None = None
    too: bool = False
    place: Place | None = None
    time: Time | None = None
    companion: Phrase | None = None
    often: str = ""
    how: str = ""
    means: str = ""
    negative: bool = False


@dataclass(frozen=True)
class Sentence:
    """`kind` is plain, whether, where, why, who, there, says, or the conjunction between two clauses."""

    kind: str
    first: Clause
    second: Clause | None = None
