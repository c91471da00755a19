"""`seqgen explain attention`: what a Transformer looks at while it reads and translates."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from seqgen.commands.options import common, model_option, required, runs_dir_option
from seqgen.commands.showing import run_for, show, showing_options
from seqgen.console import Console

if TYPE_CHECKING:
    from seqgen.explain.exhibits.seen import Seen
    from seqgen.run import Run

HELP = """Show what a Transformer looks at: the encoder's words at each other, the decoder's at what is written, and each
written word at the source; with --steps, how the numbers come about. Of a model that writes text: what each word looks at
in what it has read. Words are joined from pieces: attention to a word is the sum over its pieces, from it the mean.

\b
Examples:
  seqgen explain attention "The old sailor sees 3 boats."
  seqgen explain attention "The old sailor sees 3 boats." --word sees
  seqgen explain attention "The old sailor sees 3 boats." --layer 1 --head 2 -o head.png
  seqgen explain attention "The old sailor sees 3 boats." --steps --word sees
  seqgen explain attention "The old sailor sees 3 boats." --grid -o heads.png
  seqgen explain attention "The sea is blue." --target "La mer est bleue." --pieces --json
"""


@click.command("attention", help=HELP, short_help="What a Transformer looks at while it reads and translates.")
@click.argument("sentence")
@click.option("--target", metavar="TEXT", help="A translation to look at.  [default: the model's own]")
@click.option("--layer", metavar="N|all", help="One layer, or the mean of all.  [default: the last; --steps: the first]")
@click.option("--head", type=click.IntRange(min=1), help="One head.  [default: the mean of all; --steps: the first]")
@click.option("--word", metavar="WORD", help="Show only where this word, of either sentence, looks.")
@click.option("--steps", is_flag=True, help="Show the whole computation for --word: q, k, v, scores, shares, values, heads.")
@click.option("--grid", is_flag=True, help="Show all heads of all layers as small maps.")
@click.option("--pieces", is_flag=True, help="Show the pieces that the model reads, not words.")
@model_option
@showing_options
@runs_dir_option
@common
@click.pass_obj
def command(
    console: Console,
    /,
    sentence: str,
    target: str | None,
    layer: str | None,
    head: int | None,
    word: str | None,
    steps: bool,
    grid: bool,
    pieces: bool,
    model: str | None,
    output: Path | None,
    as_json: bool,
    runs_dir: Path,
    quiet: bool,
) -> None:
    """Parse, translate, read, show."""
    console.quiet = quiet
    number = _layer(layer or ("1" if steps else "last"))
    required(sentence.strip(), "SENTENCE")
    run = run_for("attention", console, model, runs_dir)
    if run.info.kind == "language":
        seen = _of_text(run, sentence, target, steps, grid, (number, head, word, pieces))
    elif steps:
        from seqgen.explain.exhibits.transformer.steps import see_steps

        assert word is not None and number != "all"  # commands/together.py
        seen = see_steps(run, sentence, target=target, word=word, layer=number, head=head or 1, note=console.note)
    else:
        from seqgen.explain.attention import View
        from seqgen.explain.exhibits.transformer.attention import see, see_grid

        if grid:
            seen = see_grid(run, sentence, target=target, pieces=pieces, note=console.note)
        else:
            view = View(number, head)
            seen = see(run, sentence, target=target, view=view, word=word, pieces=pieces, note=console.note)
    show(console, *seen, output=output, as_json=as_json)


def _of_text(
    run: Run,
    text: str,
    target: str | None,
    steps: bool,
    grid: bool,
    asked: tuple[int | Literal["last", "all"], int | None, str | None, bool],
) -> Seen:
    """What a Transformer that writes looks at."""
    from seqgen.explain.attention import View
    from seqgen.explain.exhibits.transformer.text import see_text, see_text_grid

    if target is not None or steps:
        name = "--steps" if steps else "--target"
        raise click.UsageError(f"{name} belongs to translation models; {run.path} is a language model")
    number, head, word, pieces = asked
    if grid:
        return see_text_grid(run, text, pieces=pieces)
    return see_text(run, text, view=View(number, head), word=word, pieces=pieces)


def _layer(text: str) -> int | Literal["last", "all"]:
    """A number, "all" or "last"."""
    if text == "all":
        return "all"
    if text == "last":
        return "last"
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise click.BadParameter(f"expected all or a number from 1, found {text!r}", param_hint="--layer")
    return int(text)
