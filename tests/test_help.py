"""Help in groups: what --help leaves out, --help-all has; and `help COMMAND`."""

from __future__ import annotations

import re
import shlex
from typing import cast

import click
import pytest

from seqgen.cli import COMMANDS, cli, main
from seqgen.commands.explain import EXPLAINED
from seqgen.commands.grouped import COMMON, Grouped
from seqgen.commands.lazy import LazyGroup
from seqgen.commands.together import violations
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


def test_help_with_all_is_help_all_where_there_is_that(capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, "help", "train", "--all") == said(capsys, "train", "--help-all")
    assert said(capsys, "help", "runs", "--all") == said(capsys, "runs", "--help")


@pytest.mark.parametrize("words", [["help", "trian"], ["help", "explain", "gatse"]], ids=" ".join)
def test_help_on_an_unknown_name_suggests_one(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(words)
    assert end.value.code == 2
    assert "did you mean" in capsys.readouterr().err


ALL = [*((name,) for name in COMMANDS), *(("explain", name) for name in EXPLAINED)]


@pytest.mark.parametrize("words", ALL, ids=" ".join)
def test_examples_in_help_are_command_lines_that_parse(words: tuple[str, ...]) -> None:
    """All names, values and their combinations are right; what they do is tried elsewhere."""
    text = cli.get_command(click.Context(cli), words[0])
    if len(words) == 2:
        text = cast(LazyGroup, text).get_command(click.Context(cli), words[1])
    assert text is not None and text.help is not None
    examples = re.findall(r"^  (?:.*\| )?seqgen (.*)$", text.help, re.MULTILINE)
    assert examples
    for example in examples:
        # Without what is the shell's, and without the remark.
        line = shlex.split(re.sub(r" [<>]+ \S+", "", re.split(r" \||\s{3,}", example)[0]))
        context, command = click.Context(cli, info_name="seqgen"), cast(click.Command, cli)
        while isinstance(command, click.Group):
            found = command.get_command(context, line[0])
            assert found is not None, example
            command, line = found, line[1:]
        with command.make_context(command.name, line, parent=context) as made:
            assert not list(violations(made)), example


@pytest.mark.parametrize(
    "given", [["-n", "5", "--length", "9"], ["--length=5", "--max_new_tokens", "5"], ["-m", "a", "--model=b"]]
)
def test_an_option_under_two_of_its_names_is_an_error(given: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["generate", *given])
    assert end.value.code == 2
    assert "mean the same: give one" in capsys.readouterr().err


def test_an_option_given_twice_under_one_name_takes_the_last() -> None:
    command = cli.get_command(click.Context(cli), "generate")
    assert command is not None
    assert command.make_context("generate", ["-n", "5", "-n", "7"]).params["length"] == 7
    assert command.make_context("generate", ["--max-new-tokens", "7"]).params["length"] == 7
    assert command.make_context("generate", []).params["length"] == 500
