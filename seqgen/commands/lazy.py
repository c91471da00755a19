"""A group of commands that are imported on use, so that help and usage errors load nothing."""

from __future__ import annotations

import importlib
import os
from collections.abc import Mapping
from typing import Any

import click


class LazyGroup(click.Group):
    """A group made of a table: name -> (module, one-line help). The line is in the table so that help needs no import."""

    def __init__(self, *args: Any, table: Mapping[str, tuple[str, str]], for_files: str | None = None, **kwargs: Any) -> None:
        """`for_files` is the command to suggest to somebody who names a file alone."""
        super().__init__(*args, **kwargs)
        self.table, self.for_files = table, for_files

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order in which a user meets them."""
        return list(self.table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command."""
        if cmd_name not in self.table:
            return None
        command: click.Command = importlib.import_module(self.table[cmd_name][0]).command
        if ctx.resilient_parsing:  # a shell asks for completions
            from seqgen.commands.completing import completed

            return completed(command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in self.table.items()])

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """`help NAME` is `NAME --help`, `help NAME --all` is `NAME --help-all` where there is that; for an option given before
        the command's name, the error says where it belongs."""
        if args[:1] == ["help"]:
            args = self._asked(ctx, args)
        given = list(args)
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            at = next((place for place, word in enumerate(given) if word in self.table), None)
            if at is None:
                ctx.fail(f"{error.format_message()} The command comes first: {', '.join(self.table)}")
            words = [given[at], *given[:at], *given[at + 1 :]]
            ctx.fail(f"{error.option_name} comes before the command; it belongs after it: {_command_line(ctx, words)}")

    def _asked(self, ctx: click.Context, args: list[str]) -> list[str]:
        """`help ...` as an option of what it is asked about."""
        words = [word for word in args if word not in ("help", "--all")]
        command = self.get_command(ctx, words[0]) if "--all" in args and words else None
        has_all = command is not None and any("--help-all" in parameter.opts for parameter in command.params)
        return [*words, "--help-all" if has_all else "--help"]

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        """Find a command; where there is none of that name, suggest one."""
        if args and args[0] not in self.table and not args[0].startswith("-") and not ctx.resilient_parsing:
            ctx.fail(f"no command {args[0]!r}; {self._meant(ctx, args)}")
        return super().resolve_command(ctx, args)

    def _meant(self, ctx: click.Context, args: list[str]) -> str:
        """What somebody may have meant by words that do not begin with a command."""
        import difflib

        words = args[0].split()
        if len(words) > 1 and words[0] in self.table:
            return f"leave the quotes out: {_command_line(ctx, [*words, *args[1:]])}"
        if close := difflib.get_close_matches(args[0].lower(), self.table, n=1):
            return f"did you mean {close[0]!r}?"
        if self.for_files and os.path.exists(os.path.expanduser(args[0])):
            return f"to use a file, name a command first: {_command_line(ctx, [self.for_files, *args])}"
        return f"the commands are {', '.join(self.table)}"


def _command_line(ctx: click.Context, words: list[str]) -> str:
    """A command line as it is typed."""
    import shlex

    return f"{ctx.command_path} {shlex.join(words)}"
