"""Contexts: what is shown is what the text holds, and the parts make up the whole."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from seqgen.explain.context import context_of
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


@pytest.mark.parametrize(("model", "said"), [("lstm", "no counts"), ("translation", "no counts")])
def test_other_runs_are_told_so(model: str, said: str, runs: Path, translation_run: Path, seqgen: Seqgen) -> None:
    path = translation_run if model == "translation" else runs / model
    done = seqgen("explain", "context", "-m", path, "x")
    assert done.returncode == 1 and said in done.stderr and "Traceback" not in done.stderr
    assert seqgen("explain", "context", "-m", path, "").returncode == 2
