"""Gates against torch.nn, half-lives against arithmetic, and units that are named against units that must not be."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from seqgen.errors import CheckpointError
from seqgen.explain.gates import check_gated, half_life, trace_gates
from seqgen.explain.units import SHORTEST, labels_of, labels_of_symbols, units_that_follow
from seqgen.run import Run
from seqgen.tokenizers.byte import ByteTokenizer
from seqgen.weights import RNNShape, rnn_weights
from tests.conftest import ROOT, Seqgen

TORCH = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}
SHAPES = [
    RNNShape(cell, 13, layers, 8, embedding)  # type: ignore[arg-type]
    for cell in ("lstm", "gru", "rnn")
    for layers in (1, 3)
    for embedding in (0, 5)
]

TALE = 'He said: "No." Then (slowly) 42 more.\n\nA ‘don’t’ and “so on\n\nThe end'


def random_weights(shape: RNNShape, seed: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    return {name: rng.normal(0, 0.7, size).astype(np.float32) for name, size in rnn_weights(shape).items()}


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_states_are_those_of_torch(shape: RNNShape) -> None:
    weights = random_weights(shape, 3)
    ids = np.random.default_rng(4).integers(0, shape.vocab_size, 40)
    found = trace_gates(shape, weights, ids)
    tensors = {name: torch.from_numpy(array) for name, array in weights.items()}
    x = tensors["embedding.weight"][ids] if shape.embedding else torch.eye(shape.vocab_size)[ids]
    for index, layer in enumerate(found.layers):
        oracle = TORCH[shape.cell](x.shape[1], shape.hidden)
        names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        oracle.load_state_dict({f"{name}_l0": tensors[f"rnn.{name}_l{index}"] for name in names})
        with torch.no_grad():
            after, (state, memory) = [], (None, None)
            for step in x:
                _, state = oracle(step[None], state)
                h, memory = state if shape.cell == "lstm" else (state, None)
                after.append(torch.cat([h, memory]) if memory is not None else h)
        whole = torch.stack(after).numpy()
        np.testing.assert_allclose(layer.h, whole[:, 0], atol=1e-5)
        if layer.c is not None:
            np.testing.assert_allclose(layer.c, whole[:, 1], atol=1e-5)
        for gate in layer.openings.values():
            assert gate.shape == (40, shape.hidden) and (gate > 0).all() and (gate < 1).all()
        x = torch.from_numpy(layer.h)


def test_a_step_is_made_of_its_gates() -> None:
    shape = RNNShape("lstm", 13, 1, 8, 5)
    layer = trace_gates(shape, random_weights(shape, 5), np.arange(10)).layers[0]
    assert layer.c is not None
    gates = layer.gates
    before = np.concatenate([np.zeros((1, 8), np.float32), layer.c[:-1]])
    np.testing.assert_allclose(layer.c, gates["forget"] * before + gates["input"] * gates["cell"], atol=1e-6)
    np.testing.assert_allclose(layer.h, gates["output"] * np.tanh(layer.c), atol=1e-6)


def test_half_life_of_a_constant_gate() -> None:
    keep = np.tile(np.array([0.5, 0.25, 0.5**0.1, 1.0, 0.0]), (30, 1)).astype(np.float32)
    lives = half_life(keep)
    np.testing.assert_allclose(lives[:3], [1, 0.5, 10], rtol=1e-5)
    assert np.isinf(lives[3]) and 0 < lives[4] < 0.02


def test_half_life_is_of_the_geometric_mean() -> None:
    # 0.9 * 0.4 in two symbols, again and again
    keep = np.tile(np.array([[0.9], [0.4]]), (20, 1)).astype(np.float32)
    left = 0.36 ** (half_life(keep)[0] / 2)
    assert left == pytest.approx(0.5, abs=1e-5)


def test_what_can_be_seen() -> None:
    labels = labels_of(TALE)
    assert TALE[TALE.index('"') : TALE.index('"', 12)] == '"No.'

    def marked(name: str) -> str:
        return "".join(c for c, value in zip(TALE, labels[name], strict=True) if value)

    # The quotation that nobody closes ends with its paragraph; the apostrophe closes nothing.
    assert marked("inside quotes") == '"No.‘don’t“so on\n'
    assert marked("inside brackets") == "(slowly"
    assert marked("digit") == "42" and marked("capital letter") == "HNTAT"
    assert marked("first letter") == "HsNTs4mAdtasoTe"
    assert labels["place in the line"][TALE.index("A") :][:3].tolist() == [1, 2, 3]
    assert labels["place in the word"][:4].tolist() == [1, 2, 0, 1]


def test_symbols_that_are_bytes_are_labelled_as_their_characters() -> None:
    tokenizer = ByteTokenizer.train([])
    labels = labels_of_symbols(tokenizer, tokenizer.encode("é A").tolist())
    assert labels["capital letter"].tolist() == [0, 0, 0, 1]
    assert labels["place in the line"].tolist() == [1, 1, 2, 3]


def text_labels(length: int, start: int = 5_000) -> dict[str, np.ndarray]:
    text = (ROOT / "corpora" / "english.txt").read_text(encoding="utf-8")
    return labels_of(text[start : start + length])


@pytest.mark.parametrize(("stay", "length"), [(0.0, 300), (0.95, 300), (1.0, 150), (1.0, 300), (1.0, 600)])
def test_units_of_chance_are_not_named(stay: float, length: int) -> None:
    wrong, seeds = 0, 40
    for seed in range(seeds):
        labels = text_labels(length, 5_000 + seed % 12 * 3_000)
        rng = np.random.default_rng(seed)
        states = rng.normal(size=(length, 24))
        for t in range(1, length):
            states[t] += stay * states[t - 1]
        wrong += bool(units_that_follow(states, labels, rng).followers)
    assert wrong <= 0.05 * seeds


def test_a_planted_unit_is_found() -> None:
    labels, rng = text_labels(1_000), np.random.default_rng(1)
    states = rng.normal(size=(1_000, 24))
    planted = labels["place in the word"]
    states[:, 7] -= 1.5 * (planted - planted.mean()) / planted.std()
    states[:, 9] = 0.25  # a dead unit follows nothing
    found = units_that_follow(states, labels, rng)
    assert [(f.unit, f.label) for f in found.followers] == [(7, "place in the word")]
    t = np.arange(1_000)
    level = [column - np.polyval(np.polyfit(t, column, 2), t) for column in (states[:, 7], planted)]
    assert found.followers[0].r == pytest.approx(np.corrcoef(*level)[0, 1], abs=1e-5)
    assert found.followers[0].threshold < 0.3 and not found.correlations[:, 9].any()


def test_too_little_for_a_claim() -> None:
    labels = labels_of("Aa " * 16)
    states = np.repeat(labels["space"][:, None], 3, axis=1)
    assert len(states) < SHORTEST
    assert units_that_follow(states, labels, np.random.default_rng(0)).followers == ()
    # nothing varies
    assert units_that_follow(np.eye(60), labels_of("a" * 60), np.random.default_rng(0)).followers == ()


def test_the_command(runs: Path, poem: Path, seqgen: Seqgen) -> None:
    done = seqgen("explain", "gates", "--runs-dir", runs, "-f", poem, "--json", "-q")
    assert done.returncode == 0 and not done.stderr, done.stderr
    record = json.loads(done.stdout)
    length, hidden = len(poem.read_text(encoding="utf-8")), 32
    assert record["model"] == "hybrid" and record["layer"] == 1
    assert len(record["symbols"]) == length and np.shape(record["gate_means"]["forget"]) == (length,)
    assert np.shape(record["c"]) == np.shape(record["gates"]["forget"]) == (400, hidden)
    assert len(record["half_life"]) == hidden and len(record["shown_units"]) == 8
    assert np.shape(record["correlations"]) == (len(record["labels"]), hidden)


def test_the_drawing(runs: Path, seqgen: Seqgen) -> None:
    done = seqgen("explain", "gates", "-m", runs / "lstm", "The rain began.", "--units", "3")
    assert done.returncode == 0, done.stderr
    assert "forget" in done.stdout and "15 symbols are too few" in " ".join(done.stdout.split())


def test_models_without_gates_say_so(runs: Path, translation_run: Path, seqgen: Seqgen) -> None:
    done = seqgen("explain", "gates", "-m", runs / "markov", "The rain")
    assert done.returncode == 1 and done.stderr.startswith("error:") and "Markov" in done.stderr
    done = seqgen("explain", "gates", "-m", translation_run, "1 2")
    assert done.returncode == 1 and "seqgen explain attention" in done.stderr


def test_a_plain_rnn_has_none(runs: Path) -> None:
    run = Run(runs / "lstm")
    check_gated(run)
    run.info = replace(run.info, config=replace(run.info.config, arch="rnn"))
    with pytest.raises(CheckpointError, match="a plain RNN has no gates") as raised:
        check_gated(run)
    assert raised.value.hint


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ((), 2, "give a text"),
        (("a", "-f", "b"), 2, "give a text"),
        (("a", "--layer", "2"), 1, "--layer: expected 1 to 1, found 2"),
        (("",), 2, "empty"),
        (("-f", "nowhere.txt"), 1, "no such file"),
    ],
)
def test_mistakes(runs: Path, seqgen: Seqgen, arguments: tuple[str, ...], code: int, said: str) -> None:
    done = seqgen("explain", "gates", "--runs-dir", runs, *arguments)
    assert done.returncode == code and said in done.stderr
