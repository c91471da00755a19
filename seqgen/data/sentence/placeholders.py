"""Spans behind placeholders: what a model reads and writes in the place of what it must not change.

A placeholder is a character that Unicode keeps for a program's own use (SENTINELS); tokenizers have a symbol for each. A text
that holds one of them has it carried like any other span.

Training puts placeholders where both sides of a pair have the same span; use puts them wherever there is one. Tags are
no placeholders: they are set aside, and put back around the translation of what stood between them.
"""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from typing import NamedTuple

from seqgen.data.sentence.edits import Edit, edited
from seqgen.data.sentence.numerals import NumberForms
from seqgen.data.sentence.spans import Span
from seqgen.tokenizers.base import SENTINELS

MOST = len(SENTINELS)
SENTINEL = re.compile(f"[{SENTINELS}]")
_LETTER = re.compile(r"[A-Za-z]")
# What languages have words for.
_ORDINAL = re.compile(r"\d(?:st|nd|rd|th|er|re|e|o|a|º|ª)\b")
_SPACES = ("", " ", "\t", "\u00a0")


class Aside(NamedTuple):
    """A span that the model does not see: `text` stood in front of place `at` of what it reads, with white space before
    it, and behind it, or without."""

    at: int
    text: str
    before: bool
    after: bool
    is_tag: bool = False


class Masked(NamedTuple):
    """A text as a model reads it: `carried[i]` stands where `text` has SENTINELS[i], and `aside` is put back afterwards.
    `literal` are numbers that are left in the text, and should be in its translation; `edits` have made it."""

    text: str
    carried: tuple[str, ...] = ()
    aside: tuple[Aside, ...] = ()
    literal: tuple[str, ...] = ()
    edits: tuple[Edit, ...] = ()


def is_plain(text: str, span: Span) -> bool:
    """Whether a span is a number that a model is to read as it is at first: grammar depends on single digits (1 boat, 2
    boats), and on what is glued to a number (2nd, 10km)."""
    return span.kind == "number" and (span.stop - span.start == 1 or bool(_LETTER.match(text, span.stop)))


def masked(text: str, found: Sequence[Span], forms: NumberForms, *, learnt: bool, also: Container[str] = ()) -> Masked:
    """A text with its spans behind placeholders; or where a model has not `learnt` these, set aside.

    Numbers are left in the text where a model may well keep them (plain ones; all where it knows no placeholders), unless
    they are among those that it did not keep, `also`. No more than MOST spans get a placeholder.
    """
    edits: list[Edit] = []
    carried: list[str] = []
    aside: list[Aside] = []
    literal: list[str] = []
    moved = 0
    for span in found:
        content = text[span.start : span.stop]
        form = forms.applied(content) if span.kind == "number" else content
        if span.kind == "number" and not forms.kept:
            continue
        if span.kind == "number":
            # Languages have words for "2nd"; of "2" that is known only where a model has learnt numbers.
            is_worded = len(content) == 1 and (not learnt or bool(_ORDINAL.match(text, span.start)))
            if is_worded or (form not in also and (not learnt or is_plain(text, span))):
                literal += [] if is_worded else [form]
                continue
        if span.kind != "tag" and learnt and len(carried) < MOST:
            edits.append(Edit(span.start, span.stop, SENTINELS[len(carried)]))
            carried.append(form)
        else:
            before, after = (
                not text[: span.start].strip() or text[span.start - 1].isspace(),
                text[span.stop : span.stop + 1] in _SPACES,
            )
            aside.append(Aside(span.start + moved, form, before, after, span.kind == "tag"))
            # Of the white space on both sides one is enough.
            edits.append(Edit(span.start, span.stop + (before and after and span.stop < len(text)), ""))
        moved += edits[-1].growth
    return Masked(edited(text, edits), tuple(carried), tuple(aside), tuple(literal), tuple(edits))


def masked_pair(
    source: str, target: str, sides: tuple[Sequence[Span], Sequence[Span]], forms: NumberForms, order: Sequence[int]
) -> tuple[str, str]:
    """A pair with the spans that stand on both sides behind placeholders, numbered in this order, and without its tags."""
    theirs: dict[str, list[Span]] = {}
    for span in sides[1]:
        theirs.setdefault(target[span.start : span.stop], []).append(span)
    left: list[tuple[Span, str]] = [(span, "") for span in sides[0] if span.kind == "tag"]
    right: list[tuple[Span, str]] = [(span, "") for span in sides[1] if span.kind == "tag"]
    count = 0
    for span in sides[0]:
        content = source[span.start : span.stop]
        twins = theirs.get(content) or theirs.get(forms.applied(content))
        if span.kind == "tag" or not twins or is_plain(source, span) or count == min(MOST, len(order)):
            continue
        left.append((span, SENTINELS[order[count]]))
        right.append((twins.pop(0), SENTINELS[order[count]]))
        count += 1
    return _replaced(source, left), _replaced(target, right)


def _replaced(text: str, new: list[tuple[Span, str]]) -> str:
    found = edited(text, [Edit(span.start, span.stop, replacement) for span, replacement in sorted(new)])
    # A pair of tags alone is left as it was.
    return found if found.strip() else text
