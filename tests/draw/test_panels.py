"""Panels in a terminal: whatever the width and the text, lines fit, columns are straight and numbers can be read back."""

from __future__ import annotations

import math
from itertools import accumulate

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from seqgen.draw.axis import axis_over
from seqgen.draw.cells import clusters, label, shortened, wrapped
from seqgen.draw.colours import colour_of, lightness, share_of
from seqgen.draw.panels import Cell, Chart, Exhibit, Heat, Panel, Series, ShadedText, Table
from seqgen.draw.terminal.exhibit import rendered
from tests.draw.exhibits import SOURCE, attention, chart, everything, gates, shaded, table

ODD = st.text(st.sampled_from("ab 한글漢👍🏽\t\x07\x1b\r\u0301\ufe0f\u200d\u1161\ud800[red]\n"), max_size=30)
NUMBERS = st.one_of(st.floats(-1e6, 1e6), st.just(math.nan), st.just(math.inf))


def drawn(panel: Panel, width: int = 80, colour: bool = False) -> list[str]:
    """The lines of a panel without the exhibit's title and its own."""
    return rendered(Exhibit("exhibit", [panel]), width, colour).plain.split("\n")[3 if panel.title else 2 :]


def at(line: str, cell: int) -> str:
    """What stands in a cell of a line: the character that begins there."""
    starts = [0, *accumulate(cell_len(character) for character in line)]
    return line[starts.index(cell)] if cell in starts[:-1] else " "


@st.composite
def panels(draw: st.DrawFn) -> Panel:
    """A panel of any kind with odd texts and any numbers."""
    kind = draw(st.sampled_from("heat compact chart text table".split()))
    name = draw(ODD)
    if kind in ("heat", "compact"):
        labels = st.lists(ODD if kind == "heat" else st.sampled_from("ab 한👍\n\t\u0301"), max_size=30)
        rows, columns = draw(st.lists(ODD, max_size=4)), draw(labels)
        numbers = draw(st.lists(NUMBERS, min_size=7, max_size=7))
        values = np.resize(np.array(numbers), (len(rows), len(columns)))
        low = draw(st.sampled_from([0.0, -1.0, 5.0]))
        return Heat(name, values, rows, columns, name, name, draw(st.sampled_from(["share", "", name])), low, 5.0)
    if kind == "chart":
        points = st.lists(st.tuples(NUMBERS, NUMBERS), max_size=6)
        series = [Series(draw(ODD), draw(points)) for _ in range(draw(st.integers(0, 4)))]
        return Chart(name, series, name, name, draw(st.booleans()), draw(st.booleans()))
    if kind == "text":
        return ShadedText(name, [Cell(text, draw(NUMBERS)) for text in draw(st.lists(ODD, max_size=8))], name, 5.0)
    columns = draw(st.integers(1, 6))
    return Table(name, [draw(ODD) for _ in range(columns)], [[draw(ODD) for _ in range(columns)] for _ in range(3)])


@settings(max_examples=150, deadline=None)
@given(panel=panels(), width=st.integers(40, 160), sentence=ODD, colour=st.booleans())
def test_whatever_is_drawn_fits(panel: Panel, width: int, sentence: str, colour: bool) -> None:
    text = rendered(Exhibit(sentence, [panel, panel], [sentence]), width, colour)
    for line in text.plain.split("\n"):
        assert cell_len(line) <= width, line
        assert not any(ord(character) < 0x20 or 0xD800 <= ord(character) < 0xE000 for character in line)
    assert colour or not text.spans


@pytest.mark.parametrize("width", [40, 80, 200])
def test_everything_is_there_at_common_widths(width: int) -> None:
    text = rendered(everything(), width, colour=True)
    for part in ("what the model does", "attention", "percent", "gates", "gradient", "GRU", "surprise", "이름", "한국어 문장."):
        assert part in text.plain, part
    assert text.spans and "\x1b" not in text.plain


def test_percents_are_read_back_block_by_block() -> None:
    heat = attention(columns=30)
    lines = drawn(heat, 60)
    found: dict[str, list[int]] = {name: [] for name in ("▁Two", "▁men", "␣<b>", "$x_1$", ".")}
    for line in lines[1:]:
        name, *cells = line.split() or [""]
        # A heading of dots only looks like a row of that name.
        if name in found and cells and all(cell.isdigit() for cell in cells):
            found[name] += map(int, cells)
    assert list(found.values()) == [[round(value * 100) for value in row] for row in heat.values]


def test_labels_stand_upright_over_their_column() -> None:
    lines = drawn(attention(), 80)
    rows = lines[1:]
    side = len("$x_1$") + 1
    longest = max(map(len, SOURCE))
    for column, name in enumerate(SOURCE):
        last = side + 4 * (column + 1)
        spelt = "".join(at(rows[level], last - cell_len(character)) for level, character in
                        zip(range(longest - len(name), longest), name, strict=True))  # fmt: skip
        assert spelt == name
        assert rows[longest][last - 4 : last] == f"{column:>4}"


def test_long_labels_are_shortened() -> None:
    heat = Heat("x", np.zeros((1, 2)), ["a" * 90], ["internationalisation", "b"], "x", "y", "share")
    lines = drawn(heat, 60)
    assert "…" in lines[1 + 12] and "internationa…" == "".join(line[-5] for line in lines[1 : 1 + 13])
    assert lines[-1].index("…") == 60 // 3 - 1


def test_characters_have_one_compact_column_each() -> None:
    heat = gates()
    _, heading, first, second = drawn(heat)
    assert heading.strip() == "The␣한글␉fox⏎"
    start = cell_len("unit 17 ")
    for row, line in enumerate((first, second)):
        cell = start
        for column, character in enumerate("The␣한글␉fox⏎"):
            assert at(heading, cell) == character
            assert line[cell] == str(min(9, int(heat.values[row, column] * 10)))
            cell += cell_len(character)


def test_signed_numbers_keep_their_sign() -> None:
    heat = Heat("x", np.array([[-1.0, -0.55, 0.0, 0.31, 1.0, math.nan]]), ["u"], list("abcdef"), "x", "y", "", -1.0, 1.0)
    assert drawn(heat)[-1] == "u -9-5 0+3+9  "


def test_figures_with_another_unit_are_short_numbers() -> None:
    heat = Heat("x", np.array([[2.5, -0.25, math.nan]]), ["u"], ["one", "two", "three"], "x", "y", "bits", -3.0, 3.0)
    assert drawn(heat)[-1].split() == ["u", "2.50", "-0.25"]
    tiny = Heat("x", np.array([[0.0004, 0.0]]), ["u"], ["one", "two"], "x", "y", "norm", 0.0, 0.001)
    assert drawn(tiny)[-1].split() == ["u", "4e-4", "0"]


def test_colours_grow_lighter_with_the_number() -> None:
    for signed in (False, True):
        for sign in (1, -1) if signed else (1,):
            steps = [lightness(colour_of(sign * share, signed=signed)) for share in np.linspace(0, 1, 32)]
            assert all(later > sooner for sooner, later in zip(steps, steps[1:], strict=False))
    assert (share_of(3.0, 1.0, 5.0), share_of(9.0, 1.0, 5.0), share_of(-1.0, -2.0, 1.0)) == (0.5, 1.0, -0.5)
    assert share_of(1.0, 1.0, 1.0) == 0.0


@pytest.mark.parametrize("width", [40, 80])
def test_digits_stand_under_the_first_cell_of_their_piece(width: int) -> None:
    pieces = ["The ", "한글", " text", "", "\n", "새 줄", " and", " some", " more", " words", " 한", "국", "어", "!"] * 3
    panel = ShadedText("x", [Cell(piece, i % 10) for i, piece in enumerate(pieces)], "bits", 9.0)
    legend, *lines = drawn(panel, width)
    assert legend == "digits: bits; 9 is 9 or more"
    text, below = lines[0::2], lines[1::2]
    assert "".join(text) == "".join(pieces).replace("\n", "⏎")
    found = [(row, cell, int(mark)) for row, line in enumerate(below) for cell, mark in enumerate(line) if mark != " "]
    expected = [(piece.replace("\n", "⏎")[0], i % 10) for i, piece in enumerate(pieces) if piece]
    assert [(at(text[row], cell), digit) for row, cell, digit in found] == expected


def test_shaded_text_breaks_at_spaces_and_newlines() -> None:
    lines = drawn(ShadedText("", [Cell("some words to be broken at a space\nnext", 1.0)], "", 1.0), 40, colour=True)
    assert lines[-2:] == ["some words to be broken at a space⏎", "next"]
    long = drawn(ShadedText("", [Cell("some words to be broken at a space that is near", 1.0)], "", 1.0), 40, colour=True)
    assert long[-2:] == ["some words to be broken at a space that ", "is near"]


def test_unknown_and_large_values_have_a_digit_too() -> None:
    lines = drawn(ShadedText("", [Cell("a", math.nan), Cell("b", 99.0), Cell("c", -1.0)], "", 2.0))
    assert lines[-2:] == ["abc", "?90"] and "? is none" in lines[-3]


def test_a_chart_falls_and_names_its_lines() -> None:
    lines = drawn(chart())
    plot = [line.split("┤")[-1].split("│")[-1] for line in lines[1:15]]
    first = [(row, column) for row, line in enumerate(plot) for column, mark in enumerate(line) if mark == "o"]
    by_column = sorted(first, key=lambda place: place[1])
    assert [row for row, _ in by_column] == sorted(row for row, _ in by_column), "a falling line only falls"
    assert by_column[0][0] <= 1 and by_column[-1][0] == 13
    assert "o vanilla" in lines[-2] + lines[-1] and "norm (logarithmic)" in lines[0]
    assert all(mark in "".join(plot) for mark in "ox+*#")


def test_lines_on_each_other_are_both_seen() -> None:
    same = [(float(x), 1.0) for x in range(40)]
    lines = drawn(Chart("", [Series("a", same), Series("b", same)], "x", "y"), 60)
    assert sum(line.count("o") for line in lines) > 10 and sum(line.count("x") for line in lines) > 10


def test_a_logarithmic_axis_leaves_out_what_it_cannot_show() -> None:
    points = [(0.0, 5.0), (1.0, -5.0), (1.0, 1.0), (10.0, math.nan), (100.0, 100.0)]
    lines = drawn(Chart("", [Series("s", points)], "x", "y", log_x=True, log_y=True))
    assert sum(line.count("o") for line in lines[1:15]) == 2
    assert "no axis" not in "".join(lines) and lines[1].split()[0] == "100" and lines[14].split()[0] == "1"


def test_axes() -> None:
    assert [text for _, text in axis_over([1e-8, 3.0], log=True).ticks(20)] == [
        *"10⁻⁸ 10⁻⁷ 10⁻⁶ 10⁻⁵ 10⁻⁴ 10⁻³ 0.01 0.1 1".split()
    ]
    assert [text for _, text in axis_over([2.0, 7.0], log=True).ticks(9)] == ["2", "5"]
    assert axis_over([0.0, 97.0]).ticks(5)[-1] == (1.0, "100")
    assert axis_over([]).ticks(5) and axis_over([], log=True).ticks(5)
    axis = axis_over([3.0])
    assert axis.low < 3 < axis.high and axis.place(math.nan) is None
    assert axis.value(axis.place(2.0) or 0.0) == pytest.approx(2.0)
    log = axis_over([1.0, 1000.0], log=True)
    assert log.place(10.0) == pytest.approx(1 / 3) and log.value(1 / 3) == pytest.approx(10.0) and log.place(0.0) is None


@given(st.lists(st.floats(-1e100, 1e100), min_size=1, max_size=5), st.booleans())
def test_an_axis_holds_its_points(values: list[float], log: bool) -> None:
    axis = axis_over(values, log=log)
    places = [axis.place(value) for value in values]
    assert all(place is None or -1e-6 <= place <= 1 + 1e-6 for place in places)
    assert len(axis.ticks(5)) <= 12


def test_a_table_is_straight_and_goes_on_in_blocks() -> None:
    lines = drawn(table())
    assert len({cell_len(line) for line in lines}) == 1 and lines[0].split() == ["이름", "bits", "loss", "seconds"]
    wide = Table("", ["name", *(f"column {i}" for i in range(9))], [["한글", *map(str, range(9))]])
    narrow = drawn(wide, 40)
    assert [line.split()[1:] for line in narrow if line.startswith("한글")] == [
        ["0", "1", "2"],
        ["3", "4", "5"],
        ["6", "7", "8"],
    ]


def test_words_in_a_table_are_read_from_the_left_and_give_way_to_figures() -> None:
    said = "something long that was said by the model in its own words"
    lines = drawn(Table("", ["after", "bits", "what it said"], [["10 s", "2.19", said], ["20 s", "1.9", "short"]]), 50)
    assert lines[2:] == ["10 s   2.19  something long that was said by the…", "20 s    1.9  short"]


def test_text_in_cells() -> None:
    assert [label(text) for text in (" the", "a b", "\n", "  ", "\t", "")] == ["␣the", "a b", "⏎", "␣␣", "␉", ""]
    assert clusters("e\u0301a") == ["e\u0301", "a"] and clusters("\u0301") == ["◌\u0301"]
    assert shortened("한글이다", 5) == "한글…" and shortened("한글이다", 4) == "한…" and shortened("abc", 3) == "abc"
    assert list(wrapped("한글 두 줄\n셋", 6)) == ["한글", "두 줄", "셋"]


def test_empty_panels_are_no_failure() -> None:
    nothing = [
        Heat("", np.zeros((0, 0)), [], [], "", ""),
        Chart("", [], "", ""),
        ShadedText("", [], "", 0.0),
        Table("", [], []),
    ]
    assert rendered(Exhibit("t", nothing), 40, colour=True).plain.startswith("t")
    assert shaded().cells
