"""All settings of a training run, in one frozen place, and who set each.

Each field is declared once, with its type, range, help and default: the command line's options, the checks, config.json and
the help are all made from this declaration. The families say which architectures a setting applies to.

A field is None until it is known: the plan fills it in from the corpus, the machine and the budget. Precedence is
defaults < plan < command line; `set_by` keeps the source of each value so that a run can say why it is what it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from types import MappingProxyType
from typing import Any, NamedTuple

from seqgen.errors import ConfigError

TASKS = ("language", "translation")
# As `train --help-all` shows them; `train --help` shows the first alone.
GROUPS = ("common", "data", "model", "optimiser", "output")
# What they do: data/sentence/normalise.py.
NORMALISATIONS = ("nfc", "invisible", "spaces", "quotes", "dashes")
# Tokenizers that learn pieces of words; for a text `sentencepiece` is another name of `bpe`.
PIECES = ("bpe", "unigram", "sentencepiece")
# The encoding under which files of any kind are read, a character for each byte.
BINARY = "binary"
BUDGETS = ("minutes", "steps", "epochs")
# How files are read, by whatever reads what is learnt.
HOW_TO_READ = (
    "format",
    "columns",
    "source_language",
    "target_language",
    "review",
    "column",
    "keep_markup",
    "encoding",
    "max_size",
)


class Option(NamedTuple):
    """What is declared about a setting, apart from its default. `kind` is the type of its value, `low` and `high` its range
    (`above`: `low` itself is excluded), `choices` all valid values; `flags` are other names on the command line,
    `by_task` defaults that depend on the task, `several` says that a text may name several choices, with commas between,
    `changeable` whether it may differ when a run is continued."""

    kind: type
    help: str
    group: str
    low: float | None = None
    high: float | None = None
    above: bool = False
    choices: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    by_task: Mapping[str, Any] = MappingProxyType({})
    default_note: str = ""
    several: bool = False
    task: str | None = None
    changeable: bool = False


def option(default: Any, kind: type, help: str, group: str, **rest: Any) -> Any:
    """A field of Config with its declaration."""
    return field(default=default, metadata={"option": Option(kind, help, group, **rest)})


_PAIRS: dict[str, Any] = {"task": "translation"}
_LATER: dict[str, Any] = {"changeable": True}


@dataclass(frozen=True)
class Config:
    """One training run's settings; sizes in units, symbols, steps; `warmup` in shares of the budget."""

    task: str = option("language", str, "What to learn; by default the names of the files decide.", "data", choices=TASKS)
    # fmt: off
    minutes: float | None = option(None, float, "Wall-clock budget, from start to exit.", "common", low=0, high=1e6, above=True,
                                   default_note="5", **_LATER)
    steps: int | None = option(None, int, "Budget in optimiser steps instead: nothing is timed, so runs repeat.", "common",
                               low=1, high=1e12, **_LATER)
    epochs: int | None = option(None, int, "Budget in passes over the text instead.", "optimiser", low=1, high=1e9, **_LATER)
    patience: int = option(0, int, "Stop after this many validations without improvement; 0 is never.", "optimiser",
                           low=0, high=1e9, **_LATER)

    arch: str = option("hybrid", str, "Kind of model.", "common", by_task={"translation": "transformer"},
                       default_note="hybrid: an LSTM and counting; for pairs transformer")
    tokenizer: str = option("char", str, "What a symbol is: a character, a byte, or a piece of a word, learnt as byte pairs or "
                            "by a unigram model.", "model", choices=("char", "byte", *PIECES),
                            by_task={"translation": "sentencepiece"})
    vocab_size: int | None = option(None, int, "Most pieces that --tokenizer bpe or unigram learns; by default the longer the "
                                    "corpus, the more.", "model", low=1, high=1_000_000)
    layers: int | None = option(None, int, "Recurrent layers, or layers of the encoder.", "model", low=1, high=16)
    decoder_layers: int | None = option(None, int, "Layers of the decoder; by default as many as the encoder's.", "model",
                                        low=1, high=16, task="translation")
    hidden: int | None = option(None, int, "Units per layer, or the width of a Transformer.", "model", low=1, high=8192)
    heads: int | None = option(None, int, "Heads of each attention layer.", "model", low=1, high=256)
    ffn: int | None = option(None, int, "Width of the feed-forward layers.", "model", low=1, high=65_536)
    network: str = option("lstm", str, "Network of --arch hybrid.", "model", choices=("lstm", "transformer"))
    norm: str = option("pre", str, "Normalise before each sublayer, or after it.", "model", choices=("pre", "post"),
                       task="translation")
    positions: bool = option(True, bool, "Tell a Transformer where each token is.", "model")
    embedding: int | None = option(None, int, "Width of the input embeddings.", "model", low=1, high=8192)
    input: str = option("embedding", str, "How symbols are fed in.", "model", choices=("embedding", "one-hot"))
    nonlinearity: str = option("tanh", str, "Nonlinearity of --arch rnn.", "model", choices=("tanh", "relu", "sigmoid"))
    order: int | None = option(None, int, "Symbols that the Markov model looks back; by default chosen on held-out text.",
                               "model", low=0, high=30)

    format: str | None = option(None, str, "What stdin is, and files whose names do not say it.", "data",
                                default_note="what it looks like")
    columns: str | None = option(None, str, "Columns of pairs: two numbers, or two names, as of JSON fields (a.b in b of a).",
                                 "data", default_note="1,2", **_PAIRS)
    source_language: str | None = option(None, str, "Language to translate from, where files name several: en, pt-BR.", "data",
                                         flags=("--from",), **_PAIRS)
    target_language: str | None = option(None, str, "Language to translate into.", "data", flags=("--to",), **_PAIRS)
    review: bool = option(False, bool, "Learn what catalogues mark as fuzzy, or to be reviewed, too.", "data", **_PAIRS)
    column: str | None = option(None, str, "The column, or JSON field, that is the text.", "data", task="language")
    records: str | None = option(None, str, "Learn records, each a text of its own that is held out as a whole: lines, "
                                 "paragraphs, files, jsonl:FIELD or csv:COLUMN.", "data", task="language")
    label: str | None = option(None, str, "Column, or JSON field, that says of what kind a record is.", "data",
                               task="language")
    keep_markup: bool = option(False, bool, "Learn the markup of HTML and Markdown too.", "data", task="language")
    reverse: bool = option(False, bool, "Learn from target to source.", "data", **_PAIRS)
    clean: bool = option(True, bool, "Mend what files have by accident; leave out pairs that teach nothing.", "data")
    normalise: str = option("nfc", str, "Spellings that a model reads as one, with commas between.", "data", several=True,
                            choices=NORMALISATIONS, by_task={"translation": ",".join(NORMALISATIONS)}, **_PAIRS)
    lowercase_frac: float = option(0.0, float, "Share of pairs that are also learnt with their source in lower case.", "data",
                              low=0, high=1, by_task={"translation": 0.1}, **_PAIRS)
    placeholder_frac: float = option(0.0, float, "Share of pairs also learnt with placeholders put in; 0: learn none.", "data",
                                 low=0, high=1, by_task={"translation": 0.1}, **_PAIRS)
    encoding: str = option("utf-8", str, "Encoding of the files; binary: their bytes as they are.", "data")
    max_size: int = option(1000, int, "Most megabytes to read, unpacked: no .gz and no pipe fills the memory.", "data",
                           low=1, high=1e6, **_LATER)
    valid_frac: float | None = option(None, float, "Share held out: the end of a text, or pairs by their source.", "data",
                                      low=0, high=0.9)

    lr: float | None = option(None, float, "Peak learning rate.", "optimiser", low=0, high=100, above=True,
                              flags=("--learning-rate",))
    batch_size: int | None = option(None, int, "Streams read side by side.", "optimiser", low=1, high=65_536)
    bptt: int | None = option(None, int, "Symbols that gradients flow back over (truncated backpropagation through time), and "
                              "a Transformer sees.", "optimiser", low=1, high=65_536, flags=("--context",))
    max_tokens: int | None = option(None, int, "Tokens in a batch of pairs, padding included.", "optimiser", low=1, high=1e7,
                                    **_PAIRS)
    dropout: float | None = option(None, float, "Share of units dropped in training.", "optimiser", low=0, high=0.95)
    label_smoothing: float | None = option(None, float, "Share of each target that is spread over all tokens.", "optimiser",
                                           low=0, high=0.9, default_note="0.1", **_PAIRS)
    schedule: str | None = option(None, str, "How the rate falls to zero: as a half cosine, or late and straight.",
                                  "optimiser", choices=("cosine", "linear"))
    optimizer: str | None = option(None, str, "What makes steps of gradients.", "optimiser", choices=("adamw", "muon"))
    warmup: float | None = option(None, float, "Share of the budget over which the rate rises to its peak.", "optimiser",
                                  low=0, high=1)
    clip: float | None = option(None, float, "Largest gradient norm; 0 is no limit.", "optimiser", low=0, high=1e9,
                                flags=("--grad-clip",))
    weight_decay: float = option(0.0, float, "AdamW's weight decay.", "optimiser", low=0, high=10)
    accumulate: int = option(1, int, "Batches per step.", "optimiser", low=1, high=4096)
    average: float = option(0.0, float, "Decay of a running average of the weights, e.g. 0.999; 0 is off.", "optimiser",
                            low=0, high=0.99999)
    precision: str | None = option(None, str, "Precision of matrix products; by default the faster.", "optimiser",
                                   choices=("fp32", "bf16"), **_LATER)
    seed: int = option(1, int, "Seed for weights, order and dropout.", "optimiser", low=0, high=2**32 - 1)

    sample_every: int = option(0, int, "Show what the network writes, or how it translates a held-out sentence, every N steps "
                               "and before the first; of a text of up to 80 symbols, what it expects after each of them.",
                               "output", low=0, high=1e12, **_LATER)
    sample_ids: bool = option(False, bool, "Of a text of up to 80 symbols, show what the network expects as ids too.", "output",
                              task="language", **_LATER)
    threads: int | None = option(None, int, "Processors to use; by default all.", "output", low=1, high=4096, **_LATER)
    device: str = option("auto", str, "Where to train.", "output", choices=("auto", "cpu", "cuda", "mps"), **_LATER)
    keep_text: bool = option(True, bool, "Keep the text's ids in the run, up to 64 MB, and the parts of it that generate "
                            "reads before a short prompt.", "output", task="language", **_LATER)
    keep_hashes: bool = option(False, bool, "Keep hashes of all stretches of 20 characters where the text is not kept: what is "
                               "copied can be told then, though the text cannot be read.", "output", task="language", **_LATER)
    # fmt: on
    # who set what: field -> "default" | "plan" | "command line"
    set_by: Mapping[str, str] = field(default_factory=dict, compare=False)

    @property
    def timed(self) -> bool:
        """Whether the budget is minutes rather than steps."""
        return self.steps is None and self.epochs is None

    def values(self) -> dict[str, Any]:
        """Field -> value, without the record of who set it."""
        return {name: getattr(self, name) for name in OPTIONS}

    def planned(self, **choices: Any) -> Config:
        """Fill in what is still None; what has been set stays as it is."""
        new = {name: value for name, value in choices.items() if getattr(self, name) is None}
        return replace(self, **new, set_by={**self.set_by, **dict.fromkeys(new, "plan")})

    def to_json(self) -> dict[str, dict[str, Any]]:
        """Field -> {"value", "by"}, as written in a run's config.json."""
        return {name: {"value": value, "by": self.set_by.get(name, "default")} for name, value in self.values().items()}

    @staticmethod
    def from_json(settings: Mapping[str, Mapping[str, Any]], task: str | None = None) -> Config:
        """The inverse of to_json; `task` is that of a run whose settings do not name it.

        Raises ConfigError for a field this version does not know, and a value out of its range or of another type.
        """
        if not isinstance(settings, Mapping) or not all(isinstance(entry, Mapping) for entry in settings.values()):
            raise ConfigError("expected settings, each with a value")
        unknown = [name for name in settings if name not in OPTIONS]
        if unknown:
            raise ConfigError(f"unknown setting {unknown[0]!r}", "was the run made by a newer seqgen?")
        values: dict[str, Any] = {} if task is None else {"task": task}
        values |= {name: entry.get("value") for name, entry in settings.items()}
        set_by = {name: str(entry.get("by")) for name, entry in settings.items()}
        for name, value in values.items():
            if value is None and DEFAULTS[name] is not None:
                raise ConfigError(f"{flag(name)}: expected a value, found none")
            check_value(name, value)
        return Config(**values, set_by=set_by)


OPTIONS: dict[str, Option] = {f.name: f.metadata["option"] for f in fields(Config) if f.name != "set_by"}
DEFAULTS: dict[str, Any] = {f.name: f.default for f in fields(Config) if f.name != "set_by"}
CHANGEABLE = frozenset(name for name, declared in OPTIONS.items() if declared.changeable)


def flag(name: str) -> str:
    """A field as it is written on the command line."""
    return "--" + name.replace("_", "-")


def spelt(settings: Mapping[str, Any]) -> list[str]:
    """Settings as words of a command line, under the names that people know."""
    words = []
    for name, value in settings.items():
        word = next(iter(OPTIONS[name].flags), flag(name))
        words += [word] if OPTIONS[name].kind is bool else [word, str(value)]
    return words


def check_value(name: str, value: Any) -> None:
    """Raise ConfigError where a field's value is not of its declared type, or out of its range. None is no value."""
    declared = OPTIONS[name]
    if value is None:
        return
    if declared.kind is float:
        fits = isinstance(value, int | float) and not isinstance(value, bool)
    else:
        fits = isinstance(value, declared.kind) and isinstance(value, bool) == (declared.kind is bool)
    if not fits:
        kinds = {int: "a whole number", float: "a number", bool: "true or false", str: "a text"}
        raise ConfigError(f"{flag(name)}: expected {kinds[declared.kind]}, found {value!r}")
    found = value.split(",") if declared.several else [value]
    if declared.choices and not set(found) <= set(declared.choices):
        raise ConfigError(
            f"{flag(name)}: expected {'some' if declared.several else 'one'} of {', '.join(declared.choices)}, found {value!r}"
        )
    if declared.low is not None and declared.high is not None:
        low, high = declared.low, declared.high
        # NaN is in no range: every comparison with it is false.
        if not (low < value <= high if declared.above else low <= value <= high):
            bound = "above" if declared.above else "from"
            raise ConfigError(f"{flag(name)}: expected {bound} {low:,.15g} to {high:,.15g}, found {str(value)[:20]}")
