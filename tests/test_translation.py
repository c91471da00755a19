"""Lines in, lines out, over an engine that only repeats what it is told: cutting, joining, mending, aligning."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqgen.data.lines import LineReader
from seqgen.decode.scorer import Ids
from seqgen.decode.translator import Hypothesis, TranslateOptions
from seqgen.tokenizers.byte import ByteTokenizer
from seqgen.tokenizers.sentencepiece import SentencePieceTokenizer
from seqgen.translation import LineTranslator, word_links, word_numbers

TOKENIZER = ByteTokenizer()


class Echo:
    """Translates every sentence into itself, after `change`; counts what it was given."""

    def __init__(self, change: Callable[[str], str] = str) -> None:
        self.change, self.given = change, []  # type: ignore[var-annotated]

    def submit(
        self, sources: Sequence[Ids], options: TranslateOptions, seeds: Sequence[int] | None = None
    ) -> Callable[[], list[list[Hypothesis]]]:
        texts = [TOKENIZER.decode(source) for source in sources]
        self.given += texts
        found = [[Hypothesis(TOKENIZER.encode(self.change(text)), -float(len(text)))] for text in texts]
        return lambda: found

    def score(self, sources: Sequence[Ids], targets: Sequence[Ids]) -> list[np.ndarray]:
        raise NotImplementedError


def lines(echo: Echo, limit: int = 1_000, **options: object) -> LineTranslator:
    return LineTranslator(echo, TOKENIZER, TranslateOptions(**options), limit)  # type: ignore[arg-type]


@given(st.lists(st.text(st.characters(exclude_characters="\n\r", codec="utf-8"), max_size=40), max_size=30))
def test_each_line_has_its_own_answer(texts: list[str]) -> None:
    found = lines(Echo()).translate(texts)
    assert [one.source for one in found] == texts
    assert [one.text for one in found] == [TOKENIZER.decode(TOKENIZER.encode(t)) if t.strip() else "" for t in texts]


def test_what_occurs_twice_is_translated_once_but_drawn_twice() -> None:
    echo = Echo()
    lines(echo).translate(["a", "b", "a", "a"])
    assert echo.given == ["a", "b"]
    drawn = Echo()
    lines(drawn, sample=True).translate(["a", "b", "a", "a"])
    assert drawn.given == ["a", "b", "a", "a"]


def test_long_lines_are_cut_and_joined() -> None:
    echo = Echo(str.upper)
    text = "one two three. four five six! seven; eight"
    found = lines(echo, limit=16).translate([text, "short"])
    assert found[0].text == text.upper() and found[0].parts > 1 and found[1].parts == 1
    assert all(len(piece) <= 16 for piece in echo.given) and "one two three." in echo.given
    assert found[0].candidates[0].score == -np.mean([len(piece) for piece in echo.given[:-1]])


@pytest.mark.parametrize(("said", "printed"), [("a\nb", "a b"), ("a\r\nb\rc", "a b c")])
def test_a_translation_is_one_line(said: str, printed: str) -> None:
    assert lines(Echo(lambda text: said)).translate(["x"])[0].text == printed


def test_broken_bytes_are_mended() -> None:
    class Broken(Echo):
        def submit(
            self, sources: Sequence[Ids], options: TranslateOptions, seeds: Sequence[int] | None = None
        ) -> Callable[[], list[list[Hypothesis]]]:
            return lambda: [[Hypothesis(np.array([4 + 0x61, 4 + 0xED, 4 + 0x95]), 0.0)] for _ in sources]

    text = lines(Broken()).translate(["x"])[0].text
    assert text == "a�" and text.encode("utf-8")


@given(st.lists(st.text("ab ", max_size=6), max_size=300))
def test_a_stream_is_the_whole_in_order(texts: list[str]) -> None:
    reader = LineReader([("x", io.BytesIO("".join(text + "\n" for text in texts).encode()))])
    found = [one.source for some in lines(Echo()).stream(reader) for _, one in some]
    assert found == texts


def test_words_and_their_links() -> None:
    pieces = SentencePieceTokenizer.train(["the old cat sleeps le vieux chat dort\n" * 3], 320)
    ids = pieces.encode("the old cat")
    words = word_numbers(pieces, ids)
    assert words[0] == 0 and words[-1] == 2 and np.all(np.diff(words) >= 0)
    # Two source words of two tokens each and <eos>; three target tokens that make two words.
    attention = np.array([[0.1, 0.1, 0.5, 0.2, 0.1], [0.3, 0.3, 0.1, 0.1, 0.2], [0.1, 0.1, 0.1, 0.1, 0.6]], dtype=np.float32)
    sources, targets = np.array([0, 0, 1, 1]), np.array([0, 1, 2])
    assert word_links(attention, sources, targets) == [(1, 0), (0, 1)], "the last looks at the end, which is no word"
