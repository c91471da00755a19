"""How fast this machine trains a network: a few real steps, thrown away."""

from __future__ import annotations

import time
from collections.abc import Callable

import torch

from seqgen.config import Config
from seqgen.families.base import Facts
from seqgen.threads import use_threads
from seqgen.training.budget import Ledger
from seqgen.training.network import device_of
from seqgen.training.plan import Measure, Plan, Unit, plan_network
from seqgen.training.task import Task
from seqgen.training.trainer import Trainer

STEPS = 3
# Seconds after which a measurement stops early: on a busy machine a step may take long.
LONGEST = 0.4

# A task to try, from a config without gaps.
Trial = Callable[[Config, torch.device], Task]


def make_plan(config: Config, facts: Facts, unit: Unit, trial: Trial, threads: int, ledger: Ledger, stepping: float) -> Plan:
    """Fill in the config; in a timed run by measuring this machine. `stepping` is the share of the remaining budget that
    goes into steps: an estimate that the loop corrects as it goes."""
    device = device_of(config.device)
    bf16 = has_bf16(device)
    if not config.timed:
        use_threads(config.threads or threads)
        return plan_network(config, facts, unit, has_bf16=bf16, threads=threads)
    seconds = max(1.0, (config.minutes or 0.0) * 60 - ledger.total()) * stepping
    measured = remembering(trial, device)
    return plan_network(config, facts, unit, has_bf16=bf16, threads=threads, seconds=seconds, measured=measured)


def remembering(trial: Trial, device: torch.device) -> Measure:
    """Symbols per second of a config; configs that differ in nothing that costs time are measured once."""
    known: dict[tuple[object, ...], float] = {}

    def measured(config: Config) -> float:
        key = (config.hidden, config.layers, config.decoder_layers, config.max_tokens, config.batch_size, config.threads)
        if key not in known:
            use_threads(config.threads or 1)
            task = trial(config, device)
            known[key] = steps_per_second(Trainer(task)) * task.symbols_per_step()
        return known[key]

    return measured


def has_bf16(device: torch.device) -> bool:
    """Whether a device multiplies bfloat16 in hardware; without that it is slower than float32."""
    if device.type != "cpu":
        return device.type == "cuda" and torch.cuda.is_bf16_supported()
    capability = getattr(torch.cpu, "_is_avx512_bf16_supported", None)
    amx = getattr(torch.cpu, "_is_amx_tile_supported", None)
    return bool(capability and capability()) or bool(amx and amx())


def steps_per_second(trainer: Trainer) -> float:
    """Steps per second of a trainer that is thrown away afterwards; the first one, a warm-up, does not count."""
    begin = time.perf_counter()
    trainer.step(1e-4)
    warmed = time.perf_counter()
    if warmed - begin > LONGEST:
        return 1 / (warmed - begin)
    done = 0
    while done < STEPS and time.perf_counter() - warmed < LONGEST:
        trainer.step(1e-4)
        done += 1
    return done / (time.perf_counter() - warmed)
