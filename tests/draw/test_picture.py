"""Pictures: files of the right kind with everything on them, the same every time, without a warning."""

from __future__ import annotations

import io
import subprocess
import sys
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest

from seqgen.draw.panels import Cell, Exhibit, Heat, Panel, ShadedText
from seqgen.draw.picture import fonts
from seqgen.draw.picture.exhibit import picture
from tests.draw.exhibits import attention, chart, everything, gates, shaded, table


def pixels(data: bytes) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """The colours [height, width, 4] of a PNG, from 0 to 1."""
    from matplotlib.image import imread

    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    image = imread(io.BytesIO(data))
    assert isinstance(image, np.ndarray)
    return image


def texts(data: bytes) -> list[str]:
    """The texts of an SVG."""
    root = ElementTree.fromstring(data)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    return [found.text or "" for found in root.iter("{http://www.w3.org/2000/svg}text")]


def test_a_png_is_not_blank_and_has_a_sensible_size() -> None:
    image = pixels(picture(everything(), "png", note=lambda _: None))
    height, width, _ = image.shape
    assert 900 < width < 4000 and 900 < height < 6000
    assert len(np.unique((image[::7, ::7, :3] * 15).round().reshape(-1, 3), axis=0)) > 20, "many colours"
    assert image[:, :, :3].mean() > 0.5, "on white paper"


def test_an_svg_has_its_texts_as_text_and_is_the_same_every_time() -> None:
    small = Exhibit("small", [gates()])
    assert picture(small, "svg", note=pytest.fail) == picture(small, "svg", note=pytest.fail)
    data = picture(everything(), "svg", note=pytest.fail)
    found = texts(data)
    for part in ("what the model does", "source", "output", "percent", "▁남자", "▁men", "␣<b>", "$x_1$", "unit 17", "⏎", "한",
                 "GRU", "_LSTM & 나", "$transformer$", "norm", "characters back", "bits a character", "10⁻²⁰"):  # fmt: skip
        assert part in found, part
    assert b"sans-serif" in data and b"<dc:date>" not in data


def test_what_a_chart_cannot_show_and_what_is_no_number_is_no_failure() -> None:
    heat = Heat("", np.array([[np.nan, np.inf], [0.0, -5.0]]), ["a", "b"], ["c", "d"], "x", "y", "", -1.0, 1.0)
    panels: list[Panel] = [heat, replace(chart(), log_x=True, series=[]), ShadedText("", [Cell("a", np.nan)], "", 0.0),
                           Heat("", np.zeros((0, 0)), [], [], "", "")]  # fmt: skip
    for exhibit in (Exhibit("odd", panels), Exhibit("nothing", [])):
        assert texts(picture(exhibit, "svg", note=pytest.fail))


def test_maps_of_one_shape_stand_side_by_side() -> None:
    pair = pixels(picture(Exhibit("", [attention(), attention()]), "png", note=lambda _: None))
    assert pair.shape[1] > pair.shape[0]


def test_many_columns_keep_only_labels_that_do_not_touch() -> None:
    heat = Heat("", np.zeros((1, 300)), ["row"], [f"word {i}" for i in range(300)], "x", "y")
    found = [text for text in texts(picture(Exhibit("", [heat]), "svg", note=pytest.fail)) if text.startswith("word")]
    assert 50 < len(found) < 300


def test_a_long_text_is_cut_and_that_is_said() -> None:
    said: list[str] = []
    found = texts(picture(Exhibit("", [shaded("line\n" * 50)]), "svg", note=said.append))
    assert found.count("⏎") == 40 and said == [
        "the picture shows the first 40 lines of the text (surprise); .html shows it all"
    ]


def test_a_table_is_drawn_where_there_is_nothing_else() -> None:
    assert "2.19" in texts(picture(Exhibit("", [table()]), "svg", note=pytest.fail))
    assert "2.19" not in texts(picture(Exhibit("", [gates(), table()]), "svg", note=pytest.fail))


def test_characters_without_a_font_are_named_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "families", lambda: ["DejaVu Sans"])
    said: list[str] = []
    picture(Exhibit("", [gates("한글")]), "png", note=said.append)
    (note,) = said
    assert note.startswith("no installed font can draw 글 한: install fonts-noto-cjk, for Korean alone fonts-nanum")
    assert note.endswith("an .svg or .html picture shows them with the reader's fonts")
    assert fonts.remedy("ᚠ☃") == ""


def test_fonts_installed_since_matplotlib_made_its_list_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    from matplotlib.font_manager import FontManager, fontManager

    known = next(font for font in fontManager.ttflist if font.name == "DejaVu Sans Mono")
    added: list[str] = []
    monkeypatch.setattr(fontManager, "ttflist", [font for font in fontManager.ttflist if font.name == "DejaVu Sans"])
    monkeypatch.setattr("matplotlib.font_manager.findSystemFonts", lambda: [known.fname])
    monkeypatch.setattr(FontManager, "addfont", lambda _self, path: added.append(path))
    assert fonts.families() == ["DejaVu Sans"] and added == [known.fname]


def test_a_terminal_needs_no_matplotlib_and_a_picture_no_pyplot() -> None:
    code = """
import sys
from seqgen.draw.terminal.exhibit import rendered
from seqgen.draw.page.document import page
from seqgen.draw.panels import Exhibit
from tests.draw.exhibits import everything, gates
rendered(everything(), 80, colour=True), page("t", [everything()])
assert "matplotlib" not in sys.modules
from seqgen.draw.picture.exhibit import picture
picture(Exhibit("t", [gates()]), "png", note=lambda _: None)
assert "matplotlib.pyplot" not in sys.modules
"""
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
