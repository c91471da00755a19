"""How fast a Transformer writes text: the NumPy engine against a loop in torch that keeps keys and values as well.

Both have the same shape, windows that slide by half when they are full, and one stream. The loop is what one writes with
torch.nn.functional: one product for queries, keys and values, a cache that is filled in place, scaled_dot_product_attention,
torch.multinomial. Each is measured in a process of its own, in turns.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
from pathlib import Path

from generate_speed import SEQGEN, measure, train
from report import header, table

LOOP = """
import sys, time, torch
import torch.nn.functional as F
layers, width, heads, ffn, vocab, context, threads, length = map(int, sys.argv[1:9])
torch.set_num_threads(threads)
torch.manual_seed(0)
drawn = lambda *size: torch.randn(size) * size[-1] ** -0.5
stack = [(drawn(3 * width, width), drawn(width, width), drawn(ffn, width), drawn(width, ffn)) for _ in range(layers)]
table, bias = drawn(vocab, width), torch.zeros(vocab)
angles = torch.outer(torch.arange(context), 10_000.0 ** (-torch.arange(0, width // heads, 2) / (width // heads)))
turns = torch.polar(torch.ones_like(angles), angles)
cache = torch.zeros(layers, 2, 1, heads, context, width // heads)

def turned(x, first):
    pairs = torch.view_as_complex(x.reshape(*x.shape[:-1], -1, 2))
    return torch.view_as_real(pairs * turns[first : first + x.shape[-2]]).flatten(-2)

def read(ids, first):
    # The logits behind the last of ids [1, T], which stand from place `first` on.
    x, end = F.embedding(ids, table) * width**0.5, first + ids.shape[1]
    for (inputs, outputs, inner, outer), kept in zip(stack, cache):
        made = F.linear(F.rms_norm(x, (width,)), inputs).view(1, -1, 3, heads, width // heads).permute(2, 0, 3, 1, 4)
        query, kept[0][:, :, first:end], kept[1][:, :, first:end] = turned(made[0], first), turned(made[1], first), made[2]
        looked = F.scaled_dot_product_attention(query, kept[0][:, :, :end], kept[1][:, :, :end], is_causal=ids.shape[1] > 1)
        x = x + F.linear(looked.transpose(1, 2).flatten(2), outputs)
        x = x + F.linear(F.relu(F.linear(F.rms_norm(x, (width,)), inner)).square(), outer)
    return F.linear(F.rms_norm(x[:, -1], (width,)), table, bias)

with torch.inference_mode():
    def run(count):
        held = [4]
        for _ in range(count):
            if len(held) > context:
                held = held[-context // 2 :]
                read(torch.tensor([held[:-1]]), 0)
            logits = read(torch.tensor([held[-1:]]), len(held) - 1)
            held.append(torch.multinomial(torch.softmax(logits[0], -1), 1).item())
    run(200)
    begin = time.perf_counter(); run(length); print(length / (time.perf_counter() - begin))
"""


def main() -> None:
    """Measure in turns, print medians and ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--run", type=Path, help="a run to measure; else one of the planned shape is made")
    arguments = parser.parse_args()
    header("Generation speed: a Transformer")
    with tempfile.TemporaryDirectory() as name:
        run = arguments.run or train(Path(name), "transformer", "--steps", "20")
        config = json.loads((run / "config.json").read_text(encoding="utf-8"))
        settings = {key: one["value"] for key, one in config["settings"].items()}
        width = settings["hidden"]
        shape = (settings["layers"], width, settings["heads"], settings["ffn"] or 4 * width)
        loop = (*shape, config["vocab_size"], settings["bptt"])
        cases = {
            "torch loop with a cache, 1 thread": (LOOP, *loop, 1, 3000),
            "torch loop with a cache, 2 threads": (LOOP, *loop, 2, 3000),
            "seqgen, one stream": (SEQGEN, run, 1, 2, 10000),
            "seqgen, 64 samples": (SEQGEN, run, 64, 2, 1000),
        }
        rates: dict[str, list[float]] = {case: [] for case in cases}
        for _ in range(arguments.rounds):
            for case, call in cases.items():
                rates[case].append(measure(*call))
    found = {case: statistics.median(values) for case, values in rates.items()}
    base = max(value for case, value in found.items() if case.startswith("torch"))
    print(f"the run: {config['plan']}\n")
    table(
        ["what", "characters/s", "against the better torch loop"],
        [[case, f"{value:,.0f}", f"{value / base:.1f} x"] for case, value in found.items()],
    )


if __name__ == "__main__":
    main()
