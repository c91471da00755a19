"""A step taken apart, shown: the numbers of some units as tables and written out, all units at one place as a map."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from seqgen.draw.human import figure
from seqgen.draw.panels import Heat, Panel, Table
from seqgen.explain.exhibits.seen import Record, exact
from seqgen.explain.places import places_of
from seqgen.explain.recurrence import Reading
from seqgen.explain.step import Part, Step, step_of

UNITS_DRAWN = 200
# Characters of the text before a place that are quoted.
QUOTED = 20

PRODUCTS = "What the gates are made of: W x + b from the symbol, U h + d from the state before"


def step_at(reading: Reading, number: int, index: int) -> Step:
    """Layer `number` (from 1) reading symbol `index` (from 0) of a text."""
    return step_of(reading.shape, reading.weights, reading.ids, reading.layers, number - 1, reading.before + index)


def where(reading: Reading, index: int) -> str:
    """A place in words: "reading 'e' at 1:3, after 'Th'"."""
    before = "".join(reading.texts[:index])
    quoted = ("…" if len(before) > QUOTED else "") + before[-QUOTED:]
    after = f", after {quoted!r}" if before else ""
    return f"reading {reading.symbols[index]!r} at {places_of(reading.texts)[index]}{after}"


def step_panels(step: Step, units: Sequence[int]) -> list[Panel]:
    """The numbers of some units, and of a gated cell the map of all."""
    if step.cell == "rnn":
        return [_sums(step, units)]
    head = ["unit", *(f"{part.letter}: {product}" for part in step.parts for product in ("W x", "U h"))]
    products = [
        (_unit(unit), *(f"{value[unit]:.3f}" for part in step.parts for value in (part.from_input, part.from_state)))
        for unit in units
    ]
    found = quantities(step)
    values = [(_unit(unit), *(figure(float(value[unit])) for value in found.values())) for unit in units]
    return [
        Table(PRODUCTS, head, products),
        Table("What becomes of them, and of the memory", ("unit", *found), values),
        _map(step),
    ]


def quantities(step: Step) -> dict[str, np.ndarray]:
    """What the equations name, in the order in which a memory is made: name -> [H]."""
    by = {part.name: part for part in step.parts}
    if step.cell == "gru":
        order, memory = ("reset", "new", "update"), {"h before": step.h_before, "h": step.h}
        return {**{by[name].letter: by[name].value for name in order}, **memory}
    assert step.c is not None and step.c_before is not None
    gates = {by[name].letter: by[name].value for name in ("forget", "input", "cell", "output")}
    o = gates.pop("o")
    return {"c before": step.c_before, **gates, "c": step.c, "o": o, "h": step.h}


def step_sentences(step: Step, number: int, unit: int) -> list[str]:
    """The equations in words, and one unit's written out."""
    source = "the symbol" if number == 1 else f"the state of layer {number - 1}"
    made = (
        f"Each gate is made of two products: W x + b from {source}, U h + d from this layer's state before. sigma brings their "
        "sum between 0 and 1, tanh between -1 and 1."
    )
    if step.cell == "lstm":
        words = [
            "The forget gate f says how much of the memory c before is kept, the input gate i how much of what is new, g, is "
            "written, the output gate o how much of the memory is shown: c = f * c before + i * g, h = o * tanh(c).",
            made,
        ]
    elif step.cell == "gru":
        words = [
            "The reset gate r says how much of the state before what is new, n, may see; the update gate z how much of the "
            "state before is kept: h = (1 - z) * n + z * h before. There is no output gate: all of the memory is shown.",
            made,
        ]
    else:
        words = [
            f"h = {step.nonlinearity}(W x + b + U h before + d): one product from {source}, one from the state before; each "
            "step overwrites the whole state."
        ]
    return [*words, f"Unit {unit}, written out:", *written_out(step, unit)]


def written_out(step: Step, unit: int) -> list[str]:
    """The arithmetic of one unit, a line for each equation."""
    lines = [_line(step, part, unit) for part in step.parts]
    value = {name: figure(float(values[unit])) for name, values in quantities(step).items()} if step.cell != "rnn" else {}
    if step.cell == "lstm":
        assert step.c is not None
        squashed = figure(float(np.tanh(step.c[unit])))
        lines += [
            f"c = f * c before + i * g = {value['f']} * {value['c before']} + {value['i']} * {value['g']} = {value['c']}",
            f"h = o * tanh(c) = {value['o']} * {squashed} = {value['h']}",
        ]
    elif step.cell == "gru":
        by = {part.name: part for part in step.parts}
        rest = figure(1 - float(by["update"].value[unit]))
        lines += [f"h = (1 - z) * n + z * h before = {rest} * {value['n']} + {value['z']} * {value['h before']} = {value['h']}"]
    return lines


def step_record(step: Step, reading: Reading, index: int) -> Record:
    """All units' numbers, for a program."""
    place = places_of(reading.texts)[index]
    memory = {} if step.c is None or step.c_before is None else {"c_before": exact(step.c_before), "c": exact(step.c)}
    return {
        "line": place.line,
        "column": place.column,
        "symbol": reading.symbols[index],
        "index": index,
        "parts": [
            {
                "name": part.name,
                "letter": part.letter,
                "from_input": exact(part.from_input),
                "from_state": exact(part.from_state),
                "value": exact(part.value),
            }
            for part in step.parts
        ],
        "h_before": exact(step.h_before),
        **memory,
        "h": exact(step.h),
    }


def _unit(unit: int) -> str:
    return f"unit {unit}"


def _sums(step: Step, units: Sequence[int]) -> Table:
    """A plain cell's two products, their sum and the state."""
    (part,) = step.parts
    rows = [
        (_unit(unit), *(figure(float(value[unit])) for value in (
            part.from_input, part.from_state, part.from_input + part.from_state, part.value)))
        for unit in units
    ]  # fmt: skip
    return Table("What the state is made of", ("unit", "W x + b", "U h + d", "sum", f"h = {step.nonlinearity}(sum)"), rows)


def _map(step: Step) -> Heat:
    """All units [quantities, H]; of an LSTM's memory, which has no bounds, tanh."""
    rows = {f"tanh({name})" if name[0] == "c" else name: value for name, value in quantities(step).items()}
    values = np.stack([np.tanh(value) if name.startswith("tanh") else value for name, value in rows.items()])
    count = values.shape[1]
    drawn = min(count, UNITS_DRAWN)
    which = f"all {count} units" if drawn == count else f"the first {drawn} of {count} units"
    # Labels of one character keep the map narrow.
    labels = [str(unit % 10) for unit in range(drawn)]
    across = "unit (last digit of its number, from 0)" if drawn > 10 else "unit"
    return Heat(f"The same of {which}", values[:, :drawn], list(rows), labels, across, "quantity", "value", low=-1.0)


def _line(step: Step, part: Part, unit: int) -> str:
    """A part of one unit: its two products, what is made of them."""
    squash = {"state": step.nonlinearity, "cell": "tanh", "new": "tanh"}.get(part.name, "sigma")
    squash = "sigma" if squash == "sigmoid" else squash
    a, b, value = (float(values[unit]) for values in (part.from_input, part.from_state, part.value))
    if part.name == "new":
        reset = float(next(other.value[unit] for other in step.parts if other.name == "reset"))
        inner, total = f"r * (U h + d): {figure(reset)} * {figure(b)}", a + reset * b
    else:
        inner, total = f"U h + d: {figure(b)}", a + b
    return f"{part.letter} = {squash}(W x + b: {figure(a)}, {inner}) = {squash}({figure(total)}) = {figure(value)}"
