"""The converted model in a run's folder: rebuilt where it is damaged, never written or removed anywhere else."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from seqgen.families.transformer import TRANSFORMER
from seqgen.infer import cache
from seqgen.infer.ct2 import Files
from seqgen.lock import folder_held
from seqgen.run import Run
from tests.conftest import ROOT
from tests.run.made import tree


def converted(run: Run) -> Files:
    return cache.converted(run, TRANSFORMER.shape(run.info.config, run.info.vocab_size))


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """A run of today's format without a converted model."""
    path = tmp_path / "run"
    shutil.copytree(ROOT / "checkpoints" / "tiny-english-french", path, ignore=shutil.ignore_patterns("engine", "lock"))
    run = Run(path)
    run.save_arrays("weights", *run.arrays_and_notes("weights"))
    return run


@pytest.fixture
def conversions(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Grows by one with each conversion."""
    made: list[int] = []

    def counted(*arguments: object, original: Callable[..., Files] = cache.convert) -> Files:
        made.append(1)
        return original(*arguments)

    monkeypatch.setattr(cache, "convert", counted)
    return made


def test_a_damaged_model_is_rebuilt_and_not_used(run: Run, conversions: list[int]) -> None:
    whole = converted(run)
    assert converted(run) == whole and len(conversions) == 1
    (place,) = (run.path / "engine").iterdir()
    kept = tree(place)
    assert place.name.startswith(run.info.files["weights"]) and set(kept) == {*whole, "manifest.json"}
    for name, content in kept.items():
        for damaged in (content[:-3], content[:60] + bytes([content[60] ^ 1]) + content[61:], b"", None):
            (place / name).unlink()
            if damaged is not None:
                (place / name).write_bytes(damaged)
            before = len(conversions)
            assert converted(run) == whole and len(conversions) == before + 1 and tree(place) == kept
    (place / "model.bin").unlink()
    (place / "model.bin").symlink_to("/dev/zero")
    assert converted(run) == whole and tree(place) == kept and os.listdir(place.parent) == [place.name]


def test_only_models_of_other_weights_go(run: Run) -> None:
    for name in ("0123456789abcdef-ct2-4.0.0/model.bin", "mine/model.bin", "notes.txt", "0123456789abcdef/x"):
        (run.path / "engine" / name).parent.mkdir(parents=True, exist_ok=True)
        (run.path / "engine" / name).write_text("x", encoding="utf-8")
    (run.path / "engine" / "fedcba9876543210-ct2-4.0.0").symlink_to("mine")
    converted(run)
    left = {path.name for path in (run.path / "engine").iterdir()}
    assert {"mine", "notes.txt", "0123456789abcdef"} <= left and "0123456789abcdef-ct2-4.0.0" not in left
    assert len(left) == 5 and (run.path / "engine" / "fedcba9876543210-ct2-4.0.0").is_symlink()
    assert (run.path / "engine" / "mine" / "model.bin").read_text(encoding="utf-8") == "x"


@pytest.mark.parametrize("what", ["a link", "a link to a model", "a file", "read-only"])
def test_where_nothing_can_be_kept_it_is_converted_in_memory(what: str, run: Run, conversions: list[int]) -> None:
    outside = run.path.parent / "outside"
    outside.mkdir()
    (outside / "mine").write_text("x", encoding="utf-8")
    if what == "a link to a model":
        converted(run)
        (run.path / "engine").rename(outside / "engine")
    before = tree(outside)
    if what.startswith("a link"):
        (run.path / "engine").symlink_to(outside / "engine" if what.endswith("model") else outside)
    elif what == "a file":
        (run.path / "engine").write_text("in the way", encoding="utf-8")
    elif os.geteuid() == 0:
        pytest.skip("nothing is read-only to the superuser")
    else:
        run.path.chmod(0o555)
    count = len(conversions)
    assert converted(run) == converted(run) and len(conversions) == count + 2 and tree(outside) == before


def test_a_run_of_version_0_3_is_converted_once_too(conversions: list[int], tmp_path: Path) -> None:
    path = tmp_path / "run"
    shutil.copytree(ROOT / "checkpoints" / "tiny-english-french", path, ignore=shutil.ignore_patterns("engine", "lock"))
    assert converted(Run(path)) == converted(Run(path)) and len(conversions) == 1


def test_what_a_killed_conversion_left_goes_and_what_is_being_written_stays(run: Run) -> None:
    converted(run)
    abandoned, written = run.path / "engine/.new-0123abcd", run.path / "engine/.new-4567abcd"
    for folder in (abandoned, written):
        folder.mkdir()
        (folder / "model.bin").write_bytes(b"half")
    with folder_held(written) as is_held:
        assert is_held
        converted(run)
        assert not abandoned.exists() and written.exists()
    converted(run)
    assert not written.exists()
