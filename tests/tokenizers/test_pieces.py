"""Pieces of texts: lines, what they are learnt from, and where a prompt may end."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqgen.commands.choices import note_choices
from seqgen.console import Console
from seqgen.decode.choices import Choices
from seqgen.generation import GenerateOptions, generate_text
from seqgen.markov import MarkovScorer, fit
from seqgen.tokenizers import tokenizer_class
from seqgen.tokenizers.base import Tokenizer, normalise
from seqgen.training.language.material import encoded
from seqgen.training.merge import begun, checked

KINDS = ("bpe", "unigram")
TEXT = "hello there, hello you\nthere you go, hello\n안녕하세요 여러분 안녕\n" * 30


@pytest.fixture(scope="module", params=KINDS)
def tokenizer(request: pytest.FixtureRequest) -> Tokenizer:
    return tokenizer_class(request.param).train([TEXT], 360)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text("ab 안▁\t\u0301\0\r👍", max_size=8), min_size=1, max_size=80))
def test_the_ids_of_lines_are_the_ids_of_the_text(tokenizer: Tokenizer, lines: list[str]) -> None:
    text = "\n".join(lines)
    one_by_one = [tokenizer.encode(line + "\n") for line in lines[:-1]] + [tokenizer.encode(lines[-1])]
    np.testing.assert_array_equal(tokenizer.encode(text), np.concatenate(one_by_one))
    assert tokenizer.decode(tokenizer.encode(text)) == normalise(text)


def test_a_newline_is_one_symbol_and_lines_begin_with_the_same_pieces(tokenizer: Tokenizer) -> None:
    newline, word = tokenizer.encode("\n").tolist(), tokenizer.encode("hello").tolist()
    assert len(newline) == 1 and tokenizer.symbol(newline[0]) == "\\n"
    assert tokenizer.encode("hello\nhello hello").tolist() == word + newline + word + word


@pytest.mark.parametrize("kind", KINDS)
def test_long_lines_are_learnt_and_kept(kind: str) -> None:
    """The library would leave lines out when it learns, the longer ones silently."""
    line = "wonderful things " * 60_000
    found = tokenizer_class(kind).train([line], 320)
    assert len(found.encode("wonderful things")) <= 4
    assert found.decode(found.encode(line)) == line


def test_a_text_is_encoded_in_parts_as_in_one(tokenizer: Tokenizer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seqgen.training.language.material.PIECE", 50)
    for cut in (len(TEXT), 1000, 77):
        np.testing.assert_array_equal(encoded(tokenizer, TEXT, cut), tokenizer.encode(TEXT[:cut]))


@pytest.mark.parametrize("prompt", ["h", "hel", "hello th", "you go, hello\nthe", "안녕하", "안", "hello "])
@pytest.mark.parametrize("rows", [1, 3])
def test_a_prompt_that_ends_within_a_piece_goes_on_within_it(tokenizer: Tokenizer, prompt: str, rows: int) -> None:
    ids = tokenizer.encode(TEXT)
    scorer = MarkovScorer(fit(ids, ids[:0], len(tokenizer), 3))
    options = GenerateOptions(length=4, greedy=True, num_samples=rows)
    pieces = list(generate_text(scorer, tokenizer, prompt, options, np.random.default_rng(0)))
    for row in range(rows):
        text = "".join(piece.text for piece in pieces if piece.sample == row)
        written = prompt + text
        assert text and written.rstrip()[:8] in TEXT, written


@settings(max_examples=40, deadline=None)
@given(prompt=st.text("helo ▁안녕\n\t👍x", max_size=9), seed=st.integers(0, 99))
def test_what_is_written_is_what_the_ids_say_after_the_prompt(tokenizer: Tokenizer, prompt: str, seed: int) -> None:
    """Wherever a prompt ends, no character of it is written again or lost."""
    ids = tokenizer.encode(TEXT)
    scorer = MarkovScorer(fit(ids, ids[:0], len(tokenizer), 0))
    pieces = list(generate_text(scorer, tokenizer, prompt, GenerateOptions(length=12), np.random.default_rng(seed)))
    drawn = [piece.id for piece in pieces if piece.id is not None]
    whole = tokenizer.encode(prompt)
    kept = whole[: len(whole) - tokenizer.open_end(whole)].tolist()
    assert prompt + "".join(piece.text for piece in pieces) == tokenizer.decode(kept + drawn)


def test_what_stood_to_choose_is_shown_after_what_was_kept_of_the_prompt(tokenizer: Tokenizer) -> None:
    ids = tokenizer.encode(TEXT)
    scorer, watched, options = (
        MarkovScorer(fit(ids, ids[:0], len(tokenizer), 2)),
        Choices(5),
        GenerateOptions(length=2, greedy=True),
    )
    text = "".join(p.text for p in generate_text(scorer, tokenizer, "hel", options, np.random.default_rng(0), choices=watched))
    said = io.StringIO()
    note_choices(Console(io.StringIO(), said), tokenizer, options, "hel", watched)
    assert "1  at the beginning" in said.getvalue() and 'after "hello"' in said.getvalue() and text.startswith("lo")
    assert "does not go on as the prompt" in said.getvalue()


def test_a_prompt_that_is_over_takes_nothing_back(tokenizer: Tokenizer) -> None:
    assert tokenizer.open_end(tokenizer.encode("")) == tokenizer.open_end(tokenizer.encode("hello\n")) == 0
    assert tokenizer.open_end(tokenizer.encode("👍")) == 0
    assert tokenizer.open_end(tokenizer.encode("hel")) > 0


def test_sentencepiece_is_another_name_of_byte_pairs() -> None:
    config = begun(checked({"tokenizer": "sentencepiece", "vocab_size": 500}), "language")
    assert config.tokenizer == "bpe" and config.vocab_size == 500
    assert begun(checked({}), "translation").tokenizer == "sentencepiece"
