"""Where in a translation something belongs that the model did not see, or lost: by which words go with which.

Tags keep their nesting: what stood inside an element stays inside it, whatever the order of words has become.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from seqgen.data.sentence.edits import Edit, Range, words
from seqgen.data.sentence.placeholders import Aside

Links = tuple[tuple[int, int], ...]

_OPENING = re.compile(r"<([A-Za-z][\w:.\-]*)(?:\s[^<>]*[^<>/]|\s)?>")
_CLOSING = re.compile(r"</([A-Za-z][\w:.\-]*)\s*>")
_MARKS = ".,;:!?…。，、！？)]}»”\"'"


@dataclass
class _Node:
    """An element, with a beginning and an end, or a single span, which has no end."""

    open: Aside
    close: Aside | None = None
    inside: list[_Node] = field(default_factory=list)


def put_back(source: str, target: str, links: Links, asides: Sequence[Aside], fixed: int = 0) -> list[Edit]:
    """The edits of a translation that put asides of its source where they belong, but not into its first `fixed` characters;
    `links` are pairs of words."""
    return _Placing(source, target, links).placed(_tree(asides), min(fixed, len(target)))


def apart(text: str, edits: Sequence[Edit]) -> list[Edit]:
    """The edits, with a space where a number would touch the digits of another one."""
    found: list[Edit] = []
    for edit in edits:
        last = found[-1] if found and found[-1].stop == edit.start and found[-1].new else None
        before, behind = last.new if last else text[: edit.start], text[edit.stop : edit.stop + 1]
        new = " " * (edit.new[:1].isdigit() and before[-1:].isdigit()) + edit.new
        found.append(edit._replace(new=new + " " * (new[-1:].isdigit() and behind.isdigit())))
    return found


def _tree(asides: Sequence[Aside]) -> list[_Node]:
    """Asides as elements within elements; a tag without its partner is a single span."""
    top: list[_Node] = []
    opened: list[tuple[_Node, str]] = []
    for aside in asides:
        closing, opening = _CLOSING.fullmatch(aside.text), _OPENING.fullmatch(aside.text)
        name = closing[1] if closing else None
        depth = next((place for place in range(len(opened) - 1, -1, -1) if opened[place][1] == name), None)
        if depth is not None:
            opened[depth][0].close = aside
            del opened[depth:]
            continue
        node = _Node(aside)
        (opened[-1][0].inside if opened else top).append(node)
        if opening:
            opened.append((node, opening[1]))
    return _flat(top)


def _flat(nodes: list[_Node]) -> list[_Node]:
    """Nodes in which only those with an end have something inside."""
    found: list[_Node] = []
    for node in nodes:
        inside = _flat(node.inside)
        if node.close is None:
            found += [_Node(node.open), *inside]
        else:
            found.append(_Node(node.open, node.close, inside))
    return found


class _Placing:
    """Places in a target of words in a source."""

    def __init__(self, source: str, target: str, links: Links) -> None:
        self.source, self.target = source, target
        self.left, self.right = words(source), words(target)
        self.linked: dict[int, list[int]] = defaultdict(list)
        for s, t in links:
            if t < len(self.right):
                self.linked[s].append(t)

    def placed(self, nodes: Sequence[_Node], low: int) -> list[Edit]:
        """The edits for all nodes, none of them before `low`."""
        return self._place(nodes, low, len(self.target))

    def _place(self, nodes: Sequence[_Node], low: int, high: int) -> list[Edit]:
        """Those of neighbours, in the order of the target, between two places."""
        ranges = [(self._range(node), number, node) for number, node in enumerate(nodes)]
        edits: list[Edit] = []
        for (start, stop), _, node in sorted(ranges, key=lambda one: (one[0][0], one[1])):
            start = min(max(start, low), high)
            stop = min(max(stop, start), high)
            if node.close is None:
                edits.append(self._single(node.open, start, edits[-1] if edits else None))
                low = start
                continue
            edits.append(Edit(start, start, node.open.text + " " * (node.open.before and node.open.after)))
            edits += self._place(node.inside, start, stop)
            edits.append(Edit(stop, stop, " " * (node.close.before and node.close.after) + node.close.text))
            low = stop
        return edits

    def _range(self, node: _Node) -> Range:
        if node.close is None:
            place = self._point(node.open)
            return place, place
        start, stop = node.open.at, node.close.at
        covered = [number for number, (a, b) in enumerate(self.left) if a < stop and b > start]
        found = sorted(t for number in covered for t in self.linked[number])
        if len(covered) == len(self.left):
            found = [0, len(self.right) - 1] if self.right else []
        if not found:
            place = self._point(node.open)
            word = next((word for word in self.right if word[1] > place), None) if covered else None
            return (max(place, word[0]), word[1]) if word else (place, place)
        begin, end = self.right[found[0]][0], self.right[found[-1]][1]
        # The marks behind a last word belong to the sentence, unless the element had some.
        if self.source[:stop].rstrip()[-1:] not in _MARKS:
            end = begin + len(self.target[begin:end].rstrip(_MARKS)) or end
        if start and self.source[start - 1] in "([{«“\"'" and self.target[begin] in "([{«“\"'":
            begin += 1
        return begin, max(begin, end)

    def _point(self, aside: Aside) -> int:
        """Where a single span belongs."""
        before = [number for number, (start, _) in enumerate(self.left) if start < aside.at]
        after = before[-1] + 1 if before else 0
        if not before and aside.at <= (self.left[0][0] if self.left else 0):
            return self.right[0][0] if self.right else 0
        if aside.after and aside.at >= len(self.source.rstrip()):
            return len(self.target)
        if aside.before and not aside.after:
            place = self._word(after, first=True)
            return self.right[place][0] if place is not None else len(self.target)
        place = self._word(before[-1], first=False)
        if place is None:
            return len(self.target)
        if aside.before:
            return self.right[place + 1][0] if place + 1 < len(self.right) else len(self.target)
        start, end = self.right[place]
        inside = slice(*self.left[before[-1]])
        if self.target[start:end] == self.source[inside]:
            return start + min(aside.at, inside.stop) - inside.start
        glued = self.source[aside.at : aside.at + 1] in _MARKS and aside.at < len(self.source)
        return start + len(self.target[start:end].rstrip(_MARKS)) if glued else end

    def _word(self, number: int, first: bool) -> int | None:
        """The word of the target that goes with one of the source: the first of these or the last, else one as far in."""
        found = self.linked[number]
        if found:
            return min(found) if first else max(found)
        if not self.right:
            return None
        return min(len(self.right) - 1, number * len(self.right) // max(1, len(self.left)))

    def _single(self, aside: Aside, place: int, last: Edit | None) -> Edit:
        """A single span, with a space where it stood alone; `last` is what was placed before."""
        if not (aside.before and aside.after):
            return Edit(place, place, aside.text)
        written = last.new if last and last.stop == place else self.target[:place]
        behind = not written or written[-1].isspace()
        ahead = place == len(self.target) or self.target[place].isspace()
        return Edit(place, place, " " * (not behind) + aside.text + " " * (not ahead))
