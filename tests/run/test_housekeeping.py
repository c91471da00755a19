"""Removing and renaming: only runs, only their own files, and nothing that somebody trains."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from seqgen.errors import CheckpointError
from seqgen.run import Run, find, held, place_of
from seqgen.run.housekeeping import bytes_of, files_of, freed_by_removing, remove, rename
from seqgen.run.staging import beside
from tests.run.made import begun, made, tree


def test_a_run_is_removed_and_what_is_not_its_own_stays(tmp_path: Path) -> None:
    path = made(tmp_path / "run").path
    (path / "engine" / "0123456789abcdef-ct2-4.6").mkdir(parents=True)
    assert freed_by_removing(path) == bytes_of(path) == sum(size for _, size in files_of(path)) > 1_000
    assert remove(path) == [] and not path.exists()
    path = made(tmp_path / "run").path
    (path / "notes.txt").write_text("mine", encoding="utf-8")
    (path / "weights-mine.safetensors").write_text("mine", encoding="utf-8")
    assert freed_by_removing(path) == bytes_of(path) - 8
    assert remove(path) == ["notes.txt", "weights-mine.safetensors"] == sorted(os.listdir(path))


def test_a_damaged_run_can_be_removed_and_renamed(tmp_path: Path) -> None:
    for name in ("one", "two"):
        config = made(tmp_path / name).path / "config.json"
        config.write_bytes(config.read_bytes()[:300])
    assert rename(tmp_path / "two", "three") == tmp_path / "three" and remove(tmp_path / "three") == []
    assert remove(tmp_path / "one") == [] and os.listdir(tmp_path) == []


@pytest.mark.parametrize("what", ["itself", "its successor"])
def test_a_run_in_training_is_left_alone(what: str, tmp_path: Path) -> None:
    path = made(tmp_path / "run").path
    before = tree(path)
    with held(path if what == "itself" else beside(path)):
        for change in (lambda: remove(path), lambda: rename(path, "other")):
            with pytest.raises(CheckpointError, match="is being trained"):
                change()
    assert {name: content for name, content in tree(path).items() if name != "lock"} == before


def test_a_successor_that_was_begun_goes_with_its_run(tmp_path: Path) -> None:
    path = made(tmp_path / "run").path
    with held(beside(path)):
        begun(beside(path))
    with pytest.raises(CheckpointError, match="is to replace it"):
        rename(path, "other")
    assert remove(path) == [] and os.listdir(tmp_path) == []


def test_what_is_no_run_is_not_touched(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "config.json").write_text('{"format": 1, "mine": true}', encoding="utf-8")
    for change in (lambda: remove(folder), lambda: rename(folder, "other"), lambda: remove(tmp_path)):
        with pytest.raises(CheckpointError, match="not a run"):
            change()
    assert os.listdir(folder) == ["config.json"]


def test_of_a_link_the_link_is_removed_or_renamed(tmp_path: Path) -> None:
    real = made(tmp_path / "elsewhere" / "run").path
    link = tmp_path / "link"
    link.symlink_to(real)
    assert freed_by_removing(link) == 0
    assert rename(link, "other") == tmp_path / "other" and Run(real).info.name == real.name
    assert remove(tmp_path / "other") == [] and not os.path.lexists(tmp_path / "other") and Run(real)


def test_the_recorded_name_follows_and_nothing_is_replaced(tmp_path: Path) -> None:
    path, taken = made(tmp_path / "run").path, made(tmp_path / "taken").path
    for name in ("taken", "run", "a/b", "..", "", "???"):
        with pytest.raises(CheckpointError):
            rename(path, name)
    moved = rename(path, "내 소설 2")
    assert moved.name == Run(moved).info.name == "내-소설-2" and not path.exists() and Run(taken)


def test_the_nearest_name_is_offered_whatever_its_case_or_letters(tmp_path: Path) -> None:
    made(tmp_path / "내-소설-1")
    made(tmp_path / "my.book-2")
    for typed, name in (("내 소셜 1", "내-소설-1"), ("MY BOOK", "my.book-2")):
        with pytest.raises(CheckpointError) as error:
            find(typed, tmp_path)
        assert error.value.hint == f"did you mean {name!r}?"


def test_what_cannot_be_undone_takes_a_name_as_it_is(tmp_path: Path) -> None:
    made(tmp_path / "my-book")
    made(tmp_path / "text")
    assert place_of("my book.txt", tmp_path) == place_of("my-book", tmp_path, exact=True) == tmp_path / "my-book"
    for typed in ("my book.txt", "elsewhere/my-book", "!!!"):
        with pytest.raises(CheckpointError, match="no run"):
            place_of(typed, tmp_path, exact=True)
