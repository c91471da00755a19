"""The story of a training run, as far as all tasks share it: read, take or make the folder under its lock, learn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from seqgen.errors import CheckpointError
from seqgen.lock import lock_file
from seqgen.run import Run
from seqgen.training.budget import Ledger
from seqgen.training.existing import check_same, open_existing, resumed_config
from seqgen.training.progress import Finished, Progress
from seqgen.training.story import Request, Story, Told

DEFAULT_MINUTES = 5.0

__all__ = ["Request", "Training"]


@dataclass
class Training:
    """One sitting at one run. `tell()` does the work and says how it goes; the last thing it says is a Finished."""

    request: Request
    stop: Callable[[], bool] = lambda: False
    story: Story = field(init=False)
    ledger: Ledger = field(init=False)

    def __post_init__(self) -> None:
        self.ledger = Ledger(age=self.request.age)
        self.story = _story_of(self.request, self.stop, self.ledger)

    @property
    def run(self) -> Run | None:
        """The run, once there is one."""
        return self.story.run

    @property
    def symbols_per_char(self) -> float:
        """Symbols that a character of the training text takes."""
        return self.story.symbols_per_char

    def tell(self) -> Told:
        """Train. Raises ConfigError, CorpusError or CheckpointError before anything the user has is touched."""
        request, story = self.request, self.story
        with self.ledger.phase("reading"):
            notes = story.read()
        if story.config.timed:
            story.config = story.config.planned(minutes=DEFAULT_MINUTES)
        for note in notes:
            yield Progress(phase="reading", note=note, elapsed=self.ledger.total())
        if request.dry_run:
            yield from story.dry_run()
            return
        fresh_folder = not request.path.exists()
        _make_folder(request.path)
        try:
            with lock_file(request.path / "lock", f"{request.path}: another process is training this run"):
                yield from self._open()
        finally:
            if fresh_folder and not (request.path / "config.json").exists():
                (request.path / "lock").unlink(missing_ok=True)
                request.path.rmdir()

    def _open(self) -> Told:
        """Begin or go on, under the lock."""
        story = self.story
        run = story.run = open_existing(self.request.path, self.request.overwrite)
        if run is not None:
            check_same(run, story.config, story.facts)
            resumed = resumed_config(run, story.config)
            if resumed is None:
                yield Finished(True, f"{run.path} has finished; a larger --minutes or --steps continues it")
                return
            story.config = resumed
            self.ledger.add(run.info.seconds)
            run.update(config=resumed, finished=None)
            if run.info.step:
                yield Progress(phase="reading", note=f"going on with {run.path} at step {run.info.step:,}")
        yield from story.learn()


def _story_of(request: Request, stop: Callable[[], bool], ledger: Ledger) -> Story:
    """The story of a task."""
    if request.config.task == "translation":
        from seqgen.training.translation_story import TranslationStory

        return TranslationStory(request, stop, ledger, request.config)
    from seqgen.training.language_story import LanguageStory

    return LanguageStory(request, stop, ledger, request.config)


def _make_folder(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CheckpointError(f"{path}: cannot make the run folder: {error.strerror}", "choose another with -o") from None
