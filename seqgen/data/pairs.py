"""Sentence pairs as they were read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Pairs:
    """Sources and targets in NFC, where they came from, their size in bytes and SHA-256; notes for the user.

    The hash is of lines "source<TAB>target" in UTF-8, in the order of the columns that were read. Pairs made from
    others keep it: it says which material they come from, not which direction or part of it, so compare those too.
    """

    sources: tuple[str, ...]
    targets: tuple[str, ...]
    names: tuple[str, ...]
    bytes: int
    sha256: str
    notes: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.sources)

    def swapped(self) -> Pairs:
        """The other direction, with the hash of this one."""
        return Pairs(self.targets, self.sources, self.names, self.bytes, self.sha256, self.notes)

    def chosen(self, wanted: Sequence[bool]) -> Pairs:
        """The pairs that are wanted, with the hash of all."""
        rows = [pair for pair, keep in zip(zip(self.sources, self.targets, strict=True), wanted, strict=True) if keep]
        return Pairs(
            tuple(s for s, _ in rows), tuple(t for _, t in rows), self.names, self.bytes, self.sha256, self.notes
        )  # fmt: skip
