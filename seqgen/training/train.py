"""A training from beginning to end: open the run, merge what is given with what it has, read with that, learn.

The folder is locked before the corpus is read, so that a run is continued as it is: whatever the command leaves out, the
tokenizer, encoding, columns, direction and held-out part are the run's own.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from seqgen.config import Config
from seqgen.errors import CheckpointError, ConfigError
from seqgen.formats.blocks import kept
from seqgen.formats.names import looks_like_pairs
from seqgen.run import Run, claim, held
from seqgen.run.staging import beside, settled
from seqgen.training.again import elsewhere
from seqgen.training.beside import Stopped
from seqgen.training.budget import Ledger
from seqgen.training.looking import Seen, check_format, check_task, refuse_texts_only, seen
from seqgen.training.merge import GIVEN, begun, check_same, checked, continued, is_same, served_by, task_of, wants_more
from seqgen.training.progress import Finished, Progress
from seqgen.training.sitting import Request, Sitting, Told

DEFAULT_MINUTES = 5.0

__all__ = ["Request", "Training"]


@dataclass
class Training:
    """One sitting at one run. `tell()` does the work and reports progress; its last report is a Finished."""

    request: Request
    stop: Callable[[], bool] = lambda: False
    sitting: Sitting | None = field(init=False, default=None)
    ledger: Ledger = field(init=False)
    notes: list[str] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        self.ledger = Ledger(age=self.request.age)

    @property
    def run(self) -> Run | None:
        """The run, once there is one."""
        return None if self.sitting is None else self.sitting.run

    def tell(self) -> Told:
        """Train. Raises ConfigError, CorpusError or CheckpointError before anything of the user's is touched."""
        request = self.request
        chosen = checked(request.options)
        path = settled(request.path)
        is_run = claim(path) == "run"
        if request.dry_run:
            yield from self._sit(Run(path) if is_run and not request.overwrite else None)
        elif is_run and request.overwrite:
            yield from self._overwrite(path, chosen)
        else:
            with held(path):
                yield from self._sit(Run(path) if is_run else None)

    def _overwrite(self, path: Path, chosen: Mapping[str, Any]) -> Told:
        """Make a new run beside an old one, or go on with the one that the same command has begun: beside it, or in its place
        where it was interrupted after it had a model. One that was begun with another corpus is begun anew."""
        for place in (path, beside(path)):
            run = replacing(place, chosen, self.request.init_from)
            if run is None:
                continue
            with held(place):
                has_gone_on = yield from self._sit(run, replaces=place != path, may_differ=True)
            if has_gone_on:
                return
        with held(beside(path)):
            yield from self._sit(None, replaces=True)

    def _sit(
        self, run: Run | None, replaces: bool = False, may_differ: bool = False
    ) -> Generator[Progress | Finished, None, bool]:
        """Merge, read, learn; all but the last of which changes nothing.

        `replaces` says that the run takes the place of another one as soon as it has a model. The generator's value is false
        where the run learns from another corpus, which is an error unless it `may_differ`.
        """
        origin = self._origin(run)
        if run is not None and run.awaits_origin:
            run = None
        config = self._config(run, origin)
        sitting = self.sitting = sitting_of(config)(self.request, self.stop, self.ledger, config, run, replaces, origin)
        # Another corpus is read once more, for a run that begins anew; a stream gives its bytes only once.
        again = kept(self.request.files, self.request.begun) if may_differ else {}
        with self.ledger.phase("reading"):
            notes = [*self.notes, *sitting.read()]
        if run is not None and may_differ and not is_same(run, sitting.facts):
            self.request.begun.update(again)
            return False
        again.clear()
        for note in notes:
            yield Progress(phase="reading", note=note, elapsed=self.ledger.total())
        if run is not None:
            check_same(run, sitting.facts, elsewhere(self.request, run))
        if run is not None and not wants_more(run, sitting.config):
            if not self.request.dry_run:
                sitting.keep_or_forget_text(run)
            yield Finished(True, f"{run.path} has finished; {sitting.more()}")
        elif self.request.dry_run:
            yield from sitting.dry_run()
        elif run is not None and run.info.step and not run.has("state"):
            # Training would begin with fresh weights, and replace a model by its beginnings.
            raise CheckpointError(
                f"{run.path}: the state of its training is missing, so it cannot be continued",
                "restore the file, choose another folder with -o, or --overwrite this one",
            )
        elif self.stop():
            yield sitting.stopped()
        else:
            yield from self._learn(run, sitting)
        return True

    def _learn(self, run: Run | None, sitting: Sitting) -> Told:
        """Begin, or take up the run."""
        try:
            if run is not None:
                yield from self._take_up(run, sitting)
            yield from sitting.learn()
        except Stopped:
            yield sitting.stopped()

    def _take_up(self, run: Run, sitting: Sitting) -> Told:
        """Resume a run: its clock, its settings, its place."""
        self.ledger.add(run.info.seconds)
        sitting.watch_over(run)
        run.update(config=sitting.config, open=run.info.finished is not None)
        if run.info.step:
            yield Progress(phase="reading", note=f"continuing {self.request.path} at step {run.info.step:,}")

    def _origin(self, run: Run | None) -> Run | None:
        """The run that a new one begins from, where there is one; one that is continued needs none, but it may be named."""
        path = self.request.init_from
        if path is None:
            if run is not None and run.awaits_origin:
                name = run.info.origin["name"]
                raise ConfigError(f"{run.path} was stopped before it had any weights", f"name --init-from {name} again")
            return None
        from seqgen.training.origin import check_origin, origin_of

        origin = origin_of(path, self.request.path)
        if run is not None and not run.awaits_origin:
            check_origin(run, origin)
        return origin

    def _config(self, run: Run | None, origin: Run | None) -> Config:
        """The config of the run."""
        chosen = checked(self.request.options)
        if run is not None:
            config = continued(run, chosen)
        elif origin is None:
            config = self._begun(chosen)
        else:
            from seqgen.training.origin import inherited, marked

            own = inherited(origin, chosen)
            config = marked(self._begun({**own, **chosen}), own)
        return config.planned(minutes=DEFAULT_MINUTES) if config.timed else config

    def _begun(self, chosen: Mapping[str, Any]) -> Config:
        """The config of a new run, for which the files are looked into."""
        request = self.request
        is_column = bool({"column", "records"} & set(chosen))
        found = Seen()
        pairs = request.sides is not None or (looks_like_pairs(request.inputs) and not is_column)
        served = served_by(chosen)
        if not pairs and not is_column and "task" not in chosen:
            found = seen(request.inputs, chosen, request.begun)
            if found.is_pairs and served and "translation" not in served:
                refuse_texts_only(found.note or "the files hold pairs", chosen["arch"])
            self.notes += [found.note] if found.note else []
            pairs = found.is_pairs
        check_format((*request.inputs, *(request.sides or ())), chosen.get("format"))
        config = begun(chosen, task_of(chosen, pairs)).planned(format=found.format)
        check_task(config.format, config.task, is_column, request.sides is not None)
        return config


def sitting_of(config: Config) -> type[Sitting]:
    """The sitting of a task."""
    if config.task == "translation":
        from seqgen.training.translation.sitting import TranslationSitting

        return TranslationSitting
    from seqgen.training.language.sitting import LanguageSitting

    return LanguageSitting


def replacing(path: Path, chosen: Mapping[str, Any], init_from: Path | None = None) -> Run | None:
    """The run that a command with these options began in the place of another and did not finish, if there is one."""
    if claim(path) == "empty":
        return None
    try:
        run = Run(path)
    except CheckpointError:
        return None
    config = run.info.config
    given = {name: getattr(config, name) for name, by in config.set_by.items() if by == GIVEN}
    if not run.info.replaces or given != dict(chosen) or bool(run.info.origin) != (init_from is not None):
        return None
    if init_from is not None:
        from seqgen.training.origin import content_of

        return run if run.info.origin["content"] == content_of(Run(init_from)) else None
    return run
