"""Text in a grid of terminal cells: what a character is shown as, how wide it is, and where a line ends.

A line is a list of spans: a piece of text and its style ("" for none, else as rich reads it).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from seqgen.draw.human import visible

Span = tuple[str, str]
Line = list[Span]

# It makes some characters wider in some terminals: without it, columns stay aligned in all of them.
_EMOJI_SELECTOR = "\ufe0f"


def shown(text: str) -> str:
    """`text` in one line: newlines and control characters as symbols."""
    return visible(text).replace("\n", "⏎").replace(_EMOJI_SELECTOR, "")


def label(text: str) -> str:
    """The name of a row or a column: as `shown`, with visible spaces at its ends, as " the" is not the same piece as "the"."""
    inner = shown(text).strip(" ")
    if not inner:
        return "␣" * len(text)
    before = len(text) - len(text.lstrip(" "))
    return "␣" * before + inner + "␣" * (len(text) - len(text.rstrip(" ")))


def clusters(text: str) -> list[str]:
    """The characters of a shown text, each with the zero-width marks that follow it; a mark that comes first gets a ring."""
    from rich.cells import cell_len

    found: list[str] = []
    for character in text:
        if cell_len(character):
            found.append(character)
        elif found:
            found[-1] += character
        else:
            found.append("◌" + character)
    return found


def shortened(text: str, width: int) -> str:
    """`text` in at most `width` cells, with … where something is left out."""
    from rich.cells import cell_len, set_cell_size

    if cell_len(text) <= width:
        return text
    return set_cell_size(text, width - 1).rstrip() + "…" if width > 0 else ""


def middle_shortened(text: str, width: int) -> str:
    """`text` in at most `width` cells, with … where something in its middle is left out: names differ at their ends."""
    from rich.cells import cell_len

    if cell_len(text) <= width:
        return text
    characters = clusters(text)
    sizes = list(map(cell_len, characters))
    left = right = used = 0
    while left + right < len(characters):
        at = left if left <= right else len(characters) - 1 - right
        if used + sizes[at] > width - 1:
            break
        used += sizes[at]
        left, right = (left + 1, right) if left <= right else (left, right + 1)
    return "".join(characters[:left]) + "…" + "".join(characters[len(characters) - right :]) if width > 0 else ""


def padded(text: str, width: int, *, right: bool = False) -> str:
    """`text` in exactly `width` cells, aligned left or right."""
    from rich.cells import cell_len

    text = shortened(text, width)
    space = " " * (width - cell_len(text))
    return space + text if right else text + space


def wrapped(text: str, width: int) -> Iterator[str]:
    """The lines of `text`, broken at spaces where there are any, none wider than `width` cells."""
    for paragraph in visible(text).replace(_EMOJI_SELECTOR, "").split("\n"):
        rest = clusters(paragraph)
        while rest:
            fit = fitting(rest, width)
            yield "".join(rest[:fit]).rstrip(" ")
            rest = rest[fit + (rest[fit : fit + 1] == [" "]) :]


def fitting(characters: list[str], width: int) -> int:
    """How many of the characters go into a line of `width` cells: at least one, up to a space where one is near."""
    from rich.cells import cell_len

    used = 0
    for count, character in enumerate(characters):
        used += cell_len(character)
        if used > width:
            # A space may hang over the edge: nobody sees it.
            if character == " ":
                return max(1, count)
            near = range(count, count // 2, -1)
            return next((place for place in near if characters[place - 1] == " "), max(1, count))
    return len(characters)


def aligned(rows: Sequence[Sequence[str]], *, left: int = 1, gap: int = 2) -> str:
    """Rows with their columns aligned, the first `left` columns to the left, the others to the right; wide characters
    count as two cells."""
    from rich.cells import cell_len

    if not rows:
        return ""
    widths = [max(cell_len(row[column]) for row in rows) for column in range(len(rows[0]))]

    def cell(text: str, column: int) -> str:
        space = " " * (widths[column] - cell_len(text))
        return text + space if column < left else space + text

    return "".join((" " * gap).join(cell(text, i) for i, text in enumerate(row)).rstrip() + "\n" for row in rows)
