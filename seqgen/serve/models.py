"""The models that are served: runs by name, opened when they are first asked for, closed after a time without use, opened anew
when a training has put another run in their place."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from seqgen.errors import SeqgenError
from seqgen.formats.languages import spelt
from seqgen.run import Run, packaged, places
from seqgen.run.info import NAME
from seqgen.serve.refused import Refused
from seqgen.serve.work.translating import Translating

if TYPE_CHECKING:
    from seqgen.serve.work.writing import Writing

# How often it is looked for other runs, in seconds.
OFTEN = 0.5


class Languages(NamedTuple):
    """Codes of what a run translates from and to."""

    source: str
    target: str


class Given(NamedTuple):
    """A run that was named at the start: `languages` are those given there."""

    name: str
    path: Path
    languages: Languages | None = None


@dataclass
class Model:
    """A served run. What is open is closed by itself once nobody has asked for it for so long."""

    name: str
    run: Run
    given: Languages | None
    signature: tuple[int, ...]
    used: float = 0.0
    _open: Translating | Writing | None = field(default=None, repr=False)
    _opening: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @property
    def is_translation(self) -> bool:
        """Whether it translates; else it writes."""
        return self.run.info.kind == "translation"

    @property
    def languages(self) -> Languages | None:
        """Those given at the start, else those that the run was trained with."""
        config = self.run.info.config
        learnt = (config.source_language, config.target_language)
        source, target = self.given or (reversed(learnt) if config.reverse else learnt)
        return Languages(spelt(source), spelt(target)) if source and target else None

    @property
    def is_open(self) -> bool:
        """Whether it is in memory."""
        return self._open is not None

    def translating(self, threads: int, precision: str) -> Translating:
        """The model at work, opened where it is not. Raises SeqgenError where it cannot be."""
        with self._opening:
            self.used = time.monotonic()
            if not isinstance(self._open, Translating):
                from seqgen.opening import open_lines

                self._open = Translating(open_lines(self.run, {}, threads=threads, precision=precision), threads)
            return self._open

    def writing(self) -> Writing:
        """The same for one that writes."""
        with self._opening:
            from seqgen.serve.work.writing import Opened, Writing

            self.used = time.monotonic()
            if not isinstance(self._open, Writing):
                from seqgen.opening import open_joining, open_never, open_stretches

                run, opened = self.run, open_joining(self.run)
                self._open = Writing(Opened(opened, run.tokenizer(), open_stretches(run), cache(partial(open_never, run))))
            return self._open

    def close(self) -> None:
        """What is being worked on is done first."""
        with self._opening:
            if self._open is not None:
                self._open.close()
            self._open = None


class Models:
    """What there is: the runs that were named, or all in a folder. Names that no run has any more are gone after a while."""

    def __init__(self, given: Sequence[Given], runs_dir: Path, unload_after: float | None = None) -> None:
        """`unload_after` seconds without use a model is closed; None: never."""
        self._given, self._runs_dir, self._unload_after = given, runs_dir, unload_after
        self._models: dict[str, Model] = {}
        self._looking = threading.Lock()
        self._watched: set[str] = set()  # trainings that somebody has seen
        self._looked = -OFTEN

    def all(self) -> list[Model]:
        """In the order in which they were named, else by name."""
        self._look()
        return list(self._models.values())

    def translation(self) -> Iterator[Model]:
        """Those that translate."""
        return (model for model in self.all() if model.is_translation)

    def writers(self) -> Iterator[Model]:
        """Those that write."""
        return (model for model in self.all() if not model.is_translation)

    def trainings(self) -> list[str]:
        """Names of the runs that have not finished."""
        return [name for name, _, _ in self._named() if self.training(name) is not None]

    def training(self, name: str) -> Run | None:
        """The run of that name, as it is on disk, where it has not finished, or was last seen so."""
        path = next((path for known, path, _ in self._named() if known == name), None)
        try:
            run = None if path is None else Run(path)
        except SeqgenError:
            return None
        if run is None or not (run.info.open or not run.info.finished or name in self._watched):
            return None
        self._watched.add(name)
        return run

    def close(self) -> None:
        """Close all."""
        for model in self._models.values():
            model.close()

    def _look(self) -> None:
        """Take up what has changed on disk, now and then."""
        with self._looking:
            now = time.monotonic()
            if now - self._looked < OFTEN:
                return
            self._looked = now
            before, self._models = self._models, {}
            for name, path, languages in self._named():
                if (model := self._taken(before.pop(name, None), name, path, languages)) is not None:
                    self._models[name] = model
            for gone in before.values():
                gone.close()
            for model in self._models.values():
                if self._unload_after is not None and model.is_open and now - model.used > self._unload_after:
                    model.close()

    def _named(self) -> list[Given]:
        if self._given:
            return list(self._given)
        found = {path.name: path for path in places(self._runs_dir)}
        return [Given(name, path) for name, path in (found or packaged()).items()]

    def _taken(self, model: Model | None, name: str, path: Path, languages: Languages | None) -> Model | None:
        """The model of a name: as it is, or of the run that is there now, once that has finished."""
        signature = _signature(path)
        if model is not None and signature in (None, model.signature):
            return model
        try:
            run = Run(path)
        except SeqgenError:
            return model
        if model is None:
            return Model(name, run, languages, signature or ()) if run.info.model or run.info.finished else None
        if run.info.files == model.run.info.files or not run.info.finished or run.info.open:
            model.signature = signature or ()
            return model
        model.close()
        return Model(name, run, languages, signature or ())


def _signature(path: Path) -> tuple[int, ...] | None:
    """What changes with each save of a run."""
    try:
        found = os.stat(path / NAME)
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def no_model(name: str, known: Sequence[Model], what: str) -> Refused:
    """Nobody has this name."""
    names = ", ".join(model.name for model in known) or "none"
    return Refused(404, f"no {what} {name!r} is served here; there are: {names}")
