"""Language models of pieces: every loss that is shown is of a character, whatever the symbols are."""

from __future__ import annotations

import math

import pytest

from seqgen.draw.panels import Chart
from seqgen.evaluation import evaluate_text
from seqgen.explain.exhibits.run import curves
from seqgen.explain.history import history_of
from seqgen.opening import open_scorer
from seqgen.run import Run
from seqgen.training.language.material import planned_pieces
from seqgen.training.train import Request, Training
from tests.conftest import POEM

WRITTEN = {"arch": "hybrid", "hidden": 16, "steps": 40, "batch_size": 2, "bptt": 16}


@pytest.fixture(scope="module", params=["bpe", "unigram"])
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp(request.param)
    (folder / "poem.txt").write_text(POEM * 8, encoding="utf-8")
    options = {**WRITTEN, "tokenizer": request.param}
    list(Training(Request((str(folder / "poem.txt"),), folder / "run", options)).tell())
    return Run(folder / "run")


def test_scores_are_of_the_characters_of_the_held_out_text(run: Run) -> None:
    valid, tokenizer = run.info.scores["valid"], run.tokenizer()
    text = tokenizer.decode(run.arrays("text")["valid"][1:])
    assert valid["chars"] == len(text) > valid["tokens"] and valid["bytes"] == len(text.encode())
    assert valid["bits_per_char"] == pytest.approx(valid["nats"] / math.log(2) / len(text))
    # What `evaluate` says of the same text is what training has said.
    *_, (_, found) = evaluate_text(open_scorer(run), tokenizer, text, arch="hybrid", per_line=True)
    assert found is not None
    assert found.total.bits_per_char == pytest.approx(valid["bits_per_char"], abs=0.02)
    assert sum(line.nats for line in found.lines) == pytest.approx(found.total.nats, rel=1e-5)
    assert sum(line.tokens for line in found.lines) == found.total.tokens


def test_curves_are_of_characters_too(run: Run) -> None:
    (chart,) = curves(run, history_of(run))
    assert isinstance(chart, Chart) and chart.y == "bits a character"
    valid = run.info.scores["valid"]
    nats = [row["valid_approximate"] for row in run.rows() if row.get("valid_approximate") is not None][-1]
    assert chart.series[-1].points[-1][1] == pytest.approx(nats / math.log(2) * valid["tokens"] / valid["chars"])


def test_longer_texts_have_more_pieces_up_to_a_limit() -> None:
    assert planned_pieces("ab" * 100) < planned_pieces("ab" * 1_000_000) <= 8_000
    assert planned_pieces("".join(map(chr, range(0xAC00, 0xAC00 + 6_000)))) == 8_300
