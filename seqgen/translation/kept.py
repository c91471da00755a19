"""Whether a translation has what it must have: each placeholder of its source exactly once, and the numbers that were left in
the text. Where it has not, the piece is translated again with these numbers behind placeholders too, and the likeliest of
several hypotheses that keeps everything is taken; where none does, what is lost is put in by the alignment, and that is noted.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from seqgen.data.sentence.edits import Edit, edited, moved_words
from seqgen.data.sentence.encoder import PairEncoder
from seqgen.data.sentence.placeholders import SENTINEL, Aside, Masked
from seqgen.data.sentence.spans import PATTERNS
from seqgen.data.sentence.typography import retyped
from seqgen.decode.alignment import word_links, word_numbers
from seqgen.decode.scorer import Ids
from seqgen.decode.translator import Hypothesis, TranslateOptions, Translator
from seqgen.tokenizers.base import SENTINELS
from seqgen.translation.cut import Piece
from seqgen.translation.placing import Links, apart, put_back

# Hypotheses among which one is looked for that has lost nothing.
SEARCHED = 12
_NUMBER = re.compile(PATTERNS["number"])
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True)
class Unit:
    """What is translated once: a text as the model reads it. `begins` says that its translation begins with the prefix, if
    there is one; `placed` that something will have to be put back into it."""

    text: str
    begins: bool
    placed: bool = False
    literal: tuple[str, ...] = ()
    seed: int = 0


@dataclass(frozen=True)
class Answer:
    """A translation of a unit, with placeholders. `read` is its source as the model read it, with the numbers that are in
    `also` behind placeholders too; `links` are pairs of words of the two, where these were asked for. The first `fixed`
    characters were given, not translated. `ids` are the translation as the search wrote it."""

    read: str
    text: str
    score: float
    cut_at: int
    also: frozenset[str]
    links: Links
    ids: Ids = field(compare=False, repr=False)
    fixed: int = 0

    @property
    def missing(self) -> list[str]:
        """Placeholders of the source that are not in the translation."""
        return [sentinel for sentinel in SENTINEL.findall(self.read) if sentinel not in self.text]

    @property
    def keeps(self) -> bool:
        """Whether each placeholder is there exactly once."""
        return sorted(SENTINEL.findall(self.text)) == sorted(SENTINEL.findall(self.read))

    def lost(self, literal: Sequence[str], words: Mapping[str, Sequence[str]]) -> frozenset[str]:
        """The numbers that are not there as often as in the source, and for digits none of their words either."""
        if not literal:
            return frozenset()
        there, said = Counter(_NUMBER.findall(self.text)), set(_WORD.findall(self.text.lower()))
        return frozenset(
            number
            for number, count in Counter(literal).items()
            if there[number] != count and (there[number] or said.isdisjoint(words.get(number, ())))
        )


def submit(
    translator: Translator,
    encoder: PairEncoder,
    units: Sequence[tuple[Unit, Piece]],
    options: TranslateOptions,
    searched: int = SEARCHED,
) -> Callable[[], list[list[Answer]]]:
    """Begin to translate units, each with a piece that it was made of; the result waits for the end. Where something was
    lost, it is looked for among `searched` hypotheses; 0 looks no further."""
    sources = encoder.ids([unit.text for unit, _ in units])
    wait = _ask(translator, sources, [unit for unit, _ in units], options)

    def finish() -> list[list[Answer]]:
        found = wait()
        prefix = len(encoder.tokenizer.decode(options.prefix))
        answers = [
            [_answer(encoder, unit.text, source, one, prefix * unit.begins) for one in hypotheses]
            for (unit, _), source, hypotheses in zip(units, sources, found, strict=True)
        ]
        if not searched:
            return answers
        # What a prefix says in the place of numbers is not known.
        literal = [() if prefix and unit.begins else unit.literal for unit, _ in units]
        lost = [answer[0].lost(literal[row], encoder.forms.words) for row, answer in enumerate(answers)]
        rows = [row for row, answer in enumerate(answers) if lost[row] or not answer[0].keeps]
        again = [(*units[row], lost[row]) for row in rows]
        for row, better in zip(rows, _again(translator, encoder, again, options, searched), strict=True):
            answers[row] = better
        return answers

    return finish


def _again(
    translator: Translator,
    encoder: PairEncoder,
    units: Sequence[tuple[Unit, Piece, frozenset[str]]],
    options: TranslateOptions,
    searched: int,
) -> list[list[Answer]]:
    """Translations of units that lost something, perhaps numbers: those that keep everything first."""
    if not units:
        return []
    texts = [piece.masked(encoder, also).text for _, piece, also in units]
    if not options.sample:
        wide = max(options.beam_size, options.nbest, searched)
        options = replace(options, beam_size=wide, nbest=wide)
    sources = encoder.ids(texts)
    found = _ask(translator, sources, [replace(unit, placed=True) for unit, _, _ in units], options)()
    prefix = len(encoder.tokenizer.decode(options.prefix))
    answers = []
    for (unit, _, also), text, source, hypotheses in zip(units, texts, sources, found, strict=True):
        rows = [_answer(encoder, text, source, one, prefix * unit.begins, also) for one in hypotheses]
        answers.append(sorted(rows, key=lambda answer: not answer.keeps))
    return answers


def _ask(
    translator: Translator, sources: Sequence[Ids], units: Sequence[Unit], options: TranslateOptions
) -> Callable[[], list[list[Hypothesis]]]:
    """Begin to translate; those with a prefix, and those whose alignment is needed, are asked for by themselves."""
    groups: dict[tuple[bool, bool], list[int]] = {}
    for row, unit in enumerate(units):
        groups.setdefault((unit.begins, unit.placed), []).append(row)
    waits = []
    for (begins, placed), members in groups.items():
        attention = options.attention or (placed and translator.aligns)
        chosen = replace(options, prefix=options.prefix if begins else (), attention=attention)
        seeds = [units[row].seed for row in members] if options.sample and options.seed is not None else None
        waits.append((members, translator.submit([sources[row] for row in members], chosen, seeds)))

    def finish() -> list[list[Hypothesis]]:
        found: dict[int, list[Hypothesis]] = {}
        for members, wait in waits:
            found |= zip(members, wait(), strict=True)
        return [found[row] for row in range(len(units))]

    return finish


def _answer(
    encoder: PairEncoder, read: str, source: Ids, hypothesis: Hypothesis, fixed: int, also: frozenset[str] = frozenset()
) -> Answer:
    links: Links = ()
    if hypothesis.attention is not None:
        left, right = (word_numbers(encoder.tokenizer, ids) for ids in (source, hypothesis.ids))
        links = tuple(word_links(hypothesis.attention, left, right))
    text = one_line(encoder.tokenizer.decode(hypothesis.ids))
    cut_at = 0 if hypothesis.whole else len(hypothesis.ids)
    return Answer(read, text, hypothesis.score, cut_at, also, links, hypothesis.ids, fixed)


def completed(piece: Piece, hidden: Masked, answer: Answer) -> tuple[str, Links, bool]:
    """A piece's translation with everything that was hidden from the model, in the capitals and the typography of its source;
    pairs of words of piece and translation; and whether something had to be put in by the alignment."""
    text = retyped(answer.text.upper() if piece.shouted else answer.text, hidden.text)
    missing = [_missing(hidden, sentinel) for sentinel in answer.missing]
    asides = sorted([*hidden.aside, *missing], key=lambda aside: aside.at)
    edits = put_back(hidden.text, text, answer.links, asides, answer.fixed) if asides else []
    seen: set[str] = set()
    extra = False
    for found in SENTINEL.finditer(text):
        sentinel, (start, stop) = found.group(), found.span()
        is_known = SENTINELS.index(sentinel) < len(hidden.carried) and sentinel not in seen
        seen.add(sentinel)
        extra |= not is_known
        new = hidden.carried[SENTINELS.index(sentinel)] if is_known else ""
        edits.append(Edit(start - (not is_known and text[start - 1 : start] == " "), stop, new))
    edits = apart(text, sorted(edits, key=lambda edit: edit.start))
    whole = edited(text, edits)
    links = _spread(piece, hidden, answer.links, moved_words(text, whole, edits)) if answer.links else ()
    return whole, links, extra or bool(missing) or any(not aside.is_tag for aside in hidden.aside)


def _missing(hidden: Masked, sentinel: str) -> Aside:
    """A placeholder that was lost, as what has to be put back."""
    at, text = hidden.text.index(sentinel), hidden.text
    before, after = not at or text[at - 1].isspace(), not text[at + 1 :] or text[at + 1].isspace()
    return Aside(at, hidden.carried[SENTINELS.index(sentinel)], before, after)


def _spread(piece: Piece, hidden: Masked, links: Links, right: list[list[int]]) -> Links:
    """Links of what the model read and wrote as links of what stands in the line and its translation."""
    left: dict[int, list[int]] = {}
    for number, became in enumerate(moved_words(piece.text, hidden.text, hidden.edits)):
        for word in became:
            left.setdefault(word, []).append(number)
    return tuple((s, t) for a, b in links for s in left.get(a, []) for t in (right[b] if b < len(right) else []))


def one_line(text: str) -> str:
    """Bytes can spell a line end, which would turn one line into two."""
    return text.replace("\r\n", " ").replace("\n", " ").replace("\r", " ")
