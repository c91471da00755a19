"""`seqgen explain context`: what counting knew at each place, and what a network beside it added."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from seqgen.commands.options import chosen_run, common, model_option, note_unknown, required, runs_dir_option
from seqgen.commands.showing import show, showing_options
from seqgen.console import Console

if TYPE_CHECKING:
    from seqgen.draw.panels import Exhibit, Table
    from seqgen.explain.context import Context

HELP = """Show what a model that counts knew at each place of a text: the longest context that has seen the symbol, how often it
was seen and followed by it; and, where a network is mixed in, what each of the two would have said.

\b
Examples:
  seqgen explain context "The old sailor"
  seqgen explain context "The old sailor" --json
  seqgen explain context "The old sailor" -o context.svg
"""


@click.command("context", help=HELP, short_help="What counting knew at each place, and what the network added.")
@click.argument("text", metavar="TEXT")
@model_option
@showing_options
@runs_dir_option
@common
@click.pass_obj
def command(
    console: Console,
    /,
    text: str,
    model: str | None,
    output: Path | None,
    as_json: bool,
    runs_dir: Path,
    quiet: bool,
) -> None:
    """Look, show."""
    console.quiet = quiet
    required(text, "TEXT")
    from seqgen.explain.context import context_of

    run = chosen_run(console, model, runs_dir)
    note_unknown(console, run, text)
    found = context_of(run, text)
    if not found.counted:
        console.note(f"{run.path} was saved without the counts of its contexts: train it anew to see how often")
    show(console, exhibit_of(found), record_of(run, found), output=output, as_json=as_json)


def exhibit_of(found: Context) -> Exhibit:
    """The text by how long a context knew it, the probabilities, and a row for each symbol."""
    import numpy as np

    from seqgen.draw.panels import Cell, Exhibit, Heat, ShadedText

    cells = [
        Cell(text, float(length) if length >= 0 else math.nan, f"after {behind!r}")
        for text, behind, length in zip(found.texts, found.behind, found.lookups.used, strict=True)
    ]
    curves = _curves(found)
    title = "how many symbols back the context reaches that knew each symbol"
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
    from seqgen.draw.panels import Table

    head = ["symbol", "context that knew it", "seen", "then this", *curves]
    head += ["network's share"] if found.network is not None else []
    rows = []
    for place, (text, used) in enumerate(zip(found.texts, found.lookups.used.tolist(), strict=True)):
        # A zero would look as if it had been counted.
        counts = [str(found.lookups.used_count[place]), str(found.lookups.followed[place])] if found.counted else ["?", "?"]
        knew = {0: "nothing before it", -1: "none: never seen"}.get(used, repr(found.behind[place]))
        figures = [f"{curve[place]:.3f}" for curve in curves.values()]
        figures += [f"{found.share[place]:.2f}"] if found.network is not None else []
        rows.append((repr(text), knew, *counts, *figures))
    return Table("place by place", head, rows)


def sentences_of(found: Context) -> tuple[str, ...]:
    """What it comes to."""
    import numpy as np

    used = found.lookups.used
    mean = float(np.maximum(used, 0).mean()) if len(used) else 0.0
    sentences = [f"Contexts may be {found.order} symbols long; those that knew the symbol were {mean:.1f} on average."]
    if found.network is not None:
        better = int((found.network > found.counting).sum())
        sentences.append(
            f"The network has a weight of {found.weight:.3f} in the mix; at {better} of {len(used)} places it found the "
            "symbol likelier than counting did."
        )
    return tuple(sentences)


def record_of(run: Any, found: Context) -> dict[str, Any]:
    """The same for a program."""
    columns: dict[str, list[Any]] = {
        "symbol": list(found.texts),
        "context": list(found.behind),
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
