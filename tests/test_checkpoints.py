"""The tiny runs that lie in the repository: a fresh clone writes and translates with them at once."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from seqgen.run import Run
from tests.conftest import ROOT, Seqgen

RUNS = {
    "tiny-english": "language",
    "tiny-english-rnn": "language",
    "tiny-english-gru": "language",
    "tiny-english-french": "translation",
}


@pytest.mark.parametrize("name", RUNS)
def test_a_run_is_whole_and_small(name: str) -> None:
    run = Run(ROOT / "checkpoints" / name)
    assert run.info.kind == RUNS[name] and run.info.finished and run.info.scores and run.info.name == name
    files = [path for path in run.path.rglob("*") if path.is_file() and "engine" not in path.parts]
    assert sum(path.stat().st_size for path in files) < 12_000_000
    # What training needs to go on is many times larger than the model, and of no use here.
    assert not run.has("state") and not run.has("text")


def test_it_translates(seqgen: Seqgen, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "checkpoints" / "tiny-english-french", tmp_path / "run", ignore=shutil.ignore_patterns("engine"))
    done = seqgen("translate", "--runs-dir", tmp_path, stdin="The old sailor sees 3 boats.\n\nThe cat sleeps.\n")
    assert done.returncode == 0
    assert done.stdout.splitlines() == ["Le vieux marin voit 3 bateaux.", "", "Le chat dort."]


def test_those_to_look_into_are_smaller_and_not_taken_first() -> None:
    """Without -m, the last one that finished writes: the best of them."""
    for name in ("tiny-english-rnn", "tiny-english-gru"):
        assert sum(path.stat().st_size for path in (ROOT / "checkpoints" / name).iterdir() if path.name != "lock") < 300_000
    finished = {name: str(Run(ROOT / "checkpoints" / name).info.finished) for name, kind in RUNS.items() if kind == "language"}
    assert max(finished, key=lambda name: finished[name]) == "tiny-english"


def test_it_writes(seqgen: Seqgen) -> None:
    done = seqgen("generate", "-m", ROOT / "checkpoints" / "tiny-english", "-n", 300, "--seed", 1)
    assert done.returncode == 0 and len(done.stdout) == 301 and done.stdout.count("\n") > 3
