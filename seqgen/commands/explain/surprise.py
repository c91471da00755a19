"""`seqgen explain surprise`: each symbol coloured by its probability, and what the model would rather have said."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from seqgen.commands.grouped import OneName
from seqgen.commands.options import chosen_run, common, model_option, note_unknown, required, runs_dir_option
from seqgen.commands.reading import read_pairs_for, read_text
from seqgen.commands.showing import show, showing_options
from seqgen.commands.texts import option_text
from seqgen.console import Console

if TYPE_CHECKING:
    from seqgen.run import Run

HELP = """Colour a text by how likely the model finds each symbol, and say what it would rather have said.

For a language model: a text, or text files ("-" is stdin). For a translation model: a source and a target, or files of pairs.

\b
Examples:
  seqgen explain surprise -p "It was a dark and stormy night."
  seqgen explain surprise chapter.txt --worst 20
  seqgen explain surprise -p "The cat sleeps." --target "Le chat dort." -o surprise.html
"""


@click.command("surprise", help=HELP, short_help="Colour a text by how likely the model finds each symbol.")
@click.argument("inputs", metavar="[FILE]...", nargs=-1)
@click.option("-p", "--prompt", "--text", "prompt", metavar="TEXT", cls=OneName,
              help="The text; for a translation model, the source. Escapes as in `generate`.")  # fmt: skip
@click.option("--target", metavar="TEXT", help="The translation, of the source given by -p, to look at.")
@click.option("--worst", type=click.IntRange(min=0), default=5, show_default=True, help="Surprising places to list.")
@click.option("--columns", help="Columns of pairs: two numbers, or two fields of JSON lines.")
@click.option("--encoding", default="utf-8", show_default=True, help="Encoding of the files.")
@model_option
@showing_options
@runs_dir_option
@common
@click.pass_obj
def command(
    console: Console,
    /,
    inputs: tuple[str, ...],
    prompt: str | None,
    target: str | None,
    worst: int,
    columns: str | None,
    encoding: str,
    model: str | None,
    output: Path | None,
    as_json: bool,
    runs_dir: Path,
    quiet: bool,
) -> None:
    """Find the text or the pairs, look, show."""
    console.quiet = quiet
    if bool(inputs) == (prompt is not None):
        raise click.UsageError("give a text with -p, or name files")
    if prompt is not None:
        required(prompt, "-p")
        prompt = option_text(prompt, "-p")
        required(prompt, "-p")
    target = None if target is None else option_text(target, "--target")
    from seqgen.formats.names import looks_like_pairs

    is_pairs = target is not None or looks_like_pairs(inputs)
    run = chosen_run(console, model, runs_dir, "translation" if is_pairs else "language")
    from seqgen.explain.exhibits.surprise import see_pairs, see_text

    if run.info.kind == "translation":
        if prompt is not None and target is None:
            raise click.UsageError(f"{run.path} translates: give the target too, with --target")
        sources, targets = _pairs(console, run, inputs, (prompt or "", target or ""), columns, encoding)
        with console.progress("reading") as progress:
            seen = see_pairs(run, sources, targets, worst, progress)
    else:
        if target is not None or columns is not None:
            raise click.UsageError(f"--target and --columns belong to translation models; {run.path} is a language model")
        text = _text(console, inputs, prompt, encoding)
        note_unknown(console, run, text)
        with console.progress("reading") as progress:
            seen = see_text(run, text, worst, progress)
    show(console, *seen, output=output, as_json=as_json, of=run.info.name)


def _pairs(
    console: Console, run: Run, inputs: tuple[str, ...], pair: tuple[str, str], columns: str | None, encoding: str
) -> tuple[Sequence[str], Sequence[str]]:
    """Sources and targets: those of the files, else the pair that was given."""
    if not inputs:
        return pair[:1], pair[1:]
    pairs = read_pairs_for(console, run, inputs, columns, encoding)
    return pairs.sources, pairs.targets


def _text(console: Console, inputs: tuple[str, ...], prompt: str | None, encoding: str) -> str:
    """The text that was given, or that of the files."""
    from seqgen.errors import CorpusError

    if prompt is not None:
        return prompt
    if len(inputs) == 1 and " " in inputs[0] and not Path(inputs[0]).exists():
        raise CorpusError(f"{inputs[0]}: no such file", "to look at a text itself, give it with -p")
    return read_text(console, inputs, encoding).text
