"""The command line: a group of commands that are loaded when used, and the one place where errors become exit codes.

0 done, 1 an error the user can mend, 2 a usage error, 130 interrupted. A closed pipe ends a command quietly.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import click

from seqgen import __version__
from seqgen.commands.lazy import LazyGroup
from seqgen.console import ClosedPipeError, Console
from seqgen.errors import EXIT_ERROR, EXIT_INTERRUPTED, SeqgenError

# name -> (module, one-line help): the line stands here so that `seqgen --help` need not import every command.
COMMANDS: dict[str, tuple[str, str]] = {
    "train": ("seqgen.commands.train", "Train a model on a text or on pairs, in the minutes you name."),
    "generate": ("seqgen.commands.generate", "Write text with a trained model."),
    "translate": ("seqgen.commands.translate", "Translate lines: one in, one out."),
    "evaluate": ("seqgen.commands.evaluate", "Score how well a model predicts a text, or translates."),
    "score": ("seqgen.commands.score", "Say how likely given translations are, a figure a line."),
    "explain": ("seqgen.commands.explain", "Look inside a model: surprise, attention, gates, gradients and more."),
    "report": ("seqgen.commands.report", "Write one HTML page about a run."),
    "runs": ("seqgen.commands.runs", "List the runs that there are."),
}

EXAMPLES = """\b
Examples:
  seqgen train corpus.txt --minutes 5
  seqgen generate --prompt "Once upon a time" -n 500
  seqgen train pairs.tsv --minutes 10
  cat in.txt | seqgen translate > out.txt
"""


@click.group(
    cls=LazyGroup,
    table=COMMANDS,
    help="Train small sequence models on your own text or pairs; generate and translate in the shell.\n\n" + EXAMPLES,
    context_settings={
        "help_option_names": ["-h", "--help"],
        # Half of this field's tools write --top_k, the other half --top-k: both are understood.
        "token_normalize_func": lambda token: token.replace("_", "-"),
        "max_content_width": 100,
    },
)
@click.version_option(__version__, "--version", "-V", message="seqgen %(version)s")
def cli() -> None:
    """The group itself does nothing."""


def main(args: Sequence[str] | None = None) -> None:
    """Run the command line and exit."""
    arguments = list(sys.argv[1:] if args is None else args)
    # Known before anything is parsed: an error in parsing must already obey it.
    console = Console.from_environment(no_color="--no-color" in arguments)
    try:
        code = cli.main(arguments, prog_name="seqgen", standalone_mode=False, obj=console)
        console.close()
    except SeqgenError as error:
        if "--debug" in arguments:
            raise
        console.error(error)
        code = EXIT_ERROR
    except click.ClickException as error:
        error.show(sys.stderr)
        code = error.exit_code
    except (KeyboardInterrupt, click.Abort):
        code = EXIT_INTERRUPTED
    except ClosedPipeError:
        _silence_stdout()
        code = 0
    sys.exit(code or 0)


def _silence_stdout() -> None:
    """Nobody reads any more; the interpreter's own flush at exit must not complain about it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
