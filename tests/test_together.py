"""Options that exclude or need each other: every row of the table, met by command lines made from the table itself."""

from __future__ import annotations

import click
import pytest

from seqgen.cli import cli
from seqgen.commands.together import EXCLUDES, GOES_WITH, NEEDS, TABLE, Together, violations

ROWS = [(name, row) for row in TABLE for name in row.commands.split()]


def command_named(name: str) -> tuple[click.Command, click.Context]:
    """A command or a look of `explain`, and the group's settings."""
    context = cli.make_context("seqgen", ["x"], resilient_parsing=True)
    found = cli.get_command(context, name)
    if found is None:
        group = cli.get_command(context, "explain")
        assert isinstance(group, click.Group)
        found = group.get_command(context, name)
    assert found is not None, name
    return found, context


def words(command: click.Command, condition: str) -> list[str]:
    """What to write so that a condition of the table holds."""
    name, _, value = condition.partition("=")
    parameter = next(parameter for parameter in command.params if parameter.name == name.removesuffix("!"))
    if name.endswith("!"):
        value = str(int(value) + 1)
    if isinstance(parameter, click.Argument):
        return ["word"]
    assert isinstance(parameter, click.Option)
    if parameter.is_flag:
        return [parameter.opts[0]]
    if isinstance(parameter.type, click.Choice):
        value = value or next(iter(parameter.type.choices))
    number = "7" if parameter.type.name in ("integer", "float", "integer range", "float range") else "x"
    return [parameter.opts[-1], value or number]


def said(command: click.Command, parent: click.Context, arguments: list[str]) -> list[str]:
    """What is violated, on a command line with whatever the command cannot do without."""
    needed = ["word" for parameter in command.params if isinstance(parameter, click.Argument) and parameter.required]
    return list(violations(command.make_context(command.name, [*needed, *arguments], parent=parent)))


@pytest.mark.parametrize(("name", "row"), ROWS, ids=[f"{name} {row.option} {row.other}" for name, row in ROWS])
def test_each_row_is_held(name: str, row: Together, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seqgen.threads.limit_threads", lambda count: None)
    command, parent = command_named(name)
    one, two = words(command, row.option), words(command, row.other)
    wrong, right = {EXCLUDES: ([one + two], [one, two]), NEEDS: ([one], [one + two, two]),
                    GOES_WITH: ([one, two], [one + two])}[row.relation]  # fmt: skip
    how = {EXCLUDES: "exclude each other: ", NEEDS: "add that, or leave ", GOES_WITH: "go together: "}[row.relation]
    for arguments in wrong:
        assert any(how in text and row.hint in text for text in said(command, parent, arguments)), arguments
        for other in row.unless:
            assert not any(row.hint in text for text in said(command, parent, arguments + words(command, other)))
    for arguments in right:
        assert not said(command, parent, arguments) or row.hint not in said(command, parent, arguments)[0]


def test_only_what_is_written_on_the_command_line_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEQGEN_RUNS", "somewhere")
    monkeypatch.setattr("seqgen.threads.limit_threads", lambda count: None)
    command, parent = command_named("train")
    assert said(command, parent, ["a.txt", "-o", "run"]) == said(command, parent, ["--src", "a", "--tgt", "b"]) == []
    (text,) = said(command, parent, ["a.txt", "-o", "run", "--runs-dir", "x"])
    assert text.startswith("--runs-dir and --output exclude each other")


def test_every_command_checks_before_it_does_anything() -> None:
    """Through the decorator that all commands have: no corpus and no model is there to be opened."""
    for arguments in (
        ["train", "none.txt", "--valid", "none", "--valid-frac", "0.1"],
        ["translate", "--sample", "-b", "3"],
        ["evaluate", "--src", "none"],
        ["score", "--columns", "1,2", "--src", "none", "--tgt", "none"],
        ["generate", "-n", "-1", "--json"],
        ["explain", "positions", "--seed", "1"],
        ["report", "--target", "x"],
    ):
        with pytest.raises(click.UsageError) as caught:
            cli.main(arguments, prog_name="seqgen", standalone_mode=False, obj=None)
        assert caught.value.exit_code == 2 and caught.value.ctx is not None
