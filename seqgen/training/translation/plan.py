"""Planning a Transformer: trials on real batches."""

from __future__ import annotations

import torch

from seqgen.config import Config
from seqgen.families.base import Facts
from seqgen.training import measure
from seqgen.training.budget import Ledger
from seqgen.training.plan import Plan, Unit
from seqgen.training.translation.material import Encoded
from seqgen.training.translation.task import TranslationTask

UNIT = Unit("target tokens", "pairs")
# Share of the budget left at planning that goes into steps; the rest is validation, saving and the last scoring.
STEPPING = 0.9


def make_plan(config: Config, encoded: Encoded, threads: int, ledger: Ledger) -> Plan:
    """Fill in the config; in a timed run by measuring this machine."""

    def trial(sized: Config, device: torch.device) -> TranslationTask:
        return TranslationTask(sized, len(encoded.tokenizer), encoded.train, encoded.valid, device)

    return measure.make_plan(config, facts_of(encoded), UNIT, trial, threads, ledger, STEPPING)


def facts_of(encoded: Encoded) -> Facts:
    """Target tokens with <eos>, and the size of the vocabulary."""
    return Facts(len(encoded.train.target) + len(encoded.train), len(encoded.tokenizer))
