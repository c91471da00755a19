"""`seqgen generate`: from a prompt to text, as it is written."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Any

import click

from seqgen.commands.banning import biases_of, strings_in
from seqgen.commands.grouped import Grouped, GroupedCommand, OneName
from seqgen.commands.options import F, chosen_run, common, model_option, runs_dir_option, threads_with
from seqgen.commands.prompt import bytes_from, prompt_from, prompts_asked_for
from seqgen.commands.samples import LEAST_COPIED, Writer
from seqgen.commands.texts import option_text
from seqgen.console import Console
from seqgen.decode.rules import RULES

HELP = """Write text with a trained model; nothing but the text goes to stdout.

\b
Examples:
  seqgen generate -p "Once upon a time" -n 500
  echo "KING:" | seqgen generate --temperature 0.8 --stop "\\n\\n"
  seqgen generate -p "I " --line --num-samples 5 --seed 7
  seqgen generate -m checkpoints/books --json -n 50
  seqgen generate --greedy --no-repeat-ngram 32 --no-prompt -p "Once"
  seqgen generate -p "Once" -n 20 --top-k 3 --show-choices 5
  seqgen generate -m names --records-out 20    whole records, as train --records learns
  seqgen generate -i                           one prompt after another

\b
In --prompt and --stop, \\n is a newline, \\t a tab, \\r a carriage return, \\xXX and
\\uXXXX the character of that number, and \\\\ a backslash; all other backslashes
stay. Files and stdin are taken as they are.

Without --prompt, --prompt-file or anything piped in, the text begins where a paragraph
does, or a line. So that a short prompt is not the first that the model ever reads, 32
symbols of the training text are read before it, and not written; see train --keep-text.
Ctrl-C ends the text where it is.
"""


def rule_options(function: F) -> F:
    """An option for each rule of the table that has one, in the table's order."""
    for row in reversed(RULES):
        if row.option:
            function = click.option(row.option_name, *row.flags, row.name, type=type(row.off), default=row.off,
                                    show_default=True, help=row.help, cls=Grouped, group=row.group)(function)  # fmt: skip
    return function


@click.command("generate", cls=GroupedCommand, help=HELP, short_help="Write text with a trained model.")
@model_option
@click.option("-p", "--prompt", help="Text to continue.", cls=OneName)
@click.option("--prompt-file", metavar="FILE", help="Text to continue, from a file; - is stdin.")
@click.option("--no-prompt", is_flag=True, help="Write only what is new, without the prompt.")
@click.option("-n", "--length", "--max-new-tokens", "length", type=int, default=500, show_default=True, cls=OneName,
              help="Symbols to write: characters, bytes or pieces, as the model has them; -1 goes on until Ctrl-C or a "
                   "stop string.")  # fmt: skip
@click.option("--adapt", metavar="FILE",
              help="Read FILE first and learn from it, as `evaluate --adapt` does, and write in its way; the run stays as it "
                   "is.")  # fmt: skip
@click.option("--greedy", is_flag=True, help="Always the likeliest symbol.")
@rule_options
@click.option("--samplers", metavar="NAMES", default="", cls=Grouped, group="sampling",
              help='Their order, as "top_k;temperature"; all that are set have to be named. By default '
                   "penalties;dry;temperature;top_k;typ_p;top_p;min_p;xtc.")  # fmt: skip
@click.option("--logit-bias", metavar="SYMBOL(+|-)BIAS", multiple=True, cls=Grouped, group="sampling",
              help="Add to the logit of a symbol, or of an id as --json shows it: e-2, 17+1.5, x-inf "
                   "(repeatable).")  # fmt: skip
@click.option("--ban", metavar="FILE", cls=Grouped, group="sampling",
              help="Never write any of the strings of this file, one a line, not even within words.")  # fmt: skip
@click.option("--no-copy", type=int, default=0, metavar="N", cls=Grouped, group="copies",
              help="Never more than N characters in a row that stand in the training text; 0 is off, 8 the least.")  # fmt: skip
@click.option("--copies", is_flag=True, cls=Grouped, group="copies",
              help=f"Say how much of the text stands in the training text, {LEAST_COPIED} characters in a row or more, and the "
                   "longest part: on stderr, or in --json.")  # fmt: skip
@click.option("--new-records", is_flag=True, cls=Grouped, group="copies",
              help="With --records-out: only records that are not in the training text; others are drawn again.")  # fmt: skip
@click.option("--best-of", type=int, default=1, show_default=True, cls=Grouped, group="sampling",
              help="Write so many texts and keep that which the model finds likeliest, symbol for symbol; or --num-samples of "
                   "them.")  # fmt: skip
@click.option("--stop", multiple=True, metavar="TEXT", help="End before this text (repeatable).")
@click.option("--line", is_flag=True, help="End at the end of the line.")
@click.option("--num-samples", type=int, default=1, show_default=True, help="Texts to write, side by side.")
@click.option("--records-out", type=click.IntRange(1), metavar="K",
              help="Write K whole records, where the run has learnt such (--records), each of up to -n symbols.")  # fmt: skip
@click.option("--label", metavar="LABEL", help="Of which kind, as the column of --label has it.")
@click.option("--seed", type=click.IntRange(0), help="The same seed gives the same text.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per sample: text, settings, log-probabilities.")
@click.option("--show-choices", metavar="N", type=click.IntRange(1, 1_000),
              help="Show, on stderr or in --json, the N likeliest symbols of each step, and what temperature, top-k, ... make "
                   "of their probabilities.")  # fmt: skip
@click.option("-i", "--interactive", is_flag=True, help="Ask for prompts.")
@click.option("--engine", type=click.Choice(["numpy", "reference"]), default="numpy", show_default=True,
              help="reference: the network as trained, in torch.")  # fmt: skip
@threads_with("one for small networks, else OMP_NUM_THREADS, else all")
@runs_dir_option
@common
@click.pass_obj
def command(
    console: Console,
    /,
    model: str | None,
    prompt: str | None,
    prompt_file: str | None,
    no_prompt: bool,
    adapt: str | None,
    stop: tuple[str, ...],
    logit_bias: tuple[str, ...],
    ban: str | None,
    records_out: int | None,
    label: str | None,
    copies: bool,
    new_records: bool,
    seed: int | None,
    as_json: bool,
    show_choices: int | None,
    interactive: bool,
    engine: str,
    threads: int | None,
    runs_dir: Path,
    quiet: bool,
    **settings: Any,
) -> None:
    """Parse, generate, stream."""
    import secrets

    from seqgen.config import BINARY
    from seqgen.generation import GenerateOptions
    from seqgen.opening import enough_threads

    console.quiet = quiet
    stop = tuple(option_text(text, "--stop") for text in stop)
    asked = {**settings, "logit_bias": biases_of(logit_bias), "ban": () if ban is None else strings_in(ban)}
    options = GenerateOptions(stop=stop, seed=secrets.randbits(32) if seed is None else seed, **asked)
    run = chosen_run(console, model, runs_dir)
    read = bytes_from if run.info.config.encoding == BINARY else prompt_from
    # What --adapt reads from stdin is no prompt.
    has_no_prompt = interactive or (adapt == "-" and prompt is None and prompt_file is None)
    text = "" if has_no_prompt else read(prompt, prompt_file)
    writer = Writer(console, run, options, (label, records_out, new_records), engine=engine, as_json=as_json,
                    with_prompt=not no_prompt, show=show_choices, with_copies=copies)  # fmt: skip
    if adapt is not None:
        writer.read(adapt)
    # Whoever names a number of threads gets it.
    steps = nullcontext() if threads else enough_threads(run, writer.options.drawn)
    if seed is None and not options.greedy:
        console.note(f"seed: {options.seed} (--seed {options.seed} draws the same again)")
    with steps:
        if interactive:
            with writer.notes:
                for number, line in enumerate(prompts_asked_for(console), 1):
                    writer.write(line, number)
        else:
            writer.write(text).deliver()
