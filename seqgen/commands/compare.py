"""`seqgen compare`: options to a comparison, its reports to lines, what came of it to a look."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from seqgen.commands.options import common, runs_dir_option, threads_option
from seqgen.commands.showing import show, showing_options
from seqgen.console import Console

if TYPE_CHECKING:
    from seqgen.training.comparison.comparison import Comparison, Told

HELP = """Train several architectures on one text, in the same time and on the same split, one after another; then show their
curves, what each took and how well it predicts, and a sample of each.

The runs are kept in RUNS/NAME-compared, one for each architecture, apart from all others. The same command goes on where it was
stopped, and shows the comparison again once all have finished.

\b
Examples:
  seqgen compare corpus.txt                    all architectures, two minutes each
  seqgen compare corpus.txt --minutes 5 --arch rnn,gru,lstm -o compared.html
  seqgen compare corpus.txt --steps 500 --equal   same size, repeatable
  seqgen compare corpus.txt --arch markov --order 1,2,3,6,12
  seqgen generate -m corpus-compared/lstm      write with one of them
"""


@click.command("compare", help=HELP, short_help="Train several architectures on a text, and compare them.")
@click.argument("inputs", metavar="[FILE]...", nargs=-1)
@click.option("--minutes", type=click.FloatRange(0, 1e6, min_open=True), help="Time for each network.  [default: 2]")
@click.option("--steps", type=click.IntRange(1), help="Optimiser steps of each network instead: nothing is timed.")
@click.option("--arch", "archs", metavar="A,B,...", help="Who takes part, with commas between; by default all for texts.")
@click.option("--order", "orders", metavar="N,N,...", help="Orders of the Markov model, each of which takes part.")
@click.option("--equal", is_flag=True, help="The same size, rate and batches for all networks; else each is planned.")
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), help="Seed for weights, order and dropout.  [default: 1]")
@click.option("--tokenizer", type=click.Choice(["char", "byte"]), help="What a symbol is.  [default: char]")
@click.option("--encoding", help="Encoding of the files.  [default: utf-8]")
@click.option("--task", type=click.Choice(["language"]), help="Learn what looks like pairs or a table as it is, as a text.")
@click.option("--overwrite", is_flag=True, help="Begin the comparison anew.")
@showing_options
@threads_option
@runs_dir_option
@common
@click.pass_obj
def command(
    console: Console,
    /,
    inputs: tuple[str, ...],
    archs: str | None,
    orders: str | None,
    equal: bool,
    task: str | None,
    overwrite: bool,
    output: Path | None,
    as_json: bool,
    runs_dir: Path,
    quiet: bool,
    **options: Any,
) -> None:
    """Parse, train, show."""
    if not inputs:
        raise click.UsageError("nothing to learn from: name a FILE")
    console.quiet = quiet
    from seqgen.training.comparison.members import archs_named, orders_named

    who = archs_named(archs), orders_named(orders)
    from seqgen.training.comparison.comparison import Comparison
    from seqgen.training.comparison.notes import folder_of

    comparison = Comparison(inputs, runs_dir, *who, options, equal, overwrite, as_text=task is not None)
    comparison.prepare()
    for note in comparison.said:
        console.note(note)
    with folder_of(comparison.folder):
        comparison.check()
        _train(console, comparison)
        seen = _seen(comparison)
    show(console, *seen, output=output, as_json=as_json)
    console.note(f"the runs are in {comparison.folder}; seqgen generate -m {_quoted(comparison)} writes with one")


def _train(console: Console, comparison: Comparison) -> None:
    """Train who has not finished; exits with 130 where the user stopped it."""
    from contextlib import ExitStack

    from seqgen.errors import EXIT_INTERRUPTED
    from seqgen.interrupts import Interrupts

    left = [member for member in comparison.members if not comparison.has_finished(member)]
    console.note(_announced(comparison, sum(member.trained for member in left), len(left)))
    interrupts = Interrupts(ends_program=True)

    def stop(text: str) -> None:
        comparison.stop()
        console.note("\n" * console.is_live + text)  # below the line that tells how far it is

    interrupts.say = stop
    with interrupts, ExitStack() as line:
        progress = None
        for told in comparison.tell():
            if progress is None and console.is_live and not told.kept:
                progress = line.enter_context(console.progress(f"{told.member} ({told.number} of {told.of})"))
            if progress is not None:
                progress(_share(told))
            if told.ended or told.kept:
                line.close()
                progress = None
            if progress is None:
                _tell(console, comparison, told)
    if comparison.stopped:
        console.note("stopped; the same command goes on from there")
        sys.exit(EXIT_INTERRUPTED)


def _announced(comparison: Comparison, networks: int, left: int) -> str:
    """What is going to happen, and how long it takes."""
    from seqgen.draw.human import plural

    who = ", ".join(member.name for member in comparison.members)
    if not left:
        return f"{who}: all have finished"
    if not networks:
        return f"{who}: counting takes seconds"
    minutes = comparison.budget.get("minutes")
    if minutes is None:
        return f"{who}: {plural(comparison.budget['steps'], 'step')} for each network"
    return f"{who}: {plural(minutes, 'minute')} for each network, about {minutes * networks:g} in all"


def _tell(console: Console, comparison: Comparison, told: Told) -> None:
    """A line for what is worth one."""
    from seqgen.draw.human import duration

    if told.kept or told.ended:
        console.note(f"{told.member}: {'has finished before' if told.kept else 'done'} ({told.number} of {told.of})")
    elif told.text:
        console.note(f"{told.member}: {told.text}")
    elif told.report and told.bits is not None:
        far = f"{_share(told):4.0%}  {duration(told.elapsed)}  step {told.step:,}"
        console.note(f"{told.member}  {far}  {told.bits:.3f} bits a character (approximate)")


def _share(told: Told) -> float:
    """How far a training is."""
    return min(1.0, told.elapsed / told.total) if told.total else told.fraction


def _seen(comparison: Comparison) -> Any:
    """The look at all members."""
    from seqgen.explain.comparison import figures_of
    from seqgen.explain.exhibits.comparison import see
    from seqgen.run import Run

    memory = comparison.notes.memory
    found = [
        figures_of(Run(comparison.folder / member.name), member.name, memory.get(member.name)) for member in comparison.members
    ]
    return see(found, comparison.notes.corpus, comparison.budget, comparison.equal_to)


def _quoted(comparison: Comparison) -> str:
    """The folder of the last member, as a shell takes it."""
    import shlex

    return shlex.quote(str(comparison.folder / comparison.members[-1].name))
