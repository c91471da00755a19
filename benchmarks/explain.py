"""Looking inside: how long each `seqgen explain` takes on the committed runs, against `import torch`; how close what it shows
is to torch.nn; what gradients are left at distance 50.

Each command is a process of its own, with its output into a pipe; the median of some rounds, in turns with the baseline.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from report import header, table

from seqgen.explain.gates import trace_gates
from seqgen.infer.transformer import TransformerReader
from seqgen.nn.rnn import RNNModel
from seqgen.nn.transformer import TransformerModel
from seqgen.weights import RNNShape, TransformerShape

ROOT = Path(__file__).parent.parent
ENGLISH, RNN, FRENCH = (
    str(ROOT / "checkpoints" / name) for name in ("tiny-english", "tiny-english-rnn", "tiny-english-french")
)
SENTENCE = "The old sailor sees 3 boats."
SEQGEN = (sys.executable, "-m", "seqgen")
QUICK = {
    "surprise": ("-m", ENGLISH, "-p", "The old door was open, and nobody was there."),
    "surprise of a pair": ("-m", FRENCH, "-p", SENTENCE, "--target", "Le vieux marin voit 3 bateaux."),
    "attention": ("-m", FRENCH, SENTENCE, "--word", "sailor"),
    "gates": ("-m", ENGLISH, "The old door was open, and nobody was there."),
    "gates at a place": ("-m", ENGLISH, "The old door was open, and nobody was there.", "--at", "1:9"),
    "state": ("-m", RNN, "The old door was open, and nobody was there."),
    "shapes": (),
    "context": ("-m", ENGLISH, "The old door was open, and nobody was there."),
    "positions": ("-m", FRENCH, SENTENCE),
    "attention step by step": ("-m", FRENCH, SENTENCE, "--steps", "--word", "sees"),
    "attention as a grid": ("-m", FRENCH, SENTENCE, "--grid"),
    "layers": ("The dog sleeps.", "--replace", "dog=cat"),
}


def seconds(command: tuple[str, ...]) -> float:
    """Wall-clock time of a process; a failure ends the benchmark."""
    began = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - began


def quick(rounds: int) -> None:
    """Those that need no torch, in turns with importing it."""
    base = "import torch"
    cases = {base: (sys.executable, "-c", "import torch")}
    cases |= {name: (*SEQGEN, "explain", name.split()[0], "-q", *arguments) for name, arguments in QUICK.items()}
    with tempfile.TemporaryDirectory() as folder:
        for kind in ("svg", "png"):
            picture = ("-q", *QUICK["attention"], "-o", f"{folder}/x.{kind}")
            cases[f"attention with a picture, {kind}"] = (*SEQGEN, "explain", "attention", *picture)
        for run in (ENGLISH, FRENCH):
            cases[f"report of {Path(run).name}"] = (*SEQGEN, "report", "-q", "-m", run, "-o", f"{folder}/x.html")
        found: dict[str, list[float]] = {name: [] for name in cases}
        for _ in range(rounds + 1):
            for name, command in cases.items():
                found[name].append(seconds(command))
    medians = {name: statistics.median(values[1:]) for name, values in found.items()}
    table(["command", "seconds", "against import torch"],
          [[name, f"{value:.2f}", f"{value / medians[base]:.2f} x"] for name, value in medians.items()])  # fmt: skip


def slow(corpus: Path) -> None:
    """Those that measure something: once each."""
    began = time.perf_counter()
    done = subprocess.run([*SEQGEN, "explain", "gradients", str(corpus), "--json", "-q"], check=True, stdout=subprocess.PIPE)
    gradients = time.perf_counter() - began
    memory = seconds((*SEQGEN, "explain", "memory", "-q"))
    table(["command", "seconds"], [["gradients", f"{gradients:.1f}"], ["memory", f"{memory:.1f}"]])
    show_gradients(json.loads(done.stdout))


def show_gradients(record: dict) -> None:
    """Gradients left at a distance of 50, and the LSTM's against those of the vanilla RNN with tanh."""
    stages = {"start": "at the start", "trained": "after training"}
    left = {(network["network"], stage): network[stage]["relative"][50] for network in record["networks"] for stage in stages}
    names = [network["network"] for network in record["networks"]]
    table(["gradient at distance 50 / at 0", *stages.values()],
          [[name, *(f"{left[name, stage]:.2e}" for stage in stages)] for name in names])  # fmt: skip
    ratios = (f"{left['LSTM', stage] / left['tanh RNN', stage]:,.3g} {when}" for stage, when in stages.items())
    print(f"LSTM over vanilla tanh at distance 50: {', '.join(ratios)}; {record['steps']:,} steps each\n")


def oracles() -> None:
    """The greatest differences to torch.nn, over some random networks."""
    rows = [[f"{cell}: h, c", f"{recurrent_difference(cell):.1e}"] for cell in ("lstm", "gru")]
    rows.append(["attention weights: torch.nn.MultiheadAttention, need_weights", f"{attention_difference():.1e}"])
    table(["against torch.nn", "greatest difference"], rows)


def recurrent_difference(cell: str) -> float:
    """Of all states of two layers over 200 symbols, 5 seeds."""
    worst = 0.0
    for seed in range(5):
        torch.manual_seed(seed)
        shape = RNNShape(cell, 50, 2, 64, 32)  # type: ignore[arg-type]
        model = RNNModel(shape).eval()
        ids = np.random.default_rng(seed).integers(4, 50, 200)
        traced = trace_gates(shape, {name: value.numpy() for name, value in model.state_dict().items()}, ids)
        x, state = model.embedding(torch.from_numpy(ids)[:, None]), model.zero_state(1)
        with torch.no_grad():
            for place in range(len(ids)):
                whole = state if cell == "lstm" else state[0]
                _, after = model.rnn(x[place : place + 1], whole)
                state = after if cell == "lstm" else (after,)
                for layer in range(2):
                    worst = max(worst, float(np.abs(traced.layers[layer].h[place] - state[0][layer, 0].numpy()).max()))
                    if cell == "lstm":
                        worst = max(worst, float(np.abs(traced.layers[layer].c[place] - state[1][layer, 0].numpy()).max()))
    return worst


def attention_difference() -> float:
    """Of the first encoder layer's maps, whose input is the embedded sentence, 5 seeds; post-norm, so that nothing lies
    between the embedding and the attention."""
    worst = 0.0
    for seed in range(5):
        torch.manual_seed(seed)
        shape = TransformerShape(60, 1, 1, 4, 32, 64, pre_norm=False)
        model = TransformerModel(shape).eval()
        source = np.random.default_rng(seed).integers(4, 60, 20)
        reading = TransformerReader(shape, {n: v.numpy() for n, v in model.state_dict().items()}).read(source, source[:5])
        oracle = torch.nn.MultiheadAttention(32, 4, batch_first=True)
        own = model.encoder[0].self_attention
        state = {"in_proj_weight": own.inputs.weight, "in_proj_bias": own.inputs.bias,
                 "out_proj.weight": own.outputs.weight, "out_proj.bias": own.outputs.bias}  # fmt: skip
        oracle.load_state_dict(state)
        with torch.no_grad():
            x = model._embed(torch.from_numpy(np.append(source, 3))[None], 0)
            _, weights = oracle(x, x, x, need_weights=True, average_attn_weights=False)
        worst = max(worst, float(np.abs(reading.encoder[0] - weights[0].numpy()).max()))
    return worst


def main() -> None:
    """Measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--corpus", type=Path, default=ROOT / "corpora" / "english.txt")
    arguments = parser.parse_args()
    header("Looking inside")
    quick(arguments.rounds)
    oracles()
    slow(arguments.corpus)


if __name__ == "__main__":
    main()
