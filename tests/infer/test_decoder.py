"""The NumPy engine of a Transformer that writes, against its torch module: the same weights, the same probabilities."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from seqgen.config import Config
from seqgen.decode.windows import windows
from seqgen.errors import CheckpointError
from seqgen.families.base import Facts
from seqgen.families.decoder import DECODER
from seqgen.infer.decoder import DecoderScorer
from seqgen.nn.decoder import DecoderModel
from seqgen.nn.scorer import DecoderModelScorer
from seqgen.weights import DecoderShape, decoder_weights

VOCAB = 13


def pair(
    context: int = 16, *, positions: bool = True, heads: int = 2, layers: int = 2
) -> tuple[DecoderScorer, DecoderModelScorer]:
    shape = DecoderShape(VOCAB, layers=layers, heads=heads, hidden=16, ffn=24, context=context, positions=positions)
    torch.manual_seed(0)
    model = DecoderModel(shape)
    with torch.no_grad():  # at the start of training the blocks do nothing
        for parameter in model.parameters():
            parameter.uniform_(-0.5, 0.5)
    return DecoderScorer(shape, {name: value.numpy() for name, value in model.state_dict().items()}), DecoderModelScorer(model)


@pytest.mark.parametrize("context", [1, 2, 7, 16, 64])
@pytest.mark.parametrize(("heads", "positions"), [(1, True), (2, True), (4, False)])
def test_equal_to_torch(context: int, heads: int, positions: bool) -> None:
    ours, reference = pair(context, heads=heads, positions=positions)
    rng = np.random.default_rng(1)
    ids = rng.integers(0, VOCAB, 150)
    a, state_a = ours.score(ids, ours.start([ids[:1]]))
    b, state_b = reference.score(ids, reference.start([ids[:1]]))
    np.testing.assert_allclose(a, b, atol=1e-4)
    last = ids[-1:]
    for _ in range(20):  # what follows the scored text, too
        log_a, state_a = ours.step(state_a, last)
        log_b, state_b = reference.step(state_b, last)
        np.testing.assert_allclose(log_a, log_b, atol=1e-4)
        np.testing.assert_allclose(np.exp(log_a).sum(), 1, atol=1e-5)
        last = rng.integers(0, VOCAB, 1)


@pytest.mark.parametrize("context", [1, 5, 16])
def test_rows_of_a_batch_with_prompts_of_any_length(context: int) -> None:
    ours, reference = pair(context)
    rng = np.random.default_rng(2)
    prompts = [rng.integers(0, VOCAB, n) for n in (1, 7, 3, 7, 40, 17, 16)]
    prompts.append(prompts[1])
    state, other = ours.start(prompts), reference.start(prompts)
    last = np.array([prompt[-1] for prompt in prompts])
    rows = np.array([4, 0, 0, 2, 7, 5])
    for _ in range(30):
        a, state = ours.step(state, last)
        b, other = reference.step(other, last)
        np.testing.assert_allclose(a, b, atol=1e-4)
        state, other, last = ours.reorder(state, rows), reference.reorder(other, rows), rng.integers(0, VOCAB, len(rows))
        rows = np.arange(len(rows))[::-1]


@pytest.mark.parametrize("context", [3, 16])
def test_scoring_is_stepping_in_any_pieces(context: int) -> None:
    ours, _ = pair(context)
    ids = np.random.default_rng(3).integers(0, VOCAB, 200)
    scored, _ = ours.score(ids, ours.start([ids[:1]]))
    state, pieced = ours.start([ids[:1]]), []
    for start, end in ((0, 1), (1, 2), (2, 50), (50, 55), (55, 199)):
        piece, state = ours.score(ids[start : end + 1], state)
        pieced.append(piece)
    np.testing.assert_allclose(np.concatenate(pieced), scored, atol=1e-5)
    state = ours.start([ids[:1]])
    for place in range(len(ids) - 1):
        log_probs, state = ours.step(state, ids[place : place + 1])
        assert abs(log_probs[0, ids[place + 1]] - scored[place]) < 1e-4


def test_a_copy_is_not_overwritten() -> None:
    ours, _ = pair(8)
    state = ours.start([np.arange(7)])
    kept = ours.reorder(state, np.arange(1))
    first, _ = ours.step(ours.reorder(kept, np.arange(1)), np.array([3]))
    for id_ in range(5):
        _, state = ours.step(state, np.array([id_]))
    again, _ = ours.step(kept, np.array([3]))
    np.testing.assert_array_equal(first, again)


def test_attention_looks_back_alone() -> None:
    ours, _ = pair(16)
    maps, streams = ours.look(np.arange(9))
    assert streams.shape == (2, 9, 16)
    assert maps.shape == (2, 2, 9, 9)
    np.testing.assert_allclose(maps.sum(-1), 1, atol=1e-5)
    assert not maps[..., ~np.tri(9, dtype=bool)].any()


def test_what_comes_later_changes_nothing() -> None:
    ours, _ = pair(16)
    rng = np.random.default_rng(4)
    ids = rng.integers(0, VOCAB, 40)
    other = np.concatenate([ids[:25], (ids[25:] + 1) % VOCAB])
    a, b = (ours.score(each, ours.start([each[:1]]))[0] for each in (ids, other))
    np.testing.assert_allclose(a[:24], b[:24], atol=1e-5)
    assert abs(a[24:] - b[24:]).max() > 0.01


@pytest.mark.parametrize("positions", [True, False])
def test_without_positions_a_layer_does_not_know_the_order(positions: bool) -> None:
    ours, _ = pair(16, positions=positions, layers=1)
    (a, _), (b, _) = (ours.step(ours.start([np.array([*before, 4])]), np.array([4])) for before in ((1, 2, 3), (3, 1, 2)))
    assert (abs(a - b).max() < 1e-5) is not positions


@given(held=st.integers(0, 9), coming=st.integers(0, 60), context=st.integers(1, 9))
@settings(max_examples=200, deadline=None)
def test_windows(held: int, coming: int, context: int) -> None:
    held = min(held, context)
    found = list(windows(held, coming, context))
    covered = [place for window in found for place in range(window.new, window.end)]
    assert covered == list(range(held, held + coming))
    for window in found:
        assert window.start <= window.new and window.end - window.start <= context
        # Behind the first window there is at least half a context before what is new.
        assert window.start == 0 or window.new - window.start >= context // 2


def test_heads_whose_numbers_are_no_pairs_are_told() -> None:
    config = DECODER.network.sized(Config(arch="transformer", hidden=30, heads=2, bptt=8), Facts(1000, 20), None)
    with pytest.raises(CheckpointError, match="a head has 15 numbers"):
        DECODER.shape(config, 20)


def test_arrays_that_do_not_fit_are_told() -> None:
    shape = DecoderShape(VOCAB, 1, 1, 8, 8, 4)
    arrays = {name: np.zeros(size, dtype=np.float32) for name, size in decoder_weights(shape).items()}
    del arrays["output_bias"]
    with pytest.raises(CheckpointError, match="lack output_bias"):
        DecoderScorer(shape, arrays)
