"""Costs shown: time and bytes of attention over N positions against those of a recurrent layer."""

from __future__ import annotations

from typing import Any

from seqgen.draw.panels import Chart, Exhibit, Panel, Series, Table
from seqgen.explain.costs import (
    HEADS,
    SPARE,
    Costs,
    bytes_available,
    check_width,
    crossover,
    exponent,
    larger_half,
    measure,
    positions_up_to,
    score_bytes,
)
from seqgen.explain.exhibits.seen import Record, Seen, Tell


def see(width: int, largest: int, repeats: int, threads: int, tell: Tell) -> Seen:
    """Measure powers of two up to `largest` positions, as far as memory allows, and show them; `threads` is for the record.

    Raises ConfigError for a width that heads cannot share.
    """
    check_width(width)
    wanted = positions_up_to(largest, None)[-1]
    costs = measure(width, positions_up_to(largest, bytes_available()), wanted, repeats, tell)
    return exhibit_of(costs), {"threads": threads, **record_of(costs)}


def exhibit_of(costs: Costs) -> Exhibit:
    """Charts, tables, and how the costs grow."""
    milliseconds = [[1000 * second for second in cost.seconds] for cost in (costs.attention, costs.recurrence)]
    megabytes = [[number / 1e6 for number in cost.bytes] for cost in (costs.attention, costs.recurrence)]
    panels: list[Panel] = [
        _chart("Time to read N symbols", costs, milliseconds, "milliseconds"),
        _chart("Memory to read N symbols", costs, megabytes, "megabytes"),
        _table("To read N symbols", costs, "allocated", costs.attention, costs.recurrence),
        _table("To write one more symbol after N", costs, "kept", costs.attention_step, costs.recurrence_step),
        _growth(costs),
    ]
    return Exhibit(f"Attention and recurrence, width {costs.width}", panels, _sentences(costs))


def _chart(title: str, costs: Costs, values: list[list[float]], unit: str) -> Chart:
    names = ("attention", "LSTM")
    series = [Series(name, list(zip(map(float, costs.positions), line, strict=True)))
              for name, line in zip(names, values, strict=True)]  # fmt: skip
    return Chart(title, series, "N", unit, log_x=True, log_y=True)


def _table(title: str, costs: Costs, what: str, attention: Any, recurrence: Any) -> Table:
    head = ("N", "attention, time", what, "LSTM, time", what)
    rows = [
        (f"{n:,}", *(text for cost in (attention, recurrence) for text in (_time(cost.seconds[k]), _size(cost.bytes[k]))))
        for k, n in enumerate(costs.positions)
    ]
    return Table(title, head, rows)


def _growth(costs: Costs) -> Table:
    """The fitted exponents beside those for large N."""
    names = {
        "attention": ("read, attention", 2, 2),
        "recurrence": ("read, LSTM", 1, 1),
        "attention_step": ("write one more, attention", 1, 1),
        "recurrence_step": ("write one more, LSTM", 0, 0),
    }
    fitted = exponents(costs)
    rows = [
        (label, _power(fitted[f"{name}_seconds"]), f"N^{seconds}", _power(fitted[f"{name}_bytes"]), f"N^{size}")
        for name, (label, seconds, size) in names.items()
    ]
    smallest, *_, largest = larger_half(costs.positions)
    title = f"Growth, fitted from N = {smallest:,} to {largest:,}, and what it comes to for large N"
    return Table(title, ("to", "time", "comes to", "bytes", "comes to"), rows)


def _sentences(costs: Costs) -> list[str]:
    """Where they cross, what the scores take, and what was left out."""
    n = costs.positions[-1]
    said = [
        _crossing(costs, "attention", "recurrence", "to read"),
        _crossing(costs, "attention_step", "recurrence_step", "to write one more symbol"),
        f"The scores of {HEADS} heads over {n:,} positions alone take {_size(score_bytes(n))}.",
        "Times are the shortest measured, of NumPy on this machine: other code moves the crossing, not the growth.",
    ]
    if n < costs.wanted:
        more = f"{SPARE} times the scores of {2 * n:,}, {_size(score_bytes(2 * n))} each, are more than the free memory"
        said.append(f"Measured up to {n:,} positions only: {more}.")
    return said


def _crossing(costs: Costs, one: str, other: str, what: str) -> str:
    """The N above which attention takes longer than the LSTM, if there is one."""
    first, second = getattr(costs, one).seconds, getattr(costs, other).seconds
    if at := crossover(costs.positions, first, second):
        return f"From about {float(f'{at:.2g}'):,.0f} positions on, attention takes longer than the LSTM {what}."
    if all(a < b for a, b in zip(first, second, strict=True)):
        return f"At every N measured, attention takes less time than the LSTM {what}."
    if all(a > b for a, b in zip(first, second, strict=True)):
        return f"At every N measured, attention takes more time than the LSTM {what}."
    return f"Which takes longer {what} changes more than once: there is no crossing to speak of."


def exponents(costs: Costs) -> dict[str, float]:
    """The fitted exponent of each series: attention_seconds, attention_bytes, and so on."""
    names = ("attention", "recurrence", "attention_step", "recurrence_step")
    return {
        f"{name}_{unit}": round(exponent(costs.positions, getattr(getattr(costs, name), unit)), 3)
        for name in names
        for unit in ("seconds", "bytes")
    }


def record_of(costs: Costs) -> Record:
    """The numbers."""
    record: Record = {"width": costs.width, "heads": HEADS, "positions": list(costs.positions), "wanted": costs.wanted}
    for name in ("attention", "recurrence", "attention_step", "recurrence_step"):
        cost = getattr(costs, name)
        record[name] = {"seconds": [float(f"{s:.4g}") for s in cost.seconds], "bytes": list(cost.bytes)}
    record["exponents"] = exponents(costs)
    at = crossover(costs.positions, costs.attention.seconds, costs.recurrence.seconds)
    step = crossover(costs.positions, costs.attention_step.seconds, costs.recurrence_step.seconds)
    return {**record, "crossover": at and round(at), "crossover_step": step and round(step)}


def _power(exponent: float) -> str:
    """N to the exponent; + 0.0 makes zero of minus zero."""
    return f"N^{round(exponent, 2) + 0.0:.2f}"


def _time(seconds: float) -> str:
    """In the unit that fits."""
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-6:.3g} us"


def _size(count: float) -> str:
    """In the unit that fits, powers of 1000."""
    for unit, size in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= size:
            return f"{count / size:.3g} {unit}"
    return f"{count:.0f} B"
