"""Lines in, lines out: cut, translate, join, in the order of input; knows models only as Translators."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from seqgen.data.lines import Line, LineSource
from seqgen.data.sentence.encoder import PairEncoder
from seqgen.data.sentence.placeholders import Masked
from seqgen.data.sentence.segments import Limits
from seqgen.decode.ranges import shown
from seqgen.decode.translator import TranslateOptions, Translator, seed_of
from seqgen.errors import ConfigError, SeqgenError
from seqgen.translation.cut import Cut, Piece
from seqgen.translation.kept import SEARCHED, Answer, Unit, completed, one_line, submit

# Lines translated together: at first few, so that answers come soon, then more, so that lines of equal length can be batched.
FIRST_LINES = 32
MOST_LINES = 4_096
MOST_CHARACTERS = 1_000_000
# A translation is noted as short where its length, against its source's, is below TOLERANCE times what only the share RARE of
# the held-out ones fall short of. FREE characters are not counted: "Yes." may be a whole sentence in another language.
RARE, TOLERANCE, FREE = 0.01, 0.8, 12
_FULL_WIDTH = frozenset("。！？｡，、；：")
# A piece's translation, links between its words and those of the piece, and whether something had to be put in.
Done = tuple[str, tuple[tuple[int, int], ...], bool]


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
    that of a part, was cut off by the length limit; `short` says that it is much shorter than translations usually are, and
    `repaired` that something which must survive was lost, and put in where the alignment says. `answers` are the best ones, of
    the pieces that were translated, as the model read and wrote them.
    """

    source: str
    candidates: tuple[Candidate, ...]
    parts: int = 1
    cut_at: int = 0
    short: bool = False
    repaired: bool = False
    answers: tuple[Answer, ...] = field(default=(), compare=False, repr=False)

    @property
    def text(self) -> str:
        """The best translation."""
        return self.candidates[0].text


@dataclass
class LineTranslator:
    """A translator of texts. `limits` say what the model takes as one piece; a translation below `least` times the length of
    its source is short; what a translation has lost is looked for among `searched` hypotheses."""

    translator: Translator
    encoder: PairEncoder
    options: TranslateOptions
    limits: Limits
    least: float = 0.0
    searched: int = SEARCHED

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
        cuts = [Cut.of(line, self.limits, self.encoder) for line in lines]
        # A dictionary keeps the order of first occurrence; drawn translations of one line may differ.
        places: dict[object, int] = {}
        units: list[tuple[Unit, Piece]] = []
        rows: list[list[int | None]] = []
        for number, cut in enumerate(cuts, first):
            row: list[int | None] = []
            for part, piece in enumerate(cut.pieces):
                hidden = piece.masked(self.encoder)
                if not _says_something(hidden):
                    row.append(None)
                    continue
                # Where nothing is prefixed, all pieces are alike, and one that occurs twice is translated once.
                begins = not self.options.prefix or all(i is None for i in row)
                # Of several translations those that are not the best may have lost something as well.
                placed = bool(hidden.aside) or (self.options.nbest > 1 and bool(hidden.carried))
                unit = Unit(hidden.text, begins, placed, hidden.literal)
                key: object = (number, part) if self.options.sample else unit
                if key not in places:
                    places[key] = len(units)
                    seed = seed_of(self.options.seed or 0, number, part) if self.is_seeded else 0
                    units.append((replace(unit, seed=seed), piece))
                row.append(places[key])
            rows.append(row)
        wait = submit(self.translator, self.encoder, units, self.options, self.searched)

        def finish() -> list[Translated]:
            found = wait()
            return [
                self._joined(line, cut, [None if i is None else found[i] for i in row])
                for line, cut, row in zip(lines, cuts, rows, strict=True)
            ]

        return finish

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

    def _joined(self, line: str, cut: Cut, found: Sequence[list[Answer] | None]) -> Translated:
        """A line's translations, from those of its pieces; a piece that says nothing stays as it is."""
        said = [answers for answers in found if answers is not None]
        candidates, repaired = [], False
        for rank in range(min((min(len(answers), self.options.nbest) for answers in said), default=1)):
            chosen = [None if answers is None else answers[rank] for answers in found]
            done = [self._piece(piece, answer) for piece, answer in zip(cut.pieces, chosen, strict=True)]
            text = "".join(text + _space(piece, text) for piece, (text, _, _) in zip(cut.pieces[:-1], done, strict=False))
            text = cut.before + text + "".join(text for text, _, _ in done[-1:]) + cut.after
            score = sum(answers[rank].score for answers in said) / max(1, len(said))
            alignment = _aligned(cut, done) if self.options.attention else ()
            candidates.append(Candidate(one_line(text), score, alignment))
            repaired |= rank == 0 and any(mended for _, _, mended in done)
        cut_at = next((answers[0].cut_at for answers in said if answers[0].cut_at), 0)
        short = bool(said) and _share(candidates[0].text, line) < self.least
        best = tuple(answers[0] for answers in said)
        return Translated(line, tuple(candidates), max(1, len(cut.pieces)), cut_at, short, repaired, best)

    def _piece(self, piece: Piece, answer: Answer | None) -> Done:
        """A piece's translation, its links, and whether something had to be put in."""
        if answer is None:
            count = len(piece.text.split())
            return piece.text, tuple((word, word) for word in range(count)), False
        return completed(piece, piece.masked(self.encoder, answer.also), answer)


def _aligned(cut: Cut, done: Sequence[Done]) -> tuple[tuple[int, int], ...]:
    """Word by word, over all pieces: words are what white space separates."""
    links: list[tuple[int, int]] = []
    source_words, target_words = len(cut.before.split()), len(cut.before.split())
    for piece, (text, pairs, _) in zip(cut.pieces, done, strict=True):
        links += [(source_words + s, target_words + t) for s, t in pairs]
        source_words += len((piece.text + piece.space).split())
        target_words += len((text + _space(piece, text)).split())
    return tuple(links)


def _says_something(hidden: Masked) -> bool:
    """Whether there is anything to translate."""
    return any(character.isalnum() for character in hidden.text)


def _space(piece: Piece, translation: str) -> str:
    """What stands between the translation of a piece and the next one: scripts differ in whether a space follows a sentence."""
    if translation[-1:] in _FULL_WIDTH and not piece.space.strip():
        return ""
    if translation == piece.text:
        return piece.space
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
