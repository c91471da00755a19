"""Finding runs: damaged ones are passed over and said, the nearest name is offered, the last that fits is taken."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from seqgen.errors import CheckpointError
from seqgen.run import Run, all_runs, find, held, latest, shelf
from seqgen.run.staging import beside, publish, settled
from tests.conftest import Seqgen
from tests.run.made import NOW, begun, made, tree


def test_a_damaged_neighbour_is_listed_and_passed_over(tmp_path: Path, seqgen: Seqgen) -> None:
    made(tmp_path / "good")
    for name, damage in (("cut", lambda data: data[:300]), ("deep", lambda data: data[:300] + b"[" * 100_000),
                         ("huge", lambda data: data.replace(b'"step": 5', b'"step": ' + b"9" * 400)),
                         ("typed", lambda data: data.replace(b'"step": 5', b'"step": "5"')),
                         ("esc\x1b[31m", lambda data: data.replace(b'"step": 5', b'"step": "\\u001b[31m"'))):  # fmt: skip
        path = made(tmp_path / name).path / "config.json"
        path.write_bytes(damage(path.read_bytes()))
    (tmp_path / "foreign").mkdir()
    (tmp_path / "foreign" / "config.json").write_text("{}", encoding="utf-8")
    assert [run.path.name for run in all_runs(tmp_path)] == ["good"] and latest(None, tmp_path).path.name == "good"
    assert len(shelf(tmp_path)[1]) == 5
    done = seqgen("runs", "--runs-dir", tmp_path, COLUMNS="300")
    assert done.returncode == 0 and "\x1b" not in done.stdout + done.stderr
    assert [line.split(":")[0] for line in done.stdout.splitlines()[2:]] == ["cut", "deep", "esc␛[31m", "huge", "typed"]
    assert (
        "step: expected a number of steps" in done.stdout
        and "\x1b" not in seqgen("runs", "--runs-dir", tmp_path, "--json").stdout
    )
    assert seqgen("generate", "--runs-dir", tmp_path, "-n", 5, stdin="").returncode == 0


def test_the_nearest_name_is_offered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CheckpointError, match="there are no runs"):
        find("x", tmp_path)
    for name in ("sherlock", "english-french", "alice"):
        begun(tmp_path / "runs" / name)
    for wrong, hint in (("sherlok", "did you mean 'sherlock'?"), ("runs/alcie", "did you mean 'alice'?"), ("zzz", "runs in ")):
        with pytest.raises(CheckpointError) as error:
            find(wrong, tmp_path / "runs")
        assert hint in (error.value.hint or "")
    for odd in ("\0", "x" * 5_000, "~nobody/x", "~", "", ".."):
        with pytest.raises(CheckpointError, match="no run"):
            find(odd, tmp_path / "runs")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert find("~/runs/alice", tmp_path).path == tmp_path / "runs" / "alice"


def test_a_name_may_be_given_as_the_text_is_called(tmp_path: Path) -> None:
    begun(tmp_path / "내-소설-1")
    for typed in ("내-소설-1", "내 소설 1", "내 소설 1.txt", "내 소설 1.txt.gz"):
        assert find(typed, tmp_path).path == tmp_path / "내-소설-1"


def test_the_last_that_fits_answers_and_an_unfinished_one_only_where_none_has_finished(tmp_path: Path) -> None:
    begun(tmp_path / "begun", "lstm")
    with pytest.raises(CheckpointError, match="no finished language run"):
        latest("language", tmp_path)
    made(tmp_path / "stopped", "lstm", finished=None)
    found = latest("language", tmp_path)
    assert found.path.name == "stopped" and found.info.finished is None
    made(tmp_path / "old", "lstm", finished="2026-01-02T03:04:05.678+00:00")
    made(tmp_path / "new", "markov", finished="2026-01-02T04:04:05.678+01:00")
    made(tmp_path / "newest", "hybrid", finished="2026-01-02T03:30:00.000+00:00", open=True)
    assert latest(None, tmp_path).path.name == "newest", "one that is being continued stays as it was"
    assert latest("language", tmp_path, lambda run: run.info.config.arch == "lstm").path.name == "old"
    with pytest.raises(CheckpointError, match="no finished translation run"):
        latest("translation", tmp_path)
    with pytest.raises(CheckpointError, match="of the right kind"):
        latest("language", tmp_path, lambda run: False)


def test_a_run_that_is_being_replaced_answers_until_the_new_one_takes_its_place(tmp_path: Path) -> None:
    made(tmp_path / "real" / "run")
    (tmp_path / "run").symlink_to("real/run")
    path = tmp_path / "run"
    with held(beside(path)):
        new = begun(beside(path), "markov")
        assert [run.path.name for run in all_runs(tmp_path / "real")] == ["run"]
        assert find("run", tmp_path).info.config.arch == "hybrid"
        with held(path), pytest.raises(CheckpointError, match="another process is training"):
            publish(path)
        assert find("run", tmp_path).info.config.arch == "hybrid" and Run(new.path)
        publish(path)
        assert os.listdir(tmp_path / "real") == ["run"] and path.is_symlink()
        with pytest.raises(CheckpointError, match="another process"), held(path):
            pass
    assert Run(path).info.config.arch == "markov"


def test_what_is_in_the_way_is_named_and_left(tmp_path: Path) -> None:
    path = made(tmp_path / "run").path
    made(beside(path))
    copy = tmp_path / ".run.old"
    made(copy)
    before = tree(copy)
    settled(path)
    with pytest.raises(CheckpointError, match=r"\.run\.old: in the way"):
        publish(path)
    assert tree(copy) == before and Run(path).info.finished == NOW, "a copy that the user made is no replaced run"


def test_a_run_that_has_lost_its_model_is_passed_over_and_named_where_there_is_no_other(tmp_path: Path) -> None:
    made(tmp_path / "whole", "markov", finished="2026-01-02T03:04:05.678+00:00")
    lost = made(tmp_path / "lost", "markov", finished="2026-02-02T03:04:05.678+00:00")
    lost.file_of("markov").unlink()
    assert latest("language", tmp_path).path.name == "whole"
    with pytest.raises(CheckpointError, match="missing") as error:
        lost.arrays("markov")
    assert "damaged" in (error.value.hint or "")
    (tmp_path / "whole").rename(tmp_path.parent / "elsewhere")
    assert latest("language", tmp_path).path.name == "lost"
