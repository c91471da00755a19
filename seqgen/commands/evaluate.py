"""`seqgen evaluate`: a model and a text to figures, with the settings that made them."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from seqgen.commands.grouped import OneName
from seqgen.commands.options import (
    chosen_run,
    common,
    max_size_option,
    model_option,
    pair_files,
    runs_dir_option,
    threads_option,
    two_sides,
)
from seqgen.commands.reading import read_text
from seqgen.console import Console
from seqgen.draw.human import plural
from seqgen.metrics.overlap import TOKENIZERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from seqgen.evaluation import Evaluation
    from seqgen.metrics.likelihood import Scores

# From this share of a text on, characters unknown to the model are worth a warning.
FOREIGN = 0.1
# Characters of a text that tell its script.
LOOKED_AT = 100_000

HELP = """Score how well a language model predicts text files ("-" is stdin): every symbol once, the state carried.

For a translation model and pairs: BLEU, chrF and TER of its translations of the sources, and how likely the targets are.
BLEU's tokenizer is the one that the run was trained with: one that fits the script of its targets.

\b
Examples:
  seqgen evaluate held-out.txt
  seqgen evaluate -m checkpoints/books chapter.txt --json
  seqgen evaluate poem.txt --per-line          which lines surprise the model
  seqgen evaluate chapter.txt --adapt          also as one that learns while it reads
  seqgen evaluate test.tsv                     how well it translates
  seqgen evaluate --src test.en --tgt test.de --lowercase
"""


@click.command("evaluate", help=HELP, short_help="Score how well a model predicts a text, or translates.")
@click.argument("inputs", metavar="[FILE]...", nargs=-1)
@pair_files
@model_option
@click.option("--per-line", is_flag=True, help="Also bits, or BLEU, chrF and TER, of each line.")
@click.option("--adapt", is_flag=True,
              help="Also the figures of a model that learns from each symbol after it was scored: counts of what was read, and "
                   "steps of the network, which take about as long as a pass of training.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.option("--encoding", default="utf-8", show_default=True, help="Encoding of the files.")
@max_size_option
@click.option("--engine", type=click.Choice(["numpy", "ctranslate2", "reference"]),
              help="reference: the network as trained, in torch.")  # fmt: skip
@click.option("--columns", help="Columns of pairs: two numbers, or two fields of JSON lines.")
@click.option(
    "-b", "--beam-size", "--beam", "beam_size", type=int, cls=OneName, help="Beam size of translations.  [default: 5]"
)
@click.option(
    "--length-penalty",
    "--lenpen",
    "length_penalty",
    type=float,
    help="Above 1 longer translations, below 1 shorter ones.  [default: 1]",
)
@click.option("--precision", type=click.Choice(["auto", "float32", "int8"]), help="Precision of the engine.  [default: auto]")
@click.option("--lowercase", is_flag=True, default=None, help="Ignore case when comparing translations.")
@click.option("--tokenize", type=click.Choice(TOKENIZERS), help="Tokenizer of BLEU.  [default: the run's]")
@threads_option
@runs_dir_option
@common
@click.pass_obj
def command(
    console: Console,
    /,
    inputs: tuple[str, ...],
    src: str | None,
    tgt: str | None,
    model: str | None,
    runs_dir: Path,
    quiet: bool,
    **settings: Any,
) -> None:
    """Find out what kind of evaluation is wanted, and do it."""
    console.quiet = quiet
    sides = two_sides(src, tgt)
    if not inputs and not sides:
        raise click.UsageError("name files to score, or --src and --tgt")
    from seqgen.formats.names import looks_like_pairs

    is_pairs = sides is not None or looks_like_pairs(inputs)
    run = chosen_run(console, model, runs_dir, "translation" if is_pairs else "language")
    is_translation = run.info.kind == "translation"
    _check(settings, is_translation)
    if is_translation:
        from seqgen.commands.evaluate_pairs import evaluate_pairs

        evaluate_pairs(console, run, inputs, sides, settings)
    else:
        evaluate_texts(console, run, inputs, settings)


def _check(settings: dict[str, Any], is_translation: bool) -> None:
    """Options of the other kind of model would be ignored: they are errors."""
    for name in ("columns", "beam_size", "length_penalty", "precision", "lowercase", "tokenize"):
        if settings[name] is not None and not is_translation:
            raise click.UsageError(f"--{name.replace('_', '-')} belongs to translation models; this is a language model")
    if settings["adapt"] and is_translation:
        raise click.UsageError("--adapt belongs to language models; this is a translation model")
    wrong = "numpy" if is_translation else "ctranslate2"
    if settings["engine"] == wrong:
        raise click.UsageError(f"--engine {wrong} does not run this kind of model; leave it out")


def evaluate_texts(console: Console, run: Any, inputs: tuple[str, ...], settings: dict[str, Any]) -> None:
    """Score texts under a language model."""
    from seqgen.data.record_text import before_first
    from seqgen.evaluation import evaluate_text
    from seqgen.opening import open_scorer

    corpus = read_text(console, inputs, settings["encoding"], settings["max_size"], run)
    tokenizer, per_line = run.tokenizer(), settings["per_line"]
    scorer = open_scorer(run, engine=settings["engine"] or "numpy")
    config = run.info.config
    how: dict[str, Any] = {"arch": config.arch, "per_line": per_line, "before": before_first(config.records)}
    evaluation = _followed(console, "scoring", evaluate_text(scorer, tokenizer, corpus.text, **how))
    adapted = None
    if settings["adapt"]:
        from seqgen.opening import open_adapting

        adapting = open_adapting(run)
        steps = evaluate_text(adapting, tokenizer, corpus.text, **how, adapt=adapting.name)
        adapted = _followed(console, "learning while reading", steps)
    if not _warn_of_unknown(console, evaluation.total):
        _warn_of_script(console, run, corpus.text)
    if settings["as_json"]:
        record: dict[str, Any] = {"model": run.info.name, "files": list(corpus.names), **evaluation.total.to_json()}
        record |= _of_records(run, evaluation.total, corpus.text)
        record["signature"] = evaluation.signature
        if per_line:
            record["lines"] = [line.to_json() for line in evaluation.lines]
        if adapted is not None:
            record["adapted"] = {**adapted.total.to_json(), "signature": adapted.signature}
            record["adapted"] |= {"lines": [line.to_json() for line in adapted.lines]} if per_line else {}
        console.write(json.dumps(record, ensure_ascii=False) + "\n")
        return
    if per_line:
        # One row a line of the text; empty lines are scored too, so that the rows add up to the whole.
        lines = [line + "\n" for line in corpus.text.split("\n")]
        shown = [line for line in lines if line][: len(evaluation.lines)]
        also = evaluation.lines if adapted is None else adapted.lines
        for scores, other, line in zip(evaluation.lines, also, shown, strict=True):
            second = "" if adapted is None else f" {other.bits_per_char:7.3f}"
            console.write(f"{scores.bits_per_char:7.3f}{second}  {line.rstrip(chr(10))}\n")
    for found in (evaluation,) if adapted is None else (evaluation, adapted):
        _write_figures(console, run, found, corpus.text)


def _followed(console: Console, what: str, steps: Iterator[tuple[float, Evaluation | None]]) -> Evaluation:
    """The result of an evaluation, with its progress."""
    evaluation = None
    with console.progress(what) as progress:
        for share, found in steps:
            progress(share)
            evaluation = found or evaluation
    assert evaluation is not None
    return evaluation


def _write_figures(console: Console, run: Any, evaluation: Evaluation, text: str) -> None:
    """The figures of a text, and the settings behind them."""
    total = evaluation.total
    if "adapt:no" not in evaluation.signature:
        console.write("\nlearning while reading\n")
    if each := _of_records(run, total, text):
        console.write(f"{each['nats_per_record']:.4f} nats a record, {plural(each['records'], 'record')}\n")
    console.write(
        f"{total.nats_per_char:.4f} nats a character\n{total.bits_per_char:.4f} bits a character\n"
        f"{total.bits_per_byte:.4f} bits a byte\n{total.perplexity:.3f} perplexity a token\n"
        f"{plural(total.chars, 'character')}, {plural(total.tokens, 'token')}, {_unknown(total)}\n{evaluation.signature}\n"
    )


def _of_records(run: Any, total: Scores, text: str) -> dict[str, Any]:
    """What a record costs on average, its end included, where the run has learnt records."""
    if not run.info.config.records:
        return {}
    from seqgen.data.record_text import end_of

    count = text.count(end_of(run.info.config.records))
    return {"records": count, "nats_per_record": total.nats / max(1, count)}


def _unknown(total: Scores) -> str:
    """How many characters were unknown, and what they cost: it is part of the figures."""
    cost, whole = total.unknown_nats / math.log(2), total.nats / math.log(2)
    return f"{total.unknown:,} unknown" + (f" ({cost:,.1f} bits of the {whole:,.1f})" if total.unknown else "")


def _warn_of_script(console: Console, run: Any, text: str) -> None:
    """Say that a text is in a script that the model has not learnt, which pieces or bytes spell all the same."""
    from seqgen.data.scripts import LearntScripts

    scripts = LearntScripts(run.tokenizer().characters())
    if script := scripts.foreign(text[:LOOKED_AT]):
        console.note(f"the text is {scripts.told(script)}: {scripts.known()}")


def _warn_of_unknown(console: Console, total: Scores) -> bool:
    """Say that a text is foreign to the model, and whether it is: then its figures speak of the alphabet rather than of what
    was learnt."""
    is_foreign = total.unknown > 0 and total.unknown >= FOREIGN * total.tokens
    if is_foreign:
        share = f"{total.unknown:,} of {plural(total.tokens, 'character')} ({total.unknown / total.tokens:.0%})"
        cost = f"{total.unknown_nats / total.nats:.0%} of the bits"
        console.note(
            f"unknown to the model: {share}, {cost}; the figures say little of what the model has learnt. Is it the right one? "
            "Else train one on text with such characters, or with --tokenizer byte, which knows all"
        )
    return is_foreign
