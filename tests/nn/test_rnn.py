"""The networks: names, initial values, carried state, dropout, and that they learn the textbook's word."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from seqgen.nn.dropout import Dropout
from seqgen.nn.rnn import RNNModel, SigmoidRNN, lstm_multiplies_bf16
from seqgen.weights import RNNShape, rnn_weights

SHAPES = [
    RNNShape(cell, 11, layers, 12, embedding, nonlinearity)  # type: ignore[arg-type]
    for cell, nonlinearity in (("lstm", "tanh"), ("gru", "tanh"), ("rnn", "tanh"), ("rnn", "relu"), ("rnn", "sigmoid"))
    for layers in (1, 2)
    for embedding in (0, 6)
]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_the_arrays_are_the_contract(shape: RNNShape) -> None:
    found = {name: tuple(value.shape) for name, value in RNNModel(shape).state_dict().items()}
    assert found == rnn_weights(shape)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_a_carried_state_is_as_good_as_one_pass(shape: RNNShape) -> None:
    model = RNNModel(shape).eval()
    ids = torch.randint(shape.vocab_size, (10, 3))
    whole, _ = model(ids, model.zero_state(3))
    first, state = model(ids[:4], model.zero_state(3))
    second, _ = model(ids[4:], state)
    torch.testing.assert_close(torch.cat([first, second]), whole, atol=1e-6, rtol=1e-5)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_bfloat16_is_near(shape: RNNShape) -> None:
    if shape.cell == "lstm" and not lstm_multiplies_bf16():
        pytest.skip("this processor has no bfloat16 for an LSTM")
    torch.manual_seed(0)
    exact = RNNModel(shape).eval()
    rough = RNNModel(shape, precision="bf16").eval()
    rough.load_state_dict(exact.state_dict())
    ids = torch.randint(shape.vocab_size, (8, 4))
    a, _ = exact(ids, exact.zero_state(4))
    b, _ = rough(ids, rough.zero_state(4))
    assert b.dtype == torch.float32 and (a - b).abs().max() < 0.03


@pytest.mark.parametrize("layers", [1, 2])
def test_the_sigmoid_recurrence_against_a_loop(layers: int) -> None:
    torch.manual_seed(1)
    ours = SigmoidRNN(5, 7, layers)
    x, h = torch.randn(6, 2, 5), torch.randn(layers, 2, 7)
    found, after = ours(x, h)
    reference = nn.RNN(5, 7, layers)
    for layer in range(layers):
        weight_ih, weight_hh, bias_ih, bias_hh = (
            getattr(ours, f"{n}_l{layer}") for n in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        )
        state, steps = h[layer], []
        for t in range(6):
            state = 1 / (1 + torch.exp(-(x[t] @ weight_ih.T + bias_ih + state @ weight_hh.T + bias_hh)))
            steps.append(state)
        x = torch.stack(steps)
        torch.testing.assert_close(after[layer], state)
    torch.testing.assert_close(found, x)
    assert set(reference.state_dict()) == set(ours.state_dict())


def test_an_lstm_begins_by_remembering() -> None:
    model = RNNModel(RNNShape("lstm", 11, 2, 12, 6))
    for layer in range(2):
        bias = (model.rnn.get_parameter(f"bias_ih_l{layer}") + model.rnn.get_parameter(f"bias_hh_l{layer}")).detach()
        np.testing.assert_array_equal(bias.numpy(), [0] * 12 + [1] * 12 + [0] * 24)


@pytest.mark.parametrize("rate", [0.1, 0.3, 0.5])
def test_dropout_drops_its_share_and_keeps_the_mean(rate: float) -> None:
    torch.manual_seed(0)
    drop, x = Dropout(rate), torch.ones(400, 501)
    y = drop(x)
    # 1/256 for the rounded rate, and five standard deviations for chance.
    assert abs(float((y == 0).float().mean()) - rate) < 1 / 512 + 5 * (rate * (1 - rate) / x.numel()) ** 0.5
    assert abs(float(y.mean()) - 1) < 0.01
    columns = (y == 0).float().mean(0)
    assert float(columns.max() - columns.min()) < 0.3, "no column of bytes is special"
    torch.manual_seed(0)
    assert torch.equal(drop(x), y) and not torch.equal(drop(x), y)
    assert drop.eval()(x) is x


@pytest.mark.parametrize("text", ["hihello", "if you want you"])
def test_a_vanilla_rnn_learns_the_textbooks_words(text: str) -> None:
    """One-hot input, predicting each next character, as in the classic exercise."""
    torch.manual_seed(0)
    alphabet = sorted(set(text))
    ids = torch.tensor([alphabet.index(c) for c in text])[:, None]
    model = RNNModel(RNNShape("rnn", len(alphabet), 1, 2 * len(alphabet), 0))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
    for _ in range(150):
        hidden, _ = model(ids[:-1], model.zero_state(1))
        logits = model.output(hidden)[:, 0]
        loss = nn.functional.cross_entropy(logits, ids[1:, 0])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert "".join(alphabet[i] for i in logits.argmax(-1)) == text[1:]
