"""What SRT, WebVTT and ASS have in common: a cue, its lines made one text and back again, two files paired by time."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from seqgen.draw.human import plural
from seqgen.formats.document import Document, Record
from seqgen.formats.inline import Marker, without_marks
from seqgen.formats.units import Unit

# Two people in one cue: each has a line, which begins with a dash.
_DASH = re.compile(r"^\s*(?:<[^<>]*>)*\s*[-‐–—]\s*\S")
_SPEAKER = re.compile(r"\s*[-‐–—]\s*(?=[^\s\d])")
# Where a line may end in a script without spaces.
_UNSPACED = re.compile(r"(?<=[\u3040-\u30ff\u3400-\u9fff、。！？，．…」』])(?=[^\s、。！？，．…」』ー])")
# Of the shorter cue, the share that both must be shown together to belong together.
TOGETHER = 0.5


class Cue(NamedTuple):
    """Where a cue's text stands in its file, when it is shown (milliseconds), how its lines end, how many there were, how long
    one may be, and whether & and < are written as entities."""

    start: int
    stop: int
    shown: int
    hidden: int
    line_end: str
    lines: int
    line_length: int | None
    entities: bool = False


def joined(lines: Sequence[str]) -> str:
    """The lines of a cue as a text: one sentence runs over its lines, but each speaker has a line of their own."""
    if len(lines) > 1 and sum(bool(_DASH.match(line)) for line in lines) > 1:
        found: list[str] = []
        for line in lines:
            if found and not _DASH.match(line):
                found[-1] += " " + line.strip()
            else:
                found.append(line.strip())
        return "\n".join(found)
    return " ".join(line.strip() for line in lines if line.strip())


def said(marker: Marker, text: str, begins: bool, read: Callable[[str], str]) -> None:
    """Add a piece of a cue to a marked text; `begins`: it is the first. The dash before what one of several says is no part of
    it, but a mark."""
    for number, line in enumerate(text.split("\n")):
        if number:
            marker.text("\n")
        dash = _SPEAKER.match(line) if begins or number else None
        if dash:
            marker.single(dash[0])
        marker.text(read(line[dash.end() if dash else 0 :]))


def balanced(text: str, marks: Mapping[str, str], cue: Cue) -> list[str]:
    """A text in lines of about the same length: as many as the cue had, or as its `line_length` needs."""
    if "\n" in text:
        return [line for part in text.split("\n") for line in (balanced(part, marks, cue._replace(lines=1)))]
    words = _words(text)
    lengths = [len(without_marks(word, marks).rstrip()) for word in words]
    # A word that is longer has a line of its own.
    longest = None if cue.line_length is None else max([cue.line_length, *lengths])
    least = cue.lines
    if longest is not None:
        least = max(1, -(-(sum(lengths) + max(0, len(words) - 1)) // longest))
    for count in range(min(least, len(words)) or 1, len(words) + 1):
        lines = _broken(words, lengths, count)
        if longest is None or all(len(without_marks(line, marks)) <= longest for line in lines) or count == len(words):
            return lines
    return [text]


def _words(text: str) -> list[str]:
    """What a line may not be broken within, with the space behind it."""
    words = re.findall(r"\S+\s*", text.strip())
    return [part for word in words for part in _UNSPACED.split(word) if part]


def _broken(words: Sequence[str], lengths: Sequence[int], count: int) -> list[str]:
    """Words in `count` lines, the longest of which is as short as possible; of two ways that whose first lines are shorter."""
    spaces = [int(word[-1:].isspace()) for word in words]

    def width(start: int, stop: int) -> int:
        return sum(lengths[start:stop]) + sum(spaces[start : stop - 1])

    # best[k][i]: the longest line when the first i words stand in k lines, and where the last of them begins.
    best: list[list[tuple[int, int]]] = [[(0 if i == 0 else 1 << 30, 0) for i in range(len(words) + 1)]]
    for k in range(1, count + 1):
        row = [(1 << 30, 0)]
        for i in range(1, len(words) + 1):
            row.append(min((max(best[k - 1][j][0], width(j, i)), j) for j in range(max(0, i - 60), i)))
        best.append(row)
    cuts = [len(words)]
    for k in range(count, 0, -1):
        cuts.append(best[k][cuts[-1]][1])
    cuts.reverse()
    return ["".join(words[a:b]).strip() for a, b in zip(cuts[:-1], cuts[1:], strict=True)]


def by_time(left: Document, right: Document, sources: Sequence[Unit], targets: Sequence[Unit]) -> Iterator[Record]:
    """Pairs of the cues of two files that are shown together; cues that one file has in two and the other in one are joined.

    What has no counterpart is counted in a note.
    """
    one, other = ([unit for unit in units if unit.source.strip()] for units in (sources, targets))
    alone = 0
    for group in _groups([unit.slot for unit in one], [unit.slot for unit in other]):
        if not all(group):
            alone += len(group[0]) + len(group[1])
            continue
        texts = [
            " ".join(without_marks(units[place].source, units[place].marks).replace("\n", " ") for place in side)
            for units, side in zip((one, other), group, strict=True)
        ]
        yield Record(texts[0], texts[1], one[group[0][0]].where, one[group[0][0]].name)
    if alone:
        left.note(f"{plural(alone, 'subtitle')} of it or of {right.name} without a counterpart at that time")


def _groups(left: Sequence[Cue], right: Sequence[Cue]) -> Iterator[tuple[list[int], list[int]]]:
    """The cues of two files that belong together, those without a counterpart alone, by the time of the first."""
    i = j = 0
    while i < len(left) or j < len(right):
        if j == len(right) or (i < len(left) and not _overlap(left[i], right[j]) and left[i].shown <= right[j].shown):
            yield [i], []
            i += 1
            continue
        if i == len(left) or not _overlap(left[i], right[j]):
            yield [], [j]
            j += 1
            continue
        one, other = [i], [j]
        i, j = i + 1, j + 1
        while (i < len(left) and _overlap(left[i], right[other[-1]])) or (j < len(right) and _overlap(left[one[-1]], right[j])):
            if i < len(left) and _overlap(left[i], right[other[-1]]):
                one.append(i)
                i += 1
            else:
                other.append(j)
                j += 1
        yield one, other


def _overlap(left: Cue, right: Cue) -> bool:
    """Whether two cues are shown together for most of the shorter one."""
    shared = min(left.hidden, right.hidden) - max(left.shown, right.shown)
    return shared > 0 and shared >= TOGETHER * min(left.hidden - left.shown, right.hidden - right.shown)
