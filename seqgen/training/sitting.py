"""What the sittings of all tasks share: what is asked for, one clock, one folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from seqgen import __version__
from seqgen.config import BUDGETS, Config, flag
from seqgen.errors import ConfigError
from seqgen.families import family_of
from seqgen.run import Run, RunInfo, clear
from seqgen.run.staging import beside, is_whole, settled
from seqgen.run.staging import publish as staging_publish
from seqgen.tokenizers.base import Tokenizer
from seqgen.training.again import again, larger
from seqgen.training.budget import Ledger
from seqgen.training.progress import Finished, Progress
from seqgen.training.request import Request

Told = Iterator[Progress | Finished]

__all__ = ["Request", "Sitting", "Told"]


@dataclass
class Sitting:
    """One sitting at a run. Each task's subclass adds what it reads, how it learns and how it is scored.

    `config` is the run's config, `run` the run that is continued, or the new one once it exists; `replaces` says that it is
    made beside an old one, whose place it takes; `origin` is the run that a new one begins from; `facts` (of the
    corpus) are known after `read`, and so are symbols per character of the training text and of the held-out one.
    """

    request: Request
    stop: Callable[[], bool]
    ledger: Ledger
    config: Config
    run: Run | None = None
    replaces: bool = False
    origin: Run | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    symbols_per_char: float = 1.0
    held_out_per_char: float = 1.0

    def read(self) -> tuple[str, ...]:
        """Read the corpus, as the run reads it; return notes for the user.

        Raises CorpusError and ConfigError.
        """
        raise NotImplementedError

    def learn(self) -> Told:
        """Train from the run's current state, and score; a Finished comes last."""
        raise NotImplementedError

    def keep_or_forget_text(self, run: Run) -> None:
        """Keep what was learnt from in the run, or drop it, as the options say; pairs are never kept."""

    def dry_run(self) -> Told:
        """The plan, and what it would cost."""
        raise NotImplementedError

    def create(
        self, tokenizer: Tokenizer, sentence: str, facts: Mapping[str, Any], origin: Mapping[str, Any] | None = None
    ) -> Run:
        """Make the run folder, now that all is known and nothing can fail any more.

        A run that replaces another one is made beside it: until it has a model of its own, the old one answers.
        """
        path, family = settled(self.request.path), family_of(self.config)
        if self.replaces:
            path = beside(path)
        if self.replaces or origin:
            # What is there is not a run yet: one that was stopped between its creation and its first weights.
            clear(path)
        info = RunInfo(
            kind=self.config.task,
            name=self.request.path.resolve().name,
            config=self.config,
            corpus={**facts, "given": self.request.words()},
            created=now(),
            version=__version__,
            vocab_size=len(tokenizer),
            plan=sentence,
            model=(*(["weights"] if family.network is not None else []), *(["markov"] if family.counts else [])),
            replaces=self.replaces,
            origin=origin or {},
        )
        with self.ledger.phase("saving"):
            run = Run.create(path, info, tokenizer)
        self.watch_over(run)
        return run

    def watch_over(self, run: Run) -> None:
        """Let a run that replaces another one take its place as soon as it has a model."""

        def publish(run: Run) -> None:
            if is_whole(run.path):
                run.after_commit = None
                staging_publish(self.request.path)
                run.path = self.request.path

        run.after_commit = publish if self.replaces else None

    def held_out_missing(self, run: Run) -> ConfigError:
        """The error for a run that was measured on separate files, which are not named this time."""
        words = [str(word) for word in run.info.corpus.get("given", ())]
        start = min((words.index(word) for word in ("--valid", "--valid-src") if word in words), default=len(words))
        return ConfigError(
            f"{run.path} was measured on separate held-out files, which are not named",
            f"name them again: {again(self.request, self._budget(run), held_out=words[start:])}",
        )

    def _budget(self, run: Run) -> list[str]:
        """The budget that was given, or twice that of the run, as words of a command."""
        given = {name: self.request.options.get(name) for name in BUDGETS}
        return [word for name, value in given.items() if value is not None for word in (flag(name), str(value))] or larger(run)

    def more(self) -> str:
        """How to continue a run that has finished."""
        assert self.run is not None
        if family_of(self.config).network is None:
            return "there is nothing more to count in the same text; --overwrite begins anew"
        return f"a larger budget continues it: {again(self.request, larger(self.run))}"

    def finish(self, run: Run) -> Finished:
        """Mark the run as finished, now."""
        self.ledger.total()
        run.update(finished=now(), open=False, replaces=False, seconds=dict(self.ledger.seconds))
        return Finished(True, f"{self.request.path} is ready")

    def stopped(self) -> Finished:
        """The user has stopped the training."""
        if self.run is None:
            return Finished(False, "stopped before anything was learnt; the same command begins again")
        return Finished(False, f"stopped at step {self.run.info.step:,}; the same command goes on from there")


def now() -> str:
    """The time of day, in UTC."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")
