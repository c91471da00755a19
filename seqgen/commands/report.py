"""`seqgen report`: one page about a run, to keep or to send."""

from __future__ import annotations

import os
import re
from pathlib import Path

import click

from seqgen.commands.grouped import OneName
from seqgen.commands.options import chosen_run, common, model_option, required, runs_dir_option
from seqgen.commands.showing import file_of
from seqgen.commands.texts import option_text
from seqgen.console import Console
from seqgen.errors import ConfigError

LONGEST_NAME = 200  # bytes

HELP = """Write one HTML page about a run: plan, curves, samples over time, scores and baselines, what surprises the model and
what goes on inside it, and the commands that reproduce it. The page needs no network and no other file.

\b
Examples:
  seqgen report
  seqgen report -m checkpoints/books -o books.html
  seqgen report -m checkpoints/en-fr -p "The cat sleeps." --target "Le chat dort."
"""


@click.command("report", help=HELP, short_help="Write one HTML page about a run.")
@model_option
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              callback=file_of(".html", ".htm"), help="The page; by default NAME.html here.")  # fmt: skip
@click.option("-p", "--prompt", "--text", "prompt", metavar="TEXT", cls=OneName,
              help="What to look at, with escapes as in `generate`; by default a text of the run.")  # fmt: skip
@click.option("--target", metavar="TEXT", help="For a translation model: the translation of -p to look at.")
@runs_dir_option
@common
@click.pass_obj
def command(
    console: Console,
    /,
    model: str | None,
    output: Path | None,
    prompt: str | None,
    target: str | None,
    runs_dir: Path,
    quiet: bool,
) -> None:
    """Choose the run, make the page, say where it is."""
    console.quiet = quiet
    if prompt is not None:
        required(prompt, "-p")
        prompt = option_text(prompt, "-p")
        required(prompt, "-p")
    target = None if target is None else option_text(target, "--target")
    from seqgen.explain.report import page_of
    from seqgen.files import write_atomically
    from seqgen.threads import limit_threads

    limit_threads(1)
    run = chosen_run(console, model, runs_dir, kind=None)
    if target is not None and run.info.kind != "translation":
        raise click.UsageError("--target belongs to translation models")
    output = output or default_output(run.path)
    with console.progress("looking") as progress:
        text = page_of(run, prompt, target, progress)
    write_atomically(output, text.encode())
    console.write(f"{output}\n")


def default_output(folder: Path) -> Path:
    """The page of a run in this folder: a file here, named as the run's folder is, with nothing in its name that could lead
    elsewhere. Raises ConfigError where a file of that name is not a report.

    A run folder may come from anybody: the name in its config.json is not used.
    """
    name = re.sub(r"[^\w.-]+", "-", Path(os.path.abspath(folder)).name).strip("-.")
    # Up to 255 bytes are allowed, and a temporary name beside it is longer.
    output = Path(f"{name.encode()[:LONGEST_NAME].decode(errors='ignore') or 'report'}.html")
    if os.path.lexists(output) and not is_report(output):
        raise ConfigError(f"{output}: a file of this name exists and is not a report", "name another with -o")
    return output


def is_report(path: Path) -> bool:
    """Whether a file is a page that this command has written, which it may write again; never the target of a link."""
    from seqgen.explain.report import BEGINNING

    if path.is_symlink() or not path.is_file():
        return False
    try:
        with path.open("rb") as file:
            return file.read(len(BEGINNING)) == BEGINNING
    except OSError:
        return False
