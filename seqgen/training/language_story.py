"""The story of a language model: read a text, count it, train a network on it, score both and their mix.

Torch is loaded only where a network is trained, and while it loads, the counting is done in a thread beside it.
"""

from __future__ import annotations

from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from seqgen.markov import MarkovScorer
from seqgen.run import Run
from seqgen.threads import available_cpus
from seqgen.training.counting import Counted, count, xz_bits
from seqgen.training.final import score_exactly
from seqgen.training.material import Material, read
from seqgen.training.progress import Finished, Progress
from seqgen.training.story import Story, Told


@dataclass
class LanguageStory(Story):
    """One sitting at a language model."""

    material: Material | None = None

    def read(self) -> tuple[str, ...]:
        """Read the text."""
        self.config, self.material = read(self.request.inputs, self.request.valid, self.config)
        self.facts = self.material.facts
        self.symbols_per_char = len(self.material.train) / len(self.material.train_text)
        return self.material.notes

    def learn(self) -> Told:
        """Count, train the network if there is one, score."""
        assert self.material is not None
        with ThreadPoolExecutor(max_workers=2) as beside:
            yield from self._learn(self.material, beside)

    def _learn(self, material: Material, beside: ThreadPoolExecutor) -> Told:
        config = self.config
        counting = beside.submit(count, material.train, material.valid, len(material.tokenizer), config)
        packing = beside.submit(xz_bits, material.train_text, material.valid_text, config)
        if config.cell is not None:
            with self.ledger.phase("loading torch"):
                from seqgen.training import network  # noqa: F401 - loads torch, while the counting goes on
        yield Progress(phase="counting", elapsed=self.ledger.total())
        with self.ledger.phase("counting"):
            counted = counting.result()
            baselines = counted.baselines(len(material.valid_text), packing.result())
        yield from (Progress(phase="counting", note=note) for note in counted.notes)
        yield Progress(phase="counting", elapsed=self.ledger.total(), baselines=tuple(baselines.items()))
        if config.counts:
            self.config = config.planned(order=counted.model.order)
        sentence = f"plan: Markov model of order {self.config.order}" if config.counts else ""
        if config.cell is not None and self.run is None:
            yield Progress(phase="measuring", elapsed=self.ledger.total())
            sentence = self._plan(material)
        run = self.run = self.run or self._create(material, sentence)
        yield Progress(phase="planned", plan=run.info.plan or sentence, elapsed=self.ledger.total(), report=True)
        if config.counts:
            with self.ledger.phase("saving"):
                run.save_arrays("markov", counted.model.arrays())
        run.update(baselines=baselines)
        if config.cell is not None:
            interrupted = yield from self._train_network(run, material, counted)
            if interrupted:
                yield self.stopped(run)
                return
        yield from self._score(run, material, counted)

    def _plan(self, material: Material) -> str:
        """Fill in the config; return the plan as a sentence."""
        from seqgen.training.language_plan import make_plan
        from seqgen.training.plan import Facts

        with self.ledger.phase("measuring"):
            facts = Facts(len(material.train), len(material.tokenizer))
            plan = make_plan(self.config, facts, available_cpus(), self.ledger)
        self.config = plan.config
        return plan.sentence

    def _train_network(self, run: Run, material: Material, counted: Counted) -> Generator[Progress, None, bool]:
        """Train; the generator's value is whether the user stopped it."""
        from seqgen.training.language import LanguageTask
        from seqgen.training.language_watch import LanguageWatch
        from seqgen.training.network import NetworkRun, prepare
        from seqgen.weights import rnn_shape

        config = run.info.config
        device = prepare(config)
        mixed = config.arch == "hybrid"
        with self.ledger.phase("building"):
            task = LanguageTask(config, rnn_shape(config, len(material.tokenizer)), material.train, material.valid, device)
            markov = MarkovScorer(counted.model) if mixed else None
            watch = LanguageWatch(task, material, counted.valid if mixed else None, markov)
        part = NetworkRun(run, task, watch, self.ledger, self.stop)
        yield from part.train()
        return part.interrupted

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
        yield self.finish(run)

    def _create(self, material: Material, sentence: str) -> Run:
        run = self.create(material.tokenizer, sentence, material.facts)
        if self.config.keep_text:
            with self.ledger.phase("saving"):
                run.keep_text(material.train, material.valid)
        return run

    def dry_run(self) -> Told:
        """The plan, and what it would cost."""
        assert self.material is not None
        symbols = len(self.material.train)
        if self.config.cell is None:
            yield Finished(True, f"plan: count {symbols:,} symbols; seconds, and about {symbols * 60 / 1e6:,.0f} MB")
            return
        from seqgen.training.language_plan import make_plan, memory_bytes, steps_sentence
        from seqgen.training.plan import Facts

        plan = make_plan(self.config, Facts(symbols, len(self.material.tokenizer)), available_cpus(), self.ledger)
        memory = memory_bytes(plan, symbols) / 1e6
        length = f"{plan.config.minutes:g} minutes" if plan.config.timed else steps_sentence(plan, self.material)
        yield Finished(True, f"{plan.sentence}\nmemory: about {memory:,.0f} MB beside torch's own\ntime: {length}")
