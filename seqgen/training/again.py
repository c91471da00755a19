"""The command that continues a run: complete, and quoted for the shell, so that it can be copied as it is."""

from __future__ import annotations

import math
import os
import shlex
from collections.abc import Sequence

from seqgen.config import BUDGETS, flag
from seqgen.formats.names import STDIN, is_stream
from seqgen.run import Run
from seqgen.training.request import Request

# How many times its old budget a finished run is offered.
MORE = 2


def again(request: Request, budget: Sequence[str], held_out: Sequence[str] = ()) -> str:
    """`seqgen train` with the same files, the same folder and a budget; `held_out` are words for files to be measured on.

    Everything else the run knows by itself.
    """
    files = [*request.words(names_only=False), *held_out]
    # A text that comes through a pipe has to come again.
    piped = " < FILE" if STDIN in request.inputs else ""
    return shlex.join(["seqgen", "train", *map(_safe, files), "-o", _safe(str(request.path)), *budget]) + piped


def elsewhere(request: Request, run: Run) -> str | None:
    """What to do where a run of texts is to learn another corpus: begin a new one from it. None for a run of pairs."""
    if run.info.kind != "language" or request.sides:
        return None
    number = 2
    while os.path.lexists(new := f"{request.path}-{number}"):
        number += 1
    budget = [word for name in BUDGETS if (value := request.options.get(name)) for word in (flag(name), str(value))]
    words = [*request.words(names_only=False), "--init-from", str(run.path), "-o", new, *budget]
    piped = " < FILE" if STDIN in request.inputs else ""
    command = shlex.join(["seqgen", "train", *map(_safe, words)]) + piped
    return f"to go on with another text in a run of its own: {command}; or --overwrite this one"


def larger(run: Run) -> list[str]:
    """The option for twice the run's budget, of the same kind; for minutes, twice the time it took if that was more."""
    config = run.info.config
    if config.steps:
        return [flag("steps"), str(MORE * config.steps)]
    if config.epochs:
        return [flag("epochs"), str(MORE * config.epochs)]
    taken = math.ceil(run.info.elapsed / 6) / 10  # minutes, rounded up to tenths
    budget = config.minutes or 0.0
    return [flag("minutes"), f"{MORE * (taken if taken > 1.1 * budget else budget):g}"]


def _safe(word: str) -> str:
    """A file whose name looks like an option gets "./" in front; what came through <(...) has no name, and is gone."""
    if is_stream(word) and word != STDIN:
        return "FILE"
    known = ("-", "--src", "--tgt", "--valid", "--valid-src", "--valid-tgt", "--init-from", "-o", *map(flag, BUDGETS))
    return f"./{word}" if word.startswith("-") and word not in known else word
