"""A recurrent language model: symbols in, hidden states out."""

from __future__ import annotations

import math
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from seqgen.nn.cells import GRU, LSTM, RNN
from seqgen.nn.dropout import dropout
from seqgen.weights import GATES, RNNShape

State = tuple[Tensor, ...]
DTYPES = {"fp32": None, "bf16": torch.bfloat16}


class Recurrence(nn.Module):
    """The parameters of all layers, named as torch.nn names them."""

    def __init__(self, shape: RNNShape) -> None:
        super().__init__()
        rows = GATES[shape.cell] * shape.hidden
        bound = 1 / math.sqrt(shape.hidden)
        for layer in range(shape.layers):
            width = shape.input_size if layer == 0 else shape.hidden
            for name, size in (("weight_ih", (rows, width)), ("weight_hh", (rows, shape.hidden)),
                               ("bias_ih", (rows,)), ("bias_hh", (rows,))):  # fmt: skip
                self.register_parameter(f"{name}_l{layer}", nn.Parameter(torch.empty(size).uniform_(-bound, bound)))
            if shape.cell == "lstm":
                with torch.no_grad():
                    self.get_parameter(f"bias_ih_l{layer}")[shape.hidden : 2 * shape.hidden] = 1
                    self.get_parameter(f"bias_hh_l{layer}")[shape.hidden : 2 * shape.hidden] = 0

    def of_layer(self, layer: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """weight_ih, weight_hh, bias_ih, bias_hh."""
        w_ih, w_hh, b_ih, b_hh = (
            self.get_parameter(f"{name}_l{layer}") for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        )
        return w_ih, w_hh, b_ih, b_hh


class RNNModel(nn.Module):
    """Embedding or one-hot input, recurrent layers, and the output layer's parameters, which a loss elsewhere reads."""

    def __init__(self, shape: RNNShape, dropout: float = 0.0, precision: Literal["fp32", "bf16"] | str = "fp32") -> None:
        super().__init__()
        self.shape, self.dropout, self.precision = shape, dropout, precision
        if shape.embedding:
            self.embedding = nn.Embedding(shape.vocab_size, shape.embedding)
        self.rnn = Recurrence(shape)
        self.output = nn.Linear(shape.hidden, shape.vocab_size)

    def zero_state(self, batch: int) -> State:
        """The state before the first symbol: (h,) or, for the LSTM, (h, c), each [layers, B, H]."""
        one = self.output.weight.new_zeros(self.shape.layers, batch, self.shape.hidden)
        return (one, one.clone()) if self.shape.cell == "lstm" else (one,)

    def forward(self, ids: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """Read ids [T, B]; return the top layer's hidden states [T, B, H], after dropout, and the new state."""
        state = state or self.zero_state(ids.shape[1])
        dtype = DTYPES[self.precision] or self.output.weight.dtype
        ends: list[State] = []
        x = self._first_inputs(ids)
        for layer in range(self.shape.layers):
            w_ih, w_hh, b_ih, b_hh = self.rnn.of_layer(layer)
            if layer:
                bias = b_ih if self.shape.cell == "gru" else b_ih + b_hh
                x = F.linear(x.to(dtype), w_ih.to(dtype)).to(bias.dtype) + bias
            x, end = self._layer(x, tuple(s[layer] for s in state), w_hh, b_hh, dtype)
            ends.append(end)
            if self.training:
                x = dropout(x, self.dropout)
        return x, tuple(torch.stack(parts) for parts in zip(*ends, strict=True))

    def _first_inputs(self, ids: Tensor) -> Tensor:
        """The first layer's input product [T, B, gates * H], read from a table with one row a symbol."""
        w_ih, _, b_ih, b_hh = self.rnn.of_layer(0)
        bias = b_ih if self.shape.cell == "gru" else b_ih + b_hh
        if self.shape.embedding:
            embedding = self.embedding.weight
            if self.training:
                embedding = dropout(embedding, self.dropout)
            table = F.linear(embedding, w_ih, bias)  # [V, gates * H]
        else:
            table = w_ih.t() + bias
        return F.embedding(ids, table)

    def _layer(self, x: Tensor, state: State, w: Tensor, b: Tensor, dtype: torch.dtype) -> tuple[Tensor, State]:
        if self.shape.cell == "lstm":
            h, c = LSTM.apply(x, state[0], state[1], w, dtype)  # type: ignore[no-untyped-call]
            return h, (h[-1], c)
        if self.shape.cell == "gru":
            h = GRU.apply(x, state[0], w, b, dtype)  # type: ignore[no-untyped-call]
        else:
            h = RNN.apply(x, state[0], w, dtype, self.shape.nonlinearity)  # type: ignore[no-untyped-call]
        return h, (h[-1],)
