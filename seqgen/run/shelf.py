"""The runs in a folder: all of them, the one that a user names, the one that finished last."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from seqgen.errors import CheckpointError, SeqgenError
from seqgen.formats.names import default_name, folder_name, is_stream
from seqgen.run import folder, info, staging
from seqgen.run.packaged import packaged
from seqgen.run.run import Run

# As many names as a hint can hold.
FEW = 5


@dataclass(frozen=True)
class Damaged:
    """A run that cannot be read, and why."""

    path: Path
    reason: str


def shelf(runs_dir: Path) -> tuple[list[Run], list[Damaged]]:
    """The runs in a folder in order of creation, and the damaged ones by name. What is not a run is skipped."""
    return opened(places(runs_dir))


def opened(paths: Iterable[Path]) -> tuple[list[Run], list[Damaged]]:
    """The runs in these folders in order of creation, and the damaged ones. What is not a run is skipped."""
    runs, damaged = [], []
    for path in paths:
        try:
            runs.append(Run(path))
        except SeqgenError as error:
            if folder.is_run(path) or not _is_plain(path / info.NAME):
                damaged.append(Damaged(path, error.message))
    return sorted(runs, key=lambda run: _time(run.info.created)), damaged


def all_runs(runs_dir: Path) -> list[Run]:
    """Every readable run in a folder, in order of creation."""
    return shelf(runs_dir)[0]


def find(model: str, runs_dir: Path) -> Run:
    """The run a user means by a name or a path; see place_of. Raises CheckpointError where there is none, or a damaged one."""
    return Run(place_of(model, runs_dir))


def place_of(model: str, runs_dir: Path, exact: bool = False) -> Path:
    """Where the run is that a user means by a name or a path, else the one of that name that comes with seqgen; a damaged one
    counts. If `exact`, for what cannot be undone, only a run of exactly this name counts. Raises CheckpointError, with the
    nearest name, where there is none.
    """
    path = Path(model)
    candidates = [path, runs_dir / model]
    if model.startswith("~"):
        # The shell does not expand it within quotes.
        candidates.append(Path(os.path.expanduser(model)))
    for candidate in candidates:
        if _is_there(staging.settled(candidate) / info.NAME):
            # "." and ".." have no name of their own.
            return candidate if candidate.name not in ("", "..") else Path(os.path.abspath(candidate))
    # A run is named after its text, as a folder can be called: "my story.txt" is my-story.
    if not exact and not is_stream(model) and _is_there(runs_dir / default_name([model]) / info.NAME):
        return runs_dir / default_name([model])
    # "checkpoints/tiny-english", as guides have it, is meant for it too, wherever one stands.
    if not exact and path.name in (own := packaged()) and path.parent in (Path(), runs_dir):
        return own[path.name]
    raise CheckpointError(f"no run {model!r}", _nearest(path.name, runs_dir))


def latest(kind: str | None, runs_dir: Path, fits: Callable[[Run], bool] | None = None) -> Run:
    """The run of a kind, or of any, that finished last, by its config.json, among those that `fits` accepts.

    A run that never finished, but has saved a model, is taken only where none has finished: its info.finished is None.
    Raises CheckpointError where there is none at all.
    """
    ofkind = [run for run in all_runs(runs_dir) if kind in (None, run.info.kind)]
    fitting = [run for run in ofkind if fits is None or fits(run)]
    finished = [run for run in fitting if run.info.finished]
    finished.sort(key=lambda run: _time(run.info.finished or ""), reverse=True)
    if finished:
        # One that has lost its model is not taken for one that has it, but named where there is no other.
        return next((run for run in finished if staging.is_whole(run.path)), finished[0])
    begun = [run for run in fitting if staging.is_whole(run.path)]
    if begun:
        return max(begun, key=lambda run: _time(run.info.created))
    what = f"{kind} run" if kind else "run"
    if ofkind and not fitting:
        hint = "name another with -m, or train one" + _or_packaged(kind, fits)
        raise CheckpointError(f"no {what} in {runs_dir} is of the right kind", hint)
    hint = "train one: seqgen train FILE, or name one with -m" + _or_packaged(kind, fits)
    raise CheckpointError(f"no finished {what} in {runs_dir}", hint)


def _or_packaged(kind: str | None, fits: Callable[[Run], bool] | None) -> str:
    """The end of a hint: what comes with seqgen and would do; nothing where none does."""
    for name, path in packaged().items():
        run = Run(path)
        if kind in (None, run.info.kind) and (fits is None or fits(run)):
            return f"; -m {name} comes with seqgen"
    return ""


def places(runs_dir: Path) -> list[Path]:
    """The folders that have a config.json, including those that a killed process was about to put in place."""
    try:
        names = set(os.listdir(runs_dir))
    except OSError:
        return []
    for name in list(names):
        if sibling := staging.SIBLING.fullmatch(name):
            names.remove(name)
            names.add(sibling["name"])
    return [path for name in sorted(names) if _is_there(staging.settled(path := runs_dir / name) / info.NAME)]


def _nearest(name: str, runs_dir: Path) -> str:
    """The hint for a user who has named a run that does not exist."""
    names = [path.name for path in places(runs_dir)]
    from difflib import get_close_matches

    # Compared in parts of letters, so that Hangul syllables that differ in one are near, and without regard to case.
    folded = {unicodedata.normalize("NFKD", folder_name(known)).casefold(): known for known in [*names, *packaged()]}
    wanted = unicodedata.normalize("NFKD", folder_name(name) or name).casefold()
    if near := get_close_matches(wanted, folded, n=2, cutoff=0.5):
        return f"did you mean {' or '.join(repr(folded[one]) for one in near)}?"
    if not names:
        return f"there are no runs in {runs_dir} yet"
    if len(names) <= FEW:
        return f"runs in {runs_dir}: {', '.join(names)}"
    return f"seqgen runs lists the {len(names)} in {runs_dir}"


def _is_there(path: Path) -> bool:
    """Whether anything exists at a path, even a broken link."""
    try:
        return os.path.lexists(path)
    except ValueError:
        return False


def _is_plain(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
