"""The figures of a run that its verdict is made from: its curve, its scores, and what it copies."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from seqgen.copies.spans import copied
from seqgen.data.primers import TEXTBOOK_LENGTH
from seqgen.data.text import fit_batch
from seqgen.families import family_of
from seqgen.metrics.verdict import Figures, Point, sentences
from seqgen.run import Run

# Symbols of a training text in which copies are looked for: a million take a tenth of a second.
MOST_SYMBOLS = 2_000_000
# Held-out symbols that are enough to say how much the text repeats itself.
MOST_HELD_OUT = 4_000
# Samples are looked at where the model that wrote them was hardly worse than the best.
NEAR = 1.02
# The most samples that are looked at, the last ones.
SAMPLES = 4


def verdict_of(run: Run) -> tuple[str, ...]:
    """What a run's figures mean, in sentences; none where it has not finished."""
    return sentences(figures_of(run)) if run.info.finished and not run.info.open else ()


def figures_of(run: Run) -> Figures:
    """What metrics.jsonl, config.json and the kept text say of a run. Loads no torch."""
    info, family = run.info, family_of(run.info.config)
    scores, translates = info.scores, info.kind == "translation"
    valid = _part(scores, "valid")
    # A symbol of a text is a character, a byte or a piece.
    per_char = valid["tokens"] / valid["chars"] if valid.get("tokens") and valid.get("chars") else 1.0
    curve = tuple(_point(row, per_char) for row in run.rows())
    counting = _part(scores, "markov").get("bits_per_char", info.baselines.get("counting"))
    written, repeated = (None, None) if translates else _copied(run, curve)
    train, held_out = info.corpus["train"], info.corpus["valid"]
    return Figures(
        task=info.kind,
        learns=family.network is not None,
        counts=family.counts,
        size=train + held_out if translates else round((train + held_out) / per_char),
        passes=_passes(run),
        curve=curve,
        used=valid.get("bits_per_char"),
        network=_part(scores, "network").get("bits_per_char"),
        counting=counting if held_out else None,
        exact=(int(valid["exact"]), int(valid["pairs"])) if "exact" in valid and "pairs" in valid else None,
        copied=written,
        repeated=repeated,
    )


def _part(scores: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = scores.get(name)
    return found if isinstance(found, Mapping) else {}


def _point(row: Mapping[str, Any], per_char: float) -> Point:
    """A row of metrics.jsonl, whose losses are nats a symbol."""

    def bits(name: str) -> float:
        nats = row.get(name)
        return math.nan if nats is None else nats / math.log(2) * per_char

    score = row.get("BLEU")
    used = bits("valid_approximate")
    network = bits("network_approximate")
    return Point(
        row["step"], bits("train"), used if math.isnan(network) else network, used, math.nan if score is None else score
    )


def _passes(run: Run) -> float | None:
    """How often a text was read; None for pairs, whose batches differ in size, and for what only counts."""
    config, train = run.info.config, run.info.corpus["train"]
    if not config.batch_size or not config.bptt or train < 2:
        return float(config.epochs) if config.epochs else None
    batch, length = fit_batch(train, config.batch_size, config.bptt)
    return float(run.info.step * batch * length * config.accumulate / train)


def _copied(run: Run, curve: tuple[Point, ...]) -> tuple[tuple[int, int] | None, tuple[int, int] | None]:
    """Stretches of the samples, and of the held-out text, that stand in the training text; None where it was not kept, is too
    long, or is so short that samples are something else."""
    samples = [str(row.get("sample") or "") for row in run.rows()]
    if not TEXTBOOK_LENGTH < run.info.corpus["train"] <= MOST_SYMBOLS or not any(samples) or not run.has("text"):
        return None, None
    losses = [point.used if math.isfinite(point.used) else -point.step for point in curve]
    best = min(losses)
    near = [sample for sample, loss in zip(samples, losses, strict=True) if loss <= (best * NEAR if best > 0 else best)]
    text, tokenizer = run.arrays("text"), run.tokenizer()
    source = tokenizer.decode(text["train"])
    held_out = tokenizer.decode(text["valid"][1 : MOST_HELD_OUT + 1])
    *samples_found, repeated = copied([*near[-SAMPLES:], held_out], source)
    return (sum(found for found, _ in samples_found), sum(of for _, of in samples_found)), repeated
