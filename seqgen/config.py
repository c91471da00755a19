"""Everything a training run can be told, in one frozen place, and who said it.

A field is None until it is known: the plan fills it in from the corpus, the machine and the budget. Precedence is
defaults < plan < command line; `set_by` keeps the source of each value so that a run can say why it is what it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from seqgen.errors import ConfigError

LANGUAGE_ARCHITECTURES = ("markov", "rnn", "gru", "lstm", "hybrid")
ARCHITECTURES = (*LANGUAGE_ARCHITECTURES, "transformer")
TASKS = ("language", "translation")
NORMS = ("pre", "post")
NONLINEARITIES = ("tanh", "relu", "sigmoid")
INPUTS = ("embedding", "one-hot")
PRECISIONS = ("fp32", "bf16")
DEVICES = ("auto", "cpu", "cuda", "mps")

# What may differ when a run is continued; everything else is part of what the run is.
CHANGEABLE = frozenset({"minutes", "steps", "epochs", "patience", "threads", "device", "sample_every", "keep_text"})

_RECURRENT = frozenset({"rnn", "gru", "lstm", "hybrid"})
_NETWORKS = _RECURRENT | {"transformer"}
_TRANSFORMER = frozenset({"transformer"})

# Settings that mean something to some models only, and to which.
_BELONGS: dict[str, frozenset[str]] = {
    **dict.fromkeys(("embedding", "input", "bptt", "batch_size"), _RECURRENT),
    **dict.fromkeys(("layers", "hidden", "dropout", "lr", "steps", "epochs", "warmup", "clip", "weight_decay", "accumulate"),
                    _NETWORKS),
    **dict.fromkeys(("average", "precision", "patience", "sample_every"), _NETWORKS),
    **dict.fromkeys(("decoder_layers", "heads", "ffn", "norm", "positions", "label_smoothing", "vocab_size", "max_tokens"),
                    _TRANSFORMER),
    **dict.fromkeys(("reverse", "columns", "clean"), _TRANSFORMER),
    "keep_text": frozenset(LANGUAGE_ARCHITECTURES),
    "nonlinearity": frozenset({"rnn"}),
    "order": frozenset({"markov", "hybrid"}),
}  # fmt: skip

# (field, lowest allowed, highest allowed, is the lowest itself excluded)
_RANGES: tuple[tuple[str, float, float, bool], ...] = (
    ("layers", 1, 16, False),
    ("decoder_layers", 1, 16, False),
    ("heads", 1, 256, False),
    ("hidden", 1, 8192, False),
    ("ffn", 1, 65536, False),
    ("embedding", 1, 8192, False),
    ("dropout", 0, 0.95, False),
    ("label_smoothing", 0, 0.9, False),
    ("vocab_size", 1, 1_000_000, False),
    ("max_tokens", 1, 10_000_000, False),
    ("order", 0, 30, False),
    ("valid_frac", 0, 0.9, False),
    ("batch_size", 1, 65536, False),
    ("bptt", 1, 65536, False),
    ("lr", 0, 100, True),
    ("warmup", 0, 1, False),
    ("clip", 0, 1e9, False),
    ("weight_decay", 0, 10, False),
    ("accumulate", 1, 4096, False),
    ("average", 0, 0.99999, False),
    ("minutes", 0, 1e6, True),
    ("steps", 1, 1e12, False),
    ("epochs", 1, 1e9, False),
    ("patience", 0, 1e9, False),
    ("sample_every", 0, 1e12, False),
    ("threads", 1, 4096, False),
    ("seed", 0, 2**32 - 1, False),
)


@dataclass(frozen=True)
class Config:
    """One training run's settings; sizes in units, symbols, steps; `warmup` in shares of the budget.

    Raises ConfigError from `checked` for a value out of range or a combination that means nothing.
    """

    # the model
    arch: str = "hybrid"
    tokenizer: str = "char"
    layers: int | None = None
    hidden: int | None = None
    embedding: int | None = None
    input: str = "embedding"
    nonlinearity: str = "tanh"
    dropout: float | None = None
    order: int | None = None
    # a Transformer
    decoder_layers: int | None = None
    heads: int | None = None
    ffn: int | None = None
    norm: str = "pre"
    positions: bool = True
    label_smoothing: float | None = None
    vocab_size: int | None = None
    # the text, or the pairs
    reverse: bool = False
    columns: str | None = None
    clean: bool = True
    encoding: str = "utf-8"
    valid_frac: float | None = None
    # the optimisation
    batch_size: int | None = None
    bptt: int | None = None
    max_tokens: int | None = None
    lr: float | None = None
    warmup: float | None = None
    clip: float | None = None
    weight_decay: float = 0.0
    accumulate: int = 1
    average: float = 0.0
    precision: str | None = None
    seed: int = 1
    # the budget
    minutes: float | None = None
    steps: int | None = None
    epochs: int | None = None
    patience: int = 0
    # this sitting
    sample_every: int = 0
    threads: int | None = None
    device: str = "auto"
    keep_text: bool = True
    # who set what: field -> "default" | "plan" | "command line"
    set_by: Mapping[str, str] = field(default_factory=dict, compare=False)

    @property
    def task(self) -> str:
        """What is learnt: "language", the next symbol of a text, or "translation", a target for a source."""
        return "translation" if self.arch == "transformer" else "language"

    @property
    def cell(self) -> str | None:
        """The recurrent cell of the network, None for a model that has none."""
        return {"hybrid": "lstm", "markov": None, "transformer": None}.get(self.arch, self.arch)

    @property
    def counts(self) -> bool:
        """Whether a Markov model is part of the answer."""
        return self.arch in ("markov", "hybrid")

    @property
    def timed(self) -> bool:
        """Whether the budget is minutes rather than steps."""
        return self.steps is None and self.epochs is None

    def values(self) -> dict[str, Any]:
        """Field -> value, without the record of who set it."""
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name != "set_by"}

    def planned(self, **choices: Any) -> Config:
        """Fill in what is still None; what has been set stays as it is."""
        new = {name: value for name, value in choices.items() if getattr(self, name) is None}
        return replace(self, **new, set_by={**self.set_by, **dict.fromkeys(new, "plan")})

    def to_json(self) -> dict[str, dict[str, Any]]:
        """Field -> {"value", "by"}, as it stands in a run's config.json."""
        return {name: {"value": value, "by": self.set_by.get(name, "default")} for name, value in self.values().items()}

    @staticmethod
    def from_json(settings: Mapping[str, Mapping[str, Any]]) -> Config:
        """The inverse of to_json. Raises ConfigError for a field this version does not know."""
        known = {f.name for f in fields(Config)} - {"set_by"}
        unknown = sorted(set(settings) - known)
        if unknown:
            raise ConfigError(f"config.json: unknown setting {unknown[0]!r}", "was the run made by a newer seqgen?")
        set_by = {name: str(entry["by"]) for name, entry in settings.items()}
        return checked(Config(**{name: entry["value"] for name, entry in settings.items()}, set_by=set_by))


def from_options(task: str = "language", **given: Any) -> Config:
    """A config from the options a user gave; None means "not given"."""
    chosen = {name: value for name, value in given.items() if value is not None}
    arch = chosen.get("arch")
    if arch is not None and (arch == "transformer") != (task == "translation"):
        kinds = "transformer" if task == "translation" else ", ".join(LANGUAGE_ARCHITECTURES)
        raise ConfigError(f"--arch: expected one of {kinds} for a {task} model, found {arch!r}", "--task says what to learn")
    defaults = {"arch": "transformer", "tokenizer": "sentencepiece"} if task == "translation" else {}
    return checked(Config(**{**defaults, **chosen}, set_by=dict.fromkeys(chosen, "command line")))


def checked(config: Config) -> Config:
    """Return the config, or raise ConfigError for a value out of range or options that exclude each other."""
    for name, low, high, strict in _RANGES:
        value = getattr(config, name)
        if value is not None and not (low < value <= high if strict else low <= value <= high):
            bound = f"above {low:g}" if strict else f"from {low:g}"
            raise ConfigError(f"--{name.replace('_', '-')}: expected {bound} to {high:g}, found {value:g}")
    choices = (("arch", ARCHITECTURES), ("nonlinearity", NONLINEARITIES), ("input", INPUTS), ("norm", NORMS))
    for name, allowed in choices:
        if getattr(config, name) not in allowed:
            raise ConfigError(f"--{name}: expected one of {', '.join(allowed)}, found {getattr(config, name)!r}")
    if config.precision not in (None, *PRECISIONS):
        raise ConfigError(f"--precision: expected one of {', '.join(PRECISIONS)}, found {config.precision!r}")
    budgets = [name for name in ("minutes", "steps", "epochs") if config.set_by.get(name) == "command line"]
    if len(budgets) > 1:
        raise ConfigError(f"--{budgets[0]} and --{budgets[1]} exclude each other", "name one budget")
    _check_fit(config)
    return config


def _check_fit(config: Config) -> None:
    """Options that would be ignored are errors: nobody should believe that they did something."""
    given = {name for name, by in config.set_by.items() if by == "command line"}
    for name in sorted(given & set(_BELONGS)):
        if config.arch in _BELONGS[name]:
            continue
        option = "--" + name.replace("_", "-")
        if config.arch == "markov" and name in _BELONGS and _BELONGS[name] >= _RECURRENT:
            raise ConfigError(f"{option} means nothing to --arch markov, which only counts", "leave it out")
        kinds = " and ".join(kind for kind in ARCHITECTURES if kind in _BELONGS[name])
        raise ConfigError(f"{option} belongs to --arch {kinds}, found --arch {config.arch}", "leave it out")
    if config.input == "one-hot" and "embedding" in given:
        raise ConfigError("--input one-hot has no embedding to be sized", "leave --embedding out")
    if config.tokenizer == "sentencepiece" and config.task == "language":
        raise ConfigError("--tokenizer sentencepiece belongs to translation models", "expected char or byte")
    if "vocab_size" in given and config.tokenizer != "sentencepiece":
        raise ConfigError(f"--vocab-size belongs to --tokenizer sentencepiece, found {config.tokenizer}", "leave it out")
    if config.hidden and config.heads and config.hidden % config.heads:
        raise ConfigError(f"--heads: {config.heads} do not divide --hidden {config.hidden}", "name a divisor of it")


def differences(old: Config, given: Config) -> list[str]:
    """What a user who continues a run has asked for that the run is not, one "option: is X, asked for Y" each."""
    found = []
    for name, by in given.set_by.items():
        if by != "command line" or name in CHANGEABLE:
            continue
        if getattr(old, name) != getattr(given, name):
            found.append(f"--{name.replace('_', '-')}: is {getattr(old, name)}, asked for {getattr(given, name)}")
    return found


def continued(old: Config, given: Config) -> Config:
    """The run's own config with the changeable options that the user gave this time."""
    new = {name: getattr(given, name) for name, by in given.set_by.items() if by == "command line" and name in CHANGEABLE}
    budgets = {"minutes", "steps", "epochs"}
    cleared = dict.fromkeys(budgets, None) if budgets & set(new) else {}
    return replace(old, **{**cleared, **new}, set_by={**old.set_by, **dict.fromkeys(new, "command line")})
