"""The story of a training run: read, count, plan, learn, score.

Torch is loaded only where a network is trained, and while it loads, the counting is done in a thread beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from seqgen import __version__
from seqgen.config import Config
from seqgen.errors import CheckpointError
from seqgen.lock import lock_file
from seqgen.markov import MarkovScorer
from seqgen.run import Run, RunInfo, clear
from seqgen.threads import available_cpus
from seqgen.training.budget import Ledger
from seqgen.training.counting import Counted, count, xz_bits
from seqgen.training.existing import check_same, open_existing, resumed_config
from seqgen.training.final import finish, score_exactly
from seqgen.training.material import Material, read
from seqgen.training.progress import Finished, Progress

DEFAULT_MINUTES = 5.0
Told = Iterator[Progress | Finished]


@dataclass(frozen=True)
class Request:
    """What a user asks for. `inputs` and `valid` are files, folders or "-"; `age` is seconds since the process began."""

    inputs: tuple[str, ...]
    path: Path
    config: Config
    valid: tuple[str, ...] = ()
    overwrite: bool = False
    dry_run: bool = False
    age: float = 0.0


@dataclass
class Training:
    """One sitting at one run. `tell()` does the work and says how it goes; the last thing it says is a Finished."""

    request: Request
    stop: Callable[[], bool] = lambda: False
    run: Run | None = None
    symbols_per_char: float = 1.0
    ledger: Ledger = field(init=False)

    def __post_init__(self) -> None:
        self.ledger = Ledger(age=self.request.age)

    def tell(self) -> Told:
        """Train. Raises ConfigError, CorpusError or CheckpointError before anything the user has is touched."""
        request = self.request
        with self.ledger.phase("reading"):
            config, material = read(request.inputs, request.valid, request.config)
        config = config.planned(minutes=DEFAULT_MINUTES) if config.timed else config
        self.symbols_per_char = len(material.train) / len(material.train_text)
        for note in material.notes:
            yield Progress(phase="reading", note=note, elapsed=self.ledger.total())
        if request.dry_run:
            yield from self._dry_run(config, material)
            return
        fresh_folder = not request.path.exists()
        _make_folder(request.path)
        try:
            with lock_file(request.path / "lock", f"{request.path}: another process is training this run"):
                yield from self._open(config, material)
        finally:
            if fresh_folder and not (request.path / "config.json").exists():
                (request.path / "lock").unlink(missing_ok=True)
                request.path.rmdir()

    def _open(self, config: Config, material: Material) -> Told:
        """Begin or go on, under the lock."""
        run = self.run = open_existing(self.request.path, self.request.overwrite)
        if run is not None:
            check_same(run, config, material)
            resumed = resumed_config(run, config)
            if resumed is None:
                yield Finished(True, f"{run.path} has finished; a larger --minutes or --steps continues it")
                return
            config = resumed
            earlier = dict(run.info.seconds)
            self.ledger.seconds = {
                k: earlier.get(k, 0.0) + self.ledger.seconds.get(k, 0.0) for k in earlier | self.ledger.seconds
            }
            run.update(config=config, finished=None)
            if run.info.step:
                yield Progress(phase="reading", note=f"going on with {run.path} at step {run.info.step:,}")
        with ThreadPoolExecutor(max_workers=2) as beside:
            yield from self._learn(config, material, beside)

    def _learn(self, config: Config, material: Material, beside: ThreadPoolExecutor) -> Told:
        """Count, train the network if there is one, score."""
        counting = beside.submit(count, material.train, material.valid, len(material.tokenizer), config)
        packing = beside.submit(xz_bits, material.train_text, material.valid_text, config)
        if config.cell is not None:
            with self.ledger.phase("loading torch"):
                from seqgen.training import network
        yield Progress(phase="counting", elapsed=self.ledger.total())
        with self.ledger.phase("counting"):
            counted = counting.result()
            baselines = counted.baselines(len(material.valid_text), packing.result())
        yield from (Progress(phase="counting", note=note) for note in counted.notes)
        yield Progress(phase="counting", elapsed=self.ledger.total(), baselines=tuple(baselines.items()))
        config = config.planned(order=counted.model.order) if config.counts else config
        sentence = f"plan: Markov model of order {config.order}" if config.counts else ""
        if config.cell is not None and self.run is None:
            from seqgen.training.plan import Facts

            yield Progress(phase="measuring", elapsed=self.ledger.total())
            with self.ledger.phase("measuring"):
                facts = Facts(len(material.train), len(material.tokenizer))
                plan = network.make_plan(config, facts, available_cpus(), self.ledger)
            config, sentence = plan.config, plan.sentence
        run = self.run = self.run or self._create(config, material, sentence)
        yield Progress(phase="planned", plan=run.info.plan or sentence, elapsed=self.ledger.total(), report=True)
        if config.counts:
            with self.ledger.phase("saving"):
                run.save_arrays("markov", counted.model.arrays())
        run.update(baselines=baselines)
        if config.cell is not None:
            part = network.NetworkRun(run, material, counted, self.ledger, self.stop)
            yield from part.train(MarkovScorer(counted.model))
            if part.interrupted:
                yield Finished(False, f"stopped at step {run.info.step:,}; the same command goes on from there")
                return
        yield from self._score(run, material, counted)

    def _score(self, run: Run, material: Material, counted: Counted) -> Told:
        """The exact figures, then the end."""
        with self.ledger.phase("scoring"):
            for progress in score_exactly(
                run, material, counted.valid if run.info.config.counts else None, self.ledger, self.stop
            ):
                yield replace(progress, total=run.info.config.minutes and run.info.config.minutes * 60)
        if self.stop():
            yield Finished(False, "stopped while scoring; the same command goes on from there")
            return
        self.ledger.total()
        finish(run, self.ledger)
        yield Finished(True, f"{run.path} is ready")

    def _create(self, config: Config, material: Material, sentence: str) -> Run:
        """Make the run folder, now that all is known and nothing else can be wrong; what is overwritten goes only here."""
        clear(self.request.path)
        info = RunInfo(
            kind="language",
            name=self.request.path.resolve().name,
            config=config,
            corpus=material.facts,
            created=datetime.now(UTC).isoformat(timespec="milliseconds"),
            version=__version__,
            vocab_size=len(material.tokenizer),
            plan=sentence,
        )
        with self.ledger.phase("saving"):
            run = Run.create(self.request.path, info, material.tokenizer)
            if config.keep_text:
                run.keep_text(material.train, material.valid)
        return run

    def _dry_run(self, config: Config, material: Material) -> Told:
        """The plan, and what it would cost."""
        if config.cell is None:
            yield Finished(
                True,
                f"plan: count {len(material.train):,} symbols; seconds, and about {len(material.train) * 60 / 1e6:,.0f} MB",
            )
            return
        from seqgen.training import network
        from seqgen.training.plan import Facts

        facts = Facts(len(material.train), len(material.tokenizer))
        plan = network.make_plan(config, facts, available_cpus(), self.ledger)
        memory = network.memory_bytes(plan, len(material.train)) / 1e6
        length = f"{plan.config.minutes:g} minutes" if plan.config.timed else network.steps_sentence(plan, material)
        yield Finished(True, f"{plan.sentence}\nmemory: about {memory:,.0f} MB beside torch's own\ntime: {length}")


def _make_folder(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CheckpointError(f"{path}: cannot make the run folder: {error.strerror}", "choose another with -o") from None
