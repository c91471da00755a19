"""The Transformer that is read in NumPy, against the network that was trained and torch.nn's own attention."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import nn

from seqgen.data.parallel import PairIds, batch_of
from seqgen.errors import CheckpointError
from seqgen.infer.transformer import Reading, TransformerReader, attention_weights, causal_mask, scaled_scores, split_heads
from seqgen.nn.transformer import TransformerModel
from seqgen.weights import TransformerShape

SHAPES = {
    "pre-norm": TransformerShape(19, 2, 3, 2, 8, 12),
    "post-norm": TransformerShape(19, 2, 2, 4, 8, 12, pre_norm=False),
    "no positions": TransformerShape(19, 1, 1, 1, 6, 7, positions=False),
    "post-norm without positions": TransformerShape(19, 3, 1, 3, 6, 7, pre_norm=False, positions=False),
}
SOURCE = np.array([5, 6, 7, 5, 9, 18], dtype=np.int32)
TARGET = np.array([8, 4, 4, 17], dtype=np.int32)


def model(shape: TransformerShape) -> TransformerModel:
    """A network none of whose arrays is left at zeros or ones, as biases and norms are at first."""
    torch.manual_seed(0)
    network = TransformerModel(shape).eval()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(0.3 * torch.randn_like(parameter))
    return network


def reader(network: TransformerModel) -> TransformerReader:
    return TransformerReader(network.shape, {name: array.numpy() for name, array in network.state_dict().items()})


@pytest.mark.parametrize("name", SHAPES)
@torch.inference_mode()
def test_it_computes_what_the_network_computes(name: str) -> None:
    network = model(SHAPES[name])
    found = reader(network).read(SOURCE, TARGET)
    batch = batch_of(PairIds.of([SOURCE], [TARGET]), [0])
    source, kept = torch.from_numpy(batch.source), torch.ones(1, len(SOURCE) + 1, dtype=torch.bool)
    hidden = network(source, kept, torch.from_numpy(batch.inputs))[0]
    logits = hidden @ network.embedding.weight.T + network.output_bias
    np.testing.assert_allclose(found.memory, network._encode(source, kept)[0].numpy(), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(found.logits, logits.numpy(), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(found.log_probs, torch.log_softmax(logits, dim=-1).numpy(), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", SHAPES)
def test_rows_sum_to_one_and_what_is_masked_is_zero(name: str) -> None:
    shape = SHAPES[name]
    found = reader(model(shape)).read(SOURCE, TARGET)
    inner, outer = len(TARGET) + 1, len(SOURCE) + 1
    assert found.encoder.shape == (shape.layers, shape.heads, outer, outer)
    assert found.decoder.shape == (shape.decoder_layers, shape.heads, inner, inner)
    assert found.cross.shape == (shape.decoder_layers, shape.heads, inner, outer)
    for maps in (found.encoder, found.decoder, found.cross):
        assert maps.dtype == np.float32 and maps.min() >= 0
        np.testing.assert_allclose(maps.sum(axis=-1), 1, atol=1e-5)
    above = np.triu_indices(inner, k=1)
    assert np.all(found.decoder[..., above[0], above[1]] == 0)
    assert np.all(found.decoder[..., 0, 0] == 1)
    np.testing.assert_allclose(np.exp(found.log_probs).sum(axis=-1), 1, atol=1e-5)


@pytest.mark.parametrize("causal", [True, False])
def test_attention_is_what_torch_says_it_is(causal: bool) -> None:
    """The textbook's oracle: the weights that torch.nn.MultiheadAttention gives out, self-attention and across."""
    rng = np.random.default_rng(3)
    theirs = nn.MultiheadAttention(8, 2, batch_first=True)
    nn.init.normal_(theirs.in_proj_bias)
    x, memory = rng.standard_normal((2, 5, 8), dtype=np.float32)
    mask = torch.from_numpy(causal_mask(5)) if causal else None
    _, expected = theirs(*(torch.from_numpy(a)[None] for a in (x, memory, memory)), attn_mask=mask, average_attn_weights=False)
    weight, bias = theirs.in_proj_weight.detach().numpy(), theirs.in_proj_bias.detach().numpy()
    query, key = split_heads(x @ weight[:8].T + bias[:8], 2), split_heads(memory @ weight[8:16].T + bias[8:16], 2)
    found = attention_weights(scaled_scores(query, key), causal_mask(5) if causal else None)
    np.testing.assert_allclose(found, expected[0].detach().numpy(), atol=1e-5)


@torch.inference_mode()
def test_all_maps_of_a_network_are_torchs() -> None:
    """Layer by layer, what enters an attention of the network enters torch's with the same weights."""
    network = model(SHAPES["pre-norm"])
    found = reader(network).read(SOURCE, TARGET)
    for side in ("encoder", "decoder", "cross"):
        stack: Any = network.encoder if side == "encoder" else network.decoder
        maps = torchs_maps(network, stack, "cross_attention" if side == "cross" else "self_attention", side == "decoder")
        np.testing.assert_allclose(getattr(found, side), maps, atol=1e-5)


def torchs_maps(network: TransformerModel, stack: Any, name: str, causal: bool) -> NDArray[np.float32]:
    """What torch.nn.MultiheadAttention says [L, h, Q, K], fed with what the network's own norms give out."""
    entered: list[torch.Tensor] = []
    hooks = [
        getattr(layer, f"{name}_norm").register_forward_hook(lambda _module, _inputs, output: entered.append(output))
        for layer in stack
    ]
    batch = batch_of(PairIds.of([SOURCE], [TARGET]), [0])
    source, kept = torch.from_numpy(batch.source), torch.ones(1, len(SOURCE) + 1, dtype=torch.bool)
    network(source, kept, torch.from_numpy(batch.inputs))
    for hook in hooks:
        hook.remove()
    maps = []
    for layer, x in zip(stack, entered, strict=True):
        ours = getattr(layer, name)
        theirs = nn.MultiheadAttention(network.shape.hidden, network.shape.heads, batch_first=True)
        theirs.load_state_dict({"in_proj_weight": ours.inputs.weight, "in_proj_bias": ours.inputs.bias,
                                "out_proj.weight": ours.outputs.weight, "out_proj.bias": ours.outputs.bias})  # fmt: skip
        read = network._encode(source, kept) if name == "cross_attention" else x
        mask = torch.from_numpy(causal_mask(x.shape[1])) if causal else None
        maps.append(theirs(x, read, read, attn_mask=mask, average_attn_weights=False)[1][0].numpy())
    return np.stack(maps)


def test_without_positions_an_order_of_the_source_is_only_an_order_of_the_states() -> None:
    blind = reader(model(SHAPES["no positions"]))
    order = np.array([3, 0, 5, 1, 4, 2])
    first, second = blind.read(SOURCE, TARGET), blind.read(SOURCE[order], TARGET)
    np.testing.assert_allclose(first.memory[[*order, len(SOURCE)]], second.memory, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(first.logits, second.logits, rtol=1e-4, atol=1e-5)
    seeing = reader(model(SHAPES["pre-norm"]))
    assert np.abs(seeing.read(SOURCE, TARGET).logits - seeing.read(SOURCE[order], TARGET).logits).max() > 1e-2


def test_what_is_predicted_does_not_see_what_is_predicted() -> None:
    network = reader(model(SHAPES["post-norm"]))
    changed = TARGET.copy()
    changed[2:] = 11
    before, after = network.read(SOURCE, TARGET), network.read(SOURCE, changed)
    np.testing.assert_array_equal(before.logits[:3], after.logits[:3])
    assert not np.allclose(before.logits[3:], after.logits[3:])


def test_nothing_is_a_sentence_too() -> None:
    empty = np.zeros(0, dtype=np.int32)
    found: Reading = reader(model(SHAPES["pre-norm"])).read(empty, empty)
    assert found.memory.shape == (1, 8) and found.logits.shape == (1, 19) and np.all(found.cross == 1)


def test_weights_of_another_network_are_refused() -> None:
    weights = {name: array.numpy() for name, array in model(SHAPES["pre-norm"]).state_dict().items()}
    with pytest.raises(CheckpointError, match=r"here: .*decoder\.0"):
        TransformerReader(TransformerShape(19, 2, 3, 2, 8, 13), {**weights, **encoder_of(weights)}, "here")
    del weights["decoder_norm.bias"]
    with pytest.raises(CheckpointError, match="lack decoder_norm.bias"):
        TransformerReader(SHAPES["pre-norm"], weights)


def encoder_of(weights: dict[str, Any]) -> dict[str, Any]:
    """The encoder's feed-forward layers one unit wider, so that the first misfit is in the decoder."""
    wide: dict[str, Any] = {}
    for name, array in weights.items():
        if name.startswith("encoder") and "inner" in name:
            wide[name] = np.concatenate([array, array[:1]])
        elif name.startswith("encoder") and name.endswith("outer.weight"):
            wide[name] = np.concatenate([array, array[:, :1]], axis=1)
    return wide
