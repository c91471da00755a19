"""Subjects: what fits can be looked at, and what does not is refused."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from seqgen.commands.explain import EXPLAINED
from seqgen.errors import CheckpointError, CorpusError
from seqgen.explain.attention import View
from seqgen.explain.exhibits import context
from seqgen.explain.exhibits.recurrent import gates, gradients, state
from seqgen.explain.exhibits.transformer import attention, layers, positions
from seqgen.explain.exhibits.transformer.text import see_text
from seqgen.explain.subjects import SUBJECTS
from seqgen.run import Run
from tests.conftest import ROOT, Seqgen


def unheard(_: object) -> None:
    """Nobody listens."""


def see_attention(run: Run) -> Any:
    """As the command: a text is read by a model that writes, a pair by one that translates."""
    if run.info.kind == "language":
        return see_text(run, "The rain", view=View(), word=None, pieces=False)
    return attention.see(run, "a", target="b", view=View(), word=None, pieces=False, note=unheard)


LOOKS: dict[str, Callable[[Run], Any]] = {
    "gates": lambda run: gates.see(run, "The", unheard, unheard),
    "state": lambda run: state.see(run, "The", unheard, unheard),
    "context": lambda run: context.see(run, "The", unheard),
    "attention": see_attention,
    "layers": lambda run: layers.see(run, "a b", ("a", "b"), 1),
    "positions": positions.see_encoding,
    "gradients": gradients.kept_text,
}


@pytest.mark.parametrize(
    ("model", "fitting"),
    [
        ("markov", {"context", "gradients"}),
        ("lstm", {"state", "gates", "context", "gradients"}),
        ("hybrid", {"state", "gates", "context", "gradients"}),
        ("writer", {"attention", "positions", "context", "gradients"}),
        ("tiny-english-rnn", {"state", "context"}),
        ("tiny-english-gru", {"state", "gates", "context"}),
        ("tiny-english-french", {"attention", "layers", "positions"}),
    ],
)
def test_what_fits_can_be_looked_at(model: str, fitting: set[str], runs: Path, writer: Path) -> None:
    folders = (runs / model, writer, ROOT / "checkpoints" / model)
    run = Run(next(folder for folder in folders if folder.name == model and folder.is_dir()))
    assert {name for name, subject in SUBJECTS.items() if subject.fits(run.info)} == fitting
    assert all(SUBJECTS[name].kind in (None, run.info.kind) for name in fitting)
    for name, look in LOOKS.items():
        if name in fitting:
            look(run)
        else:
            with pytest.raises((CheckpointError, CorpusError)):
                look(run)


def test_each_look_has_its_subject() -> None:
    """Surprise is of whatever its input asks for, memory and shapes of nothing."""
    assert set(SUBJECTS) == set(LOOKS) == set(EXPLAINED) - {"surprise", "memory", "shapes"}
    assert all(subject.wants.startswith("a") for subject in SUBJECTS.values())


@pytest.mark.parametrize(("look", "wanted"), [("gates", "needs an LSTM"), ("attention", "needs a Transformer")])
def test_without_a_run_that_fits_it_is_said_what_is_needed(
    look: str, wanted: str, runs: Path, tmp_path: Path, seqgen: Seqgen
) -> None:
    (tmp_path / "markov").symlink_to(runs / "markov")
    done = seqgen("explain", look, "The", "--runs-dir", tmp_path)
    assert done.returncode == 1 and wanted in done.stderr and len(done.stderr.splitlines()) == 2 and not done.stdout


def test_the_last_run_that_fits_is_taken(runs: Path, tmp_path: Path, seqgen: Seqgen) -> None:
    """Whatever has finished since then."""
    for name in ("lstm", "markov"):
        shutil.copytree(runs / name, tmp_path / name)
    done = seqgen("explain", "gates", "The", "--runs-dir", tmp_path)
    assert done.returncode == 0 and done.stderr.startswith(f"model: {tmp_path / 'lstm'} ")
    file = tmp_path / "markov" / "config.json"
    content = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps(content | {"finished": "2999-01-01T00:00:00+00:00"}), encoding="utf-8")
    done = seqgen("explain", "gates", "The", "--runs-dir", tmp_path)
    assert done.returncode == 0 and done.stderr.startswith(f"model: {tmp_path / 'lstm'} ")
    done = seqgen("explain", "context", "The", "--runs-dir", tmp_path)
    assert done.returncode == 0 and done.stderr.startswith(f"model: {tmp_path / 'markov'} ")
