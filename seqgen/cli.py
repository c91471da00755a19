"""The command line: a group of commands that are loaded when used, and the one place where errors become exit codes.

0 done, 1 an error, 2 a usage error, 130 interrupted (by Ctrl-C; a training also by SIGTERM and SIGHUP, after it has saved).
A closed pipe ends a command quietly. A traceback is shown only with --debug.
"""

from __future__ import annotations

import errno
import io
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from typing import Any

import click

from seqgen import __version__
from seqgen.commands.lazy import LazyGroup
from seqgen.console import Console
from seqgen.errors import EXIT_ERROR, EXIT_INTERRUPTED, SeqgenError
from seqgen.interrupts import Ending, leave
from seqgen.streams import ClosedPipeError, open_missing, take_over

# name -> (module, one-line help): the line is here so that `seqgen --help` need not import every command.
COMMANDS: dict[str, tuple[str, str]] = {
    "train": ("seqgen.commands.train", "Train a model on a text or on pairs, in the minutes you give it."),
    "check": ("seqgen.commands.check", "Look for what is wrong with pairs or a text before learning from it."),
    "compare": ("seqgen.commands.compare", "Train several architectures on a text, and compare them."),
    "generate": ("seqgen.commands.generate", "Write text with a trained model."),
    "translate": ("seqgen.commands.translate", "Translate lines: one in, one out."),
    "serve": ("seqgen.commands.serve", "Answer the clients of translation and completion servers."),
    "evaluate": ("seqgen.commands.evaluate", "Score how well a model predicts a text, or translates."),
    "score": ("seqgen.commands.score", "Say how likely given translations are, one figure per line."),
    "copies": ("seqgen.commands.copies", "Say which parts of a text stand in the training text."),
    "explain": ("seqgen.commands.explain", "Look inside a model: surprise, attention, gates, gradients and more."),
    "report": ("seqgen.commands.report", "Write one HTML page about a run."),
    "demo": ("seqgen.commands.demo", "Write, translate and look inside at once, with runs that come along."),
    "runs": ("seqgen.commands.runs", "List the runs; show, remove or rename one."),
    "completion": ("seqgen.commands.completion", "Print a script for completion in bash, zsh or fish."),
}

# Set by a shell that asks for completions.
COMPLETING = "_SEQGEN_COMPLETE"

EXAMPLES = """\b
Examples:
  seqgen train corpus.txt --minutes 5
  seqgen generate --prompt "Once upon a time" -n 500
  seqgen train pairs.tsv --minutes 10
  cat in.txt | seqgen translate > out.txt
  seqgen help train                            the same as: seqgen train --help
"""


@click.group(
    cls=LazyGroup,
    table=COMMANDS,
    for_files="train",
    help="Train small sequence models on your own text or pairs; generate and translate in the shell.\n\n" + EXAMPLES,
    context_settings={
        "help_option_names": ["-h", "--help"],
        # Half of the tools in this field write --top_k, the other half --top-k: both are understood.
        "token_normalize_func": lambda token: token.replace("_", "-"),
        "max_content_width": 100,
    },
)
@click.version_option(__version__, "--version", "-V", message="seqgen %(version)s")
def cli() -> None:
    """The group itself does nothing."""


def main(args: Sequence[str] | None = None) -> None:
    """Run the command line and exit."""
    open_missing()
    take_over()
    # What no system can pass as an argument, a program that calls us can: it is shown, and found not to exist.
    arguments = [word.encode("utf-8", "backslashreplace").decode() if _is_unencodable(word) else word
                 for word in (sys.argv[1:] if args is None else args)]  # fmt: skip
    # Known before anything is parsed: an error in parsing must already obey it.
    console = Console.from_environment(no_color="--no-color" in arguments)
    debug = "--debug" in arguments
    with Ending() as ending:
        if args is None and not debug:
            _silence_hooks(console)
        code = _code_of(lambda: _run(arguments, console), console, debug, ending)
        # Only here is it known whether all results have been written.
        code = _code_of(console.close, console, debug, ending) or code
        if code == EXIT_INTERRUPTED:
            leave()
    if args is None and "torch" in sys.modules and _flushed():
        os._exit(code)  # all is written: taking torch apart takes half a second, on a busy machine two
    if args is None and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # the interpreter's own end can take a while, and has its tracebacks too
    sys.exit(code)


def _run(arguments: list[str], console: Console) -> Any:
    """Do what the words say, or answer a shell that asks how they may go on."""
    if COMPLETING in os.environ:
        from seqgen.commands.completing import answer

        return answer(cli, os.environ.pop(COMPLETING), console)
    return cli.main(arguments, prog_name="seqgen", standalone_mode=False, obj=console)


def _is_unencodable(word: str) -> bool:
    """Whether a word has no bytes in the file system's encoding."""
    try:
        os.fsencode(word)
    except UnicodeEncodeError:
        return True
    return False


def _flushed() -> bool:
    """Whether nothing is left to be written."""
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except Exception:  # the interpreter's own end deals with it
        return False
    return True


def _code_of(work: Callable[[], Any], console: Console, debug: bool, ending: Ending) -> int:
    """Do it; the exit code, after any error has been reported."""
    try:
        code = work()
        return code if isinstance(code, int) else 0
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0
    except ClosedPipeError:
        return 0
    except click.ClickException as error:
        text = io.StringIO()
        error.show(text)
        console.usage(text.getvalue())
        return error.exit_code
    except BaseException as error:
        # An interrupt inside an import may come out as any other error.
        if ending.came or _is_interrupt(error):
            return EXIT_INTERRUPTED
        if debug:
            import traceback

            console.usage(traceback.format_exc())
        console.error(explained(error))
        return EXIT_ERROR


def _is_interrupt(error: BaseException) -> bool:
    """click makes an Abort of Ctrl-C, and of an early end of file, which is an error like others."""
    return isinstance(error, KeyboardInterrupt) or (
        isinstance(error, click.Abort) and not isinstance(error.__cause__, EOFError)
    )


def explained(error: BaseException) -> SeqgenError:
    """Any exception as a message of one line: lack of memory and errors of the system by their names, the rest as our bug."""
    if isinstance(error, SeqgenError):
        return error
    if isinstance(error, click.Abort) and error.__cause__ is not None:
        error = error.__cause__
    text = " ".join(str(error).split())
    if isinstance(error, MemoryError) or any(sign in f"{type(error).__name__}: {text}" for sign in _NO_MEMORY):
        return SeqgenError("out of memory", "use a smaller --batch-size, a smaller model or less text")
    if isinstance(error, OSError) and error.strerror:
        names = " -> ".join(os.fsdecode(name) for name in (error.filename, error.filename2) if isinstance(name, str | bytes))
        return SeqgenError(f"{names}: {error.strerror}" if names else error.strerror, _WAYS_OUT.get(error.errno or 0))
    what = f"{type(error).__name__}: {text[:300]}" if text else type(error).__name__
    return SeqgenError(f"internal error: {what}", "please report it; --debug shows where it happened")


# How libraries say that there is no memory, where they raise no MemoryError.
_NO_MEMORY = ("OutOfMemoryError", "can't allocate memory", "failed to map segment", "std::bad_alloc")
_WAYS_OUT = {
    errno.ENOSPC: "free some space on that disk",
    errno.EMFILE: "allow more open files: ulimit -n 4096",
}


def _silence_hooks(console: Console) -> None:
    """Report an error in a thread as one line, and one in a finalizer not at all, instead of Python's tracebacks."""
    threading.excepthook = lambda failure: console.error(explained(failure.exc_value or failure.exc_type()))
    sys.unraisablehook = lambda failure: None
