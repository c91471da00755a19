"""What each trick of the translation step is worth: by itself, forward and backward, and taken back from the whole step.

The pieces have the sizes of a batch of 4,096 tokens; the step is that of translation_train_speed.py, in bfloat16.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from unittest.mock import patch

import torch
import torch.nn.functional as F
from report import header, table
from torch import Tensor, nn
from translation_common import SHAPE, in_turns, medians, multi30k_pairs, seconds
from translation_train_speed import DROPOUT, SMOOTHING, our_loop, task_of

from seqgen.data.parallel import PairIds
from seqgen.nn.attention import padding_bias, scaled_dot_product_attention
from seqgen.nn.dropout import Dropout
from seqgen.nn.transformer import FeedForward
from seqgen.training.loss import cross_entropy_sum
from seqgen.weights import TransformerShape

THREADS = 2


def torch_cross_entropy(
    hidden: Tensor, weight: Tensor, bias: Tensor, targets: Tensor, *, smoothing: float = 0.0, precision: str = "fp32"
) -> Tensor:
    """cross_entropy_sum over all logits at once."""
    with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bf16"):
        logits = F.linear(hidden, weight, bias)
    return F.cross_entropy(logits.float(), targets, reduction="sum", label_smoothing=smoothing)


def torch_attention(query: Tensor, key: Tensor, value: Tensor, bias: Tensor | None) -> tuple[Tensor, None]:
    """torch's fused kernel, which keeps the weights to itself."""
    return F.scaled_dot_product_attention(query, key, value, attn_mask=bias), None


Change = tuple[str, object]
Rate = Callable[[int], float]
WITHOUT: dict[str, Change] = {
    "torch.nn.functional.cross_entropy on all logits": ("seqgen.training.translation.cross_entropy_sum", torch_cross_entropy),
    "torch.nn.Dropout": ("seqgen.nn.transformer.Dropout", nn.Dropout),
    "torch's fused attention": ("seqgen.nn.attention.scaled_dot_product_attention", torch_attention),
}


@contextmanager
def changed(changes: Sequence[Change]) -> Iterator[None]:
    """The package with some names replaced."""
    with ExitStack() as stack:
        for name, value in changes:
            stack.enter_context(patch(name, value))
        yield


def step_without(
    pairs: PairIds, vocab: int, max_tokens: int, precision: str, changes: Sequence[Change]
) -> Callable[[int], float]:
    """Measures target tokens a second over so many steps, with some tricks taken back."""
    with changed(changes):
        loop = our_loop(task_of(pairs, vocab, precision, max_tokens))

    def rate(steps: int) -> float:
        with changed(changes):
            return loop.rate(THREADS, steps)

    return rate


def show_steps(pairs: PairIds, vocab: int, max_tokens: int, rounds: int, steps: int) -> None:
    """The bf16 step, then with one trick taken back at a time, then with all."""
    whole = f"our step, bf16, batches of {max_tokens:,} tokens"
    make = partial(step_without, pairs, vocab, max_tokens)
    rates = {whole: make("bf16", []), "... in fp32": make("fp32", [])}
    rates |= {f"... with {name}": make("bf16", [change]) for name, change in WITHOUT.items()}
    rates |= {f"... with all three, {precision}": make(precision, [*WITHOUT.values()]) for precision in ("bf16", "fp32")}
    found = medians(in_turns({name: partial(rate, steps) for name, rate in rates.items()}, rounds))
    rows = [[name, f"{value:,.0f}", f"{value / found[whole]:.2f} x"] for name, value in found.items()]
    table([f"step, {THREADS} threads", "target tokens/s", "of ours"], rows)


def timed(function: Callable[..., Tensor], *inputs: Tensor, precision: str = "fp32", repeat: int = 5) -> Callable[[], float]:
    """Measures milliseconds of forward and backward; the inputs are converted, weights of a layer by autocast."""
    dtype = torch.bfloat16 if precision == "bf16" else torch.float32
    leaves = [value.to(dtype).requires_grad_() for value in inputs]

    def once() -> None:
        with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bf16"):
            result = function(*leaves)
        result.backward(torch.ones_like(result))
        for leaf in leaves:
            leaf.grad = None

    return lambda: 1000 * seconds(once, repeat)


def show_pieces(vocab: int, rounds: int) -> None:
    """Each piece by itself."""
    torch.set_num_threads(THREADS)
    torch.manual_seed(0)
    x, weight, bias = (0.1 * torch.randn(*size) for size in ((4096, 128), (vocab, 128), (vocab,)))
    targets = torch.randint(4, vocab, (4096,))
    heads = [torch.randn(130, 4, 30, 32) for _ in range(3)]
    kept = torch.ones(130, 30, dtype=torch.bool)
    layer = FeedForward(TransformerShape(vocab_size=vocab, **SHAPE))
    cases: dict[str, Callable[[], float]] = {}
    for precision in ("fp32", "bf16"):
        # The loss decides on its own precision, and is called outside of autocast.
        for name, loss in (("torch, all logits", torch_cross_entropy), ("ours, in chunks", cross_entropy_sum)):
            function = partial(loss, smoothing=SMOOTHING, precision=precision)
            cases[f"output layer and loss, 4,096 x 128 x {vocab:,}: {name}, {precision}"] = timed(
                lambda h, w, b, function=function: function(h, w, b, targets), x, weight, bias
            )
        mask = padding_bias(kept, heads[0].bfloat16() if precision == "bf16" else heads[0])
        for name, attention in (("torch, fused", torch_attention), ("ours, written out", scaled_dot_product_attention)):
            cases[f"attention, 130 x 4 x 30 x 32: {name}, {precision}"] = timed(
                lambda q, k, v, attention=attention, mask=mask: attention(q, k, v, mask)[0], *heads, precision=precision
            )
        for name, dropout in (("torch", nn.Dropout(DROPOUT)), ("ours", Dropout(DROPOUT))):
            cases[f"dropout, 4,096 x 128: {name}, {precision}"] = timed(dropout, x, precision=precision)
        cases[f"feed-forward layer, 4,096 x 128 x 512: {precision}"] = timed(layer, x, precision=precision)
    found = medians(in_turns(cases, rounds))
    table([f"forward and backward, {THREADS} threads", "ms"], [[name, f"{found[name]:.2f}"] for name in sorted(found)])


def main() -> None:
    """Measure in turns, print medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--vocab-size", type=int, default=8000)
    parser.add_argument("--max-tokens", type=int, default=4096)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=4, help="a measurement")
    arguments = parser.parse_args()
    header("What each trick of the translation step is worth")
    show_pieces(arguments.vocab_size, arguments.rounds)
    pairs, vocab = multi30k_pairs(arguments.vocab_size)
    show_steps(pairs, vocab, arguments.max_tokens, arguments.rounds, arguments.steps)


if __name__ == "__main__":
    main()
