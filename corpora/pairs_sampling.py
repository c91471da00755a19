"""How the sentences of the toy translation sets are drawn: which sort of clause, with what in it."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from pairs_grammar import (
    ANIMAL,
    ANIMALS,
    CITIES,
    DOING,
    GIVING,
    HOW,
    INSTRUMENTS,
    IT,
    MEANS,
    MOVING,
    OFTEN,
    PEOPLE,
    PLACES,
    PLAY,
    PRONOUNS,
    REASONS,
    SAYING,
    STUFF,
    THINGS,
    VERBS,
    Clause,
    Phrase,
    Place,
    Sentence,
)
from pairs_phrases import Phrases, at_odds, fitting_adjectives

# Verbs whose place would be odd, or would need another Korean particle.
UNPLACED = ("visit", "leave", "cross", "hide", "forget", "love")
# What is done, or not, because `it` is so: the verbs that REASONS are about.
REASONED = ("cross", "eat", "drink", "steal", "hide", "break")


class Sampler(Phrases):
    """Draws sentences; `it` says whether there are some with that word."""

    def __init__(self, random: Random, it: bool) -> None:
        super().__init__(random)
        self.it = it

    def sentence(self) -> Sentence:
        """Any sentence."""
        kinds = {"plain": 46, "whether": 7, "where": 3, "why": 4, "who": 4, "there": 7, "says": 9, "because": 8, "but": 5,
                 "and": 5, "when": 6}  # fmt: skip
        kinds |= {"it": 14} if self.it else {}
        kind = self.random.choices(list(kinds), list(kinds.values()))[0]
        if kind == "it":
            return self.because_it(past=self.chance(0.6))
        if kind == "there":
            phrase = self.indefinite(self.one((*PEOPLE, *ANIMALS, *THINGS, *THINGS)), big=True)
            return Sentence(kind, Clause(phrase, past=self.chance(0.5), place=self.place()))
        past = self.chance(0.5)
        if kind in ("because", "but", "and", "when", "says"):
            first = Clause(self.actor(), self.one(SAYING)) if kind == "says" else self.clause(past, short=True)
            return Sentence(kind, first, self.clause(past, short=True))
        clause = self.clause(past, short=kind == "who")
        if kind == "who" and clause.verb:
            clause = replace(clause, subject=Phrase(PRONOUNS["who"]), negative=False)
        elif kind == "where" and clause.verb not in (None, *MOVING):
            clause = replace(clause, place=None)
        elif kind in ("where", "who"):
            kind = "plain"
        if kind != "plain" and clause.time:
            clause = replace(clause, time=None if kind == "where" else replace(clause.time, front=False))
        return Sentence(kind, clause)

    def because_it(self, past: bool) -> Sentence:
        """Somebody does something or does not, because `it` is so: what it stands for, only the reason says.

        An animal and what it acts on differ in their French gender, so that il or elle shows it; a person is never `it`.
        """
        verb = self.one([verb for verb in VERBS if verb.english[0] in REASONED])
        person, negative = self.chance(0.2), self.chance(0.7)
        doer = self.one(PEOPLE) if person else ANIMAL if self.chance(0.25) else self.one(ANIMALS)
        things = (*THINGS, *PLACES, *(STUFF if verb.english[0] in ("eat", "drink") else ()))
        thing = self.one([item for item in things if item.tags & verb.tags and (person or item.gender != doer.gender)])
        of_thing = person or self.chance(0.5)
        tag = "+" * (not negative) + (verb.english[0] if of_thing else "animal")
        reason = self.one([word for word in REASONS if tag in word.tags])
        first, second = (
            Phrase(noun, self.one(("the", "the", "the", "this")), adjectives=self.adjectives(noun) if described else ())
            for noun, described in ((doer, True), (thing, thing.kind == "place"))
        )
        if at_odds(reason, (*first.adjectives, *second.adjectives)):
            first, second = replace(first, adjectives=()), replace(second, adjectives=())
        time = self.time(past, False, front=True) if self.chance(0.3) else None
        act = Clause(first, verb, past, object=second, negative=negative, time=time)
        it = Phrase(IT[(thing if of_thing else doer).gender])
        return Sentence("because", act, Clause(it, None, past, adjective=reason, too=negative))

    def clause(self, past: bool, short: bool = False) -> Clause:
        """A clause of any sort; a short one has fewer circumstances."""
        sort = self.random.choices(("see", "do", "give", "move", "be", "at", "play"), (44, 18, 11, 13, 9, 4, 5))[0]
        if sort in ("be", "at"):
            clause = self.state(past, sort)
        else:
            clause = self.action(past, sort, short)
        if clause.object and (clause.object.relative or clause.object.number):
            clause = replace(clause, negative=False)
        if any(item is not None and item.det == "every" for item in (clause.subject, clause.object, clause.to)):
            clause = replace(clause, negative=False)
        still = clause.adjective and clause.subject and clause.subject.noun.kind == "thing"
        if still or clause.often or clause.object and clause.object.relative:
            return clause
        if self.chance(0.12 if short else 0.5):
            clause = replace(clause, time=self.time(past, sort == "do" and not clause.negative, front=not short))
        return clause

    def state(self, past: bool, sort: str) -> Clause:
        """The subject is red, or is in the harbour."""
        if sort == "at":
            subject = self.definite(self.one((*PEOPLE, *ANIMALS, *THINGS)))
            return Clause(subject, None, past, place=self.place(), negative=self.chance(0.15))
        subject = self.definite(self.one((*PEOPLE, *ANIMALS, *THINGS, *PLACES)))
        fitting = [word for word in fitting_adjectives(subject.noun) if word.predicative]
        left = [word for word in fitting if not at_odds(word, subject.adjectives)]
        return Clause(subject, None, past, adjective=self.one(left), negative=self.chance(0.2))

    def action(self, past: bool, sort: str, short: bool) -> Clause:
        """Somebody does something, with an object, a recipient or a goal as the verb has it."""
        subject = self.actor(past)
        negative = self.chance(0.15)
        verb = self.one({"see": VERBS, "do": DOING, "give": GIVING, "move": MOVING, "play": PLAY}[sort])
        clause = Clause(subject, verb, past, negative=negative)
        if sort == "see":
            if subject.noun.kind == "animal" and "A" not in verb.tags:
                clause = replace(clause, subject=self.actor(past, people=True))
            clause = replace(clause, object=self.object(verb, past, negative, relative=subject.relative is None and not short))
        elif sort == "play":
            clause = replace(clause, subject=self.actor(past, people=True), object=Phrase(self.one(INSTRUMENTS), "the"))
        elif sort == "give":
            clause = replace(clause, object=self.object(verb, past, negative, relative=False), to=self.recipient())
        elif sort == "move":
            return self.moving(clause)
        if clause.object and clause.object.relative:
            return clause
        seldom = 0.5 if short else 1.0
        if sort != "give" and self.chance(0.4 * seldom) and verb.english[0] not in UNPLACED:
            clause = replace(clause, place=self.place())
        if not negative and self.chance(0.12):
            clause = replace(clause, often=self.one(OFTEN))
        elif not negative and "M" in verb.tags and self.chance(0.25 * seldom):
            clause = replace(clause, how=self.one(HOW))
        if sort in ("do", "play") and self.chance(0.2 * seldom):
            clause = replace(clause, companion=self.company())
        return clause

    def moving(self, clause: Clause) -> Clause:
        """Going and coming; who says `I` or `we` has no gender and stays."""
        assert clause.verb is not None
        if clause.subject is not None and clause.subject.pronoun in ("I", "we"):
            clause = replace(clause, subject=self.actor(clause.past, people=True, gender=True))
        goals = [place for place in PLACES if "go" in place.tags or clause.verb.tags & {"from"}]
        if self.chance(0.3):
            phrase = Phrase(self.one(CITIES))
        else:
            phrase = replace(self.definite(self.one(goals)), det="the", plural=False, owner=None)
        clause = replace(clause, place=Place(next(iter(clause.verb.tags)), phrase))
        if self.chance(0.25):
            return replace(clause, companion=self.company())
        return replace(clause, means=self.one(MEANS)) if self.chance(0.25) else clause
