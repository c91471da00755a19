"""`seqgen explain gradients`: how far back in time a loss still has a gradient, in five kinds of recurrent network."""

from __future__ import annotations

import time
from pathlib import Path

import click

from seqgen.commands.options import common, model_option, runs_dir_option, threads_with
from seqgen.commands.reading import read_text
from seqgen.commands.showing import run_for, show, showing_options
from seqgen.console import Console

HELP = """Show why a plain RNN forgets: how the gradient of a loss shrinks with the distance to what was read, in a sigmoid,
a tanh and a relu RNN, a GRU and an LSTM, before and after training on one text.

FILE is a text ("-" is stdin); without it, the text that a run was trained on is used, if it was kept. With --steps
nothing depends on time, and the same command gives the same figures on the same machine. Up to 128 units, one processor is
used unless --threads says otherwise.

\b
Examples:
  seqgen explain gradients corpus.txt
  seqgen explain gradients -m checkpoints/books --hidden 128 --seconds 120 -o gradients.svg
  seqgen explain gradients corpus.txt --scale 3 --steps 1 --distance 50
  seqgen explain gradients corpus.txt --steps 300 --seed 2 --json
"""

# Up to this width the products are too small to share out: two threads took ten times as long as one on a busy machine.
SMALL = 128


@click.command("gradients", help=HELP, short_help="Why a plain RNN forgets: gradients by distance in time.")
@click.argument("file", required=False)
@click.option("--hidden", type=click.IntRange(1, 1024), default=64, show_default=True, help="Units of each network.")
@click.option("--distance", type=click.IntRange(1, 1000), default=100, show_default=True, help="Symbols to look back.")
@click.option("--seconds", type=click.FloatRange(min=5), default=40.0, show_default=True, help="Time for everything together.")
@click.option("--steps", type=click.IntRange(min=1), help="Train this many steps, however long they take.")
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=1, show_default=True, help="Seed for weights and places.")
@click.option("--scale", type=click.FloatRange(0.1, 10), default=1.0, show_default=True,
              help="Begin with recurrent matrices so many times as large; 3 lets relu explode.")  # fmt: skip
@click.option("--encoding", default="utf-8", show_default=True, help="Encoding of the file.")
@model_option
@showing_options
@threads_with("one up to 128 units, else all")
@runs_dir_option
@common
@click.pass_obj
def command(
    console: Console,
    /,
    file: str | None,
    hidden: int,
    distance: int,
    seconds: float,
    steps: int | None,
    seed: int,
    scale: float,
    encoding: str,
    model: str | None,
    output: Path | None,
    as_json: bool,
    threads: int | None,
    runs_dir: Path,
    quiet: bool,
) -> None:
    """Parse, measure, show."""
    until = time.monotonic() + seconds
    console.quiet = quiet
    if threads is None and hidden <= SMALL:
        from seqgen.threads import limit_threads

        limit_threads(1)
    name, text = _text(console, file, model, runs_dir, encoding)
    from seqgen.explain.exhibits.recurrent.gradients import see

    with console.progress("training five networks") as progress:
        seen = see(name, text, hidden=hidden, distance=distance, seed=seed, steps=steps, until=until, scale=scale,
                   tell=progress)  # fmt: skip
    show(console, *seen, output=output, as_json=as_json)


def _text(console: Console, file: str | None, model: str | None, runs_dir: Path, encoding: str) -> tuple[str, str]:
    """The text and its name: a file's, or what a run has kept. Raises CorpusError where there is neither."""
    if file is not None:
        corpus = read_text(console, [file], encoding)
        return corpus.names[0], corpus.text
    from seqgen.errors import CheckpointError, CorpusError
    from seqgen.explain.exhibits.recurrent.gradients import HINT, kept_text

    try:
        run = run_for("gradients", console, model, runs_dir)
    except CheckpointError as error:
        raise error if model else CorpusError(f"no text: {error.message}", HINT) from None
    return kept_text(run)
