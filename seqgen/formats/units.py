"""Units: what a file holds to be translated, a message, a segment, a subtitle, wherever the file keeps it and its translation.

A format with units has two functions: `units(document)` gives them in the order of the file, as they are read; `edits(unit,
translation)` says what has to change in the file for one of them. All else in the file stays as it is, to the last byte.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from seqgen.draw.human import plural
from seqgen.formats.document import Document, Record
from seqgen.formats.inline import without_marks

# new: without a translation; unsure: fuzzy, or to be reviewed; done; kept: not to be translated.
State = Literal["new", "unsure", "done", "kept"]
NO_MARKS: Mapping[str, str] = {}


class Unit(NamedTuple):
    """One unit of a file.

    `where` is its line, from 1, `name` its identifier, key or time, "" where it has none. `source` and `target` are what
    people read, with "\\n" between lines, and with inline marks in place of elements (formats/inline.py), of which `marks`
    and `target_marks` say what they stand for. `why` says why it is no pair to learn from, "" where it is one. `slot` is for
    the format's own `edits`: where the translation goes.
    """

    where: int
    name: str
    source: str
    target: str = ""
    state: State = "new"
    why: str = ""
    context: str = ""
    marks: Mapping[str, str] = NO_MARKS
    target_marks: Mapping[str, str] = NO_MARKS
    slot: Any = None


class Edit(NamedTuple):
    """`new` in the place of text[start:stop], in characters of the file's text as Document.raw gives it; of a zip archive, of
    the text of its `member`. What is put in at one place comes in its `order`. `carried`: what `new` holds of text[start:stop]
    as it was, (place in `new`, start, stop) each in the order of `new`, so that edits of other units inside it go along."""

    start: int
    stop: int
    new: str
    member: str = ""
    order: int = 0
    carried: tuple[tuple[int, int, int], ...] = ()


def edited(text: str, edits: Iterable[Edit]) -> str:
    """A text with edits, which may come in any order and must not overlap, but inside what one of them carries. One that is
    there twice is made once: several units may ask for the same flag."""
    parts: list[str] = []
    reached = 0
    # What is around others comes before them.
    ordered = sorted(set(edits), key=lambda edit: (edit.start, -edit.stop if edit.carried else edit.stop, edit.order, edit.new))
    place = 0
    while place < len(ordered):
        edit = ordered[place]
        place += 1
        if edit.start < reached:
            raise ValueError(f"overlapping edits at {edit.start}")
        inner: list[Edit] = []
        while edit.carried and place < len(ordered) and ordered[place].start < edit.stop:
            inner.append(ordered[place])
            place += 1
        parts += [text[reached : edit.start], _carrying(text, edit, inner) if inner else edit.new]
        reached = edit.stop
    return "".join([*parts, text[reached:]])


def _carrying(text: str, edit: Edit, inner: Sequence[Edit]) -> str:
    """What an edit puts in, with edits inside what it carries along."""
    parts: list[str] = []
    reached = made = 0
    for at, start, stop in edit.carried:
        found = [one._replace(start=one.start - start, stop=one.stop - start) for one in inner if start <= one.start < stop]
        made += len(found)
        parts += [edit.new[reached:at], edited(text[start:stop], found)]
        reached = at + stop - start
    if made < len(inner):
        raise ValueError(f"overlapping edits at {edit.start}")
    return "".join([*parts, edit.new[reached:]])


def pairs_in(document: Document, units: Iterable[Unit]) -> Iterator[Record]:
    """The pairs of units that are translated; of the others, how many there are and why is noted.

    Messages of several lines are a pair a line where both sides have as many, else one pair, its lines joined by spaces.
    """
    read = pairs = 0
    left_out: Counter[str] = Counter()
    for unit in units:
        read += 1
        why = "" if unit.state == "unsure" and document.wanted.review else unit.why
        why = why or ("" if unit.target.strip() else "not translated") or ("" if unit.source.strip() else "without a source")
        if why:
            left_out[why] += 1
            continue
        pairs += 1
        yield from _records(unit)
    if left_out:
        reasons = ", ".join(f"{count:,} {why}" for why, count in left_out.most_common())
        document.note(f"{plural(read, 'unit')}: {pairs:,} translated; left out: {reasons}")


def by_name(left: Document, right: Document, sources: Sequence[Unit], targets: Sequence[Unit]) -> Iterator[Record]:
    """Pairs of the units of two files, one for each language, that are called the same; how many others there are is noted."""
    texts = {unit.name: without_marks(unit.source, unit.marks) for unit in targets if unit.state != "kept" and unit.name}
    alone = 0
    for unit in sources:
        if unit.state == "kept":
            continue
        target = texts.pop(unit.name, "")
        if target.strip() and unit.source.strip():
            yield from _records(unit._replace(source=without_marks(unit.source, unit.marks), target=target))
        else:
            alone += 1
    if alone or texts:
        left.note(f"{plural(alone + len(texts), 'unit')} of it or of {right.name} without a counterpart of that name")


def text_in(document: Document, units: Iterable[Unit]) -> str:
    """The sources of units as a text, without inline marks, each on a line of its own. Those that are kept, such as references
    and drawings, are no language; how many there are is noted."""
    texts: list[str] = []
    left_out: Counter[str] = Counter()
    for unit in units:
        said = without_marks(unit.source, unit.marks)
        if said.strip() and unit.state == "kept":
            left_out[unit.why] += 1
        elif said.strip():
            texts.append(said + "\n")
    if left_out:
        reasons = ", ".join(f"{count:,} {why}" for why, count in left_out.most_common())
        document.note(f"{plural(len(texts) + left_out.total(), 'unit')}: {len(texts):,} read; left out: {reasons}")
    text = "".join(texts)
    document.characters = len(text)
    return text


def _records(unit: Unit) -> Sequence[Record]:
    if "\n" not in unit.source and "\n" not in unit.target:
        return (Record(unit.source, unit.target, unit.where, unit.name),)
    left, right = unit.source.split("\n"), unit.target.split("\n")
    if len(left) != len(right) or any(bool(s.strip()) != bool(t.strip()) for s, t in zip(left, right, strict=True)):
        left, right = ([" ".join(part.strip() for part in side if part.strip())] for side in (left, right))
    sides = zip(left, right, strict=True)
    return [Record(source.strip(), target.strip(), unit.where, unit.name) for source, target in sides if source.strip()]
