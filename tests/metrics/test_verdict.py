"""The sentences on a training, held against the figures of real ones (verdicts.json says how each was made).

`twice` is what twice the steps really gained, in bits. The thresholds were set by the runs that say so; all others test them.
"""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqgen.metrics.verdict import WORTH, Figures, Point, course, gain, right, sentences, trend

RUNS: dict[str, dict[str, Any]] = json.loads(Path(__file__).with_name("verdicts.json").read_text(encoding="utf-8"))


def figures(name: str) -> Figures:
    """The figures of a run as they were recorded; NaN is null in JSON."""
    values = dict(RUNS[name]["figures"])
    rows = [[math.nan if value is None else value for value in row] for row in values.pop("curve")]
    pairs = {key: tuple(values.pop(key)) for key in ("exact", "copied", "repeated") if values.get(key)}
    return Figures(curve=tuple(Point(*row) for row in rows), **{**values, **pairs})


@pytest.mark.parametrize("name", RUNS)
def test_each_training_is_told_what_it_is(name: str) -> None:
    said = " ".join(sentences(figures(name)))
    for part in RUNS[name]["says"]:
        assert part in said, said
    assert ("twice the time is worth" in said) == (gain(figures(name)) is not None)


@pytest.mark.parametrize("name", [name for name, run in RUNS.items() if run["twice"] is not None])
def test_twice_the_time_is_worth_what_is_said_within_a_factor_of_two(name: str) -> None:
    said, true = gain(figures(name)), RUNS[name]["twice"]
    assert said is None or true / 2 <= said <= true * 2


def test_it_is_said_where_it_can_be() -> None:
    said = [name for name, run in RUNS.items() if run["twice"] is not None and gain(figures(name)) is not None]
    assert len(said) >= 4, "a fit that says nothing is never wrong"


NUMBER = st.one_of(st.just(math.nan), st.floats(0, 20))
CURVES = st.lists(st.builds(Point, st.integers(0, 1000), NUMBER, NUMBER, NUMBER, NUMBER), max_size=14)


@given(
    task=st.sampled_from(["language", "translation"]),
    curve=CURVES.map(lambda points: tuple(sorted(points, key=lambda point: point.step))),
    passes=st.one_of(st.none(), st.floats(0, 1e6)),
    network=st.one_of(st.none(), st.floats(0.01, 20)),
    exact=st.one_of(st.none(), st.integers(0, 50).map(lambda found: (found, 50))),
)
def test_any_figures_make_sentences(task: str, curve: tuple[Point, ...], passes: float | None, network: float | None,
                                    exact: tuple[int, int] | None) -> None:  # fmt: skip
    for one in sentences(Figures(task, True, True, 10_000, passes, curve, network, network, 2.0, exact)):
        assert one.endswith(".") and "nan" not in one and "inf" not in one


def line(falls: float, noise: float = 0.0, steps: int = 12) -> Figures:
    """A loss of 2 bits that falls by so much with each doubling of the steps, and zigzags."""
    points = [
        Point(step, 2.0, bits, bits)
        for step in range(100, 100 * steps + 1, 100)
        for bits in [2 - falls * math.log2(step / 100 / steps) + noise * (-1) ** (step // 100)]
    ]
    return Figures("language", size=50_000, passes=3, curve=tuple(points))


def test_a_gain_is_said_only_where_the_points_are_near_a_line() -> None:
    assert (
        gain(line(0.2)) == pytest.approx(0.28) and "twice the time is worth about 0.28 bits a character" in course(line(0.2))[0]
    )
    assert gain(line(0.2, noise=0.1)) is None and course(line(0.2, noise=0.1)) == (
        "It is still getting better: more minutes will help.",
    )
    assert trend(line(0.005)) == "level" and trend(line(0.2, steps=5)) == ""
    learnt = replace(line(0.2), curve=[replace(point, train=1.0) for point in line(0.2).curve])
    assert gain(learnt) is None, "what falls in training only will soon rise on held-out text"


@pytest.mark.parametrize(
    ("found", "words"),
    [(0, "Hardly any sentence is"), (5, "About one sentence in twenty is"), (48, "About every second sentence is"),
     (34, "About every third sentence is"), (90, "About nine of ten sentences are"), (100, "Nearly every sentence is")],
)  # fmt: skip
def test_shares_of_sentences_in_words(found: int, words: str) -> None:
    assert right(Figures("translation", exact=(found, 100))) == (
        f"{words} right word for word on held-out pairs ({found} of 100).",
    )


def test_what_is_copied_is_said_beside_how_much_the_text_repeats_itself() -> None:
    copying = Figures("language", learns=False, copied=(570, 1_000), repeated=(120, 1_000))
    assert "57% of what it writes in stretches of 20 characters stands in your text" in sentences(copying)[1]
    assert sentences(copying)[1].endswith("; of the held-out part it is 12%.")
    assert len(sentences(replace(copying, copied=(5, 9)))) == 1


@pytest.mark.parametrize("name", [name for name, run in RUNS.items() if run["twice"] is not None])
def test_what_will_not_be_noticed_is_not(name: str) -> None:
    found = figures(name)
    if trend(found) == "level":
        assert RUNS[name]["twice"] < 2 * WORTH * (found.used or 0.0)
    else:
        assert RUNS[name]["twice"] > WORTH * (found.used or 0.0)
