"""`seqgen copies`: which parts of a text stand in the training text of a run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from seqgen.commands.options import chosen_run, common, max_size_option, model_option, runs_dir_option
from seqgen.commands.reading import read_text
from seqgen.console import Console

if TYPE_CHECKING:
    from seqgen.copies.report import Copied

HELP = """Say which parts of a text stand in the training text of a run, character for character: one line for each.

A line has where the part begins in FILE (line:column), how many characters it has, the line of the training text that it
stands in, and its beginning. Then come the share of all characters that are copied, and the longest part.

\b
Examples:
  seqgen generate -n 5000 | seqgen copies -
  seqgen copies -m checkpoints/books chapter.txt --least 40
  seqgen copies --json chapter.txt
"""
# The shortest parts that may be asked for: fewer characters in a row are the same by chance all over a text.
LEAST = 8


@click.command("copies", help=HELP, short_help="Say which parts of a text stand in the training text.")
@click.argument("inputs", metavar="[FILE]...", nargs=-1)
@model_option
@click.option("--least", type=click.IntRange(LEAST), default=20, show_default=True, metavar="N",
              help="Characters in a row from which on it counts as copied.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="One JSON object: share, longest part, all parts.")
@click.option("--encoding", default="utf-8", show_default=True, help="Encoding of the files.")
@max_size_option
@runs_dir_option
@common
@click.pass_obj
def command(
    console: Console,
    /,
    inputs: tuple[str, ...],
    model: str | None,
    least: int,
    as_json: bool,
    encoding: str,
    max_size: int,
    runs_dir: Path,
    quiet: bool,
) -> None:
    """Read, look, print."""
    console.quiet = quiet
    from seqgen.opening import open_copies

    run = chosen_run(console, model, runs_dir, "language")
    copies = open_copies(run, least, "seqgen copies")
    if copies.doubt:
        console.note(copies.doubt)
    report = copies.of(read_text(console, inputs or ("-",), encoding, max_size).text)
    if as_json:
        console.write(json.dumps({"model": run.info.name, **report.record()}, ensure_ascii=False) + "\n")
        return
    for one in report.stretches:
        console.write(_line(one) + "\n")
    console.write(report.sentence() + "\n")


def _line(one: Copied) -> str:
    where = f"{one.here.line}:{one.here.column}"
    there = f"line {one.there.line:,}" if one.there else "-"
    return f"{where}\t{len(one.text)}\t{there}\t{one.shown}"
