"""An exhibit as a picture file, by matplotlib: PNG, or SVG whose text stays text."""

from __future__ import annotations

import io
import logging
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from seqgen.draw.cells import shown, wrapped
from seqgen.draw.panels import Chart, Exhibit, Grid, Heat, Panel, ShadedText, Table
from seqgen.draw.picture import fonts, plots

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Note = Callable[[str], None]

# Inches.
_LEAST, _MOST = 7.5, 20.0
# Maps are side by side if they are at most this wide together.
_PAIR = 12.0
# Up to so many columns or rows have room for a label each.
_NARROW = 24


@dataclass(frozen=True)
class _Shelf:
    """A row of the picture: one panel, or two maps of equal shape in halves; its width in inches."""

    panels: Sequence[Panel]
    halves: bool
    width: float


def picture(exhibit: Exhibit, format: str, note: Note) -> bytes:
    """All panels in one figure, one below the other, as a "png" or "svg" file. `note` is called with what could not be shown.

    Tables that are not `pictured` are drawn only where there is nothing else: they are for reading and copying.
    """
    # matplotlib's messages about its cache folder are of no use to our users.
    logging.getLogger("matplotlib").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import matplotlib

        names = fonts.families()
        # Text is text, with no $formula$ in it, and the same exhibit gives the same file.
        with matplotlib.rc_context(_settings(names)):
            figure = figure_of(exhibit, note)
            if format == "png":
                _say_what_is_missing(figure, names, note)
            return _saved(figure, format)


def _settings(names: list[str]) -> Any:
    """Text is text, with no $formula$ in it and, in an SVG, no outlines for letters; the same exhibit gives the same file."""
    return {**fonts.settings(names), "text.parse_math": False, "svg.fonttype": "none", "svg.hashsalt": "seqgen"}


def _saved(figure: Figure, format: str) -> bytes:
    """The figure as a file: no date in it, so that it does not change with the clock."""
    buffer = io.BytesIO()
    metadata: dict[str, Any] = {"Date": None} if format == "svg" else {}
    figure.savefig(buffer, format=format, dpi=150, metadata=metadata, facecolor="white")
    return buffer.getvalue()


def figure_of(exhibit: Exhibit, note: Note) -> Figure:
    """The figure with everything on it."""
    from matplotlib.figure import Figure

    wanted = [panel for panel in exhibit.panels if not isinstance(panel, Table) or panel.pictured]
    pictures: list[Panel] = wanted or list(exhibit.panels)
    shelves = _shelves(pictures)
    width = max((shelf.width for shelf in shelves), default=_LEAST)
    heights = [max(_height(panel, width) for panel in shelf.panels) for shelf in shelves] or [1.0]
    placed: list[tuple[Axes, Panel]] = []
    figure = Figure(figsize=(width, sum(heights) + 0.5 + 0.25 * bool(exhibit.about)), layout="constrained")
    title = _title(exhibit.title, width, 13)
    figure.suptitle(f"{title}\n{_title(exhibit.about, width, 13)}" if exhibit.about else title, fontsize=13)
    grid = figure.add_gridspec(len(heights), 2, height_ratios=heights)
    for row, shelf in enumerate(shelves):
        for column, panel in enumerate(shelf.panels):
            axes = figure.add_subplot(grid[row, column] if shelf.halves else grid[row, :])
            if panel.title and panel.title != exhibit.title:
                axes.set_title(_title(panel.title, width / (2 if shelf.halves else 1) - 1.6, 10), fontsize=10, loc="left")
            _draw(axes, panel, shelf, width, note)
            placed.append((axes, panel))
    _settle(figure)
    for axes, panel in placed:
        if isinstance(panel, Heat):
            plots.write_numbers(axes, panel)
        elif isinstance(panel, ShadedText):
            plots.fit_letters(axes, plots.line_cells(width))
    return figure


def _settle(figure: Figure) -> None:
    """Give everything its place, for good: what is measured from now on stays so."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    FigureCanvasAgg(figure)
    engine = figure.get_layout_engine()
    if engine is not None:
        engine.execute(figure)
    figure.set_layout_engine("none")


def _title(text: str, width: float, size: int) -> str:
    """A title in lines of at most about `width` inches."""
    # A character is about 0.55 of its height wide.
    return "\n".join(wrapped(shown(text), max(20, int(width * 72 / (size * 0.55)))))


def _shelves(panels: Sequence[Panel]) -> list[_Shelf]:
    """Neighbouring maps of one shape two by two, everything else alone."""
    shelves: list[_Shelf] = []
    for _, found in groupby(enumerate(panels), key=lambda item: _kind(*item)):
        group = [panel for _, panel in found]
        halves = len(group) > 1
        for start in range(0, len(group), 2 if halves else 1):
            some = group[start : start + 2]
            width = _width(some[0]) * (2 if halves else 1)
            shelves.append(_Shelf(some, halves, max(_LEAST, min(_MOST, width))))
    return shelves


def _kind(number: int, panel: Panel) -> tuple[int, ...]:
    """Equal for maps that may be side by side; a panel's own number for one that is alone."""
    return panel.values.shape if isinstance(panel, Heat) and 2 * _width(panel) <= _PAIR else (number,)


def _width(panel: Panel) -> float:
    """How wide a panel would like to be: a map grows with its columns."""
    if isinstance(panel, Heat):
        columns: int = max(1, panel.values.shape[1])
        return 2.6 + columns * (0.34 if columns <= _NARROW else 0.12)
    if isinstance(panel, Grid):
        wide: int = panel.values.shape[1] * (panel.values.shape[3] + 1)
        return 2.2 + wide * 0.11
    return _LEAST


def _height(panel: Panel, width: float) -> float:
    """How high in a picture of `width` inches: room for the axis and the title beside the rows."""
    match panel:
        case Heat():
            longest: int = max((len(name) for name in panel.columns), default=0)
            return _rows_height(panel) + 0.9 + min(longest, 24) * 0.07
        case Grid():
            high: int = panel.values.shape[0] * (panel.values.shape[2] + 1)
            return 0.9 + max(1.2, min(16.0, high * 0.11))
        case Chart():
            return 4.0
        case ShadedText():
            lines = len(plots.text_rows(panel, plots.line_cells(width))[0])
            return 0.5 + lines * plots.LINE + 0.5 * (lines < plots.LINES_LEAST)
        case Table():
            return 0.6 + 0.25 * len(panel.rows)


def _rows_height(heat: Heat) -> float:
    rows: int = max(1, heat.values.shape[0])
    return max(1.6, min(12.0, rows * (0.27 if rows <= _NARROW else 0.13)))


def _draw(axes: Axes, panel: Panel, shelf: _Shelf, width: float, note: Note) -> None:
    """One panel on its axes."""
    match panel:
        case Heat():
            plots.draw_heat(axes, panel, width / (2 if shelf.halves else 1) - 2.2, _rows_height(panel))
        case Grid():
            plots.draw_grid(axes, panel)
        case Chart():
            plots.draw_chart(axes, panel)
        case ShadedText():
            across = plots.line_cells(width)
            rows, whole = plots.text_rows(panel, across)
            if not whole:
                note(f"the picture shows the first {len(rows)} lines of the text ({shown(panel.title)}); .html shows it all")
            plots.draw_text(axes, panel, rows, across)
        case Table():
            plots.draw_table(axes, panel)


def _say_what_is_missing(figure: Figure, names: list[str], note: Note) -> None:
    """One note on the characters that will be empty boxes."""
    from matplotlib.text import Text

    texts = [found.get_text() for found in figure.findobj(Text) if isinstance(found, Text)]
    if absent := fonts.missing(texts, names):
        some = " ".join(absent[:8]) + (" ..." if len(absent) > 8 else "")
        otherwise = "an .svg or .html picture shows them with the reader's fonts"
        note(f"no installed font can draw {some}: {fonts.remedy(absent)}{otherwise}")
