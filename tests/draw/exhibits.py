"""Panels to draw: small ones of every kind, with Hangul, control characters and markup in them."""

from __future__ import annotations

import math

import numpy as np

from seqgen.draw.panels import Cell, Chart, Exhibit, Grid, Heat, Panel, Series, ShadedText, Table

SOURCE = ("▁두", "▁남자", "가", "▁있습니다", ".", "</s>")
TARGET = ("▁Two", "▁men", " <b>", "$x_1$", ".")


def attention(columns: int = len(SOURCE)) -> Heat:
    """Shares that count up by one percent, so that each cell says where it stands."""
    labels = [SOURCE[i % len(SOURCE)] for i in range(columns)]
    values = np.arange(len(TARGET) * columns).reshape(len(TARGET), columns) / 100 % 1
    return Heat("attention", values, TARGET, labels, "source", "output", "share")


def gates(text: str = "The 한글\tfox\n", low: float = 0.0) -> Heat:
    """Numbers by a formula for two units and each character."""
    place = np.arange(2 * len(text)).reshape(2, len(text))
    values = np.sin(place) if low < 0 else (np.sin(place) + 1) / 2
    return Heat("gates", values, ("unit 3", "unit 17"), list(text), "character", "unit", "open", low, 1.0)


def grid(columns: int = 5) -> Grid:
    """Two rows of three maps, each cell a number of its own; the last has a corner that is empty."""
    values = np.arange(2 * 3 * 4 * columns).reshape(2, 3, 4, columns) / (24 * columns)
    values[1, 2, 0, -1] = math.nan
    return Grid("heads", values, ("layer 1", "층 <2>"), ("head 1", "head 2", "머리 3"), "source", "output", "share")


def chart() -> Chart:
    """Five lines that fall at their own rates over many powers of ten."""
    names = ("vanilla", "GRU", "LSTM", "_LSTM & 나", "$transformer$")
    series = [Series(name, [(x, math.exp(-x / (4**i))) for x in range(1, 60)]) for i, name in enumerate(names)]
    return Chart("gradient", series, "characters back", "norm", log_y=True)


def shaded(text: str = "한글 ab\n<script>alert(1)</script>\t👍 e\u0301") -> ShadedText:
    """A piece for each character, with its probability as a hint."""
    cells = [Cell(character, i % 10, f'P({character}) < 0.5 & "x"') for i, character in enumerate(text)]
    return ShadedText("surprise", cells, "bits a character", 9.0)


def table() -> Table:
    """A name and three figures."""
    return Table(
        "figures", ("이름", "bits", "loss", "seconds"), (("counting", "2.19", "1.52", "0.1"), ("한글 & <i>", "1", "2", "3"))
    )


def everything() -> Exhibit:
    """All of them."""
    panels: list[Panel] = [attention(), gates(), gates(low=-1.0), grid(), chart(), shaded(), table()]
    return Exhibit("what the model does", panels, ("A sentence & another <one>.", "한국어 문장."))
