"""Gates shown: what an LSTM or a GRU keeps and forgets over a text, and which units follow what can be seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqgen.draw.human import plural
from seqgen.draw.panels import Exhibit, Heat, Panel, Table
from seqgen.explain.exhibits.recurrent.step import step_at, step_panels, step_record, step_sentences, where
from seqgen.explain.exhibits.seen import Note, Record, Seen, Tell, about
from seqgen.explain.gates import LayerTrace, check_gated, half_life
from seqgen.explain.places import Place
from seqgen.explain.recurrence import READ, Reading, layer_number, reading_of
from seqgen.explain.units import LEAST, PERCENTILE, SHIFTS, SHORTEST, Units, labels_of_symbols, units_that_follow
from seqgen.families import family_of
from seqgen.families.recurrent import cell_of
from seqgen.run import Run, RunInfo
from seqgen.tokenizers.base import Tokenizer

DRAWN = 400  # symbols


@dataclass(frozen=True)
class Behaviour:
    """All that is shown: a layer (from 1) over T symbols, half-lives [H], followers, the K units to draw.

    `is_cut`: the text goes on after what was read.
    """

    symbols: list[str]
    layer: int
    trace: LayerTrace
    lives: NDArray[np.float64]
    units: Units
    chosen: list[int]
    is_cut: bool


def layer_of(run: Run, wanted: int | None) -> int:
    """The layer to look at, from 1: the last one where none is wanted.

    Raises CheckpointError for a run without gates, ConfigError for a layer that is not there.
    """
    check_gated(run)
    return layer_number(run, wanted)


def see(run: Run, text: str, note: Note, tell: Tell, layer: int | None = None, units: int = 8, at: Place | None = None) -> Seen:
    """Read a text with a run's network and show a layer of it, or, with `at`, its one step there; `tell` is called with the
    share read.

    Raises CheckpointError for a run without gates, ConfigError for a layer or a place that is not there.
    """
    number = layer_of(run, layer)
    reading = reading_of(run, text, tell)
    index = None if at is None else reading.index(at)
    found = behaviour_of(reading, run.tokenizer(), number, units)
    if found.is_cut:
        note(f"read: the first {READ:,} symbols")
    record = {"model": run.info.name, "cell": cell_of(run.info.config)}
    if index is not None:
        step, title = step_at(reading, number, index), _title(number, run.info)
        exhibit = Exhibit(
            f"{title}, {where(reading, index)}",
            step_panels(step, found.chosen),
            step_sentences(step, number, found.chosen[0]),
            about("", text),
        )
        return exhibit, {**record, "layer": number, "shown_units": found.chosen, "step": step_record(step, reading, index)}
    return exhibit_of(found, run.info, text), {**record, **record_of(found)}


def behaviour_of(reading: Reading, tokenizer: Tokenizer, layer: int, units: int) -> Behaviour:
    """Find out what the units of a layer (from 1) do over a text."""
    trace = reading.layer(layer)
    lives = half_life(trace.keep)
    labels = labels_of_symbols(tokenizer, reading.ids[reading.before :].tolist())
    found = units_that_follow(trace.memory, labels, np.random.default_rng(0))
    # Units that follow something, then those that vary most: a constant one shows nothing.
    moves = np.tanh(trace.memory).std(axis=0)  # [H]
    order = [*(follower.unit for follower in found.followers), *np.argsort(-moves, kind="stable").tolist()]
    chosen = list(dict.fromkeys(order))[:units]
    return Behaviour(reading.symbols, layer, trace, lives, found, chosen, reading.is_cut)


def _title(layer: int, info: RunInfo) -> str:
    """The network and the layer."""
    return f"{(cell_of(info.config) or '').upper()} {info.name}, layer {layer} of {info.config.layers}"


def exhibit_of(found: Behaviour, info: RunInfo, text: str = "") -> Exhibit:
    """The panels of what was done over `text`, and what they mean."""
    panels = [*_heats(found), *_tables(found)]
    return Exhibit(_title(found.layer, info), panels, _sentences(found, info), about("", text))


def _heats(found: Behaviour) -> list[Panel]:
    """Mean gates, and the states of the chosen units, over the first symbols."""
    columns, openings = found.symbols[:DRAWN], found.trace.openings
    means = np.stack([gate[:DRAWN].mean(axis=1) for gate in openings.values()])  # [G, T]
    lstm = found.trace.c is not None
    states = found.trace.memory[:DRAWN, found.chosen].T  # [K, T]
    if lstm:
        states = np.tanh(states)
    named = {follower.unit: f" {follower.label}" for follower in found.units.followers}
    rows = [f"{unit}{named.get(unit, '')}" for unit in found.chosen]
    title, unit = f"What single units hold: {'tanh of the memory c' if lstm else 'state h'}", "tanh(c)" if lstm else "h"
    return [
        Heat("How far the gates are open: mean of all units", means, list(openings), columns, "symbol read", "gate", "open"),
        Heat(title, states, rows, columns, "symbol read", "unit", unit, low=-1.0),
    ]


def _tables(found: Behaviour) -> list[Panel]:
    """How long units remember, and what they follow."""
    shares = (("shortest", 0), ("a tenth below", 0.1), ("median", 0.5), ("a tenth above", 0.9), ("longest", 1))
    quantiles = np.quantile(found.lives, [share for _, share in shares], method="lower")
    lives = Table("How long units remember: symbols until half of the memory is gone", ("units", "half-life"),
                  [(name, _symbols(value)) for (name, _), value in zip(shares, quantiles, strict=True)])  # fmt: skip
    named = {follower.unit: follower for follower in found.units.followers}
    rows = []
    for unit in found.chosen:
        if follower := named.get(unit):
            follows = (follower.label, f"{follower.r:.2f}", f"{follower.threshold:.2f}")
        else:
            follows = ("-", "-", "-")
        rows.append((f"unit {unit}", *follows, _symbols(found.lives[unit])))
    return [lives, Table("What they follow", ("unit", "follows", "r", "by chance", "half-life"), rows)]


def _sentences(found: Behaviour, info: RunInfo) -> list[str]:
    """The results, in words."""
    lstm, length = found.trace.c is not None, len(found.symbols)
    gate = "forget" if lstm else "update"
    median, long = np.quantile(found.lives, [0.5, 0.9], method="lower")
    said = [f"A gate at 1 is open, at 0 closed; an open {gate} gate keeps the memory."]
    if length > DRAWN:
        whole = f"the first {length:,}, which were read" if found.is_cut else f"all {length:,}"
        said.append(f"The first {DRAWN} symbols are drawn; half-lives and correlations are of {whole}.")
    said.append(
        f"At the rate of their {gate} gates here, half of the {len(found.lives)} units lose half of their memory within "
        f"{_symbols(median)} symbols; a tenth needs {_symbols(long)} or more."
    )
    if family_of(info.config).counts:
        said.append("This is the network of a hybrid; its Markov model has no gates.")
    return [*said, _claim(found)]


def _claim(found: Behaviour) -> str:
    """What may be claimed about single units, and what may not."""
    followers, total = found.units.followers, len(found.lives)
    if len(found.symbols) < SHORTEST:
        few = plural(len(found.symbols), "symbol is", "symbols are")
        return f"No unit is named: {few} too few to tell from chance; {SHORTEST} are needed."
    if not found.units.labels:
        return "No unit is named: nothing that units are compared with comes and goes often enough in this text."
    bar = (
        f"|r| is at least {LEAST} and larger than by chance, which is what the largest |r| of any unit reaches in "
        f"{100 - PERCENTILE:.0f} % of {SHIFTS} shifts of the labels along the text (r is Pearson's, with the drift over "
        "the whole text removed)"
    )
    if not followers:
        tried, strongest = ", ".join(found.units.labels), np.abs(found.units.correlations).max()
        return f"No unit follows any label ({tried}; |r| at most {strongest:.2f}). One would be named where {bar}."
    follow = "units follow" if len(followers) > 1 else "units follows"
    return f"{len(followers)} of {total} {follow} something that can be seen: {bar}."


def _symbols(life: float) -> str:
    """A half-life in a few digits."""
    if life >= 10_000:
        return "over 10,000"
    return f"{life:,.0f}" if life >= 100 else f"{life:.1f}"


def record_of(found: Behaviour) -> Record:
    """The numbers: per unit for the whole text, per symbol and unit for the symbols that are drawn."""

    def rounded(array: Any, digits: int = 4) -> list[Any]:
        return list(np.round(np.asarray(array, dtype=np.float64), digits).tolist())

    trace, units = found.trace, found.units
    return {
        "layer": found.layer,
        "symbols": found.symbols,
        "gate_means": {name: rounded(gate.mean(axis=1)) for name, gate in trace.gates.items()},
        "half_life": [round(life, 3) if np.isfinite(life) else None for life in found.lives.tolist()],
        "labels": list(units.labels),
        "correlations": rounded(units.correlations),
        "thresholds": [round(value, 4) if np.isfinite(value) else None for value in units.thresholds.tolist()],
        "followers": [
            {"unit": f.unit, "label": f.label, "r": round(f.r, 4), "threshold": round(f.threshold, 4)} for f in units.followers
        ],
        "shown_units": found.chosen,
        "drawn": min(DRAWN, len(found.symbols)),
        "gates": {name: rounded(gate[:DRAWN]) for name, gate in trace.gates.items()},
        "h": rounded(trace.h[:DRAWN]),
        "c": None if trace.c is None else rounded(trace.c[:DRAWN]),
    }
