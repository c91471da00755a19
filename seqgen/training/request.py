"""What a user asks for when he trains."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from seqgen.errors import ConfigError
from seqgen.formats.blocks import Begun
from seqgen.formats.names import STDIN, label


@dataclass(frozen=True)
class Request:
    """What a user asks for. `inputs` and `valid` are files, folders or "-"; `options` the fields of Config that were given;
    `sides` are a file of sources and one of targets instead of inputs, `valid_sides` likewise; `init_from` is the
    folder of a run to begin with; `age` is seconds since the
    process started; `begun` are streams that were looked into to see what they hold.

    Raises ConfigError where stdin is named twice."""

    inputs: tuple[str, ...]
    path: Path
    options: Mapping[str, Any] = field(default_factory=dict)
    valid: tuple[str, ...] = ()
    sides: tuple[str, str] | None = None
    valid_sides: tuple[str, str] | None = None
    init_from: Path | None = None
    overwrite: bool = False
    dry_run: bool = False
    age: float = 0.0
    begun: Begun = field(default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        if self.files.count(STDIN) > 1:
            raise ConfigError("stdin (-) is named twice, but can only be read once", "put one of them into a file")

    @property
    def files(self) -> tuple[str, ...]:
        """All files and folders that are named."""
        return (*self.inputs, *self.valid, *(self.sides or ()), *(self.valid_sides or ()))

    @property
    def names_held_out(self) -> bool:
        """Whether held-out files are named."""
        return bool(self.valid or self.valid_sides)

    def words(self, names_only: bool = True) -> list[str]:
        """The files named on the command line; without folders, since a run stores no path of its machine."""
        return self._named(self._inputs() + self.held_out(), names_only)

    def _inputs(self) -> list[str]:
        return [*self.inputs] if self.sides is None else ["--src", self.sides[0], "--tgt", self.sides[1]]

    def held_out(self) -> list[str]:
        """The words that name held-out files."""
        words = [word for file in self.valid for word in ("--valid", file)]
        return words + (
            [] if self.valid_sides is None else ["--valid-src", self.valid_sides[0], "--valid-tgt", self.valid_sides[1]]
        )

    @staticmethod
    def _named(words: list[str], names_only: bool) -> list[str]:
        return [word if word.startswith("-") or not names_only else label(word) for word in words]
