"""How a language pair writes numbers: 1,000.5 here may be 1 000,5 there. Learnt from pairs, applied to numbers that are carried
through a translation; the digits never change."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

# How often a form has to be seen, and in which share of the places where its mark stands.
LEAST, SHARE = 5, 0.8
# Where fewer of a corpus' numbers stand on both sides, its translations write them in words.
KEPT = 0.5
# A word stands for a digit where it is in a PART of the targets that lack it, RISE times as often as in all; at most so many.
PART, RISE, WORDS = 0.2, 2.0, 5
_NUMBER = re.compile(r"\d{1,3}(?:[ \u00a0\u202f\u2009'’]\d{3})+(?!\d)(?:[.,]\d+)?|\d+(?:[.,]\d+)*")
_MARK = re.compile(r"\D")
_WORD = re.compile(r"[^\W\d_]+")


class Mark(NamedTuple):
    """What stands between digits: the mark of a group of thousands, or of decimals."""

    role: str
    mark: str

    @property
    def name(self) -> str:
        """The mark as it is named in a run's facts."""
        return f"{self.role} {self.mark}"


def marks_of(number: str) -> list[Mark] | None:
    """The marks of a number in order; None where they leave in doubt what they mean."""
    marks = _MARK.findall(number)
    parts = _MARK.split(number)
    if not marks or not all(parts):
        return None
    grouped = len(parts[0]) <= 3 and all(len(part) == 3 for part in parts[1:])
    if len(set(marks)) == 1 and grouped:
        return [Mark("group", mark) for mark in marks]
    inside = marks[:-1]
    if marks[-1] not in ".," or len(set(inside)) > 1 or marks[-1] in inside:
        return None
    if inside and (len(parts[0]) > 3 or any(len(part) != 3 for part in parts[1:-1])):
        return None
    return [*(Mark("group", mark) for mark in inside), Mark("decimal", marks[-1])]


class NumberForms(NamedTuple):
    """What becomes of each mark that changes: "group ," -> " "; whether translations keep numbers rather than write them in
    words; and which words stand for single digits, in lower case."""

    changes: Mapping[str, str]
    kept: bool = True
    words: Mapping[str, Sequence[str]] = {}

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> NumberForms:
        """The inverse of `facts`, from all that a run knows of its corpus."""
        return cls(facts.get("number_marks", {}), facts.get("numbers_kept", True), facts.get("digit_words", {}))

    def facts(self) -> dict[str, Any]:
        """What a run keeps."""
        words = {digit: list(words) for digit, words in self.words.items()}
        return {"number_marks": dict(self.changes), "numbers_kept": self.kept, "digit_words": words}

    def applied(self, number: str) -> str:
        """A number as the target language writes it; as it is where nothing was learnt of it."""
        marks = marks_of(number) if self.changes else None
        if not marks:
            return number
        parts = _MARK.split(number)
        new = [self.changes.get(mark.name, mark.mark) for mark in marks]
        # Where only one of two marks was learnt, both could become the same.
        if marks[-1].role == "decimal" and new[-1] in new[:-1]:
            return number
        return parts[0] + "".join(mark + part for mark, part in zip(new, parts[1:], strict=True))


NO_FORMS = NumberForms({})


def learnt_forms(pairs: Iterable[tuple[str, str]]) -> NumberForms:
    """What pairs show: numbers with equal digits on both sides, and other marks between them."""
    seen: defaultdict[str, Counter[str]] = defaultdict(Counter)
    kept: Counter[bool] = Counter()
    digits: defaultdict[str, list[set[str]]] = defaultdict(list)
    everywhere: Counter[str] = Counter()
    total = 0
    for source, target in pairs:
        total += 1
        everywhere.update(set(_WORD.findall(target.lower())))
        numbers = _NUMBER.findall(source)
        there = {_MARK.sub("", number): number for number in _NUMBER.findall(target)} if numbers else {}
        for number in numbers:
            other = there.get(_MARK.sub("", number))
            if len(number) == 1:
                digits[number] += [] if other else [set(_WORD.findall(target.lower()))]
            else:
                kept[other is not None] += 1
            marks = marks_of(number) if other else None
            if other is None or not marks:
                continue
            written = _MARK.findall(other) or [""] * len(marks)
            if len(written) == len(marks):
                for mark, new in zip(marks, written, strict=True):
                    seen[mark.name][new] += 1
    changes = {}
    for name, found in seen.items():
        new, count = found.most_common(1)[0]
        # A decimal mark that is gone would change the value.
        if count >= LEAST and count >= SHARE * found.total() and new != name[-1] and (new or name.startswith("group")):
            changes[name] = new
    # Where a corpus has hardly any, numbers are expected to be kept.
    is_kept = kept.total() < LEAST or kept[True] >= KEPT * kept.total()
    return NumberForms(changes, is_kept, _digit_words(digits, everywhere, total))


def _digit_words(digits: Mapping[str, list[set[str]]], everywhere: Counter[str], pairs: int) -> dict[str, list[str]]:
    """The words that targets have where a digit of the source is missing, and far more often than elsewhere."""
    words = {}
    for digit, targets in digits.items():
        here = Counter(word for target in targets for word in target)
        least = max(LEAST, PART * len(targets))
        usual = RISE * len(targets) / max(1, pairs)
        found = [word for word, count in here.most_common(WORDS) if count >= least and count >= usual * everywhere[word]]
        if found:
            words[digit] = found
    return words
