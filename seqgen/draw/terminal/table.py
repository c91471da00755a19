"""Tables in a terminal: columns that do not fit follow below, beside the row names again."""

from __future__ import annotations

from collections.abc import Sequence

from seqgen.draw.cells import Line, aligned, padded, shortened, shown
from seqgen.draw.panels import Table

_GAP = 2
# A column of words may be cut down to this many cells before it moves to a block of its own.
_WORDS = 16


def table_lines(table: Table, width: int) -> list[Line]:
    """The rows with their columns aligned, none wider than `width` cells."""
    from rich.cells import cell_len

    if not table.head:
        return []
    rows = [[shown(text) for text in row] for row in (table.head, *table.rows)]
    name, widths = _widths(table, rows, width)
    words = table.word_columns()
    lines: list[Line] = []
    for block in _blocks(widths, width - name):
        part = [[padded(row[0], name)] for row in rows]
        for index in block:
            for row, cells in zip(rows, part, strict=True):
                text = shortened(row[1 + index], widths[index])
                cells.append(padded(text, widths[index]) if words[1 + index] else text)
        head, *body = aligned(part, gap=_GAP).split("\n")[:-1]
        lines += [[]] * bool(lines) + [[(head, "bold")]] * bool(head.strip())
        lines += [[("─" * min(width, max(map(cell_len, (head, *body)))), "dim")], *([(text, "")] for text in body)]
    return lines


def _widths(table: Table, rows: Sequence[Sequence[str]], width: int) -> tuple[int, list[int]]:
    """How wide the names and each other column are: figures first, then words, since long words can be cut."""
    from rich.cells import cell_len

    longest = max(cell_len(row[0]) for row in rows)
    name = min(longest, max(width // 3, 4))
    widths = [min(max(cell_len(row[i]) for row in rows), width - name - _GAP) for i in range(1, len(rows[0]))]
    excess = name + sum(widths) + _GAP * len(widths) - width
    flexible = [index for index, words in enumerate(table.word_columns()[1:]) if words]
    if excess > 0 and flexible:
        widest = max(flexible, key=lambda index: widths[index])
        widths[widest] = max(min(_WORDS, widths[widest]), widths[widest] - excess)
    # Where all columns fit, the names may use the rest.
    return max(name, min(longest, width - sum(widths) - _GAP * len(widths))), widths


def _blocks(widths: Sequence[int], room: int) -> list[list[int]]:
    """Which columns go together: as many as fit beside the names, at least one."""
    blocks: list[list[int]] = [[]]
    left = room
    for index, width in enumerate(widths):
        if blocks[-1] and width + _GAP > left:
            blocks.append([])
            left = room
        blocks[-1].append(index)
        left -= width + _GAP
    return blocks
