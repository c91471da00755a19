"""`seqgen demo`: a text, a translation and a look inside, with the runs that come along, and the commands that made them."""

from __future__ import annotations

import shlex

import click

from seqgen.commands.options import common
from seqgen.console import Console
from seqgen.run.packaged import packaged

HELP = """Write, translate and look inside, at once, with the tiny runs that come with seqgen.

\b
Each command is shown before its result, and works as it stands wherever you are.
Results go to stdout, all else to stderr.

\b
Examples:
  seqgen demo
"""

TEXT_RUN, PAIR_RUN = "tiny-english", "tiny-english-french"
LINE = "The old sailor sees 3 boats."
SENTENCE = "The animal did not cross the street because it was tired."
WRITE = ["generate", "-m", TEXT_RUN, "-p", "TOBY: ", "-n", "200", "--seed", "5"]
LOOK = ["explain", "attention", "-m", PAIR_RUN, SENTENCE, "--word", "it"]
NEXT = f"""What next:
  seqgen train FILE --minutes 2      learn from a text of yours, or from pairs (two columns)
  seqgen generate                    write with it; or translate, if these were pairs
  {shlex.join(["seqgen", *LOOK])} -o attention.svg
                                     the same look as a picture
  seqgen help                        all there is"""


@click.command("demo", help=HELP, short_help="Write, translate and look inside at once.")
@common
@click.pass_context
def command(context: click.Context, /, quiet: bool) -> None:
    """Show each, with the command that does it."""
    from seqgen.errors import CheckpointError

    console: Console = context.obj
    console.quiet = quiet
    own = packaged()
    if missing := [name for name in (TEXT_RUN, PAIR_RUN) if name not in own]:
        raise CheckpointError(f"the run {missing[0]} should have come with seqgen, but is not there", "install seqgen again")
    _run(context, WRITE, "A small network has read the made-up plays of one file. It writes, character by character:")
    console.note(f'\nAnother has learnt from English and French sentences:\n$ echo "{LINE}" | seqgen translate -m {PAIR_RUN}')
    from seqgen.api import open_run

    console.write(open_run(own[PAIR_RUN]).translate(LINE) + "\n", flush=True)
    _run(context, LOOK, "\nWhat does its encoder look at when it reads the word 'it'?")
    console.note(f"\n{NEXT}")


def _run(context: click.Context, words: list[str], why: str) -> None:
    """Say what is done, and do it as the command line would."""
    console: Console = context.obj
    console.note(f"{why}\n$ {shlex.join(['seqgen', *words])}")
    group = context.find_root().command
    group.main([*words, *(["--quiet"] if console.quiet else [])], prog_name="seqgen", standalone_mode=False, obj=console)
