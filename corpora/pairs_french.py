"""The French of the toy translation sets: gender and number, elision and contraction, the place of adjectives and clitics.

What happened is told in the passé composé, what was so (être, aimer) in the imparfait. A participle agrees with the subject
after être and with an object that comes before it after avoir.
"""

from __future__ import annotations

import re

from pairs_grammar import Clause, Phrase, Place, Sentence, Time
from pairs_words import Adjective, Verb

ASPIRATED = ("hibou", "hérisson")
ELIDING = ("le", "la", "de", "que", "ne", "je")
BE = {False: ("suis", "est", "sommes", "sont"), True: ("étais", "était", "étions", "étaient")}
HAVE = ("ai", "a", "avons", "ont")
OWNERS = {"my": ("mon", "ma", "mes"), "our": ("notre", "notre", "nos"), "his": ("son", "sa", "ses"),
          "her": ("son", "sa", "ses"), "their": ("leur", "leur", "leurs"), "this": ("ce", "cette", "ces"),
          "the": ("le", "la", "les"), "a": ("un", "une", ""), "every": ("chaque", "chaque", "")}  # fmt: skip
CLITICS = {"he": "le", "she": "la", "they": "les"}
OFTEN = {"often": "souvent", "always": "toujours", "sometimes": "parfois", "": ""}
HOW = {"slowly": "lentement", "quickly": "rapidement", "quietly": "silencieusement", "carefully": "soigneusement",
       "happily": "joyeusement", "": ""}  # fmt: skip
MEANS = {"by boat": "en bateau", "by car": "en voiture", "by train": "en train", "by bicycle": "à vélo", "on foot": "à pied",
         "": ""}  # fmt: skip
PREPOSITIONS = {"near": "près de", "behind": "derrière", "in front of": "devant", "under": "sous", "to": "à", "from": "de",
                "at": "à", "in": "dans", "on": "sur"}  # fmt: skip
UNITS = {"days": "jours", "weeks": "semaines", "months": "mois", "years": "ans", "hours": "heures", "minutes": "minutes"}
DAYS = dict(zip(("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
                ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"), strict=True))  # fmt: skip
MONTHS = dict(zip(("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
                   "November", "December"), ("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août",
                                             "septembre", "octobre", "novembre", "décembre"), strict=True))  # fmt: skip
TIMES = {
    "every morning": "chaque matin", "every evening": "chaque soir", "every night": "chaque nuit",
    "every day": "chaque jour", "every week": "chaque semaine", "every summer": "chaque été", "every winter": "chaque hiver",
    "in spring": "au printemps", "in autumn": "en automne", "in winter": "en hiver", "in summer": "en été",
    "at noon": "à midi", "at midnight": "à minuit", "today": "aujourd'hui", "yesterday": "hier",
    "this morning": "ce matin", "last night": "la nuit dernière", "last week": "la semaine dernière",
    "last month": "le mois dernier", "last year": "l'année dernière", "last winter": "l'hiver dernier",
    "last summer": "l'été dernier",
    **{f"on {day}s": f"le {french}" for day, french in DAYS.items()},
    **{f"last {day}": f"{french} dernier" for day, french in DAYS.items()},
    **{f"in {month}": f"en {french}" for month, french in MONTHS.items()},
}  # fmt: skip


def said(sentence: Sentence) -> str:
    """The sentence, with its capital and its mark (which French sets apart when it is a question's)."""
    first, second = sentence.first, sentence.second
    if second is not None:
        other = clause(second)
        if sentence.kind == "when":
            text = f"quand {other}, {clause(first)}"
        else:
            link = {"because": " parce que ", "says": " que ", "but": ", mais ", "and": ", et "}[sentence.kind]
            text = clause(first) + link + other
    elif sentence.kind == "there":
        assert first.subject is not None and first.place is not None
        text = f"il y {'avait' if first.past else 'a'} {phrase(first.subject)} {place(first.place)}"
    elif sentence.kind in ("plain", "who"):
        text = clause(first)
    else:
        text = {"where": "où ", "why": "pourquoi "}.get(sentence.kind, "") + "est-ce que " + clause(first)
    text = joined(text)
    return text[0].upper() + text[1:] + (" ?" if sentence.kind in ("whether", "where", "why", "who") else ".")


def vowel(word: str) -> bool:
    """Whether le and la lose their vowel before it; an h is mute unless the word is known for the contrary."""
    return word[0].lower() in "aeiouéèêîôœ" or word[0].lower() == "h" and not word.startswith(ASPIRATED)


def joined(text: str) -> str:
    """Elision and contraction, from the last word to the first: what a word does depends on the one after it."""
    out: list[str] = []
    for word in reversed(re.sub(r"\s+,", ",", text).split()):
        after = out[-1] if out else ""
        if word in ELIDING and after and vowel(after):
            out[-1] = f"{word[:-1]}'{after}"
        elif word in ("de", "à") and after in ("le", "les"):
            out[-1] = {"dele": "du", "deles": "des", "àle": "au", "àles": "aux"}[word + after]
        else:
            out.append(word)
    return " ".join(reversed(out))


def person(subject: Phrase) -> int:
    """The verb's form: 0 to 3 for je, il, nous, ils."""
    return {"I": 0, "we": 2}.get(subject.pronoun, 3 if subject.many else 1)


def agreed(adjective: Adjective, item: Phrase, before: str = "") -> str:
    """An adjective in the gender and number of a phrase; `before` is the word that follows it."""
    masculine, feminine, third = adjective.french
    if item.feminine:
        return feminine + "s" * item.many
    if item.many:
        return masculine + ("x" if masculine.endswith("eau") else "" if masculine[-1] in "sx" else "s")
    return third if before and vowel(before) else masculine


def participle(verb: Verb, item: Phrase | None) -> str:
    """A participle, agreeing with a phrase if there is one to agree with."""
    word = verb.french[4]
    if item is None:
        return word
    return word + "e" * item.feminine + "s" * (item.many and not (word.endswith("s") and not item.feminine))


def conjugated(item: Clause, subject: Phrase, before: Phrase | None) -> str:
    """The verb with its clitics, its negation and its adverbs; `before` is an object that has come before it."""
    who, word = person(subject), item.verb
    no, pas = ("ne", "pas") if item.negative else ("", "")
    if word is None:
        return f"{no} {BE[item.past][who]} {pas}"
    clitic = CLITICS.get(item.object.pronoun, "") if item.object is not None else ""
    often, how = OFTEN[item.often], HOW[item.how]
    if not item.past:
        return f"{no} {clitic} {word.french[who]} {pas} {often} {how}"
    if word.imparfait:
        ending = ("ais", "ait", "ions", "aient")[who]
        return f"{no} {clitic} {word.french[2].removesuffix('ons')}{ending} {pas} {often} {how}"
    helper = BE[False][who] if word.être else HAVE[who]
    with_whom = subject if word.être else item.object if clitic else before
    return f"{no} {clitic} {helper} {pas} {often} {participle(word, with_whom)} {how}"


def clause(item: Clause, head: Phrase | None = None) -> str:
    """A statement or, with `head`, a relative clause with its pronoun."""
    subject = item.subject or head
    assert subject is not None
    lead = phrase(subject) if head is None else "qui" if item.subject is None else "que " + phrase(item.subject)
    gap = head if head is not None and item.subject is not None else None
    parts = [lead, conjugated(item, subject, gap)]
    if item.adjective is not None:
        parts.append("trop " * item.too + agreed(item.adjective, subject))
    if item.object is not None and not item.object.pronoun:
        playing = "de " if item.object.noun.kind == "instrument" else ""
        parts.append(playing + phrase(item.object, denied=item.negative))
    if item.to is not None:
        parts.append("à " + phrase(item.to))
    if item.companion is not None:
        parts.append("avec " + phrase(item.companion))
    if item.place is not None:
        parts.append(place(item.place))
    parts.append(MEANS[item.means])
    if item.time is not None:
        when = time(item.time)
        parts = [when + ",", *parts] if item.time.front else [*parts, when]
    return " ".join(parts)


def phrase(item: Phrase, denied: bool = False) -> str:
    """A noun phrase with its relative clause; `denied`: what is not seen at all is de."""
    noun = item.noun.french[item.plural]
    before, after = [word for word in item.adjectives if word.before], [word for word in item.adjectives if not word.before]
    alone = Phrase(item.noun, item.det, item.plural)
    # From the noun leftwards: the form of a word depends on the next.
    front = [noun]
    for word in reversed(before):
        front.insert(0, agreed(word, alone, front[0]))
    text = f"{determiner(item, front[0], denied)} {' '.join(front)} {' '.join(agreed(word, alone) for word in after)}"
    if item.owner is not None:
        text += " de " + phrase(item.owner)
    if item.relative is not None:
        text += " " + clause(item.relative, item)
    return f"{text} et {phrase(item.also)}" if item.also is not None else text


def determiner(item: Phrase, following: str, denied: bool) -> str:
    """The word before the adjectives and the noun."""
    if item.noun.kind in ("name", "city", "pronoun"):
        return ""
    if denied and item.det in ("a", ""):
        return "de"
    if item.det in ("number", "some", "many"):
        return {"number": str(item.number), "some": "quelques", "many": "beaucoup de"}[item.det]
    if item.det == "":
        return "de la" if item.noun.gender == "f" else "de le"
    masculine, feminine, plural = OWNERS[item.det]
    if item.plural:
        return plural
    if item.noun.gender == "f":
        # ma, ta, sa before a vowel sound would make a hiatus.
        return masculine if feminine in ("ma", "sa") and vowel(following) else feminine
    return "cet" if masculine == "ce" and vowel(following) else masculine


def place(item: Place) -> str:
    """A preposition and where."""
    noun = item.phrase.noun
    own = "at" if noun.kind == "city" else next((tag for tag in ("at", "in", "on") if tag in noun.tags), "at")
    return f"{PREPOSITIONS[item.relation or own]} {phrase(item.phrase)}"


def time(item: Time) -> str:
    """When; a sentence's first clause or a verb's last circumstance."""
    if not item.number:
        return TIMES[item.english]
    if item.english == "at N o'clock":
        return f"à {item.number} heure{'s' * (item.number > 1)}"
    if item.english == "in N":
        return f"en {item.number}"
    unit = UNITS[item.english.removeprefix("for ").split()[1]]
    return f"{'pendant' if item.english.startswith('for') else 'il y a'} {item.number} {unit}"
