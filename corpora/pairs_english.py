"""The English of the toy translation sets: third persons, do in questions and negations, a or an, who or that."""

from __future__ import annotations

from pairs_grammar import Clause, Phrase, Place, Sentence, Time
from pairs_words import Verb, more

OBJECTS = {"he": "him", "she": "her", "they": "them"}


def said(sentence: Sentence) -> str:
    """The sentence, with its capital and its mark."""
    first, second = sentence.first, sentence.second
    if second is not None:
        other = clause(second)
        if sentence.kind == "when":
            text = f"when {other}, {clause(first)}"
        else:
            text = clause(first) + {"because": " because ", "says": " that "}.get(sentence.kind, f", {sentence.kind} ") + other
    elif sentence.kind == "there":
        assert first.subject is not None and first.place is not None
        text = f"there {be(first.subject, first.past)} {phrase(first.subject)} {place(first.place)}"
    elif sentence.kind in ("plain", "who"):
        text = clause(first)
    else:
        text = question(first)
        text = f"{sentence.kind} {text}" if sentence.kind in ("where", "why") else text
    return text[0].upper() + text[1:] + ("?" if sentence.kind in ("whether", "where", "why", "who") else ".")


def several(subject: Phrase | None, head: Phrase | None = None) -> bool:
    """Whether the verb is that of several; zero boats are several."""
    who = subject or head
    return who is not None and (who.many or who.det == "number" and who.number != 1)


def be(subject: Phrase | None, past: bool, head: Phrase | None = None) -> str:
    """Is, are, was, were."""
    return ("were" if past else "are") if several(subject, head) else "was" if past else "is"


def do(subject: Phrase | None, past: bool, head: Phrase | None = None) -> str:
    """Do, does, did."""
    bare = several(subject, head) or subject is not None and subject.pronoun == "I"
    return "did" if past else "do" if bare else "does"


def verb(word: Verb, item: Clause, head: Phrase | None) -> str:
    """The verb as its subject, or the head that a relative clause has for a subject, asks for."""
    base, past, _ = word.english
    if item.negative:
        return f"{do(item.subject, item.past, head)} not {base}"
    if item.past:
        return past
    return base if do(item.subject, False, head) == "do" else more(base)


def clause(item: Clause, head: Phrase | None = None) -> str:
    """A statement or, with `head`, a relative clause after its pronoun."""
    subject = phrase(item.subject) if item.subject else ""
    if item.verb is None:
        predicate = be(item.subject, item.past, head) + (" not" if item.negative else "")
    else:
        predicate = f"{item.often} {verb(item.verb, item, head)}"
    return around(item, f"{subject} {predicate}", item.verb)


def question(item: Clause) -> str:
    """A question that is answered by yes, or its part after where and why."""
    assert item.subject is not None
    if item.verb is None:
        return around(item, f"{be(item.subject, item.past)} {phrase(item.subject)}{' not' if item.negative else ''}", None)
    helper = do(item.subject, item.past)
    no = "not" if item.negative else ""
    return around(item, f"{helper} {phrase(item.subject)} {no} {item.often} {item.verb.english[0]}", item.verb)


def around(item: Clause, core: str, word: Verb | None) -> str:
    """The core with all that follows it, and with a time that may come before."""
    parts = [core]
    if word is not None:
        parts.append(word.english[2])
    if item.adjective is not None:
        parts.append("too " * item.too + item.adjective.english)
    if item.object is not None:
        parts.append(OBJECTS.get(item.object.pronoun) or phrase(item.object))
    if item.to is not None:
        parts.append("to " + phrase(item.to))
    parts.append(item.how)
    if item.companion is not None:
        parts.append("with " + phrase(item.companion))
    if item.place is not None:
        parts.append(place(item.place))
    parts.append(item.means)
    if item.time is not None:
        when = time(item.time)
        parts = [when + ",", *parts] if item.time.front else [*parts, when]
    return " ".join(" ".join(parts).split())


def phrase(item: Phrase) -> str:
    """A noun phrase with its relative clause."""
    one = not item.plural and not (item.det == "number" and item.number != 1)
    noun = item.noun.english[0 if one else 1]
    described = [*(word.english for word in item.adjectives), noun]
    det = {"this": "this" if one else "these", "number": str(item.number)}.get(item.det, item.det)
    if item.owner is not None:
        whose = phrase(item.owner)
        det = whose + ("'" if item.owner.plural and whose.endswith("s") else "'s")
    elif det == "a" and described[0][0] in "aeiou" and described[0] != "useful" or det == "a" and described[0] == "honest":
        det = "an"
    text = " ".join([det, *described]).strip()
    if item.relative is not None:
        who = "who " if item.relative.subject is None else "whom "
        text += f" {who if item.noun.kind == 'person' else 'that '}{clause(item.relative, item)}"
    return f"{text} and {phrase(item.also)}" if item.also is not None else text


def place(item: Place) -> str:
    """A preposition and where."""
    noun = item.phrase.noun
    if item.relation in ("to", "from"):
        return f"{item.relation} {phrase(item.phrase)}"
    own = "in" if noun.kind == "city" else next((tag for tag in ("at", "in", "on") if tag in noun.tags), "at")
    return f"{own if item.relation in ('', 'at') else item.relation} {phrase(item.phrase)}"


def time(item: Time) -> str:
    """When."""
    return item.english.replace("N", str(item.number), 1) if item.number else item.english
