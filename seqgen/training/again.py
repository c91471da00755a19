"""The command that continues a run: complete, and quoted for the shell, so that it can be copied as it is."""

from __future__ import annotations

import math
import shlex
from collections.abc import Sequence

from seqgen.config import flag
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
    known = ("-", "--src", "--tgt", "--valid", "--valid-src", "--valid-tgt")
    return f"./{word}" if word.startswith("-") and word not in known else word
