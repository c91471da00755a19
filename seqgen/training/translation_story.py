"""The story of a translation model: read pairs, learn a vocabulary, train a Transformer, convert it, score it."""

from __future__ import annotations

import math
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

from seqgen.backend import line_translator, longest_translation, open_translator
from seqgen.decode.translator import TranslateOptions
from seqgen.metrics.overlap import corpus_scores
from seqgen.run import Run
from seqgen.threads import available_cpus
from seqgen.training.pair_material import Encoded, PairMaterial, encode, learn_tokenizer, read
from seqgen.training.progress import Finished, Progress
from seqgen.training.story import Story, Told

# Held-out pairs scored together at the end; between two such pieces the user may stop.
PIECE = 100


@dataclass
class TranslationStory(Story):
    """One sitting at a translation model."""

    material: PairMaterial | None = None

    def read(self) -> tuple[str, ...]:
        """Read the pairs."""
        self.config, self.material = read(self.request, self.config)
        self.facts = self.material.facts
        return self.material.notes

    def learn(self) -> Told:
        """Learn a vocabulary while torch is loading, train, convert, score."""
        assert self.material is not None
        yield Progress(phase="vocabulary", elapsed=self.ledger.total())
        with self.ledger.phase("vocabulary and torch"), ThreadPoolExecutor(max_workers=1) as beside:
            encoding = beside.submit(self._encode, self.material)
            from seqgen.training import translation_plan

            encoded, note = encoding.result()
        if note:
            yield Progress(phase="vocabulary", note=note)
        if self.run is None:
            yield Progress(phase="measuring", elapsed=self.ledger.total())
            with self.ledger.phase("measuring"):
                plan = translation_plan.make_plan(self.config, encoded, available_cpus(), self.ledger)
            self.config = plan.config
            self.run = self.create(encoded.tokenizer, plan.sentence, {**self.material.facts, **encoded.longest})
        run = self.run
        yield Progress(phase="planned", plan=run.info.plan, elapsed=self.ledger.total(), report=True)
        interrupted = yield from self._train_network(run, self.material, encoded)
        if interrupted:
            yield self.stopped(run)
            return
        yield from self._score(run, self.material, encoded)

    def _encode(self, material: PairMaterial) -> tuple[Encoded, str | None]:
        """A run that goes on has its vocabulary already."""
        tokenizer = learn_tokenizer(material, self.config) if self.run is None else self.run.tokenizer()
        return encode(material, tokenizer)

    def _train_network(self, run: Run, material: PairMaterial, encoded: Encoded) -> Generator[Progress, None, bool]:
        """Train; the generator's value is whether the user stopped it."""
        from seqgen.training.network import NetworkRun, prepare
        from seqgen.training.translation import TranslationTask
        from seqgen.training.translation_watch import TranslationWatch
        from seqgen.weights import transformer_shape

        config = run.info.config
        device = prepare(config)
        with self.ledger.phase("building"):
            shape = transformer_shape(config, len(encoded.tokenizer))
            task = TranslationTask(config, shape, encoded.train, encoded.valid, device)
            watch = TranslationWatch(task, material, encoded, min(config.threads or 1, available_cpus()))
        part = NetworkRun(run, task, watch, self.ledger, self.stop)
        yield from part.train()
        return part.interrupted

    def _score(self, run: Run, material: PairMaterial, encoded: Encoded) -> Told:
        """Translate all held-out sources as a user would by default, score them, and the references by the model."""
        with self.ledger.phase("scoring"):
            translator = open_translator(run, threads=min(run.info.config.threads or 1, available_cpus()))
            lines = line_translator(run, translator, TranslateOptions(max_length=longest_translation(run)))
            translated: list[str] = []
            log_probs: list[Any] = []
            sources, count = material.valid.sources, len(material.valid)
            for start in range(0, count, PIECE):
                rows = range(start, min(count, start + PIECE))
                translated += [found.text for found in lines.translate(sources[start : start + PIECE])]
                pairs = [encoded.valid.pair(row) for row in rows]
                log_probs += translator.score([pair[0] for pair in pairs], [pair[1] for pair in pairs])
                total = run.info.config.minutes and run.info.config.minutes * 60
                yield Progress("scoring", fraction=len(translated) / count, elapsed=self.ledger.total(), total=total)
                if self.stop():
                    yield Finished(False, "stopped while scoring; the same command goes on from there")
                    return
            if count:
                run.update(scores=_summary(translated, material.valid.targets, np.concatenate(log_probs)))
        yield self.finish(run)

    def dry_run(self) -> Told:
        """The plan, and what it would cost."""
        assert self.material is not None
        from seqgen.training import translation_plan
        from seqgen.training.network import steps_of
        from seqgen.training.translation import TranslationTask

        encoded, _ = self._encode(self.material)
        plan = translation_plan.make_plan(self.config, encoded, available_cpus(), self.ledger)
        config, memory = plan.config, translation_plan.memory_bytes(plan, len(encoded.train.target)) / 1e6
        if config.timed:
            length = f"{config.minutes:g} minutes"
        else:
            import torch

            task = TranslationTask(config, plan.shape, encoded.train, encoded.valid, torch.device("cpu"))
            length = f"{steps_of(config, task):,} steps of {task.symbols_per_step():,.0f} target tokens"
        yield Finished(True, f"{plan.sentence}\nmemory: about {memory:,.0f} MB beside torch's own\ntime: {length}")


def _summary(translated: list[str], references: tuple[str, ...], log_probs: Any) -> dict[str, Any]:
    """BLEU and chrF with their signatures, and how likely the references are."""
    found = corpus_scores(translated, references, metrics=("BLEU", "chrF"))
    nats = -float(np.mean(log_probs, dtype=np.float64))
    return {
        "valid": {
            **{score.metric.lower(): score.value for score in found},
            "nats_per_token": nats,
            "perplexity": math.exp(min(700.0, nats)),
            "pairs": len(translated),
        },
        "signature": {score.metric: score.signature for score in found},
    }
