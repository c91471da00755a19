"""Lines in, lines out, over an engine that only repeats what it is told: cutting, joining, mending, aligning."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqgen.data.lines import Line, LineReader
from seqgen.data.records import RecordReader
from seqgen.data.sentence.encoder import PairEncoder
from seqgen.data.sentence.segments import Limits
from seqgen.decode.alignment import word_links, word_numbers
from seqgen.decode.scorer import Ids
from seqgen.decode.translator import RANGES, Hypothesis, TranslateOptions, seed_of
from seqgen.errors import ConfigError, CorpusError
from seqgen.tokenizers.byte import ByteTokenizer
from seqgen.tokenizers.sentencepiece import SentencePieceTokenizer
from seqgen.translation.lines import LineTranslator, least_share

TOKENIZER = ByteTokenizer()


class Echo:
    """Translates every sentence into itself, after `change`; counts what it was given."""

    aligns = False
    by_length = False

    def __init__(self, change: Callable[[str], str] = str) -> None:
        self.change, self.given, self.seeds = change, [], []  # type: ignore[var-annotated]

    def submit(
        self, sources: Sequence[Ids], options: TranslateOptions, seeds: Sequence[int] | None = None
    ) -> Callable[[], list[list[Hypothesis]]]:
        texts = [TOKENIZER.decode(source) for source in sources]
        self.given += texts
        self.seeds += seeds or []
        found = [[Hypothesis(TOKENIZER.encode(self.change(text)), -float(len(text)))] for text in texts]
        return lambda: found

    def score(self, sources: Sequence[Ids], targets: Sequence[Ids]) -> list[np.ndarray]:
        raise NotImplementedError


def lines(echo: Echo, limit: int = 1_000, joined: int = 0, **options: object) -> LineTranslator:
    encoder = PairEncoder(TOKENIZER, "nfc")
    return LineTranslator(echo, encoder, TranslateOptions(**options), Limits(limit, joined))  # type: ignore[arg-type]


@given(st.lists(st.text(st.characters(exclude_characters="\n\r", codec="utf-8"), max_size=40), max_size=30))
def test_each_line_has_its_own_answer(texts: list[str]) -> None:
    found = lines(Echo()).translate(texts)
    assert [one.source for one in found] == texts
    for text, one in zip(texts, found, strict=True):
        # Only the words pass the model; what surrounds them is as it was.
        assert re.findall(r"\w+", one.text) == re.findall(r"\w+", TOKENIZER.decode(TOKENIZER.encode(text)))
        assert one.text.split() == TOKENIZER.decode(TOKENIZER.encode(text)).split()


def test_what_occurs_twice_is_translated_once_but_drawn_twice() -> None:
    echo = Echo()
    lines(echo).translate(["a", "b", "a", "a"])
    assert echo.given == ["a", "b"]
    two = Echo()
    lines(two).translate(["Yes. No. Yes.", "No."])
    assert two.given == ["Yes.", "No."]
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


@pytest.mark.parametrize("text", [
    "The boat is old. The cook sings! Mr. Smith sees?",
    "\ufeff The boat is old.  \u00a0The cook sings! He sees.\u200b \t",
    "배가 낡았다. 그는 갔다.저는 학생입니다.",
])  # fmt: skip
def test_each_sentence_of_a_line_is_translated(text: str) -> None:
    echo = Echo()
    found = lines(echo).translate([text])[0]
    assert found.text.replace(" ", "") == text.replace(" ", "") and found.parts == len(echo.given) == 3


def test_sentences_are_joined_where_the_model_has_learnt_that() -> None:
    echo = Echo()
    lines(echo, joined=32).translate(["The boat is old. The cook sings! He sees."])
    assert echo.given == ["The boat is old. The cook sings!", "He sees."]


def test_spaces_between_sentences_follow_the_script_of_the_translation() -> None:
    chinese = Echo(lambda text: {"Hello.": "你好。", "Bye.": "再见。"}.get(text, text))
    assert lines(chinese).translate(["Hello. Bye."])[0].text == "你好。再见。"
    english = Echo(lambda text: {"你好。": "Hello.", "再见。": "Bye."}.get(text, text))
    assert lines(english).translate(["你好。再见。"])[0].text == "Hello. Bye."


def test_what_says_nothing_is_not_translated() -> None:
    echo = Echo(str.upper)
    found = lines(echo).translate(["Yes. \U0001f600", "---", "...", "a? !"])
    assert [one.text for one in found] == ["YES. \U0001f600", "---", "...", "A? !"] and echo.given == ["Yes.", "a? !"]


def test_a_line_in_capitals_is_read_in_lower_case_and_written_in_capitals() -> None:
    echo = Echo()
    found = lines(echo).translate(["THE BOAT IS OLD. STOP!", "NASA is old."])
    assert echo.given == ["The boat is old.", "Stop!", "NASA is old."]
    assert [one.text for one in found] == ["THE BOAT IS OLD. STOP!", "NASA is old."]


def test_a_prefix_begins_a_line_not_each_of_its_sentences() -> None:
    class Prefixed(Echo):
        def submit(
            self, sources: Sequence[Ids], options: TranslateOptions, seeds: Sequence[int] | None = None
        ) -> Callable[[], list[list[Hypothesis]]]:
            found = [[Hypothesis(np.concatenate([np.array(options.prefix, dtype=np.int32), ids]), -1.0)] for ids in sources]
            return lambda: found

    one = lines(Prefixed(), prefix=tuple(TOKENIZER.encode("> ").tolist())).translate(["One. Two.", "Two."])
    assert [found.text for found in one] == ["> One. Two.", "> Two."]


def test_a_translation_that_is_far_too_short_is_known() -> None:
    texts = ["The old boat of the captain lies in the harbour."] * 2
    least = least_share(["x" * 50] * 10, ["y" * 45] * 10)
    echo = lines(Echo(lambda text: "Bateau."))
    echo.least = least
    assert [one.short for one in echo.translate(texts)] == [True, True]
    echo = lines(Echo())
    echo.least = least
    assert [one.short for one in echo.translate([*texts, ""])] == [False, False, False] and least_share([], []) == 0.0


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


class Portions:
    """A LineSource that gives portions of texts; a None between them is a pause, in which nothing is there."""

    def __init__(self, portions: list[list[str] | None]) -> None:
        self.portions, self.number = portions, 0

    @property
    def waiting(self) -> bool:
        return not self.portions or self.portions[0] is not None

    def take(self, most: int, characters: int) -> list[Line]:
        if self.portions and self.portions[0] is None:
            self.portions.pop(0)
        texts = self.portions.pop(0) if self.portions else []
        found = [Line(text, self.number + place, "x", self.number + place, text) for place, text in enumerate(texts or [], 1)]
        self.number += len(found)
        return found


def test_the_engine_has_the_next_lines_before_the_last_are_asked_for() -> None:
    events: list[str] = []

    class Told(Echo):
        def submit(
            self, sources: Sequence[Ids], options: TranslateOptions, seeds: Sequence[int] | None = None
        ) -> Callable[[], list[list[Hypothesis]]]:
            wait = super().submit(sources, options, seeds)
            name = self.given[-1]
            events.append(f"begin {name}")

            def finish() -> list[list[Hypothesis]]:
                events.append(f"finish {name}")
                return wait()

            return finish

    # b is there while a is computed; c comes alone, after a pause in which b has to be answered.
    for _ in lines(Told()).stream(Portions([["a"], ["b"], None, ["c"]])):
        pass
    assert events == ["begin a", "begin b", "finish a", "finish b", "begin c", "finish c"]


def test_json_lines_go_through_the_same_stream_and_a_bad_one_comes_last() -> None:
    text = '{"source": "a"}\n\n{"source": "\\ud800b"}\n{"source": 1}\n{"source": "c"}\n'
    records = RecordReader(LineReader([("x", io.BytesIO(text.encode()))]), "source", [])
    found: list[tuple[int, str]] = []
    with pytest.raises(CorpusError, match="x:4: expected a string"):
        for some in lines(Echo()).stream(records):
            found += [(line.number, one.text) for line, one in some]
    assert found == [(1, "a"), (2, ""), (3, "\ufffdb")]


@given(
    st.lists(st.lists(st.sampled_from(["a", "b", "", "one two. three four. five six."]), min_size=1, max_size=5), max_size=6)
)
def test_a_seed_belongs_to_a_line_however_lines_come(portions: list[list[str]]) -> None:
    together, apart = Echo(), Echo()
    options = {"sample": True, "seed": 7}
    texts = [text for portion in portions for text in portion]
    lines(together, 12, **options).translate(texts)
    for _ in lines(apart, 12, **options).stream(Portions(list(portions))):
        pass
    assert (apart.given, apart.seeds) == (together.given, together.seeds)
    # Lines that are the same are drawn each for itself, and so are the parts of a line.
    assert len(set(together.seeds)) == len(together.seeds) == len(together.given)


def test_without_a_seed_nothing_is_seeded() -> None:
    for options in ({"sample": True}, {}):
        echo = Echo()
        lines(echo, **options).translate(["a", "b"])
        assert not echo.seeds
    assert seed_of(1, 0) != seed_of(2, 0) != seed_of(2, 1) and 0 <= seed_of(2**64 - 1, 10**9, 10**6) < 2**32


@pytest.mark.parametrize(("given", "message"), [
    ("one text", "expected a list of texts, found one text: 'one text'"), (b"x", "expected a list of texts"),
    (["a", None], "found None at index 1"), (["a", "b", 7], "found 7 at index 2"),
])  # fmt: skip
def test_what_is_no_list_of_texts_is_said(given: object, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        lines(Echo()).translate(given)  # type: ignore[arg-type]


def test_white_space_is_never_a_sentence() -> None:
    echo = Echo(str.upper)
    found = lines(echo, limit=8).translate(["\t" * 500 + "one two three" + " " * 500 + "four" + " " * 500, " " * 500])
    assert found[0].text == "\t" * 500 + "ONE TWO THREE" + " " * 500 + "FOUR" + " " * 500
    assert found[1].text == " " * 500 and all(piece.strip() for piece in echo.given)


def test_a_translation_that_was_cut_says_where() -> None:
    class Cut(Echo):
        def submit(
            self, sources: Sequence[Ids], options: TranslateOptions, seeds: Sequence[int] | None = None
        ) -> Callable[[], list[list[Hypothesis]]]:
            return lambda: [[Hypothesis(TOKENIZER.encode("abc"), 0.0, whole=len(source) < 6)] for source in sources]

    found = lines(Cut(), limit=10).translate(["short", "one two. longer. x", "long it is"])
    assert [one.cut_at for one in found] == [0, 3, 3]


NAN, INF = float("nan"), float("inf")


@pytest.mark.parametrize(("name", "values"), [
    ("beam_size", [0, -1, 101, 2**64, 2.0, "5", True, None, NAN]),
    ("length_penalty", [-0.1, 10.1, NAN, INF, -INF, "1"]),
    ("nbest", [0, -1, 1_001, 2**64, 1.5]),
    ("temperature", [0, -1, 1e-40, 1e46, NAN, INF, "hot", None]),
    ("top_k", [-1, 2**64, 10**5_000, 1.5]),
    ("top_p", [0, -0.5, 1.1, 1e-30, NAN, INF]),
    ("seed", [-1, 2**64, 1.5, "7", NAN]),
    ("no_repeat_ngram", [-1, 2**64, 1.5]),
    ("max_length", [0, -5, 2**64, 100_001, 20.0]),
])  # fmt: skip
def test_options_out_of_range_are_named(name: str, values: list[object]) -> None:
    for value in values:
        with pytest.raises(ConfigError, match=f"--{name.replace('_', '-')}: expected .*, found ") as caught:
            TranslateOptions(**{"sample": True, name: value})  # type: ignore[arg-type]
        assert len(caught.value.message) < 160


def test_options_at_the_ends_of_their_ranges_are_taken() -> None:
    for name, (_, least, most) in RANGES.items():
        for value in (least, most):
            TranslateOptions(**{"sample": True, name: value})  # type: ignore[arg-type]
    TranslateOptions(seed=np.int64(3), beam_size=np.int32(4), length_penalty=np.float32(1), nbest=np.int64(4))  # type: ignore[arg-type]


@pytest.mark.parametrize(("options", "message"), [
    ({"nbest": 6}, "--nbest 6 needs a beam at least as wide"),
    ({"prefix": "text"}, "prefix: expected ids"),
    ({"prefix": (1, 2, 3), "max_length": 3}, "--max-length 3 leaves no room after a --prefix of 3 tokens"),
    ({"sample": "yes"}, "sample: expected True or False"),
])  # fmt: skip
def test_options_that_cannot_go_together(options: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        TranslateOptions(**options)  # type: ignore[arg-type]
