"""What is new goes in through a table: a family and a command that seqgen does not have work without touching anything else.

A sampling rule and a format have tests of this kind of their own, in tests/decode and tests/formats.
"""

from __future__ import annotations

import math
import sys
from pathlib import Path
from types import ModuleType

import click
import pytest

from seqgen import cli as command_line
from seqgen.cli import main
from seqgen.families import FAMILIES
from seqgen.run import Run
from seqgen.tokenizers import TOKENIZERS


def run(*arguments: object) -> int:
    """The command line in this process."""
    with pytest.raises(SystemExit) as ended:
        main([str(argument) for argument in arguments])
    return int(ended.value.code or 0)


@pytest.fixture
def lookup(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two families more, a row each. What has been loaded of the command line has to be made anew to see them."""
    monkeypatch.setitem(FAMILIES, ("language", "lookup"), "tests.fake_family:LOOKUP")
    monkeypatch.setitem(FAMILIES, ("language", "lookup-counted"), "tests.fake_family:LOOKUP_COUNTED")
    monkeypatch.delitem(sys.modules, "seqgen.commands.train", raising=False)
    monkeypatch.setattr("seqgen.training.budget.process_age", lambda: 0.0)


@pytest.mark.parametrize("arch", ["lookup", "lookup-counted"])
def test_a_family_is_a_file_and_a_row(
    arch: str, lookup: None, poem: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "run"
    assert run("train", poem, "--arch", arch, "-o", path, "--steps", 200) == 0
    said = capsys.readouterr().err
    assert "plan: lookup of 16" in said and "stopped" not in said
    made = Run(path)
    losses = [row["network_approximate"] for row in made.rows()]
    assert losses[-1] < losses[0] and made.info.config.arch == arch
    assert run("train", poem, "-o", path, "--steps", 230) == 0 and Run(path).info.step == 230
    assert run("generate", "-m", path, "-n", 40, "--seed", 1, "-p", "The ") == 0
    assert len(capsys.readouterr().out) == 45
    assert run("evaluate", "-m", path, poem) == 0
    bits = float(capsys.readouterr().out.split("\n")[1].split()[0])
    assert 0 < bits < math.log2(len(Run(path).tokenizer()))
    assert run("runs", "--runs-dir", tmp_path) == 0 and arch in capsys.readouterr().out
    assert run("train", poem, "--arch", arch, "--heads", 2, "-o", tmp_path / "b") == 1
    assert "--heads belongs to --arch" in capsys.readouterr().err


def test_a_family_is_planned_by_the_clock_and_in_the_help(
    lookup: None, poem: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("train", "--help") == 0 and "|lookup|lookup-counted" in capsys.readouterr().out.replace("\n", "").replace(
        " ", ""
    )
    assert run("train", poem, "--arch", "lookup", "-o", tmp_path / "run", "--minutes", 0.05) == 0
    config = Run(tmp_path / "run").info.config
    assert config.hidden in (4, 8, 16) and config.set_by["hidden"] == "plan"


def test_a_command_is_a_file_and_a_row(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    @click.command("count", help="Count.")
    @click.pass_obj
    def command(console, /) -> None:  # type: ignore[no-untyped-def]
        console.write("1 2 3\n")

    module = ModuleType("seqgen.commands.count")
    module.command = command  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "seqgen.commands.count", module)
    monkeypatch.setitem(command_line.COMMANDS, "count", ("seqgen.commands.count", "Count."))
    assert run("count") == 0 and capsys.readouterr().out == "1 2 3\n"
    assert run("--help") == 0 and "count" in capsys.readouterr().out


def test_the_choices_of_the_command_line_are_those_of_the_tables() -> None:
    from seqgen.config import OPTIONS

    assert OPTIONS["tokenizer"].choices == tuple(TOKENIZERS)
