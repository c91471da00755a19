"""`seqgen evaluate` for a translation model: its translations against references, and how likely the references are."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from seqgen.commands.reading import note_scripts, read_pairs_for
from seqgen.console import Console
from seqgen.draw.human import plural

if TYPE_CHECKING:
    from seqgen.metrics.overlap import Score

PIECE = 200


def evaluate_pairs(
    console: Console, run: Any, inputs: tuple[str, ...], sides: tuple[str, str] | None, settings: dict[str, Any]
) -> None:
    """Translate the sources, score the translations, print."""
    from seqgen.metrics.overlap import corpus_scores, line_scores

    columns, encoding, max_size = (settings[name] for name in ("columns", "encoding", "max_size"))
    pairs = read_pairs_for(console, run, inputs, columns, encoding, sides, max_size)
    how = {"lowercase": bool(settings["lowercase"]), **_compared(console, run, pairs.targets, settings["tokenize"])}
    translated, nats, tokens = _translated(console, run, pairs, settings)
    scores = corpus_scores(translated, pairs.targets, **how)
    lines = line_scores(translated, pairs.targets, **how) if settings["per_line"] else []
    _say_left_out(console, scores, nats)
    loss = _likelihood(nats, tokens)
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
        shown = ("     -" if value is None else f"{value:6.2f}" for value in line.values())
        console.write("  ".join(shown) + f"  {text}\n")
    for score in scores:
        console.write(f"{score.value:6.2f} {score.metric:5} {score.signature}\n")
    mean, left_out = loss["nats_per_token"], loss["left_out"]
    likelihood = "" if mean is None else f"{mean:.4f} nats a target token, perplexity {loss['perplexity']:.3f}, "
    console.write(f"{likelihood}{plural(len(pairs), 'pair')}" + (f", {left_out:,} left out\n" if left_out else "\n"))


def _likelihood(nats: list[float | None], tokens: int) -> dict[str, Any]:
    """How likely the targets are, over the pairs that were scored; None where there are none."""
    mean = sum(cost for cost in nats if cost is not None) / tokens if tokens else None
    perplexity = None if mean is None else math.exp(min(700.0, mean))
    return {"nats_per_token": mean, "perplexity": perplexity, "pairs": len(nats), "left_out": nats.count(None)}


def _say_left_out(console: Console, scores: Sequence[Score], nats: list[float | None]) -> None:
    """Say which pairs some figure leaves out."""
    from seqgen.evaluation import too_long
    from seqgen.metrics.overlap import TER_WORDS

    passed_over = next((score.left_out for score in scores if score.metric == "TER"), len(nats))
    if passed_over:
        lines_in_all = plural(len(nats), "line")
        console.note(f"TER leaves out {passed_over:,} of {lines_in_all}: over {TER_WORDS} words, it would take minutes")
    left_out = [number for number, cost in enumerate(nats, 1) if cost is None]
    if left_out:
        console.note(too_long(left_out))


def _compared(console: Console, run: Any, references: Sequence[str], tokenize: str | None) -> dict[str, Any]:
    """How BLEU and TER find words: as was asked for, else as in the run, else as fits the references."""
    from seqgen.metrics.overlap import check_tokenizer, fitting_tokenizer
    from seqgen.metrics.script import CHINESE, JAPANESE, script_of

    script = script_of(references)
    tokenize = tokenize or run.info.corpus.get("bleu_tokenizer")
    if tokenize is None:
        tokenize, note = fitting_tokenizer(script)
        if note:
            console.note(note)
    check_tokenizer(tokenize, "; or choose another with --tokenize")
    return {"tokenize": tokenize, "ideographs": script in (CHINESE, JAPANESE)}


def _translated(console: Console, run: Any, pairs: Any, settings: dict[str, Any]) -> tuple[list[str], list[float | None], int]:
    """Translations, nats of each target, None for a pair that is too long, and all target tokens that were scored."""
    from seqgen.evaluation import score_pairs
    from seqgen.opening import open_lines

    chosen = {name: settings[name] for name in ("beam_size", "length_penalty") if settings[name] is not None}
    lines = open_lines(run, chosen, engine=settings["engine"] or "ctranslate2", precision=settings["precision"] or "auto",
                       threads=settings["threads"])  # fmt: skip
    note_scripts(console, lines.encoder, pairs)
    texts: list[str] = []
    nats: list[float | None] = []
    tokens = 0
    with console.progress("translating") as progress:
        for start in range(0, len(pairs), PIECE):
            rows = slice(start, start + PIECE)
            texts += [found.text for found in lines.translate(pairs.sources[rows])]
            encoded = lines.encoder.pairs(pairs.sources[rows], pairs.targets[rows])
            for scored in score_pairs(lines.translator, *encoded):
                nats.append(None if scored is None else -float(scored.sum(dtype="float64")))
                tokens += 0 if scored is None else len(scored)
            progress(len(texts) / len(pairs))
    return texts, nats, tokens
