"""Writes english.txt: two hundred and thirty short scenes of a harbour town, by a small grammar with a memory.

What makes the text worth learning lies further apart than a few characters: who is on stage and speaks in turn, how each of
them talks, which thing is being looked for and whether it is one or many, where and when the scene plays, which quotes and
brackets are open, and which rhyme a verse has to come back to. Deterministic: `python make_english.py` writes the same
file again.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from random import Random

SCENES = 230
SEED = 1851


@dataclass(frozen=True)
class Person:
    """A member of the cast: how the stage speaks of them, and how they speak: an opening, a close, or both."""

    name: str
    subject: str
    object: str
    possessive: str
    opening: str
    close: str


CAST = (
    Person("ANNA", "she", "her", "her", "Well, ", ""),
    Person("BENJAMIN", "he", "him", "his", "", ", I suppose"),
    Person("CAPTAIN ROWE", "he", "him", "his", "By the tide, ", ""),
    Person("MRS. PELL", "she", "her", "her", "Dear me, ", ", my dear"),
    Person("TOBY", "he", "him", "his", "But ", ""),
    Person("OLD GRETA", "she", "her", "her", "Listen: ", ""),
    Person("THE MILLER", "he", "him", "his", "", ", as sure as flour"),
    Person("DOCTOR LIM", "she", "her", "her", "To be exact, ", ""),
    Person("FERGUS", "he", "him", "his", "Ha! ", ", or I am a herring"),
    Person("LOTTIE", "she", "her", "her", "", ", cross my heart"),
    Person("THE SEXTON", "he", "him", "his", "Mark my words, ", ""),
    Person("IVY", "she", "her", "her", "Oh, ", ", truly"),
)

# Things with their plural or singular verb, and what is done with them.
THINGS = (
    ("lantern", False, "light"), ("nets", True, "mend"), ("kettle", False, "polish"), ("oars", True, "carry"),
    ("letter", False, "read"), ("keys", True, "count"), ("violin", False, "tune"), ("boots", True, "clean"),
    ("compass", False, "follow"), ("candles", True, "trim"), ("anchor", False, "paint"), ("apples", True, "weigh"),
    ("telescope", False, "turn"), ("scissors", True, "sharpen"), ("umbrella", False, "fold"), ("bells", True, "ring"),
)  # fmt: skip
PAST = {"light": "lit", "mend": "mended", "polish": "polished", "carry": "carried", "read": "read", "count": "counted",
        "tune": "tuned", "clean": "cleaned", "follow": "followed", "trim": "trimmed", "paint": "painted",
        "weigh": "weighed", "turn": "turned", "sharpen": "sharpened", "fold": "folded", "ring": "rang"}  # fmt: skip
PLACES = (
    ("the harbour", "behind the boats"), ("the mill", "under the wheel"), ("the bakery", "beside the oven"),
    ("the lighthouse", "at the top of the stairs"), ("the churchyard", "between the stones"),
    ("the market", "among the barrels"), ("the schoolroom", "inside the desk"), ("the orchard", "below the pear tree"),
    ("the ferry", "near the rudder"), ("the library", "on the highest shelf"),
)  # fmt: skip
TIMES = (
    ("early in the morning", "Good morning", "The sun is hardly up", "cold"),
    ("at noon", "Good day", "The sun stands high", "bright"),
    ("late in the evening", "Good evening", "The sun has gone down", "dim"),
    ("in the middle of the night", "Who goes there", "The moon is out", "dark"),
)
WEATHER = (
    ("It is raining", "wet", "the rain"), ("It is snowing", "white", "the snow"), ("The wind is up", "dusty", "the wind"),
    ("There is fog", "grey", "the fog"), ("It is warm and still", "dry", "the heat"),
)  # fmt: skip
RHYMES = (
    (("bay", "The gulls have gone to sleep across the bay"), ("day", "and nobody will find a thing today"),
     ("say", "whatever all the people think or say"), ("way", "the tide comes in and washes it away")),
    (("sea", "There was a sailor home again from sea"), ("tea", "who wanted nothing but a pot of tea"),
     ("free", "he said the wind and only it is free"), ("me", "and what is lost may come again to me")),
    (("night", "The town is quiet in the middle of the night"), ("light", "and in the tower turns a yellow light"),
     ("sight", "the boats come round the point and into sight"), ("right", "and by the morning all will be put right")),
    (("stone", "The miller's wheel goes round upon its stone"), ("alone", "and never lets the water be alone"),
     ("own", "it grinds the corn that someone else has grown"), ("bone", "until the winter gets into the bone")),
    (("door", "A penny fell and rolled beneath the door"), ("floor", "we looked for it all over every floor"),
     ("more", "and when we found it there were seven more"), ("before", "as bright as any we had lost before")),
)  # fmt: skip
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")
SEEN = ("I saw {them} yesterday", "I have not touched {them}", "I dreamt of {them}", "somebody has hidden {them}",
        "I would know {them} anywhere", "nobody is allowed to {verb} {them}", "I only wanted to {verb} {them}",
        "it takes two people to {verb} {them}", "my mother used to {verb} {them}")  # fmt: skip
GESTURES = ("shakes {his} head", "takes off {his} hat", "looks at {his} hands", "puts {his} basket down", "turns {his} back",
            "wipes {his} eyes", "holds out {his} arms", "buttons {his} coat")  # fmt: skip


class Scene:
    """One scene: what is said depends on what was chosen when the curtain rose."""

    def __init__(self, number: int, random: Random) -> None:
        self.number, self.random = number, random
        self.cast = random.sample(CAST, random.choice((2, 3, 3)))
        self.thing, self.plural, self.verb = random.choice(THINGS)
        self.place, self.spot = random.choice(PLACES)
        self.time, self.greeting, self.sky, self.light = random.choice(TIMES)
        self.weather, self.state, self.force = random.choice(WEATHER)
        self.owner = random.choice(self.cast)
        self.tries = 0

    def lines(self) -> list[str]:
        """Heading, speeches in turn, a verse."""
        lines = [f"SCENE {self.number}. {self.place[0].upper()}{self.place[1:]}, {self.time}. {self.weather}.", ""]
        turns = self.random.randint(7, 12)
        for turn in range(turns):
            speaker, other = self.cast[turn % len(self.cast)], self.cast[(turn + 1) % len(self.cast)]
            if turn == 0:
                words = f"{self.greeting}, {spoken(other)}. {self.weather}, and the {self.thing} {self.be} gone!"
            elif turn == turns - 1:
                words = (
                    f"here {self.be} the {self.thing}, {self.spot}! So the {self.thing} {self.was} at {self.place} after all"
                )
            else:
                words = self.random.choice((self.ask, self.answer, self.remember, self.quote, self.search, self.agree))(
                    speaker, other
                )
            lines.append(f"{speaker.name}: {said(speaker, words)}")
            if self.random.random() < 0.3:
                lines.append(self.direction(speaker))
        return [*lines, "", *self.verse(), "", ""]

    @property
    def be(self) -> str:
        return "are" if self.plural else "is"

    @property
    def was(self) -> str:
        return "were" if self.plural else "was"

    @property
    def them(self) -> str:
        return "them" if self.plural else "it"

    def ask(self, speaker: Person, other: Person) -> str:
        """A question, with the thing and its owner."""
        who = "you" if self.owner is other else "I" if self.owner is speaker else spoken(self.owner)
        return f"where {self.be} the {self.thing} that {who} {PAST[self.verb]} {self.time}?"

    def answer(self, speaker: Person, other: Person) -> str:
        """Where the thing is not; the verb agrees with it across a clause that has another number."""
        between = "that hung beside the wall" if self.plural else "that hung among the ropes"
        return f"the {self.thing} {between} {self.was} {self.state} from {self.force}"

    def remember(self, speaker: Person, other: Person) -> str:
        """Something about the thing that everybody has an opinion on."""
        return self.random.choice(SEEN).format(them=self.them, verb=self.verb)

    def quote(self, speaker: Person, other: Person) -> str:
        """What somebody else on stage has said, in quotes that close."""
        source = self.random.choice([person for person in self.cast if person is not speaker])
        inner = self.random.choice(SEEN).format(them=self.them, verb=self.verb)
        return f'{spoken(source)} told me, "{inner[0].upper()}{inner[1:]}," and I believed {source.object}'

    def search(self, speaker: Person, other: Person) -> str:
        """The next try: tries are counted."""
        self.tries += 1
        try_ = ORDINALS[(self.tries - 1) % len(ORDINALS)]
        return f"that was the {try_} time that we looked {self.spot}, and it is {self.light} at {self.place}"

    def agree(self, speaker: Person, other: Person) -> str:
        """Back to whose it is."""
        whose = "mine" if self.owner is speaker else "yours" if self.owner is other else self.owner.possessive + (
            "s" if self.owner.possessive == "her" else "")  # fmt: skip
        return f"the {self.thing} {self.be} {whose}, {spoken(other)}. {self.sky}"

    def direction(self, person: Person) -> str:
        """A stage direction in brackets about whoever has just spoken."""
        gesture = self.random.choice(GESTURES).format(his=person.possessive)
        return f"({person.subject.capitalize()} {gesture} and looks for the {self.thing} {self.spot}.)"

    def verse(self) -> list[str]:
        """Four lines on one rhyme, and the refrain of the thing."""
        lines = [line for _, line in self.random.choice(RHYMES)]
        return [
            *(f"  {line}," for line in lines[:3]),
            f"  {lines[3]}.",
            f"  O the {self.thing}, the {self.thing} of {self.place}!",
        ]


def spoken(person: Person) -> str:
    """How people call each other: names are in capitals only where they stand before a speech."""
    return person.name.title().replace("The ", "the ")


def said(person: Person, words: str) -> str:
    """Words in a person's manner: the opening, the words, the close before the last mark."""
    mark = words[-1] if words[-1] in "?!." else "."
    body = words.rstrip("?!.")
    keep = body[0] == "I" and body[1] in " '" or body.startswith(("Anna", "Benjamin", "Captain", "Mrs", "Toby", "Old", "Doctor",
                                                                 "Fergus", "Lottie", "Ivy"))  # fmt: skip
    lead = person.opening
    first = body[0] if keep else body[0].lower() if lead and not lead.endswith(("! ",)) else body[0].upper()
    return f"{lead}{first}{body[1:]}{person.close}{mark}"


def main() -> None:
    """Write the file beside this script."""
    random = Random(SEED)
    text = "\n".join(line for number in range(1, SCENES + 1) for line in Scene(number, random).lines())
    (Path(__file__).parent / "english.txt").write_text(text.rstrip() + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
