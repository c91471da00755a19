"""The first lab: shapes and states against torch.nn, both orders of the axes, and words that do not go together."""

from __future__ import annotations

import unicodedata

import numpy as np
import pytest
import torch
from torch import nn

from seqgen.errors import ConfigError
from seqgen.explain.exhibits.recurrent.shapes import exhibit_of, record_of
from seqgen.explain.shapes import WORDS, Lab, lab_of, layer_parameters


def lab(*words: str, cell: str = "rnn", hidden: int = 2, embedding: int = 0, layers: int = 1) -> Lab:
    return lab_of(words or WORDS, cell=cell, hidden=hidden, embedding=embedding, layers=layers, seed=1)  # type: ignore[arg-type]


def test_the_lab_as_it_is_taught() -> None:
    found = lab()
    assert found.letters == ("e", "h", "l", "o") and found.inputs.shape == (3, 5, 4) and found.h.shape == (1, 3, 5, 2)
    assert found.inputs[0].argmax(axis=1).tolist() == [1, 0, 2, 2, 3] and (found.inputs.sum(axis=2) == 1).all()
    assert found.parameters == 2 * 4 + 2 * 2 + 2 * 2
    assert all(np.abs(array).max() <= 2**-0.5 for array in found.weights.values())


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
@pytest.mark.parametrize("layers", [1, 3])
@pytest.mark.parametrize("embedding", [0, 6])
@pytest.mark.parametrize("time_first", [False, True])
def test_states_are_those_of_torch(cell: str, layers: int, embedding: int, time_first: bool) -> None:
    found = lab(cell=cell, hidden=4, embedding=embedding, layers=layers)
    record = record_of(found, time_first)
    oracle = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}[cell](embedding or 4, 4, layers, batch_first=not time_first)
    oracle.load_state_dict(
        {name.removeprefix("rnn."): torch.tensor(record["weights"][name]) for name in found.weights if name.startswith("rnn.")}
    )
    ids = torch.tensor(record["ids"])
    x = torch.tensor(record["weights"]["embedding.weight"])[ids] if embedding else torch.eye(4)[ids]
    assert list(x.shape) == record["input_shape"] == ([5, 3] if time_first else [3, 5]) + [embedding or 4]
    with torch.no_grad():
        output, state = oracle(x)
    h, c = state if cell == "lstm" else (state, None)
    np.testing.assert_allclose(record["output"], output, atol=1e-5)
    np.testing.assert_allclose(record["h"], h, atol=1e-5)
    assert record["output_shape"] == list(output.shape) and record["state_shape"] == list(h.shape)
    assert (record["c"] is None) == (c is None)
    if c is not None:
        np.testing.assert_allclose(record["c"], c, atol=1e-5)
    assert record["parameters"] == sum(array.numel() for array in oracle.parameters()) + 4 * embedding
    assert layer_parameters(found.shape, 0) == sum(
        value.numel() for name, value in oracle.named_parameters() if name.endswith("_l0")
    )


def test_a_longer_word_adds_no_parameters() -> None:
    assert lab("hello", "eolll").parameters == lab("hellohello", "eollleolll").parameters


def test_korean_is_composed() -> None:
    words = ("바나나", "나바다")
    split = lab(*(unicodedata.normalize("NFD", word) for word in words))
    assert split.words == words and split.letters == ("나", "다", "바") and split.ids.shape == (2, 3)
    assert np.array_equal(split.h, lab(*words).h)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("hello", "eolll", "hell"), "'hell': expected 5 letters, as in 'hello', found 4"),
        (("hi", "hello", "eolll"), "'hi': expected 5 letters, as in 'hello', found 2"),
        (("hello", ""), "a word is empty"),
        (("ab",) * 33, "at most 32 words, found 33"),
        (("a" * 33,), "at most 32 letters, found 33"),
    ],
)
def test_words_that_cannot_be_read_together(words: tuple[str, ...], says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        lab(*words)
    assert says in caught.value.message and caught.value.hint


@pytest.mark.parametrize("time_first", [False, True])
@pytest.mark.parametrize(
    "words", [WORDS, ("a",), ("aaaa",), ("바나나", "나바다"), tuple("abcdefghijklmnopqrstuvwxyz"), ("a b\n", "\t\x1b<b")]
)
def test_whatever_is_given_is_shown_whole(words: tuple[str, ...], time_first: bool) -> None:
    for options in ({}, {"cell": "lstm", "layers": 2, "embedding": 20}, {"cell": "gru", "hidden": 64}):
        found = lab(*words, **options)  # type: ignore[arg-type]
        exhibit = exhibit_of(found, time_first)
        said = " ".join(exhibit.sentences)
        assert f"batch {len(words)}: " in said and f"length {len(words[0])}: " in said and "last state" in said
        both = [f"({len(words)}, {len(words[0])}, ", f"({len(words[0])}, {len(words)}, "]
        assert all(shape in said for shape in both) and both[time_first] in exhibit.title
