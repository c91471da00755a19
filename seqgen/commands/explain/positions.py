"""`seqgen explain positions`: the positional encoding, and what is confused without it."""

from __future__ import annotations

from pathlib import Path

import click

from seqgen.commands.options import common, model_option, required, runs_dir_option
from seqgen.commands.showing import run_for, show, showing_options
from seqgen.console import Console

HELP = """Show how a Transformer is told where each token is: the sinusoids that are added to the embeddings of one that
translates, and by which one that writes turns its queries and keys.

With a SENTENCE, read it in two orders of its words: by the model as it was trained, and with the encoding left out: one
that translates cannot tell them apart then, nor can the first layer of one that writes.

\b
Examples:
  seqgen explain positions
  seqgen explain positions "The old sailor sees 3 boats."
  seqgen explain positions "The girl sees the boy." --shuffled "the boy sees The girl."
"""


@click.command("positions", help=HELP, short_help="The positional encoding, and what is confused without it.")
@click.argument("sentence", required=False)
@click.option("--shuffled", metavar="TEXT", help="The other order of SENTENCE's words.  [default: drawn]")
@click.option("--seed", type=click.IntRange(min=0), help="Seed for the order that is drawn.  [default: 0]")
@model_option
@showing_options
@runs_dir_option
@common
@click.pass_obj
def command(
    console: Console,
    /,
    sentence: str | None,
    shuffled: str | None,
    seed: int | None,
    model: str | None,
    output: Path | None,
    as_json: bool,
    runs_dir: Path,
    quiet: bool,
) -> None:
    """Parse, compute, show."""
    console.quiet = quiet
    if sentence is not None:
        required(sentence.strip(), "SENTENCE")
    from seqgen.explain.exhibits.transformer.positions import see_encoding, see_orders

    if sentence is None:
        # The encoding is the same for all runs of one width: no run is needed.
        seen = see_encoding(None if model is None else run_for("positions", console, model, runs_dir))
    else:
        run = run_for("positions", console, model, runs_dir)
        if run.info.kind == "language":
            from seqgen.explain.exhibits.transformer.text_orders import see_text_orders

            seen = see_text_orders(run, sentence, shuffled, seed or 0)
        else:
            seen = see_orders(run, sentence, shuffled, seed or 0, console.note)
    show(console, *seen, output=output, as_json=as_json)
