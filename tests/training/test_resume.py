"""Nothing is lost: a run that was interrupted and taken up again equals one that never was, bit for bit."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from seqgen.errors import CheckpointError, ConfigError, EngineError
from seqgen.nn.rnn import lstm_multiplies_bf16
from seqgen.run import Run, held
from seqgen.training.progress import Finished, Progress
from seqgen.training.train import Request, Training
from seqgen.training.trainer import Trainer

CASES = {
    "rnn": {"arch": "rnn"},
    "rnn sigmoid one-hot": {"arch": "rnn", "nonlinearity": "sigmoid", "input": "one-hot"},
    "gru": {"arch": "gru"},
    "lstm": {"arch": "lstm"},
    "hybrid": {"arch": "hybrid"},
    "two layers, dropout": {"arch": "lstm", "layers": 2, "dropout": 0.3},
    "accumulation": {"arch": "lstm", "accumulate": 3, "dropout": 0.2},
    "averaging": {"arch": "gru", "average": 0.9},
    "transformer": {"arch": "transformer", "layers": 2, "dropout": 0.1},
    "transformer without positions, AdamW": {"arch": "transformer", "positions": False, "optimizer": "adamw"},
    "transformer beside counts": {"arch": "hybrid", "network": "transformer", "schedule": "cosine"},
    "bf16, bytes": {"arch": "lstm", "precision": "bf16", "tokenizer": "byte", "dropout": 0.1},
}


def sitting(poem: Path, path: Path, options: dict, until: int | None = None, overwrite: bool = False) -> Finished:
    """One sitting; `until` is the step at which somebody presses Ctrl-C."""
    defaults = {"steps": 20, "hidden": 12, "batch_size": 4, "bptt": 16, "precision": "fp32", "threads": 1}
    if options.get("arch") == "markov":
        defaults = {}
    request = Request((str(poem),), path, {**defaults, **options}, overwrite=overwrite)
    seen = [0]
    training = Training(request, stop=lambda: until is not None and seen[0] >= until)
    told: Progress | Finished | None = None
    for told in training.tell():
        if isinstance(told, Progress):
            # The flag is read after each step, before its Progress is told: one step earlier than it shows.
            seen[0] = max(seen[0], told.step)
    assert isinstance(told, Finished)
    return told


def assert_equal_runs(a: Path, b: Path) -> None:
    first, second = Run(a), Run(b)
    for name in ("weights", "state"):
        ours, theirs = first.arrays(name), second.arrays(name)
        assert ours.keys() == theirs.keys()
        for key, array in ours.items():
            np.testing.assert_array_equal(array, theirs[key], err_msg=f"{name}: {key}")
    assert first.info.scores == second.info.scores and first.info.mix_weight == second.info.mix_weight

    def rows(run: Run) -> list[dict]:
        return [{key: value for key, value in row.items() if key != "seconds"} for row in run.rows()]

    assert rows(first) == rows(second), "losses, rates and samples alike"


@pytest.mark.parametrize("case", CASES)
def test_interrupted_and_resumed_is_never_interrupted(case: str, poem: Path, tmp_path: Path) -> None:
    if CASES[case].get("precision") == "bf16" and not lstm_multiplies_bf16():
        pytest.skip("this processor has no bfloat16 for an LSTM")
    whole, halves = tmp_path / "whole", tmp_path / "halves"
    assert sitting(poem, whole, CASES[case]).done
    stopped = sitting(poem, halves, CASES[case], until=10)
    assert not stopped.done and Run(halves).info.step == 10 and Run(halves).info.finished is None
    assert sitting(poem, halves, CASES[case]).done
    assert_equal_runs(whole, halves)
    # 20 steps of 4 x 16 symbols are more than one pass over the text and end in the middle of one.
    assert Run(whole).info.step == 20


@pytest.mark.skipif(lstm_multiplies_bf16(), reason="this processor has bfloat16")
def test_a_precision_that_is_not_there_is_said(poem: Path, tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="--precision bf16: this processor"):
        sitting(poem, tmp_path / "run", {"arch": "lstm", "precision": "bf16"})


def test_the_same_seed_is_the_same_run_and_another_is_not(poem: Path, tmp_path: Path) -> None:
    options = {"arch": "lstm", "dropout": 0.2}
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        sitting(poem, tmp_path / name, {**options, "seed": seed})
    assert_equal_runs(tmp_path / "a", tmp_path / "b")
    assert (
        Run(tmp_path / "a").arrays("weights")["output.weight"] != Run(tmp_path / "c").arrays("weights")["output.weight"]
    ).any()


def test_a_finished_run_says_so_and_more_steps_go_on(poem: Path, tmp_path: Path) -> None:
    path = tmp_path / "run"
    sitting(poem, path, {"arch": "rnn"})
    finished = Run(path).info.finished
    again = sitting(poem, path, {"arch": "rnn"})
    assert again.done and "has finished" in again.message and Run(path).info.finished == finished
    sitting(poem, path, {"arch": "rnn", "steps": 25})
    assert Run(path).info.step == 25
    assert Run(path).info.config.set_by["steps"] == "command line"


def test_another_run_is_refused_with_each_difference(poem: Path, tmp_path: Path) -> None:
    path = tmp_path / "run"
    sitting(poem, path, {"arch": "gru"})
    with pytest.raises(ConfigError) as error:
        sitting(poem, path, {"arch": "lstm", "hidden": 13})
    assert "--arch: is gru, asked for lstm" in error.value.message
    assert "--hidden: is 12, asked for 13" in error.value.message and "--overwrite" in (error.value.hint or "")
    other = tmp_path / "other.txt"
    other.write_text(poem.read_text(encoding="utf-8") + "more\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="the corpus: is poem.txt"):
        sitting(other, path, {"arch": "gru"})
    with pytest.raises(ConfigError):
        sitting(poem, path, {"arch": "markov", "hidden": 5}, overwrite=True)
    assert Run(path).has("weights"), "a mistake in the new command has cost the old run nothing"
    assert sitting(poem, path, {"arch": "lstm", "hidden": 13}, overwrite=True).done
    assert Run(path).info.config.hidden == 13


def test_a_folder_of_somebody_elses_is_left_alone(poem: Path, tmp_path: Path) -> None:
    (tmp_path / "thesis.doc").write_text("x", encoding="utf-8")
    with pytest.raises(CheckpointError, match="thesis.doc"):
        sitting(poem, tmp_path, {})


def test_two_processes_cannot_train_one_run(poem: Path, tmp_path: Path) -> None:
    path = tmp_path / "run"
    sitting(poem, path, {"arch": "rnn"})
    with held(path), pytest.raises(CheckpointError, match="another process"):
        sitting(poem, path, {"arch": "rnn", "steps": 30})


@pytest.mark.parametrize("bad", [float("nan"), 1e9])
def test_an_explosion_goes_back_to_the_best_weights(
    bad: float, poem: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: Trainer, *arguments: object, __original=Trainer.step) -> bool:  # type: ignore[no-untyped-def]
        if self.step_count == 12:
            import torch

            with torch.no_grad():
                self.model.output.weight.mul_(bad)
        return __original(self, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(Trainer, "step", broken)
    options = {"arch": "lstm", "steps": 20, "hidden": 12, "batch_size": 4, "bptt": 16, "precision": "fp32"}
    request = Request((str(poem),), tmp_path / "run", options)
    notes = [told.note for told in Training(request).tell() if isinstance(told, Progress) and told.note]
    assert any("exploded; back to the weights of step 12, at 0.5 times the planned rate" in note for note in notes)
    weights = Run(tmp_path / "run").arrays("weights")
    assert all(np.isfinite(array).all() for array in weights.values())
    assert Run(tmp_path / "run").arrays_and_notes("state")[1]["rate_scale"] == 0.5


def test_patience_ends_a_run_that_gets_no_better(poem: Path, tmp_path: Path) -> None:
    options = {"arch": "lstm", "lr": 1e-30, "patience": 2, "steps": 400}
    sitting(poem, tmp_path / "run", options)
    assert Run(tmp_path / "run").info.step < 400 and Run(tmp_path / "run").info.finished


def test_rows_behind_the_state_are_dropped(poem: Path, tmp_path: Path) -> None:
    """A killed process may have logged more than it saved."""
    path = tmp_path / "run"
    sitting(poem, path, {"arch": "rnn"}, until=10)
    Run(path).log({"step": 15, "train": 0.0, "valid_approximate": 0.0, "sample": ""})
    with (path / "metrics.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"step": 16, "tr')
    sitting(poem, path, {"arch": "rnn"})
    rows = [json.loads(line) for line in (path / "metrics.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [row["step"] for row in rows] == sorted({row["step"] for row in rows}) and rows[-1]["step"] == 20
