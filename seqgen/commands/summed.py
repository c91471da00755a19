"""Notes that lines of a long input bring about: the first of each kind at once, all of them summed up at the end."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self

from seqgen.console import Console
from seqgen.draw.human import plural
from seqgen.streams import ClosedPipeError

# Places that a summary names.
NAMED = 8


@dataclass(frozen=True)
class Kind:
    """What notes of one kind say, in words that fit all of them; `names_all` where a summary names every place."""

    text: str
    names_all: bool = False


@dataclass
class _Found:
    count: int = 0
    places: list[tuple[str, int]] = field(default_factory=list)


class LineNotes:
    """Notes about the lines of one input. Whoever reads them counts the lines in `passed`.

    A context manager: at its end, be that the input's, an error or Ctrl-C, each kind that came more than once is summed up in
    one note; not where nobody reads the results any more, which ends a program quietly.
    """

    def __init__(self, console: Console, unit: str = "line") -> None:
        """`unit` is what the input consists of: lines, pairs, prompts."""
        self.console, self.unit, self.passed = console, unit, 0
        self._found: dict[Kind, _Found] = {}

    def add(self, kind: Kind, stream: str, place: int, text: str = "") -> str:
        """Note something about the line at a place, from 1, of a stream (a file's name, or "" where there is but one); a place
        of 0 has no name. `text` says it more precisely than the kind does. Returns what was noted, for records of the line.
        """
        found = self._found.setdefault(kind, _Found())
        if not found.count:
            where = f"{stream}:{place}: " if stream else f"{self.unit} {place:,}: " if place else ""
            self.console.note(f"{where}{text or kind.text}")
        found.count += 1
        if kind.names_all or len(found.places) < NAMED:
            found.places.append((stream, place))
        return text or kind.text

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None or not issubclass(kind, ClosedPipeError):
            self._sum_up()

    def _sum_up(self) -> None:
        for kind, found in self._found.items():
            if found.count > 1:
                total = plural(max(self.passed, found.count), self.unit)
                self.console.note(f"{found.count:,} of {total}: {kind.text} ({self._places(found)})")

    def _places(self, found: _Found) -> str:
        """Where it was; with the names of streams where these are several."""
        streams: dict[str, list[str]] = {}
        for stream, place in found.places:
            streams.setdefault(stream, []).append(f"{place:,}")
        more = ", ..." if found.count > len(found.places) else ""
        named = len(streams) > 1
        return (
            "; ".join(f"{f'{stream}: ' * named}{self.unit}s {', '.join(places)}" for stream, places in streams.items()) + more
        )
