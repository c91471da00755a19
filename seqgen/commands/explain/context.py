"""`seqgen explain context`: what counting knew at each place, and what a network beside it added."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from seqgen.commands.options import chosen_run, common, model_option, runs_dir_option
from seqgen.commands.showing import show, showing_options
from seqgen.console import Console

if TYPE_CHECKING:
    from seqgen.draw.panels import Exhibit
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
    if not text:
        raise click.UsageError("TEXT is empty: there is nothing to look at")
    from seqgen.explain.context import context_of

    run = chosen_run(console, model, runs_dir)
    found = context_of(run, text)
    if not found.counted:
        console.note(f"{run.path} was saved without the counts of its contexts: train it anew to see how often")
    show(console, exhibit_of(found), record_of(run, found), output=output, as_json=as_json)


def exhibit_of(found: Context) -> Exhibit:
    """The text by how long a context knew it, the probabilities, and a row for each symbol."""
    import numpy as np

    from seqgen.draw.panels import Cell, Exhibit, Heat, ShadedText, Table

    used = found.lookups.used
    cells = [
        Cell(text, max(0, int(n)), f"after {behind!r}") for text, behind, n in zip(found.texts, found.behind, used, strict=True)
    ]
    head = ["symbol", "context that knew it", "seen", "then this", "counting"]
    curves = {"counting": found.counting}
    if found.network is not None and found.mix is not None:
        head += ["network", "mix", "network's share"]
        curves |= {"network": found.network, "mix": found.mix}
    rows = []
    for place, text in enumerate(found.texts):
        # A zero would look as if it had been counted.
        counts = [str(found.lookups.used_count[place]), str(found.lookups.followed[place])] if found.counted else ["?", "?"]
        knew = (
            repr(found.behind[place]) if used[place] > 0 else ("nothing before it" if used[place] == 0 else "none: never seen")
        )
        figures = [f"{curve[place]:.3f}" for curve in curves.values()]
        share = [f"{found.share[place]:.2f}"] if found.network is not None else []
        rows.append((repr(text), knew, *counts, *figures, *share))
    panels = (
        ShadedText(
            "how many symbols back the context reaches that knew each symbol", cells, unit="symbols", high=max(1, found.order)
        ),
        Heat(
            "probability of each symbol",
            np.stack(list(curves.values())),
            tuple(curves),
            found.texts,
            "text",
            "model",
            "probability",
        ),
        Table("place by place", head, rows),
    )
    return Exhibit("Context", panels, sentences_of(found))


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
