"""How fast this machine trains a network: a few real steps on random symbols, thrown away."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import torch

from seqgen.config import Config
from seqgen.nn.rnn import RNNModel
from seqgen.training.language import LanguageTask
from seqgen.training.trainer import Trainer
from seqgen.weights import rnn_shape

STEPS = 3
# Seconds after which a measurement has seen enough: on a machine that is busy elsewhere a step may take long.
LONGEST = 0.4


def has_bf16(device: torch.device) -> bool:
    """Whether a device multiplies bfloat16 in hardware; without that it is slower than float32."""
    if device.type != "cpu":
        return device.type == "cuda" and torch.cuda.is_bf16_supported()
    capability = getattr(torch.cpu, "_is_avx512_bf16_supported", None)
    amx = getattr(torch.cpu, "_is_amx_tile_supported", None)
    return bool(capability and capability()) or bool(amx and amx())


def symbols_per_second(config: Config, vocab_size: int, device: torch.device) -> float:
    """Training speed of a config without gaps."""
    config = replace(config, dropout=config.dropout or 0.0)
    assert config.batch_size and config.bptt
    count = config.batch_size * config.bptt * (STEPS + 2)
    text = np.random.default_rng(0).integers(4, vocab_size, count).astype(np.int32)
    trainer = Trainer(LanguageTask(config, rnn_shape(config, vocab_size), text, text[:2], device))
    return steps_per_second(trainer) * trainer.task.symbols_per_step()


def steps_per_second(trainer: Trainer) -> float:
    """Steps a second of a trainer that is thrown away afterwards; the first one, which warms up, does not count."""
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


def validation_seconds(model: RNNModel, task: LanguageTask, symbols: int = 4096) -> float:
    """Seconds that approximate validation takes a symbol."""
    count = min(symbols, len(task.valid) - 1)
    task.validate(model, count)
    begin = time.perf_counter()
    task.validate(model, count)
    return (time.perf_counter() - begin) / count
