"""`seqgen evaluate` for a translation model: its translations against references, and how likely the references are."""

from __future__ import annotations

import json
import math
from typing import Any

from seqgen.commands.reading import read_pairs_for
from seqgen.console import Console

PIECE = 200


def evaluate_pairs(
    console: Console, run: Any, inputs: tuple[str, ...], sides: tuple[str, str] | None, settings: dict[str, Any]
) -> None:
    """Translate the sources, score the translations, print."""
    from seqgen.metrics.overlap import corpus_scores, line_scores

    columns, encoding, max_size = (settings[name] for name in ("columns", "encoding", "max_size"))
    pairs = read_pairs_for(console, run, inputs, columns, encoding, sides, max_size)
    translated, nats, tokens = _translated(console, run, pairs, settings)
    how: dict[str, Any] = {"lowercase": bool(settings["lowercase"]), "tokenize": settings["tokenize"] or "13a"}
    scores = corpus_scores(translated, pairs.targets, **how)
    lines = line_scores(translated, pairs.targets, **how) if settings["per_line"] else []
    total = sum(nats)
    loss = {"nats_per_token": total / tokens, "perplexity": math.exp(min(700.0, total / tokens)), "pairs": len(pairs)}
    if settings["as_json"]:
        record: dict[str, Any] = {"model": run.info.name, "files": list(pairs.names)}
        record |= {score.metric.lower(): score.value for score in scores} | loss
        record["signatures"] = {score.metric: score.signature for score in scores}
        if lines:
            record["lines"] = [
                {**{name.lower(): value for name, value in line.items()}, "nats": cost, "translation": text}
                for line, cost, text in zip(lines, nats, translated, strict=True)
            ]
        console.write(json.dumps(record, ensure_ascii=False) + "\n")
        return
    for line, text in zip(lines, translated, strict=False):
        console.write("  ".join(f"{line[name]:6.2f}" for name in ("BLEU", "chrF", "TER")) + f"  {text}\n")
    for score in scores:
        console.write(f"{score.value:6.2f} {score.metric:5} {score.signature}\n")
    console.write(
        f"{loss['nats_per_token']:.4f} nats a target token, perplexity {loss['perplexity']:.3f}, {len(pairs):,} pairs\n"
    )


def _translated(console: Console, run: Any, pairs: Any, settings: dict[str, Any]) -> tuple[list[str], list[float], int]:
    """Translations, nats of each target, and all target tokens."""
    from seqgen.evaluation import score_pairs
    from seqgen.opening import open_lines

    chosen = {name: settings[name] for name in ("beam_size", "length_penalty") if settings[name] is not None}
    lines = open_lines(run, chosen, engine=settings["engine"] or "ctranslate2", precision=settings["precision"] or "auto",
                       threads=settings["threads"])  # fmt: skip
    texts: list[str] = []
    nats: list[float] = []
    tokens = 0
    with console.progress("translating") as progress:
        for start in range(0, len(pairs), PIECE):
            rows = slice(start, start + PIECE)
            texts += [found.text for found in lines.translate(pairs.sources[rows])]
            encoded = (lines.encoder.sources(pairs.sources[rows]), lines.encoder.targets(pairs.targets[rows]))
            for scored in score_pairs(lines.translator, *encoded, start):
                nats.append(-float(scored.sum(dtype="float64")))
                tokens += len(scored)
            progress(len(texts) / len(pairs))
    return texts, nats, tokens
