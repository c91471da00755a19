"""How a run came to be, from its records: losses over time, samples, and the commands that reproduce it."""

from __future__ import annotations

import math
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from seqgen.config import CHANGEABLE, Config
from seqgen.families import family_of
from seqgen.run import Run

# Options whose name says their value.
_FLAGS = {"clean": ("--clean", "--no-clean"), "positions": ("--positions", "--no-positions"), "reverse": ("--reverse", ""),
          "keep_text": ("--keep-text", "--no-keep-text")}  # fmt: skip

# Of the settings that may change from sitting to sitting, only these change the bits.
BITS = frozenset({"threads", "precision"})


@dataclass(frozen=True)
class History:
    """Each report of a training: `seconds` and `steps` since the start, bits a symbol of `train` and (approximately) `valid`,
    further `scores` by name, and the `samples`."""

    seconds: Sequence[float]
    steps: Sequence[float]
    train: Sequence[float]
    valid: Sequence[float]
    scores: Mapping[str, Sequence[float]]
    samples: Sequence[str]

    def axis(self, *, timed: bool) -> tuple[Sequence[float], str]:
        """Where each report lies on the axis of a curve, and what that counts: what the run was given, minutes or steps."""
        return ([seconds / 60 for seconds in self.seconds], "minutes") if timed else (self.steps, "steps")


def history_of(run: Run) -> History:
    """What metrics.jsonl holds; figures that a report lacks are NaN, so that they leave a gap."""
    rows = run.rows()

    def column(name: str) -> list[float]:
        return [math.nan if row.get(name) is None else float(row[name]) for row in rows]

    return History(
        seconds=column("seconds"),
        steps=column("step"),
        # A run records nats.
        train=[nats / math.log(2) for nats in column("train")],
        valid=[nats / math.log(2) for nats in column("valid_approximate")],
        scores={name: column(name) for name in ("BLEU", "chrF") if any(name in row for row in rows)},
        samples=[str(row.get("sample", "")) for row in rows],
    )


def command_given(run: Run) -> str:
    """`seqgen train` with the files and options that the run was given; files are named without their folders."""
    return _command(run, _settings(run.info.config, ("command line",)))


def command_planned(run: Run) -> str:
    """The same with every choice of the plan spelt out and the budget in steps: it repeats bit for bit on one machine."""
    settings = _settings(run.info.config, ("command line", "plan"))
    for name in ("minutes", "epochs", "steps"):
        settings.pop(name, None)
    if family_of(run.info.config).network is not None:
        settings["steps"] = run.info.step
    return _command(run, settings)


def last_pair(history: History) -> tuple[str, str | None]:
    """The source and reference of the last sample of a translation run, which has three lines; "" where there is none."""
    for sample in reversed(history.samples):
        lines = sample.split("\n")
        if len(lines) == 3 and lines[2].startswith("= "):
            return lines[0], lines[2].removeprefix("= ")
    return "", None


def _settings(config: Config, setters: Sequence[str]) -> dict[str, Any]:
    values = config.values()
    chosen = {name: values[name] for name, by in config.set_by.items() if by in setters and values.get(name) is not None}
    kept = {name for name in chosen if name not in CHANGEABLE - BITS or config.set_by[name] == "command line"}
    return {name: value for name, value in chosen.items() if name in kept}


def _command(run: Run, settings: Mapping[str, Any]) -> str:
    corpus = run.info.corpus
    words = ["seqgen", "train", *corpus.get("given", corpus.get("names", ()))]
    words += ["--init-from", run.info.origin["name"]] if run.info.origin else []
    for name, value in settings.items():
        if name in _FLAGS:
            words += [_FLAGS[name][0 if value else 1]]
        else:
            words += ["--" + name.replace("_", "-"), str(value)]
    reads = " < TEXT" if "-" in words else ""
    return shlex.join(word for word in words if word) + reads
