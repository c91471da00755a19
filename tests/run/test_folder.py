"""What is ours and what is not: nothing outside a run's own files is read, written or removed."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from seqgen.errors import CheckpointError
from seqgen.files import write_atomically
from seqgen.run import Run, claim, clear, held, is_run
from tests.run.made import FILLING, Killed, begun, failing_after, made, no_space, old_format, tree, weights_of

FOREIGN = {
    "a config": {"config.json": '{"model_type": "bert", "vocab_size": 30522, "format": 1}'},
    "a model of others": {"config.json": "{}", "tokenizer.json": "{}", "tokenizer.model": "x", "engine/model.bin": "x"},
    "a tokenizer": {"tokenizer.json": '{"version": "1.0", "model": {}}'},
    "a model alone": {"tokenizer.model": "x"},
    "a lock with something in it": {"lock": "123"},
    "a file": {"thesis.doc": "x"},
    "a hidden file": {".thesis.abcdefgh": "x"},
    "rows": {"metrics.jsonl": '{"step": 1}'},
    "weights": {"weights.safetensors": "x", "weights-0123456789ab.safetensors": "x"},
    "a list": {"config.json": "[1, 2]"},
    "an empty config": {"config.json": ""},
}


@pytest.mark.parametrize("name", FOREIGN)
def test_a_folder_of_somebody_elses_is_refused_and_left_alone(name: str, tmp_path: Path) -> None:
    for file, content in FOREIGN[name].items():
        (tmp_path / "x" / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "x" / file).write_text(content, encoding="utf-8")
    before = tree(tmp_path)
    assert not is_run(tmp_path / "x")
    with pytest.raises(CheckpointError, match="not a run"):
        claim(tmp_path / "x")
    assert tree(tmp_path) == before


def test_runs_are_ours_and_so_are_damaged_ones(tmp_path: Path) -> None:
    run = made(tmp_path / "run")
    assert claim(run.path) == "run"
    (run.path / "notes.txt").write_text("mine", encoding="utf-8")
    whole = (run.path / "config.json").read_bytes()
    for damaged in (whole[: len(whole) // 2], whole.replace(b'"kind"', b'"kinb"'), whole.replace(b"}", b"]"), b"", whole + b"x",
                    json.dumps({**json.loads(whole), "step": -1}).encode()):  # fmt: skip
        (run.path / "config.json").write_bytes(damaged)
        assert is_run(run.path) and claim(run.path) == "run"
    (run.path / "config.json").write_bytes(b"")
    assert is_run(run.path), "a tokenizer of ours is beside it"
    (run.path / "tokenizer.json").unlink()
    assert not is_run(run.path)
    assert claim(old_format(made(tmp_path / "old")).path) == "run"


def test_a_folder_may_be_begun_in_that_has_only_what_a_killed_creation_leaves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert claim(tmp_path / "missing") == "empty"
    for calls in range(60):
        path = tmp_path / str(calls)
        path.mkdir()
        try:
            with failing_after(monkeypatch, calls, Killed):
                begun(path)
        except Killed:
            assert claim(path) in ("empty", "run")
        else:
            break
        with held(path):
            assert not [name for name in os.listdir(path) if name.startswith(".")]
        assert Run(path).info.step == 0 if claim(path) == "run" else begun(path)
    assert 8 < calls < 59


def test_leftovers_go_when_the_run_is_locked(tmp_path: Path) -> None:
    run = made(tmp_path / "run")
    before = set(tree(run.path))
    ours = [".state.safetensors.ab_1xyz0", ".config.json.0123abcd", "weights-0123456789ab.safetensors", "state.safetensors",
            ".text-0123456789ab.safetensors.0123abcd", "engine/.new-01234567/model.bin"]  # fmt: skip
    others = [".thesis.abcdefgh", "notes.txt", "weights-mine.safetensors", "engine/.new/model.bin", "best.safetensors"]
    for name in (*ours, *others):
        (run.path / name).parent.mkdir(parents=True, exist_ok=True)
        (run.path / name).write_text("x", encoding="utf-8")
    with held(run.path):
        pass
    assert set(tree(run.path)) == before | set(others) | {"lock"}
    clear(run.path)
    assert set(tree(run.path)) == {*others, "lock"}


def test_locking_leaves_nothing_in_a_folder_that_holds_no_run_afterwards(tmp_path: Path) -> None:
    with held(tmp_path / "a" / "b"):
        assert (tmp_path / "a" / "b" / "lock").is_file()
    assert os.listdir(tmp_path) == []
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "x").write_text("x", encoding="utf-8")
    with pytest.raises(ValueError, match="later"), held(tmp_path / "mine"):
        raise ValueError("later")
    assert tree(tmp_path) == {"mine/x": b"x"}
    with held(tmp_path / "run"):
        begun(tmp_path / "run")
    assert Run(tmp_path / "run").info.kind == "language"
    with held(tmp_path / "run"), pytest.raises(CheckpointError, match="another process"), held(tmp_path / "run"):
        pass


def test_no_folder_is_left_where_none_can_be_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    for path in (tmp_path / "file", tmp_path / "file" / "run"):
        with pytest.raises(CheckpointError, match="cannot make the run folder"), held(path):
            pass
    for calls in range(60):
        try:
            with failing_after(monkeypatch, calls, no_space, FILLING):
                begun(tmp_path / "a" / "run")
        except CheckpointError as error:
            assert "No space left" in error.message and tree(tmp_path) == {"file": b"x"} and not (tmp_path / "a").exists()
        else:
            break
    assert calls > 4


def test_a_link_in_a_run_leads_nowhere(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "engine" / ("0" * 16 + "-ct2-1.0")).mkdir(parents=True)
    (outside / "engine" / ("0" * 16 + "-ct2-1.0") / "model.bin").write_bytes(b"x")
    other = made(outside / "other")
    before = tree(outside)
    run = made(tmp_path / "run")
    files = {name: run.file_of(name) for name in ("weights", "markov", "state", "text")}
    for link, target in ((run.path / "metrics.jsonl", other.path / "metrics.jsonl"), (run.path / "lock", outside / "new"),
                         (run.path / "engine", outside / "engine"), (files["weights"], other.file_of("weights"))):  # fmt: skip
        link.unlink(missing_ok=True)
        link.symlink_to(target)
    for use in (run.rows, lambda: run.log({"step": 6}), lambda: run.rewind(3), lambda: run.arrays("weights")):
        with pytest.raises(CheckpointError, match="is a link"):
            use()
    with pytest.raises(CheckpointError, match="lock: is a link"), held(run.path):
        pass
    (run.path / "metrics.jsonl").unlink()
    run.save_arrays("weights", weights_of(run, seed=4))
    run.save_arrays("weights", weights_of(run))
    assert not run.file_of("weights").is_symlink(), "what is saved takes the place of a link"
    clear(run.path)
    assert (run.path / "engine").is_symlink() and tree(outside) == before
    config = run.path / "config.json"
    config.symlink_to(other.path / "config.json")
    assert not is_run(run.path)
    with pytest.raises(CheckpointError, match="is a link"):
        Run(run.path)
    with pytest.raises(CheckpointError, match="not a run"):
        claim(run.path)


def test_the_run_folder_itself_may_be_a_link(tmp_path: Path) -> None:
    made(tmp_path / "run")
    (tmp_path / "link").symlink_to("run")
    run = Run(tmp_path / "link")
    with held(run.path):
        run.update(step=6)
    assert claim(tmp_path / "link") == "run" and Run(tmp_path / "run").info.step == 6


def test_files_that_the_user_names_may_be_links_and_devices(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("old", encoding="utf-8")
    (tmp_path / "link").symlink_to("real")
    write_atomically(tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink() and (tmp_path / "real").read_bytes() == b"new"
    write_atomically(Path("/dev/null"), b"new")
    assert Path("/dev/null").is_char_device()
    with pytest.raises(CheckpointError, match="cannot be written"):
        write_atomically(tmp_path, b"new")
    assert sorted(os.listdir(tmp_path)) == ["link", "real"]
