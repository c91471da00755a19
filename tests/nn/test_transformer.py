"""The Transformer against torch.nn's own modules, and the laws that masks and caches must keep."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from seqgen.nn.attention import MultiHeadAttention, causal_bias, padding_bias, scaled_dot_product_attention
from seqgen.nn.transformer import DecoderLayer, EncoderLayer, TransformerModel
from seqgen.weights import TransformerShape, sinusoids, transformer_weights

SHAPES = {
    "pre-norm": TransformerShape(19, 2, 3, 2, 8, 12),
    "post-norm": TransformerShape(19, 2, 2, 4, 8, 12, pre_norm=False),
    "no positions": TransformerShape(19, 1, 1, 1, 6, 7, positions=False),
    "six and six": TransformerShape(19, 6, 6, 2, 8, 16),
}


def model(shape: TransformerShape) -> TransformerModel:
    torch.manual_seed(0)
    return TransformerModel(shape).eval()


def sources(lengths: tuple[int, ...]) -> tuple[Tensor, Tensor]:
    torch.manual_seed(1)
    kept = torch.arange(max(lengths))[None, :] < torch.tensor(lengths)[:, None]
    return torch.randint(4, 19, kept.shape).masked_fill(~kept, 0), kept


def test_attention_is_torchs() -> None:
    torch.manual_seed(0)
    query, key, value = (torch.randn(3, 2, length, 5) for length in (4, 6, 6))
    kept = torch.rand(3, 6) > 0.3
    kept[:, 0] = True
    found, weights = scaled_dot_product_attention(query, key, value, padding_bias(kept, query))
    torch.testing.assert_close(found, F.scaled_dot_product_attention(query, key, value, kept[:, None, None, :]))
    torch.testing.assert_close(weights.sum(-1), torch.ones(3, 2, 4))
    assert bool((weights.masked_select(~kept[:, None, None, :].expand_as(weights)) == 0).all())


def test_attention_by_hand() -> None:
    """Two keys, one of which the query is like: softmax((ln 3, 0)) = (3/4, 1/4)."""
    query = torch.tensor([[[[math.log(3) * 2, 0.0, 0.0, 0.0]]]])
    key = torch.tensor([[[[1.0, 0, 0, 0], [0.0, 1, 0, 0]]]])
    found, weights = scaled_dot_product_attention(query, key, torch.tensor([[[[4.0], [8.0]]]]), None)
    torch.testing.assert_close(weights[0, 0, 0], torch.tensor([0.75, 0.25]))
    torch.testing.assert_close(found[0, 0, 0], torch.tensor([5.0]))


def test_many_heads_are_torchs() -> None:
    torch.manual_seed(0)
    ours, reference = MultiHeadAttention(8, 2), nn.MultiheadAttention(8, 2, batch_first=True)
    _copy_attention(ours, reference)
    x, memory = torch.randn(3, 5, 8), torch.randn(3, 7, 8)
    torch.testing.assert_close(ours(x, causal_bias(5, x)), reference(x, x, x, attn_mask=causal_bias(5, x))[0])
    crossed = ours.attend(ours.queries(x), *ours.keys_and_values(memory), None)
    torch.testing.assert_close(crossed, reference(x, memory, memory)[0])


@pytest.mark.parametrize("pre_norm", [True, False])
def test_layers_are_torchs(pre_norm: bool) -> None:
    torch.manual_seed(0)
    shape = TransformerShape(19, 1, 1, 2, 8, 12, pre_norm=pre_norm)
    options = {"dim_feedforward": 12, "dropout": 0.0, "batch_first": True, "norm_first": pre_norm}
    encoder, their_encoder = EncoderLayer(shape, 0.0), nn.TransformerEncoderLayer(8, 2, **options)
    decoder, their_decoder = DecoderLayer(shape, 0.0), nn.TransformerDecoderLayer(8, 2, **options)
    _copy_layer(encoder, their_encoder, ["self_attn"], ["norm1", "norm2"])
    _copy_layer(decoder, their_decoder, ["self_attn", "multihead_attn"], ["norm1", "norm2", "norm3"])
    x, memory = torch.randn(3, 5, 8), torch.randn(3, 7, 8)
    kept = torch.arange(7)[None, :] < torch.tensor([7, 3, 5])[:, None]
    bias = padding_bias(kept, memory)
    theirs = their_encoder(memory, src_key_padding_mask=~kept)
    torch.testing.assert_close(encoder(memory, bias)[kept], theirs[kept])
    expected = their_decoder(x, memory, tgt_mask=causal_bias(5, x), memory_key_padding_mask=~kept)
    found, _ = decoder(x, causal_bias(5, x), decoder.cross_attention.keys_and_values(memory), bias)
    torch.testing.assert_close(found, expected)


def _copy_attention(ours: MultiHeadAttention, theirs: nn.MultiheadAttention) -> None:
    with torch.no_grad():
        nn.init.normal_(theirs.in_proj_bias)
        nn.init.normal_(theirs.out_proj.bias)
        ours.inputs.weight.copy_(theirs.in_proj_weight)
        ours.inputs.bias.copy_(theirs.in_proj_bias)
        ours.outputs.load_state_dict(theirs.out_proj.state_dict())


def _copy_layer(ours: nn.Module, theirs: nn.Module, attentions: list[str], norms: list[str]) -> None:
    for name, attention in zip(("self_attention", "cross_attention"), attentions, strict=False):
        _copy_attention(getattr(ours, name), getattr(theirs, attention))
    names = ["self_attention_norm", *(["cross_attention_norm"] if len(norms) == 3 else []), "feed_forward_norm"]
    for name, norm in zip(names, norms, strict=True):
        nn.init.normal_(getattr(theirs, norm).weight)
        getattr(ours, name).load_state_dict(getattr(theirs, norm).state_dict())
    ours.feed_forward.inner.load_state_dict(theirs.linear1.state_dict())
    ours.feed_forward.outer.load_state_dict(theirs.linear2.state_dict())


@pytest.mark.parametrize("name", SHAPES)
def test_weights_are_what_the_contract_says(name: str) -> None:
    found = {key: tuple(value.shape) for key, value in model(SHAPES[name]).state_dict().items()}
    assert found == transformer_weights(SHAPES[name])


@pytest.mark.parametrize("name", SHAPES)
@torch.inference_mode()
def test_a_decoder_never_sees_what_comes_later(name: str) -> None:
    network = model(SHAPES[name])
    source, kept = sources((5, 3))
    inputs = torch.randint(4, 19, (2, 7))
    changed = inputs.clone()
    changed[:, 4:] = (changed[:, 4:] - 3) % 15 + 4
    before, after = network(source, kept, inputs), network(source, kept, changed)
    torch.testing.assert_close(before[:, :4], after[:, :4])
    assert not torch.allclose(before[:, 4:], after[:, 4:])


@pytest.mark.parametrize("name", SHAPES)
@torch.inference_mode()
def test_padding_changes_nothing(name: str) -> None:
    network = model(SHAPES[name])
    source, kept = sources((6, 3, 1))
    inputs = torch.randint(4, 19, (3, 4))
    together = network(source, kept, inputs)
    for row, length in enumerate((6, 3, 1)):
        alone = network(source[row : row + 1, :length], kept[row : row + 1, :length], inputs[row : row + 1])
        torch.testing.assert_close(together[row], alone[0])


@pytest.mark.parametrize("name", SHAPES)
@torch.inference_mode()
def test_one_cached_step_at_a_time_is_all_at_once(name: str) -> None:
    network = model(SHAPES[name])
    source, kept = sources((6, 3))
    inputs = torch.randint(4, 19, (2, 9))
    cache = network.start(source, kept)
    steps = torch.stack([network.step(column, cache) for column in inputs.unbind(1)], dim=1)
    torch.testing.assert_close(steps, network(source, kept, inputs), rtol=1e-4, atol=1e-5)


@torch.inference_mode()
def test_without_positions_order_means_nothing() -> None:
    """What is said of "a b c d" is said of "d a c b": attention sees a set."""
    source = torch.tensor([[5, 6, 7, 8]])
    shuffled = source[:, [3, 0, 2, 1]]
    kept, inputs = torch.ones(1, 4, dtype=torch.bool), torch.tensor([[2, 9]])
    blind = model(SHAPES["no positions"])
    torch.testing.assert_close(blind(source, kept, inputs), blind(shuffled, kept, inputs))
    seeing = model(SHAPES["pre-norm"])
    assert not torch.allclose(seeing(source, kept, inputs), seeing(shuffled, kept, inputs), atol=1e-3)


def test_sinusoids_follow_the_formula() -> None:
    table = sinusoids(50, 6)
    assert table.shape == (50, 6) and table.dtype == np.float32
    for position, column in ((0, 0), (0, 1), (7, 2), (49, 5)):
        angle = position / 10_000 ** (2 * (column // 2) / 6)
        assert math.isclose(table[position, column], math.sin(angle) if column % 2 == 0 else math.cos(angle), abs_tol=1e-6)


@torch.inference_mode()
def test_bf16_is_near_fp32() -> None:
    network = model(SHAPES["pre-norm"])
    rough = TransformerModel(SHAPES["pre-norm"], precision="bf16").eval()
    rough.load_state_dict(network.state_dict())
    source, kept = sources((6, 3))
    inputs = torch.randint(4, 19, (2, 4))
    exact, approximate = network(source, kept, inputs), rough(source, kept, inputs)
    assert approximate.dtype == torch.float32
    assert 0 < float((exact - approximate).abs().max()) < 0.1
