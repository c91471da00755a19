"""The parts of training, each against a formula or an oracle."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from seqgen.config import Config
from seqgen.errors import ConfigError
from seqgen.families import family_of
from seqgen.families.base import Facts
from seqgen.families.recurrent import HIDDEN_SIZES, SYMBOLS_PER_PARAMETER
from seqgen.training import loss as loss_module
from seqgen.training.budget import Budget, Ledger, process_age
from seqgen.training.language.counting import MEASURED_SYMBOLS, count, xz_bits
from seqgen.training.loss import cross_entropy_sum
from seqgen.training.merge import begun, checked
from seqgen.training.network import _too_short
from seqgen.training.optim import BETAS, Optimizer, rate
from seqgen.training.plan import Plan, Unit, plan_network


def test_the_rate_rises_and_falls_as_the_formula_says() -> None:
    assert rate(0.05, 1.0, 0.1) == 0.5
    assert rate(0.1, 2.0, 0.1) == 2.0
    assert math.isclose(rate(0.55, 2.0, 0.1), 2.0 * 0.5 * (1 + math.cos(math.pi / 2)))
    assert rate(1.0, 2.0, 0.1) < 1e-12
    assert rate(0.0, 1.0, 0.0) == 1.0 and rate(1.0, 1.0, 1.0) < 1e-12


@given(st.floats(0, 1), st.floats(0, 1, allow_subnormal=False), st.floats(0, 1))
def test_the_rate_stays_in_its_bounds(fraction: float, peak: float, warmup: float) -> None:
    assert 0 <= rate(fraction, peak, warmup) <= peak


def test_the_optimizer_is_adamw_with_clipping_and_a_corrected_average() -> None:
    torch.manual_seed(0)
    ours, reference = nn.Linear(4, 3), nn.Linear(4, 3)
    reference.load_state_dict(ours.state_dict())
    optimizer = Optimizer(ours, weight_decay=0.1, clip=0.5, average=0.9)
    groups = [{"params": [reference.weight], "weight_decay": 0.1}, {"params": [reference.bias], "weight_decay": 0.0}]
    adamw = torch.optim.AdamW(groups, lr=0.01, betas=BETAS)
    average = torch.zeros_like(reference.weight)
    for step in range(1, 6):
        x = torch.randn(7, 4)
        for model in (ours, reference):
            model(x).pow(2).sum().backward()
        norm = float(torch.cat([p.grad.reshape(-1) for p in reference.parameters()]).norm())
        assert math.isclose(optimizer.step(0.01), norm, rel_tol=1e-5)
        nn.utils.clip_grad_norm_(reference.parameters(), 0.5)
        adamw.step()
        adamw.zero_grad()
        torch.testing.assert_close(ours.weight, reference.weight)
        average = 0.9 * average + 0.1 * reference.weight.detach()
        torch.testing.assert_close(optimizer.averaged()["weight"], average / (1 - 0.9**step))


@pytest.mark.parametrize("rows", [5, 64])
def test_the_chunked_loss_and_its_gradients_are_torchs(rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loss_module, "CHUNK_NUMBERS", 7 * 11)
    monkeypatch.setattr(loss_module, "WHOLE_NUMBERS", 0)
    torch.manual_seed(0)
    hidden, weight, bias = (torch.randn(size, requires_grad=True) for size in ((rows, 6), (11, 6), (11,)))
    targets = torch.randint(11, (rows,))
    inputs = (hidden, weight, bias)
    ours = torch.autograd.grad(3 * cross_entropy_sum(*inputs, targets), inputs)
    expected = torch.autograd.grad(3 * F.cross_entropy(F.linear(*inputs), targets, reduction="sum"), inputs)
    for a, b in zip(ours, expected, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-5)


def test_the_ledger_counts_every_second_once() -> None:
    ledger = Ledger({"training": 5.0}, age=1.5)
    with ledger.phase("training"):
        time.sleep(0.02)
        with ledger.phase("saving"):
            time.sleep(0.03)
    total = ledger.total()
    assert 0.02 <= ledger.seconds["training"] - 5 < 0.03 <= ledger.seconds["saving"]
    assert math.isclose(total, sum(ledger.seconds.values())) and ledger.seconds["start-up"] == 1.5


def test_a_budget_in_steps_and_one_in_minutes() -> None:
    steps = Budget(Ledger(), steps=4)
    assert [steps.fraction(k) for k in (0, 1, 4)] == [0, 0.25, 1] and not steps.spent(3) and steps.spent(4)
    ledger = Ledger({"training": 30.0, "counting": 10.0})
    timed = Budget(ledger, minutes=1)
    timed.reserve = 5.0
    # 30 seconds of training are done, 60 - 40 - 5 = 15 are left: two thirds.
    assert math.isclose(timed.fraction(0), 30 / 45, rel_tol=1e-2) and not timed.spent(10)
    assert timed.spent(10) == (timed.remaining() < 0)
    ledger.seconds["scoring"] = 15.0
    assert timed.fraction(0) > 0.999 and timed.spent(0)


def test_the_age_of_this_process_is_known() -> None:
    before = process_age()
    time.sleep(0.05)
    assert 0 < before < process_age() < 3600


@given(symbols=st.integers(2, 10**8), speed=st.floats(1e9, 1e12), seconds=st.floats(1, 10_000))
def test_a_plan_leaves_no_gap_and_fits_the_time(symbols: int, speed: float, seconds: float) -> None:
    facts = Facts(symbols, 70)

    def measured(config) -> float:  # a machine whose speed falls with the square of the hidden size
        return speed / config.hidden**2

    unit = Unit("symbols", "text")
    plan = plan_network(begun({}, "language"), facts, unit, has_bf16=True, threads=2, seconds=seconds, measured=measured)
    config = plan.config
    for name in ("layers", "hidden", "embedding", "dropout", "batch_size", "bptt", "lr", "warmup", "precision", "threads"):
        assert getattr(config, name) is not None and config.set_by[name] == "plan"
    count = family_of(config).parameters(config, facts.vocab_size)
    enough = speed / config.hidden**2 * seconds >= SYMBOLS_PER_PARAMETER * count
    assert enough or config.hidden == HIDDEN_SIZES[0]
    assert count <= 2 * symbols or config.hidden == HIDDEN_SIZES[0]


def test_what_the_user_says_stays() -> None:
    config = begun({"hidden": 100, "lr": 0.5, "dropout": 0.25, "arch": "gru", "layers": 2}, "language")

    def plan_it() -> Plan:
        return plan_network(config, Facts(10_000, 50), Unit("symbols", "text"), has_bf16=False, threads=1)

    plan = plan_it()
    assert (plan.config.hidden, plan.config.lr, plan.config.dropout, plan.config.layers) == (100, 0.5, 0.25, 2)
    assert plan.config.set_by["hidden"] == "command line" and plan.config.precision == "fp32"
    assert plan_it().config == plan.config, "without a clock a plan depends on nothing but the corpus"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"hidden": 0}, "--hidden: expected from 1"),
        ({"dropout": 1.0}, "--dropout"),
        ({"minutes": 0.0}, "--minutes: expected above 0"),
        ({"minutes": 1.0, "steps": 5}, "--minutes and --steps exclude each other"),
        ({"arch": "transformer", "task": "language", "norm": "post"}, "--norm belongs to translation models"),
        ({"arch": "transformer", "embedding": 8}, "--embedding belongs to --arch"),
        ({"arch": "lstm", "optimizer": "muon"}, "--optimizer belongs to --arch transformer"),
        ({"arch": "hybrid", "heads": 2}, "--heads belongs to --arch transformer, found --arch hybrid with --network lstm"),
        ({"arch": "hybrid", "network": "transformer", "input": "one-hot"}, "found --arch hybrid with --network transformer"),
        ({"arch": "markov", "hidden": 5}, "--hidden means nothing to --arch markov"),
        ({"arch": "lstm", "nonlinearity": "relu"}, "--nonlinearity belongs to --arch rnn"),
        ({"arch": "lstm", "order": 3}, "--order belongs to"),
        ({"input": "one-hot", "embedding": 5}, "--input one-hot has no embedding"),
    ],
)
def test_options_that_cannot_work_are_named(options: dict, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        begun(checked(options), "language")


def test_counting_beside_a_network_takes_its_share_of_the_minutes_and_says_so() -> None:
    text = np.random.default_rng(0).integers(4, 8, 2 * MEASURED_SYMBOLS + 10).astype(np.int32)
    hurried = count(text, text[:100], 8, Config(arch="hybrid", minutes=0.001, order=2))
    assert hurried.model.counted <= MEASURED_SYMBOLS
    assert [note for note in hurried.notes if "of 200,010 symbols" in note and "10% of the time" in note]
    for config in (Config(arch="hybrid", steps=5, order=2), Config(arch="markov", order=2)):
        unhurried = count(text, text[:100], 8, config)
        assert unhurried.model.counted == len(text) and not unhurried.notes


def test_xz_packs_what_there_is_time_for() -> None:
    text = "the quick brown fox " * 50
    hurried, unhurried = (xz_bits(text, text, Config(arch="hybrid", **budget)) for budget in ({"minutes": 1.0}, {"steps": 1}))
    assert hurried == unhurried < 1
    assert xz_bits(text, "", Config(arch="hybrid", minutes=1.0)) == 0


def test_a_budget_that_is_too_short_says_what_would_be_enough() -> None:
    budget = Budget(Ledger({"loading torch": 11.0}), minutes=0.1)
    assert "--minutes 0.1 is too short: 0.0 of 6 seconds" in _too_short(budget) and "try --minutes 0.4 " in _too_short(budget)
