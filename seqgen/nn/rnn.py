"""Recurrent language models: a table of inputs, recurrent layers, an output layer.

The recurrence itself is torch.nn's, whose LSTM runs at nearly the speed of the machine's matrix products; what torch.nn
lacks, the sigmoid recurrence of the textbooks, is written out below. Gates of a GRU: Cho et al. 2014, in the variant of
torch.nn, which applies the reset gate after the recurrent product. LSTM: Hochreiter & Schmidhuber 1997 with forget gates
(Gers et al. 2000), whose bias begins at 1 so that the memory begins by remembering (Jozefowicz et al. 2015, §5).

Shape legend: T length, B streams, V vocabulary, E embedding, H hidden, L layers.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from seqgen.nn.dropout import Dropout
from seqgen.weights import RNNShape

State = tuple[Tensor, ...]


class RNNModel(nn.Module):
    """Ids in, hidden states out; the loss is computed elsewhere from them and `output`.

    `precision` "bf16" multiplies matrices in bfloat16; weights stay float32 either way.
    """

    def __init__(self, shape: RNNShape, dropout: float = 0.0, precision: str = "fp32") -> None:
        super().__init__()
        self.shape = shape
        self.precision = precision
        if shape.embedding:
            self.embedding = nn.Embedding(shape.vocab_size, shape.embedding)
        self.dropout = Dropout(dropout)
        self.rnn = _recurrence(shape, dropout)
        self.output = nn.Linear(shape.hidden, shape.vocab_size)
        self._initialise()

    def forward(self, ids: Tensor, state: State) -> tuple[Tensor, State]:
        """Ids [T, B] and a state (from zero_state or a previous call) to hidden states [T, B, H] and the next state."""
        lstm = self.shape.cell == "lstm"
        with torch.autocast(ids.device.type, torch.bfloat16, enabled=self.precision == "bf16"):
            inputs = self.embedding(ids) if self.shape.embedding else F.one_hot(ids, self.shape.vocab_size).float()
            hidden, after = self.rnn(self.dropout(inputs), state if lstm else state[0])  # [T, B, E] -> [T, B, H]
        return self.dropout(hidden.float()), tuple(part.float() for part in after) if lstm else (after.float(),)

    def zero_state(self, batch: int) -> State:
        """No memory: h, and for an LSTM c, each [L, B, H]."""
        parts = 2 if self.shape.cell == "lstm" else 1
        zero = self.output.weight.new_zeros(self.shape.layers, batch, self.shape.hidden)
        return (zero,) * parts

    def output_layer(self) -> tuple[Tensor, Tensor]:
        """Weight [V, H] and bias [V] that turn hidden states into logits."""
        return self.output.weight, self.output.bias

    def _initialise(self) -> None:
        """As torch.nn does it (uniform in +-1/sqrt(H), embeddings normal), except for the output bias and the forget gate."""
        nn.init.zeros_(self.output.bias)
        if self.shape.cell == "lstm":
            hidden = self.shape.hidden
            for name, parameter in self.rnn.named_parameters():
                if name.startswith("bias"):
                    nn.init.zeros_(parameter)
                if name.startswith("bias_ih"):
                    nn.init.ones_(parameter[hidden : 2 * hidden].detach())


def _recurrence(shape: RNNShape, dropout: float) -> nn.Module:
    """The recurrent layers; dropout between them is torch.nn's."""
    between = dropout if shape.layers > 1 else 0.0
    sizes = (shape.input_size, shape.hidden, shape.layers)
    if shape.cell == "lstm":
        return nn.LSTM(*sizes, dropout=between)
    if shape.cell == "gru":
        return nn.GRU(*sizes, dropout=between)
    if shape.nonlinearity == "sigmoid":
        return SigmoidRNN(*sizes, dropout=between)
    return nn.RNN(*sizes, nonlinearity=shape.nonlinearity, dropout=between)


def lstm_multiplies_bf16() -> bool:
    """Whether this CPU runs torch's LSTM in bfloat16: oneDNN has no such kernel for processors without 512-bit vectors."""
    lstm, x = nn.LSTM(1, 1), torch.zeros(1, 1, 1)
    try:
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
            lstm(x)
    except RuntimeError:
        return False
    return True


class SigmoidRNN(nn.Module):
    """h_t = sigmoid(W_ih x_t + b_ih + W_hh h_{t-1} + b_hh): the recurrence in which gradients vanish fastest.

    The sigmoid's slope is at most 1/4, so each step back in time shrinks the gradient by that much at least for weights
    of norm one (Bengio, Simard & Frasconi 1994).
    """

    def __init__(self, input_size: int, hidden: int, layers: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.layers = layers
        self.dropout = Dropout(dropout)
        bound = hidden**-0.5
        for layer in range(layers):
            width = input_size if layer == 0 else hidden
            for name, size in (("weight_ih", (hidden, width)), ("weight_hh", (hidden, hidden)), ("bias_ih", (hidden,)),
                               ("bias_hh", (hidden,))):  # fmt: skip
                self.register_parameter(f"{name}_l{layer}", nn.Parameter(torch.empty(size).uniform_(-bound, bound)))

    def forward(self, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """x [T, B, E] and h [L, B, H] to the last layer's h at all times [T, B, H] and the next state [L, B, H]."""
        after = []
        for layer in range(self.layers):
            weight_ih, weight_hh, bias_ih, bias_hh = (
                self.get_parameter(f"{name}_l{layer}") for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
            )
            # The input's part at all times is one product; only the recurrent part must go step by step.
            inputs = F.linear(x, weight_ih, bias_ih + bias_hh)  # [T, B, H]
            h = state[layer]
            steps = []
            for step in inputs.unbind(0):
                h = torch.sigmoid(step + F.linear(h, weight_hh))  # [B, H]
                steps.append(h)
            after.append(h)
            x = torch.stack(steps)  # [T, B, H]
            if layer + 1 < self.layers:
                x = self.dropout(x)
        return x, torch.stack(after)
