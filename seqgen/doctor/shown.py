"""The report of an examination in a terminal: what was read, a table of all kinds, the worst of each, the verdict."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from seqgen.doctor.exhibits import HEAD, about, place_of, rows_of, sides_of, verdict
from seqgen.draw.cells import Line, shortened, shown, wrapped
from seqgen.draw.human import plural
from seqgen.draw.panels import Table
from seqgen.draw.terminal.table import table_lines

if TYPE_CHECKING:
    from rich.text import Text

_INDENT = "    "


def rendered(report: Mapping[str, Any], expected: Sequence[str], width: int, colour: bool) -> Text:
    """The report in lines of at most `width` cells."""
    from rich.text import Text

    text = Text(no_wrap=True, overflow="ignore", end="")
    for number, line in enumerate(_lines(report, expected, max(20, width))):
        text.append("\n" * (number > 0))
        for piece, style in line:
            text.append(piece, style if colour and style else None)
    return text


def _lines(report: Mapping[str, Any], expected: Sequence[str], width: int) -> Iterator[Line]:
    yield from ([(line, "bold")] for line in wrapped(about(report), width))
    for name, said in sides_of(report):
        yield from ([(line, "")] for line in wrapped(f"{name}: {said}", width))
    yield []
    yield from _table(report, width)
    for kind in report["kinds"]:
        if kind["count"]:
            yield []
            yield from _worst(report, kind, width)
    yield []
    for said in expected:
        yield from ([(line, "")] for line in wrapped(said, width))
    yield []
    for said in verdict(report):
        yield from ([(line, "bold red" if report["hurts"] else "bold green")] for line in wrapped(said, width))


def _table(report: Mapping[str, Any], width: int) -> Iterator[Line]:
    """The kinds that were found; of the others only their names."""
    rows = [row for row in rows_of(report) if row[2]]
    hurting = {kind["what"] for kind in report["kinds"] if kind["hurts"]}
    if rows:
        for line in table_lines(Table("", HEAD, rows), width):
            is_hurting = bool(line) and any(line[0][0].startswith(what[: width // 3]) for what in hurting)
            yield [(text, "red" if is_hurting else style) for text, style in line]
    none = [row[0] for row in rows_of(report) if not row[2]]
    if none:
        yield from ([(line, "dim")] for line in wrapped(f"none {', '.join(none)}", width))


def _worst(report: Mapping[str, Any], kind: Mapping[str, Any], width: int) -> Iterator[Line]:
    """The worst examples of a kind: where, what is wrong, then the texts, a line each."""
    unit = plural(kind["count"], "line" if report["kind"] == "text" else "pair")
    worst = f"; the worst {len(kind['worst'])}" if 1 < len(kind["worst"]) < kind["count"] else ""
    yield from (
        [(line, "bold red" if kind["hurts"] else "bold cyan")] for line in wrapped(f"{unit} {kind['what']}{worst}", width)
    )
    yield from ([(line, "dim")] for line in wrapped(kind["why"], width))
    for one in kind["worst"]:
        head = f"{place_of(one)}  {one['detail']}"
        yield [("  " + shortened(shown(head), width - 2), "yellow")]
        for name in ("text", "source", "target"):
            if name in one:
                yield [(_INDENT + shortened(shown(one[name]) or "(empty)", width - len(_INDENT)), "")]
