"""Primers: where stretches end, what is read before which prompt, and texts that have no room for any."""

from __future__ import annotations

import random

import numpy as np
import pytest

from seqgen.data.primers import PRIMER, STRETCH, STRETCHES, TEXTBOOK_LENGTH, from_arrays, primers_for, stretches_of, to_arrays
from seqgen.tokenizers.base import REPLACEMENT, Tokenizer
from seqgen.tokenizers.byte import ByteTokenizer
from seqgen.tokenizers.char import CharTokenizer

WORDS = "the rain began again while Ann and Ben sat in a boat near old harbour walls".split()


def text_of(end: str, words: int = 4_000, every: int = 7, between: str = " ") -> str:
    """Words without sense, with an end after each few."""
    rng = random.Random(1)
    chosen = [rng.choice(WORDS) for _ in range(words)]
    return end.join(between.join(chosen[start : start + every]) for start in range(0, words, every))


def decoded(text: str, tokenizer: Tokenizer | None = None) -> list[str]:
    tokenizer = tokenizer or CharTokenizer.train([text])
    # A stretch may begin within a character of several bytes.
    return [tokenizer.decode(ids).lstrip(REPLACEMENT) for ids in stretches_of(tokenizer.encode(text), tokenizer)]


def before(prompt: str, text: str) -> list[str]:
    tokenizer = CharTokenizer.train([text])
    stretches = stretches_of(tokenizer.encode(text), tokenizer)
    found = primers_for(tokenizer.encode(prompt), stretches, tokenizer.encode(" \n\t"))
    return [tokenizer.decode(ids) for ids in found]


@pytest.mark.parametrize("tokenizer", [None, ByteTokenizer()], ids=["char", "byte"])
@pytest.mark.parametrize("end", ["\n\n", "\n", ". ", "! ", "。", "？", " ", "\n\n\n\n", ".\n\n", ".\n    "])
def test_stretches_end_at_the_coarsest_boundary_there_is(end: str, tokenizer: Tokenizer | None) -> None:
    mark = end.rstrip(" ") if "\n" in end else end
    text = text_of(end)
    found = decoded(text, tokenizer)
    assert len(found) == STRETCHES and all(stretch.endswith(mark) for stretch in found)
    places = [text.index(stretch) + len(stretch) for stretch in found]
    assert places == sorted(set(places)) and places[0] < 200 and places[-1] > 0.97 * len(text) - 200, "over the whole text"
    assert all(not text.startswith(end[-1], place) for place in places if end != ".\n    ")


def test_a_text_without_boundaries_is_cut_anywhere() -> None:
    text = "".join(random.Random(1).choices("ACGT", k=5_000))
    assert len(decoded(text)) == STRETCHES and len(set(decoded(text))) == STRETCHES


def test_a_boundary_that_is_rare_is_none() -> None:
    """A title, then a text that is one line."""
    found = decoded("A title\n\n" + text_of(". ", 9_000))
    assert all(stretch.endswith(". ") for stretch in found)


@pytest.mark.parametrize("text", ["hihello", "if you want you", "a\n\nb", "ab", "x" * TEXTBOOK_LENGTH, "one line\n" * 8])
def test_what_is_learnt_by_heart_needs_none(text: str) -> None:
    assert decoded(text) == []


@pytest.mark.parametrize("length", [81, 90, 120, 300, 1_000])
def test_short_texts_have_fewer_and_none_is_longer_than_the_text(length: int) -> None:
    text = text_of("\n")[:length]
    found = decoded(text)
    assert 0 < len(found) <= STRETCHES and len(set(found)) == len(found)
    assert all(PRIMER <= len(stretch) <= STRETCH and stretch in text for stretch in found)
    assert all(len(primer) == PRIMER for prompt in ("", "t", "the ", "\n", "q") for primer in before(prompt, text + "q"))


def test_nothing_comes_before_no_prompt_but_what_ends() -> None:
    assert all(primer.endswith("\n\n") and len(primer) == PRIMER for primer in before("", text_of("\n\n")))


@pytest.mark.parametrize("prompt", ["h", "b", "harb", "harbour w", "the rain", "A", "B"])
def test_a_prompt_is_read_where_a_word_begins_like_it(prompt: str) -> None:
    text = text_of("\n")
    found = before(prompt, text)
    assert len(found) >= 4
    for primer in found:
        assert primer[-1] in " \n" and primer + prompt[0] in text


@pytest.mark.parametrize("prompt", ["\n", " ", "\nthe", "gain", "ll"])
def test_other_prompts_are_read_where_the_text_has_them(prompt: str) -> None:
    text = text_of("\n")
    assert all(primer + prompt[0] in text for primer in before(prompt, text))
    assert not any(primer.endswith("\n") for primer in before("\n", text)), "the line end is the prompt's own"


def test_a_prompt_that_begins_as_nothing_does_comes_after_an_end() -> None:
    text = text_of("\n") + "Q"
    for prompt in ("Q", "漢", "\x00"):
        assert before(prompt, text) == before("", text)


def test_kept_and_read_again() -> None:
    tokenizer = ByteTokenizer()
    stretches = stretches_of(tokenizer.encode(text_of("\n", 300)), tokenizer)
    again = from_arrays(to_arrays(stretches))
    assert len(again) == len(stretches) and all(map(np.array_equal, stretches, again))
