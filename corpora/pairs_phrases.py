"""How the phrases of the toy translation sets are drawn: who, what, where and when, within what makes sense."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import TypeVar

from pairs_grammar import (
    ADJECTIVES,
    ANIMALS,
    CITIES,
    DOING,
    EVENTS,
    HABITS,
    LANDMARKS,
    NAMES,
    OWNERS,
    PEOPLE,
    PLACES,
    PRONOUNS,
    RELATIONS,
    STUFF,
    THINGS,
    VERBS,
    Clause,
    Phrase,
    Place,
    Time,
)
from pairs_words import Adjective, Noun, Verb

Item = TypeVar("Item")

# Of what is one of these, none of the others is said in the same breath.
AT_ODDS = ("red white blue yellow black", "heavy light", "small big", "happy sad", "quiet noisy")
BODILESS = ("poem", "story", "star")
# Whose things are spoken of: few, so that each is met often.
OWNING = tuple(noun for noun in PEOPLE if noun.english[0] in "queen king captain sailor witch baker pirate child".split())
# What is done to thousands.
BIG = ("see", "buy", "sell", "count", "draw", "make", "choose")


def fitting_adjectives(noun: Noun) -> list[Adjective]:
    """What may be said of a noun; an old friend need not be old, and a poem has no weight."""
    never: tuple[str, ...] = ()
    if noun.english[0] in ("child", "boy", "girl", "princess", "friend"):
        never = ("old", "young")
    elif noun.english[0] in BODILESS:
        never = ("red", "white", "blue", "yellow", "black", "heavy", "light", "clean")
    return [word for word in ADJECTIVES if word.tags & noun.tags and word.english not in never]


def at_odds(word: Adjective, others: tuple[Adjective, ...]) -> bool:
    """Whether a word repeats or denies one of the others."""
    names = {word.english, *(name for group in AT_ODDS if word.english in group.split() for name in group.split())}
    return any(other.english in names for other in others)


class Phrases:
    """Draws what a clause is made of; all chance comes from `random`."""

    def __init__(self, random: Random) -> None:
        self.random = random

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def one(self, items: Sequence[Item]) -> Item:
        return items[self.random.randrange(len(items))]

    def actor(self, past: bool = False, people: bool = False, gender: bool = False) -> Phrase:
        """Who does it: a pronoun, a name, two of them, or somebody more or less described."""
        sort = self.random.choices(("pronoun", "name", "both", "other"), (16, 14, 7, 63))[0]
        if sort == "pronoun":
            name = self.one(("he", "she", "they") if gender else ("I", "we", "he", "she", "they"))
            return Phrase(PRONOUNS[name], plural=name in ("we", "they"))
        if sort == "name":
            return Phrase(self.one(NAMES))
        if sort == "both":
            return self.both()
        noun = self.one(PEOPLE if people or self.chance(0.6) else ANIMALS)
        return self.described(noun, past)

    def both(self) -> Phrase:
        """Two together; neither is described, so that nothing can be meant to describe both."""
        first, second = self.random.sample((*PEOPLE, *ANIMALS, *NAMES), 2)
        also = Phrase(second, "" if second in NAMES else "the")
        return Phrase(first, "" if first in NAMES else "the", also=also)

    def described(self, noun: Noun, past: bool) -> Phrase:
        """A subject or an object, definite or not, that may have a relative clause."""
        phrase = self.definite(noun) if self.chance(0.6) else self.indefinite(noun)
        if phrase.det in ("the", "a", "number") and not phrase.owner and self.chance(0.25):
            return replace(phrase, relative=self.relative(noun, past))
        return phrase

    def definite(self, noun: Noun) -> Phrase:
        """The, this, my, the queen's, every."""
        sort = self.random.choices(("the", "this", "own", "owner", "every"), (60, 12, 12, 10, 6))[0]
        plural = sort != "every" and noun.kind != "place" and self.chance(0.3)
        if noun.kind == "place" and sort in ("every", "own", "owner"):
            sort = "the"
        if noun.kind == "person" and sort in ("own", "owner") and "own" not in noun.tags:
            sort = "the"
        det = self.one(OWNERS) if sort == "own" else "the" if sort == "owner" else sort
        phrase = Phrase(noun, det, plural, adjectives=self.adjectives(noun))
        if sort == "owner":
            owner = self.one((*OWNING, *NAMES))
            several = owner not in NAMES and self.chance(0.4)
            return replace(phrase, owner=Phrase(owner, "" if owner in NAMES else "the", several))
        return phrase

    def indefinite(self, noun: Noun, big: bool = False) -> Phrase:
        """A, a number of, some, many."""
        sort = self.random.choices(("a", "number", "some", "many"), (36, 40, 12, 12))[0]
        number = self.number(big) if sort == "number" else 0
        plural = sort in ("some", "many") or number > 1
        return Phrase(noun, sort, plural, number, self.adjectives(noun)[: 1 if sort == "many" else 2])

    def number(self, big: bool) -> int:
        """Mostly a small one, which a reader has seen; a big one may be anything up to 9999."""
        sort = self.random.choices(("few", "dozens", "one", "round", "any"), (46, 20, 8 * big, 12 * big, 20 * big))[0]
        if sort == "few":
            return self.random.randint(2, 12)
        if sort == "dozens":
            return self.random.randint(13, 99)
        if sort == "one":
            return self.random.randint(0, 1)
        if sort == "round":
            return self.random.randint(1, 9) * self.one((100, 1000))
        return self.random.randint(100, 9999)

    def adjectives(self, noun: Noun) -> tuple[Adjective, ...]:
        """None, one, or one from before and one from after the French noun."""
        fitting = fitting_adjectives(noun)
        before, after = [word for word in fitting if word.before], [word for word in fitting if not word.before]
        if before and after and self.chance(0.1):
            return (self.one(before), self.one(after))
        return (self.one(fitting),) if fitting and self.chance(0.35) else ()

    def relative(self, noun: Noun, past: bool) -> Clause:
        """Who does something, that somebody sees, that is somewhere; what is past is past there too."""
        past = past or self.chance(0.3)
        sort = self.one(("by", "do", "do", "at")) if noun.kind in ("person", "animal") else self.one(("by", "by", "at"))
        if sort == "at":
            return Clause(None, None, past, place=self.place())
        if sort == "by":
            subject = self.one((Phrase(self.one(PEOPLE), "the"), Phrase(self.one(NAMES)), self.pronoun()))
            fitting = [verb for verb in VERBS if verb.tags & noun.tags and verb.english[0] != "count"]
            return Clause(subject, self.one(fitting), past)
        if self.chance(0.3):
            return Clause(None, self.one(DOING), past, negative=self.chance(0.2))
        verb = self.one([verb for verb in VERBS if noun.kind == "person" or "A" in verb.tags])
        return Clause(None, verb, past, self.object(verb, past, False, relative=False))

    def pronoun(self) -> Phrase:
        """A pronoun as the subject of a relative clause."""
        name = self.one(tuple(PRONOUNS)[:5])
        return Phrase(PRONOUNS[name], plural=name in ("we", "they"))

    def object(self, verb: Verb, past: bool, negative: bool, relative: bool) -> Phrase:
        """What the verb is done to."""
        counting = verb.english[0] == "count"
        if "person" in verb.tags and not counting and self.chance(0.15):
            name = self.one(("he", "she", "they"))
            return Phrase(PRONOUNS[name], plural=name == "they")
        fitting = [noun for noun in (*PEOPLE, *ANIMALS, *THINGS, *STUFF, *PLACES, *CITIES) if noun.tags & verb.tags]
        noun = self.one(fitting)
        if noun.kind == "city":
            return Phrase(noun)
        if noun.kind == "stuff":
            return Phrase(noun, self.one(("", "", "the", "my", "our")), adjectives=self.adjectives(noun))
        if noun.kind == "place":
            return replace(self.definite(noun), plural=False)
        if counting:
            phrase = self.indefinite(noun, big=True)
            return phrase if phrase.det != "a" and not negative else Phrase(noun, "the", True)
        if verb.english[0] == "make":
            return Phrase(noun, "a") if negative else self.indefinite(noun, big=True)
        if verb.english[0] == "love" or negative and self.chance(0.6):
            return self.definite(noun)
        if negative:
            return Phrase(noun, "a", adjectives=self.adjectives(noun))
        if relative:
            return self.described(noun, past)
        return self.definite(noun) if self.chance(0.4) else self.indefinite(noun, big=verb.english[0] in BIG)

    def recipient(self) -> Phrase:
        """To whom something is given."""
        if self.chance(0.3):
            return Phrase(self.one(NAMES))
        noun = self.one((*PEOPLE, *ANIMALS))
        return self.definite(noun) if self.chance(0.7) else replace(self.indefinite(noun), adjectives=())

    def company(self) -> Phrase:
        """With whom."""
        return Phrase(self.one(NAMES)) if self.chance(0.3) else self.definite(self.one((*PEOPLE, *ANIMALS)))

    def place(self) -> Place:
        """Where."""
        if self.chance(0.2):
            return Place("", Phrase(self.one(CITIES)))
        if self.chance(0.25):
            noun, relation = self.one(LANDMARKS), self.one(RELATIONS)
            relation = relation if noun.english[0] in ("tree", "table", "bridge") or relation != "under" else "near"
            return Place(relation, Phrase(noun, "the", adjectives=self.adjectives(noun)))
        noun = self.one(PLACES)
        return Place("", Phrase(noun, "the", adjectives=self.adjectives(noun)))

    def time(self, past: bool, lasting: bool, front: bool) -> Time:
        """When: what happens is repeated, what happened has a date or, if it can, a length."""
        front = front and self.chance(0.4)
        sort = self.one(("set", "set", "set", "clock", "year", "ago", "for" if lasting else "ago")) if past else "habit"
        if sort == "clock" or sort == "habit" and self.chance(0.15):
            return Time("at N o'clock", self.random.randint(1, 12), front)
        if sort == "habit":
            return Time(self.one(HABITS), 0, front)
        if sort == "year":
            return Time("in N", self.random.randrange(1800, 1960, 5), front)
        if sort == "ago":
            return Time(f"N {self.one(('days', 'weeks', 'months', 'years'))} ago", self.random.randint(2, 12), front)
        if sort == "for":
            return Time(f"for N {self.one(('hours', 'minutes', 'days'))}", self.random.randint(2, 12), False)
        return Time(self.one(EVENTS), 0, front)
