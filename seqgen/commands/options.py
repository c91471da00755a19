"""Options that several commands share, with their meaning, written once."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click

from seqgen.commands.grouped import Grouped, OneName
from seqgen.console import Console

if TYPE_CHECKING:
    from seqgen.config import Option

F = TypeVar("F", bound=Callable[..., Any])

DEFAULT_RUNS_DIR = "checkpoints"


def common(function: F) -> F:
    """--quiet, --no-color and --debug; the last two are read by the command line's main before parsing.

    It also does what every command does first: check options that exclude or need each other.
    """

    @functools.wraps(function)
    def checked(*arguments: Any, **parameters: Any) -> Any:
        from seqgen.commands.together import check_together

        check_together(click.get_current_context())
        return function(*arguments, **parameters)

    return _common_options(cast(F, checked))


def _common_options(function: F) -> F:
    function = click.option("-q", "--quiet", is_flag=True, help="Nothing on stderr but errors.")(function)
    function = click.option("--no-color", is_flag=True, expose_value=False, help="No colour (also: NO_COLOR=1).",
                            cls=Grouped, group="output")(function)  # fmt: skip
    return click.option("--debug", is_flag=True, expose_value=False, help="Show the traceback of an error.",
                        cls=Grouped, group="output")(function)  # fmt: skip


def at_home(_context: click.Context, _option: click.Parameter, value: Path | None) -> Path | None:
    """A path with "~", which a shell leaves alone within quotes, replaced by the home folder."""
    from seqgen.paths import expanded

    return None if value is None else expanded(value)


def runs_dir_option(function: F) -> F:
    """--runs-dir, else SEQGEN_RUNS, else ./checkpoints."""
    return click.option(
        "--runs-dir",
        envvar="SEQGEN_RUNS",
        default=DEFAULT_RUNS_DIR,
        show_default=True,
        type=click.Path(path_type=Path, file_okay=False),
        callback=at_home,
        help="Where the runs are (SEQGEN_RUNS).",
        cls=Grouped,
        group="output",
    )(function)


def model_option(function: F) -> F:
    """-m/--model."""
    return click.option("-m", "--model", metavar="RUN", cls=OneName,
                        help="A run's name or folder; by default the last one that finished.")(function)  # fmt: skip


def threads_with(default: str) -> Callable[[F], F]:
    """--threads, which takes effect before any library with threads of its own is loaded; its help names the `default`."""

    def limit(_context: click.Context, _option: click.Parameter, value: int | None) -> int | None:
        from seqgen.threads import available_cpus, default_threads, limit_threads

        value = None if value is None else min(value, available_cpus())
        limit_threads(value or default_threads())
        return value

    return click.option("--threads", type=click.IntRange(min=1), callback=limit, is_eager=True,
                        help=f"Processors to use; by default {default}.", cls=Grouped, group="output")  # fmt: skip


threads_option = threads_with("OMP_NUM_THREADS, else all")


def config_options(function: F) -> F:
    """The options of a training, as the fields of Config declare them; --threads is threads_option's."""
    from seqgen.config import DEFAULTS, GROUPS, OPTIONS

    names = sorted((name for name in OPTIONS if name != "threads"), key=lambda name: GROUPS.index(OPTIONS[name].group))
    for name in reversed(names):
        function = _config_option(name, OPTIONS[name], DEFAULTS[name])(function)
    return function


def reading_options(function: F) -> F:
    """The options of a training that say how files are read, with the same meaning."""
    from seqgen.config import DEFAULTS, HOW_TO_READ, OPTIONS

    for name in reversed(HOW_TO_READ):
        function = _config_option(name, OPTIONS[name], DEFAULTS[name])(function)
    return function


def max_size_option(function: F) -> F:
    """--max-size of a command that reads files, in megabytes, as `train` has it."""
    from seqgen.config import DEFAULTS, OPTIONS

    kind, text = click.IntRange(1, 1_000_000), OPTIONS["max_size"].help
    return click.option("--max-size", type=kind, default=DEFAULTS["max_size"], show_default=True, help=text)(function)


def _config_option(name: str, declared: Option, default: Any) -> Callable[[F], F]:
    """One option; none has a default here, so that given options can be told from those left out."""
    from seqgen.config import flag
    from seqgen.families import architectures
    from seqgen.formats import FORMATS

    said = declared.default_note or _default_of(declared, default)
    text = f"{declared.help}  [default: {said}]" if said else declared.help
    if declared.kind is bool:
        spelt = f"{flag(name)}/--no-{flag(name)[2:]}" if default else flag(name)
        return click.option(spelt, name, is_flag=True, default=None, help=text, cls=Grouped, group=declared.group)
    # Tables that lie above the declaration.
    choices = {"arch": architectures, "format": lambda: tuple(FORMATS)}.get(name, lambda: declared.choices)()
    kind: Any = click.Choice(choices) if choices and not declared.several else declared.kind
    return click.option(flag(name), *declared.flags, name, type=kind, default=None, help=text, cls=Grouped,
                        group=declared.group)  # fmt: skip


def _default_of(declared: Option, default: Any) -> str:
    """The default in words; nothing for what is planned, or off."""
    if default is None or default is False:
        return ""
    if declared.kind is bool:
        return "on"
    others = "".join(f"; for {'pairs' if task == 'translation' else task} {value}" for task, value in declared.by_task.items())
    return f"{default:g}{others}" if declared.kind is float else f"{default}{others}"


def translation_engine(function: F) -> F:
    """--engine and --precision of translation models."""
    function = click.option("--precision", type=click.Choice(["auto", "float32", "int8"]), default="auto", show_default=True,
                            help="Precision of the engine's products.")(function)  # fmt: skip
    return click.option("--engine", type=click.Choice(["ctranslate2", "reference"]), default="ctranslate2", show_default=True,
                        help="reference: the readable search over the network as trained, in torch.")(function)  # fmt: skip


def chosen_run(
    console: Console,
    model: str | None,
    runs_dir: Path,
    kind: str | None = "language",
    fits: Callable[[Any], bool] | None = None,
) -> Any:
    """The run that -m names, else the last one of a kind (None: of any) that finished and `fits`, which a note names."""
    from seqgen.run import find, latest

    if model:
        return find(model, runs_dir)
    run = latest(kind, runs_dir, fits)
    why = "finished last" if run.info.finished else "unfinished: none has finished yet"
    console.note(f"model: {run.path} ({why})")
    return run


def required(text: str, name: str) -> None:
    """Raise UsageError for a text that holds nothing to look at."""
    if not text:
        raise click.UsageError(f"{name} is empty: there is nothing to look at")


def note_unknown(console: Console, run: Any, text: str) -> None:
    """Say which characters of a text the model has never seen."""
    if unknown := run.tokenizer().unknown(text):
        console.note(f"unknown to the model, read as <unk>: {' '.join(map(repr, unknown[:20]))}")


def pair_files(function: F) -> F:
    """--src and --tgt."""
    function = click.option("--tgt", metavar="FILE", help="Their targets, line by line.")(function)
    return click.option("--src", metavar="FILE", help="A file of sources, one sentence per line, instead of pairs.")(function)


def two_sides(src: str | None, tgt: str | None) -> tuple[str, str] | None:
    """Both files, or nothing where none is named."""
    return (src, tgt) if src is not None and tgt is not None else None


def stdin_is_terminal() -> bool:
    """Whether nothing is piped in."""
    try:
        return os.isatty(0)
    except OSError:
        return True
