"""Gradients by distance: powers by hand, finite differences, and the command with few steps."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from seqgen.draw.panels import Table
from seqgen.errors import CorpusError
from seqgen.explain.exhibits.recurrent.gradients import exhibit_of
from seqgen.explain.gradients import (
    NETWORKS,
    Carried,
    Gradients,
    check_length,
    explodes_at,
    gradient_norms,
    measure,
    reach,
    relative,
    symbols_needed,
    verdict,
)
from seqgen.nn.rnn import RNNModel
from seqgen.weights import RNNShape
from tests.conftest import ROOT, Seqgen

SMALL = ("--steps", "3", "--hidden", "8", "--distance", "20")


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """As the command does it for small networks."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize("weight", [0.5, 0.9, 1.2])
def test_one_linear_unit_by_hand(weight: float) -> None:
    """h = relu(x + w h) of positive numbers is linear: d loss / d x(t - k) is w^k times that at 0."""
    model = RNNModel(RNNShape("rnn", 5, 1, 1, 1, "relu"))
    with torch.no_grad():
        model.embedding.weight.copy_(torch.arange(1.0, 6.0)[:, None] / 100)
        for name, value in (("weight_ih_l0", 1.0), ("weight_hh_l0", weight), ("bias_ih_l0", 0.0), ("bias_hh_l0", 0.0)):
            model.rnn.get_parameter(name).fill_(value)
    windows = np.random.default_rng(0).integers(0, 5, (4, 20))
    found = gradient_norms(model, windows, 12)
    assert found.shape == (13,)
    np.testing.assert_allclose(relative(found), weight ** np.arange(13), rtol=1e-6)


@pytest.mark.parametrize("name", NETWORKS)
def test_against_finite_differences(name: str) -> None:
    torch.manual_seed(2)
    cell, nonlinearity = NETWORKS[name]
    shape = RNNShape(cell, 7, 1, 6, 4, nonlinearity)
    model = RNNModel(shape)
    window = np.random.default_rng(1).integers(0, 7, (1, 9))
    found = gradient_norms(model, window, 3)
    double = RNNModel(shape).double()
    double.load_state_dict(model.state_dict())
    ids = torch.from_numpy(window).t()  # [T + 1, 1]
    with torch.no_grad():
        x = double.embedding(ids[:-1])  # [T, 1, E]

        def loss(moved: torch.Tensor) -> float:
            return float(F.cross_entropy(double.output(double.rnn(moved, state)[0][-1]), ids[-1]))

        zero = double.zero_state(1)
        state: Any = zero if cell == "lstm" else zero[0]
        for k in range(4):
            slopes = []
            for e in range(4):
                step = torch.zeros_like(x)
                step[len(x) - 1 - k, 0, e] = 1e-5
                slopes.append((loss(x + step) - loss(x - step)) / 2e-5)
            assert found[k] == pytest.approx(float(np.linalg.norm(slopes)), rel=1e-4, abs=1e-10)


def test_the_model_is_left_as_it_was() -> None:
    model = RNNModel(RNNShape("gru", 5, 1, 4, 4))
    gradient_norms(model, np.zeros((2, 8), dtype=np.int64), 3)
    assert all(p.dtype == torch.float32 and p.grad is None for p in model.parameters()) and model.training


def test_words_for_ratios() -> None:
    assert [verdict(ratio) for ratio in (0.0, 9e-4, 2e-3, 0.2, 1.0, 9.0, 11.0)] == [
        "vanishes", "vanishes", "shrinks", "stays", "stays", "stays", "explodes",
    ]  # fmt: skip


def test_too_short_a_text_says_what_is_needed() -> None:
    check_length(symbols_needed(20), 20)
    with pytest.raises(CorpusError, match=f"need {symbols_needed(20):,}"):
        check_length(symbols_needed(20) - 1, 20)


@pytest.mark.parametrize(
    ("start", "trained", "said"),
    [(1e-3, 1e-3, "further at the start and after training"), (1e-3, 1e-9, "further at the start."), (1e-9, 1e-9, "")],
)
def test_the_claim_is_what_was_measured(start: float, trained: float, said: str) -> None:
    def network(name: str, first: float, second: float) -> Carried:
        return Carried(name, first ** (np.arange(51) / 50), second ** (np.arange(51) / 50), 2.0, 0)

    networks = [network(name, 1e-5, 1e-5) for name in NETWORKS]
    networks[-1] = network("LSTM", start, trained)
    found = Gradients(tuple(networks), 10, 50)
    sentences = " ".join(exhibit_of(found, "text", 8).sentences)
    assert ("further" in sentences) == bool(said) and said in sentences
    assert "undone" not in sentences
    undone = replace(found, networks=(*found.networks[:-1], replace(networks[-1], undone=2)))
    assert "undone: LSTM 2" in " ".join(exhibit_of(undone, "text", 8).sentences)


def test_how_far_a_gradient_reaches() -> None:
    """A tenth each step is above a thousandth twice; what never falls or never grows has no end."""
    tenth, twice = 0.1 ** np.arange(9.0), 2.0 ** np.arange(9.0)
    assert reach(tenth * 1.0001) == 4 and reach(5 * tenth) in (3, 4) and reach(twice) is None
    assert explodes_at(twice) == 4 and explodes_at(tenth) is None
    assert reach(np.array([1.0, np.nan])) == 1, "what is no number carries nothing"


def test_each_network_is_told_apart_in_words() -> None:
    decay = {"sigmoid RNN": 1e-21, "tanh RNN": 1e-11, "relu RNN": 1e6, "GRU": 10**-5.1, "LSTM": 1e-4}
    curves = {name: end ** (np.arange(51) / 50) for name, end in decay.items()}
    found = Gradients(tuple(Carried(name, curve, curve, 2.0, 0) for name, curve in curves.items()), 10, 50)
    exhibit = exhibit_of(found, "text", 8, scale=3.0)
    table = exhibit.panels[2]
    assert isinstance(table, Table)
    assert [row[-1] for row in table.rows] == [
        "vanishes from 8 on", "vanishes from 14 on", "explodes from 9 on", "vanishes from 30 on", "vanishes from 38 on",
    ]  # fmt: skip
    said = " ".join(exhibit.sentences)
    assert "sigmoid RNN 8, tanh RNN 14, relu RNN over 50, GRU 30, LSTM 38: the GRU carries 2.1 times" in said
    assert "the LSTM 2.7 times" in said and "explodes in the relu RNN: at distance 50 it is 1.0e+06 times" in said
    assert "began 3 times as large" in said


def test_relu_explodes_where_its_matrix_is_larger() -> None:
    """The same network three times: nothing differs but the scale of the recurrent matrix."""
    ids = np.random.default_rng(0).integers(4, 11, 1_700)
    ends = []
    for scale in (1.0, 3.0):
        found = measure(ids, 11, hidden=32, distance=40, seed=1, steps=1, until=0, scale=scale)
        ends.append({network.name: float(relative(network.start)[40]) for network in found.networks})
    usual, large = ends
    assert verdict(usual["relu RNN"]) == "vanishes" and verdict(large["relu RNN"]) == "explodes"
    assert verdict(large["sigmoid RNN"]) == "vanishes"


def test_with_steps_nothing_depends_on_time() -> None:
    ids = np.random.default_rng(0).integers(4, 11, 700)
    first, second = (measure(ids, 11, hidden=8, distance=20, seed=3, steps=3, until=0) for _ in range(2))
    assert first.steps == 3 and first.stretch == 32
    for one, other in zip(first.networks, second.networks, strict=True):
        np.testing.assert_array_equal([one.start, one.trained], [other.start, other.trained])
        assert one.loss == other.loss and one.start.shape == (21,) and not np.array_equal(one.start, one.trained)


def test_a_spent_budget_ends_after_one_step() -> None:
    ids = np.random.default_rng(0).integers(4, 11, 700)
    assert measure(ids, 11, hidden=4, distance=5, seed=3, steps=None, until=0).steps == 1


def test_the_command_on_the_text_of_a_run(runs: Path, seqgen: Seqgen) -> None:
    done = seqgen("explain", "gradients", "-m", runs / "lstm", *SMALL, "--json", "-q")
    assert done.returncode == 0 and not done.stderr, done.stderr
    record = json.loads(done.stdout)
    assert record["text"] == "the text of lstm" and record["steps"] == 3 and record["judged_at"] == 20
    assert [network["network"] for network in record["networks"]] == list(NETWORKS)
    for network in record["networks"]:
        for stage in ("start", "trained"):
            assert len(network[stage]["norms"]) == 21 and network[stage]["relative"][0] == 1
    start = {network["network"]: network["start"]["relative"][20] for network in record["networks"]}
    assert start["sigmoid RNN"] < start["tanh RNN"] < start["LSTM"]


def test_without_a_text_it_asks_for_one(runs: Path, tmp_path: Path, seqgen: Seqgen) -> None:
    for arguments in (("--runs-dir", tmp_path), ("-m", ROOT / "checkpoints" / "tiny-english")):
        done = seqgen("explain", "gradients", *arguments)
        assert done.returncode == 1 and "name a text file" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("a.txt", "-m", "b"), 2, "FILE and --model exclude each other"),
        (("nowhere.txt",), 1, "no such file"),
        (("-", "--distance", "20"), 1, "the text has 5 symbols; gradients over a distance of 20 need"),
    ],
)
def test_mistakes(seqgen: Seqgen, arguments: tuple[str, ...], code: int, said: str) -> None:
    done = seqgen("explain", "gradients", *arguments, stdin="short")
    assert done.returncode == code and said in done.stderr
