"""`seqgen runs`: the runs of a folder, a line each; one of them in full; removing and renaming them."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import click

from seqgen.commands.options import common, runs_dir_option, stdin_is_terminal
from seqgen.console import Console
from seqgen.errors import SeqgenError

HELP = """List the runs: model, corpus, size, score, age. With the name of one, show it in full: plan and settings, parameters
by part, vocabulary, curve, samples over time, where the time went, and what it takes on the disk.

A name may be typed as the corpus is called ("my book.txt"), except where a run is removed or renamed. * and ? in a name
stand for anything: that lists, or removes, the runs that it fits.

\b
Examples:
  seqgen runs
  seqgen runs my-book                          one run in full
  seqgen runs "tour*" --sort score             a list of some
  seqgen runs --arch lstm --json
  seqgen runs --rm my-book old-book            asks first; --yes does not
  seqgen runs --rename my-book first-draft
"""

_PATTERN = re.compile(r"[*?\[]")
# As many names as a question holds.
FEW = 5


@click.command("runs", help=HELP, short_help="List the runs; show, remove or rename one.")
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option("--sort", type=click.Choice(["date", "name", "score", "size"]), default="date", show_default=True,
              help="By when they were begun, by name, score (the best first), or size on the disk.")  # fmt: skip
@click.option("--arch", metavar="ARCH", help="Only those of this architecture.")
@click.option("--rm", is_flag=True, help="Remove the runs named.")
@click.option("-y", "--yes", is_flag=True, help="With --rm: do not ask.")
@click.option("--rename", is_flag=True, help="Give a run another name: --rename OLD NEW.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per run.")
@runs_dir_option
@common
@click.pass_obj
def command(
    console: Console,
    /,
    names: tuple[str, ...],
    sort: str,
    arch: str | None,
    rm: bool,
    yes: bool,
    rename: bool,
    as_json: bool,
    runs_dir: Path,
    quiet: bool,
) -> None:
    """Find out what is wanted, and do it."""
    console.quiet = quiet
    if rename:
        _rename(console, names, runs_dir)
    elif rm:
        _remove(console, names, runs_dir, yes)
    elif len(names) == 1 and not _PATTERN.search(names[0]):
        if arch or click.get_current_context().get_parameter_source("sort") is click.core.ParameterSource.COMMANDLINE:
            raise click.UsageError("--sort and --arch belong to a list; without NAME, or with a pattern, there is one")
        _show(console, names[0], runs_dir, as_json)
    else:
        _list(console, names, runs_dir, arch, sort, as_json)


def _list(console: Console, names: tuple[str, ...], runs_dir: Path, arch: str | None, sort: str, as_json: bool) -> None:
    """A line for each run that was asked for, and one for each that cannot be read."""
    from seqgen.commands.runs_table import rows_of, sorted_rows, table
    from seqgen.draw.cells import shortened
    from seqgen.families import architectures
    from seqgen.run import places
    from seqgen.visible import visible

    if arch is not None and arch not in architectures():
        raise click.UsageError(f"--arch: expected one of {', '.join(architectures())}, found {arch!r}")
    rows, damaged = rows_of(_meant(names, runs_dir) if names else places(runs_dir), arch)
    rows = sorted_rows(rows, sort)
    if as_json:
        for row in rows + damaged:
            console.write(json.dumps(row) + "\n")
        return
    if not rows and not damaged:
        here = f"no runs of --arch {arch} in {runs_dir}" if arch else f"no runs in {runs_dir}"
        console.note(f"{here}; train one: seqgen train FILE{f' --arch {arch}' if arch else ''}")
        _note_packaged(console, set())
        return
    if rows:
        # A program that reads the table gets whole names.
        console.write(table(rows, console.fits))
    if not names and arch is None:
        _note_packaged(console, {row["name"] for row in rows + damaged})
    for row in damaged:
        # The whole reason is what --json and the run's own look say.
        line = visible(f"{row['name']}: damaged: {row['damaged'].replace(f'{runs_dir}{os.sep}', '')}").replace("\n", " ")
        console.write((line if console.fits is None else shortened(line, console.fits)) + "\n")


def _note_packaged(console: Console, own: set[str]) -> None:
    """Say which runs come with seqgen and are not hidden by the user's own of that name."""
    from seqgen.run import packaged

    if names := [name for name in packaged() if name not in own]:
        console.note(f"with seqgen come, for -m: {', '.join(names)}")


def _show(console: Console, name: str, runs_dir: Path, as_json: bool) -> None:
    """One run in full."""
    from seqgen.commands.showing import show
    from seqgen.explain.exhibits.run import see
    from seqgen.run import find

    show(console, *see(find(name, runs_dir)), output=None, as_json=as_json)


def _rename(console: Console, names: tuple[str, ...], runs_dir: Path) -> None:
    """Give a run another name."""
    if len(names) != 2:
        raise click.UsageError("--rename: name a run, and its new name: seqgen runs --rename OLD NEW")
    from seqgen.run import place_of
    from seqgen.run.housekeeping import rename

    old = place_of(names[0], runs_dir, exact=True)
    console.note(f"{old} is now {rename(old, names[1])}")


def _remove(console: Console, names: tuple[str, ...], runs_dir: Path, yes: bool) -> None:
    """Remove runs: all of those named or none, after asking."""
    from seqgen.draw.human import plural
    from seqgen.draw.human import size as shown
    from seqgen.run.housekeeping import freed_by_removing, remove

    places = _meant(names, runs_dir, exact=True)
    sizes = [freed_by_removing(place) for place in places]
    if not yes:
        lost = [f"{place}: {_lost(place)}; frees {shown(size)}" for place, size in zip(places, sizes, strict=True)][:FEW]
        more = [f"and {len(places) - FEW} more"] if len(places) > FEW else []
        question = f"Remove {plural(len(places), 'run')} for good and free {shown(sum(sizes))}?"
        if not _confirmed("\n".join([*lost, *more, question])):
            console.note("nothing was removed")
            return
    for place, size in zip(places, sizes, strict=True):
        others = remove(place)
        console.note(f"removed {place} ({shown(size)})")
        if others:
            console.note(f"{place}: what is not the run's stays: {', '.join(others)}")


def _lost(place: Path) -> str:
    """What somebody loses with a run, in a few words."""
    from seqgen.draw.human import duration, plural
    from seqgen.run import Run

    if place.is_symlink():
        return "only a link to a run, which stays"
    try:
        info = Run(place).info
    except SeqgenError:
        return "a damaged run"
    state = "" if info.finished else ", unfinished"
    return f"{info.config.arch}, {plural(info.step, 'step')}, {duration(info.elapsed)} of training{state}"


def _confirmed(question: str) -> bool:
    """Ask on stderr. Raises SeqgenError where nobody can answer."""
    from seqgen.visible import visible

    if not stdin_is_terminal():
        raise SeqgenError("--rm asks before it removes anything, and nobody is there to answer", "--yes removes without asking")
    try:
        return click.confirm(visible(question), err=True)
    except click.Abort as error:
        if isinstance(error.__cause__, KeyboardInterrupt):
            raise
        return False


def _meant(names: tuple[str, ...], runs_dir: Path, exact: bool = False) -> list[Path]:
    """The runs that names and patterns stand for, each once. Raises CheckpointError for a name that stands for none."""
    from fnmatch import fnmatchcase

    from seqgen.errors import CheckpointError
    from seqgen.run import place_of, places

    found: dict[str, Path] = {}
    for name in names:
        if _PATTERN.search(name):
            fitting: list[Any] = [path for path in places(runs_dir) if fnmatchcase(path.name, name)]
            if not fitting:
                raise CheckpointError(f"no run in {runs_dir} is called {name!r}", "seqgen runs lists all")
        else:
            fitting = [place_of(name, runs_dir, exact)]
        found |= {str(path.absolute()): path for path in fitting}
    return list(found.values())
