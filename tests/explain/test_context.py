"""Contexts: what is shown is what the text holds, and the parts make up the whole."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from seqgen.decode.scorer import Ids, Scorer
from seqgen.explain.context import context_of
from seqgen.explain.exhibits.context import LONGEST, reach_sentences, see
from seqgen.explain.reach import Reach, reach_of
from seqgen.opening import open_scorer
from seqgen.run import Run
from tests.conftest import Seqgen


def test_counts_are_those_of_the_training_text(runs: Path) -> None:
    run = Run(runs / "markov")
    found = context_of(run, "The rain began")
    text = run.tokenizer().decode(run.arrays("text")["train"])
    for symbol, context, used, followed in zip(
        found.texts, found.contexts, found.lookups.used_count, found.lookups.followed, strict=True
    ):
        overlapping = [i for i in range(len(text)) if text.startswith(context + symbol, i)]
        assert len(overlapping) == followed and used >= followed
    assert found.network is None and not found.share.any()


def test_the_mix_is_the_models_own(runs: Path) -> None:
    run = Run(runs / "hybrid")
    text = "Ann said 漢"
    found = context_of(run, text)
    assert found.network is not None and found.mix is not None
    assert found.weight == pytest.approx(run.info.mix_weight)
    scorer = open_scorer(run)
    ids = run.tokenizer().encode("\n" + text)
    log_probs, _ = scorer.score(ids, scorer.start([ids[:1]]))
    assert found.mix[:-1] == pytest.approx(np.exp(log_probs[:-1]), rel=1e-4)
    # An unknown character is one of a million, as it is to `evaluate`.
    assert 0 < found.mix[-1] < 1e-5 * np.exp(log_probs[-1])
    assert found.weight * found.network + (1 - found.weight) * found.counting == pytest.approx(found.mix, rel=1e-4)
    assert np.all((found.share >= 0) & (found.share <= 1))


def test_the_command_shows_a_row_for_each_symbol(runs: Path, seqgen: Seqgen) -> None:
    done = seqgen("explain", "context", "-m", runs / "hybrid", "The rain 비")
    assert done.returncode == 0 and "network's share" in done.stdout and "never seen" in done.stdout
    record = json.loads(seqgen("explain", "context", "-m", runs / "hybrid", "The rain", "--json").stdout)
    assert "".join(place["symbol"] for place in record["places"]) == "The rain"
    assert all(place["followed"] <= place["used_count"] for place in record["places"])


def test_other_runs_are_told_so(translation_run: Path, seqgen: Seqgen) -> None:
    done = seqgen("explain", "context", "-m", translation_run, "x")
    assert done.returncode == 1 and "a translation model" in done.stderr and "explain attention" in done.stderr
    assert seqgen("explain", "context", "-m", translation_run, "").returncode == 2


@pytest.mark.parametrize("model", ["lstm", "hybrid"])
def test_a_prediction_from_the_last_symbols_is_that_of_a_text_of_those_alone(model: str, runs: Path) -> None:
    run = Run(runs / model)
    scorer, ids = open_scorer(run), run.tokenizer().encode("\nThe rain began to fall.")
    found = reach_of(scorer, ids)
    assert found is not None and found.lengths == (1, 2, 3, 4, 6, 8)
    places = range((len(ids) + 1) // 2, len(ids))
    assert found.places == len(places)
    whole = [np.exp(_next(scorer, ids[:place])) for place in places]
    for length, change, bits in zip(found.lengths, found.change, found.bits, strict=True):
        cut = [np.exp(_next(scorer, ids[place - length : place])) for place in places]
        moved = [np.maximum(0, p - q).sum() for p, q in zip(cut, whole, strict=True)]
        assert change == pytest.approx(np.mean(moved), abs=1e-5)
        own = [-np.log2(p[ids[place]]) for p, place in zip(cut, places, strict=True)]
        assert bits == pytest.approx(np.mean(own), rel=1e-4)
    assert found.whole == pytest.approx(np.mean([-np.log2(p[ids[i]]) for p, i in zip(whole, places, strict=True)]), rel=1e-4)


def _next(scorer: Scorer, ids: Ids) -> NDArray[np.float64]:
    """Log-probabilities of what follows, one text at a time."""
    log_probs, _ = scorer.step(scorer.start([ids]), ids[-1:])
    return log_probs[0].astype(np.float64)


def test_counting_looks_no_further_back_than_its_order(runs: Path) -> None:
    run = Run(runs / "markov")
    order, text = context_of(run, "x").order, run.tokenizer().decode(run.arrays("text")["train"][:120])
    found = reach_of(open_scorer(run), run.tokenizer().encode("\n" + text))
    assert found is not None and found.enough is not None and found.change[-1] == 0
    assert all(change == 0 for length, change in zip(found.lengths, found.change, strict=True) if length >= order)
    assert "does not change at all" in reach_sentences(replace(found, change=0 * found.change), "character")[1]


@pytest.mark.parametrize(
    ("change", "enough", "said"),
    [
        ([0.5, 0.2, 0.005], 4, "less than 1 % when all but the last 4 characters are"),
        ([0.5, 0.005, 0.2], None, "With the last 4 characters it is still 20 %"),
        ([0.009, 0.0, 0.0], 1, "when all but the last character is"),
    ],
)
def test_what_is_said_follows_from_the_figures(change: list[float], enough: int | None, said: str) -> None:
    found = Reach((1, 2, 4), np.array(change), np.array([3.0, 2, 1]), 1.0, 5)
    assert found.enough == enough
    sentences = reach_sentences(found, "character")
    assert said in sentences[1] and "costs 3.00 bits, with all 1.00 bits" in sentences[0]


@pytest.mark.parametrize("text", ["T", "漢字漢字", "비", "The\n\n rain\n", "한"])
def test_odd_texts_have_something_to_show(text: str, runs: Path) -> None:
    for model in ("markov", "lstm", "hybrid"):
        exhibit, record = see(Run(runs / model), text, lambda _: None)
        assert exhibit.sentences and (record["reach"] is None) == (len(text) == 1)


def test_a_long_text_is_looked_at_in_part_and_comes_from_a_file_too(runs: Path, seqgen: Seqgen, tmp_path: Path) -> None:
    (tmp_path / "long.txt").write_text("The rain began to fall.\n" * 50)
    done = seqgen("explain", "context", "-m", runs / "hybrid", "--file", tmp_path / "long.txt")
    assert done.returncode == 0 and f"the first {LONGEST} of 1,200" in done.stderr
    assert "the first 60 of 400" in done.stdout and max(map(len, done.stdout.splitlines())) <= 80
    piped = seqgen("explain", "context", "-m", runs / "lstm", "-f", "-", "--json", stdin="The rain began to fall.")
    assert json.loads(piped.stdout)["reach"]["lengths"][0] == 1
    assert seqgen("explain", "context", "-m", runs / "lstm").returncode == 2
    assert seqgen("explain", "context", "-m", runs / "lstm", "x", "-f", "y").returncode == 2
