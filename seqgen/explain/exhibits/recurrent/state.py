"""The hidden state shown: over a text, taken apart at one place, and how long it remembers a first symbol."""

from __future__ import annotations

import math
import shlex
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqgen.draw.human import figure, plural
from seqgen.draw.panels import Chart, Exhibit, Heat, Panel, Series, Table
from seqgen.explain.exhibits.recurrent.step import step_at, step_panels, step_record, step_sentences, where
from seqgen.explain.exhibits.seen import Note, Record, Seen, Tell, about, exact
from seqgen.explain.gates import LayerTrace
from seqgen.explain.places import Place, places_of
from seqgen.explain.recurrence import READ, Reading, check_recurrent, layer_number, reading_of, symbol_label
from seqgen.explain.state import LEFT, Forgetting, forgetting, forgotten_after
from seqgen.explain.step import Step
from seqgen.families import family_of
from seqgen.run import Run
from seqgen.weights import GATES, RNNShape

DRAWN = 400  # symbols


@dataclass(frozen=True)
class Looked:
    """All that is shown of a layer (from 1): the reading, the K units to draw, the step at symbol `index` (from 0), what is
    left of the first symbol (None where that cannot be asked) and the name of the symbol in its place."""

    reading: Reading
    layer: int
    trace: LayerTrace
    chosen: list[int]
    index: int
    step: Step
    forgetting: Forgetting | None
    instead: str


def layer_of(run: Run, wanted: int | None) -> int:
    """The layer to look at, from 1: the last one where none is wanted.

    Raises CheckpointError for a run without a hidden state, ConfigError for a layer that is not there.
    """
    check_recurrent(run)
    return layer_number(run, wanted)


def see(run: Run, text: str, note: Note, tell: Tell, layer: int | None = None, units: int = 8, at: Place | None = None) -> Seen:
    """Read a text with a run's network, show the states of a layer and take one step apart, the last where no place is named;
    `tell` is called with the share read.

    Raises CheckpointError for a run without a hidden state, ConfigError for a layer or a place that is not there.
    """
    number = layer_of(run, layer)
    # What relu makes of a long text may be more than a number holds.
    with np.errstate(over="ignore", invalid="ignore"):
        reading = reading_of(run, text, tell)
        index = reading.index(at)
        found = _looked(run, reading, number, index, units)
    if reading.is_cut:
        note(f"read: the first {READ:,} symbols")
    return exhibit_of(found, run, text), record_of(found, run)


def _looked(run: Run, reading: Reading, number: int, index: int, units: int) -> Looked:
    trace = reading.layer(number)
    # Those that vary most: a constant one shows nothing. Of one symbol, those that are farthest from zero.
    moves = trace.h.std(axis=0) if len(trace.h) > 1 else np.abs(trace.h[0])  # [H]
    chosen = np.argsort(-np.nan_to_num(moves), kind="stable")[:units].tolist()
    left = forgetting(reading, number)
    instead = "" if left is None else symbol_label(run.tokenizer(), left.instead)
    return Looked(reading, number, trace, chosen, index, step_at(reading, number, index), left, instead)


def exhibit_of(found: Looked, run: Run, text: str = "") -> Exhibit:
    """The panels of what was done over `text`, and what they mean."""
    shape, info = found.reading.shape, run.info
    kind = f"RNN ({shape.nonlinearity})" if shape.cell == "rnn" else shape.cell.upper()
    panels: list[Panel] = [*_heats(found), *_at_place(found), *_chart(found)]
    title = f"{kind} {info.name}, layer {found.layer} of {info.config.layers}: the hidden state"
    return Exhibit(title, panels, _sentences(found, run), about("", text))


def _heats(found: Looked) -> list[Panel]:
    """The states of the chosen units over the first symbols; of an LSTM, the memories below them."""
    columns, rows = found.reading.symbols[:DRAWN], [f"unit {unit}" for unit in found.chosen]
    states = found.trace.h[:DRAWN, found.chosen].T  # [K, T]
    low, high = _range(found.reading.shape, states)
    some = "" if len(rows) == found.reading.shape.hidden else f": the {plural(len(rows), 'unit')} that vary most"
    heats: list[Panel] = [Heat(f"The state h{some}", states, rows, columns, "symbol read", "unit", "h", low, high)]
    if found.trace.c is not None:
        memories = np.tanh(found.trace.c[:DRAWN, found.chosen].T)
        heats.append(
            Heat("The memory c of the same units: tanh(c)", memories, rows, columns, "symbol read", "unit", "tanh(c)", -1)
        )
    return heats


def _range(shape: RNNShape, states: NDArray[np.float32]) -> tuple[float, float]:
    """The ends of the colours: those of what a state can be, and of relu, which has no upper one, the largest there is."""
    if shape.cell != "rnn" or shape.nonlinearity == "tanh":
        return -1.0, 1.0
    if shape.nonlinearity == "sigmoid":
        return 0.0, 1.0
    largest = float(np.max(states, initial=0.0, where=np.isfinite(states)))
    return 0.0, float(f"{largest:.2g}") or 1.0


def _at_place(found: Looked) -> list[Panel]:
    """What the state of a plain cell is made of at the place; before and after, of a gated one."""
    step, units = found.step, found.chosen
    title = f"At one place: {where(found.reading, found.index)}"
    if step.cell == "rnn":
        (table,) = step_panels(step, units)
        assert isinstance(table, Table)
        return [Table(title, table.head, table.rows)]
    columns = {"h before": step.h_before, "h": step.h}
    if step.c is not None and step.c_before is not None:
        columns = {"c before": step.c_before, "c": step.c, **columns}
    rows = [(f"unit {unit}", *(figure(float(values[unit])) for values in columns.values())) for unit in units]
    return [Table(title, ("unit", *columns), rows)]


def _chart(found: Looked) -> list[Panel]:
    """What is left of the first symbol, where there is anything."""
    left = found.forgetting
    if left is None or left.first == 0:
        return []
    series = [Series("state h", _points(left.hidden))]
    if left.memory is not None:
        series.append(Series("memory c", _points(left.memory)))
    title = f"How long it remembers: {found.reading.symbols[0]!r} at the beginning, or {found.instead!r}"
    return [Chart(title, series, "symbols read since then", "what is left of the difference", log_y=True)]


def _points(relative: NDArray[np.float64]) -> list[tuple[float, float]]:
    return [(float(after), float(share)) for after, share in enumerate(relative)]


def _sentences(found: Looked, run: Run) -> list[str]:
    """What is seen, in words."""
    shape, length = found.reading.shape, len(found.reading.symbols)
    second = ", and a second vector c, its memory," if shape.cell == "lstm" else ""
    said = [
        f"The hidden state h{second} is all that the layer keeps of the text so far: {plural(shape.hidden, 'number')}"
        f"{' each' if second else ''}, made anew after each symbol from the symbol and from what was there before. "
        "It sums the past up.",
        _unrolled(found.reading, found.layer),
    ]
    if length > DRAWN:
        said.append(f"The first {DRAWN} of {length:,} symbols are drawn.")
    if shape.cell == "rnn" and shape.nonlinearity == "relu":
        said.append(f"relu has no upper end: in this text the states reach {figure(float(np.nanmax(found.trace.h)))}.")
    said += _remembers(found)
    if family_of(run.info.config).counts:
        said.append("This is the network of a hybrid; its Markov model has no state.")
    if shape.cell == "rnn":
        return [*said, *step_sentences(found.step, found.layer, found.chosen[0])]
    at, path = places_of(found.reading.texts)[found.index], shlex.quote(str(run.path))
    layer = "" if shape.layers == found.layer else f" --layer {found.layer}"
    return [*said, f"How gates made this step: seqgen explain gates -m {path}{layer} --at {at}, and the same text."]


def _unrolled(reading: Reading, number: int) -> str:
    """One network, used once for each symbol."""
    shape, length = reading.shape, len(reading.symbols)
    width = shape.input_size if number == 1 else shape.hidden
    rows = GATES[shape.cell] * shape.hidden
    gates = f" ({GATES[shape.cell]} times {shape.hidden} rows, one set for each gate)" if shape.cell != "rnn" else ""
    return (
        f"Unrolled in time, that is one layer used {plural(length, 'time')}: W ({rows} x {width}), U ({rows} x {shape.hidden}) "
        f"and two biases{gates} are the same at each step, {rows * (width + shape.hidden + 2):,} numbers. "
        "A longer text adds none."
    )


def _remembers(found: Looked) -> list[str]:
    """How long a first symbol makes a difference."""
    left, first = found.forgetting, found.reading.symbols[0]
    if left is None:
        return ["How long it remembers is not asked: that takes a text of two symbols or more."]
    if left.first == 0:
        return [f"{found.instead!r} instead of {first!r} at the beginning leads to the same state: nothing differs."]
    said = [
        f"How long it remembers: the text was read again with {found.instead!r} at the beginning instead of {first!r}. "
        "Whatever differs later is what the state still knows of this one symbol.",
        _left("state h", left.hidden),
    ]
    return said if left.memory is None else [*said, _left("memory c", left.memory)]


def _left(name: str, relative: NDArray[np.float64]) -> str:
    """How much of the difference is left, and when little is."""
    after, steps = forgotten_after(relative), len(relative) - 1
    if after is not None:
        return f"{name}: {plural(after, 'symbol')} later less than a hundredth of the difference is left, for good."
    last = float(relative[-1])
    if not math.isfinite(last):
        return f"{name}: the difference grows beyond what can be computed: the state explodes."
    size = f"{last:.0%} of it is left" if last <= 1 else f"it is {last:,.3g} times as large"
    return f"{name}: the difference does not fall below a hundredth; {plural(steps, 'symbol')} later {size}."


def record_of(found: Looked, run: Run) -> Record:
    """The numbers: of all units, for the symbols that are drawn."""
    shape, left, trace = found.reading.shape, found.forgetting, found.trace
    memory: dict[str, Any] | None = None
    if left is not None:
        memory = {
            "first": found.reading.symbols[0],
            "instead": found.instead,
            "distance": left.first,
            "share": LEFT,
            "h": exact(left.hidden),
            "h_forgotten_after": forgotten_after(left.hidden),
            "c": None if left.memory is None else exact(left.memory),
            "c_forgotten_after": None if left.memory is None else forgotten_after(left.memory),
        }
    return {
        "model": run.info.name,
        "cell": shape.cell,
        "nonlinearity": shape.nonlinearity if shape.cell == "rnn" else None,
        "layer": found.layer,
        "symbols": found.reading.symbols,
        "shown_units": found.chosen,
        "drawn": min(DRAWN, len(found.reading.symbols)),
        "h": exact(trace.h[:DRAWN]),
        "c": None if trace.c is None else exact(trace.c[:DRAWN]),
        "step": step_record(found.step, found.reading, found.index),
        "remembers": memory,
    }
