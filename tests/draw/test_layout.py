"""Pictures laid out: measured with matplotlib's own renderer, nothing leaves its cell and no labels touch."""

from __future__ import annotations

import warnings
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from seqgen.draw.colours import colour_of, style_of, written
from seqgen.draw.page.document import page
from seqgen.draw.page.svg import heat_svg
from seqgen.draw.panels import Exhibit, Heat, Panel
from seqgen.draw.picture.exhibit import figure_of
from seqgen.draw.terminal.heat import heat_lines
from tests.draw.exhibits import shaded


def laid_out(*panels: Panel) -> tuple[Any, Any]:
    """The figure and what measures it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of characters that this machine has no font for
        figure = figure_of(Exhibit("title", panels, about="run · “text”"), pytest.fail)
    canvas = FigureCanvasAgg(figure)
    return figure, canvas.get_renderer()


def heat(rows: int, columns: int, unit: str, low: float, names: str) -> Heat:
    values = np.random.default_rng(rows * 100 + columns).uniform(low, 1.0, (rows, columns))
    values.flat[:2] = [-0.997 if low < 0 else 0.003, 0.997][: min(2, values.size)]
    labels = [f"{names}{number}" if len(names) > 1 else names for number in range(columns)]
    return Heat("a map", values, [f"row {number}" for number in range(rows)], labels, "x", "y", unit, low)


@pytest.mark.filterwarnings("ignore:Glyph")
@pytest.mark.parametrize(
    ("rows", "columns", "together", "unit", "low", "names"),
    [
        (1, 1, 1, "share", 0.0, "word"),
        (3, 18, 1, "h", -1.0, "a"),
        (3, 8, 3, "share", 0.0, "word"),
        (18, 5, 2, "h", -1.0, "한글"),
        (2, 20, 1, "share", 0.0, "internationalisation"),
        (2, 60, 1, "h", -1.0, "word"),
    ],
)
def test_no_number_leaves_its_cell_and_no_labels_touch(
    rows: int, columns: int, together: int, unit: str, low: float, names: str
) -> None:
    figure, renderer = laid_out(*[heat(rows, columns, unit, low, names)] * together)
    for axes in figure.axes:
        if not axes.get_images():
            continue
        box = axes.get_window_extent()
        wide, high = box.width / columns, box.height / rows
        for text in axes.texts:
            extent = text.get_window_extent(renderer)
            assert extent.width <= wide and extent.height <= high, (text.get_text(), extent.width, wide)
        assert len(axes.texts) in (0, rows * columns)
        labels = [label.get_window_extent(renderer) for label in axes.get_xticklabels() if label.get_text()]
        assert all(first.x1 <= second.x0 + 0.5 for first, second in pairwise(sorted(labels, key=lambda one: one.x0)))


def test_small_maps_have_their_numbers() -> None:
    figure, _ = laid_out(heat(3, 12, "share", 0.0, "a"))
    found = [text.get_text() for text in figure.axes[0].texts]
    assert len(found) == 36 and found[:2] == ["<1", ">99"]
    bar = next(axes for axes in figure.axes if axes.get_ylabel() == "percent")
    assert "100" in [label.get_text() for label in bar.get_yticklabels()]


@pytest.mark.filterwarnings("ignore:Glyph")
@pytest.mark.parametrize("text", ["ab 한글", "word " * 30])
@pytest.mark.parametrize("beside", [0, 60])
def test_letters_stand_evenly(text: str, beside: int) -> None:
    panel = shaded(text)
    figure, renderer = laid_out(panel, *([heat(2, beside, "h", -1.0, "a")] if beside else []))
    axes = figure.axes[0]
    axes.apply_aspect()
    cell = axes.transData.transform([(1, 0), (0, 0), (0, 1)])
    across, down = cell[0, 0] - cell[1, 0], abs(cell[2, 1] - cell[1, 1])
    assert down / across == pytest.approx(0.19 / 0.11, rel=0.01)
    for one in axes.texts:
        if one.get_text().isascii():
            assert one.get_window_extent(renderer).width <= across * 1.05
            assert one.get_position()[0] == round(one.get_position()[0])


def test_a_picture_and_a_page_say_which_run_and_text_they_are_of() -> None:
    figure, _ = laid_out(heat(1, 1, "h", 0.0, "a"))
    assert figure.get_suptitle() == "title\nrun · “text”"
    text = page("page", [Exhibit("title", [], about="run · “<text>”")])
    assert '<p class="lead">run · “&lt;text&gt;”</p>' in text


@pytest.mark.parametrize("low", [0.0, -1.0])
def test_dark_means_the_same_in_terminal_picture_and_page(low: float) -> None:
    one = Heat("", np.array([[low, 0.0, 0.5, 1.0]]), ["row"], list("abcd"), "x", "y", "h", low)
    signed = low < 0
    wanted = [colour_of(value, signed=signed) for value in one.values[0]]
    styles = [style for _, style in heat_lines(one, 80)[-1][1:]]
    assert styles == [style_of(value, signed=signed) for value in one.values[0]]
    assert [style.rsplit(" ", 1)[1] for style in styles] == [written(colour) for colour in wanted]
    assert all(f'fill="{written(colour)}"' in "".join(heat_svg(one)) for colour in wanted)
    (image,) = laid_out(one)[0].axes[0].get_images()
    drawn = image.cmap(image.norm(one.values[0]))[:, :3] * 255
    np.testing.assert_allclose(drawn, wanted, atol=6)
