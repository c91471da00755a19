"""Characters that training has never seen: while training, at the end and in evaluate they cost the same, and it is said."""

from __future__ import annotations

import json
import math
import random
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from seqgen.cli import main
from seqgen.commands.show_training import closing
from seqgen.draw.training.plain import line
from seqgen.draw.training.screen import TrainingView, render
from seqgen.metrics.likelihood import unknown_penalty
from seqgen.run import Run
from seqgen.training.language import task
from seqgen.training.progress import Progress
from seqgen.training.train import Request, Training

WORDS = (
    "오늘 날씨가 정말 좋네요 내일 같이 점심 먹으러 갈까요 저는 커피보다 차를 더 좋아해요 주말에는 집에서 쉬고 싶어요".split()
)
RARE = "뷁 쀍 햝 뙇 믜 꿻 봵".split()


def korean(characters: int, rare: int, seed: int) -> str:
    """Lines of words, with so many characters among them that stand nowhere else."""
    chosen = random.Random(seed)
    text = ""
    while len(text) < characters:
        text += " ".join(chosen.choice(WORDS) for _ in range(5)) + "\n"
    marks = list(text[:characters])
    for number in range(rare):
        marks[(number * 7919 + 11) % characters] = RARE[number % len(RARE)]
    return "".join(marks)


def trained(folder: Path, text: str, held_out: str, **options: object) -> tuple[Run, list[Progress]]:
    """A run and what was told while it was trained."""
    names = folder / "text.txt", folder / "held-out.txt"
    for name, content in zip(names, (text, held_out), strict=True):
        name.write_text(content, encoding="utf-8")
    small = {} if options["arch"] == "markov" else {"steps": 30, "hidden": 16, "batch_size": 4, "bptt": 16, "threads": 1}
    training = Training(Request((str(names[0]),), folder / "run", {**small, **options}, valid=(str(names[1]),)))
    told = [each for each in training.tell() if isinstance(each, Progress)]
    assert training.run is not None
    return training.run, told


def live(told: list[Progress]) -> tuple[float, float]:
    """Bits a symbol of the best weights while training, and the part of unseen characters at the last look."""
    last = [each for each in told if each.valid is not None][-1]
    assert last.best is not None
    return last.best / math.log(2), last.unseen / math.log(2)


@pytest.mark.parametrize("arch", ["markov", "hybrid", "lstm"])
@pytest.mark.parametrize("rare", [0, 12, 1_350])
def test_the_screen_says_what_the_end_says(arch: str, rare: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(task, "VALID_STREAMS", 1)  # many would begin without memory, which costs a little
    run, told = trained(tmp_path, korean(6_000, 0, 1), korean(1_350, rare, 2), arch=arch)
    valid, baselines, said = run.info.scores["valid"], run.info.baselines, closing(run)
    assert valid["unknown"] == rare and (valid["unknown_nats"] > 0) == bool(rare)
    if arch != "lstm":
        assert baselines["counting"] == pytest.approx(run.info.scores["markov"]["bits_per_char"], rel=1e-12)
    if arch != "markov":
        best, unseen = live(told)
        # The weight of a mix is fitted on the whole text while training, at the end on the half that it does not score.
        assert best == pytest.approx(valid["bits_per_char"], abs=1e-4 if arch == "lstm" else 0.02)
        assert (unseen > 0) == bool(rare) and unseen <= best + 1e-4 + 5 * (rare == 1_350)
    notes = " ".join(each.note or "" for each in told)
    assert (f"{rare:,} of 1,350 held-out characters (7 different) are not in the training text" in notes) == bool(rare)
    bits, whole = (valid[name] / math.log(2) for name in ("unknown_nats", "nats"))
    counted = f"{rare:,} of 1,350 held-out characters were never seen in training: {bits:,.0f} bits of the {whole:,.0f}"
    assert (counted in said) == bool(rare) == ("never seen" in said)


def test_many_streams_cost_only_their_beginnings(tmp_path: Path) -> None:
    run, told = trained(tmp_path, korean(6_000, 0, 1), korean(3_000, 60, 2), arch="lstm")
    assert live(told)[0] == pytest.approx(run.info.scores["valid"]["bits_per_char"], abs=0.25)


@pytest.mark.parametrize(("tokenizer", "rare"), [("char", 0), ("byte", 40), ("char", 30)])
def test_the_choice_of_weights_sees_only_log_probabilities(tokenizer: str, rare: int, tmp_path: Path) -> None:
    run, told = trained(tmp_path, korean(4_000, 0, 1), korean(1_200, rare, 2), arch="lstm", tokenizer=tokenizer)
    _, state = run.arrays_and_notes("state")
    unknown = rare if tokenizer == "char" else 0
    assert run.info.scores["valid"]["unknown"] == unknown
    assert all((each.unseen > 0) == bool(unknown) for each in told if each.valid is not None)
    added = unknown / 1_200 * unknown_penalty(len(run.tokenizer()))
    assert state["best_valid"] == (pytest.approx(state["best_score"] + added, rel=1e-9) if unknown else state["best_score"])


def test_a_report_names_the_part_of_unseen_characters() -> None:
    view = TrainingView("title", total=60.0, elapsed=6.0, valid=((6.0, 1.876),), unseen=0.345)
    assert "bits a character (nats): held-out 1.876≈ (1.300), of it for characters never seen 0.345 (0.239)" in line(view)
    shown = StringIO()
    Console(file=shown, width=100, color_system=None).print(render(view, 100, 20))
    assert "held-out 1.876≈  of it for characters never seen 0.345" in shown.getvalue()
    assert "never seen" not in line(replace(view, unseen=0.0))


@pytest.mark.parametrize(
    ("text", "share"),
    [("오늘 날씨가", None), ("오늘 날씨가 좋네요 뷁", None),
     ("뷁", "1 of 1 character (100%)"), ("hello", "5 of 5 characters (100%)"),
     ("오늘 뷁\n" * 40, "40 of 200 characters (20%)"), ("\n", None)],
)  # fmt: skip
def test_evaluate_warns_of_a_foreign_text(
    text: str, share: str | None, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    run, _ = trained(tmp_path, korean(2_000, 0, 1), korean(1_000, 0, 2), arch="markov")
    file = tmp_path / "other.txt"
    file.write_text(text, encoding="utf-8")
    for json_too in ([], ["--json"]):
        with pytest.raises(SystemExit, match="0"):
            main(["evaluate", "-m", str(run.path), str(file), *json_too])
        out, err = capfd.readouterr()
        assert (f"unknown to the model: {share}" in err and "--tokenizer byte" in err) if share else "unknown" not in err
    assert json.loads(out)["unknown_nats"] <= json.loads(out)["nats"] + 1e-9
