"""Planning a language model's network: the plan asks, this measures.

Split from plan.py, which is pure arithmetic: here torch is at work.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import torch

from seqgen.config import Config
from seqgen.training.budget import Ledger
from seqgen.training.language import LanguageTask
from seqgen.training.material import Material
from seqgen.training.measure import has_bf16, symbols_per_second
from seqgen.training.network import device_of, steps_of
from seqgen.training.plan import Facts, Plan, plan_network
from seqgen.weights import GATES, parameters, rnn_weights


def make_plan(config: Config, facts: Facts, threads: int, ledger: Ledger) -> Plan:
    """Fill in the config; in a timed run by measuring this machine."""
    device = device_of(config.device)
    bf16 = has_bf16(device)
    if not config.timed:
        torch.set_num_threads(config.threads or threads)
        return plan_network(config, facts, has_bf16=bf16, threads=threads)
    speed = _remembering(facts.vocab_size, device)
    if config.threads is None:
        config = config.planned(threads=_faster_threads(config, facts, bf16, threads, speed))
    # What is left when torch is there, less what comes after the steps: an estimate that the loop corrects as it goes.
    seconds = max(1.0, ((config.minutes or 0.0) * 60 - ledger.total()) * 0.93)
    return plan_network(config, facts, has_bf16=bf16, threads=threads, seconds=seconds, measured=speed)


def _remembering(vocab_size: int, device: torch.device) -> Callable[[Config], float]:
    """Symbols a second of a config, measured once for each size and number of threads."""
    known: dict[tuple[int | None, int | None], float] = {}

    def speed(trial: Config) -> float:
        key = (trial.hidden, trial.threads)
        if key not in known:
            torch.set_num_threads(trial.threads or 1)
            known[key] = symbols_per_second(trial, vocab_size, device)
        return known[key]

    return speed


def _faster_threads(config: Config, facts: Facts, bf16: bool, most: int, speed: Callable[[Config], float]) -> int:
    """All processors, or one: threads that wait for each other lose more than they bring where others are at work too."""
    trial = plan_network(config, facts, has_bf16=bf16, threads=most).config
    speeds = {threads: speed(replace(trial, threads=threads)) for threads in sorted({1, most})}
    return max(speeds, key=speeds.__getitem__)


def memory_bytes(plan: Plan, symbols: int) -> int:
    """About what training takes: weights, gradients, two moments, the best weights, activations, the text."""
    shape, config = plan.shape, plan.config
    assert config.batch_size and config.bptt
    count = parameters(rnn_weights(shape))
    positions = config.batch_size * config.bptt
    activations = positions * (shape.layers * (GATES[shape.cell] + 4) * shape.hidden + 3 * shape.vocab_size)
    return 4 * (6 * count + activations) + 8 * symbols


def steps_sentence(plan: Plan, material: Material) -> str:
    """How many steps a run counted in steps or epochs will make."""
    task = LanguageTask(plan.config, plan.shape, material.train, material.valid, torch.device("cpu"))
    steps = steps_of(plan.config, task)
    return f"{steps:,} steps of {task.symbols_per_step():,.0f} symbols"
