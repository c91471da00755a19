"""`seqgen explain layers`: the layers of a Transformer, and what one other word changes in them."""

from __future__ import annotations

from pathlib import Path

import click

from seqgen.commands.grouped import OneName
from seqgen.commands.options import common, required, runs_dir_option
from seqgen.commands.showing import run_for, show, showing_options
from seqgen.console import Console

HELP = """Show the stacked layers of a Transformer, each with parameters of its own: of an untrained one in the size of the
first paper, 6 + 6 layers of 512 with 8 heads, or of a run named with -m.

With a SENTENCE, show how the scores of its first word are divided by the root of d. With --replace, put another word in one
place and show which vectors that changes: after attention, and after the feed-forward part alone.

\b
Examples:
  seqgen explain layers
  seqgen explain layers "The dog sleeps." --replace dog=cat
  seqgen explain layers "The sailor sees the boat." --replace boat=key -m checkpoints/books
"""


@click.command("layers", help=HELP, short_help="Stacked layers, and what one other word changes in them.")
@click.argument("sentence", required=False)
@click.option("--replace", metavar="WORD=OTHER", help="Show what changes where one word is replaced by another.")
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), help="Seed for the untrained weights.  [default: 1]")
@click.option("-m", "--model", metavar="RUN", cls=OneName, help="A run's name or folder.  [default: an untrained model]")
@showing_options
@runs_dir_option
@common
@click.pass_obj
def command(
    console: Console,
    /,
    sentence: str | None,
    replace: str | None,
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
    words = None if replace is None else _words(replace)
    from seqgen.explain.exhibits.transformer.layers import see

    # Any model has layers: without a run, a new one is drawn.
    run = None if model is None else run_for("layers", console, model, runs_dir)
    show(console, *see(run, sentence, words, 1 if seed is None else seed), output=output, as_json=as_json)


def _words(text: str) -> tuple[str, str]:
    """Both words of WORD=OTHER."""
    word, sign, other = (part.strip() for part in text.partition("="))
    if not (word and sign and other):
        raise click.BadParameter(f"expected WORD=OTHER, found {text!r}", param_hint="--replace")
    return word, other
