"""Options that exclude or need each other: one table for all commands, checked before a command does anything.

An option that would be ignored is an error: nobody should believe that it did something. Only what was written on the
command line counts, never a default or an environment variable. What depends on the kind of a run, its command checks.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import click

from seqgen.decode.rules import RULES

EXCLUDES, NEEDS, GOES_WITH = "excludes", "needs", "goes with"


class Together(NamedTuple):
    """How `option` and `other` relate in each of `commands` (names, separated by spaces).

    Both are names of parameters, true if given on the command line; "name=value" and "name!=value" are true if its value is,
    or is not, that. The row does not count where one of `unless` is given.
    """

    commands: str
    option: str
    relation: str
    other: str
    hint: str
    unless: tuple[str, ...] = ()


TWO_FILES = "a file of pairs has both sides, --src and --tgt are one file each"
ENDLESS = "these samples are printed when they are complete: give a --length, a --stop or --line"
ONE_BUDGET = "name one budget"
OWN_HELD_OUT = "hold out separate files, or a share of the others"

TABLE: list[Together] = [
    Together("generate", "prompt", EXCLUDES, "prompt_file", "name one"),
    Together("generate", "interactive", EXCLUDES, "prompt", "--interactive asks for prompts"),
    Together("generate", "interactive", EXCLUDES, "prompt_file", "--interactive asks for prompts"),
    Together("generate", "length=-1", EXCLUDES, "as_json", ENDLESS, unless=("stop", "line")),
    Together("generate", "length=-1", EXCLUDES, "num_samples!=1", ENDLESS, unless=("stop", "line")),
    *(Together("generate", "greedy", EXCLUDES, row.name, "the likeliest symbol stays the likeliest")
      for row in RULES if row.option and row.draws),
    *(Together("generate", row.name, NEEDS, row.of[0], "which it is a part of", unless=row.of[1:])
      for row in RULES if row.option and row.of),
    Together("generate", "new_records", NEEDS, "records_out", "which says how many"),
    Together("generate", "new_records", EXCLUDES, "greedy", "the likeliest record is always the same"),
    Together("generate", "new_records", EXCLUDES, "best_of", "those that are kept may not be new"),
    Together("generate", "new_records", EXCLUDES, "show_choices", "choices are those of records that may not be kept"),
    Together("generate", "greedy", EXCLUDES, "best_of", "the likeliest text at each step is always the same"),
    Together("generate", "greedy", EXCLUDES, "samplers", "the likeliest symbol stays the likeliest, whatever the order"),
    Together("generate", "best_of", EXCLUDES, "show_choices", "choices are those of texts that may not be kept"),
    Together("generate", "length=-1", EXCLUDES, "best_of!=1", ENDLESS, unless=("stop", "line")),
    Together("generate translate", "show_choices", EXCLUDES, "quiet", "choices are shown on stderr; in --json they are a field",
             unless=("as_json",)),
    *(Together("translate", "sample", EXCLUDES, name, "translations are drawn, or searched for")
      for name in ("beam_size", "length_penalty")),
    *(Together("translate", name, NEEDS, "sample", "which draws translations")
      for name in ("temperature", "top_k", "top_p", "seed")),
    *(Together("translate", name, NEEDS, "jsonl", "whose records have fields") for name in ("field", "into")),
    *(Together("translate", "explain_cuts", EXCLUDES, name, "nothing is translated") for name in (
        "beam_size", "length_penalty", "nbest", "sample", "no_repeat_ngram", "prefix", "max_length", "scores", "alignment",
        "show_choices", "jsonl", "strict", "engine", "precision", "threads")),
    Together("translate", "interactive", EXCLUDES, "inputs", "--interactive asks for lines"),
    Together("translate", "interactive", EXCLUDES, "jsonl", "--interactive asks for lines"),
    Together("translate", "sample", EXCLUDES, "engine=reference", "only the fast engine draws"),
    Together("translate", "alignment", EXCLUDES, "engine=reference", "only the fast engine says what it looked at"),
    Together("translate evaluate score", "precision", EXCLUDES, "engine=reference", "it computes as the network was trained"),
    Together("evaluate", "precision", EXCLUDES, "engine=numpy", "that engine does not translate"),
    Together("evaluate score train", "src", GOES_WITH, "tgt", "name both"),
    Together("evaluate score train", "inputs", EXCLUDES, "src", TWO_FILES),
    Together("evaluate score", "columns", EXCLUDES, "src", TWO_FILES),
    Together("train", "label", NEEDS, "records", "whose labels they are"),
    Together("train", "records", EXCLUDES, "src", "a text has no target"),
    Together("train", "records", EXCLUDES, "column", "--records csv:COLUMN or jsonl:FIELD names it"),
    Together("generate", "records_out", EXCLUDES, "num_samples!=1", "each record is a sample"),
    Together("generate", "records_out", EXCLUDES, "interactive", "--interactive writes one text after the other"),
    Together("train", "columns", EXCLUDES, "src", TWO_FILES, unless=("valid",)),
    Together("train", "valid_src", GOES_WITH, "valid_tgt", "name both"),
    Together("train", "valid", EXCLUDES, "valid_src", "name one"),
    Together("train", "valid", EXCLUDES, "valid_frac", OWN_HELD_OUT),
    Together("train", "valid_src", EXCLUDES, "valid_frac", OWN_HELD_OUT),
    Together("train", "src", EXCLUDES, "task=language", "a text has no target"),
    Together("train", "valid_src", EXCLUDES, "task=language", "a text has no target"),
    Together("train compare", "minutes", EXCLUDES, "steps", ONE_BUDGET),
    Together("train", "minutes", EXCLUDES, "epochs", ONE_BUDGET),
    Together("train", "steps", EXCLUDES, "epochs", ONE_BUDGET),
    Together("train", "patience!=0", EXCLUDES, "valid_frac=0.0", "without held-out data nothing is validated"),
    Together("train", "init_from", EXCLUDES, "src", "a run of texts is begun from"),
    Together("train", "init_from", EXCLUDES, "task=translation", "a run of texts is begun from"),
    Together("train", "runs_dir", EXCLUDES, "output", "--output is the run's own folder, wherever it is"),
    Together("train", "device", EXCLUDES, "arch=markov", "counting needs no device"),
    Together("runs", "rm", EXCLUDES, "rename", "name one"),
    Together("runs", "yes", NEEDS, "rm", "which asks"),
    Together("runs", "rm", NEEDS, "names", "the runs to remove"),
    *(Together("runs", name, EXCLUDES, other, "nothing is listed")
      for name in ("rm", "rename") for other in ("sort", "arch", "as_json")),
    Together("surprise", "inputs", EXCLUDES, "prompt", "give a text, or name files"),
    Together("surprise report", "target", NEEDS, "prompt", "the source of the translation"),
    Together("surprise", "columns", EXCLUDES, "prompt", "columns are those of files"),
    Together("surprise", "encoding", EXCLUDES, "prompt", "only files have an encoding"),
    Together("attention", "steps", NEEDS, "word", "whose computation is shown"),
    Together("attention", "steps", EXCLUDES, "pieces", "it is always that of a piece"),
    Together("attention", "steps", EXCLUDES, "layer=all", "a computation is that of one layer"),
    *(Together("attention", "grid", EXCLUDES, name, "it shows all heads of all layers")
      for name in ("layer", "head", "word", "steps")),
    Together("layers", "replace", NEEDS, "sentence", "one of whose words it replaces"),
    Together("layers", "seed", EXCLUDES, "model", "a run's weights are not drawn"),
    Together("context gates state", "text", EXCLUDES, "file", "give a text, or name a file"),
    Together("context gates gradients state", "encoding", NEEDS, "file", "whose encoding it is"),
    Together("gradients", "file", EXCLUDES, "model", "name a text, or a run that has kept its own"),
    Together("gradients", "seconds", EXCLUDES, "steps", "a number of steps takes as long as it takes"),
    Together("positions", "shuffled", NEEDS, "sentence", "whose order it is"),
    Together("positions", "seed", NEEDS, "sentence", "whose order is drawn"),
    Together("positions", "shuffled", EXCLUDES, "seed", "the order is named, or drawn"),
]  # fmt: skip


def check_together(context: click.Context) -> None:
    """Raise UsageError for the first row of the table that this command line violates."""
    for message in violations(context):
        raise click.UsageError(message, context)


def violations(context: click.Context) -> Iterator[str]:
    """A message for each row that this command line violates."""
    for row in TABLE:
        if context.command.name not in row.commands.split() or any(_holds(context, name) for name in row.unless):
            continue
        one, two = _holds(context, row.option), _holds(context, row.other)
        first, second = _shown(context, row.option), _shown(context, row.other)
        if row.relation == EXCLUDES and one and two:
            yield f"{first} and {second} exclude each other: {row.hint}"
        if row.relation == NEEDS and one and not two:
            yield f"{first} belongs to {second}, {row.hint}: add that, or leave {first} out"
        if row.relation == GOES_WITH and one != two:
            yield f"{first} and {second} go together: {row.hint}"


def _parts(condition: str) -> tuple[str, str, str]:
    """Name, relation and value; no relation where there is only a name."""
    name, _, value = condition.partition("=")
    return (name[:-1], "!=", value) if name.endswith("!") else (name, "=" if value else "", value)


def _holds(context: click.Context, condition: str) -> bool:
    name, relation, value = _parts(condition)
    now: Any = context.params.get(name)
    if relation:
        return now is not None and (str(now) == value) == (relation == "=")
    source = context.get_parameter_source(name)
    # An empty list of files comes from the command line too.
    return source is click.core.ParameterSource.COMMANDLINE and now is not None and now != ()


def _shown(context: click.Context, condition: str) -> str:
    """As a user writes it: --name, --name VALUE, or what the usage line calls an argument."""
    name, relation, value = _parts(condition)
    parameter = next(parameter for parameter in context.command.params if parameter.name == name)
    if isinstance(parameter, click.Argument):
        return (parameter.metavar or parameter.human_readable_name).strip("[].")
    option = next((text for text in parameter.opts if text.startswith("--")), parameter.opts[0])
    return f"{option} {value}" if relation == "=" else option
