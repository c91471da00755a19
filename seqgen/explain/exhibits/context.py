"""Contexts shown: how far back the predictions look; and, where something was counted, the text by how long a context knew it
and what counting and network said at each place."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from seqgen.data.record_text import before_first
from seqgen.draw.human import plural
from seqgen.draw.panels import Cell, Chart, Exhibit, Heat, Panel, Series, ShadedText, Table
from seqgen.errors import CheckpointError
from seqgen.explain.context import Context, context_of
from seqgen.explain.exhibits.seen import Note, Record, Seen, exact
from seqgen.explain.reach import PLACES, Reach, reach_of
from seqgen.explain.subjects import has_counts, is_language
from seqgen.opening import enough_threads, open_scorer
from seqgen.run import Run
from seqgen.tokenizers.base import normalise

# Characters that are looked at: each has a column, a row and a share of the second that a look may take.
LONGEST = 400
# Rows of the table place by place; --json has them all.
ROWS = 60

_UNITS = {"char": "character", "byte": "byte"}


def see(run: Run, text: str, note: Note) -> Seen:
    """Read the beginning of a text and show what its symbols before do for its predictions. Raises CheckpointError for a run
    that is no language model."""
    if not is_language(run.info):
        raise CheckpointError(
            f"{run.path}: a translation model, and explain context is of models that continue a text",
            "`seqgen explain attention` shows what a translation looks at",
        )
    text = normalise(text)
    if len(text) > LONGEST:
        note(f"only the first {LONGEST} of {len(text):,} characters are looked at")
        text = text[:LONGEST]
    tokenizer = run.tokenizer()
    with enough_threads(run, PLACES):
        reach = reach_of(open_scorer(run), tokenizer.encode(before_first(run.info.config.records) + text))
        found = context_of(run, text) if has_counts(run.info) else None
    if found is not None and not found.counted:
        note(f"{run.path} was saved without the counts of its contexts: train it again to see them")
    unit = _UNITS.get(tokenizer.kind, "symbol")
    record = {"model": run.info.name} if found is None else record_of(run, found)
    return exhibit_of(run.info.name, found, reach, unit), record | {"reach": _reach_record(reach)}


def exhibit_of(name: str, found: Context | None, reach: Reach | None, unit: str) -> Exhibit:
    """The text by how long a context knew it, the probabilities, how far predictions look back, and a row for each symbol."""
    panels: list[Panel] = []
    if found is not None:
        panels += [_known(found), _probabilities(found)]
    if reach is not None:
        panels += _reach_panels(reach, unit)
    if found is not None:
        panels.append(_table(found, _curves(found)))
    sentences = [*sentences_of(found, unit)] if found is not None else []
    return Exhibit(f"Context of {name}", tuple(panels), (*sentences, *reach_sentences(reach, unit)))


def _known(found: Context) -> ShadedText:
    """The text, each symbol by the length of the context that knew it."""
    cells = [
        Cell(text, float(length) if length >= 0 else math.nan, f"after {context!r}")
        for text, context, length in zip(found.texts, found.contexts, found.lookups.used, strict=True)
    ]
    title = "how many symbols back the context that knew each symbol reaches"
    return ShadedText(title, cells, unit="symbols", high=max(9, found.order))


def _probabilities(found: Context) -> Heat:
    """The probability of each symbol, by each model that there is."""
    curves = _curves(found)
    values = np.stack(list(curves.values()))  # [models, T]
    return Heat("probability of each symbol", values, tuple(curves), found.texts, "text", "model", "probability")


def _reach_panels(reach: Reach, unit: str) -> list[Panel]:
    """How much predictions change by what is left out, as a curve and in figures."""
    points = [(float(length), float(change)) for length, change in zip(reach.lengths, reach.change, strict=True)]
    title = f"how much a prediction changes when only the last {unit}s are read"
    chart = Chart(title, [Series("probability that has moved", points)], f"{unit}s read", "share", log_x=True)
    rows = [
        (str(length), percent(change), f"{bits:.2f}")
        for length, change, bits in zip(reach.lengths, reach.change.tolist(), reach.bits.tolist(), strict=True)
    ]
    rows.append(("all", "0 %", f"{reach.whole:.2f}"))
    return [chart, Table("the same in figures", (f"last {unit}s", "it changes by", f"bits a {unit}"), rows)]


def _curves(found: Context) -> dict[str, Any]:
    """The probabilities of the symbols [T] by each model that there is."""
    if found.network is None or found.mix is None:
        return {"counting": found.counting}
    return {"counting": found.counting, "network": found.network, "mix": found.mix}


def _table(found: Context, curves: dict[str, Any]) -> Table:
    """A row for each symbol."""
    head = ["symbol", "context that knew it", "seen", "then this", *curves]
    head += ["network's share"] if found.network is not None else []
    rows = []
    for place, (text, used) in enumerate(zip(found.texts, found.lookups.used.tolist(), strict=True)):
        # A zero would look as if it had been counted.
        counts = [str(found.lookups.used_count[place]), str(found.lookups.followed[place])] if found.counted else ["?", "?"]
        knew = {0: "nothing before it", -1: "none: never seen"}.get(used, repr(found.contexts[place]))
        figures = [f"{curve[place]:.3f}" for curve in curves.values()]
        figures += [f"{found.share[place]:.2f}"] if found.network is not None else []
        rows.append((repr(text), knew, *counts, *figures))
    title = "place by place" if len(rows) <= ROWS else f"place by place, the first {ROWS} of {len(rows)}"
    return Table(title, head, rows[:ROWS])


def sentences_of(found: Context, unit: str) -> tuple[str, ...]:
    """What counting knew, in words."""
    used = found.lookups.used
    if not len(used):
        return ()
    mean = float(np.maximum(used, 0).mean())
    sentences = [
        "A model that counts looks the next symbol up after the longest context that it has seen. Contexts may be "
        f"{plural(found.order, 'symbol')} long; those that knew the symbol were {mean:.1f} on average."
    ]
    best = int(np.argmax(used))
    if found.counted and used[best] > 0:
        times = plural(int(found.lookups.used_count[best]), "time")
        sentences.append(
            f"The longest is {found.contexts[best]!r}, seen {times}, followed by {found.texts[best]!r} "
            f"{plural(int(found.lookups.followed[best]), 'time')}: counting gives that {found.counting[best]:.3f}."
        )
    if found.network is not None:
        better = int((found.network > found.counting).sum())
        sentences.append(
            f"The network has a weight of {found.weight:.3f} in the mix; at {better} of {plural(len(used), 'place')} it found "
            "the symbol likelier than counting did."
        )
    return tuple(sentences)


def reach_sentences(reach: Reach | None, unit: str) -> tuple[str, ...]:
    """How far back the predictions look, in words."""
    if reach is None:
        return (f"How far back it looks cannot be said of so short a text: give one of a few dozen {unit}s.",)
    over = f"at {plural(reach.places, 'place')} of the later half of this text"
    costs = f"{reach.bits[0]:.2f} bits", f"{reach.whole:.2f} bits"
    dearer = f", and the {unit} that follows costs {costs[0]}, with all {costs[1]}" if costs[0] != costs[1] else ""
    begun = (
        f"From the last {unit} alone, {percent(float(reach.change[0]))} of the probability of the next {unit} goes elsewhere "
        f"than with all that stands before it ({over}){dearer}."
    )
    if reach.enough is None:
        last = reach.lengths[-1]
        if last == 1:
            return begun, f"A longer text shows how many {unit}s are enough."
        most = f"With the last {plural(last, unit)} it is still {percent(float(reach.change[-1]))}: more would be needed."
        return begun, most
    at = reach.lengths.index(reach.enough)
    changes = "does not change at all" if reach.change[at] == 0 else "changes by less than 1 %"
    kept = f"the last {unit} is" if reach.enough == 1 else f"the last {plural(reach.enough, unit)} are"
    return (
        begun,
        f"The prediction of the next {unit} {changes} when all but {kept} left out: what stands further back hardly matters to "
        "this model here.",
    )


def percent(share: float) -> str:
    """A share in percent: 42 %, 3.5 %, 0.25 %, below 0.01 %; a share that is not zero is not shown as zero."""
    if 0 < share < 0.0001:
        return "below 0.01 %"
    return f"{100 * share:.2g} %" if share < 0.1 else f"{100 * share:.0f} %"


def _reach_record(reach: Reach | None) -> Record | None:
    """How far back the predictions look, for a program; None for a text that is too short."""
    if reach is None:
        return None
    return {
        "lengths": list(reach.lengths),
        "change": exact(reach.change),
        "bits": exact(reach.bits),
        "bits_with_all": reach.whole,
        "places": reach.places,
        "enough": reach.enough,
    }


def record_of(run: Run, found: Context) -> Record:
    """The same for a program."""
    columns: dict[str, list[Any]] = {
        "symbol": list(found.texts),
        "context": list(found.contexts),
        "known": found.lookups.known.tolist(),
        "used": found.lookups.used.tolist(),
        "counting": found.counting.tolist(),
    }
    if found.counted:
        columns |= {
            "known_count": found.lookups.known_count.tolist(),
            "used_count": found.lookups.used_count.tolist(),
            "followed": found.lookups.followed.tolist(),
        }
    if found.network is not None and found.mix is not None:
        columns |= {"network": found.network.tolist(), "mix": found.mix.tolist(), "share": found.share.tolist()}
    places = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    return {"model": run.info.name, "order": found.order, "weight": found.weight, "places": places}
