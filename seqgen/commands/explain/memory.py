"""`seqgen explain memory`: time and bytes of attention over N positions against those of a recurrent layer."""

from __future__ import annotations

from pathlib import Path

import click

from seqgen.commands.options import common, threads_with
from seqgen.commands.showing import show, showing_options
from seqgen.console import Console

HELP = """Measure on this machine what attention over N positions costs in time and bytes, against an LSTM layer of the same
width: to read N symbols, and to write one more. Both are plain NumPy, as their formulas are written, on one processor
unless --threads says otherwise.

\b
Examples:
  seqgen explain memory
  seqgen explain memory --width 512 --max 2048 -o memory.svg
  seqgen explain memory --threads 2 --json
"""


@click.command("memory", help=HELP, short_help="What attention over N positions costs, against a recurrent step.")
@click.option("--width", type=click.IntRange(4, 4096), default=128, show_default=True, help="Width of both layers.")
@click.option("--max", "largest", type=click.IntRange(256, 65_536), default=4096, show_default=True,
              help="Measure powers of two from 64 up to this.")  # fmt: skip
@click.option("--repeats", type=click.IntRange(1, 1000), default=5, show_default=True, help="Take the least of so many runs.")
@showing_options
@threads_with("one")
@common
@click.pass_obj
def command(
    console: Console,
    /,
    width: int,
    largest: int,
    repeats: int,
    output: Path | None,
    as_json: bool,
    threads: int | None,
    quiet: bool,
) -> None:
    """Parse, measure, show."""
    console.quiet = quiet
    from seqgen.threads import limit_threads

    # On one processor, both do all of their work where it is measured, and neither waits for a busy processor.
    limit_threads(threads or 1)
    from seqgen.explain.exhibits.costs import see

    with console.progress("measuring") as progress:
        seen = see(width, largest, repeats, threads or 1, progress)
    show(console, *seen, output=output, as_json=as_json)
