"""One sitting at a language model: read a text, count it, train a network on it, score both and their mix.

Torch is loaded only where a network is trained, and while it loads, the counting is done in a background thread.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from seqgen.data.primers import TEXTBOOK_LENGTH, stretches_of, to_arrays
from seqgen.draw.human import plural
from seqgen.errors import ConfigError
from seqgen.families import family_of
from seqgen.families.base import Facts
from seqgen.markov import Markov, MarkovScorer
from seqgen.run import Run
from seqgen.run.info import AFTER, BEFORE
from seqgen.threads import default_threads
from seqgen.training.beside import Beside
from seqgen.training.language.counting import Counted, count, scored, xz_bits
from seqgen.training.language.final import score_exactly
from seqgen.training.language.material import HeldOutMissing, Material, encoded, order_of, read
from seqgen.training.progress import Finished, Progress
from seqgen.training.sitting import Sitting, Told

if TYPE_CHECKING:
    from seqgen.training.language.origin import Model, Retained


@dataclass
class LanguageSitting(Sitting):
    """One sitting at a language model."""

    material: Material | None = None
    model: Model | None = None  # of the run that a new one begins from

    def read(self) -> tuple[str, ...]:
        """Read the text."""
        try:
            self.config, self.material = read(self.request, self.config, self.run, self.origin)
        except HeldOutMissing:
            assert self.run is not None
            raise self.held_out_missing(self.run) from None
        if self.config.sample_ids and len(self.material.train) > TEXTBOOK_LENGTH:
            count = f"{len(self.material.train):,}"
            raise ConfigError(
                f"--sample-ids: expected a text of up to {TEXTBOOK_LENGTH} symbols, found {count}", "leave it out"
            )
        if self.run is None and self.origin is not None:
            from seqgen.training.language.origin import Model
            from seqgen.training.origin import paced

            assert self.material.earlier is not None
            self.model = Model.of(self.origin)
            is_known = len(self.material.earlier.uncounted) < self.material.train_chars / 2
            self.config = paced(self.config, len(self.material.tokenizer), is_known)
        self.facts = self.material.facts
        self.symbols_per_char = len(self.material.train) / self.material.train_chars
        self.held_out_per_char = self.material.held_out / max(1, len(self.material.valid_text))
        return self.material.notes

    def learn(self) -> Told:
        """Count, train the network if there is one, score."""
        assert self.material is not None
        material, config, family = self.material, self.config, family_of(self.config)
        counting = self._counting(material)
        packing = Beside(xz_bits, material.train_end, material.valid_text, config)
        if family.network is not None:
            with self.ledger.phase("loading torch"):
                from seqgen.training import network  # noqa: F401 - loads torch, while the counting goes on
        yield Progress(phase="counting", elapsed=self.ledger.total())
        with self.ledger.phase("counting"):
            counted = counting.result(self.stop)
            xz = packing.result(self.stop)
            baselines = counted.baselines(material.valid[1:], len(material.valid_text), xz)
        yield from (Progress(phase="counting", note=note) for note in counted.notes)
        yield Progress(phase="counting", elapsed=self.ledger.total(), baselines=tuple(baselines.items()))
        if family.counts:
            self.config = config.planned(order=counted.model.order)
        sentence = f"plan: Markov model of order {self.config.order}" if family.counts else ""
        if family.network is not None and self.run is None:
            yield Progress(phase="measuring", elapsed=self.ledger.total())
            sentence = self._plan(material)
        if self.run is None:
            if self.origin is not None:
                yield Progress(phase="scoring", elapsed=self.ledger.total())
            self._create(material, sentence, counted)
        run = self.run
        assert run is not None
        yield Progress(phase="planned", plan=run.info.plan or sentence, elapsed=self.ledger.total(), report=True)
        self._keep(run, material, counted, baselines)
        if family.network is not None:
            interrupted = yield from self._train_network(run, material, counted)
            if interrupted:
                yield self.stopped()
                return
        yield from self._score(run, material, counted)

    def _counting(self, material: Material) -> Beside[Counted]:
        """Count in the background; of a run that was begun from another one, only what that one has not counted."""
        config, vocab_size, run = self.config, len(material.tokenizer), self.run
        if self.model is not None and self.model.markov is not None:
            from seqgen.training.language.origin import count_more

            assert material.earlier is not None and self.origin is not None
            text = material.earlier.uncounted
            kept = self.origin.arrays("text")["train"] if self.origin.has("text") else None
            return Beside(count_more, self.model.markov, kept, material, encoded(material.tokenizer, text, len(text)))
        if run is not None and run.info.origin and family_of(config).counts:
            return Beside(scored, Markov.from_arrays(run.arrays("markov"), vocab_size, str(run.path)), material.valid)
        return Beside(count, material.train, material.valid, vocab_size, config)

    def _create(self, material: Material, sentence: str, counted: Counted) -> None:
        """Make the run; one that begins from another has that one's weights from the start, and needs that one no more."""
        if self.model is None or self.origin is None:
            self.run = self.create(material.tokenizer, sentence, material.facts)
            return
        from seqgen.training.language.origin import NOTHING, Retained
        from seqgen.training.origin import facts_of

        assert material.earlier is not None
        minutes = self.config.minutes if self.config.timed else None
        with self.ledger.phase("scoring"):
            retained = Retained.measured(self.model, material.earlier.held_out, material.tokenizer, minutes)
        origin = facts_of(self.origin, material.earlier.grown.earlier, material.earlier.grown.out)
        run = self.run = self.create(material.tokenizer, sentence, material.facts, origin)
        saved: dict[str, Any] = {"origin": NOTHING if retained is None else retained.to_arrays()}
        if self.model.weights:
            saved["weights"] = (self.model.begun(material, self.config), {"step": 0})
        if self.model.markov is not None:
            saved["markov"] = (counted.model.arrays(), None)
        with self.ledger.phase("saving"):
            run.commit(saved, mix_weight=self.origin.info.mix_weight)

    def _keep(self, run: Run, material: Material, counted: Counted, baselines: dict[str, float]) -> None:
        """Save what is known before the first step; an earlier sitting may have been killed before it wrote this."""
        with self.ledger.phase("saving"):
            self.keep_or_forget_text(run)
            if family_of(run.info.config).counts:
                run.save_arrays("markov", counted.model.arrays())
            run.update(baselines=baselines)

    def keep_or_forget_text(self, run: Run) -> None:
        """Keep the text's ids, and stretches for primers, or drop both, as the options say."""
        assert self.material is not None
        material = self.material
        if not self.config.keep_text:
            for name in ("text", "primers"):
                if run.has(name):
                    run.forget(name)
            self._keep_hashes(run, material)
            return
        if not run.has("text"):
            run.keep_text(material.train, material.valid)
        self._keep_hashes(run, material)
        stretches = [] if run.has("primers") else stretches_of(material.train, material.tokenizer)
        if stretches:
            run.save_arrays("primers", to_arrays(stretches))

    def _keep_hashes(self, run: Run, material: Material) -> None:
        """Keep the hashes of a text that is not kept, where this is asked for."""
        wanted = self.config.keep_hashes and not run.has("text")
        if wanted and not run.has("hashes"):
            from seqgen.copies.hashed import HashedText
            from seqgen.copies.index import codes_of_ids

            run.save_arrays("hashes", {"bits": HashedText.of(codes_of_ids(material.train, material.tokenizer)).bits})
        elif run.has("hashes") and not wanted:
            run.forget("hashes")

    def _plan(self, material: Material) -> str:
        """Fill in the config; return the plan as a sentence."""
        from seqgen.training.language.plan import make_plan

        with self.ledger.phase("measuring"):
            plan = make_plan(self.config, _facts(material), default_threads(), self.ledger)
        self.config = plan.config
        return plan.sentence

    def _train_network(self, run: Run, material: Material, counted: Counted) -> Generator[Progress, None, bool]:
        """Train; the generator's value is whether the user stopped it."""
        from seqgen.training.language.task import LanguageTask
        from seqgen.training.language.watch import LanguageWatch
        from seqgen.training.network import NetworkRun, prepare

        config = run.info.config
        device = prepare(config)
        mixed = family_of(config).counts
        with self.ledger.phase("building"):
            order = order_of(material, config)
            begun = run.arrays("weights") if run.info.origin and not run.has("state") else None
            task = LanguageTask(config, len(material.tokenizer), material.train, material.valid, device, order, begun)
            markov = MarkovScorer(counted.model) if mixed else None
            retained = retained_of(run)
            afterwards = 0.0 if retained is None else retained.seconds
            watch = LanguageWatch(task, material, counted.valid if mixed else None, markov, afterwards)
        part = NetworkRun(run, task, watch, self.ledger, self.stop)
        yield from watch.told(part.train())
        return part.interrupted

    def _score(self, run: Run, material: Material, counted: Counted) -> Told:
        """Score exactly, then finish."""
        log_probs = counted.valid if family_of(run.info.config).counts else None
        with self.ledger.phase("scoring"):
            for progress in score_exactly(run, material, log_probs, self.ledger, self.stop):
                yield replace(progress, total=run.info.config.minutes and run.info.config.minutes * 60)
        if self.stop():
            yield Finished(False, "stopped while scoring; the same command goes on from there")
            return
        retained = retained_of(run)
        if retained is not None:
            from seqgen.training.language.origin import Model

            # With the mix as it has just been fitted.
            with self.ledger.phase("scoring"):
                after = retained.cost(Model.of(run), material.tokenizer)
            run.update(scores={**run.info.scores, BEFORE: dict(retained.before), AFTER: after})
        yield self.finish(run)

    def dry_run(self) -> Told:
        """The plan, and what it would cost."""
        assert self.material is not None
        family, facts = family_of(self.config), _facts(self.material)
        if family.network is None:
            memory = facts.symbols * 60 / 1e6
            yield Finished(True, f"plan: count {facts.symbols:,} symbols; takes seconds and about {memory:,.0f} MB")
            return
        from seqgen.training.language.plan import make_plan, steps_sentence

        plan = make_plan(self.config, facts, default_threads(), self.ledger)
        memory = family.network.memory(plan.config, facts) / 1e6
        length = plural(plan.config.minutes or 0, "minute") if plan.config.timed else steps_sentence(plan, self.material)
        yield Finished(True, f"{plan.sentence}\nmemory: about {memory:,.0f} MB on top of torch's own\ntime: {length}")


def retained_of(run: Run) -> Retained | None:
    """The held-out text of the run that this one was begun from, where that is so and it is kept."""
    if not run.info.origin:
        return None
    from seqgen.training.language.origin import Retained

    return Retained.of(run)


def _facts(material: Material) -> Facts:
    return Facts(len(material.train), len(material.tokenizer))
