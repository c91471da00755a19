"""`seqgen explain memory`: time and bytes of attention over N positions against those of a recurrent layer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from seqgen.commands.options import common, threads_with
from seqgen.commands.showing import show, showing_options
from seqgen.console import Console

if TYPE_CHECKING:
    from seqgen.draw.panels import Chart, Exhibit, Panel, Table
    from seqgen.explain.memory import Costs

HELP = """Measure on this machine what attention over N positions costs in time and bytes, against an LSTM layer of the same
width: to read N symbols, and to write one more. Both are plain NumPy, as their formulas stand, on one processor unless
--threads says more.

\b
Examples:
  seqgen explain memory
  seqgen explain memory --width 512 --max 2048 -o memory.svg
  seqgen explain memory --threads 2 --json
"""


@click.command("memory", help=HELP, short_help="What attention over N positions costs, against a recurrent step.")
@click.option("--width", type=click.IntRange(4, 4096), default=128, show_default=True, help="Of both layers.")
@click.option("--max", "largest", type=click.IntRange(256, 65_536), default=4096, show_default=True,
              help="Measure powers of two from 64 up to this.")  # fmt: skip
@click.option("--repeats", type=click.IntRange(1, 1000), default=5, show_default=True, help="Take the least of so many times.")
@showing_options
@threads_with("one")
@common
@click.pass_obj
def command(
    console: Console,
    /,
    width: int,
    largest: int,
    repeats: int,
    output: Path | None,
    as_json: bool,
    threads: int | None,
    quiet: bool,
) -> None:
    """Parse, measure, show."""
    console.quiet = quiet
    from seqgen.threads import limit_threads

    # On one processor both do all of their work where it is counted, and nobody waits for a processor that is busy elsewhere.
    limit_threads(threads or 1)
    from seqgen.explain.memory import check_width, measure, memory_available, positions_up_to

    check_width(width)
    wanted = positions_up_to(largest, None)[-1]
    positions = positions_up_to(largest, memory_available())
    with console.progress("measuring") as progress:
        costs = measure(width, positions, wanted, repeats, progress)
    record = {"threads": threads or 1, **record_of(costs)}
    show(console, exhibit_of(costs), record, output=output, as_json=as_json)


def exhibit_of(costs: Costs) -> Exhibit:
    """Charts, tables, and what grows how."""
    from seqgen.draw.panels import Exhibit

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
    from seqgen.draw.panels import Chart, Series

    names = ("attention", "LSTM")
    series = [Series(name, list(zip(map(float, costs.positions), line, strict=True)))
              for name, line in zip(names, values, strict=True)]  # fmt: skip
    return Chart(title, series, "N", unit, log_x=True, log_y=True)


def _table(title: str, costs: Costs, what: str, attention: Any, recurrence: Any) -> Table:
    from seqgen.draw.panels import Table

    head = ("N", "attention, time", what, "LSTM, time", what)
    rows = [
        (f"{n:,}", *(text for cost in (attention, recurrence) for text in (_time(cost.seconds[k]), _size(cost.bytes[k]))))
        for k, n in enumerate(costs.positions)
    ]
    return Table(title, head, rows)


def _growth(costs: Costs) -> Table:
    """The fitted exponents beside what they come to."""
    from seqgen.draw.panels import Table
    from seqgen.explain.memory import larger_half

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
    from seqgen.explain.memory import HEADS, SPARE, score_bytes

    n = costs.positions[-1]
    said = [
        _crossing(costs, "attention", "recurrence", "to read"),
        _crossing(costs, "attention_step", "recurrence_step", "to write one more symbol"),
        f"The scores of {HEADS} heads over {n:,} positions alone take {_size(score_bytes(n))}.",
        "Times are the least measured, of NumPy on this machine: other code moves the crossing, not the growth.",
    ]
    if n < costs.wanted:
        more = f"{SPARE} times the scores of {2 * n:,}, {_size(score_bytes(2 * n))} each, are more than the memory that is free"
        said.append(f"Measured up to {n:,} positions only: {more}.")
    return said


def _crossing(costs: Costs, one: str, other: str, what: str) -> str:
    """From where on attention takes longer than the LSTM, if anywhere."""
    from seqgen.explain.memory import crossover

    first, second = getattr(costs, one).seconds, getattr(costs, other).seconds
    if at := crossover(costs.positions, first, second):
        return f"From about {float(f'{at:.2g}'):,.0f} positions on attention takes longer than the LSTM {what}."
    if all(a < b for a, b in zip(first, second, strict=True)):
        return f"At every N measured attention takes less time than the LSTM {what}."
    if all(a > b for a, b in zip(first, second, strict=True)):
        return f"At every N measured attention takes more time than the LSTM {what}."
    return f"Which takes longer {what} changes more than once: there is no crossing to speak of."


def exponents(costs: Costs) -> dict[str, float]:
    """The fitted exponent of each series: attention_seconds, attention_bytes, and so on."""
    from seqgen.explain.memory import exponent

    names = ("attention", "recurrence", "attention_step", "recurrence_step")
    return {
        f"{name}_{unit}": round(exponent(costs.positions, getattr(getattr(costs, name), unit)), 3)
        for name in names
        for unit in ("seconds", "bytes")
    }


def record_of(costs: Costs) -> dict[str, Any]:
    """The numbers."""
    from seqgen.explain.memory import HEADS, crossover

    record: dict[str, Any] = {"width": costs.width, "heads": HEADS, "positions": list(costs.positions), "wanted": costs.wanted}
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
