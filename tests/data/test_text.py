"""Streams: a pure function of seed and step that reads all of a text, whatever its length."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqgen.data.split import split_text
from seqgen.data.text import epoch_steps, fit_batch, streams
from seqgen.errors import CorpusError


@given(symbols=st.integers(2, 400), batch=st.integers(1, 50), length=st.integers(1, 80), seed=st.integers(0, 99))
def test_every_step_of_every_pass_fits(symbols: int, batch: int, length: int, seed: int) -> None:
    ids = np.arange(symbols)
    batch, length = fit_batch(symbols, batch, length)
    steps = epoch_steps(symbols, batch, length)
    previous = None
    for step in range(2 * steps):
        inputs, targets, fresh = streams(ids, batch, length, step=step, seed=seed)
        assert inputs.shape == targets.shape == (batch, length)
        np.testing.assert_array_equal(targets, inputs + 1)  # ids are positions here
        assert fresh == (step % steps == 0)
        if previous is not None and not fresh:
            np.testing.assert_array_equal(inputs[:, 0], previous[:, -1] + 1)  # each stream goes on where it was
        previous = inputs


@given(symbols=st.integers(2, 400), batch=st.integers(1, 50), length=st.integers(1, 80))
def test_a_pass_reads_nearly_everything_once(symbols: int, batch: int, length: int) -> None:
    batch, length = fit_batch(symbols, batch, length)
    ids = np.arange(symbols)
    steps = epoch_steps(symbols, batch, length)
    read = np.concatenate([streams(ids, batch, length, step=k, seed=1)[0].reshape(-1) for k in range(steps)])
    assert len(set(read.tolist())) == len(read)
    assert len(read) > (symbols - 1) / 2


def test_the_same_step_is_the_same_batch_and_passes_differ() -> None:
    ids = np.arange(1000)
    first = streams(ids, 4, 30, step=3, seed=7)[0]
    np.testing.assert_array_equal(first, streams(ids, 4, 30, step=3, seed=7)[0])
    offsets = {int(streams(ids, 4, 30, step=k * epoch_steps(1000, 4, 30), seed=7)[0][0, 0]) for k in range(8)}
    assert len(offsets) > 1


def test_seven_symbols_are_enough() -> None:
    assert fit_batch(7, 16, 64) == (1, 6)
    inputs, targets, fresh = streams(np.frombuffer(b"hihello", np.uint8), 1, 6, step=5, seed=1)
    assert bytes(inputs[0]) == b"hihell" and bytes(targets[0]) == b"ihello" and fresh


def test_split() -> None:
    text = "x" * 1_115_394
    cut, valid, note = split_text(text, 0.1)
    assert (cut, len(valid), note) == (1_003_854, 111_540, None)
    cut, valid, note = split_text("ab" * 10, 0.5, limit=4)
    assert (cut, valid) == (10, "abab") and note and "4 of 10" in note
    assert split_text("abc", 0) == (3, "", None)
    with pytest.raises(CorpusError, match="expected at least 2"):
        split_text("abc", 0.9)
