"""Units of a file, translated: whole, with everything that must survive, or not at all and named."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from seqgen.data.sentence.accelerators import Accelerator, with_accelerator, without_accelerator
from seqgen.data.sentence.spans import spans
from seqgen.formats.inline import keeps, without_marks
from seqgen.formats.units import Unit
from seqgen.translation.lines import Translated

# Units that are translated together.
TOGETHER = 1_000
# What a program reads, rather than a person. Numbers may be written as words, and paths be names.
CODE = frozenset({"tag", "entity", "format", "url", "email"})
# Branches for numbers or genders, which only somebody who knows both languages can write.
_BRANCHES = re.compile(r"\{\s*[\w.]+\s*,\s*(?:plural|select|selectordinal|choice)\s*,")


class Lines(Protocol):
    """What translates lines: a LineTranslator, or a queue before one."""

    def translate(self, lines: Sequence[str], /) -> list[Translated]:
        """All lines, in their order."""
        ...


@dataclass(frozen=True)
class Attempt:
    """A unit and its translation; or why there is none."""

    unit: Unit
    translation: str = ""
    why: str = ""


def translated(units: Sequence[Unit], lines: Lines, accelerators: bool = False) -> Iterator[list[Attempt]]:
    """The attempts at all units, in their order, some at a time. `accelerators`: texts are of an interface, which marks letters
    for keys."""
    for start in range(0, len(units), TOGETHER):
        yield _together(units[start : start + TOGETHER], lines, accelerators)


def _together(units: Sequence[Unit], lines: Lines, accelerators: bool) -> list[Attempt]:
    texts: list[str] = []
    parts: list[tuple[Accelerator | None, int, int] | None] = []
    for unit in units:
        if _BRANCHES.search(unit.source):
            parts.append(None)
            continue
        plain, found = without_accelerator(unit.source) if accelerators else (unit.source, None)
        # A line is what a model reads; what stands on several is translated line by line.
        parts.append((found, len(texts), len(texts) + plain.count("\n") + 1))
        texts += plain.split("\n")
    done = lines.translate(texts)
    attempts = []
    for unit, part in zip(units, parts, strict=True):
        if part is None:
            attempts.append(Attempt(unit, why="a message with branches, which are left to people"))
            continue
        accelerator, start, stop = part
        cut = next((one.cut_at for one in done[start:stop] if one.cut_at), 0)
        text = with_accelerator("\n".join(one.text for one in done[start:stop]), accelerator)
        why = f"its translation was cut at {cut:,} tokens" if cut else lost(unit, text)
        attempts.append(Attempt(unit, why=why) if why else Attempt(unit, text))
    return attempts


def lost(unit: Unit, translation: str) -> str:
    """What a translation has lost of what a program reads, or has too much of, in words; "" where it has all."""
    if not translation.strip() and unit.source.strip():
        return "its translation is empty"
    if not keeps(translation, unit.marks):
        return "its translation loses or crosses inline elements"
    source, made = without_marks(unit.source, unit.marks), without_marks(translation, unit.marks)
    code = _code(source)
    # Counted as it stands: a word may have come to touch it.
    missing = next((part for part in code if made.count(part) < source.count(part)), None)
    if missing is not None:
        return f"its translation loses {missing!r}"
    added = next((part for part in _code(made) if part not in source or made.count(part) > source.count(part)), None)
    return "" if added is None else f"{added!r} came into it"


def _code(text: str) -> list[str]:
    return [text[span.start : span.stop] for span in spans(text, lambda _: set()) if span.kind in CODE]
