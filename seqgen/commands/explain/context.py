"""`seqgen explain context`: what counting knew at each place, and what a network beside it added."""

from __future__ import annotations

from pathlib import Path

import click

from seqgen.commands.options import common, model_option, note_unknown, required, runs_dir_option
from seqgen.commands.showing import run_for, show, showing_options
from seqgen.console import Console

HELP = """Show what a model that counts knew at each place of a text: the longest context that the symbol has followed, how
often it was seen, and how often the symbol followed it; and, where a network is mixed in, what each of the two says.

\b
Examples:
  seqgen explain context "The old sailor"
  seqgen explain context "The old sailor" --json
  seqgen explain context "The old sailor" -o context.svg
"""


@click.command("context", help=HELP, short_help="What counting knew at each place, and what the network added.")
@click.argument("text", metavar="TEXT")
@model_option
@showing_options
@runs_dir_option
@common
@click.pass_obj
def command(
    console: Console,
    /,
    text: str,
    model: str | None,
    output: Path | None,
    as_json: bool,
    runs_dir: Path,
    quiet: bool,
) -> None:
    """Look, show."""
    console.quiet = quiet
    required(text, "TEXT")
    from seqgen.explain.exhibits.context import see

    run = run_for("context", console, model, runs_dir)
    note_unknown(console, run, text)
    show(console, *see(run, text, console.note), output=output, as_json=as_json, of=run.info.name)
