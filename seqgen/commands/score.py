"""`seqgen score`: how likely the target of each pair is, given its source."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from seqgen.commands.options import (
    chosen_run,
    common,
    max_size_option,
    model_option,
    pair_files,
    runs_dir_option,
    threads_option,
    translation_engine,
    two_sides,
)
from seqgen.commands.reading import note_scripts, read_pairs_for
from seqgen.console import Console

HELP = """Say how likely given translations are: for each pair one line, its log-probability in nats per target token.

A pair that is too long to be scored (over 2,047 tokens on a side) gets an empty line, null with --json, and a note.

\b
Examples:
  seqgen score pairs.tsv
  cat pairs.tsv | seqgen score - | paste - pairs.tsv | sort -n | head
  seqgen score --src in.txt --tgt out.txt --json
"""

PIECE = 1_000


@click.command("score", help=HELP, short_help="Say how likely given translations are, one figure per line.")
@click.argument("inputs", metavar="[FILE]...", nargs=-1)
@pair_files
@model_option
@click.option("--columns", help="Columns of pairs: two numbers, or two fields of JSON lines.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per pair, with each token's log-probability.")
@click.option("--encoding", default="utf-8", show_default=True, help="Encoding of the files.")
@max_size_option
@translation_engine
@threads_option
@runs_dir_option
@common
@click.pass_obj
def command(
    console: Console,
    /,
    inputs: tuple[str, ...],
    src: str | None,
    tgt: str | None,
    model: str | None,
    columns: str | None,
    as_json: bool,
    encoding: str,
    max_size: int,
    engine: str,
    precision: str,
    threads: int | None,
    runs_dir: Path,
    quiet: bool,
) -> None:
    """Parse, score, print."""
    console.quiet = quiet
    sides = two_sides(src, tgt)
    if not inputs and not sides:
        raise click.UsageError("name files of pairs, or --src and --tgt")
    from seqgen.evaluation import score_pairs, too_long
    from seqgen.opening import open_translator, pair_encoder

    run = chosen_run(console, model, runs_dir, "translation")
    pairs = read_pairs_for(console, run, inputs, columns, encoding, sides, max_size)
    translator = open_translator(run, engine=engine, precision=precision, threads=threads)
    encoder = pair_encoder(run)
    note_scripts(console, encoder, pairs)
    left_out: list[int] = []
    for rows in _pieces(console, len(pairs)):
        sources, targets = encoder.pairs(pairs.sources[rows], pairs.targets[rows])
        found = score_pairs(translator, sources, targets)
        for row, (ids, log_probs) in enumerate(zip(targets, found, strict=True), rows.start):
            mean = None if log_probs is None else float(log_probs.mean(dtype="float64"))
            left_out += [row + 1] if mean is None else []
            if not as_json:
                console.write("\n" if mean is None else f"{mean:.4f}\n")
                continue
            record = {"source": pairs.sources[row], "target": pairs.targets[row], "log_prob_per_token": mean}
            tokens = None if log_probs is None else _tokens(encoder.tokenizer, ids.tolist(), log_probs.tolist())
            console.write(json.dumps({**record, "tokens": tokens}, ensure_ascii=False) + "\n")
    if left_out:
        console.note(too_long(left_out))


def _tokens(tokenizer: Any, ids: list[int], log_probs: list[float]) -> list[dict[str, Any]]:
    """Each token of a target, and its end, with its log-probability."""
    symbols = [*map(tokenizer.symbol, ids), "<eos>"]
    return [{"symbol": symbol, "log_prob": found} for symbol, found in zip(symbols, log_probs, strict=True)]


def _pieces(console: Console, count: int) -> Iterator[slice]:
    """The rows of the pairs, PIECE at a time, with progress."""
    with console.progress("scoring") as progress:
        for start in range(0, count, PIECE):
            yield slice(start, start + PIECE)
            progress(min(1.0, (start + PIECE) / count))
