"""`seqgen explain state`: the hidden state of a recurrent network over a text, and what it is made of at one place."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from seqgen.commands.grouped import OneName
from seqgen.commands.options import common, model_option, note_unknown, required, runs_dir_option
from seqgen.commands.reading import read_text
from seqgen.commands.showing import at_option, run_for, show, showing_options
from seqgen.console import Console

if TYPE_CHECKING:
    from seqgen.explain.places import Place

HELP = """Show the hidden state of an RNN, a GRU or an LSTM while it reads a text: the units that vary most, what the state is
made of at one place, and how long it remembers the first symbol.

The text is read after a newline, at most 20,000 symbols of it.

\b
Examples:
  seqgen explain state -m checkpoints/tiny-english-rnn "The door was open."
  seqgen explain state -m checkpoints/tiny-english-rnn "The door was open." --at 1:5
  seqgen explain state -m checkpoints/tiny-english-gru -f corpora/english.txt --units 12 -o state.png
"""


@click.command("state", help=HELP, short_help="The hidden state over a text, and what it is made of.")
@click.argument("text", required=False)
@click.option("-f", "--file", metavar="FILE", cls=OneName, help='Read this file instead of TEXT; "-" is stdin.')
@click.option("--layer", type=click.IntRange(min=1), help="Which layer; 1 is the one at the input.  [default: the last]")
@click.option("--units", type=click.IntRange(min=1), default=8, show_default=True, help="Units to show.")
@at_option("the last symbol")
@click.option("--encoding", default="utf-8", show_default=True, help="Encoding of the file.")
@model_option
@showing_options
@runs_dir_option
@common
@click.pass_obj
def command(
    console: Console,
    /,
    text: str | None,
    file: str | None,
    layer: int | None,
    units: int,
    at: Place | None,
    encoding: str,
    model: str | None,
    output: Path | None,
    as_json: bool,
    runs_dir: Path,
    quiet: bool,
) -> None:
    """Parse, read, show."""
    console.quiet = quiet
    if (text is None) == (file is None):
        raise click.UsageError("give a text, or name a file with -f")
    if text is not None:
        required(text, "TEXT")
    from seqgen.explain.exhibits.recurrent.state import layer_of, see

    run = run_for("state", console, model, runs_dir)
    layer = layer_of(run, layer)  # before anything is read
    if file is not None:
        text = read_text(console, [file], encoding).text
    assert text is not None
    note_unknown(console, run, text)
    with console.progress("reading") as progress:
        seen = see(run, text, console.note, progress, layer, units, at)
    show(console, *seen, output=output, as_json=as_json)
