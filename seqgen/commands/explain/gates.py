"""`seqgen explain gates`: what an LSTM or a GRU keeps and forgets over a text, and which units follow what can be seen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from seqgen.commands.options import chosen_run, common, model_option, note_unknown, required, runs_dir_option
from seqgen.commands.showing import show, showing_options
from seqgen.console import Console

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from seqgen.draw.panels import Exhibit, Panel
    from seqgen.explain.gates import LayerTrace
    from seqgen.explain.units import Units
    from seqgen.run import Run, RunInfo
    from seqgen.tokenizers.base import Tokenizer

HELP = """Show what an LSTM or a GRU keeps and forgets while it reads a text, how long each unit remembers, and which units
follow something that can be seen, such as quotes or the start of a line.

The text is read after a newline. A text of some thousand symbols tells more units from chance than a sentence does; no
more than 20,000 are read.

\b
Examples:
  seqgen explain gates "The door was open."
  seqgen explain gates -f chapter.txt --units 12 -o gates.png
  seqgen explain gates -m checkpoints/books -f - < page.txt --json
"""

DRAWN = 400  # symbols
READ = 20_000  # symbols: enough for any claim, and read in seconds


@dataclass(frozen=True)
class Look:
    """All that is shown: a layer (from 1) over T symbols, half-lives [H], followers, the K units to draw.

    `is_cut`: the text goes on behind what was read.
    """

    symbols: list[str]
    layer: int
    trace: LayerTrace
    lives: NDArray[np.float64]
    units: Units
    chosen: list[int]
    is_cut: bool


@click.command("gates", help=HELP, short_help="What an LSTM or a GRU keeps and forgets over a text.")
@click.argument("text", required=False)
@click.option("-f", "--file", metavar="FILE", help='Read this file instead of TEXT; "-" is stdin.')
@click.option("--layer", type=click.IntRange(min=1), help="Which layer, 1 the one at the input.  [default: the last]")
@click.option("--units", type=click.IntRange(min=1), default=8, show_default=True, help="Show so many units.")
@click.option("--encoding", default="utf-8", show_default=True, help="Of the file.")
@model_option
@showing_options
@runs_dir_option
@common
@click.pass_obj
def command(
    console: Console,
    /,
    text: str | None,
    file: str | None,
    layer: int | None,
    units: int,
    encoding: str,
    model: str | None,
    output: Path | None,
    as_json: bool,
    runs_dir: Path,
    quiet: bool,
) -> None:
    """Parse, read, show."""
    console.quiet = quiet
    if (text is None) == (file is None):
        raise click.UsageError("give a text, or name a file with -f")
    if text is not None:
        required(text, "TEXT")
    from seqgen.errors import ConfigError
    from seqgen.explain.gates import check_gated

    run = chosen_run(console, model, runs_dir)
    check_gated(run)
    layers = run.info.config.layers
    if layer is not None and layer > layers:
        raise ConfigError(f"--layer: expected 1 to {layers}, found {layer}", f"{run.path} has {layers} of them")
    text = read(console, text, file, encoding)
    note_unknown(console, run, text)
    with console.progress("reading") as progress:
        look = looked_at(run, text, layer or layers, units, progress)
    if look.is_cut:
        console.note(f"read: the first {READ:,} symbols")
    record = {"model": run.info.name, "cell": run.info.config.cell, **record_of(look)}
    show(console, exhibit_of(look, run.info), record, output=output, as_json=as_json)


def exhibit_for_run(run: Run, text: str, units: int = 8) -> Exhibit:
    """The last layer of a run over a text, for who wants nothing else. Raises CheckpointError where there are no gates."""
    from seqgen.explain.gates import check_gated

    check_gated(run)
    return exhibit_of(looked_at(run, text, run.info.config.layers or 1, units, lambda share: None), run.info)


def read(console: Console, text: str | None, file: str | None, encoding: str) -> str:
    """The text, wherever it is. Raises CorpusError for an empty one."""
    from seqgen.formats.read import read_texts

    if file is not None:
        corpus = read_texts([file], encoding=encoding)
        for note in corpus.notes:
            console.note(note)
        return corpus.text
    assert text is not None
    return text


def looked_at(run: Run, text: str, layer: int, units: int, tell: Callable[[float], None]) -> Look:
    """Read the text with the run's network and find out what its units do; `tell` hears the share that is read."""
    import numpy as np

    from seqgen.evaluation import conditioned
    from seqgen.explain.gates import half_life, trace_gates
    from seqgen.explain.units import labels_of_symbols, units_that_follow
    from seqgen.weights import rnn_shape

    tokenizer = run.tokenizer()
    before = len(tokenizer.encode("\n"))
    whole = conditioned(tokenizer, text)
    ids = whole[: before + READ]
    gates = trace_gates(rnn_shape(run.info.config, run.info.vocab_size), run.arrays("weights"), ids, tell)
    trace = gates.layers[layer - 1].behind(before)
    read = ids[before:].tolist()
    lives = half_life(trace.keep)
    found = units_that_follow(trace.memory, labels_of_symbols(tokenizer, read), np.random.default_rng(0))
    # Units that follow something, then those that move most: one that stands still shows nothing.
    moves = np.tanh(trace.memory).std(axis=0)  # [H]
    order = [*(follower.unit for follower in found.followers), *np.argsort(-moves, kind="stable").tolist()]
    chosen = list(dict.fromkeys(order))[:units]
    return Look([_label(tokenizer, i) for i in read], layer, trace, lives, found, chosen, len(ids) < len(whole))


def _label(tokenizer: Tokenizer, id_: int) -> str:
    """The character of a symbol, or its name where it is none: a byte of a longer one, an unknown one."""
    text = tokenizer.decode([id_])
    return text if len(text) == 1 and text != "\ufffd" else tokenizer.symbol(id_)


def exhibit_of(look: Look, info: RunInfo) -> Exhibit:
    """The panels and what they mean."""
    from seqgen.draw.panels import Exhibit

    title = f"{(info.config.cell or '').upper()} {info.name}, layer {look.layer} of {info.config.layers}"
    return Exhibit(title, [*_heats(look), *_tables(look)], _sentences(look, info))


def _heats(look: Look) -> list[Panel]:
    """Mean gates, and the states of the chosen units, over the first symbols."""
    import numpy as np

    from seqgen.draw.panels import Heat

    columns, openings = look.symbols[:DRAWN], look.trace.openings
    means = np.stack([gate[:DRAWN].mean(axis=1) for gate in openings.values()])  # [G, T]
    lstm = look.trace.c is not None
    states = look.trace.memory[:DRAWN, look.chosen].T  # [K, T]
    if lstm:
        states = np.tanh(states)
    named = {follower.unit: f" {follower.label}" for follower in look.units.followers}
    rows = [f"{unit}{named.get(unit, '')}" for unit in look.chosen]
    title = f"What single units hold: {'tanh of the memory c' if lstm else 'state h'}"
    return [
        Heat("How far the gates are open: mean of all units", means, list(openings), columns, "symbol read", "gate", "open"),
        Heat(title, states, rows, columns, "symbol read", "unit", low=-1.0),
    ]


def _tables(look: Look) -> list[Panel]:
    """How long units remember, and what they follow."""
    import numpy as np

    from seqgen.draw.panels import Table

    shares = (("shortest", 0), ("a tenth below", 0.1), ("median", 0.5), ("a tenth above", 0.9), ("longest", 1))
    quantiles = np.quantile(look.lives, [share for _, share in shares], method="lower")
    lives = Table("How long units remember: symbols until half of the memory is gone", ("units", "half-life"),
                  [(name, _symbols(value)) for (name, _), value in zip(shares, quantiles, strict=True)])  # fmt: skip
    named = {follower.unit: follower for follower in look.units.followers}
    rows = []
    for unit in look.chosen:
        if follower := named.get(unit):
            follows = (follower.label, f"{follower.r:.2f}", f"{follower.threshold:.2f}")
        else:
            follows = ("-", "-", "-")
        rows.append((f"unit {unit}", *follows, _symbols(look.lives[unit])))
    return [lives, Table("What they follow", ("unit", "follows", "r", "by chance", "half-life"), rows)]


def _sentences(look: Look, info: RunInfo) -> list[str]:
    """What it comes to, in words."""
    import numpy as np

    lstm, length = look.trace.c is not None, len(look.symbols)
    gate = "forget" if lstm else "update"
    median, long = np.quantile(look.lives, [0.5, 0.9], method="lower")
    said = [f"A gate at 1 is open, at 0 closed; the {gate} gate open keeps the memory."]
    if length > DRAWN:
        whole = f"the first {length:,}, which were read" if look.is_cut else f"all {length:,}"
        said.append(f"Drawn are the first {DRAWN} symbols; half-lives and correlations are of {whole}.")
    said.append(
        f"At the rate of their {gate} gates here, half of the {len(look.lives)} units lose half of their memory within "
        f"{_symbols(median)} symbols; a tenth needs {_symbols(long)} or more."
    )
    if info.config.counts:
        said.append("This is the network of a hybrid; its Markov model has no gates.")
    return [*said, _claim(look)]


def _claim(look: Look) -> str:
    """What may be said about single units, and what may not."""
    import numpy as np

    from seqgen.explain.units import LEAST, PERCENTILE, SHIFTS, SHORTEST

    followers, total = look.units.followers, len(look.lives)
    if len(look.symbols) < SHORTEST:
        return f"No unit is named: {len(look.symbols)} symbols are too few to tell from chance, {SHORTEST} are the least."
    if not look.units.labels:
        return "No unit is named: nothing that units are compared with comes and goes often enough in this text."
    bar = (
        f"|r| is at least {LEAST} and larger than by chance, which is what the largest |r| of any unit reaches in "
        f"{100 - PERCENTILE:.0f} % of {SHIFTS} shifts of the labels along the text (r is Pearson's, the drift over the whole "
        "text taken off)"
    )
    if not followers:
        tried, strongest = ", ".join(look.units.labels), np.abs(look.units.correlations).max()
        return f"No unit follows any label ({tried}; |r| at most {strongest:.2f}). One would be named where {bar}."
    follow = "units follow" if len(followers) > 1 else "units follows"
    return f"{len(followers)} of {total} {follow} something that can be seen: {bar}."


def _symbols(life: float) -> str:
    """A half-life in a few digits."""
    if life >= 10_000:
        return "over 10,000"
    return f"{life:,.0f}" if life >= 100 else f"{life:.1f}"


def record_of(look: Look) -> dict[str, Any]:
    """The numbers: per unit for the whole text, per symbol and unit for the symbols that are drawn."""
    import numpy as np

    def rounded(array: Any, digits: int = 4) -> list[Any]:
        return list(np.round(np.asarray(array, dtype=np.float64), digits).tolist())

    trace, units = look.trace, look.units
    return {
        "layer": look.layer,
        "symbols": look.symbols,
        "gate_means": {name: rounded(gate.mean(axis=1)) for name, gate in trace.gates.items()},
        "half_life": [round(life, 3) if np.isfinite(life) else None for life in look.lives.tolist()],
        "labels": list(units.labels),
        "correlations": rounded(units.correlations),
        "thresholds": [round(value, 4) if np.isfinite(value) else None for value in units.thresholds.tolist()],
        "followers": [
            {"unit": f.unit, "label": f.label, "r": round(f.r, 4), "threshold": round(f.threshold, 4)} for f in units.followers
        ],
        "shown_units": look.chosen,
        "drawn": min(DRAWN, len(look.symbols)),
        "gates": {name: rounded(gate[:DRAWN]) for name, gate in trace.gates.items()},
        "h": rounded(trace.h[:DRAWN]),
        "c": None if trace.c is None else rounded(trace.c[:DRAWN]),
    }
