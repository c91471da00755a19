"""`seqgen translate`: lines in, lines out, in order, each as soon as it can be."""

from __future__ import annotations

import json
import os
import re
import shlex
import stat
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

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
from seqgen.console import Console
from seqgen.draw.human import plural
from seqgen.errors import CorpusError

if TYPE_CHECKING:
    from seqgen.data.lines import ByteStream, Line, LineSource
    from seqgen.translation import LineTranslator, Translated

HELP = """Translate files or stdin line by line: one line out for each line in, nothing else on stdout.

\b
Examples:
  cat in.txt | seqgen translate > out.txt
  echo "Where is the harbour?" | seqgen translate -m checkpoints/en-fr
  seqgen translate in.txt --nbest 3 --scores
  seqgen translate --jsonl < records.jsonl     each record with a "translation" added
  seqgen translate -i                          one line after another
"""


@click.command("translate", help=HELP, short_help="Translate lines: one in, one out.")
@click.argument("inputs", metavar="[FILE]...", nargs=-1)
@model_option
@click.option("-b", "--beam-size", "--beam", "beam_size", type=int, default=5, show_default=True, help="1 is greedy.")
@click.option("--length-penalty", "--lenpen", "length_penalty", type=float, default=1.0, show_default=True,
              help="Above 1 longer translations, below 1 shorter ones.")  # fmt: skip
@click.option("--nbest", type=int, default=1, show_default=True,
              help="Translations per line; above 1, each is printed after its line's number.")  # fmt: skip
@click.option("--sample", is_flag=True, help="Draw translations rather than search for the likeliest.")
@click.option("-T", "--temperature", "--temp", "temperature", type=float,
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
@click.option("--explain-cuts", is_flag=True, help="Translate nothing: show the pieces that lines are cut into, and why there.")
@click.option("-i", "--interactive", is_flag=True, help="Ask for lines.")
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
    if not inputs and not interactive and (sys.__stdin__ is None or stdin_is_terminal()):
        raise click.UsageError("nothing to translate: pipe text in, name a FILE, or use -i")
    _check_files(inputs)
    run = chosen_run(console, model, runs_dir, "translation")
    if explain_cuts:
        from seqgen.commands.cuts import write_cuts

        write_cuts(console, run, _source(inputs, interactive), as_json)
        return
    if settings["prefix"] is not None:
        settings["prefix"] = option_text(settings["prefix"], "--prefix")
    lines = _open(run, engine, precision, threads, alignment, settings)
    form = Form(lines.options.nbest, scores, alignment, as_json, jsonl, "source" if field is None else field, into)
    Writer(console, lines, form).write(_source(inputs, interactive), _size(inputs))


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


@dataclass(frozen=True)
class Form:
    """The form of input and output lines."""

    nbest: int
    scores: bool
    alignment: bool
    as_json: bool
    jsonl: bool
    field: str
    into: str | None

    def name(self, what: str) -> str:
        """The name of a field: each of several translations of one record has its own."""
        if self.into is None:
            return what
        return self.into if what == "translation" else f"{self.into}_{what}"

    @property
    def added(self) -> list[str]:
        """The fields that are written; a record gets what was asked for, a line of --json always its score."""
        wanted = {
            "translation": True,
            "score": self.scores or not self.jsonl,
            "alignment": self.alignment,
            "nbest": self.nbest > 1,
        }
        return [what for what, is_wanted in wanted.items() if is_wanted]


class Writer:
    """Writes what a translator makes of lines, in the form that was asked for."""

    def __init__(self, console: Console, lines: LineTranslator, form: Form) -> None:
        self.console, self.lines, self.form = console, lines, form

    def write(self, source: LineSource, size: int = 0) -> None:
        """Everything that a source gives, flushed piece by piece; `size` is its size in bytes, 0 if unknown."""
        if self.form.jsonl:
            from seqgen.data.records import RecordReader

            source = RecordReader(source, self.form.field, [self.form.name(what) for what in self.form.added])
        done = 0
        with self.console.progress("translating") as progress:
            for found in self.lines.stream(source):
                self.console.write("".join(self._form(line, one) for line, one in found), flush=True)
                done += sum(len(line.raw.encode("utf-8", "replace")) + 1 for line, _ in found)
                # On a terminal the translations themselves are what moves.
                if size and not self.console.out_is_terminal:
                    progress(min(1.0, done / size))

    def _form(self, line: Line, one: Translated) -> str:
        """What is printed for a line."""
        if one.cut_at:
            self.console.note(f"{line.where}: the translation was cut at {plural(one.cut_at, 'token')}")
        elif one.short:
            short = f"{plural(len(one.text), 'character')} for {len(one.source):,}"
            self.console.note(f"{line.where}: the translation is unusually short ({short}); something may be missing")
        if self.form.jsonl:
            from seqgen.data.records import with_fields

            return (with_fields(line.raw, self._fields(one)) if line.raw.strip() else "") + "\n"
        if self.form.as_json:
            return json.dumps({"source": one.source, **self._fields(one)}, ensure_ascii=False) + "\n"
        rows = []
        for candidate in one.candidates:
            parts = [str(line.number)] if self.form.nbest > 1 else []
            parts += [f"{candidate.score:.4f}"] if self.form.scores else []
            parts.append(candidate.text)
            parts += [" ".join(f"{s}-{t}" for s, t in candidate.alignment)] if self.form.alignment else []
            rows.append("\t".join(parts) + "\n")
        return "".join(rows)

    def _fields(self, one: Translated) -> dict[str, Any]:
        """What is added to a record."""
        inside = [
            {
                "translation": candidate.text,
                "score": candidate.score,
                **({"alignment": [list(link) for link in candidate.alignment]} if self.form.alignment else {}),
            }
            for candidate in one.candidates
        ]
        values = {**inside[0], "nbest": inside}
        return {self.form.name(what): values[what] for what in self.form.added}
