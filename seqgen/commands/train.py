"""`seqgen train`: options to a config, what training says to the screen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from seqgen.commands.options import common, pair_files, runs_dir_option, threads_option, two_sides
from seqgen.config import ARCHITECTURES, DEVICES, INPUTS, NONLINEARITIES, NORMS, PRECISIONS, TASKS
from seqgen.console import Console

HELP = """Train a language model on text files, or a translation model on sentence pairs (*.tsv, *.jsonl, or two files).
"-" is stdin; folders and .gz are read too.

\b
Examples:
  seqgen train corpus.txt                      five minutes, everything planned
  seqgen train corpus.txt --minutes 20
  seqgen train book1.txt book2.txt.gz -o checkpoints/books
  cat *.txt | seqgen train - --arch markov     seconds: a model that only counts
  seqgen train corpus.txt --steps 2000 --seed 7   repeatable bit for bit
  seqgen train pairs.tsv --minutes 10          two columns: source, target
  seqgen train --src train.en --tgt train.de --valid-src dev.en --valid-tgt dev.de

The same command goes on with a run that was interrupted; a larger --minutes goes on with one that has finished.
"""


@click.command("train", help=HELP, short_help="Train a model on a text or on pairs.")
@click.argument("inputs", metavar="[FILE]...", nargs=-1)
@pair_files
@click.option("--task", type=click.Choice(TASKS), help="What to learn; else it follows from the names of the files.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="The run's folder; else RUNS/<corpus name>.")
@click.option("--columns", help="Of pairs: two numbers, or two fields of JSON lines.  [default: 1,2]")
@click.option("--reverse", is_flag=True, default=None, help="From target to source.")
@click.option("--clean/--no-clean", default=None, help="Leave out pairs that teach nothing.  [default: clean]")
@click.option("--minutes", type=float, help="Wall-clock budget, from start to exit.  [default: 5]")
@click.option("--steps", type=int, help="Budget in optimiser steps instead: nothing is measured, runs repeat.")
@click.option("--epochs", type=int, help="Budget in passes over the text instead.")
@click.option("--patience", type=int, help="Stop after so many validations without a better one; 0 is never.")
@click.option(
    "--arch",
    type=click.Choice(ARCHITECTURES),
    help="Kind of model.  [default: hybrid: an LSTM and counting; for pairs transformer]",
)
@click.option(
    "--tokenizer",
    type=click.Choice(["char", "byte", "sentencepiece"]),
    help="What a symbol is.  [default: char; for pairs sentencepiece]",
)
@click.option("--vocab-size", type=int, help="Pieces of --tokenizer sentencepiece.")
@click.option("--layers", type=int, help="Recurrent layers, or those of the encoder.")
@click.option("--decoder-layers", type=int, help="Layers of the decoder; as many as the encoder's.")
@click.option("--hidden", type=int, help="Units a layer, or the width of a Transformer.")
@click.option("--heads", type=int, help="Heads of each attention.")
@click.option("--ffn", type=int, help="Width of the feed-forward layers.")
@click.option("--norm", type=click.Choice(NORMS), help="Normalise before each sublayer, or behind it.  [default: pre]")
@click.option("--positions/--no-positions", default=None, help="Tell a Transformer where each token stands.")
@click.option("--label-smoothing", type=float, help="Share of each target that is spread over all tokens.  [default: 0.1]")
@click.option("--embedding", type=int, help="Width of the input table.")
@click.option("--input", "input_", type=click.Choice(INPUTS), help="How symbols enter.  [default: embedding]")
@click.option("--nonlinearity", type=click.Choice(NONLINEARITIES), help="Of --arch rnn.  [default: tanh]")
@click.option("--dropout", type=float, help="Share of units left out while training.")
@click.option("--order", type=int, help="Symbols that the Markov model looks back; else chosen on held-out text.")
@click.option("--batch-size", type=int, help="Streams read side by side.")
@click.option("--max-tokens", type=int, help="Tokens of a batch of pairs, padding included.")
@click.option("--bptt", type=int, help="Symbols that gradients flow back (truncated backpropagation through time).")
@click.option("--lr", "--learning-rate", "lr", type=float, help="Peak learning rate.")
@click.option("--warmup", type=float, help="Share of the budget in which the rate rises to its peak.")
@click.option("--clip", "--grad-clip", "clip", type=float, help="Largest norm of a gradient; 0 is none.")
@click.option("--weight-decay", type=float, help="AdamW's decay.  [default: 0]")
@click.option("--accumulate", type=int, help="Batches a step.  [default: 1]")
@click.option("--average", type=float, help="Decay of a running average of the weights, e.g. 0.999; 0 is none.")
@click.option("--precision", type=click.Choice(PRECISIONS), help="Of matrix products in training; the faster one here.")
@click.option("--device", type=click.Choice(DEVICES), help="Where to train.  [default: auto]")
@click.option("--seed", type=int, help="Of weights, order and dropout.  [default: 1]")
@click.option("--valid", multiple=True, metavar="FILE", help="Held-out text or pairs of their own.")
@click.option("--valid-src", metavar="FILE", help="Held-out sources of their own.")
@click.option("--valid-tgt", metavar="FILE", help="Their targets.")
@click.option("--valid-frac", type=float, help="Share held out: of a text its end, of pairs by their source.")
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
    src: str | None,
    tgt: str | None,
    task: str | None,
    output: Path | None,
    valid: tuple[str, ...],
    valid_src: str | None,
    valid_tgt: str | None,
    overwrite: bool,
    dry_run: bool,
    runs_dir: Path,
    quiet: bool,
    **options: Any,
) -> None:
    """Parse, train, show."""
    sides = two_sides(src, tgt)
    if not inputs and not sides:
        raise click.UsageError("nothing to learn from: name a FILE, or --src and --tgt")
    valid_sides = two_sides(valid_src, valid_tgt)
    from seqgen.commands.show_training import show
    from seqgen.config import from_options
    from seqgen.data.formats import default_name
    from seqgen.data.pairs import looks_like_pairs
    from seqgen.training.budget import process_age
    from seqgen.training.train import Request

    console.quiet = quiet
    options["input"] = options.pop("input_")
    is_pairs = sides is not None or looks_like_pairs(inputs)
    config = from_options(task or ("translation" if is_pairs or options["arch"] == "transformer" else "language"), **options)
    if config.task == "language" and (sides or valid_sides):
        raise click.UsageError("--src, --tgt, --valid-src and --valid-tgt belong to --task translation")
    request = Request(
        inputs=inputs,
        path=output or runs_dir / default_name(inputs or (sides or ())[:1]),
        config=config,
        valid=valid,
        sides=sides,
        valid_sides=valid_sides,
        overwrite=overwrite,
        dry_run=dry_run,
        age=process_age(),
    )
    show(console, request)
