"""What a training shows of its network's writing, and what the run keeps to write the same way."""

from __future__ import annotations

from pathlib import Path

import pytest

import seqgen
from seqgen.opening import open_stretches
from seqgen.run import Run
from seqgen.training.progress import Progress
from seqgen.training.train import Request, Training
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


def test_of_pairs_a_held_out_one_is_translated_every_few_steps_and_before_the_first(tmp_path: Path) -> None:
    digits = dict(zip("0123456789", "zero one two three four five six seven eight nine".split(), strict=True))
    numbers = [f"{number:03}" for number in range(100, 220)]
    rows = [f"{' '.join(number)}\t{' '.join(digits[one] for one in number)}" for number in numbers]
    (tmp_path / "pairs.tsv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    options = {"hidden": 8, "layers": 1, "ffn": 16, "threads": 1, "valid_frac": 0.1, "max_tokens": 64}

    def told(name: str, **more: object) -> list[Progress]:
        training = Training(Request((str(tmp_path / "pairs.tsv"),), tmp_path / name, {**options, **more}))
        return [one for one in training.tell() if isinstance(one, Progress) and one.sample]

    reports = told("run", steps=30, sample_every=7)
    assert [one.step for one in reports if one.valid is None] == [0, 7, 21], "at steps 14 and 28 it is validated as well"
    assert [one.step for one in reports if one.valid is not None] == list(range(2, 31, 2))
    assert reports[0].step == 0, "step 0 comes first"
    for one in reports:
        source, translation, reference = str(one.sample).split("\n")
        assert translation.startswith("→ ") and f"{source}\t{reference.removeprefix('= ')}" in rows
    assert 0 not in [one.step for one in told("run", steps=34, sample_every=7)], "a run that goes on has no step 0 any more"
    assert [one.step for one in told("plain", steps=2)] == [1, 2], "nobody asked for step 0"
