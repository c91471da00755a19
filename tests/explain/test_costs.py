"""Costs: the layers against torch.nn, exponents and crossings that are known, and the command on small sizes."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from seqgen.errors import ConfigError
from seqgen.explain.costs import (
    HEADS,
    AttentionLayer,
    RecurrentLayer,
    bytes_available,
    bytes_of,
    check_width,
    crossover,
    exponent,
    measure,
    positions_up_to,
    score_bytes,
)
from tests.conftest import Seqgen

SIZES = (64, 128, 256, 512, 1024)


def numbers(*shape: int) -> np.ndarray:
    return np.random.default_rng(sum(shape)).normal(0, 0.5, shape).astype(np.float32)


def test_attention_is_that_of_torch() -> None:
    inputs, outputs, x = numbers(16, 48), numbers(16, 16), numbers(9, 16)
    oracle = nn.MultiheadAttention(16, HEADS, bias=False, batch_first=True)
    with torch.no_grad():
        oracle.in_proj_weight.copy_(torch.from_numpy(inputs.T))
        oracle.out_proj.weight.copy_(torch.from_numpy(outputs.T))
        wanted = oracle(*[torch.from_numpy(x)[None]] * 3, need_weights=False)[0][0].numpy()
    ours = AttentionLayer(inputs, outputs)
    np.testing.assert_allclose(ours.read(x), wanted, atol=1e-5)
    # One more symbol, given the kept keys and values of all: the last row of the whole.
    parts = (x @ inputs).reshape(9, 3, HEADS, 4).transpose(1, 2, 0, 3)
    np.testing.assert_allclose(ours.step(x[-1], parts[1].copy(), parts[2].copy()), wanted[-1], atol=1e-5)


def test_the_recurrence_is_that_of_torch() -> None:
    inputs, recurrent, x = numbers(8, 32), numbers(8, 32) / 2, numbers(11, 8)
    oracle = nn.LSTM(8, 8, bias=False)
    oracle.load_state_dict(
        {"weight_ih_l0": torch.from_numpy(inputs.T.copy()), "weight_hh_l0": torch.from_numpy(recurrent.T.copy())}
    )
    with torch.no_grad():
        wanted = oracle(torch.from_numpy(x))[0].numpy()
    ours = RecurrentLayer(inputs, recurrent)
    np.testing.assert_allclose(ours.read(x), wanted, atol=1e-5)
    h = c = np.zeros(8, np.float32)
    for row in x:
        h, c = ours.step(row, h, c)
    np.testing.assert_allclose(h, wanted[-1], atol=1e-5)


@pytest.mark.parametrize("power", [0, 0.5, 1, 2])
def test_exponents_of_exact_powers(power: float) -> None:
    assert exponent(SIZES, [3.0 * n**power for n in SIZES]) == pytest.approx(power, abs=1e-9)
    # The smaller half does not count.
    assert exponent(SIZES, [7.0, 7.0, *(3.0 * n**power for n in SIZES[2:])]) == pytest.approx(power, abs=1e-9)


def test_crossings() -> None:
    square, line = [n**2 / 200 for n in SIZES], [float(n) for n in SIZES]
    assert crossover(SIZES, square, line) == pytest.approx(200)
    assert crossover(SIZES, line, square) is None  # it is larger from the start
    assert crossover(SIZES, line, [2 * n for n in SIZES]) is None
    assert crossover(SIZES, [1, 3, 1, 3, 3], [2] * 5) is None


def test_a_short_memory_stops_earlier(tmp_path: Path) -> None:
    assert positions_up_to(1024, None) == positions_up_to(2000, 10**12) == SIZES
    assert positions_up_to(1024, 3 * score_bytes(256)) == SIZES[:3]
    assert positions_up_to(1024, 0) == SIZES[:2]
    info = tmp_path / "meminfo"
    info.write_text("MemTotal: 9 kB\nMemAvailable:    5 kB\n", encoding="ascii")
    assert bytes_available(info, tmp_path) == 5 * 1024 and bytes_available(tmp_path / "none", tmp_path) is None
    for name, content in (("memory.max", "3000"), ("memory.current", "1000")):
        (tmp_path / name).write_text(content + "\n", encoding="ascii")
    assert bytes_available(info, tmp_path) == 2000
    (tmp_path / "memory.max").write_text("max\n", encoding="ascii")
    assert bytes_available(info, tmp_path) == 5 * 1024


def test_bytes_are_those_allocated() -> None:
    assert bytes_of(lambda: np.ones(100_000, np.float64)) == pytest.approx(800_000, rel=0.01)

    def two_at_one_time() -> None:
        for _ in range(5):
            _kept = np.ones(50_000), np.ones(50_000)
            del _kept

    assert bytes_of(two_at_one_time) == pytest.approx(800_000, rel=0.01)


def test_attention_holds_all_scores_and_recurrence_a_row_each() -> None:
    costs = measure(32, SIZES, 1024, 1)
    assert all(
        score_bytes(n) < found < 3 * score_bytes(n) for n, found in zip(SIZES[2:], costs.attention.bytes[2:], strict=True)
    )
    assert exponent(SIZES, costs.attention.bytes) == pytest.approx(2, abs=0.15)
    assert exponent(SIZES, costs.recurrence.bytes) == pytest.approx(1, abs=0.1)
    assert costs.attention_step.bytes == tuple(2 * n * 32 * 4 for n in SIZES)
    assert costs.recurrence_step.bytes == (2 * 32 * 4,) * 5


def test_a_width_that_cannot_be_shared_out() -> None:
    with pytest.raises(ConfigError, match="--width: expected a multiple of 4"):
        check_width(30)


def test_the_command(seqgen: Seqgen) -> None:
    done = seqgen("explain", "memory", "--width", "16", "--max", "300", "--repeats", "1", "--json", "-q")
    assert done.returncode == 0 and not done.stderr, done.stderr
    record = json.loads(done.stdout)
    assert record["positions"] == [64, 128, 256] and record["wanted"] == 256
    for name in ("attention", "recurrence", "attention_step", "recurrence_step"):
        assert len(record[name]["seconds"]) == len(record[name]["bytes"]) == 3
        assert {f"{name}_seconds", f"{name}_bytes"} <= set(record["exponents"])
    done = seqgen("explain", "memory", "--width", "16", "--max", "256", "--repeats", "1")
    assert done.returncode == 0 and "N^1.00" in done.stdout and "scores of 4 heads over 256" in " ".join(done.stdout.split())


def test_mistakes(seqgen: Seqgen) -> None:
    done = seqgen("explain", "memory", "--width", "18")
    assert done.returncode == 1 and "multiple of 4" in done.stderr
    assert seqgen("explain", "memory", "--max", "100").returncode == 2
