"""`seqgen train`: options to a config, what training says to the screen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from seqgen.commands.options import common, runs_dir_option, threads_option
from seqgen.config import ARCHITECTURES, DEVICES, INPUTS, NONLINEARITIES, PRECISIONS
from seqgen.console import Console

HELP = """Train a language model on text files, folders of them, or "-" for stdin.

\b
Examples:
  seqgen train corpus.txt                      five minutes, everything planned
  seqgen train corpus.txt --minutes 20
  seqgen train book1.txt book2.txt.gz -o checkpoints/books
  cat *.txt | seqgen train - --arch markov     seconds: a model that only counts
  seqgen train corpus.txt --steps 2000 --seed 7   repeatable bit for bit

The same command goes on with a run that was interrupted; a larger --minutes goes on with one that has finished.
"""


@click.command("train", help=HELP, short_help="Train a model on a text.")
@click.argument("inputs", metavar="FILE...", nargs=-1, required=True)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="The run's folder; else RUNS/<corpus name>.")
@click.option("--minutes", type=float, help="Wall-clock budget, from start to exit.  [default: 5]")
@click.option("--steps", type=int, help="Budget in optimiser steps instead: nothing is measured, runs repeat.")
@click.option("--epochs", type=int, help="Budget in passes over the text instead.")
@click.option("--patience", type=int, help="Stop after so many validations without a better one; 0 is never.")
@click.option("--arch", type=click.Choice(ARCHITECTURES), help="Kind of model.  [default: hybrid: an LSTM and counting]")
@click.option("--tokenizer", type=click.Choice(["char", "byte"]), help="What a symbol is.  [default: char]")
@click.option("--layers", type=int, help="Recurrent layers.")
@click.option("--hidden", type=int, help="Units a layer.")
@click.option("--embedding", type=int, help="Width of the input table.")
@click.option("--input", "input_", type=click.Choice(INPUTS), help="How symbols enter.  [default: embedding]")
@click.option("--nonlinearity", type=click.Choice(NONLINEARITIES), help="Of --arch rnn.  [default: tanh]")
@click.option("--dropout", type=float, help="Share of units left out while training.")
@click.option("--order", type=int, help="Symbols that the Markov model looks back; else chosen on held-out text.")
@click.option("--batch-size", type=int, help="Streams read side by side.")
@click.option("--bptt", type=int, help="Symbols that gradients flow back (truncated backpropagation through time).")
@click.option("--lr", "--learning-rate", "lr", type=float, help="Peak learning rate.")
@click.option("--warmup", type=float, help="Share of the budget in which the rate rises to its peak.")
@click.option("--clip", "--grad-clip", "clip", type=float, help="Largest norm of a gradient; 0 is none.  [default: 0.25]")
@click.option("--weight-decay", type=float, help="AdamW's decay.  [default: 0]")
@click.option("--accumulate", type=int, help="Batches a step.  [default: 1]")
@click.option("--average", type=float, help="Decay of a running average of the weights, e.g. 0.999; 0 is none.")
@click.option("--precision", type=click.Choice(PRECISIONS), help="Of matrix products in training; the faster one here.")
@click.option("--device", type=click.Choice(DEVICES), help="Where to train.  [default: auto]")
@click.option("--seed", type=int, help="Of weights, order and dropout.  [default: 1]")
@click.option("--valid", multiple=True, metavar="FILE", help="Held-out text of its own.")
@click.option("--valid-frac", type=float, help="Share held out from the end of the text.  [default: 0.1]")
@click.option("--encoding", help="Of the files.  [default: utf-8]")
@click.option("--sample-every", type=int, help="Show what the network says every so many steps.")
@click.option("--keep-text/--no-keep-text", default=None, help="Keep the text's ids in the run, up to 64 MB.")
@click.option("--overwrite", is_flag=True, help="Begin anew where a run is.")
@click.option("--dry-run", is_flag=True, help="Say the plan, memory and time; train nothing.")
@threads_option
@runs_dir_option
@common
@click.pass_obj
def command(
    console: Console,
    /,
    inputs: tuple[str, ...],
    output: Path | None,
    valid: tuple[str, ...],
    overwrite: bool,
    dry_run: bool,
    runs_dir: Path,
    quiet: bool,
    **options: Any,
) -> None:
    """Parse, train, show."""
    from seqgen.commands.show_training import show
    from seqgen.config import from_options
    from seqgen.data.formats import default_name
    from seqgen.training.budget import process_age
    from seqgen.training.train import Request

    console.quiet = quiet
    options["input"] = options.pop("input_")
    request = Request(
        inputs=inputs,
        path=output or runs_dir / default_name(inputs),
        config=from_options(**options),
        valid=valid,
        overwrite=overwrite,
        dry_run=dry_run,
        age=process_age(),
    )
    show(console, request)
