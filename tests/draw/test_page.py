"""Pages: valid, self-contained, and text in them is text."""

from __future__ import annotations

import math
import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from seqgen.draw.colours import colour_of, written
from seqgen.draw.page.document import page
from seqgen.draw.page.svg import chart_svg, heat_svg
from seqgen.draw.panels import Cell, Chart, Exhibit, Heat, Series, ShadedText
from tests.draw.exhibits import attention, chart, everything, gates, shaded, table

VOID = {"meta", "br"}


class Reader(HTMLParser):
    """Holds that tags are closed in order; gathers tags, attributes and text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text: list[str] = []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def test_a_page_is_whole_and_needs_nothing_else() -> None:
    text = page("runs & <b>", [everything(), everything(), everything()], lead="plan: <i>\nmore", code=["seqgen train a&b"])
    assert text.startswith('<!DOCTYPE html>\n<html lang="en">')
    read = Reader(text)
    assert not {"script", "link", "img", "iframe", "i", "b"} & set(read.tags)
    assert not re.search(r"https?://|url\(|@import|src=", text)
    ids = [value for name, value in read.attributes if name == "id"]
    links = [value for name, value in read.attributes if name == "href"]
    assert len(ids) == len(set(ids)) and links == [f"#{name}" for name in ids]
    assert ("charset", "utf-8") in read.attributes and "prefers-color-scheme: dark" in text
    assert ("content", "width=device-width, initial-scale=1") in read.attributes
    seen = "".join(read.text)
    for part in (
        "runs & <b>",
        "plan: <i>",
        "seqgen train a&b",
        "what the model does",
        "▁남자",
        "GRU",
        "한국어 문장.",
        "이름",
        "2.19",
    ):
        assert part in seen, part


def test_text_stays_text_and_hints_are_escaped() -> None:
    read = Reader(page("t", [Exhibit("t", [shaded()])]))
    assert "<script>alert(1)</script>" in "".join(read.text) and "script" not in read.tags
    assert ("title", 'P(<) < 0.5 & "x"') in read.attributes
    assert "⏎\n" in "".join(read.text) and "␉" in "".join(read.text)
    assert read.tags.count("h1") == 1 and "h2" not in read.tags, "one exhibit of the page's own title has no second one"


def test_a_shaded_text_has_the_colours_of_the_terminal_and_none_where_nothing_is_known() -> None:
    text = page("t", [Exhibit("e", [ShadedText("", [Cell("a", 2.0), Cell("b", math.nan), Cell("c", 99.0)], "", 4.0)])])
    found = re.findall(r'<span class="(light|dark)" style="background:(#\w+)">(.)', text)
    assert found == [("light", written(colour_of(0.5)), "a"), ("dark", written(colour_of(1.0)), "c")]
    assert "<span>b</span>" in text


def test_a_map_says_its_numbers_under_the_pointer() -> None:
    heat = attention()
    (drawn,) = heat_svg(heat)
    root = ElementTree.fromstring(drawn)
    titles = [found.text or "" for found in root.iter("title")]
    assert titles[0] == "▁Two · ▁두: 0.0%" and len(titles) == heat.values.size
    fills = [found.get("fill") for found in root.iter("rect") if found.get("fill")]
    assert fills == [written(colour_of(value)) for value in heat.values.ravel()]
    assert "$x_1$" in [found.text for found in root.iter("text")]


def test_a_wide_map_goes_on_in_the_next_picture() -> None:
    heat = gates("a long line of text, " * 20, low=-1.0)
    pictures = [ElementTree.fromstring(drawn) for drawn in heat_svg(heat)]
    assert len(pictures) > 5 and all(int(drawn.get("width", 0)) <= 820 for drawn in pictures)
    assert sum(1 for drawn in pictures for _ in drawn.iter("title")) == heat.values.size
    fills = {found.get("fill") for drawn in pictures for found in drawn.iter("rect")} - {None}
    assert fills == {written(colour_of(value, signed=True)) for value in heat.values.ravel()}


def test_what_is_no_number_has_no_cell() -> None:
    (drawn,) = heat_svg(Heat("", np.array([[math.nan, 1.0]]), ["r"], ["a", "b"], "x", "y"))
    assert drawn.count("<title>") == 1
    assert heat_svg(Heat("", np.zeros((0, 0)), [], [], "x", "y")) == []


def test_a_chart_has_lines_ticks_and_dots() -> None:
    root = ElementTree.fromstring(chart_svg(chart()))
    assert len(list(root.iter("polyline"))) == 5
    seen = [found.text for found in root.iter("text")]
    assert "10⁻²⁰" in seen and "norm" in seen and "20" in seen
    broken = Chart("", [Series("s", [(1, 1), (2, 2), (3, 0), (4, 4), (5, 5)])], "x", "y", log_y=True)
    root = ElementTree.fromstring(chart_svg(broken))
    assert len(list(root.iter("polyline"))) == 2 and len(list(root.iter("circle"))) == 4


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=20), st.text(st.sampled_from("<>&\"'\x00\x1b\n\ud800\ufffe한 "), max_size=10))
def test_any_text_makes_a_valid_page(name: str, other: str) -> None:
    heat = Heat(name, np.ones((1, 2)), [name], [other, "b"], name, other, other)
    lines = Chart(other, [Series(name, [(1.0, 2.0)])], name, other)
    exhibit = Exhibit(name, [heat, lines, ShadedText(name, [Cell(other, 1.0, name)], name, 2.0), table()], [other])
    text = page(other, [exhibit], lead=name, code=[other])
    Reader(text.encode().decode())
    for drawn in (*heat_svg(heat), chart_svg(lines)):
        ElementTree.fromstring(drawn)
