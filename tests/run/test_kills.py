"""Killed at any call to the system, or out of space from it on: a run is as it was before a save, or as it is after it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from seqgen.errors import CheckpointError
from seqgen.run import Run, find, held
from seqgen.run.staging import beside, publish, settled
from tests.run.made import FILLING, KILLING, Killed, begun, failing_after, made, no_space, tree, weights_of


def content(run: Run) -> Any:
    """What a run says of itself, whole and checked."""
    arrays = {name: run.arrays_and_notes(name) for name in ("weights", "state", "markov", "text") if run.has(name)}
    run.tokenizer()
    return run.info.step, {name: (notes, {k: a.tobytes() for k, a in found.items()}) for name, (found, notes) in arrays.items()}


def saved(run: Run, step: int) -> None:
    weights = weights_of(run, seed=step)
    state = {f"best.{name}": array for name, array in weights.items()} | {"weights.x": np.full(3, step, dtype=np.float32)}
    run.commit({"state": (state, {"step_count": step}), "weights": (weights, {"step": step})}, step=step)


@pytest.mark.parametrize(("error", "names"), [(Killed, KILLING), (no_space, FILLING)], ids=["killed", "full"])
def test_a_save_is_whole_or_was_not(
    error: Any, names: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(tmp_path / "new")
    saved(Run(tmp_path / "new"), 6)
    after, files = content(Run(tmp_path / "new")), set(tree(tmp_path / "new"))
    made(tmp_path / "run")
    before = content(Run(tmp_path / "run"))
    ends = []
    for calls in range(100):
        run = Run(tmp_path / "run")
        try:
            with failing_after(monkeypatch, calls, error, names):
                saved(run, 6)
            done = True
        except (Killed, CheckpointError):
            done = False
        found = content(Run(run.path))
        ends.append(found)
        assert found in (before, after)
        if error is no_space:
            assert content(run) == found, "what the object believes is what the disk says"
            assert not [name for name in tree(run.path) if name.startswith(".")]
        if done:
            break
        if found == after:
            # The next one begins where this one did.
            run = Run(run.path)
            run.commit({"state": before_state(tmp_path), "weights": before_weights(tmp_path)}, step=5)
            assert content(Run(run.path)) == before
    assert calls > 8 and before in ends and ends[-1] == after
    with held(tmp_path / "run"):
        pass
    assert set(tree(tmp_path / "run")) == files | {"lock"}, "nothing is left over"


def before_state(folder: Path) -> tuple[Any, Any]:
    return made(folder / "a").arrays_and_notes("state")


def before_weights(folder: Path) -> tuple[Any, Any]:
    return Run(folder / "a").arrays_and_notes("weights")


def test_what_has_not_changed_is_not_written_again(tmp_path: Path) -> None:
    run = made(tmp_path / "run")
    old = run.file_of("weights").stat().st_mtime_ns, run.file_of("weights").stat().st_ino
    run.save_arrays("weights", *run.arrays_and_notes("weights"))
    assert (run.file_of("weights").stat().st_mtime_ns, run.file_of("weights").stat().st_ino) == old
    other = made(tmp_path / "other")
    assert other.info.files == run.info.files, "the same content has the same name"


def test_publishing_leaves_an_old_or_a_new_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ends = set()
    made(tmp_path / "old", step=5)
    made(tmp_path / "new", step=7)
    for calls in range(100):
        folder = tmp_path / str(calls)
        path = folder / "run"
        shutil.copytree(tmp_path / "old", path)
        (path / "notes.txt").write_text("mine", encoding="utf-8")
        shutil.copytree(tmp_path / "new", beside(path))
        try:
            with failing_after(monkeypatch, calls, Killed):
                publish(path)
            done = True
        except Killed:
            done = False
        run = find("run", folder)
        ends.add(run.info.step)
        content(run)
        assert "mine" in [Path(folder, name).read_text(encoding="utf-8") for name in tree(folder) if "notes.txt" in name]
        if run.info.step == 7:
            settled(path)
            assert os.listdir(folder) == ["run"] and (path / "notes.txt").is_file()
        else:
            publish(path)
            assert find("run", folder).info.step == 7 and os.listdir(folder) == ["run"]
        assert not (path / ".replaced").exists()
        if done:
            break
    assert ends == {5, 7} and calls > 10


def test_an_old_run_is_not_replaced_by_half_a_new_one(tmp_path: Path) -> None:
    path = tmp_path / "run"
    made(path)
    begun(beside(path))
    assert settled(path) == path and find("run", tmp_path).info.step == 5 and beside(path).is_dir()
