"""`seqgen translate`: lines in, lines out, in order, each as soon as it can be."""

from __future__ import annotations

import functools
import os
import re
import shlex
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from seqgen.commands.grouped import OneName
from seqgen.commands.options import (
    chosen_run,
    common,
    model_option,
    runs_dir_option,
    stdin_is_terminal,
    threads_option,
    translation_engine,
)
from seqgen.commands.texts import option_text
from seqgen.commands.translate_files import FileOptions, file_options, translate_files
from seqgen.commands.written import Form, Writer
from seqgen.console import Console
from seqgen.errors import CorpusError

if TYPE_CHECKING:
    from seqgen.commands.chosen import TranslationChoices
    from seqgen.data.lines import ByteStream, Line, LineSource
    from seqgen.translation.lines import LineTranslator

HELP = """Translate files or stdin line by line: one line out for each line in, nothing else on stdout.

\b
Examples:
  cat in.txt | seqgen translate > out.txt
  echo "Where is the harbour?" | seqgen translate -m checkpoints/en-fr
  seqgen translate in.txt --nbest 3 --scores
  echo "The sea is blue." | seqgen translate --show-choices 3
  seqgen translate --jsonl < records.jsonl   each one with a "translation" added
  seqgen translate -i                          one line after another
"""


@click.command("translate", help=HELP, short_help="Translate lines: one in, one out.")
@click.argument("inputs", metavar="[FILE]...", nargs=-1)
@model_option
@click.option("-b", "--beam-size", "--beam", "beam_size", type=int, default=5, show_default=True, cls=OneName,
              help="1 is greedy.")  # fmt: skip
@click.option("--length-penalty", "--lenpen", "length_penalty", type=float, default=1.0, show_default=True,
              help="Above 1 longer translations, below 1 shorter ones.")  # fmt: skip
@click.option("--nbest", type=int, default=1, show_default=True,
              help="Translations per line; above 1, each is printed after its line's number.")  # fmt: skip
@click.option("--sample", is_flag=True, help="Draw translations rather than search for the likeliest.")
@click.option("-T", "--temperature", "--temp", "temperature", type=float, cls=OneName,
              help="With --sample: below 1 sharper, above 1 wilder.")  # fmt: skip
@click.option("--top-k", type=int, help="With --sample: only the k likeliest tokens.")
@click.option("--top-p", type=float, help="With --sample: only the likeliest tokens that make up this share.")
@click.option("--seed", type=click.IntRange(0), help="With --sample: the same seed and input give the same output.")
@click.option("--no-repeat-ngram", type=int, default=0, help="Never repeat a sequence of this many tokens; 0 is off.")
@click.option("--prefix", metavar="TEXT", help=r"What each translation begins with; \n, \uXXXX and \\ as in `generate`.")
@click.option("--max-length", type=int, help="Longest translation in tokens; a note says where one was cut.")
@click.option("--scores", is_flag=True, help="Before each translation, its score: log-probability per token at penalty 1.")
@click.option("--alignment", is_flag=True, help="After each translation, its word alignment, as 0-0 1-2.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per line: source, translation and score.")
@click.option("--jsonl", is_flag=True, help="Read JSON lines and add its translation to each; the rest stays as it was.")
@click.option("--field", help="With --jsonl: the field to translate.  [default: source]")
@click.option("--into", metavar="NAME", help="With --jsonl: the field to write; others are NAME_score, NAME_alignment, "
              "NAME_nbest.  [default: translation; score, alignment, nbest]")  # fmt: skip
@click.option("--strict", is_flag=True, help="A line that loses what must survive (numbers, addresses, "
              "{placeholders}, ...) comes back as it is, and is an error at the end.")  # fmt: skip
@click.option("--show-choices", metavar="N", type=click.IntRange(1, 1_000),
              help="Show, on stderr or in --json, the N likeliest pieces at each written one.")  # fmt: skip
@click.option("--explain-cuts", is_flag=True, help="Translate nothing: show the pieces that lines are cut into, and why there.")
@click.option("-i", "--interactive", is_flag=True, help="Ask for lines.")
@file_options
@translation_engine
@threads_option
@runs_dir_option
@common
@click.pass_obj
def command(
    console: Console,
    /,
    inputs: tuple[str, ...],
    model: str | None,
    scores: bool,
    alignment: bool,
    as_json: bool,
    jsonl: bool,
    field: str | None,
    into: str | None,
    strict: bool,
    show_choices: int | None,
    explain_cuts: bool,
    interactive: bool,
    engine: str,
    precision: str,
    threads: int | None,
    runs_dir: Path,
    quiet: bool,
    **settings: Any,
) -> None:
    """Parse, translate, stream."""
    console.quiet = quiet
    about_files = FileOptions.taken(settings)
    if not inputs and not interactive and (sys.__stdin__ is None or stdin_is_terminal()):
        raise click.UsageError("nothing to translate: pipe text in, name a FILE, or use -i")
    _check_files(inputs)
    formats = about_files.formats(inputs)
    run = chosen_run(console, model, runs_dir, "translation")
    if explain_cuts:
        from seqgen.commands.cuts import write_cuts

        write_cuts(console, run, _source(inputs, interactive), as_json)
        return
    if settings["prefix"] is not None:
        settings["prefix"] = option_text(settings["prefix"], "--prefix")
    if formats:
        opened = functools.partial(_open, run, engine, precision, threads, False, settings)
        translate_files(console, run, opened, formats, about_files, as_json)
        return
    lines = _open(run, engine, precision, threads, alignment, settings)
    form = Form(lines.options.nbest, scores, alignment, as_json, jsonl, "source" if field is None else field, into)
    choices = None if show_choices is None else _choices(console, run, lines, show_choices)
    Writer(console, lines, form, strict, choices).write(_source(inputs, interactive), _size(inputs))


def _choices(console: Console, run: Any, lines: LineTranslator, most: int) -> TranslationChoices:
    """What will say what stood to choose."""
    from seqgen.commands.chosen import TranslationChoices

    return TranslationChoices(console, run, lines.options, most)


def _source(inputs: tuple[str, ...], interactive: bool) -> LineSource:
    """The lines of files, of stdin, or of somebody who is asked."""
    from seqgen.data.lines import LineReader

    return Asked() if interactive and stdin_is_terminal() else LineReader(_streams(inputs))


def _open(
    run: Any, engine: str, precision: str, threads: int | None, alignment: bool, settings: dict[str, Any]
) -> LineTranslator:
    """The run's translator with the options that were asked for."""
    from seqgen.opening import open_lines

    options = {name: value for name, value in settings.items() if value is not None}
    return open_lines(run, {**options, "attention": alignment}, engine=engine, precision=precision, threads=threads)


def _check_files(inputs: tuple[str, ...]) -> None:
    """Raise CorpusError for what cannot be read, before anything is loaded or answered."""
    for name in inputs:
        if name == "-":
            continue
        try:
            mode = os.stat(name).st_mode
        except OSError as error:
            reason = "no such file" if isinstance(error, FileNotFoundError) else f"cannot be read: {error.strerror}"
            raise CorpusError(f"{_printable(name)}: {reason}", _missing_hint(name, inputs)) from None
        if stat.S_ISDIR(mode):
            raise CorpusError(f"{_printable(name)}: a folder, expected a file", "name the files in it")
        if not os.access(name, os.R_OK):
            raise CorpusError(f"{_printable(name)}: cannot be read: permission denied", "change its mode, or name another file")


def _missing_hint(name: str, inputs: tuple[str, ...]) -> str:
    """What somebody may have meant by the name of a file that is not there."""
    if name.startswith("~") and (home := os.path.expanduser(name)) != name:
        return f'inside quotes the shell leaves "~" as it is: write {_printable(shlex.quote(home))}'
    if re.search(r"[\\/]|\.\w+$", name) and not re.search(r"\s", name):
        return "check the path; - reads stdin"
    # Without the quotes, all the words were meant.
    text = name if any(map(os.path.exists, inputs)) else " ".join(inputs)
    return f"if it is text, pipe it in: echo {_printable(shlex.quote(text))} | seqgen translate"


def _printable(name: str) -> str:
    """A name as shown in a message: not too long, with undecodable bytes and control characters replaced."""
    short = name if len(name) <= 100 else f"{name[:97]}..."
    return "".join(character if character.isprintable() else "\ufffd" for character in short)


def _streams(inputs: tuple[str, ...]) -> Iterator[tuple[str, ByteStream]]:
    """The files, opened when their turn comes; unbuffered, as they are read in blocks."""
    from seqgen.data.lines import standard_input

    for name in inputs or ("-",):
        if name == "-":
            yield "stdin", standard_input()
            continue
        with open(name, "rb", buffering=0) as file:
            yield _printable(name), file


def _size(inputs: tuple[str, ...]) -> int:
    """Bytes of the files; 0 for a pipe."""
    try:
        return sum(os.path.getsize(name) for name in inputs) if inputs and "-" not in inputs else 0
    except OSError:
        return 0


class Asked:
    """Lines asked for at a terminal, one after another: a LineSource."""

    waiting = False

    def __init__(self) -> None:
        self._number = 0

    def take(self, most: int, characters: int) -> list[Line]:
        """The next line; none at the end. Raises CorpusError for what is not in the terminal's encoding."""
        from seqgen.data.lines import Line

        try:
            text = input("> ")
        except EOFError:
            return []
        except UnicodeDecodeError as error:
            raise CorpusError(f"stdin:{self._number + 1}: not {error.encoding.upper()}: {error.reason}") from None
        self._number += 1
        return [Line(text, self._number, "stdin", self._number, text)]
