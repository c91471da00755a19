"""Options that several commands share, and what they mean, written once."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

DEFAULT_RUNS_DIR = "checkpoints"


def common(function: F) -> F:
    """--quiet, --no-color and --debug; the last two are read by the command line's main before parsing."""
    function = click.option("-q", "--quiet", is_flag=True, help="Nothing on stderr but errors.")(function)
    function = click.option("--no-color", is_flag=True, expose_value=False, help="No colour (also: NO_COLOR=1).")(function)
    return click.option("--debug", is_flag=True, expose_value=False, help="Show the traceback of an error.")(function)


def runs_dir_option(function: F) -> F:
    """--runs-dir, else SEQGEN_RUNS, else ./checkpoints."""
    return click.option(
        "--runs-dir",
        envvar="SEQGEN_RUNS",
        default=DEFAULT_RUNS_DIR,
        show_default=True,
        type=click.Path(path_type=Path, file_okay=False),
        help="Where the runs are (SEQGEN_RUNS).",
    )(function)


def model_option(function: F) -> F:
    """-m/--model."""
    return click.option("-m", "--model", metavar="RUN", help="A run's name or folder; else the one that finished last.")(
        function
    )


def threads_option(function: F) -> F:
    """--threads, which takes effect before any library with threads of its own is loaded."""

    def limit(_context: click.Context, _option: click.Parameter, value: int | None) -> int | None:
        from seqgen.threads import available_cpus, limit_threads

        most = available_cpus()
        limit_threads(min(value or most, most))
        return None if value is None else min(value, most)

    return click.option(
        "--threads", type=click.IntRange(min=1), callback=limit, is_eager=True, help="Processors to use; all there are."
    )(function)


def chosen_run(model: str | None, runs_dir: Path, kind: str = "language") -> tuple[Any, bool]:
    """The run that -m names, else the last one finished; and whether it was chosen by default."""
    from seqgen.run import find, latest

    return (find(model, runs_dir), False) if model else (latest(kind, runs_dir), True)


def pair_files(function: F) -> F:
    """--src and --tgt."""
    function = click.option("--tgt", metavar="FILE", help="Their targets, line by line.")(function)
    return click.option("--src", metavar="FILE", help="A file of sources, a sentence a line, instead of pairs.")(function)


def two_sides(src: str | None, tgt: str | None, names: str = "--src and --tgt") -> tuple[str, str] | None:
    """Both files or none."""
    if (src is None) != (tgt is None):
        raise click.UsageError(f"{names} go together: name both")
    return (src, tgt) if src is not None and tgt is not None else None


def stdin_is_terminal() -> bool:
    """Whether nothing is piped in."""
    try:
        return os.isatty(0)
    except OSError:
        return True
