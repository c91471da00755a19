"""Lines in, lines out: cut, translate, join, in the order of input; knows models only as Translators."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from seqgen.data.lines import Line, LineSource
from seqgen.data.sentence.normalise import PairEncoder, edges
from seqgen.data.sentence.segments import Limits, Segment, segments
from seqgen.data.sentence.typography import is_shouted, lowered, retyped
from seqgen.decode.alignment import word_links, word_numbers
from seqgen.decode.ranges import shown
from seqgen.decode.scorer import Ids
from seqgen.decode.translator import Hypothesis, TranslateOptions, Translator, seed_of
from seqgen.errors import ConfigError, SeqgenError

# Lines translated together: at first few, so that answers come soon, then more, so that lines of equal length can be batched.
FIRST_LINES = 32
MOST_LINES = 4_096
MOST_CHARACTERS = 1_000_000
# A translation is noted as short where its length, against its source's, is below TOLERANCE times what only the share RARE of
# the held-out ones fall short of. FREE characters are not counted: "Yes." may be a whole sentence in another language.
RARE, TOLERANCE, FREE = 0.01, 0.8, 12
_FULL_WIDTH = frozenset("。！？｡，、；：")


@dataclass(frozen=True)
class Candidate:
    """One translation of a line; `score` is the mean over the parts of a line that was cut."""

    text: str
    score: float
    alignment: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Translated:
    """A line and its translations, best first. A blank line has one, which is blank.

    `parts` is the number of pieces it was cut into; `cut_at` is 0, or the number of tokens after which the translation, or
    that of a part, was cut off by the length limit; `short` says that it is much shorter than translations usually are.
    """

    source: str
    candidates: tuple[Candidate, ...]
    parts: int = 1
    cut_at: int = 0
    short: bool = False

    @property
    def text(self) -> str:
        """The best translation."""
        return self.candidates[0].text


@dataclass(frozen=True)
class Cut:
    """A line on its way to the model: its pieces, and the white space around them, which comes back as it was."""

    before: str
    pieces: tuple[Segment, ...]
    after: str
    shouted: bool = False

    @classmethod
    def of(cls, line: str, limits: Limits, length: Callable[[str], int]) -> Cut:
        """The pieces of a line."""
        before, text, after = edges(line)
        if not text:
            return cls(before, (), after)
        shouted = is_shouted(text)
        # What counts is the length of what the model will read; where sentences end is seen better in what was written.
        pieces = segments(text, limits, (lambda part: length(lowered(part))) if shouted else length)
        return cls(before, tuple(pieces), after, shouted)


@dataclass
class LineTranslator:
    """A translator of texts. `limits` say what the model takes as one piece; a translation below `least` times the length of
    its source is short."""

    translator: Translator
    encoder: PairEncoder
    options: TranslateOptions
    limits: Limits
    least: float = 0.0

    def translate(self, lines: Sequence[str]) -> list[Translated]:
        """Translate all lines. Raises ConfigError for one text where a list is expected, or for an item that is not a text."""
        if isinstance(lines, str | bytes):
            raise ConfigError(f"expected a list of texts, found one text: {shown(lines)}", "put it into a list: [text]")
        for index, line in enumerate(lines):
            if not isinstance(line, str):
                raise ConfigError(f"expected a list of texts, found {shown(line)} at index {index}")
        return self.begin(lines)()

    def begin(self, lines: Sequence[str], first: int = 0) -> Callable[[], list[Translated]]:
        """Begin to translate lines; calling the result waits for the end. A text that occurs twice is translated once.

        A translation drawn with a seed depends only on the seed and the line's number; `first` is that of the first line.
        """
        cuts = [Cut.of(line, self.limits, self.length) for line in lines]
        # A dictionary keeps the order of first occurrence; drawn translations of one line may differ.
        places: dict[object, int] = {}
        units: list[_Unit] = []
        rows: list[list[int | None]] = []
        for number, cut in enumerate(cuts, first):
            row: list[int | None] = []
            for part, piece in enumerate(cut.pieces):
                if not _says_something(piece.text):
                    row.append(None)
                    continue
                # Where nothing is prefixed, all pieces are alike, and one that occurs twice is translated once.
                begins = not self.options.prefix or all(i is None for i in row)
                unit = _Unit(lowered(piece.text) if cut.shouted else piece.text, begins)
                key: object = (number, part) if self.options.sample else unit
                if key not in places:
                    places[key] = len(units)
                    units.append(replace(unit, seed=seed_of(self.options.seed or 0, number, part)) if self.is_seeded else unit)
                row.append(places[key])
            rows.append(row)
        sources = self.encoder.sources([unit.text for unit in units])
        wait = self._submit(sources, units)

        def finish() -> list[Translated]:
            found = list(zip(sources, wait(), strict=True))
            return [
                self._joined(line, cut, [None if i is None else found[i] for i in row])
                for line, cut, row in zip(lines, cuts, rows, strict=True)
            ]

        return finish

    def _submit(self, sources: Sequence[Ids], units: Sequence[_Unit]) -> Callable[[], list[list[Hypothesis]]]:
        """Begin to translate; a prefix belongs to the first piece of a line, so later ones are asked for separately."""
        groups: dict[bool, list[int]] = {}
        for row, unit in enumerate(units):
            groups.setdefault(unit.begins, []).append(row)
        waits = []
        for begins, members in groups.items():
            options = self.options if begins else replace(self.options, prefix=())
            seeds = [units[row].seed for row in members] if self.is_seeded else None
            waits.append((members, self.translator.submit([sources[row] for row in members], options, seeds)))

        def finish() -> list[list[Hypothesis]]:
            found: dict[int, list[Hypothesis]] = {}
            for members, wait in waits:
                found |= zip(members, wait(), strict=True)
            return [found[row] for row in range(len(units))]

        return finish

    def length(self, text: str) -> int:
        """Tokens of a source, or no fewer."""
        # A token is at least one byte: most pieces need not be encoded to know that they fit.
        size = len(text.encode("utf-8", "surrogatepass"))
        return size if size < self.limits.longest and not self.limits.joined else len(self.encoder.sources([text])[0])

    @property
    def is_seeded(self) -> bool:
        """Whether each line is drawn separately, from its own seed."""
        return self.options.sample and self.options.seed is not None

    def stream(self, source: LineSource) -> Iterator[list[tuple[Line, Translated]]]:
        """Translate what a source gives, some lines at a time, as soon as possible; the engine never waits for input that is
        there already."""
        pending: deque[tuple[list[Line], Callable[[], list[Translated]]]] = deque()
        most = FIRST_LINES
        error = None
        while error is None:
            try:
                lines = source.take(most, MOST_CHARACTERS)
            except SeqgenError as found:
                error, lines = found, []
            if not lines:
                break
            # Lines are numbered from 1, as people count; seeds from 0, as a list is.
            pending.append((lines, self.begin([line.text for line in lines], lines[0].number - 1)))
            # Drawing line by line gains nothing from more lines.
            most = most if self.is_seeded else min(MOST_LINES, 4 * most)
            while pending and (len(pending) > 1 or not source.waiting):
                yield _finished(*pending.popleft())
        # What came before a broken line is answered before the error is raised.
        while pending:
            yield _finished(*pending.popleft())
        if error is not None:
            raise error

    def _joined(self, line: str, cut: Cut, found: Sequence[tuple[Ids, list[Hypothesis]] | None]) -> Translated:
        """A line's translations, from those of its pieces; a piece without letters and digits stays as it is."""
        said = [one for one in found if one is not None]
        candidates = []
        for rank in range(min((len(hypotheses) for _, hypotheses in said), default=1)):
            chosen = [None if one is None else (one[0], one[1][rank]) for one in found]
            texts = [self._text(piece, one, cut.shouted) for piece, one in zip(cut.pieces, chosen, strict=True)]
            text = "".join(text + _space(piece, text) for piece, text in zip(cut.pieces[:-1], texts, strict=False))
            text = cut.before + text + "".join(texts[-1:]) + cut.after
            score = sum(hypotheses[rank].score for _, hypotheses in said) / max(1, len(said))
            alignment = self._alignment(cut.pieces, chosen) if self.options.attention else ()
            candidates.append(Candidate(_one_line(text), score, alignment))
        cut_at = next((len(hypotheses[0].ids) for _, hypotheses in said if not hypotheses[0].whole), 0)
        short = bool(said) and _share(candidates[0].text, line) < self.least
        return Translated(line, tuple(candidates), max(1, len(cut.pieces)), cut_at, short)

    def _text(self, piece: Segment, found: tuple[Ids, Hypothesis] | None, shouted: bool) -> str:
        """The translation of a piece, in the capitals and the typography of its source."""
        if found is None:
            return piece.text
        text = _one_line(self.encoder.tokenizer.decode(found[1].ids))
        return retyped(text.upper() if shouted else text, piece.text)

    def _alignment(
        self, pieces: Sequence[Segment], chosen: Sequence[tuple[Ids, Hypothesis] | None]
    ) -> tuple[tuple[int, int], ...]:
        """Word by word, over all parts: words are what white space separates."""
        links: list[tuple[int, int]] = []
        source_words = target_words = 0
        for piece, found in zip(pieces, chosen, strict=True):
            if found is None:
                count = len(piece.text.split())
                links += [(source_words + word, target_words + word) for word in range(count)]
                source_words, target_words = source_words + count, target_words + count
                continue
            source, hypothesis = found
            assert hypothesis.attention is not None
            left, right = (word_numbers(self.encoder.tokenizer, ids) for ids in (source, hypothesis.ids))
            pairs = word_links(hypothesis.attention, left, right)
            links += [(source_words + s, target_words + t) for s, t in pairs]
            source_words += int(left.max(initial=-1)) + 1
            target_words += int(right.max(initial=-1)) + 1
        return tuple(links)


@dataclass(frozen=True)
class _Unit:
    """What is translated once; `begins` says that it begins with the prefix, if there is one."""

    text: str
    begins: bool
    seed: int = 0


def _says_something(text: str) -> bool:
    """Whether there is anything to translate."""
    return any(character.isalnum() for character in text)


def _space(piece: Segment, translation: str) -> str:
    """What stands between the translation of a piece and the next one: scripts differ in whether a space follows a sentence."""
    if translation[-1:] in _FULL_WIDTH:
        return ""
    return piece.space or (" " if piece.text[-1:] in _FULL_WIDTH or piece.text[-1:] in ".!?…" else "")


def _share(translation: str, source: str) -> float:
    """The length of a translation against that of its source, in characters; short ones get some for free."""
    return (len(translation) + FREE) / (len(source) + FREE)


def least_share(sources: Sequence[str], translations: Sequence[str]) -> float:
    """The share below which a translation is shorter than those of held-out sources ever are, but for one in a hundred."""
    shares = [_share(translation, source) for source, translation in zip(sources, translations, strict=True)]
    return float(np.quantile(shares, RARE)) * TOLERANCE if shares else 0.0


def _finished(lines: list[Line], wait: Callable[[], list[Translated]]) -> list[tuple[Line, Translated]]:
    return list(zip(lines, wait(), strict=True))


def _one_line(text: str) -> str:
    """Bytes can spell a line end, which would turn one line into two."""
    return text.replace("\r\n", " ").replace("\n", " ").replace("\r", " ")
