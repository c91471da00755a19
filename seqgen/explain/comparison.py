"""What came of each member of a comparison, from its run: how well it predicts, what that took, what it writes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from seqgen.data.text import fit_batch
from seqgen.families import family_of
from seqgen.families.recurrent import cell_of
from seqgen.generation import GenerateOptions, generate_text
from seqgen.opening import open_scorer, open_stretches
from seqgen.run import Run
from seqgen.threads import blas_threads
from seqgen.weights import GATES

SAMPLE_LENGTH, SAMPLE_SEED = 200, 1


@dataclass(frozen=True)
class Figures:
    """One member. `bits` a held-out character, None where nothing was held out; `seconds` from the start of its process to
    the end, over all sittings; `symbols` that the network learnt from, `passes` over the text, `speed` in symbols a second of
    training steps; `parameters` of the network, of a model that only counts the n-grams that it keeps; `memory` in bytes.

    `curve` holds (seconds, step, bits a character), held out and approximate, on the text that was learnt where nothing was
    held out. `gates` are the matrices of one layer (1, 3 or 4) of a recurrent network alone, None for all else; `counts` says
    that there is no network, `alone` that there is one and nothing that counts beside it.
    """

    name: str
    arch: str
    order: int | None
    bits: float | None
    seconds: float
    steps: int
    symbols: int
    passes: float
    speed: float | None
    parameters: int
    memory: int | None
    curve: tuple[tuple[float, int, float], ...]
    sample: str
    plan: str
    gates: int | None
    counts: bool
    alone: bool


def figures_of(run: Run, name: str, memory: int | None) -> Figures:
    """The figures of a run that has finished. Raises CheckpointError where it is damaged."""
    info, config = run.info, run.info.config
    family = family_of(config)
    train = int(info.corpus["train"])
    seconds, symbols = info.seconds.get("training", 0.0), _symbols_read(run, train)
    network = family.network is not None
    cell = None if family.counts else cell_of(config)
    return Figures(
        name=name,
        arch=config.arch,
        order=config.order,
        bits=info.scores.get("valid", {}).get("bits_per_char"),
        seconds=info.elapsed,
        steps=info.step,
        symbols=symbols,
        passes=symbols / max(1, train),
        speed=symbols / seconds if network and seconds else None,
        parameters=family.parameters(config, info.vocab_size) if network else len(run.arrays("markov")["prob"]),
        memory=memory,
        curve=tuple(_curve(run)),
        sample=sample_of(run),
        plan=info.plan.removeprefix("plan: "),
        gates=None if cell is None else GATES[cell],
        counts=not network,
        alone=network and not family.counts,
    )


def sample_of(run: Run) -> str:
    """What a run writes without a prompt; the same each time."""
    options, rng = GenerateOptions(length=SAMPLE_LENGTH), np.random.default_rng(SAMPLE_SEED)
    with blas_threads(1):
        pieces = generate_text(open_scorer(run), run.tokenizer(), "", options, rng, stretches=open_stretches(run))
        return "".join(piece.text for piece in pieces)


def _symbols_read(run: Run, train: int) -> int:
    """Symbols that the steps learnt from; a model that counts reads the text once."""
    config = run.info.config
    if family_of(config).network is None or not (config.batch_size and config.bptt):
        return train
    batch, length = fit_batch(train, config.batch_size, config.bptt)
    return run.info.step * batch * length * config.accumulate


def _curve(run: Run) -> list[tuple[float, int, float]]:
    """What was reported while it was trained."""
    valid: dict[str, Any] = run.info.scores.get("valid", {})
    # Reports are in nats a symbol, of which a character may have several.
    per_char = valid["tokens"] / valid["chars"] if valid.get("chars") else 1.0
    key = "valid_approximate" if valid else "train"
    return [
        (float(row.get("seconds") or 0.0), int(row["step"]), nats / math.log(2) * per_char)
        for row in run.rows()
        if (nats := row.get(key)) is not None
    ]
