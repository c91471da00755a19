"""Lines in, lines out: cut, translate, join, in the order of input; knows models only as Translators."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seqgen.data.lines import Line, LineSource
from seqgen.data.segments import Segment, segments
from seqgen.decode.ranges import shown
from seqgen.decode.scorer import Ids
from seqgen.decode.translator import Hypothesis, TranslateOptions, Translator, seed_of
from seqgen.errors import ConfigError, SeqgenError
from seqgen.tokenizers.base import Tokenizer

# Lines translated together: at first few, so that answers come soon, then more, so that lines of equal length can be batched.
FIRST_LINES = 32
MOST_LINES = 4_096
MOST_CHARACTERS = 1_000_000


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
    that of a part, was cut off by the length limit.
    """

    source: str
    candidates: tuple[Candidate, ...]
    parts: int = 1
    cut_at: int = 0

    @property
    def text(self) -> str:
        """The best translation."""
        return self.candidates[0].text


@dataclass
class LineTranslator:
    """A translator of texts. `limit` is the longest source, in tokens, that the model takes as one piece."""

    translator: Translator
    tokenizer: Tokenizer
    options: TranslateOptions
    limit: int

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
        cut = [self._cut(line) if line.strip() else [] for line in lines]
        # A dictionary keeps the order of first occurrence; drawn translations of one line may differ.
        places: dict[object, int] = {}
        texts: list[str] = []
        seeds: list[int] = []
        rows: list[list[int]] = []
        for number, pieces in enumerate(cut, first):
            row = []
            for part, piece in enumerate(pieces):
                key = (number, part) if self.options.sample else piece.text
                if key not in places:
                    places[key] = len(texts)
                    texts.append(piece.text)
                    if self.is_seeded:
                        seeds.append(seed_of(self.options.seed or 0, number, part))
                row.append(places[key])
            rows.append(row)
        sources = self.tokenizer.encode_all(texts)
        wait = self.translator.submit(sources, self.options, seeds or None) if texts else list

        def finish() -> list[Translated]:
            found = list(zip(sources, wait(), strict=True))
            return [
                self._joined(line, pieces, [found[i] for i in row]) for line, pieces, row in zip(lines, cut, rows, strict=True)
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

    def _cut(self, line: str) -> list[Segment]:
        # A token is at least one byte: most lines need not be encoded to know that they fit.
        if len(line) < self.limit and len(line.encode("utf-8", "surrogatepass")) < self.limit:
            return [Segment(line, "")]
        pieces = segments(line, self.limit, lambda text: len(self.tokenizer.encode(text)))
        # White space in front of a line that had to be cut.
        return [piece for piece in pieces if piece.text]

    def _joined(self, line: str, pieces: Sequence[Segment], found: Sequence[tuple[Ids, list[Hypothesis]]]) -> Translated:
        if not pieces:
            return Translated(line, (Candidate("", 0.0),))
        candidates = []
        for rank in range(min(len(hypotheses) for _, hypotheses in found)):
            chosen = [(source, hypotheses[rank]) for source, hypotheses in found]
            spaces = [" " if piece.space else "" for piece in pieces[:-1]] + [""]
            texts = [_one_line(self.tokenizer.decode(hypothesis.ids)) for _, hypothesis in chosen]
            text = "".join(part + space for part, space in zip(texts, spaces, strict=True))
            score = sum(hypothesis.score for _, hypothesis in chosen) / len(chosen)
            candidates.append(Candidate(text, score, self._alignment(chosen) if self.options.attention else ()))
        cut_at = next((len(hypotheses[0].ids) for _, hypotheses in found if not hypotheses[0].whole), 0)
        return Translated(line, tuple(candidates), len(pieces), cut_at)

    def _alignment(self, chosen: Sequence[tuple[Ids, Hypothesis]]) -> tuple[tuple[int, int], ...]:
        """Word by word, over all parts: words are what white space separates."""
        links: list[tuple[int, int]] = []
        source_words = target_words = 0
        for source, hypothesis in chosen:
            assert hypothesis.attention is not None
            left, right = word_numbers(self.tokenizer, source), word_numbers(self.tokenizer, hypothesis.ids)
            pairs = word_links(hypothesis.attention, left, right)
            links += [(source_words + s, target_words + t) for s, t in pairs]
            source_words += int(left.max(initial=-1)) + 1
            target_words += int(right.max(initial=-1)) + 1
        return tuple(links)


def _finished(lines: list[Line], wait: Callable[[], list[Translated]]) -> list[tuple[Line, Translated]]:
    return list(zip(lines, wait(), strict=True))


def word_numbers(tokenizer: Tokenizer, ids: Iterable[int] | Ids) -> NDArray[np.int64]:
    """For each token the number of its word; a token of white space belongs to the word that follows it."""
    decoder = tokenizer.decoder()
    numbers, word, inside = [], 0, False
    for id_ in np.asarray(ids).tolist():
        text = decoder.push(id_)
        if inside and text[:1].isspace():
            word, inside = word + 1, False
        numbers.append(word)
        inside = inside or bool(text.strip())
        if inside and text.strip() and text[-1:].isspace():
            word, inside = word + 1, False
    return np.array(numbers, dtype=np.int64)


def word_links(
    attention: NDArray[np.float32], source_words: NDArray[np.int64], target_words: NDArray[np.int64]
) -> list[tuple[int, int]]:
    """For each target word, the source word that its tokens attend to most; none where that is the end of the sentence.

    `attention` [T, S + 1]; a word's share is the sum over its tokens.
    """
    count = int(source_words.max(initial=-1)) + 1
    shares = np.zeros((int(target_words.max(initial=-1)) + 1, count + 1))
    columns = np.append(source_words, count)  # the last column is <eos>
    for token, word in enumerate(target_words):
        np.add.at(shares[word], columns, attention[token, : len(columns)])
    return [(int(best), word) for word, best in enumerate(shares.argmax(axis=1)) if best < count]


def _one_line(text: str) -> str:
    """Bytes can spell a line end, which would turn one line into two."""
    return text.replace("\r\n", " ").replace("\n", " ").replace("\r", " ")
