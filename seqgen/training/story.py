"""What the stories of all tasks share: one sitting at one run, its clock, its folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from seqgen import __version__
from seqgen.config import Config
from seqgen.run import Run, RunInfo, clear
from seqgen.tokenizers.base import Tokenizer
from seqgen.training.budget import Ledger
from seqgen.training.progress import Finished, Progress

Told = Iterator[Progress | Finished]


@dataclass(frozen=True)
class Request:
    """What a user asks for. `inputs` and `valid` are files, folders or "-"; `sides` are a file of sources and one of targets
    instead, and `valid_sides` likewise; `age` is seconds since the process began."""

    inputs: tuple[str, ...]
    path: Path
    config: Config
    valid: tuple[str, ...] = ()
    sides: tuple[str, str] | None = None
    valid_sides: tuple[str, str] | None = None
    overwrite: bool = False
    dry_run: bool = False
    age: float = 0.0

    def words(self) -> list[str]:
        """What was named on the command line to learn from, without folders: a run knows no path of its machine."""
        words = [*self.inputs]
        for option, files in (("--src", self.sides), ("--valid-src", self.valid_sides)):
            if files is not None:
                words += [option, files[0], option.replace("src", "tgt"), files[1]]
        for file in self.valid:
            words += ["--valid", file]
        return [word if word.startswith("-") else Path(word).name for word in words]


@dataclass
class Story:
    """One sitting. A task's story adds what it reads, how it learns, and what it is worth.

    `config` and `facts` (of the corpus) are known after `read`; `run` once there is one.
    """

    request: Request
    stop: Callable[[], bool]
    ledger: Ledger
    config: Config
    run: Run | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    symbols_per_char: float = 1.0

    def read(self) -> tuple[str, ...]:
        """Read what there is to learn from; return what the user should know. Raises CorpusError and ConfigError."""
        raise NotImplementedError

    def learn(self) -> Told:
        """Train from where the run stands, and score; a Finished comes last."""
        raise NotImplementedError

    def dry_run(self) -> Told:
        """The plan, and what it would cost."""
        raise NotImplementedError

    def create(self, tokenizer: Tokenizer, sentence: str, facts: Mapping[str, Any]) -> Run:
        """Make the run folder, now that all is known and nothing else can be wrong; what is overwritten goes only here."""
        clear(self.request.path)
        info = RunInfo(
            kind=self.config.task,
            name=self.request.path.resolve().name,
            config=self.config,
            corpus={**facts, "given": self.request.words()},
            created=datetime.now(UTC).isoformat(timespec="milliseconds"),
            version=__version__,
            vocab_size=len(tokenizer),
            plan=sentence,
        )
        with self.ledger.phase("saving"):
            return Run.create(self.request.path, info, tokenizer)

    def finish(self, run: Run) -> Finished:
        """Mark the run as finished, now."""
        self.ledger.total()
        run.update(finished=datetime.now(UTC).isoformat(timespec="milliseconds"), seconds=dict(self.ledger.seconds))
        return Finished(True, f"{run.path} is ready")

    def stopped(self, run: Run) -> Finished:
        """The user has stopped the training."""
        return Finished(False, f"stopped at step {run.info.step:,}; the same command goes on from there")
