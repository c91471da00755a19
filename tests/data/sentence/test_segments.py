"""Long lines in pieces: short enough, nothing lost, in time linear in the line whatever is in it."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqgen.data.sentence.segments import Limits, segments

WORDS = "Ein Satz. Noch ein Satz! Und, wenn man so will, ein dritter: mit Doppelpunkt; mit Semikolon - und Strich. " * 3


@pytest.mark.parametrize("limit", [1, 3, 8, 20, 1000])
@pytest.mark.parametrize("text", [WORDS, "가나다. 라마바사아 " * 9, "x" * 50, "文。文文、文" * 9, "a  b", "…"])
def test_pieces_are_short_enough_and_nothing_is_lost(text: str, limit: int) -> None:
    def length(piece: str) -> int:
        return max(1, len(piece) // 3)

    pieces = segments(text, Limits(limit, limit), length)
    assert "".join(piece.text + piece.space for piece in pieces) == text
    assert all(length(piece.text) <= limit or len(piece.text) == 1 for piece in pieces)
    if length(text) <= limit:
        assert len(pieces) == 1


def test_sentences_are_kept_whole_where_they_can_be() -> None:
    pieces = segments("One two. Three four. Five six.", Limits(5, 5), lambda text: len(text.split()))
    assert [piece.text for piece in pieces] == ["One two. Three four.", "Five six."]


def words_and_spaces(text: str) -> int:
    """A length that is no sum: neighbours without white space between them are joined."""
    return len(text.split()) + (text.count(" ") - len(text.split()) > 3)


@given(st.text(st.sampled_from("ab  \t\n.,;:!?…。，！-–\"')]」\u3000é"), max_size=120), st.integers(1, 12), st.booleans())
def test_pieces_and_spaces_are_the_line(text: str, limit: int, by_words: bool) -> None:
    text = text.strip()
    length = words_and_spaces if by_words else len
    pieces = segments(text, Limits(limit, limit), length)
    assert "".join(piece.text + piece.space for piece in pieces) == text
    assert all(not piece.space.strip() for piece in pieces)
    assert all(piece.text == piece.text.strip() for piece in pieces)
    assert all(piece.text for piece in pieces) or not text
    assert all(length(piece.text) <= limit or len(piece.text) == 1 for piece in pieces)


def test_no_more_pieces_than_needed() -> None:
    pieces = segments("a b c. d e. f. " * 100, Limits(6, 6), lambda text: len(text.split()))
    assert {len(piece.text.split()) for piece in pieces} == {6} and len(pieces) == 100


@pytest.mark.parametrize(("text", "found"), [
    ('Er sagte: "Ja." Dann ging er.', ['Er sagte: "Ja."', "Dann ging er."]),
    ("他说：「好。」然后走了。", ["他说：「好。」", "然后走了。"]),
    ("Pi is 3.14159, e is 2.71828; both are known.", ["Pi is 3.14159, e is 2.71828;", "both are known."]),
    ("in front and behind", ["in front and", "behind"]),
    ("one two three - four five six", ["one two three -", "four five six"]),
])  # fmt: skip
def test_where_lines_are_cut(text: str, found: list[str]) -> None:
    limit = 8 if "他" in text else 6 if "Pi" in text else 3 if "front" in text or "Er" in text else 4
    length = len if "他" in text else lambda piece: len(piece.split())
    assert [piece.text for piece in segments(text, Limits(limit, limit), length)] == found


# What has to be looked at twice a place makes a pattern, or the joining, quadratic.
SHAPES = {
    "spaces": lambda n: "a" + " " * n + "b",
    "spaces in front": lambda n: " " * n + "b",
    "spaces behind": lambda n: "b" + " " * n,
    "tabs": lambda n: "a.\t" + "\t" * n + "- b",
    "line ends": lambda n: "\n" * n + "x",
    "quotes": lambda n: 'a."' + '"' * n + "b",
    "brackets": lambda n: "a.)" + ")" * n,
    "full stops": lambda n: "." * n,
    "ideographic stops": lambda n: "。" * n,
    "commas": lambda n: "," * n,
    "a word": lambda n: "x" * n,
    "sentences": lambda n: "It is so. " * (n // 10),
    "short sentences": lambda n: "a. " * (n // 3),
    "dashes": lambda n: " - " * (n // 3),
    "wide gaps": lambda n: ("x" + " " * 99) * (n // 100),
    "very wide gaps": lambda n: ("x" + " " * 9_999) * (n // 10_000),
    "long words": lambda n: ("x" * 300 + ". ") * (n // 302),
    "stops and quotes": lambda n: '."' * (n // 2),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_the_work_is_linear_in_the_line(shape: str) -> None:
    """Counted, not timed: characters measured. Four times the line is about four times the work; the time is bounded widely."""

    def work(n: int) -> int:
        measured = 0

        def length(text: str) -> int:
            nonlocal measured
            measured += len(text)
            return len(text)

        text = SHAPES[shape](n)
        assert "".join(piece.text + piece.space for piece in segments(text, Limits(50, 50), length)) == text
        return measured

    begin = time.monotonic()
    small, large = work(25_000), work(100_000)
    assert large <= 6 * small + 1_000 and large <= 60 * 100_000
    assert time.monotonic() - begin < 20
