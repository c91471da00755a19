"""Places: a symbol's line and column lead back to it, whatever the symbols are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqgen.errors import ConfigError
from seqgen.explain.places import Place, index_of, place_named, places_of


@given(st.text("ab 한\n", min_size=1, max_size=40))
def test_characters_are_found_again(text: str) -> None:
    places = places_of(text)
    assert [index_of(place, text) for place in places] == list(range(len(text)))
    lines = text.split("\n")
    for place, character in zip(places, text, strict=True):
        assert (lines[place.line - 1] + "\n")[place.column - 1] == character


def test_a_character_of_several_bytes_is_its_last_byte() -> None:
    texts = ("a", "", "", "한", "b", "\n", "", "é")
    assert [index_of(Place(1, column), texts) for column in (1, 2, 3, 4)] == [0, 3, 4, 5]
    assert index_of(Place(2, 1), texts) == 7


def test_symbols_of_several_characters_have_all_their_places() -> None:
    texts = ("The", " cat", ".\nIt", " is")
    assert [str(place) for place in places_of(texts)] == ["1:1", "1:4", "1:8", "2:3"]
    assert [index_of(Place(*place), texts) for place in ((1, 3), (1, 5), (1, 9), (2, 2), (2, 5))] == [0, 1, 2, 2, 3]


@pytest.mark.parametrize(
    ("place", "text", "whole", "says"),
    [
        ((3, 1), "ab\ncd", True, "expected a line from 1 to 2"),
        ((2, 1), "ab\n", True, "expected a line from 1 to 1"),
        ((1, 4), "ab\ncd", True, "expected a column from 1 to 3 in line 1"),
        ((2, 3), "ab\ncd", True, "expected a column from 1 to 2 in line 2"),
        ((9, 1), "ab\ncd", False, "in the 5 symbols that are read"),
    ],
)
def test_places_outside_the_text(place: tuple[int, int], text: str, whole: bool, says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        index_of(Place(*place), text, whole)


def test_places_are_named_as_they_are_printed() -> None:
    assert place_named(" 12:3 ") == (12, 3) and str(place_named("12:3")) == "12:3"
    for wrong in ("", "3", "0:1", "1:0", "-1:2", "1:2:3", "a:b", "1:", "١:٢", "1:9999999999"):
        with pytest.raises(ConfigError, match="expected LINE:COLUMN"):
            place_named(wrong)
