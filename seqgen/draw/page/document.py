"""Exhibits as one HTML page that needs nothing else: no network, no other file, no script."""

from __future__ import annotations

import html
import math
from collections.abc import Iterator, Sequence

from seqgen.draw.colours import colour_of, share_of, written
from seqgen.draw.figures import SHARES, ends_in_words, unit_of
from seqgen.draw.human import visible
from seqgen.draw.page.grid import grid_svg
from seqgen.draw.page.sheet import style_sheet
from seqgen.draw.page.svg import chart_svg, escaped, heat_svg, ink_on, swatch
from seqgen.draw.panels import Cell, Chart, Exhibit, Grid, Heat, Panel, ShadedText, Table

# A table of more rows is folded, and this many stay in view.
LONGEST_TABLE, FIRST_ROWS = 20, 10


def page(title: str, exhibits: Sequence[Exhibit], lead: str = "", code: Sequence[str] = ()) -> str:
    """The page: `title`, `lead` below it, a section for each exhibit, and commands to copy."""
    # A page of one exhibit has its title already.
    alone = len(exhibits) == 1 and exhibits[0].title == title
    parts = [f"<h1>{escaped(title)}</h1>"]
    parts += [f'<p class="lead">{_lines(lead)}</p>'] if lead else []
    parts += _contents(exhibits) if len(exhibits) > 2 else []
    for number, exhibit in enumerate(exhibits, 1):
        parts.append(f'<section id="part-{number}">')
        parts += [] if alone else [f"<h2>{escaped(exhibit.title)}</h2>"]
        parts += _exhibit(exhibit)
        parts.append("</section>")
    if code:
        commands = html.escape("\n".join(visible(line) for line in code))
        parts.append(f'<section><h2>Commands</h2><pre tabindex="0"><code>{commands}</code></pre></section>')
    body = "\n".join(parts)
    head = f"{beginning(title)}</title>\n<style>\n{style_sheet()}</style>\n</head>"
    return f"{head}\n<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"


def beginning(title: str) -> str:
    """The beginning of every page whose title begins like this."""
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>{escaped(title)}'
    )


def _contents(exhibits: Sequence[Exhibit]) -> list[str]:
    items = "".join(f'<li><a href="#part-{n}">{escaped(exhibit.title)}</a></li>' for n, exhibit in enumerate(exhibits, 1))
    return [f"<nav><ul>{items}</ul></nav>"]


def _exhibit(exhibit: Exhibit) -> Iterator[str]:
    """Of what it is; the sentences, so that the reader knows what to look for; then the panels, each under its title."""
    if exhibit.about:
        yield f'<p class="lead">{escaped(exhibit.about)}</p>'
    for sentence in exhibit.sentences:
        yield f"<p>{_lines(sentence)}</p>"
    for panel in exhibit.panels:
        if panel.title and panel.title.casefold() != exhibit.title.casefold():
            yield f"<h3>{escaped(panel.title)}</h3>"
        yield from _panel(panel)


def _panel(panel: Panel) -> Iterator[str]:
    match panel:
        case Heat():
            yield _boxed("\n".join(heat_svg(panel)), panel.title)
            yield _scale("s" if panel.low >= 0 else "d", *ends_in_words(panel), unit_of(panel))
        case Grid():
            yield _boxed(grid_svg(panel), panel.title)
            yield _scale("s" if panel.low >= 0 else "d", *ends_in_words(panel), unit_of(panel))
        case Chart():
            yield _boxed(chart_svg(panel), panel.title)
            names = (f"<li>{swatch(number)} {escaped(series.name)}</li>" for number, series in enumerate(panel.series))
            yield f'<ul class="legend">{"".join(names)}</ul>'
        case ShadedText():
            factor, unit = (100, "percent") if panel.unit in SHARES else (1, panel.unit)
            yield _scale("s", "0", f"{panel.high * factor:g} or more", unit)
            pieces = (_piece(cell, panel.high) for cell in panel.cells)
            yield f'<div class="shaded">{"".join(pieces)}</div>'
        case Table():
            yield from _tables(panel)


def _lines(text: str) -> str:
    """A paragraph that keeps its line breaks."""
    return "<br>".join(escaped(line) for line in text.split("\n"))


def _boxed(inner: str, title: str) -> str:
    """What is wider than the screen scrolls inside its own box; by keyboard too, for which it needs a name."""
    return f'<div class="box" tabindex="0" role="group" aria-label="{escaped(title)}">{inner}</div>'


def _scale(kind: str, low: str, high: str, unit: str) -> str:
    """What is measured, and its colours from one end to the other."""
    what = f"{escaped(unit)}: " if unit else ""
    return f'<p class="scale">{what}{low} <span class="bar {kind}"></span> {high}</p>'


def _piece(cell: Cell, high: float) -> str:
    """A piece of a shaded text: how much colour, its hint under the pointer, its newlines both shown and kept."""
    look = ""
    if math.isfinite(cell.value):
        colour = colour_of(share_of(cell.value, 0.0, high))
        look = f' class="{ink_on(colour)}" style="background:{written(colour)}"'
    hint = f' title="{html.escape(visible(cell.hint))}"' if cell.hint else ""
    text = html.escape(visible(cell.text)).replace("\n", "⏎\n")
    return f"<span{look}{hint}>{text}</span>"


def _tables(table: Table) -> Iterator[str]:
    """The table; of a long one the first rows, and the others in a part that the reader opens."""
    rows = table.rows
    if len(rows) <= LONGEST_TABLE:
        yield _boxed(_table(table, rows), table.title)
        return
    yield _boxed(_table(table, rows[:FIRST_ROWS]), table.title)
    yield f"<details><summary>{len(rows) - FIRST_ROWS:,} more rows</summary>"
    yield _boxed(_table(table, rows[FIRST_ROWS:]), table.title)
    yield "</details>"


def _table(table: Table, shown: Sequence[Sequence[str]]) -> str:
    """Names and words aligned left, words with their line breaks; figures aligned right."""
    words = table.word_columns()

    def cell(text: str, column: int) -> str:
        if column == 0:
            return f'<th scope="row">{escaped(text)}</th>'
        return f'<td class="words">{html.escape(visible(text))}</td>' if words[column] else f"<td>{escaped(text)}</td>"

    kinds = [' class="words"' if is_words else "" for is_words in words]
    head = "".join(f'<th scope="col"{kind}>{escaped(text)}</th>' for text, kind in zip(table.head, kinds, strict=True))
    rows = ("".join(cell(text, column) for column, text in enumerate(row)) for row in shown)
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    start = f"<thead><tr>{head}</tr></thead>" if any(table.head) else ""
    return f"<table>{start}<tbody>{body}</tbody></table>"
