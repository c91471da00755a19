"""One column of a table, or field of JSON lines, as a text: each a paragraph, with an empty line behind it."""

from __future__ import annotations

import json
from collections.abc import Iterator

from seqgen.errors import ConfigError
from seqgen.formats.document import Document, lines_in
from seqgen.formats.json_places import line_of, list_at, objects_in
from seqgen.formats.tables.delimited import delimiter_of, rows
from seqgen.formats.tables.fields import at, paths

_HEAD = 1 << 16


def text(document: Document) -> str:
    """The paragraphs; without a wanted column the file as it is. Raises ConfigError for a column that is not there."""
    column = document.wanted.column
    if column is None:
        return document.text()
    is_json = document.name.lower().removesuffix(".gz").endswith((".jsonl", ".json"))
    found = (value for value in (_fields if is_json else _cells)(document, column))
    made = "".join(f"{value.strip()}\n\n" for value in found if value.strip())
    document.characters = len(made)
    return made.removesuffix("\n")


def labelled(document: Document, column: str, label: str | None) -> Iterator[tuple[str, str]]:
    """The texts of a column, or of a field, each with that of the column `label`, "" without one; empty texts are left out.

    Raises ConfigError for a column that is not there."""
    is_json = document.name.lower().removesuffix(".gz").endswith((".jsonl", ".json"))
    if is_json:
        for number, record in _records(document):
            value = _text_at(document, number, record, column)
            if value.strip():
                yield value.strip(), "" if label is None else _text_at(document, number, record, label)
        return
    content = document.text()
    copies = [Document(document.name, content.encode(), wanted=document.wanted) for _ in range(1 if label is None else 2)]
    cells = [_cells(copy, name) for copy, name in zip(copies, (column, label), strict=False) if name is not None]
    yield from ((row[0].strip(), row[1].strip() if label else "") for row in zip(*cells, strict=True) if row[0].strip())


def _cells(document: Document, column: str) -> Iterator[str]:
    content = document.text()
    is_tabs = document.name.lower().removesuffix(".gz").endswith(".tsv")
    table = rows(content, "\t" if is_tabs else delimiter_of(content[:_HEAD]))
    first = next(table, None)
    titles = [] if first is None else [cell.text.strip() for cell in first.cells]
    if column.isascii() and column.isdigit() and 0 < int(column) <= len(titles):
        place = int(column) - 1
        if first is not None:
            yield first.cells[place].text
    elif column.lower() in [title.lower() for title in titles]:
        place = [title.lower() for title in titles].index(column.lower())
    else:
        raise ConfigError(f"{document.name}: no column {column[:40]!r}", f"it has {', '.join(titles[:8]) or 'none'}")
    for row in table:
        if len(row.cells) <= place:
            raise document.error(row.where, f"expected {place + 1} columns, found {len(row.cells)}")
        yield row.cells[place].text


def _fields(document: Document, column: str) -> Iterator[str]:
    for number, record in _records(document):
        yield _text_at(document, number, record, column)


def _text_at(document: Document, number: int, record: object, column: str) -> str:
    value = at(record, column)
    if not isinstance(value, str):
        there = ", ".join(paths(record)[:8]) or "none"
        raise document.error(number, f"no text in the field {column[:40]!r}", f"its texts are in {there}")
    return value


def _records(document: Document) -> Iterator[tuple[int, object]]:
    """The records of JSON lines, or of a list, and their lines."""
    text = document.text()
    if list_at(text) is not None:
        yield from ((line_of(text, found.start), found.record) for found in objects_in(document, text))
        return
    for number, line in lines_in(text):
        if line.strip():
            try:
                yield number, json.loads(line)
            except (ValueError, RecursionError) as error:
                raise document.error(number, f"not JSON: {error}") from None
