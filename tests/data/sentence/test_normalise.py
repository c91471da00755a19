"""Spellings made equal, edges that come back, and what a line has all over given back to its translation."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqgen.config import NORMALISATIONS
from seqgen.data.sentence.normalise import STEPS, edges, source_text, target_text
from seqgen.data.sentence.typography import is_shouted, lowered, retyped

ALL = ",".join(NORMALISATIONS)
ANY = st.text(st.characters(codec="utf-8"), max_size=40)


def test_the_names_are_those_of_the_setting() -> None:
    assert tuple(STEPS) == NORMALISATIONS


@pytest.mark.parametrize(("text", "source", "target"), [
    ("\ufeffIt’s\u00a0 “so” – he\u200b said…", "It's \"so\" - he said...", "It’s\u00a0 “so” – he said…"),
    ("a\tb  c", "a b c", "a b c"),
    ("« Bonjour »", '"Bonjour"', "« Bonjour »"),
    ("no\u00adbreak\u200e", "nobreak", "nobreak"),
    ("می\u200cخواهم", "می\u200cخواهم", "می\u200cخواهم"),
    ("a\u200cb", "ab", "ab"),
    ("\u0e01\u200b\u0e02 a\u200bb", "\u0e01\u200b\u0e02 ab", "\u0e01\u200b\u0e02 ab"),
    ("\U0001f468\u200d\U0001f469", "\U0001f468\u200d\U0001f469", "\U0001f468\u200d\U0001f469"),
    ("e\u0301", "é", "é"),
    ("plain text.", "plain text.", "plain text."),
])  # fmt: skip
def test_spellings(text: str, source: str, target: str) -> None:
    assert source_text(text, ALL) == source
    assert target_text(text, ALL) == target


@given(ANY, st.sets(st.sampled_from(NORMALISATIONS)))
def test_normalising_twice_changes_nothing_more(text: str, names: set[str]) -> None:
    once = source_text(text, ",".join(names))
    assert source_text(once, ",".join(names)) == once


@given(ANY)
def test_a_run_without_steps_reads_a_text_as_it_is(text: str) -> None:
    assert source_text(text, "") == target_text(text, "") == text


@given(ANY)
def test_edges_and_middle_are_the_line(text: str) -> None:
    before, middle, after = edges(text)
    assert before + middle + after == text
    assert middle == middle.strip() and not before.strip("\u200b\u200e\ufeff \t").isalnum()


@pytest.mark.parametrize(("text", "shouted", "low"), [
    ("STOP THE BOAT!", True, "Stop the boat!"), ("NASA", False, "Nasa"), ("Stop THE boat", False, "Stop the boat"),
    ("«ÉCOUTE BIEN»", True, "«Écoute bien»"), ("배가 낡았다", False, "배가 낡았다"), ("", False, ""), ("3 B", False, "3 B"),
])  # fmt: skip
def test_capitals(text: str, shouted: bool, low: str) -> None:
    assert is_shouted(text) == shouted and lowered(text) == low


@pytest.mark.parametrize(("source", "translation", "found"), [
    ("It’s old", "C'est l'eau", "C’est l’eau"), ("It's – it’s", "C'est", "C'est"),
    ("“So” he said", '"Oui" dit-il', "“Oui” dit-il"),
    ("“So he said", '"Oui" dit-il', '"Oui" dit-il'), ("“A” “B”", '"A" "B', '"A" "B'), ("wait…", "attends...", "attends…"),
    ("a – b", "a - b", "a – b"), ("plain", "l'eau", "l'eau"), ("„So“", '"Oui"', '"Oui"'),
])  # fmt: skip
def test_typography_comes_back_where_there_is_no_doubt(source: str, translation: str, found: str) -> None:
    assert retyped(translation, source) == found
