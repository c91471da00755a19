"""`seqgen evaluate`: a model and a text to figures, with the settings that made them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from seqgen.commands.options import chosen_run, common, model_option, runs_dir_option, threads_option
from seqgen.console import Console

HELP = """Score how well a language model predicts text files ("-" is stdin): every symbol once, the state carried.

\b
Examples:
  seqgen evaluate held-out.txt
  seqgen evaluate -m checkpoints/books chapter.txt --json
  seqgen evaluate poem.txt --per-line          which lines surprise the model
"""


@click.command("evaluate", help=HELP, short_help="Score how well a model predicts a text.")
@click.argument("inputs", metavar="FILE...", nargs=-1, required=True)
@model_option
@click.option("--per-line", is_flag=True, help="Bits of each line, too.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.option("--encoding", default="utf-8", show_default=True, help="Of the files.")
@click.option("--engine", type=click.Choice(["numpy", "reference"]), default="numpy", show_default=True,
              help="reference: the network as trained, by torch.")  # fmt: skip
@threads_option
@runs_dir_option
@common
@click.pass_obj
def command(
    console: Console,
    /,
    inputs: tuple[str, ...],
    model: str | None,
    per_line: bool,
    as_json: bool,
    encoding: str,
    engine: str,
    threads: int | None,
    runs_dir: Path,
    quiet: bool,
) -> None:
    """Parse, score, print."""
    from seqgen.backend import open_scorer
    from seqgen.data.formats import read_texts
    from seqgen.evaluation import evaluate_text

    console.quiet = quiet
    corpus = read_texts(inputs, encoding=encoding)
    for note in corpus.notes:
        console.note(note)
    run, by_default = chosen_run(model, runs_dir)
    if by_default:
        console.note(f"model: {run.path} (finished last)")
    tokenizer = run.tokenizer()
    steps = evaluate_text(open_scorer(run, engine=engine), tokenizer, corpus.text, arch=run.info.config.arch, per_line=per_line)
    evaluation = None
    with console.progress("scoring") as progress:
        for share, found in steps:
            progress(share)
            evaluation = found or evaluation
    assert evaluation is not None
    if as_json:
        record: dict[str, Any] = {"model": run.info.name, "files": list(corpus.names), **evaluation.total.to_json()}
        record["signature"] = evaluation.signature
        if per_line:
            record["lines"] = [line.to_json() for line in evaluation.lines]
        console.write(json.dumps(record, ensure_ascii=False) + "\n")
        return
    if per_line:
        # One row a line of the text; empty lines are scored too, so that the rows add up to the whole.
        lines = [line + "\n" for line in corpus.text.split("\n")]
        shown = [line for line in lines if line][: len(evaluation.lines)]
        for scores, line in zip(evaluation.lines, shown, strict=True):
            console.write(f"{scores.bits_per_char:7.3f}  {line.rstrip(chr(10))}\n")
    total = evaluation.total
    console.write(
        f"{total.nats_per_char:.4f} nats a character\n{total.bits_per_char:.4f} bits a character\n"
        f"{total.bits_per_byte:.4f} bits a byte\n{total.perplexity:.3f} perplexity a token\n"
        f"{total.chars:,} characters, {total.tokens:,} tokens, {total.unknown:,} unknown\n{evaluation.signature}\n"
    )
