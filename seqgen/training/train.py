"""A training from beginning to end: open the run, merge what is given with what it has, read with that, learn.

The folder is entered under its lock before the corpus is read, so that a run is continued as what it is: with its own
tokenizer, encoding, columns, direction and held-out part, whatever the command has left unsaid.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from seqgen.config import Config
from seqgen.errors import CheckpointError
from seqgen.formats.names import looks_like_pairs
from seqgen.run import Run, claim, held
from seqgen.run.staging import beside, settled
from seqgen.training.beside import Stopped
from seqgen.training.budget import Ledger
from seqgen.training.merge import GIVEN, begun, check_same, checked, continued, is_same, task_of, wants_more
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
        chosen = checked(request.options)
        path = settled(request.path)
        is_run = claim(path) == "run"
        if request.dry_run:
            yield from self._sit(Run(path) if is_run and not request.overwrite else None)
        elif not (is_run and request.overwrite):
            with held(path):
                yield from self._sit(Run(path) if is_run else None)
        elif (begun_over := replacing(path, chosen)) is not None:
            # Interrupted behind the moment at which it took the old one's place.
            with held(path):
                yield from self._sit(begun_over)
        else:
            with held(beside(path)):
                yield from self._sit(replacing(beside(path), chosen), replaces=True)

    def _sit(self, run: Run | None, replaces: bool = False) -> Told:
        """Merge, read, learn; all but the last of which changes nothing. `replaces` says that the run takes the place of
        another one as soon as it has a model."""
        config = self._config(run)
        sitting = self.sitting = sitting_of(config)(self.request, self.stop, self.ledger, config, run, replaces)
        with self.ledger.phase("reading"):
            notes = sitting.read()
        for note in notes:
            yield Progress(phase="reading", note=note, elapsed=self.ledger.total())
        if self.request.dry_run:
            if run is not None:
                check_same(run, sitting.facts)
            yield from sitting.dry_run() if run is None or wants_more(run, sitting.config) else _nothing_left(run, sitting)
            return
        if self.stop():
            yield sitting.stopped()
            return
        if run is not None:
            if run.info.replaces and not is_same(run, sitting.facts):
                # Begun over an old run with another text: that is not what is asked for now, and was never finished.
                yield from self._sit(None, replaces)
                return
            check_same(run, sitting.facts)
            if not wants_more(run, sitting.config):
                yield from _nothing_left(run, sitting)
                return
            yield from self._take_up(run, sitting)
        try:
            yield from sitting.learn()
        except Stopped:
            yield sitting.stopped()

    def _take_up(self, run: Run, sitting: Sitting) -> Told:
        """Go on with a run: its clock, its settings, its place. Raises CheckpointError where its place has been lost, for
        the model would be overwritten by one that begins anew."""
        if run.info.step and not run.has("state"):
            raise CheckpointError(
                f"{run.file_of('state')}: not there, and without it training cannot go on",
                "the model is as it was; restore the file, choose another folder with -o, or --overwrite this one",
            )
        self.ledger.add(run.info.seconds)
        sitting.watch_over(run)
        run.update(config=sitting.config, open=run.info.finished is not None)
        if run.info.step:
            yield Progress(phase="reading", note=f"going on with {self.request.path} at step {run.info.step:,}")

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


def _nothing_left(run: Run, sitting: Sitting) -> Told:
    """What is said of a run that has done all it is asked for."""
    yield Finished(True, f"{run.path} has finished; {sitting.more()}")


def sitting_of(config: Config) -> type[Sitting]:
    """The sitting of a task."""
    if config.task == "translation":
        from seqgen.training.translation.sitting import TranslationSitting

        return TranslationSitting
    from seqgen.training.language.sitting import LanguageSitting

    return LanguageSitting


def replacing(path: Path, chosen: Mapping[str, Any]) -> Run | None:
    """The run that a command with these options has begun in the place of another, and not finished; None for none."""
    if claim(path) == "empty":
        return None
    try:
        run = Run(path)
    except CheckpointError:
        return None
    config = run.info.config
    given = {name: getattr(config, name) for name, by in config.set_by.items() if by == GIVEN}
    return run if run.info.replaces and given == dict(chosen) else None
