"""How a rule with a setting is declared."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from seqgen.decode.ranges import check_number, option_name
from seqgen.decode.rules.base import Rule


class Declared(NamedTuple):
    """A rule with a setting. `off` is the value that changes nothing, and the default; its type is the setting's.

    Values reach from `low` (itself excluded where `above`) to `high`. `draws`: it only shapes what is drawn, the likeliest
    symbol stays the likeliest. `flags` are further names of the option; without `option` there is none in `generate`.
    A row without `make` is a further setting of the rules named in `of`, whose factories take it under the row's name.
    `sampler` is what --samplers calls the rule, nothing where its place is fixed; `random`: its factory takes a generator.
    `group`: under which of the groups of --help the option stands.
    """

    name: str
    make: Callable[..., Rule] | None
    off: float
    low: float
    high: float
    help: str
    above: bool = False
    draws: bool = False
    flags: tuple[str, ...] = ()
    option: bool = True
    hint: str | None = None
    of: tuple[str, ...] = ()
    sampler: str = ""
    random: bool = False
    group: str = "common"

    def check(self, value: Any) -> None:
        """Raise ConfigError for a value that this setting cannot have."""
        kind = int if isinstance(self.off, int) else float
        check_number(self.name, value, kind, self.low, self.high, above=self.above, hint=self.hint)

    @property
    def option_name(self) -> str:
        """As it is written on the command line."""
        return option_name(self.name)
