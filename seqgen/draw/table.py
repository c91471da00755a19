"""Tables as aligned text: rich's on a terminal would be prettier, but these read the same in a log."""

from __future__ import annotations

from collections.abc import Sequence


def aligned(rows: Sequence[Sequence[str]], *, left: int = 1, gap: int = 2) -> str:
    """Rows with their columns in line, the first `left` columns to the left, others to the right; wide characters count
    as the two cells they take."""
    from rich.cells import cell_len

    if not rows:
        return ""
    widths = [max(cell_len(row[column]) for row in rows) for column in range(len(rows[0]))]

    def cell(text: str, column: int) -> str:
        space = " " * (widths[column] - cell_len(text))
        return text + space if column < left else space + text

    return "".join((" " * gap).join(cell(text, i) for i, text in enumerate(row)).rstrip() + "\n" for row in rows)


def shares(seconds: Sequence[tuple[str, float]]) -> str:
    """Where the time went: each phase with its seconds and its share, the longest first."""
    total = sum(value for _, value in seconds) or 1.0
    ordered = sorted(seconds, key=lambda item: -item[1])
    rows = [(name, f"{value:.1f} s", f"{value / total:.1%}") for name, value in ordered if value >= 0.05]
    return aligned([*rows, ("in all", f"{total:.1f} s", "")])
