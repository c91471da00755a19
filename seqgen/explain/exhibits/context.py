"""Contexts shown: the text by how long a context knew it, and what counting and network said at each place."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from seqgen.draw.human import plural
from seqgen.draw.panels import Cell, Exhibit, Heat, ShadedText, Table
from seqgen.explain.context import Context, context_of
from seqgen.explain.exhibits.seen import Note, Record, Seen
from seqgen.run import Run


def see(run: Run, text: str, note: Note) -> Seen:
    """Read a text with a run's counts and show them. Raises CheckpointError for a run that has none."""
    found = context_of(run, text)
    if not found.counted:
        note(f"{run.path} was saved without the counts of its contexts: train it again to see them")
    return exhibit_of(found), record_of(run, found)


def exhibit_of(found: Context) -> Exhibit:
    """The text by how long a context knew it, the probabilities, and a row for each symbol."""
    cells = [
        Cell(text, float(length) if length >= 0 else math.nan, f"after {context!r}")
        for text, context, length in zip(found.texts, found.contexts, found.lookups.used, strict=True)
    ]
    curves = _curves(found)
    title = "how many symbols back the context that knew each symbol reaches"
    panels = (
        ShadedText(title, cells, unit="symbols", high=max(9, found.order)),
        Heat("probability of each symbol", np.stack(list(curves.values())), tuple(curves), found.texts, "text", "model",
             "probability"),
        _table(found, curves),
    )  # fmt: skip
    return Exhibit("Context", panels, sentences_of(found))


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
    return Table("place by place", head, rows)


def sentences_of(found: Context) -> tuple[str, ...]:
    """The results, in words."""
    used = found.lookups.used
    mean = float(np.maximum(used, 0).mean()) if len(used) else 0.0
    sentences = [
        f"Contexts may be {plural(found.order, 'symbol')} long; those that knew the symbol were {mean:.1f} on average."
    ]
    if found.network is not None:
        better = int((found.network > found.counting).sum())
        sentences.append(
            f"The network has a weight of {found.weight:.3f} in the mix; at {better} of {plural(len(used), 'place')} it found "
            "the symbol likelier than counting did."
        )
    return tuple(sentences)


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
