"""Subjects: what fits can be looked at, and what does not is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from seqgen.commands.explain import EXPLAINED
from seqgen.errors import CheckpointError, CorpusError
from seqgen.explain.attention import View
from seqgen.explain.exhibits import attention, context, gates, gradients, positions
from seqgen.explain.subjects import SUBJECTS
from seqgen.run import Run
from tests.conftest import ROOT


def unheard(_: object) -> None:
    """Nobody listens."""


LOOKS: dict[str, Callable[[Run], Any]] = {
    "gates": lambda run: gates.see(run, "The", unheard, unheard),
    "context": lambda run: context.see(run, "The", unheard),
    "attention": lambda run: attention.see(run, "a", target="b", view=View(), word=None, pieces=False, note=unheard),
    "positions": positions.see_encoding,
    "gradients": gradients.kept_text,
}


@pytest.mark.parametrize(
    ("model", "fitting"),
    [
        ("markov", {"context", "gradients"}),
        ("lstm", {"gates", "gradients"}),
        ("hybrid", {"gates", "context", "gradients"}),
        ("tiny-english-french", {"attention", "positions"}),
    ],
)
def test_what_fits_can_be_looked_at(model: str, fitting: set[str], runs: Path) -> None:
    run = Run(runs / model if (runs / model).is_dir() else ROOT / "checkpoints" / model)
    assert {name for name, subject in SUBJECTS.items() if subject.fits(run.info)} == fitting
    assert all(SUBJECTS[name].kind == run.info.kind for name in fitting)
    for name, look in LOOKS.items():
        if name in fitting:
            look(run)
        else:
            with pytest.raises((CheckpointError, CorpusError)):
                look(run)


def test_each_look_has_its_subject() -> None:
    """Surprise is of whatever its input asks for, memory of nothing."""
    assert set(SUBJECTS) == set(LOOKS) == set(EXPLAINED) - {"surprise", "memory"}
    assert all(subject.wants.startswith("a") for subject in SUBJECTS.values())
