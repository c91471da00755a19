"""`seqgen train`: options to a config, the reports of a training to the screen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from seqgen.commands.grouped import Grouped, GroupedCommand, help_all_option
from seqgen.commands.options import at_home, common, config_options, pair_files, runs_dir_option, threads_option, two_sides
from seqgen.console import Console
from seqgen.formats import formats_help

HELP = f"""Train a language model on text files, or a translation model on sentence pairs (files of pairs, or two files).
"-" is stdin; folders are read too.

{formats_help()}

\b
Examples:
  seqgen train corpus.txt                      five minutes, everything planned
  seqgen train corpus.txt --minutes 20
  seqgen train book1.txt book2.txt.gz -o checkpoints/books
  cat *.txt | seqgen train - --arch markov     seconds: a model that only counts
  seqgen train corpus.txt --steps 2000 --seed 7   repeatable bit for bit
  seqgen train names.txt --records lines       each line a text of its own
  seqgen train new.txt --init-from books -o checkpoints/more   begin where another run ended
  seqgen train pairs.tsv --minutes 10          two columns: source, target
  seqgen train --src train.en --tgt train.de --valid-src dev.en --valid-tgt dev.de

The same command continues a run that was interrupted; a larger --minutes continues one that has finished.
"""


@click.command("train", cls=GroupedCommand, help=HELP, short_help="Train a model on a text or on pairs.")
@click.argument("inputs", metavar="[FILE]...", nargs=-1)
@config_options
@pair_files
@click.option("--valid", multiple=True, metavar="FILE", help="A separate file of held-out text or pairs.",
              cls=Grouped, group="data")  # fmt: skip
@click.option("--valid-src", metavar="FILE", help="A separate file of held-out sources.", cls=Grouped, group="data")
@click.option("--valid-tgt", metavar="FILE", help="Their targets.", cls=Grouped, group="data")
@click.option("-o", "--output", type=click.Path(path_type=Path), callback=at_home,
              help="The run's folder; by default RUNS/<corpus name>.")  # fmt: skip
@click.option("--init-from", metavar="RUN", help="Begin with the weights, vocabulary and counts of another run of texts.",
              cls=Grouped, group="model")  # fmt: skip
@click.option("--overwrite", is_flag=True, help="Start anew where there is a run already.")
@click.option("--dry-run", is_flag=True, help="Show the plan, memory and time; train nothing.")
@threads_option
@runs_dir_option
@common
@help_all_option
@click.pass_obj
def command(
    console: Console,
    /,
    inputs: tuple[str, ...],
    src: str | None,
    tgt: str | None,
    output: Path | None,
    init_from: str | None,
    valid: tuple[str, ...],
    valid_src: str | None,
    valid_tgt: str | None,
    overwrite: bool,
    dry_run: bool,
    runs_dir: Path,
    quiet: bool,
    **options: Any,
) -> None:
    """Parse, train, show."""
    sides = two_sides(src, tgt)
    if not inputs and not sides:
        raise click.UsageError("nothing to learn from: name a FILE, or --src and --tgt")
    valid_sides = two_sides(valid_src, valid_tgt)
    from seqgen.commands.show_training import show
    from seqgen.formats.names import default_name
    from seqgen.run import place_of
    from seqgen.training.budget import process_age
    from seqgen.training.train import Request

    console.quiet = quiet
    request = Request(
        inputs=inputs,
        path=output or runs_dir / default_name(inputs or (sides or ())[:1]),
        options={name: value for name, value in options.items() if value is not None},
        valid=valid,
        sides=sides,
        valid_sides=valid_sides,
        init_from=None if init_from is None else place_of(init_from, runs_dir),
        overwrite=overwrite,
        dry_run=dry_run,
        age=process_age(),
    )
    show(console, request)
