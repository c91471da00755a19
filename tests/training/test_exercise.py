"""The textbook exercise, watched: what the network expects after each symbol, until it is right."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

import seqgen
from seqgen.console import Console
from seqgen.errors import ConfigError
from seqgen.tokenizers.char import CharTokenizer
from seqgen.training.follower import Follower
from seqgen.training.language.exercise import LEGEND, Exercise
from seqgen.training.progress import Progress
from seqgen.training.train import Request, Training
from tests.conftest import POEM
from tests.fakes import FakeScorer

LAB = {"arch": "rnn", "input": "one-hot", "hidden": 8, "lr": 0.05, "threads": 1}


def told(path: Path, text: str, **options: object) -> tuple[list[Progress], list[str]]:
    """The reports of a training, and the lines that are written of them where there is no screen."""
    path.write_text(text, encoding="utf-8")
    training = Training(Request((str(path),), path.parent / "run", {**LAB, **options}))
    console = Console(io.StringIO(), io.StringIO())
    follower = Follower(console, None, "title", training)
    reports = [one for one in training.tell() if isinstance(one, Progress)]
    for one in reports:
        follower.take(one)
    return reports, console.err.getvalue().splitlines()


@pytest.mark.parametrize(("text", "hidden"), [("hihello", 8), ("if you want you", 12), ("가나가다라", 8)])
def test_the_exercise_is_watched_step_by_step(text: str, hidden: int, tmp_path: Path) -> None:
    _, lines = told(tmp_path / "text.txt", text, hidden=hidden, steps=40, sample_every=1)
    shown = [re.fullmatch(r"step (\d+)  loss ([\d.]+) nats \(([\d.]+) bits\)  '(.+)' -> '(.+)'", line) for line in lines]
    found = [match for match in shown if match]
    assert [int(match[1]) for match in found] == list(range(41)), "from before the first step on, none twice"
    assert {match[4] for match in found} == {text[1:]} and {len(match[5]) for match in found} == {len(text) - 1}
    losses = [float(match[2]) for match in found]
    np.testing.assert_allclose([float(match[3]) for match in found], np.array(losses) / np.log(2), atol=2e-3)
    assert losses[0] > 1 > losses[-1] and found[0][5] != text[1:] == found[-1][5]
    right = [int(match[1]) for match in found if match[5] == text[1:]]
    since = max(int(match[1]) for match in found if match[5] != text[1:]) + 1
    verdict = next(line for line in lines if line.startswith("right for the first time"))
    assert verdict.startswith(f"right for the first time at step {right[0]}")
    assert (f"and at all {len(right)} steps shown from there on" in verdict) == (since == right[0])
    assert LEGEND in lines and lines.index(LEGEND) < lines.index(found[0][0])


def test_the_loss_is_that_of_the_weights_that_expect(tmp_path: Path) -> None:
    """After training, the run's own scorer finds the last line's loss."""
    _, lines = told(tmp_path / "text.txt", "hihello", steps=9, sample_every=9)
    run = seqgen.open_run(tmp_path / "run")
    ids = run.tokenizer.encode("hihello")
    log_probs, _ = run.scorer.score(ids, run.scorer.start([ids[:1]]))
    assert f"step 9  loss {-log_probs.mean():.3f} nats" in "\n".join(lines)


def test_ids_are_shown_on_request(tmp_path: Path) -> None:
    _, lines = told(tmp_path / "text.txt", "hihello", steps=3, sample_every=1, sample_ids=True)
    ids = seqgen.open_run(tmp_path / "run").tokenizer.encode("hihello")[1:].tolist()
    rows = [line for line in lines if line.startswith(f"    [{' '.join(map(str, ids))}] -> [")]
    assert len(rows) == 4 and all(len(row.split("-> ")[1].split()) == 6 for row in rows)


def test_ids_of_a_longer_text_are_an_error(tmp_path: Path) -> None:
    path = tmp_path / "poem.txt"
    path.write_text(POEM, encoding="utf-8")
    with pytest.raises(ConfigError, match="--sample-ids: expected a text of up to 80 symbols"):
        seqgen.train(path, output=tmp_path / "run", sample_ids=True, **LAB)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("text", ["hihello", POEM * 6], ids=["short", "long"])
def test_no_step_is_told_twice(text: str, tmp_path: Path) -> None:
    """50 steps are validated every 4, so that the last step has a sample of its own and is validated afterwards."""
    _, lines = told(tmp_path / "text.txt", text, steps=50, sample_every=10, batch_size=4, bptt=16)
    steps = [int(found[1]) for line in lines if (found := re.search(r"\bstep (\d+)(?: of 50)?(?:  |$)", line))]
    is_validated = text != "hihello"
    # Where there is held-out text, the last line says how well it is predicted; no sample comes twice.
    assert steps[0] == 0 and sorted(set(steps)) == sorted({0, 10, 20, 30, 40, 50, *range(4, 50, 4)})
    assert len(steps) == len(set(steps)) + is_validated
    for line in lines:
        losses = r"bits a character \(nats\): training [\d.]+ \([\d.]+\), held-out [\d.]+≈? \([\d.]+"
        assert not re.search(r"step [1-9]\d* of", line) or re.search(losses, line)


def test_a_resumed_run_has_no_step_before_the_first(tmp_path: Path) -> None:
    told(tmp_path / "text.txt", "hihello", steps=3, sample_every=1)
    _, lines = told(tmp_path / "text.txt", "hihello", steps=6, sample_every=1)
    assert [line.split("  ")[0] for line in lines if line.startswith("step")] == ["step 4", "step 5", "step 6"]


def looked(rights: Sequence[tuple[int, bool]]) -> str:
    """The verdict after looks at steps where all was right, or not."""
    tokenizer = CharTokenizer.train(["ab"])
    ids = tokenizer.encode("abab")
    size = len(tokenizer)
    right, wrong = np.full((size, size), 0.01), np.full((size, size), 0.01)
    for one, other in zip(ids[:-1], ids[1:], strict=True):
        right[one, other] = wrong[one, one] = 1
    exercise = Exercise(tokenizer, ids, with_ids=False)
    assert exercise.verdict() == ""
    for step, is_right in rights:
        assert (exercise.look(FakeScorer((right if is_right else wrong).tolist()), step) == "'bab' -> 'bab'") == is_right
    return exercise.verdict()


def test_the_verdict_says_when_it_was_right() -> None:
    assert looked([(0, False), (5, False)]) == "not yet right at step 5: a larger budget goes on from here"
    assert looked([(0, False), (5, True)]) == "right for the first time at step 5, the last"
    # Looked at twice, a step counts once.
    assert looked([(0, False), (5, True), (6, True), (6, True)]).endswith("at step 5, and at all 2 steps shown from there on")
    assert looked([(1, True), (2, False), (3, True)]).endswith("at step 1, and without a mistake from step 3 on")
    assert looked([(1, True), (2, False)]).endswith("at step 1, but not at step 2, the last: a larger budget goes on from here")


def test_special_symbols_are_not_expected() -> None:
    tokenizer = CharTokenizer.train(["ab"])
    table = np.full((len(tokenizer), len(tokenizer)), 0.1)
    table[:, 0], table[:, tokenizer.encode("a")] = 5, 1
    shown = Exercise(tokenizer, tokenizer.encode("abba"), with_ids=False).look(FakeScorer(table.tolist()), 0)
    assert shown == "'bba' -> 'aaa'"
