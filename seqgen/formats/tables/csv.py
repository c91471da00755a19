"""CSV: a pair in each row; a translation goes into the target's cell, or into a column that is added."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple

from seqgen.formats.document import Document
from seqgen.formats.tables.columns import found
from seqgen.formats.tables.delimited import cell, delimiter_of, rows
from seqgen.formats.units import Edit, Unit

_HEAD = 1 << 16


class Slot(NamedTuple):
    """Where a row's translation goes: text[start:stop] as one cell, behind `before`; and where the title of an added column
    goes."""

    start: int
    stop: int
    delimiter: str
    quoted: bool
    before: str = ""
    title: Edit | None = None


def units(document: Document) -> Iterator[Unit]:
    """The rows. Raises ConfigError where it is not clear which columns are meant, CorpusError for a row that lacks one."""
    text = document.raw()
    delimiter = "\t" if document.name.lower().removesuffix(".gz").endswith(".tsv") else delimiter_of(text[:_HEAD])
    table = rows(text, delimiter)
    first = next(table, None)
    if first is None:
        raise document.error(1, "an empty table")
    columns = found(document.name, [one.text for one in first.cells], document.wanted, document.exact)
    end = first.cells[-1].stop
    title = (
        Edit(end, end, delimiter + cell(columns.added, delimiter, False)) if columns.target is None and columns.titled else None
    )
    for row in table if columns.titled else chain([first], table):
        cells = row.cells
        width = max(columns.source, columns.target or 0) + 1
        if len(cells) < width:
            raise document.error(
                row.where, f"expected {width} columns, found {len(cells)}", "correct the row, or name other --columns"
            )
        source = cells[columns.source]
        if columns.target is None:
            slot = Slot(cells[-1].stop, cells[-1].stop, delimiter, source.is_quoted, delimiter, title)
            yield Unit(row.where, "", source.text, slot=slot)
            continue
        target = cells[columns.target]
        slot = Slot(target.start, target.stop, delimiter, target.is_quoted)
        yield Unit(row.where, "", source.text, target.text, "done" if target.text.strip() else "new", slot=slot)


def edits(unit: Unit, translation: str, review: bool = True) -> list[Edit]:
    """The translation in its cell; a table has no place for what is to be reviewed. A row without one still gets the cell of a
    column that is added."""
    slot: Slot = unit.slot
    if translation == unit.target and not slot.before:
        return []
    made = Edit(slot.start, slot.stop, slot.before + cell(translation, slot.delimiter, slot.quoted))
    return [made] if slot.title is None else [slot.title, made]
