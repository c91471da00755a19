"""`seqgen explain shapes`: words through a recurrent network that has learnt nothing, and the shape of everything."""

from __future__ import annotations

from pathlib import Path

import click

from seqgen.commands.options import common
from seqgen.commands.showing import show, showing_options
from seqgen.commands.texts import checked_text
from seqgen.console import Console

HELP = """Send words of one length through a small recurrent network and show the shape of everything on the way: letters as
one-hot vectors, the same weights at each step, the states of each word. No run is needed: weights are drawn.

At most 32 words of 32 letters. Without words, those of the lab: hello eolll lleel.

\b
Examples:
  seqgen explain shapes
  seqgen explain shapes hello eolll lleel --time-first
  seqgen explain shapes 바나나 나바다 --arch lstm --hidden 3 --layers 2 -o shapes.svg
"""


@click.command("shapes", help=HELP, short_help="Words to one-hot to hidden states: what shape everything has.")
@click.argument("words", metavar="[WORD]...", nargs=-1)
@click.option("--arch", type=click.Choice(["rnn", "gru", "lstm"]), default="rnn", show_default=True, help="The cell.")
@click.option("--hidden", type=click.IntRange(1, 64), default=2, show_default=True, help="Units of each layer.")
@click.option("--layers", type=click.IntRange(1, 6), default=1, show_default=True, help="Layers, one above the other.")
@click.option("--embedding", type=click.IntRange(1, 64), help="Numbers that stand for a letter, instead of one-hot.")
@click.option("--time-first", is_flag=True, help="Time before batch in all shapes.  [default: batch first]")
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=1, show_default=True, help="Seed for the weights.")
@showing_options
@common
@click.pass_obj
def command(
    console: Console,
    /,
    words: tuple[str, ...],
    arch: str,
    hidden: int,
    layers: int,
    embedding: int | None,
    time_first: bool,
    seed: int,
    output: Path | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Parse, read, show."""
    console.quiet = quiet
    for word in words:
        checked_text(word, "WORD")
    from seqgen.explain.exhibits.recurrent.shapes import see
    from seqgen.explain.shapes import WORDS

    seen = see(
        words or WORDS,
        cell=arch,  # type: ignore[arg-type]
        hidden=hidden,
        embedding=embedding or 0,
        layers=layers,
        seed=seed,
        time_first=time_first,
    )
    show(console, *seen, output=output, as_json=as_json)
