"""Planning a language model's network: trials on random symbols, and the sentence for a plan in steps."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import torch

from seqgen.config import Config
from seqgen.draw.human import plural
from seqgen.families.base import Facts
from seqgen.training import measure
from seqgen.training.budget import Ledger
from seqgen.training.language.material import Material
from seqgen.training.language.task import LanguageModule, LanguageTask
from seqgen.training.measure import STEPS
from seqgen.training.network import steps_of
from seqgen.training.plan import Plan, Unit

UNIT = Unit("symbols", "text")
# Share of the budget left at planning that goes into steps; scoring and saving take the rest.
STEPPING = 0.93


def make_plan(config: Config, facts: Facts, threads: int, ledger: Ledger) -> Plan:
    """Fill in the config; in a timed run by measuring this machine."""

    def trial(sized: Config, device: torch.device) -> LanguageTask:
        sized = replace(sized, dropout=sized.dropout or 0.0)
        assert sized.batch_size and sized.bptt
        count = sized.batch_size * sized.bptt * (STEPS + 2)
        text = np.random.default_rng(0).integers(4, facts.vocab_size, count).astype(np.int32)
        return LanguageTask(sized, facts.vocab_size, text, text[:2], device)

    return measure.make_plan(config, facts, UNIT, trial, threads, ledger, STEPPING)


def validation_seconds(model: LanguageModule, task: LanguageTask, symbols: int = 4096) -> float:
    """Seconds per symbol of approximate validation."""
    count = min(symbols, len(task.valid) - 1)
    task.validate(model, count)
    begin = time.perf_counter()
    task.validate(model, count)
    return (time.perf_counter() - begin) / count


def steps_sentence(plan: Plan, material: Material) -> str:
    """How many steps a run counted in steps or epochs will make."""
    task = LanguageTask(plan.config, len(material.tokenizer), material.train, material.valid, torch.device("cpu"))
    steps = steps_of(plan.config, task)
    return f"{plural(steps or 0, 'step')} of {plural(round(task.symbols_per_step()), 'symbol')}"
