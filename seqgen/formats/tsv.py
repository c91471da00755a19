"""Pairs in tab-separated columns, one pair per line. Quotes are characters like any other."""

from __future__ import annotations

from collections.abc import Iterator

from seqgen.errors import ConfigError
from seqgen.formats.document import Document, Record


def records(document: Document) -> Iterator[Record]:
    """The pairs; an empty line is an empty pair. Raises CorpusError naming a line with too few columns."""
    left, right = numbers(document.columns)
    needed = max(left, right)
    most = needed
    for number, line in document.lines():
        if not line.strip():
            yield Record("", "", number)
            continue
        fields = line.split("\t")
        if len(fields) < needed:
            raise document.error(
                number,
                f"expected {needed} tab-separated columns, found {len(fields)}",
                "correct the line, or name other columns with --columns",
            )
        most = max(most, len(fields))
        yield Record(fields[left - 1], fields[right - 1], number)
    if document.columns is None and most > needed:
        document.note(f"columns {left} and {right} are used, others ignored")


def numbers(columns: str | None) -> tuple[int, int]:
    """The columns of source and target, from 1. Raises ConfigError for anything but two different numbers."""
    if columns is None:
        return 1, 2
    try:
        left, right = (int(part) for part in columns.split(","))
    except ValueError:
        left = right = 0
    if left < 1 or right < 1 or left == right:
        raise ConfigError(f"--columns: expected two different numbers such as 1,3, found {columns[:40]!r}")
    return left, right
