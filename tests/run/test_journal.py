"""metrics.jsonl: whole lines whatever happened, one a step, nothing of anybody else's."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path

import pytest

from seqgen.errors import CheckpointError
from seqgen.run import journal

ROWS = [{"step": step, "train": step / 10, "sample": "a\nb"} for step in (1, 2, 3)]


def test_rows_come_back(tmp_path: Path) -> None:
    assert journal.rows(tmp_path) == []
    for row in ROWS:
        journal.append(tmp_path, row)
    assert journal.rows(tmp_path) == ROWS
    journal.append(tmp_path, {"step": 4, "train": math.nan, "lr": math.inf, "sample": "\udc80"})
    assert journal.rows(tmp_path)[-1] == {"step": 4, "train": None, "lr": None, "sample": "\udc80"}


def test_a_half_line_does_not_swallow_the_next_row(tmp_path: Path) -> None:
    (tmp_path / "metrics.jsonl").write_text('{"step": 1}\n{"step": 2, "tr', encoding="utf-8")
    journal.append(tmp_path, {"step": 3})
    assert [row["step"] for row in journal.rows(tmp_path)] == [1, 3]


@pytest.mark.parametrize(
    "line",
    [
        b"", b"[1]", b"3", b"null", b'"step"', b"{}", b'{"step": "1"}', b'{"step": -1}', b'{"step": 1.5}', b'{"step": true}',
        b'{"step": 1' + b"0" * 30 + b"}", b'{"step": 1' + b"0" * 5000 + b"}", b"[" * 100_000, b'{"step": NaN}',
        b'{"step": 1e999}', b"\xff\xfe",
        b"\0" * 1000, b'{"step":',
    ],
)  # fmt: skip
def test_what_is_no_row_is_passed_over_and_goes(line: bytes, tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    path.write_bytes(b'{"step": 7}\n' + line + b'\n{"step": 8}\n')
    assert [row["step"] for row in journal.rows(tmp_path)] == [7, 8]
    journal.rewind(tmp_path, 9)
    assert path.read_bytes() == b'{"step": 7}\n{"step": 8}\n'


def test_figures_that_are_none_are_none(tmp_path: Path) -> None:
    row = {"step": 1, "train": "much", "lr": [1], "seconds": 1e999, "BLEU": True, "sample": 3, "valid_approximate": 2}
    (tmp_path / "metrics.jsonl").write_text(json.dumps(row), encoding="utf-8")
    wanted = {"step": 1, "train": None, "lr": None, "seconds": None, "BLEU": None, "sample": None, "valid_approximate": 2}
    assert journal.rows(tmp_path) == [wanted]


def test_rewinding_leaves_one_row_a_step(tmp_path: Path) -> None:
    for step in (1, 2, 1, 2, 3, 2, 4):
        journal.append(tmp_path, {"step": step, "seconds": 1.0})
    journal.append(tmp_path, {"step": 2, "seconds": 2.0})
    journal.rewind(tmp_path, 3)
    assert [(row["step"], row["seconds"]) for row in journal.rows(tmp_path)] == [(1, 1.0), (2, 2.0), (3, 1.0)]
    journal.rewind(tmp_path, -1)
    assert not (tmp_path / "metrics.jsonl").exists()
    journal.rewind(tmp_path, 3)
    assert os.listdir(tmp_path) == []


def test_another_folder_that_has_the_same_file_is_not_written_to(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    journal.append(tmp_path / "a", ROWS[0])
    os.link(tmp_path / "a" / "metrics.jsonl", tmp_path / "b" / "metrics.jsonl")
    journal.append(tmp_path / "b", ROWS[1])
    assert journal.rows(tmp_path / "a") == ROWS[:1] and journal.rows(tmp_path / "b") == ROWS[:2]


def test_a_full_disk_adds_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal.append(tmp_path, ROWS[0])
    write = os.write

    def full(handle: int, data: bytes) -> int:
        if len(data) > 5:
            return write(handle, data[:5])
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        with pytest.raises(CheckpointError, match="No space left"):
            journal.append(tmp_path, {"s": 1})
    journal.append(tmp_path, ROWS[1])
    assert (tmp_path / "metrics.jsonl").read_text(encoding="utf-8").count("\n") == 2
    assert journal.rows(tmp_path) == ROWS[:2]
