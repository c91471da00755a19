"""One sitting at a translation model: read pairs, learn a vocabulary, train a Transformer, convert it, score it."""

from __future__ import annotations

import math
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import numpy as np

from seqgen.draw.human import plural
from seqgen.families import family_of
from seqgen.metrics.overlap import DEFAULT, check_tokenizer, corpus_scores
from seqgen.opening import open_lines
from seqgen.run import Run
from seqgen.threads import available_cpus, default_threads
from seqgen.training.beside import Beside
from seqgen.training.progress import Finished, Progress
from seqgen.training.sitting import Sitting, Told
from seqgen.training.translation.material import Encoded, PairMaterial, encode, learn_tokenizer, learnt, read
from seqgen.translation.lines import least_share

# Held-out pairs scored together at the end; between two such batches the user may stop.
PIECE = 100


@dataclass
class TranslationSitting(Sitting):
    """One sitting at a translation model."""

    material: PairMaterial | None = None

    def read(self) -> tuple[str, ...]:
        """Read the pairs."""
        if self.run is not None and self._measured_elsewhere(self.run) and not self.request.names_held_out:
            raise self.held_out_missing(self.run)
        self.config, self.material = read(self.request, self.config, self.run)
        self.facts = self.material.facts
        if self.run is not None:
            # Figures before and after would not be comparable by another.
            check_tokenizer(_tokenize(self.run))
        about_bleu = self.material.about_bleu if self.run is None else None
        return (*self.material.notes, about_bleu) if about_bleu else self.material.notes

    @staticmethod
    def _measured_elsewhere(run: Run) -> bool:
        """Whether a run was measured on separate pairs rather than on a part held out of its corpus."""
        return bool(run.info.corpus.get("valid")) and not run.info.config.valid_frac

    def learn(self) -> Told:
        """Learn a vocabulary while torch is loading, train, convert, score."""
        assert self.material is not None
        yield Progress(phase="vocabulary", elapsed=self.ledger.total())
        with self.ledger.phase("vocabulary and torch"):
            encoding = Beside(self._encode, self.material)
            from seqgen.training.translation.plan import make_plan

            encoded, notes = encoding.result(self.stop)
        for note in notes:
            yield Progress(phase="vocabulary", note=note)
        if self.run is None:
            yield Progress(phase="measuring", elapsed=self.ledger.total())
            with self.ledger.phase("measuring"):
                plan = make_plan(self.config, encoded, default_threads(), self.ledger)
            self.config = plan.config
            self.run = self.create(encoded.tokenizer, plan.sentence, {**self.material.facts, **encoded.facts})
        run = self.run
        yield Progress(phase="planned", plan=run.info.plan, elapsed=self.ledger.total(), report=True)
        interrupted = yield from self._train_network(run, self.material, encoded)
        if interrupted:
            yield self.stopped()
            return
        yield from self._score(run, encoded)

    def _encode(self, material: PairMaterial) -> tuple[Encoded, tuple[str, ...]]:
        """The pairs as ids, and notes; a run that is continued has its vocabulary already."""
        pairs = learnt(material, self.config)
        count = len(material.train)
        tokenizer = learn_tokenizer(pairs, count, self.config) if self.run is None else self.run.tokenizer()
        return encode(material, pairs, tokenizer, self.config)

    def _train_network(self, run: Run, material: PairMaterial, encoded: Encoded) -> Generator[Progress, None, bool]:
        """Train; the generator's value is whether the user stopped it."""
        from seqgen.training.network import NetworkRun, prepare
        from seqgen.training.translation.task import TranslationTask
        from seqgen.training.translation.watch import TranslationWatch

        config = run.info.config
        device = prepare(config)
        with self.ledger.phase("building"):
            task = TranslationTask(config, len(encoded.tokenizer), encoded.train, encoded.valid, device)
            threads = min(config.threads or 1, available_cpus())
            watch = TranslationWatch(task, material, encoded, threads, _tokenize(run))
        part = NetworkRun(run, task, watch, self.ledger, self.stop)
        yield from part.train()
        return part.interrupted

    def _score(self, run: Run, encoded: Encoded) -> Told:
        """Translate all held-out sources as a user would by default; score them, and the references by the model."""
        with self.ledger.phase("scoring"):
            lines = open_lines(run, {}, threads=min(run.info.config.threads or 1, available_cpus()))
            translated: list[str] = []
            log_probs: list[Any] = []
            sources, count = encoded.held_out.sources, len(encoded.held_out)
            for start in range(0, count, PIECE):
                rows = range(start, min(count, start + PIECE))
                translated += [found.text for found in lines.translate(sources[start : start + PIECE])]
                pairs = [encoded.valid.pair(row) for row in rows]
                log_probs += lines.translator.score([pair[0] for pair in pairs], [pair[1] for pair in pairs])
                total = run.info.config.minutes and run.info.config.minutes * 60
                yield Progress("scoring", fraction=len(translated) / count, elapsed=self.ledger.total(), total=total)
                if self.stop():
                    yield Finished(False, "stopped while scoring; the same command goes on from there")
                    return
            if count:
                found = _summary(translated, encoded, np.concatenate(log_probs), _tokenize(run))
                run.update(scores={**found, "lengths": {"least": least_share(sources, translated)}})
        yield self.finish(run)

    def dry_run(self) -> Told:
        """The plan, and what it would cost."""
        assert self.material is not None
        from seqgen.training.network import steps_of
        from seqgen.training.translation.plan import facts_of, make_plan
        from seqgen.training.translation.task import TranslationTask

        encoded, _ = self._encode(self.material)
        plan = make_plan(self.config, encoded, default_threads(), self.ledger)
        config, network = plan.config, family_of(plan.config).network
        assert network is not None
        memory = network.memory(config, facts_of(encoded)) / 1e6
        if config.timed:
            length = plural(config.minutes or 0, "minute")
        else:
            import torch

            task = TranslationTask(config, len(encoded.tokenizer), encoded.train, encoded.valid, torch.device("cpu"))
            length = (
                f"{plural(steps_of(config, task) or 0, 'step')} of {plural(round(task.symbols_per_step()), 'target token')}"
            )
        yield Finished(True, f"{plan.sentence}\nmemory: about {memory:,.0f} MB on top of torch's own\ntime: {length}")


def _tokenize(run: Run) -> str:
    """The tokenizer of a run's BLEU; runs of older versions all have the default."""
    return str(run.info.corpus.get("bleu_tokenizer", DEFAULT))


def _summary(translated: list[str], encoded: Encoded, log_probs: Any, tokenize: str) -> dict[str, Any]:
    """BLEU and chrF with their signatures, and how likely the references are; `exact` translations are those that the corpus
    has, word for word, and `left_out` pairs were too long to be scored."""
    found = corpus_scores(translated, encoded.held_out.targets, metrics=("BLEU", "chrF"), tokenize=tokenize)
    nats = -float(np.mean(log_probs, dtype=np.float64))
    return {
        "valid": {
            **{score.metric.lower(): score.value for score in found},
            "nats_per_token": nats,
            "perplexity": math.exp(min(700.0, nats)),
            "pairs": len(translated),
            "exact": sum(one.strip() == other.strip() for one, other in zip(translated, encoded.held_out.targets, strict=True)),
            "left_out": encoded.left_out,
        },
        "signature": {score.metric: score.signature for score in found},
    }
