"""What must survive a translation does, whatever the model makes of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqgen.data.sentence.encoder import PairEncoder
from seqgen.data.sentence.numerals import NumberForms
from seqgen.data.sentence.placeholders import SENTINEL
from seqgen.data.sentence.segments import Limits
from seqgen.decode.scorer import Ids
from seqgen.decode.translator import Hypothesis, TranslateOptions
from seqgen.tokenizers.base import SENTINELS
from seqgen.tokenizers.char import CharTokenizer
from seqgen.translation.kept import SEARCHED
from seqgen.translation.lines import LineTranslator, Translated

TOKENIZER = CharTokenizer.train(["\n abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,'!?-", SENTINELS])
Change = Callable[[str], str]


class Model:
    """Turns the words of a text round, then changes it: the best hypothesis by the first change, the others by the next."""

    aligns = True
    by_length = False

    def __init__(self, *changes: Change, turned: bool = True) -> None:
        self.changes, self.turned = changes or (str,), turned
        self.given: list[str] = []
        self.options: list[TranslateOptions] = []

    def submit(
        self, sources: Sequence[Ids], options: TranslateOptions, seeds: Sequence[int] | None = None
    ) -> Callable[[], list[list[Hypothesis]]]:
        texts = [TOKENIZER.decode(source) for source in sources]
        self.given += texts
        self.options.append(options)
        found = [[self._hypothesis(text, change, options) for change in self.changes[: options.nbest]] for text in texts]
        return lambda: found

    def _hypothesis(self, text: str, change: Change, options: TranslateOptions) -> Hypothesis:
        words = text.split(" ")
        # Each word with the number of the one it was made of.
        numbered = list(enumerate(words))[:: -1 if self.turned else 1]
        kept = [(number, word) for number, word in ((number, change(word)) for number, word in numbered) if word]
        ids = TOKENIZER.encode(" ".join(word for _, word in kept))
        attention = None
        if options.attention:
            starts = np.cumsum([0, *(len(word) + 1 for word in words)])
            rows = [number for number, word in kept for _ in range(len(word) + 1)][: len(ids)]
            attention = np.zeros((len(ids), len(text) + 1), dtype=np.float32)
            attention[np.arange(len(ids)), [min(starts[row], len(text)) for row in rows]] = 1
        return Hypothesis(ids, -1.0, attention=attention)

    def score(self, sources: Sequence[Ids], targets: Sequence[Ids]) -> list[np.ndarray]:
        raise NotImplementedError


def translated(
    model: Model, line: str, learnt: bool = True, limit: int = 1_000, words: dict | None = None, **options: object
) -> Translated:
    encoder = PairEncoder(TOKENIZER, "nfc,spaces", learnt, NumberForms({}, True, words or {}))
    return LineTranslator(model, encoder, TranslateOptions(**options), Limits(limit)).translate([line])[0]  # type: ignore[arg-type]


def without(pattern: str) -> Change:
    return lambda word: re.sub(pattern, "", word)


LINE = "see https://a.b/c or 12 or 😀 in Łódź"
TURNED = "Łódź in 😀 or 12 or https://a.b/c see"


@pytest.mark.parametrize("learnt", [True, False])
def test_spans_come_back_where_their_words_go(learnt: bool) -> None:
    model = Model()
    found = translated(model, LINE, learnt)
    hidden = "see \ufdd0 or \ufdd1 or \ufdd2 in \ufdd3"
    assert model.given == ([hidden] if learnt else ["see or 12 or in"])
    assert sorted(found.text.split()) == sorted(LINE.split())
    # A model that has not learnt placeholders never sees the spans, and that is said.
    assert found.repaired is not learnt
    if learnt:
        assert found.text == TURNED


def test_hypotheses_are_searched_for_one_that_keeps_everything() -> None:
    model = Model(without("\ufdd0"), without("\ufdd1"), str)
    found = translated(model, LINE)
    assert found.text == TURNED and not found.repaired
    assert [(options.nbest, options.attention) for options in model.options] == [(1, False), (SEARCHED, True)]
    untouched = Model()
    translated(untouched, "nothing to keep", nbest=2)
    assert [(options.nbest, options.attention) for options in untouched.options] == [(2, False)]


def test_what_all_of_them_lose_is_put_in_and_said() -> None:
    found = translated(Model(without("[\ufdd0\ufdd2]")), LINE)
    assert sorted(found.text.split()) == sorted(LINE.split()) and found.repaired
    assert found.text.index("Łódź") < found.text.index("12") < found.text.index("https://a.b/c")


def test_what_is_there_twice_or_was_never_there_goes() -> None:
    found = translated(Model(lambda word: word.replace("\ufdd1", "\ufdd1 \ufdd1").replace("or", "or \ufdd9")), LINE)
    assert found.text == TURNED and found.repaired


def test_a_lost_digit_gets_a_placeholder() -> None:
    model = Model(without("3"))
    found = translated(model, "he sees 3 boats")
    assert found.text == "boats 3 sees he" and not found.repaired
    assert model.given == ["he sees 3 boats", "he sees \ufdd0 boats"]
    assert translated(Model(lambda word: word.replace("3", "three")), "he sees 3 boats", words={"3": ["three"]}).text == (
        "boats three sees he"
    )
    # Where nothing is known about placeholders, a longer number is put back, and a digit may have become a word.
    assert translated(Model(without(r"\d+")), "he sees 345 boats", learnt=False).text.count("345") == 1
    assert (
        translated(Model(lambda word: word.replace("3", "three")), "he sees 3 boats", learnt=False).text
        == "boats three sees he"
    )


@pytest.mark.parametrize(("line", "expected"), [
    ("<b>old</b> boats", "boats <b>old</b>"),
    ("an <i>old boat</i>.", "<i>boat old</i> an."),
    ("<b>all of it</b>", "<b>it of all</b>"),
    ("<a href=\"x\"><b>old</b> boats</a> here", 'here <a href="x">boats <b>old</b></a>'),
    ("old<br/> boats", "boats old<br/>"),
    ("one <b>two</b> <i>three</i>", "<i>three</i> <b>two</b> one"),
    ("<b>one two", "two <b>one"),
    ("a </b> b", "b a </b>"),
])  # fmt: skip
@pytest.mark.parametrize("learnt", [True, False])
def test_tags_go_with_their_words(line: str, expected: str, learnt: bool) -> None:
    model = Model(lambda word: word.rstrip("."), turned=True)
    found = translated(model, line, learnt)
    assert not any("<" in text for text in model.given)
    if "." not in line and "<br" not in line and not line.endswith("two"):
        assert found.text == expected
    assert re.sub(r"<[^>]*>|\W", "", found.text) == re.sub(r"<[^>]*>|\W", "", expected)
    assert sorted(re.findall("<[^>]*>", found.text)) == sorted(re.findall("<[^>]*>", line)) and not found.repaired


def test_what_breaks_a_text_stands_between_its_pieces() -> None:
    model = Model(str, turned=False)
    line = "<p>One. Two.</p><p>Three!<br>Four.</p>"
    assert translated(model, line).text == line and model.given == ["One.", "Two.", "Three!", "Four."]


PARTS = st.sampled_from("old boats <b> </b> <i> </i> 😀 {x} и a. B! , \ufdd3".split()) | st.sampled_from(["12 ", "3 ", "%s "])
LINES = st.lists(st.tuples(PARTS, st.sampled_from(["", " ", "  "])), max_size=12).map(
    lambda parts: "".join(part + space for part, space in parts)
)


@given(LINES, st.booleans(), st.sampled_from([None, "[\ufdd0\ufdd2]", ".", r"\d"]))
def test_everything_survives_exactly_once(line: str, learnt: bool, lost: str | None) -> None:
    found = translated(Model(without(lost)) if lost else Model(), line, learnt).text
    kept = re.compile(r"<[^>]*>|😀|\{x\}|и|%s|\ufdd3" + (r"|\d{2,}" if lost else r"|\d+"))
    assert sorted(kept.findall(found)) == sorted(kept.findall(line)), found
    opened: list[str] = []
    matched = _pairs(line)
    for tag in re.findall("</?[bi]>", found) if matched else []:
        if tag.startswith("</"):
            assert opened and opened.pop() == tag.replace("/", "")
        else:
            opened.append(tag)


def _pairs(line: str) -> bool:
    """Whether all tags of a line are properly nested."""
    reduced = "".join(re.findall("</?[bi]>", line))
    while (shorter := re.sub("<b></b>|<i></i>", "", reduced)) != reduced:
        reduced = shorter
    return not reduced


def test_more_spans_than_there_are_placeholders_are_cut() -> None:
    model = Model()
    line = " ".join(f"a {number}" for number in range(10, 110))
    found = translated(model, line)
    assert sorted(found.text.split()) == sorted(line.split()) and found.parts > 3 and not found.repaired
    assert all(len(SENTINEL.findall(text)) <= 32 for text in model.given)


def test_lines_that_differ_in_what_is_hidden_are_translated_once() -> None:
    model = Model()
    encoder = PairEncoder(TOKENIZER, "nfc", True)
    lines = LineTranslator(model, encoder, TranslateOptions(), Limits(100))
    found = lines.translate(["see 12 boats", "see 13 boats", "see www.x.org boats"])
    assert [one.text for one in found] == ["boats 12 see", "boats 13 see", "boats www.x.org see"]
    assert model.given == ["see \ufdd0 boats"]


def test_alignment_counts_the_words_that_stand_there() -> None:
    found = translated(Model(), "see 12 345 old <b>boats</b> 😀", attention=True)
    assert found.text == "😀 <b>boats</b> old 12 345 see"
    assert sorted(found.candidates[0].alignment) == [(0, 5), (1, 3), (1, 4), (2, 3), (2, 4), (3, 2), (4, 1), (5, 0)]


def test_capitals_and_spans() -> None:
    model = Model(turned=False)
    assert translated(model, "THE OLD BOAT IN www.x.org").text == "THE OLD BOAT IN www.x.org"
    assert model.given == ["The old boat in \ufdd0"]
