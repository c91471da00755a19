"""Rows of a text with delimiters, each cell with its place: RFC 4180, and what spreadsheets make of it (semicolons, tabs)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

DELIMITERS = (",", ";", "\t", "|")
# Rows by which the delimiter is found.
LOOKED = 200
_QUOTED = re.compile(r'"((?:[^"]|"")*+)"')


class Cell(NamedTuple):
    """What a cell holds, and where it stands, with its quotes."""

    text: str
    start: int
    stop: int
    is_quoted: bool = False


class Row(NamedTuple):
    """The cells of a row and the number of its first line, from 1."""

    where: int
    cells: list[Cell]


def rows(text: str, delimiter: str, quotes: bool = True) -> Iterator[Row]:
    """The rows, empty lines left out. A cell in quotes may hold delimiters, line ends and doubled quotes; a quote that nothing
    closes is a character. Without `quotes` all of them are."""
    plain = re.compile(rf"[^{re.escape(delimiter)}\r\n]*+")
    place, number = 0, 1
    while place < len(text):
        where, cells = number, []
        while True:
            quoted = _QUOTED.match(text, place) if quotes else None
            stop = quoted.end() if quoted else place
            if quoted and (stop == len(text) or text[stop] in (delimiter, "\r", "\n")):
                cells.append(Cell(quoted[1].replace('""', '"'), place, stop, True))
                number += quoted[1].count("\n")
            else:
                found = plain.match(text, place)
                stop = found.end() if found else place
                cells.append(Cell(text[place:stop], place, stop))
            place = stop
            if place >= len(text) or text[place] != delimiter:
                break
            place += 1
        while place < len(text) and text[place] == "\r":
            place += 1
        place += text[place : place + 1] == "\n"
        number += 1
        if len(cells) > 1 or cells[0].text.strip():
            yield Row(where, cells)


def delimiter_of(text: str) -> str:
    """The delimiter of a table: that which gives most rows the same number of cells, more than one, and leaves no quotes inside
    cells; "," for one column."""
    best, found = 0.0, ","
    for delimiter in DELIMITERS:
        table = [row.cells for row in islice(rows(text, delimiter), LOOKED)]
        if not table:
            break
        width, count = Counter(map(len, table)).most_common(1)[0]
        torn = sum(any('"' in cell.text and not cell.is_quoted for cell in cells) for cells in table)
        share = (count - torn) / len(table)
        if width > 1 and share > best + 0.05:
            best, found = share, delimiter
    return found


def cell(text: str, delimiter: str, quoted: bool) -> str:
    """A text as a cell: in quotes where it was, or has to be."""
    if quoted or any(character in text for character in (delimiter, '"', "\n", "\r")) or text != text.strip():
        return '"' + text.replace('"', '""') + '"'
    return text
