"""What a training shows of its network's writing, and what the run keeps to write the same way."""

from __future__ import annotations

from pathlib import Path

import pytest

import seqgen
from seqgen.opening import open_stretches
from seqgen.run import Run
from tests.conftest import POEM

SMALL = {"hidden": 8, "batch_size": 4, "bptt": 32, "steps": 4, "threads": 1}


@pytest.mark.parametrize("arch", ["hybrid", "markov", "lstm", "rnn", "gru"])
def test_every_architecture_begins_behind_a_primer(arch: str, tmp_path: Path) -> None:
    path = tmp_path / "poem.txt"
    path.write_text(POEM * 6, encoding="utf-8")
    model = seqgen.train(path, output=tmp_path / "run", arch=arch, **({} if arch == "markov" else SMALL))
    train = model.tokenizer.decode(Run(model.path).arrays("text")["train"])
    stretches = [model.tokenizer.decode(ids) for ids in model.stretches]
    assert stretches and all(text in train and text.endswith("\n\n") for text in stretches), "never from the held-out part"
    assert "".join(model.generate(length=30, seed=2)) == "".join(model.generate(length=30, seed=2))
    Run(model.path).forget("text")
    assert [model.tokenizer.decode(ids) for ids in open_stretches(Run(model.path))] == stretches


def test_without_its_text_a_run_begins_after_a_newline(tmp_path: Path) -> None:
    path = tmp_path / "poem.txt"
    path.write_text(POEM * 6, encoding="utf-8")
    kept = seqgen.train(path, output=tmp_path / "a", keep_text=True, **SMALL)
    none = seqgen.train(path, output=tmp_path / "b", keep_text=False, **SMALL)
    assert not none.stretches and not list(none.path.glob("primers*"))
    assert kept.info.scores == none.info.scores, "what is read before a prompt has no part in training or scoring"
    assert "".join(none.generate(length=30, seed=2)) == "".join(none.generate("\n", length=30, seed=2))
    samples = [[row["sample"] for row in model._run.rows()] for model in (kept, none)]
    assert samples[0] == samples[1] != [], "while training the text is at hand"


@pytest.mark.parametrize("text", ["hihello", "if you want you"])
def test_the_textbook_exercise_has_none(text: str, tmp_path: Path) -> None:
    path = tmp_path / "text.txt"
    path.write_text(text, encoding="utf-8")
    model = seqgen.train(path, output=tmp_path / "run", arch="rnn", **{**SMALL, "steps": 1})
    assert not model.stretches and Run(model.path).has("text") and not Run(model.path).has("primers")
    assert len("".join(model.generate("h", length=5))) == 5
