"""Training speed of a Transformer of 4 + 4 layers of 128: our step against a plain fp32 loop over torch.nn.Transformer.

All read the same batches of Multi30k (padding does not count as a token, the end of a sentence does), clip at 1 and use
fused AdamW; the better of one and two threads stands. The plain loop ties its embeddings too; torch.nn.Transformer also
drops out attention weights and inner activations. What each trick is worth: translation_tricks.py.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
from report import header, table
from torch import Tensor, nn
from translation_common import SHAPE, in_turns, medians, multi30k_pairs, seconds

from seqgen.data.parallel import PairIds
from seqgen.tokenizers.base import PAD
from seqgen.training.merge import begun
from seqgen.training.trainer import Trainer
from seqgen.training.translation.task import TranslationTask
from seqgen.weights import sinusoids

DROPOUT, SMOOTHING, RATE = 0.3, 0.1, 1e-3


class Plain(nn.Module):
    """What anybody would write first."""

    def __init__(self, vocab: int) -> None:
        super().__init__()
        width, layers = SHAPE["hidden"], SHAPE["layers"]
        self.embedding = nn.Embedding(vocab, width, padding_idx=PAD)
        nn.init.normal_(self.embedding.weight, std=width**-0.5)
        self.register_buffer("positions", torch.from_numpy(sinusoids(512, width)))
        self.dropout = nn.Dropout(DROPOUT)
        self.transformer = nn.Transformer(
            width, SHAPE["heads"], layers, SHAPE["decoder_layers"], SHAPE["ffn"], DROPOUT, batch_first=True
        )

    def forward(self, source: Tensor, inputs: Tensor) -> Tensor:
        padding = source == PAD
        causal = nn.Transformer.generate_square_subsequent_mask(inputs.shape[1])
        hidden = self.transformer(
            self.embed(source), self.embed(inputs), tgt_mask=causal, tgt_is_causal=True,
            src_key_padding_mask=padding, memory_key_padding_mask=padding,
        )  # fmt: skip
        return F.linear(hidden, self.embedding.weight)

    def embed(self, ids: Tensor) -> Tensor:
        return self.dropout(self.embedding(ids) * math.sqrt(SHAPE["hidden"]) + self.positions[: ids.shape[1]])


class Loop:
    """Some loop that learns from one batch after the other; measures its own speed."""

    def __init__(self, task: TranslationTask, step: Callable[[int], object]) -> None:
        self.task, self.step, self.done = task, step, 0

    def rate(self, threads: int, steps: int) -> float:
        """Target tokens a second over the next steps."""
        torch.set_num_threads(threads)
        lengths = self.task.batches.pairs.target_lengths
        tokens = sum(int((lengths[self.task.batches.rows(k)] + 1).sum()) for k in range(self.done, self.done + steps))
        taken = seconds(lambda: [self.step(k) for k in range(self.done, self.done + steps)])
        self.done += steps
        return tokens / taken


def task_of(pairs: PairIds, vocab: int, precision: str, max_tokens: int, dropout: float = DROPOUT) -> TranslationTask:
    """A task whose config has no gaps."""
    given = {**SHAPE, "dropout": dropout, "label_smoothing": SMOOTHING, "max_tokens": max_tokens, "precision": precision}
    config = begun({**given, "lr": RATE, "clip": 1.0, "warmup": 0.08, "steps": 10**6}, "translation")
    return TranslationTask(config, vocab, pairs, pairs, torch.device("cpu"))


def our_loop(task: TranslationTask) -> Loop:
    """Our step, batches made on the way."""
    trainer = Trainer(task)

    def step(k: int) -> None:
        assert trainer.step_count == k and trainer.step(RATE)

    return Loop(task, step)


def plain_loop(task: TranslationTask, vocab: int) -> Loop:
    """The plain loop."""
    model = Plain(vocab)
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, betas=(0.9, 0.98), fused=True)

    def step(k: int) -> None:
        batch = task.batches.batch(k)
        source, inputs, outputs = (torch.from_numpy(part) for part in (batch.source, batch.inputs, batch.outputs))
        logits = model(source, inputs)
        loss = F.cross_entropy(logits.flatten(0, 1), outputs.flatten(), ignore_index=PAD, label_smoothing=SMOOTHING)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        loss.item()

    return Loop(task, step)


def show(loops: dict[str, Loop], base: str, rounds: int, steps: int) -> None:
    """Speeds in turns with one and two threads."""
    cases = {(name, threads): lambda loop=loop, threads=threads: loop.rate(threads, steps)
             for threads in (1, 2) for name, loop in loops.items()}  # fmt: skip
    found = medians(in_turns(cases, rounds))
    best = {name: max(found[name, 1], found[name, 2]) for name in loops}
    rows = [[n, f"{found[n, 1]:,.0f}", f"{found[n, 2]:,.0f}", f"{best[n] / best[base]:.2f} x"] for n in loops]
    table(["loop", "target tokens/s, 1 thread", "2 threads", f"best, against {base}"], rows)


def main() -> None:
    """Measure in turns, print medians and ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--vocab-size", type=int, default=8000)
    parser.add_argument("--max-tokens", type=int, default=4096)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=4, help="a measurement")
    arguments = parser.parse_args()
    header(
        f"Training speed: Transformer 4 + 4 x {SHAPE['hidden']}, batches of {arguments.max_tokens:,} tokens, dropout {DROPOUT}"
    )
    pairs, vocab = multi30k_pairs(arguments.vocab_size)
    tasks = {precision: task_of(pairs, vocab, precision, arguments.max_tokens) for precision in ("fp32", "bf16")}
    loops = {f"seqgen {precision}": our_loop(task) for precision, task in tasks.items()}
    base = "torch.nn.Transformer fp32"
    loops[base] = plain_loop(tasks["fp32"], vocab)
    tokens = tasks["fp32"].symbols_per_step()
    print(f"{vocab:,} pieces, {tokens:,.0f} target tokens a batch on average\n", flush=True)
    show(loops, base, arguments.rounds, arguments.steps)


if __name__ == "__main__":
    main()
