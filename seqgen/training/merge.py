"""The config of a run: of a new one from what was given, or of an old one with the few changes that are allowed.

A config goes in, a new config comes out. What is not given is the run's own; what is given and differs is an error, so that
no run is ever continued as something else.
"""

from __future__ import annotations

import codecs
import contextlib
import difflib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from seqgen.config import BINARY, BUDGETS, CHANGEABLE, OPTIONS, PIECES, Config, check_value, flag
from seqgen.errors import ConfigError
from seqgen.families import FAMILIES, architectures, family_of, tasks_of
from seqgen.run import Run

GIVEN = "command line"


def checked(options: Mapping[str, Any]) -> dict[str, Any]:
    """The options that have a value. Raises ConfigError for an unknown name, a value out of range or two budgets."""
    chosen = {name: value for name, value in options.items() if value is not None}
    for name, value in chosen.items():
        if name not in OPTIONS:
            close = difflib.get_close_matches(name, OPTIONS, n=1)
            hint = f"did you mean {close[0]}?" if close else f"the options are {', '.join(sorted(OPTIONS))}"
            raise ConfigError(f"there is no option {name!r}", hint)
        check_value(name, value)
    budgets = [name for name in BUDGETS if name in chosen]
    if len(budgets) > 1:
        raise ConfigError(f"{flag(budgets[0])} and {flag(budgets[1])} exclude each other", "name one budget")
    if chosen.get("arch", "markov") not in architectures():
        raise ConfigError(f"--arch: expected one of {', '.join(architectures())}, found {chosen['arch']!r}")
    return chosen


def begun(chosen: Mapping[str, Any], task: str) -> Config:
    """The config of a new run of a task. Raises ConfigError for options that do not fit the task or the architecture."""
    task = chosen.get("task", task)
    defaults = {name: declared.by_task[task] for name, declared in OPTIONS.items() if task in declared.by_task}
    config = Config(**{**defaults, **chosen, "task": task}, set_by=dict.fromkeys(chosen, GIVEN))
    _check_fit(config, set(chosen))
    # Texts have lines, which the tokenizer of older translation runs knows nothing of.
    return replace(config, tokenizer="bpe") if (task, config.tokenizer) == ("language", "sentencepiece") else config


def continued(run: Run, chosen: Mapping[str, Any]) -> Config:
    """The config to continue with. Raises ConfigError, naming each difference, where other settings are asked for."""
    old = run.info.config
    refuse(run, differences(old, {name: value for name, value in chosen.items() if name not in CHANGEABLE}))
    new = {name: value for name, value in chosen.items() if name in CHANGEABLE}
    # A budget replaces the old one, of whatever kind; the run remembers what has been spent of both.
    dropped = set(BUDGETS) - set(new) if set(BUDGETS) & set(new) else set()
    set_by = {name: by for name, by in old.set_by.items() if name not in dropped} | dict.fromkeys(new, GIVEN)
    changes: dict[str, Any] = {**dict.fromkeys(dropped), **new}
    config = replace(old, **changes, set_by=set_by)
    _check_fit(config, set(new))
    return config


def differences(old: Config, asked: Mapping[str, Any]) -> list[str]:
    """What is asked for and differs, setting by setting, in words."""
    return [
        f"{flag(name)}: is {_said(getattr(old, name))}, asked for {_said(value)}"
        for name, value in asked.items()
        if not _is_equal(name, getattr(old, name), value)
    ]


def check_same(run: Run, facts: Mapping[str, Any], hint: str | None = None) -> None:
    """Raise ConfigError where a run would be continued with another corpus, about which there may be a hint, or with another
    part of it held out."""
    old = run.info.corpus
    if old["sha256"] != facts["sha256"]:
        refuse(run, [f"the corpus: is {_corpus(old)}, asked for {_corpus(facts)}"], hint)
    # Runs of older versions know how long their held-out part was, but not its hash.
    same = old.get("valid_sha256", facts["valid_sha256"]) == facts["valid_sha256"]
    if not same or old["train"] != facts["train"] or old["valid"] != facts["valid"]:
        refuse(run, ["another part is held out"])


def is_same(run: Run, facts: Mapping[str, Any]) -> bool:
    """Whether a corpus, with its held-out part, is the one that a run learns from."""
    try:
        check_same(run, facts)
    except ConfigError:
        return False
    return True


def refuse(run: Run, found: list[str], hint: str | None = None) -> None:
    """Raise ConfigError with the differences, if there are any."""
    if found:
        raise ConfigError(
            f"{run.path} is another run; " + "; ".join(found), hint or "choose another folder with -o, or --overwrite this one"
        )


def wants_more(run: Run, config: Config) -> bool:
    """Whether a config leaves something to do: a run that has finished needs a larger budget."""
    old = run.info.config
    if run.info.finished is None or run.info.open:
        return True
    if family_of(config).network is None:
        # Counts that are gone are counted again.
        return not run.has("markov")
    if config.steps:
        return config.steps > run.info.step
    if config.epochs:
        return not old.epochs or config.epochs > old.epochs
    return bool(config.minutes and config.minutes * 60 > run.info.elapsed and config.minutes != old.minutes)


def _check_fit(config: Config, names: set[str]) -> None:
    """Options that would be ignored are errors: nobody should believe that they had an effect."""
    family = family_of(config)
    for name in sorted(names):
        declared = OPTIONS[name]
        if declared.task not in (None, config.task):
            raise ConfigError(f"{flag(name)} belongs to {declared.task} models, this is a {config.task} model", "leave it out")
        kinds = _kinds_with(name)
        if not kinds or name in family.settings:
            continue
        if family.network is None and len(kinds) > 2:
            raise ConfigError(f"{flag(name)} means nothing to --arch {config.arch}, which only counts", "leave it out")
        found = f"{config.arch} with --network {config.network}" if "network" in family.settings else config.arch
        raise ConfigError(f"{flag(name)} belongs to --arch {' and '.join(kinds)}, found --arch {found}", "leave it out")
    if config.input == "one-hot" and "embedding" in names:
        raise ConfigError("--input one-hot has no embedding to size", "leave --embedding out")
    if "vocab_size" in names and config.tokenizer not in PIECES:
        raise ConfigError(f"--vocab-size belongs to --tokenizer bpe or unigram, found {config.tokenizer}", "leave it out")
    if config.encoding == BINARY and (config.tokenizer != "byte" or config.records or config.task != "language"):
        found = f"--records {config.records}" if config.records else f"--task {config.task} --tokenizer {config.tokenizer}"
        raise ConfigError(f"--encoding binary is for texts of bytes, found {found}", "use --tokenizer byte, without --records")
    if config.hidden and config.heads and config.hidden % config.heads:
        raise ConfigError(f"--heads: {config.heads} does not divide --hidden {config.hidden}", "choose a divisor of it")


def _said(value: Any) -> str:
    """A setting's value in words."""
    if value is None:
        return "not set"
    return ("on" if value else "off") if isinstance(value, bool) else str(value)


def _is_equal(name: str, old: Any, new: Any) -> bool:
    """Whether two values of a setting mean the same: an encoding has several names, and what is not set has its default."""
    if name == "columns":
        old, new = (OPTIONS["columns"].default_note if value is None else value for value in (old, new))
    if name == "encoding":
        with contextlib.suppress(LookupError, ValueError):
            return codecs.lookup(old).name == codecs.lookup(new).name
    if name == "tokenizer" and {old, new} == {"bpe", "sentencepiece"}:
        return True
    return bool(old == new)


def _kinds_with(name: str) -> list[str]:
    """The architectures that a setting belongs to; none for one that belongs to all."""
    known = [Config(task=task, arch=arch) for task, arch in FAMILIES]
    return list(dict.fromkeys(config.arch for config in known if name in family_of(config).settings))


def task_of(chosen: Mapping[str, Any], is_pairs: bool) -> str:
    """The task of a new run: the one named, else that of an architecture with only one task, or of the options for one that
    has two, else what the files suggest."""
    if "task" in chosen:
        return str(chosen["task"])
    tasks = served_by(chosen)
    means_pairs = len(tasks) > 1 and any(OPTIONS[name].task == "translation" for name in chosen)
    return "translation" if is_pairs or means_pairs or tasks == ("translation",) else "language"


def served_by(chosen: Mapping[str, Any]) -> tuple[str, ...]:
    """The tasks of the architecture that is named; none where none is."""
    return tasks_of(chosen["arch"]) if "arch" in chosen else ()


def _corpus(facts: Mapping[str, Any]) -> str:
    return f"{', '.join(facts['names'])} ({facts['symbols']:,} symbols, sha256 {facts['sha256'][:8]})"
