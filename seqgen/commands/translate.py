"""`seqgen translate`: lines in, lines out, in order, each as soon as it can be."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from seqgen.commands.options import (
    chosen_run,
    common,
    fitting_precision,
    model_option,
    runs_dir_option,
    stdin_is_terminal,
    threads_option,
    translation_engine,
)
from seqgen.console import Console
from seqgen.errors import CorpusError

if TYPE_CHECKING:
    from seqgen.data.lines import ByteStream, LineReader
    from seqgen.translation import LineTranslator

HELP = """Translate files or stdin line by line: one line out for each line in, nothing else on stdout.

\b
Examples:
  cat in.txt | seqgen translate > out.txt
  echo "Where is the harbour?" | seqgen translate -m checkpoints/en-fr
  seqgen translate in.txt --nbest 3 --scores
  seqgen translate --jsonl < records.jsonl     each record with a "translation" added
  seqgen translate -i                          a line after the other
"""


@click.command("translate", help=HELP, short_help="Translate lines: one in, one out.")
@click.argument("inputs", metavar="[FILE]...", nargs=-1)
@model_option
@click.option("-b", "--beam-size", "--beam", "beam_size", type=int, default=5, show_default=True, help="1 is greedy.")
@click.option("--length-penalty", "--lenpen", "length_penalty", type=float, default=1.0, show_default=True,
              help="Above 1 longer translations, below 1 shorter ones.")  # fmt: skip
@click.option("--nbest", type=int, default=1, show_default=True,
              help="Translations a line; above 1 each is printed behind its line's number.")  # fmt: skip
@click.option("--sample", is_flag=True, help="Draw translations rather than search for the likeliest.")
@click.option("-T", "--temperature", "--temp", "temperature", type=float, help="Of --sample: below 1 sharper, above 1 wilder.")
@click.option("--top-k", type=int, help="Of --sample: only the k likeliest tokens.")
@click.option("--top-p", type=float, help="Of --sample: only the likeliest that reach this share.")
@click.option("--seed", type=click.IntRange(0), help="Of --sample: the same seed and input give the same output.")
@click.option("--no-repeat-ngram", type=int, default=0, help="Never the same so many tokens twice; 0 is off.")
@click.option("--prefix", metavar="TEXT", help="What each translation begins with.")
@click.option("--max-length", type=int, help="Longest translation in tokens; a note says where one was cut.")
@click.option("--scores", is_flag=True, help="Before each translation its score: log-probability a token at penalty 1.")
@click.option("--alignment", is_flag=True, help="Behind each translation its words' sources, as 0-0 1-2.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.option("--jsonl", is_flag=True, help="Read JSON lines too: their fields pass through.")
@click.option("--field", help="Of --jsonl: the field to translate.  [default: source]")
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
    if interactive and (inputs or jsonl):
        raise click.UsageError("--interactive asks for lines: leave files and --jsonl out")
    if field is not None and not jsonl:
        raise click.UsageError("--field belongs to --jsonl: add it, or leave the option out")
    fitting_precision(engine, precision)
    lines = _open(console, model, runs_dir, engine, precision, threads, alignment, settings)
    writer = Writer(console, lines, Form(scores, alignment, as_json or jsonl, jsonl, field or "source"))
    if interactive:
        writer.converse()
        return
    if not inputs and stdin_is_terminal():
        raise click.UsageError("nothing to translate: pipe text in, name a FILE, or use -i")
    from seqgen.data.lines import LineReader

    writer.write(LineReader(_streams(inputs)), _size(inputs))


def _open(
    console: Console, model: str | None, runs_dir: Path, engine: str, precision: str, threads: int | None, alignment: bool,
    settings: dict[str, Any],
) -> LineTranslator:  # fmt: skip
    """The run's translator with the options that were asked for."""
    options = _options(settings)
    from seqgen.decode.translator import TranslateOptions
    from seqgen.opening import line_translator, longest_translation, open_translator
    from seqgen.threads import available_cpus

    run = chosen_run(console, model, runs_dir, "translation")
    prefix = settings["prefix"]
    options["prefix"] = tuple(run.tokenizer().encode(prefix).tolist()) if prefix else ()
    options["max_length"] = settings["max_length"] or longest_translation(run)
    chosen = TranslateOptions(**options, attention=alignment)
    translator = open_translator(run, engine=engine, precision=precision, threads=threads or available_cpus())
    return line_translator(run, translator, chosen)


def _options(settings: dict[str, Any]) -> dict[str, Any]:
    """Options of the search; those of sampling without --sample would be ignored, so they are errors."""
    given = [name for name in ("temperature", "top_k", "top_p", "seed") if settings[name] is not None]
    if given and not settings["sample"]:
        raise click.UsageError(f"--{given[0].replace('_', '-')} belongs to --sample: add it, or leave the option out")
    kept = ("beam_size", "length_penalty", "nbest", "sample", "no_repeat_ngram")
    return {name: settings[name] for name in (*kept, *given)}


def _streams(inputs: tuple[str, ...]) -> Iterator[tuple[str, ByteStream]]:
    """The files, opened when their turn comes."""
    for name in inputs or ("-",):
        if name == "-":
            # Unbuffered: a thread that waits in a buffered read holds its lock, which the interpreter wants at its exit.
            yield "stdin", open(0, "rb", buffering=0, closefd=False)
            continue
        try:
            with open(name, "rb") as file:
                yield name, file
        except FileNotFoundError:
            raise CorpusError(f"{name}: no such file", "check the path; - reads stdin") from None


def _size(inputs: tuple[str, ...]) -> int:
    """Bytes of the files; 0 for a pipe."""
    try:
        return sum(os.path.getsize(name) for name in inputs) if inputs and "-" not in inputs else 0
    except OSError:
        return 0


class Form:
    """In which form lines come and go."""

    def __init__(self, scores: bool, alignment: bool, as_json: bool, jsonl: bool, field: str) -> None:
        self.scores, self.alignment, self.as_json, self.jsonl, self.field = scores, alignment, as_json, jsonl, field


class Writer:
    """Writes what a translator makes of lines, in the form that was asked for."""

    def __init__(self, console: Console, lines: LineTranslator, form: Form) -> None:
        self.console, self.lines, self.form = console, lines, form
        self.number = 0
        self.nbest = lines.options.nbest

    def write(self, reader: LineReader, size: int) -> None:
        """Everything a reader gives, flushed piece by piece; `size` is its bytes, 0 where nobody knows."""
        if self.form.jsonl:
            self._write_records(reader)
            return
        done = 0
        with self.console.progress("translating") as progress:
            for found in self.lines.stream(reader):
                self.console.write("".join(self._form(one) for one in found), flush=True)
                done += sum(len(one.source.encode()) + 1 for one in found)
                # On a terminal the translations themselves are what moves.
                if size and not self.console.out_is_terminal:
                    progress(min(1.0, done / size))

    def converse(self) -> None:
        """A line after the other, until the input ends."""
        while True:
            try:
                line = input("> " if stdin_is_terminal() else "")
            except EOFError:
                return
            self.console.write(self._form(self.lines.translate([line])[0]), flush=True)

    def _write_records(self, reader: LineReader) -> None:
        """JSON lines: each record with its translation; nothing of it is lost."""
        from seqgen.translation import FIRST_LINES, MOST_CHARACTERS, MOST_LINES

        read, most = 0, FIRST_LINES
        while lines := reader.take(most, MOST_CHARACTERS):
            most = min(MOST_LINES, 4 * most)
            records, error = _records(lines, read, self.form.field)
            read += len(lines)
            found = self.lines.translate(["" if record is None else record[self.form.field] for record in records])
            rows = ["\n" if record is None else self._form(one, record) for record, one in zip(records, found, strict=True)]
            self.console.write("".join(rows), flush=True)
            if error is not None:
                raise error

    def _form(self, one: Any, record: dict[str, Any] | None = None) -> str:
        """What is printed for a line."""
        self.number += 1
        if not one.whole:
            self.console.note(f"line {self.number}: the translation was cut at {self.lines.options.max_length} tokens")
        if self.form.as_json:
            return self._json(one, record)
        rows = []
        for candidate in one.candidates:
            parts = [str(self.number)] if self.nbest > 1 else []
            parts += [f"{candidate.score:.4f}"] if self.form.scores else []
            parts.append(candidate.text)
            parts += [" ".join(f"{s}-{t}" for s, t in candidate.alignment)] if self.form.alignment else []
            rows.append("\t".join(parts) + "\n")
        return "".join(rows)

    def _json(self, one: Any, record: dict[str, Any] | None) -> str:
        import json

        candidates = [
            {
                "translation": candidate.text,
                "score": candidate.score,
                **({"alignment": [list(link) for link in candidate.alignment]} if self.form.alignment else {}),
            }
            for candidate in one.candidates
        ]
        content = {**({"source": one.source} if record is None else record), **candidates[0]}
        if self.nbest > 1:
            content["nbest"] = candidates
        return json.dumps(content, ensure_ascii=False) + "\n"


def _records(lines: list[str], before: int, field: str) -> tuple[list[dict[str, Any] | None], CorpusError | None]:
    """The records of lines up to the first that is none, and what is wrong with that; a blank line is None."""
    import json

    records: list[dict[str, Any] | None] = []
    for number, line in enumerate(lines, before + 1):
        try:
            record = json.loads(line) if line.strip() else None
        except json.JSONDecodeError as error:
            return records, CorpusError(f"line {number}: not JSON: {error.msg} at column {error.colno}")
        if record is not None and not (isinstance(record, dict) and isinstance(record.get(field), str)):
            return records, CorpusError(f"line {number}: expected a text in the field {field!r}", "name the field with --field")
        records.append(record)
    return records, None
