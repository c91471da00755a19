"""`seqgen explain context`: how far back predictions look, what counting knew at each place, and what a network added."""

from __future__ import annotations

from pathlib import Path

import click

from seqgen.commands.options import common, model_option, note_unknown, required, runs_dir_option
from seqgen.commands.showing import run_for, show, showing_options
from seqgen.console import Console

HELP = """Show how far back a language model looks: how much its predictions change when only the last symbols are read.

Of a model that counts, alone or in a hybrid, also what it knew at each place: the longest context that the symbol has
followed, how often it was seen, and how often the symbol followed it; and what a network beside it says.

\b
Examples:
  seqgen explain context "The old sailor"
  seqgen explain context -f chapter.txt
  seqgen explain context "The old sailor" -o context.svg
"""


@click.command("context", help=HELP, short_help="How far back predictions look, and what counting knew at each place.")
@click.argument("text", metavar="[TEXT]", required=False)
@click.option("-f", "--file", metavar="FILE", help='Read the beginning of this file instead of TEXT; "-" is stdin.')
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
    encoding: str,
    model: str | None,
    output: Path | None,
    as_json: bool,
    runs_dir: Path,
    quiet: bool,
) -> None:
    """Look, show."""
    console.quiet = quiet
    if (text is None) == (file is None):
        raise click.UsageError("give a text, or name a file with -f")
    if text is not None:
        required(text, "TEXT")
    from seqgen.commands.reading import read_text
    from seqgen.explain.exhibits.context import LONGEST, see

    run = run_for("context", console, model, runs_dir)
    if file is not None:
        text = read_text(console, [file], encoding).text
    assert text is not None
    note_unknown(console, run, text[:LONGEST])
    show(console, *see(run, text, console.note), output=output, as_json=as_json, of=run.info.name)
