"""What a training that is started from Python shows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import seqgen
from seqgen.errors import ConfigError
from seqgen.training.progress import Progress

SMALL: dict[str, Any] = {"arch": "markov", "overwrite": True}


def test_nothing_is_shown_unless_asked_for(poem: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    seqgen.train(poem, output=tmp_path / "run", **SMALL)
    assert capfd.readouterr() == ("", "")


def test_true_shows_the_lines_of_the_command(poem: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    seqgen.train(poem, output=tmp_path / "run", progress=True, **SMALL)
    said = capfd.readouterr()
    assert said.out == ""
    assert "learning to write like poem" in said.err and "run is ready" in said.err


def test_a_function_gets_each_report(poem: Path, tmp_path: Path) -> None:
    told: list[Progress] = []
    seqgen.train(poem, output=tmp_path / "run", progress=told.append, **SMALL)
    assert told and all(isinstance(report, Progress) for report in told)
    with pytest.raises(ConfigError, match="expected True, False or a function, found str"):
        seqgen.train(poem, output=tmp_path / "run", progress="yes", **SMALL)  # type: ignore[arg-type]


def test_an_error_of_the_function_ends_the_training(poem: Path, tmp_path: Path) -> None:
    def fail(told: Progress) -> None:
        raise LookupError(told.phase)

    with pytest.raises(LookupError):
        seqgen.train(poem, output=tmp_path / "run", progress=fail, **SMALL)
    seqgen.train(poem, output=tmp_path / "run", **SMALL)  # the folder is free again
