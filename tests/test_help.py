"""Help in groups: what --help leaves out, --help-all has; and `help COMMAND`."""

from __future__ import annotations

import re

import pytest

from seqgen.cli import main
from seqgen.commands.grouped import COMMON, Grouped
from seqgen.commands.train import command
from seqgen.config import GROUPS, OPTIONS


def said(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    with pytest.raises(SystemExit) as end:
        main(words)
    assert end.value.code == 0
    return capsys.readouterr().out


def test_common_options_come_alone_and_all_come_in_groups(capsys: pytest.CaptureFixture[str]) -> None:
    short, full = said(capsys, "train", "--help"), said(capsys, "train", "--help-all")
    sections = re.findall(r"^(\w+ options|Options):$", full, re.MULTILINE)
    assert sections == ["Options", *(f"{name.capitalize()} options" for name in GROUPS[1:])]
    hidden = [parameter for parameter in command.params if isinstance(parameter, Grouped) and parameter.group != COMMON]
    assert all(not re.search(rf"{parameter.opts[0]}\b(?!-)", short.partition("\nOptions:")[2]) for parameter in hidden)
    assert all(f"--{name.replace('_', '-')}" in full for name in OPTIONS)
    assert f"train --help-all shows {len(hidden)} more options: data, model, optimiser, output." in short.replace("\n", " ")
    assert short.count("\n") < 50 and full.startswith(short.partition("\nseqgen train")[0])


def test_each_group_that_is_declared_is_known() -> None:
    assert {declared.group for declared in OPTIONS.values()} == set(GROUPS)


@pytest.mark.parametrize("words", [(), ("train",), ("explain",), ("explain", "gates"), ("runs",)], ids=" ".join)
def test_help_is_a_command_too(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, "help", *words) == said(capsys, *words, "--help")
    assert said(capsys, *words[:-1], "help", *words[-1:]) == said(capsys, *words, "--help")
