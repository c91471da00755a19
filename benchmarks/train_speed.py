"""Training speed of one LSTM layer of 512: our step against a plain fp32 nn.LSTM loop, in turns in one process.

Both see batches of 64 x 64 characters of the same text, clip at 1 and use fused AdamW; the plain loop has an embedding as
wide as the layer or as ours (both are printed), and the better of one and two threads.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

import torch
import torch.nn.functional as F
from report import data_file, header, table
from torch import nn

from seqgen.config import Config
from seqgen.tokenizers import tokenizer_class
from seqgen.training.language.task import LanguageTask
from seqgen.training.trainer import Trainer


class Plain(nn.Module):
    """What anybody would write first."""

    def __init__(self, vocab: int, embedding: int, hidden: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocab, embedding)
        self.lstm = nn.LSTM(embedding, hidden)
        self.output = nn.Linear(hidden, vocab)

    def forward(self, ids, state):
        hidden, state = self.lstm(self.embedding(ids), state)
        return self.output(hidden), state


def plain_step(ids: torch.Tensor, vocab: int, embedding: int, hidden: int, batch: int, length: int) -> Callable[[], None]:
    """A closure that makes one training step of the plain loop."""
    model = Plain(vocab, embedding, hidden)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, fused=True)
    state = None
    position = 0

    def step() -> None:
        nonlocal state, position
        rows = torch.arange(batch) * (len(ids) // batch) + position  # [B]
        window = ids[rows[None, :] + torch.arange(length + 1)[:, None]]  # [T + 1, B]
        logits, state = model(window[:-1], state)
        state = tuple(s.detach() for s in state)
        loss = F.cross_entropy(logits.flatten(0, 1), window[1:].flatten())
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        loss.item()
        position = (position + length) % (len(ids) // batch - length - 1)

    return step


def rate(step: Callable[[], None], symbols: int, steps: int) -> float:
    """Symbols a second over some steps."""
    begin = time.perf_counter()
    for _ in range(steps):
        step()
    return steps * symbols / (time.perf_counter() - begin)


def main() -> None:
    """Measure in turns, print medians and ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hidden", type=int, default=512)
    parser.add_argument("--embedding", type=int, default=69)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    batch, length, hidden = 64, 64, arguments.hidden
    header(f"Training speed: LSTM 1 x {hidden}, batch {batch} x {length}")
    text = data_file("tinyshakespeare.txt").read_text(encoding="utf-8")
    tokenizer = tokenizer_class("char").train([text])
    ids = tokenizer.encode(text)
    vocab = len(tokenizer)
    steps: dict[str, Callable[[], None]] = {}
    for precision in ("fp32", "bf16"):
        config = Config(arch="lstm", layers=1, hidden=hidden, embedding=arguments.embedding, dropout=0.0, batch_size=batch,
                        bptt=length, precision=precision)  # fmt: skip
        trainer = Trainer(LanguageTask(config, vocab, ids, ids[:2], torch.device("cpu")))
        steps[f"seqgen {precision}"] = lambda trainer=trainer: trainer.step(1e-3)
    long_ids = torch.from_numpy(ids.astype("int64"))
    for width in (arguments.embedding, hidden):
        steps[f"plain nn.LSTM fp32, embedding {width}"] = plain_step(long_ids, vocab, width, hidden, batch, length)
    rates: dict[tuple[str, int], list[float]] = {}
    for threads in (1, 2):
        torch.set_num_threads(threads)
        for step in steps.values():
            rate(step, batch * length, 2)
        for _ in range(arguments.rounds):
            for name, step in steps.items():
                rates.setdefault((name, threads), []).append(rate(step, batch * length, 3))
    best = {name: max(statistics.median(rates[name, threads]) for threads in (1, 2)) for name in steps}
    base = best[f"plain nn.LSTM fp32, embedding {arguments.embedding}"]
    rows = [[n, f"{statistics.median(rates[n, 1]):,.0f}", f"{statistics.median(rates[n, 2]):,.0f}", f"{best[n] / base:.2f} x"]
            for n in steps]  # fmt: skip
    table(["loop", "characters/s, 1 thread", "2 threads", "best, against the plain loop of our shape"], rows)


if __name__ == "__main__":
    main()
