"""Learning while reading: counts against counting anew, what is scored before it is learnt, and the commands."""

from __future__ import annotations

import hashlib
import json
import math
import shutil
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from seqgen.adapting import Adapting
from seqgen.markov.count import count
from seqgen.markov.model import Markov, discounts, smooth
from seqgen.markov.overlay import Overlay
from seqgen.markov.scorer import MarkovScorer
from seqgen.nn.decoder import DecoderModel
from seqgen.nn.dynamic import DynamicNetwork
from seqgen.nn.rnn import RNNModel
from seqgen.weights import DecoderShape, RNNShape
from tests.conftest import Seqgen
from tests.test_import_budget import loaded

V = 5


def counted(train: list[int], order: int) -> Markov:
    return smooth(count(np.array(train), V, order), min(order, len(train) - 1))


class Anew:
    """Kneser-Ney by its definition: all n-grams of both texts in dictionaries, with the discounts of the first."""

    def __init__(self, train: list[int], order: int) -> None:
        levels = count(np.array(train), V, order).levels
        self.order = len(levels) - 1
        of = [level.count if place == self.order else level.left for place, level in enumerate(levels)]
        self.discounts = [[0.0, *discounts(each.astype(float))] for each in of]
        self.seen: Counter[tuple[int, ...]] = Counter()
        self.left: defaultdict[tuple[int, ...], set[object]] = defaultdict(set)
        for end in range(1, len(train) + 1):
            self.add(train[:end], "begin")

    def add(self, text: list[int], begin: str) -> None:
        """Count the n-grams that end with the last symbol of a text; what begins the text has nothing before it."""
        for length in range(1, min(self.order + 1, len(text)) + 1):
            gram = tuple(text[-length:])
            is_whole = len(text) == length
            if is_whole and (begin == "begin" or not self.seen[gram]):
                self.left[gram].add(begin)
            elif not is_whole:
                self.left[gram].add(text[-length - 1])
            self.seen[gram] += 1

    def probability(self, text: list[int], id_: int) -> float:
        prob = 1 / V
        for length in range(min(self.order, len(text)) + 1):
            context = tuple(text[len(text) - length :])
            of = {
                other: self.seen[(*context, other)] if length == self.order else len(self.left[(*context, other)])
                for other in range(V)
                if self.seen[(*context, other)]
            }
            if not sum(of.values()):
                break
            taken = self.discounts[length]
            backoff = sum(taken[min(c, 3)] for c in of.values())
            c = of.get(id_, 0)
            prob = (c - taken[min(c, 3)] + backoff * prob) / sum(of.values())
        return prob


@settings(max_examples=60)
@given(
    train=st.lists(st.integers(0, V - 1), min_size=3, max_size=60),
    text=st.lists(st.integers(0, V - 1), min_size=1, max_size=40),
    order=st.integers(0, 4),
)
def test_counts_are_those_of_both_texts(train: list[int], text: list[int], order: int) -> None:
    overlay, anew = Overlay(counted(train, order)), Anew(train, order)
    for place, id_ in enumerate(text):
        found = [overlay.probability(other)[0] for other in range(V)]
        assert math.isclose(sum(found), 1, rel_tol=1e-9)
        np.testing.assert_allclose(found, [anew.probability(text[:place], other) for other in range(V)], rtol=1e-9)
        overlay.observe(id_)
        anew.add(text[: place + 1], "begin of another")


def test_the_first_symbol_costs_what_it_costs_without() -> None:
    rng = np.random.default_rng(1)
    model = counted(rng.integers(0, V, 200).tolist(), 3)
    scorer, overlay = MarkovScorer(model), Overlay(model)
    overlay.begin(2)
    static, _ = scorer.step(scorer.start([np.array([2])]), np.array([2]))
    np.testing.assert_allclose(np.log([overlay.probability(id_)[0] for id_ in range(V)]), static[0], rtol=1e-5)


def modules() -> dict[str, torch.nn.Module]:
    torch.manual_seed(0)
    made: dict[str, torch.nn.Module] = {
        cell: RNNModel(RNNShape(cell, V, layers=1, hidden=8, embedding=4, nonlinearity="tanh"))
        for cell in ("rnn", "gru", "lstm")
    }
    made["transformer"] = DecoderModel(DecoderShape(V, layers=1, heads=1, hidden=8, ffn=16, context=64, positions=True))
    return made


@pytest.mark.parametrize("name", ["rnn", "gru", "lstm", "transformer"])
def test_a_network_scores_first_and_learns_then(name: str) -> None:
    """The first segments cost what they cost without; a text that repeats itself gets cheaper; pieces change nothing."""
    text = np.tile(np.random.default_rng(1).integers(0, V, 40), 30)
    length = 32 if name == "transformer" else 20
    network = DynamicNetwork(modules()[name])
    network.begin(3)
    whole = network.read(text)
    static = modules()[name].eval()
    inputs = torch.tensor([3, *text[: 2 * length - 1]])[:, None]
    hidden, _ = static(inputs, static.zero_state(1))
    log_probs = torch.log_softmax(torch.nn.functional.linear(hidden[:, 0], *static.output_layer()), -1)
    expected = log_probs.gather(1, torch.from_numpy(text[: 2 * length])[:, None])[:, 0].detach()
    np.testing.assert_allclose(whole[: 2 * length], expected, atol=1e-5)
    assert whole[-200:].mean() > whole[:200].mean() + 0.02
    again = DynamicNetwork(modules()[name])
    again.begin(3)
    pieces = [again.read(text[start : start + 5 * length]) for start in range(0, len(text), 5 * length)]
    np.testing.assert_array_equal(np.concatenate(pieces), whole)
    assert not np.array_equal(again.arrays()["output.weight" if name != "transformer" else "embedding.weight"],
                              next(iter(modules()[name].parameters())).detach().numpy())  # fmt: skip


class Certain:
    """A network that is always as sure as this."""

    def __init__(self, log_prob: float) -> None:
        self.log_prob = log_prob

    def begin(self, id_: int) -> None:
        """Nothing to do."""

    def read(self, ids: np.ndarray) -> np.ndarray:
        return np.full(len(ids), self.log_prob, dtype=np.float32)

    def arrays(self) -> dict[str, np.ndarray]:
        return {}


@pytest.mark.parametrize(("log_prob", "trusted"), [(-0.01, True), (-200.0, False)])
def test_what_is_right_is_trusted(log_prob: float, trusted: bool) -> None:
    """And what is as good as impossible does no harm, nor end in infinity."""
    rng = np.random.default_rng(1)
    adapting = Adapting(Certain(log_prob), Overlay(counted(rng.integers(0, V, 300).tolist(), 2)), 0.5)
    ids = rng.integers(0, V, 2_000)
    adapting.start([ids[:1]])
    found, _ = adapting.score(ids, None)
    assert np.isfinite(found).all() and found[0] == pytest.approx(
        np.logaddexp(log_prob, math.log(1 / V)) - math.log(2), abs=0.6
    )
    assert (adapting.mixed_by() > 0.9) == trusted and (found[-500:].mean() > -0.1 if trusted else found[-500:].mean() > -1.8)


def digest(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.mark.parametrize("model", ["markov", "lstm", "hybrid"])
def test_evaluate_adds_a_column_and_leaves_the_run_alone(model: str, runs: Path, tmp_path: Path, seqgen: Seqgen) -> None:
    other = tmp_path / "other.txt"
    other.write_text("비가 와요.\n" + "Nobody knew, nobody cared.\n" * 30, encoding="utf-8")
    before = digest(runs / model)
    plain = seqgen("evaluate", "-m", runs / model, other)
    done = seqgen("evaluate", "-m", runs / model, other, "--adapt")
    assert done.returncode == 0 and done.stdout.startswith(plain.stdout) and "learning while reading" in done.stdout
    record = json.loads(seqgen("evaluate", "-m", runs / model, other, "--adapt", "--json", "--per-line").stdout)
    # A network of 30 steps and a small text learn little.
    share = 0.95 if model == "lstm" else 0.7
    assert record["adapted"]["nats"] < share * record["nats"] and len(record["adapted"]["lines"]) == len(record["lines"])
    assert record["adapted"]["lines"][-1]["nats"] < share * record["lines"][-1]["nats"]
    names = {"markov": "counts", "lstm": "network", "hybrid": "counts+network"}
    assert f"adapt:{names[model]}|" in record["adapted"]["signature"] and "adapt:no" in record["signature"]
    assert digest(runs / model) == before


@pytest.mark.parametrize("model", ["markov", "hybrid"])
def test_generate_writes_in_the_way_of_a_file(model: str, runs: Path, tmp_path: Path, seqgen: Seqgen) -> None:
    other = tmp_path / "other.txt"
    other.write_bytes("\ufeff".encode() + b"the lid said it, the end said it\r\n" * 60)
    before = digest(runs / model)
    call = ("generate", "-m", runs / model, "-n", 120, "--seed", 1, "-p", "the lid")
    plain, adapted = seqgen(*call), seqgen(*call, "--adapt", other)
    assert adapted.returncode == 0 and "said it, the end" in adapted.stdout and "said it, the end" not in plain.stdout
    assert seqgen(*call, "--adapt", "-", stdin=other.read_bytes()).stdout == adapted.stdout
    assert digest(runs / model) == before
    other.write_text("日本", encoding="utf-8")
    assert "2 characters of" in seqgen(*call, "--adapt", other).stderr


def test_what_cannot_be_learnt_from_is_said(runs: Path, translation_run: Path, tmp_path: Path, seqgen: Seqgen) -> None:
    (tmp_path / "empty.txt").write_text("", encoding="utf-8")
    for file, says in ((tmp_path / "empty.txt", "empty"), (tmp_path / "none.txt", "no such file")):
        done = seqgen("generate", "-m", runs / "markov", "--adapt", file)
        assert done.returncode == 1 and says in done.stderr and not done.stdout
    assert seqgen("evaluate", "-m", translation_run, tmp_path / "a.tsv", "--adapt").returncode in (1, 2)


def test_counts_learn_without_torch(runs: Path, poem: Path, tmp_path: Path) -> None:
    run = shutil.copytree(runs / "markov", tmp_path / "run")
    assert loaded("evaluate", "-m", str(run), str(poem), "--adapt", "-q") == (0, {"numpy"})
    assert loaded("generate", "-m", str(run), "--adapt", str(poem), "-n", "20", "-q") == (0, {"numpy"})
    assert "torch" in loaded("evaluate", "-m", str(runs / "lstm"), str(poem), "--adapt", "-q")[1]
