"""One odd held-out pair costs a training neither its memory nor its end; figures fit the script of the targets."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from seqgen.cli import main
from seqgen.data.parallel import by_tokens
from seqgen.errors import CheckpointError, ConfigError
from seqgen.run import Run
from seqgen.training.progress import Progress
from seqgen.training.train import Request, Training
from seqgen.training.translation.watch import judged

SMALL = {"layers": 1, "hidden": 16, "heads": 2, "ffn": 16, "max_tokens": 300, "threads": 1, "tokenizer": "char"}
DIGITS = dict(zip("0123456789", "零一二三四五六七八九", strict=True))


def pairs(count: int, seed: int, words: dict[str, str] = DIGITS) -> list[tuple[str, str]]:
    rng = random.Random(seed)
    rows = ["".join(rng.choice("0123456789") for _ in range(rng.choice((5, 6, 7)))) for _ in range(count)]
    return [(" ".join(row), "".join(words[digit] for digit in row)) for row in rows]


def written(path: Path, rows: list[tuple[str, str]]) -> Path:
    path.write_text("".join(f"{source}\t{target}\n" for source, target in rows), encoding="utf-8")
    return path


def trained(train: Path, valid: Path, run: Path, steps: int, **options: Any) -> list[str]:
    """The notes of a sitting."""
    given = {"steps": steps, **({} if run.exists() else SMALL), **options}
    training = Training(Request((str(train),), run, given, valid=(str(valid),)))
    return [told.note for told in training.tell() if isinstance(told, Progress) and told.note]


def said(capfd: pytest.CaptureFixture[str], *arguments: object) -> tuple[str, str]:
    capfd.readouterr()
    with pytest.raises(SystemExit) as ended:
        main([str(argument) for argument in arguments])
    out, err = capfd.readouterr()
    assert ended.value.code == 0, err
    return out, err


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    """A run whose held-out pairs have one of 4,493 tokens and one that is a little too long to be learnt from."""
    folder = tmp_path_factory.mktemp("odd")
    digits = "1234567890" * 300
    rows = pairs(20, 2)
    rows[7:7] = [(" ".join(digits[:2_247]), digits[:2_247]), ("1 2 3", "一" * 251)]
    train, valid = written(folder / "train.tsv", pairs(60, 1)), written(folder / "valid.tsv", rows)
    notes = trained(train, valid, folder / "run", 4)
    assert notes.count("2 held-out pairs are longer than 250 tokens and left out") == 1
    assert notes.count("the targets are in Chinese: BLEU's tokenizer is zh") == 1
    return train, valid, folder / "run"


def test_odd_held_out_pairs_are_left_out_and_counted_also_at_resume(odd: tuple[Path, Path, Path]) -> None:
    train, valid, path = odd
    for steps in (4, 6):
        notes = trained(train, valid, path, steps) if steps > 4 else []
        run = Run(path)
        assert run.info.finished and run.info.step == steps and run.info.corpus["valid"] == 22
        assert run.info.scores["valid"]["pairs"] == 20 and run.info.scores["valid"]["left_out"] == 2
        assert "tok:zh" in run.info.scores["signature"]["BLEU"]
        assert not any("Chinese" in note for note in notes)


def test_where_all_held_out_pairs_are_too_long_that_is_said(odd: tuple[Path, Path, Path], tmp_path: Path) -> None:
    valid = written(tmp_path / "valid.tsv", [("1 " * 300, "一" * 300)])
    notes = trained(odd[0], valid, tmp_path / "run", 2)
    assert "1 held-out pair is longer than 250 tokens and left out" in notes
    assert "no held-out pair is left: there will be no validation score" in notes
    assert Run(tmp_path / "run").info.finished and not Run(tmp_path / "run").info.scores


def test_evaluate_and_score_go_on_past_a_pair_that_is_too_long(
    odd: tuple[Path, Path, Path], capfd: pytest.CaptureFixture[str]
) -> None:
    _, valid, run = odd
    out, err = said(capfd, "score", "-m", run, valid)
    lines = out.split("\n")
    assert len(lines) == 23 and [row for row, line in enumerate(lines[:-1], 1) if not line] == [8]
    assert err == "pair 8 has over 2,047 tokens on a side, too many to say how likely the target is\n"
    record = [json.loads(line) for line in said(capfd, "score", "-m", run, valid, "--json")[0].splitlines()][7]
    assert record["log_prob_per_token"] is None and record["tokens"] is None and record["target"]
    out, err = said(capfd, "evaluate", "-m", run, valid, "--json", "--per-line", "-b", 1)
    found = json.loads(out)
    assert found["left_out"] == 1 and found["pairs"] == 22 and "pair 8" in err and "TER leaves out 2 of 22 lines" in err
    nats = [line["nats"] for line in found["lines"]]
    assert [row for row, cost in enumerate(nats, 1) if cost is None] == [8] and found["lines"][7]["translation"]
    assert "tok:zh" in found["signatures"]["BLEU"] and "asian:yes" in found["signatures"]["TER"]
    assert "tok:char" in said(capfd, "evaluate", "-m", run, valid, "--tokenize", "char", "-b", 1)[0]


def test_nothing_can_be_scored_in_a_file_of_one_pair(
    odd: tuple[Path, Path, Path], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    one = written(tmp_path / "one.tsv", [("1 " * 1_500, "一" * 3_000)])
    out, _ = said(capfd, "evaluate", "-m", odd[2], one, "-b", 1, "--per-line")
    assert "1 pair, 1 left out" in out and " nats " not in out and "TER" not in out
    assert json.loads(said(capfd, "evaluate", "-m", odd[2], one, "-b", 1, "--json")[0])["nats_per_token"] is None


def test_a_run_without_a_tokenizer_of_bleu_has_13a_and_evaluates_by_script(
    odd: tuple[Path, Path, Path], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """As older versions wrote them."""
    train, valid = odd[0], written(tmp_path / "valid.tsv", pairs(20, 2))
    trained(train, valid, tmp_path / "run", 2)
    path = tmp_path / "run" / "config.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    del content["corpus"]["bleu_tokenizer"]
    path.write_text(json.dumps(content), encoding="utf-8")
    trained(train, valid, tmp_path / "run", 3)
    assert "tok:13a" in Run(tmp_path / "run").info.scores["signature"]["BLEU"]
    out, err = said(capfd, "evaluate", "-m", tmp_path / "run", valid, "-b", 1)
    assert "tok:zh" in out and "the targets are in Chinese" in err
    content["corpus"]["bleu_tokenizer"] = "ja-mecab"
    path.write_text(json.dumps(content), encoding="utf-8")
    from seqgen.metrics.overlap import is_installed

    if not is_installed("ja-mecab"):
        with pytest.raises(ConfigError, match="ja-mecab is not installed"):
            trained(train, valid, tmp_path / "run", 5)
    content["corpus"]["bleu_tokenizer"] = "nonsense"
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(CheckpointError, match="the facts of a corpus"):
        Run(tmp_path / "run")


def test_bleu_decides_then_chrf_then_the_loss() -> None:
    """From the worst to the best: BLEU, chrF, nats."""
    order = [(0.0, 0.0, 5.0), (0.0, 0.0, 4.0), (0.5, 20.0, 9.0), (0.0, 20.5, 9.0), (0.9, 100.0, 1.0), (1.0, 10.0, 9.0),
             (1.1, 5.0, 9.0), (30.0, 50.0, 2.0), (30.0, 40.0, 1.9)]  # fmt: skip
    found = [judged(*figures) for figures in order]
    assert found == sorted(found, reverse=True) and len(set(found)) == len(found)


@pytest.mark.parametrize("widths", [[], [5], [5_000], [3, 900, 1, 7, 7, 7, 2_000, 2], list(range(1, 300))])
def test_batches_by_tokens_hold_each_pair_once(widths: list[int]) -> None:
    batches = by_tokens(np.array(widths, dtype=np.int64), 800)
    assert sorted(row for rows in batches for row in rows.tolist()) == list(range(len(widths)))
    assert all(len(rows) * max(widths[row] for row in rows) <= 800 or len(rows) == 1 for rows in batches)
