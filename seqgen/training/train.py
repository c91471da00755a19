"""A training from beginning to end: open the run, merge what is given with what it has, read with that, learn.

The folder is entered under its lock before the corpus is read, so that a run is continued as what it is: with its own
tokenizer, encoding, columns, direction and held-out part, whatever the command has left unsaid.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from seqgen.config import Config
from seqgen.errors import CheckpointError
from seqgen.formats.names import looks_like_pairs
from seqgen.lock import lock_file
from seqgen.run import Run
from seqgen.training.beside import Stopped
from seqgen.training.budget import Ledger
from seqgen.training.merge import begun, check_same, checked, continued, task_of, wants_more
from seqgen.training.progress import Finished, Progress
from seqgen.training.sitting import Request, Sitting, Told

DEFAULT_MINUTES = 5.0

__all__ = ["Request", "Training"]


@dataclass
class Training:
    """One sitting at one run. `tell()` does the work and says how it goes; the last thing it says is a Finished."""

    request: Request
    stop: Callable[[], bool] = lambda: False
    sitting: Sitting | None = field(init=False, default=None)
    ledger: Ledger = field(init=False)

    def __post_init__(self) -> None:
        self.ledger = Ledger(age=self.request.age)

    @property
    def run(self) -> Run | None:
        """The run, once there is one."""
        return None if self.sitting is None else self.sitting.run

    @property
    def symbols_per_char(self) -> float:
        """Symbols that a character of the training text takes."""
        return 1.0 if self.sitting is None else self.sitting.symbols_per_char

    def tell(self) -> Told:
        """Train. Raises ConfigError, CorpusError or CheckpointError before anything the user has is touched."""
        request = self.request
        checked(request.options)
        if request.dry_run:
            yield from self._sit(existing(request.path, request.overwrite))
            return
        with entered(request.path):
            yield from self._sit(existing(request.path, request.overwrite))

    def _sit(self, run: Run | None) -> Told:
        """Merge, read, learn; all but the last of which changes nothing."""
        config = self._config(run)
        sitting = self.sitting = sitting_of(config)(self.request, self.stop, self.ledger, config, run)
        with self.ledger.phase("reading"):
            notes = sitting.read()
        for note in notes:
            yield Progress(phase="reading", note=note, elapsed=self.ledger.total())
        if run is not None:
            check_same(run, sitting.facts)
        if self.stop():
            yield sitting.stopped()
            return
        if self.request.dry_run:
            yield from sitting.dry_run()
            return
        if run is not None:
            if not wants_more(run, sitting.config):
                yield Finished(True, f"{run.path} has finished; {sitting.more()}")
                return
            self.ledger.add(run.info.seconds)
            run.update(config=sitting.config, open=run.info.finished is not None)
            if run.info.step:
                yield Progress(phase="reading", note=f"going on with {run.path} at step {run.info.step:,}")
        try:
            yield from sitting.learn()
        except Stopped:
            yield sitting.stopped()

    def _config(self, run: Run | None) -> Config:
        """What the run is to be."""
        request = self.request
        chosen = checked(request.options)
        if run is None:
            pairs = request.sides is not None or looks_like_pairs(request.inputs)
            config = begun(chosen, task_of(chosen, pairs))
        else:
            config = continued(run, chosen)
        return config.planned(minutes=DEFAULT_MINUTES) if config.timed else config


def sitting_of(config: Config) -> type[Sitting]:
    """The sitting of a task."""
    if config.task == "translation":
        from seqgen.training.translation.sitting import TranslationSitting

        return TranslationSitting
    from seqgen.training.language.sitting import LanguageSitting

    return LanguageSitting


def existing(path: Path, overwrite: bool) -> Run | None:
    """The run in a folder, None for a folder to begin in. Raises CheckpointError where something else lies there."""
    if (path / "config.json").exists():
        return None if overwrite else Run(path)
    others = sorted(p.name for p in path.iterdir() if p.name != "lock" and not p.name.startswith(("tokenizer.", ".")))
    if others:
        raise CheckpointError(
            f"{path}: a folder with other files in it ({', '.join(others[:3])}), not a run", "choose another with -o"
        )
    return None


@contextmanager
def entered(path: Path) -> Iterator[None]:
    """Hold the lock of a run folder, which is made where there is none; a folder in which nothing was begun goes again."""
    made = _make_folder(path)
    try:
        with lock_file(path / "lock", f"{path}: another process is training this run"):
            yield
    finally:
        if made and not (path / "config.json").exists():
            (path / "lock").unlink(missing_ok=True)
            # Whatever else may lie there by now is somebody's: the folder stays then.
            with contextlib.suppress(OSError):
                for folder in made:
                    folder.rmdir()


def _make_folder(path: Path) -> list[Path]:
    """Make a folder and those above it; return what was made, the deepest first."""
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CheckpointError(f"{path}: cannot make the run folder: {error.strerror}", "choose another with -o") from None
    return missing
