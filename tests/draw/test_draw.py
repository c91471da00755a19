"""Drawing: whatever the size and the text, no line is wider than its place, and shapes are where they belong."""

from __future__ import annotations

import io
import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console as RichConsole

from seqgen.draw.cells import aligned
from seqgen.draw.human import age, count, duration, plural, visible
from seqgen.draw.training.braille import MARK, curve, scale
from seqgen.draw.training.plain import line, sample_line, shares
from seqgen.draw.training.screen import TrainingView, compared, render

ODD = st.text(st.sampled_from("ab 한글漢👍🏽\t\x07\x1b[red]\n"), max_size=200)


def view(sample: str = "", notes: tuple[str, ...] = (), title: str = "run", points: int = 20) -> TrainingView:
    train = tuple((float(t), 2 + 3 / (t + 1)) for t in range(points))
    about = "learning to write like 한글: 60,000 characters, 5 minutes"
    return TrainingView(title=title, about=about, plan="plan: lstm 1 x 384, " * 3, phase="training", fraction=0.4, elapsed=40,
                        total=100, step=123, eta=60, rate=50_000, lr=0.004, train=train, valid=train[::5], mixed=2.15,
                        best=2.1, baselines=(("counting", 2.19), ("xz", 2.5)), sample=sample, notes=notes)  # fmt: skip


def drawn(shown: TrainingView, width: int, height: int) -> list[str]:
    console = RichConsole(file=io.StringIO(), width=width, force_terminal=False, color_system=None)
    console.print(render(shown, width, height))
    text: str = console.file.getvalue()  # type: ignore[attr-defined]
    return text.rstrip("\n").split("\n")


@settings(max_examples=60, deadline=None)
@given(width=st.integers(40, 180), height=st.integers(12, 60), sample=ODD, note=ODD, title=ODD, points=st.integers(0, 40))
def test_the_screen_fits_any_size_and_any_text(
    width: int, height: int, sample: str, note: str, title: str, points: int
) -> None:
    lines = drawn(view(sample, (note,) if note else (), title, points), width, height)
    assert all(cell_len(line) <= width for line in lines)
    assert all("\x1b" not in line and "\x07" not in line and "\t" not in line for line in lines)


@pytest.mark.parametrize(("width", "height"), [(80, 24), (100, 32), (160, 50)])
def test_common_sizes_hold_everything(width: int, height: int) -> None:
    lines = drawn(view(sample="A sample.\n둘째 줄"), width, height)
    text = "\n".join(lines)
    assert len(lines) <= height
    for part in (
        "40%",
        "0:40 of 1:40",
        "1:00 left",
        "you are at 2.100",
        "counting gets 2.190",
        "training 2.150",
        "held-out 2.188≈",
        "60,000 characters",
        "A sample.",
        "둘째 줄",
        MARK,
    ):
        assert part in text, part
    assert len({cell_len(line) for line in lines}) == 1, "the frame is straight, wide characters or not"


def test_markup_in_a_text_is_text() -> None:
    assert "[red]not red[/red]" in "\n".join(drawn(view(sample="[red]not red[/red]"), 80, 30))


def test_a_curve_begins_high_and_ends_low() -> None:
    lines = curve([(0.0, 3.0), (1.0, 1.0)], [(0.5, 2.0)], 47, 8)
    cells = [row[7:] for row in lines]
    assert cells[0][0] != " " and cells[-1].rstrip()[-1] != " " and len(cells[-1].rstrip()) == 40
    assert "3.00" in lines[0] and "1.00" in lines[-1]
    middle = [(row, cell.index(MARK)) for row, cell in enumerate(cells) if MARK in cell]
    assert middle == [(4, 20)] or middle == [(3, 19)] or middle == [(3, 20)] or middle == [(4, 19)]


@given(
    line_=st.lists(st.tuples(st.floats(0, 100), st.floats()), max_size=30),
    width=st.integers(0, 60),
    height=st.integers(0, 12),
)
def test_curves_take_any_numbers(line_: list[tuple[float, float]], width: int, height: int) -> None:
    rows = curve([(x, y if abs(y) < 1e100 else math.nan) for x, y in line_], [], width, height)
    assert len(rows) == height


def test_plain_lines_have_no_escapes() -> None:
    text = line(view()) + sample_line("a\x1b[31mb\n한")
    assert "\x1b" not in text and "\n" not in text and "\r" not in text
    wanted = "bits a character (nats): training 2.150 (1.490), held-out 2.188≈ (1.517), with counting 2.150≈ (1.490)"
    assert "40%" in text and "step 123" in text and wanted in text and "⏎" in text and "50,000 characters a second" in text


def test_what_is_known_of_other_methods() -> None:
    assert compared(view()) == "counting gets 2.190, xz gets 2.500 bits a character, you are at 2.100"
    assert compared(TrainingView(title="x")) == ""


@given(st.floats(1e-3, 1e7), st.integers(0, 200))
def test_the_scale_below_a_curve_fits(end: float, width: int) -> None:
    text = scale(end, " min", width)
    assert len(text) <= width and (not text or text.endswith(" min"))


def test_the_scale_has_round_numbers_under_their_places() -> None:
    text = scale(5.0, " min", 67)
    assert text.split() == ["0", "1", "2", "3", "4", "5", "min"] and text.index("0") == 7 and abs(text.index("3") - 42) <= 1


@pytest.mark.parametrize(("total", "steps", "unit"), [(300, None, "min"), (60, None, "s"), (None, 100, "steps")])
def test_the_curve_has_an_axis_in_its_own_unit(total: float | None, steps: int | None, unit: str) -> None:
    text = "\n".join(drawn(replace(view(), total=total, steps=steps), 80, 30))
    assert f" {unit} " in text and text.index("learning to write") < text.index("plan:")


def test_one_fall_at_the_beginning_leaves_room_for_the_rest() -> None:
    train = ((0.0, 9.0), *((float(t), 2 - t / 1000) for t in range(10, 101)))
    text = "\n".join(drawn(replace(view(), train=train, valid=()), 80, 30))
    assert "9.00" not in text and "1.98 ┤" in text or "1.99 ┤" in text and "1.90 ┤" in text


def test_tables_are_straight() -> None:
    lines = aligned([("이름", "1"), ("name", "22"), ("a", "333")]).split("\n")
    assert [cell_len(text) for text in lines[:3]] == [9, 9, 9]
    assert aligned([]) == ""
    expected = "b 3.0 s 75.0% a 1.0 s 25.0% in all 4.0 s"
    assert shares([("a", 1.0), ("b", 3.0), ("tiny", 0.001)]).split() == expected.split()


def test_human_forms() -> None:
    assert [duration(s) for s in (0, 31.4, 3723, float("nan"))] == ["0:00", "0:31", "1:02:03", "?"]
    assert [age(s) for s in (5, 300, 7200, 400_000)] == ["now", "5 min", "2 h", "5 days"]
    assert [count(n) for n in (12, 1234, 1_115_394)] == ["12", "1.23 k", "1.12 M"]
    assert visible("a\tb\x7f\u2028") == "a␉b··"


def test_a_number_and_its_noun_agree() -> None:
    assert [plural(number, "pair") for number in (0, 1, 2, 1_000, 1_234_567)] == [
        "0 pairs", "1 pair", "2 pairs", "1,000 pairs", "1,234,567 pairs"
    ]  # fmt: skip
    assert [plural(number, "minute") for number in (0.5, 1.0, 12.5)] == ["0.5 minutes", "1 minute", "12.5 minutes"]
    assert [plural(number, "row was", "rows were") for number in (1, 2)] == ["1 row was", "2 rows were"]
