"""An axis: where a number lies on it, from 0 to 1, and which numbers to write beside it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from seqgen.draw.human import count
from seqgen.draw.panels import Chart

# Anything smaller is arithmetic noise: no logarithmic axis shows it.
_LEAST = 1e-300
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class Axis:
    """From `low` to `high`, which differ; both above zero where it is logarithmic."""

    low: float
    high: float
    log: bool = False

    def place(self, value: float) -> float | None:
        """How far along the axis a number lies; None for what the axis cannot show."""
        if not math.isfinite(value) or (self.log and value < _LEAST):
            return None
        low, high, value = (_scaled(part, self.log) for part in (self.low, self.high, value))
        return (value - low) / (high - low)

    def value(self, place: float) -> float:
        """The number that lies `place` along the axis."""
        low, high = _scaled(self.low, self.log), _scaled(self.high, self.log)
        value = low + (high - low) * place
        return float(10.0**value) if self.log else value

    def ticks(self, most: int) -> list[tuple[float, str]]:
        """At most about `most` places on the axis with their labels: powers of ten where it is logarithmic."""
        values = _powers(self.low, self.high, max(2, most)) if self.log else _round_numbers(self.low, self.high, most)
        return [
            (place, text) for value, text in values if (place := self.place(value)) is not None and -1e-9 <= place <= 1 + 1e-9
        ]


def axes_of(chart: Chart) -> tuple[Axis, Axis]:
    """The axes that hold all points that both of them can show."""
    points = list(points_of(chart))
    across = axis_over((x for x, _ in points), log=chart.log_x, steps=10)
    return across, axis_over((y for _, y in points), log=chart.log_y)


def points_of(chart: Chart) -> Iterator[tuple[float, float]]:
    """All points that can be shown."""
    for series in chart.series:
        for x, y in series.points:
            if math.isfinite(x) and math.isfinite(y) and (x >= _LEAST or not chart.log_x) and (y >= _LEAST or not chart.log_y):
                yield x, y


def axis_over(values: Iterable[float], *, log: bool = False, steps: int = 5) -> Axis:
    """The axis that holds the numbers; unless it is logarithmic, it ends at round ones."""
    known = [value for value in values if math.isfinite(value) and (value >= _LEAST or not log)]
    low, high = (min(known), max(known)) if known else (1.0, 10.0) if log else (0.0, 1.0)
    if log:
        near = math.log10(high) - math.log10(low) < 0.1
        return Axis(low / 2, high * 2, log) if near else Axis(low, high, log)
    if high - low <= 1e-9 * max(abs(low), abs(high)) or high == low:
        margin = abs(high) / 2 or 0.5
        low, high = low - margin, high + margin
    step = _step(low, high, steps)
    return Axis(math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step)


def _scaled(value: float, log: bool) -> float:
    return math.log10(value) if log else value


def _step(low: float, high: float, steps: int) -> float:
    """A round step that fits about `steps` times between low and high."""
    rough = (high - low) / max(1, steps)
    power = 10.0 ** math.floor(math.log10(rough))
    return next(factor * power for factor in (1, 2, 5, 10, 20) if factor * power >= rough * 0.999)


def _round_numbers(low: float, high: float, most: int) -> Iterator[tuple[float, str]]:
    step = _step(low, high, most)
    digits = max(0, -math.floor(math.log10(step) + 1e-9))
    for number in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1):
        value = number * step
        if digits > 5:
            yield value, f"{value:g}"
        else:
            yield value, count(value) if abs(value) >= 10_000 else f"{value:.{digits}f}"


def _powers(low: float, high: float, most: int) -> Iterator[tuple[float, str]]:
    """Powers of ten between low and high; where there are fewer than two, round numbers between them too."""
    first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
    if last - first >= 1:
        every = math.ceil((last - first + 1) / most)
        for exponent in range(math.ceil(first / every) * every, last + 1, every):
            yield 10.0**exponent, _power(exponent)
        return
    for exponent in range(first - 1, last + 1):
        for factor in (1, 2, 5):
            value = factor * 10.0**exponent
            if low * 0.999 <= value <= high * 1.001:
                yield value, f"{value:g}" if 1e-4 <= value < 1e5 else f"{factor}·10{str(exponent).translate(_RAISED)}"


def _power(exponent: int) -> str:
    return f"{10.0**exponent:g}" if -2 <= exponent <= 3 else "10" + str(exponent).translate(_RAISED)
