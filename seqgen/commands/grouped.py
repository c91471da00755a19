"""Options in groups: --help shows the common ones, --help-all all; each option declares its group."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

COMMON = "common"
# Groups of options that are no settings of training.
WRITING = ("sampling", "repetition", "copies")
_EVERYTHING = "seqgen.help_all"


class OneName(click.Option):
    """An option that is an error under two of its names at once, as -n 5 --length 10: click takes the last one silently.

    The same name given twice is replaced, as everywhere: an alias of the shell may hold the first.
    """

    def add_to_parser(self, parser: Any, ctx: click.Context) -> None:
        """A place of its own for what is given under each name."""
        if self.is_flag or self.multiple or self.count or len(self.opts) < 2:
            super().add_to_parser(parser, ctx)
            return
        for name in self.opts:
            parser.add_option(obj=self, opts=[name], dest=self._place(name), action="store", nargs=self.nargs)

    def consume_value(self, ctx: click.Context, opts: Any) -> tuple[Any, Any]:
        """The value under the one name. Raises UsageError where there are two."""
        given = [name for name in self.opts if self._place(name) in opts]
        if len(given) > 1 and not ctx.resilient_parsing:
            raise click.UsageError(f"{given[0]} and {given[1]} mean the same: give one", ctx)
        return super().consume_value(ctx, {**opts, self.name: opts[self._place(given[0])]} if given else opts)

    def _place(self, name: str) -> str:
        return f"{self.name} {name}"


class Grouped(OneName):
    """An option of a group; commands without groups show it like any other."""

    def __init__(self, *arguments: Any, group: str = COMMON, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.group = group


class GroupedCommand(click.Command):
    """A command whose --help shows only the options of the common group, those of no group among them."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The common options, and under --help-all the others, a section for each group."""
        groups: dict[str, list[tuple[str, str]]] = {COMMON: []}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx) if isinstance(parameter, click.Option) else None
            if record is not None:
                groups.setdefault(parameter.group if isinstance(parameter, Grouped) else COMMON, []).append(record)
        common = groups.pop(COMMON)
        with formatter.section("Options"):
            formatter.write_dl(common)
        if ctx.meta.get(_EVERYTHING):
            for name in self._ordered(groups):
                with formatter.section(f"{name.capitalize()} options"):
                    formatter.write_dl(groups[name])
            return
        formatter.write_paragraph()
        others = ", ".join(self._ordered(groups))
        number = sum(map(len, groups.values()))
        formatter.write_text(f"{ctx.command_path} --help-all shows {number} more options: {others}.")

    @staticmethod
    def _ordered(groups: dict[str, list[tuple[str, str]]]) -> list[str]:
        from seqgen.config import GROUPS

        return sorted(groups, key=[*WRITING, *GROUPS].index)


def help_all_option(function: F) -> F:
    """--help-all."""

    def show(context: click.Context, _option: click.Parameter, value: bool) -> None:
        if value and not context.resilient_parsing:
            context.meta[_EVERYTHING] = True
            click.echo(context.get_help(), color=context.color)
            context.exit()

    return click.option("--help-all", is_flag=True, is_eager=True, expose_value=False, callback=show,
                        help="Show all options, in groups, and exit.")(function)  # fmt: skip
