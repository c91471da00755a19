"""The command that goes on with a run: complete, and quoted for the shell, so that it can be copied as it is."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import Any

from seqgen.config import BUDGETS, Config, flag
from seqgen.run import Run
from seqgen.training.request import Request

# How much more a run that has finished is offered.
MORE = 2


def again(run: Run, request: Request, budget: Sequence[str], held_out: Sequence[str] | None = None) -> str:
    """`seqgen train` with the same files, the same folder and a budget; `held_out` are words for files to be measured on.

    What else the run is, it knows by itself.
    """
    files = request.words(names_only=False)
    if held_out is not None:
        files = [*request.words(names_only=False), *held_out]
    # A text that comes through a pipe has to come again.
    piped = " < FILE" if "-" in request.inputs else ""
    return shlex.join(["seqgen", "train", *map(_safe, files), "-o", _safe(str(run.path)), *budget]) + piped


def larger(config: Config) -> list[str]:
    """The option for twice the budget of a run, of the kind that it had."""
    name = next((name for name in BUDGETS if name != "minutes" and getattr(config, name)), "minutes")
    value: Any = getattr(config, name) or 5
    return [flag(name), f"{value * MORE:g}" if name == "minutes" else str(value * MORE)]


def _safe(word: str) -> str:
    """A file whose name begins like an option is named by its folder."""
    known = ("-", "--src", "--tgt", "--valid", "--valid-src", "--valid-tgt")
    return f"./{word}" if word.startswith("-") and word not in known else word
