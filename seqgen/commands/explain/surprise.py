"""`seqgen explain surprise`: each symbol coloured by its probability, and what the model would rather have said."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from seqgen.commands.options import chosen_run, common, model_option, note_unknown, required, runs_dir_option
from seqgen.commands.showing import show, showing_options
from seqgen.console import Console

if TYPE_CHECKING:
    from seqgen.draw.panels import Exhibit
    from seqgen.explain.surprise import Surprise
    from seqgen.tokenizers.base import Tokenizer

HELP = """Colour a text by how likely the model finds each symbol, and say what it would rather have said.

Of a language model: a text, or text files ("-" is stdin). Of a translation model: a source and a target, or files of pairs.

\b
Examples:
  seqgen explain surprise -p "It was a dark and stormy night."
  seqgen explain surprise chapter.txt --worst 20
  seqgen explain surprise -p "The cat sleeps." --target "Le chat dort." -o surprise.html
"""

# A symbol of so many bits has the full colour: one in 512. In plain text the digit below is then the bits themselves.
FULL = 9.0
ALTERNATIVES = 3


@click.command("surprise", help=HELP, short_help="Colour a text by how likely the model finds each symbol.")
@click.argument("inputs", metavar="[FILE]...", nargs=-1)
@click.option("-p", "--prompt", "--text", "prompt", metavar="TEXT", help="The text; of a translation model the source.")
@click.option("--target", metavar="TEXT", help="The translation to look at, of the source given by -p.")
@click.option("--worst", type=click.IntRange(min=0), default=5, show_default=True, help="List so many surprising places.")
@click.option("--columns", help="Of pairs: two numbers, or two fields of JSON lines.")
@click.option("--encoding", default="utf-8", show_default=True, help="Of the files.")
@model_option
@showing_options
@runs_dir_option
@common
@click.pass_obj
def command(
    console: Console,
    /,
    inputs: tuple[str, ...],
    prompt: str | None,
    target: str | None,
    worst: int,
    columns: str | None,
    encoding: str,
    model: str | None,
    output: Path | None,
    as_json: bool,
    runs_dir: Path,
    quiet: bool,
) -> None:
    """Find the text or the pairs, look, show."""
    console.quiet = quiet
    if bool(inputs) == (prompt is not None):
        raise click.UsageError("give a text with -p, or name files")
    if prompt is not None:
        required(prompt, "-p")
    if target is not None and prompt is None:
        raise click.UsageError("--target goes with -p: the source")
    from seqgen.data.pairs import looks_like_pairs

    is_pairs = target is not None or looks_like_pairs(inputs)
    run = chosen_run(console, model, runs_dir, "translation" if is_pairs else "language")
    if run.info.kind == "translation":
        if prompt is not None and target is None:
            raise click.UsageError(f"{run.path} translates: give the target, too, with --target")
        found = pairs_looked_at(console, run, inputs, (prompt, target), columns, encoding)
    else:
        if target is not None or columns is not None:
            raise click.UsageError(f"--target and --columns belong to translation models; {run.path} is a language model")
        found = text_looked_at(console, run, inputs, prompt, encoding)
    tokenizer = run.tokenizer()
    exhibit = exhibit_of(found, tokenizer, worst)
    show(console, exhibit, record_of(run, found, tokenizer, worst), output=output, as_json=as_json)


def text_looked_at(console: Console, run: Any, inputs: tuple[str, ...], prompt: str | None, encoding: str) -> Surprise:
    """Read a text with a language model."""
    from seqgen.backend import open_scorer
    from seqgen.data.formats import read_texts
    from seqgen.errors import CorpusError
    from seqgen.explain.surprise import surprise_of_text

    text = prompt
    if text is None:
        if len(inputs) == 1 and " " in inputs[0] and not Path(inputs[0]).exists():
            raise CorpusError(f"{inputs[0]}: no such file", "to look at a text itself, give it with -p")
        corpus = read_texts(inputs, encoding=encoding)
        for note in corpus.notes:
            console.note(note)
        text = corpus.text
    note_unknown(console, run, text)
    found = None
    with console.progress("reading") as progress:
        for share, result in surprise_of_text(open_scorer(run), run.tokenizer(), text, ALTERNATIVES):
            progress(share)
            found = result or found
    assert found is not None
    return found


def pairs_looked_at(
    console: Console,
    run: Any,
    inputs: tuple[str, ...],
    pair: tuple[str | None, str | None],
    columns: str | None,
    encoding: str,
) -> Surprise:
    """Read targets, each with its source at hand, one line a target."""
    from seqgen.backend import open_reader
    from seqgen.explain.surprise import joined_lines, surprise_of_target

    source, target = pair
    sources, targets = [source or ""], [target or ""]
    if inputs:
        from seqgen.commands.evaluate_pairs import read

        pairs = read(console, run, inputs, None, columns, encoding)
        sources, targets = pairs.sources, pairs.targets
    reader, tokenizer = open_reader(run), run.tokenizer()
    found = []
    with console.progress("reading") as progress:
        for number, (source, target) in enumerate(zip(sources, targets, strict=True)):
            ids = tokenizer.encode(target)
            log_probs = reader.read(tokenizer.encode(source), ids).log_probs
            found.append(surprise_of_target(log_probs, tokenizer, ids, target, ALTERNATIVES))
            progress((number + 1) / len(sources))
    return joined_lines(found)


def exhibit_of(found: Surprise, tokenizer: Tokenizer, worst: int) -> Exhibit:
    """The coloured text, the worst places, the total."""
    from seqgen.draw.panels import Cell, Exhibit, Panel, ShadedText, Table

    cells = [
        Cell(text, bits, f"{bits:.1f} bits; rather {_rather(found, tokenizer, place)}") for place, text, bits in _shown(found)
    ]
    panels: list[Panel] = [ShadedText("surprise", cells, unit="bits", high=FULL)]
    if worst and len(found.bits):
        rows = [
            (f"{line}:{column}", f"'{_name(found, place)}'", f"{found.bits[place]:.1f}", _rather(found, tokenizer, place))
            for line, column, place in worst_places(found, worst)
        ]
        panels.append(Table("the most surprising places", ("line:column", "symbol", "bits", "it would rather have said"), rows))
    first = int((found.rank == 0).sum())
    sentences = (
        f"{found.total:.1f} bits in all, {found.total / max(1, found.characters):.2f} a character; "
        f"of {len(found.bits):,} symbols {first:,} were what the model found likeliest.",
    )
    return Exhibit("Surprise", tuple(panels), sentences)


def record_of(run: Any, found: Surprise, tokenizer: Tokenizer, worst: int) -> dict[str, Any]:
    """The same for a program."""
    symbols = [
        {
            "text": found.texts[place],
            "symbol": found.symbols[place],
            "bits": round(float(found.bits[place]), 4),
            "rank": int(found.rank[place]),
            "rather": [{"symbol": symbol, "probability": round(p, 6)} for symbol, p in _alternatives(found, tokenizer, place)],
        }
        for place in range(len(found.bits))
    ]
    places = [{"line": line, "column": column, "symbol": place} for line, column, place in worst_places(found, worst)]
    return {"model": run.info.name, "bits": found.total, "symbols": symbols, "worst": places}


def worst_places(found: Surprise, count: int) -> list[tuple[int, int, int]]:
    """Line and column (from 1) and place of the most surprising symbols, the worst first."""
    lines, columns = [], []
    line = column = 1
    for text in found.texts:
        lines.append(line)
        columns.append(column)
        # Characters behind the last newline of this symbol, if it has one.
        column = column + len(text) if "\n" not in text else 1 + len(text) - text.rindex("\n") - 1
        line += text.count("\n")
    order = sorted(range(len(found.bits)), key=lambda place: (-found.bits[place], place))
    return [(lines[place], columns[place], place) for place in order[:count]]


def _shown(found: Surprise) -> Iterator[tuple[int, str, float]]:
    """Place, text and bits; a character that is spelt in several symbols is one, with the bits of them all."""
    bits, first = 0.0, None
    for place, text in enumerate(found.texts):
        bits += float(found.bits[place])
        first = place if first is None else first
        if text or place + 1 == len(found.texts):
            yield first, text, bits
            bits, first = 0.0, None


def _name(found: Surprise, place: int) -> str:
    """The symbol's name; of a character that the vocabulary lacks, the character."""
    from seqgen.tokenizers.base import SPECIALS, UNK

    return found.texts[place] if found.symbols[place] == SPECIALS[UNK] else found.symbols[place]


def _alternatives(found: Surprise, tokenizer: Tokenizer, place: int) -> list[tuple[str, float]]:
    ids, probabilities = found.alternatives[place].tolist(), found.probabilities[place].tolist()
    return [(tokenizer.symbol(id_), p) for id_, p in zip(ids, probabilities, strict=True)]


def _rather(found: Surprise, tokenizer: Tokenizer, place: int) -> str:
    if found.rank[place] == 0:
        return f"nothing: {found.probabilities[place, 0]:.2f} is the most"
    return ", ".join(f"'{symbol}' {p:.2f}" for symbol, p in _alternatives(found, tokenizer, place))
