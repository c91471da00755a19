"""A line on its way to the model: its pieces, what each of them hides from the model, and the white space around them."""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from dataclasses import dataclass

from seqgen.data.sentence.edits import Edit, edited
from seqgen.data.sentence.encoder import PairEncoder
from seqgen.data.sentence.normalise import edges
from seqgen.data.sentence.placeholders import MOST, Masked
from seqgen.data.sentence.segments import Length, Limits, Segment, segments
from seqgen.data.sentence.spans import Span
from seqgen.data.sentence.typography import is_shouted, lowered
from seqgen.tokenizers.base import SENTINELS
from seqgen.tokenizers.base import normalise as composed

# Tags between which text begins anew: they stand between pieces like white space.
_BREAK = re.compile(
    r"</?(?:address|article|aside|blockquote|body|br|caption|dd|div|dl|dt|figure|footer|form|h[1-6]|head|header|hr|html|li|main|nav|ol"
    r"|option|p|pre|section|table|tbody|td|tfoot|th|thead|title|tr|ul)\b|<!--",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Piece:
    """A piece of a line, the spans in it, and the white space between it and the next one."""

    text: str
    space: str
    spans: tuple[Span, ...] = ()
    shouted: bool = False

    def masked(self, encoder: PairEncoder, also: Container[str] = ()) -> Masked:
        """What the model reads of it, in lower case where the line is in capitals."""
        found = encoder.masked(self.text, self.spans, also)
        return found._replace(text=lowered(found.text)) if self.shouted else found


@dataclass(frozen=True)
class Cut:
    """The pieces of a line, and what stands around them, which comes back as it was."""

    before: str
    pieces: tuple[Piece, ...]
    after: str
    shouted: bool = False

    @classmethod
    def of(cls, line: str, limits: Limits, encoder: PairEncoder) -> Cut:
        """Cut a line where its sentences end, and not inside a span."""
        before, text, after = edges(line)
        text = composed(text)
        found = encoder.spans(text)
        shouted = is_shouted(edited(text, [Edit(span.start, span.stop, "") for span in found if span.kind != "unseen"]))
        found = encoder.spans(text, shouted) if shouted else found
        hidden = _hidden(text, found)
        left, inside, right = edges(hidden)
        start, stop = len(left), len(hidden) - len(right)
        if not inside:
            return cls(before + text + after, (), "")
        length = _length(encoder, limits, shouted)
        pieces = _pieces(text, segments(inside, limits, length), start, found, shouted)
        return cls(before + text[:start], tuple(pieces), text[stop:] + after, shouted)


def _length(encoder: PairEncoder, limits: Limits, shouted: bool) -> Length:
    """The length of what the model will read."""
    fits = 0 if limits.joined else limits.longest
    return lambda part: encoder.length(lowered(part) if shouted else part, fits)


def _hidden(text: str, found: Sequence[Span]) -> str:
    """A text of the same length in which no span can be cut: those that break it are white space, other tags brackets, and all
    but numbers and unseen characters, which tell something about where sentences end, runs of a placeholder."""
    parts, reached = [], 0
    for number, span in enumerate(found):
        content, size = text[span.start : span.stop], span.stop - span.start
        if span.kind in ("number", "unseen"):
            continue
        if span.kind == "tag":
            filler = " " if _BREAK.match(content) else ")" if content.startswith("</") else "("
        else:
            filler = SENTINELS[number % MOST]
        parts += [text[reached : span.start], filler * size]
        reached = span.stop
    return "".join(parts) + text[reached:]


def _pieces(text: str, parts: Sequence[Segment], start: int, found: Sequence[Span], shouted: bool) -> list[Piece]:
    """The pieces of a text that were found in what hides its spans, which begins at `start`."""
    pieces, at = [], 0
    for part in parts:
        stop = start + len(part.text)
        own = []
        while at < len(found) and found[at].start < stop:
            left, right, kind = found[at]
            own += [Span(max(left, start) - start, min(right, stop) - start, kind)] if right > start else []
            if right > stop:
                break
            at += 1
        pieces.append(Piece(text[start:stop], text[stop : stop + len(part.space)], tuple(own), shouted))
        start = stop + len(part.space)
    return pieces
