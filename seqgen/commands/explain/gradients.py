"""`seqgen explain gradients`: how far back in time a loss still has a gradient, in five kinds of recurrent network."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from seqgen.commands.options import chosen_run, common, model_option, runs_dir_option, threads_with
from seqgen.commands.showing import show, showing_options
from seqgen.console import Console

if TYPE_CHECKING:
    from seqgen.draw.panels import Chart, Exhibit, Table
    from seqgen.explain.gradients import Carried, Gradients, Norms

HELP = """Show why a plain RNN forgets: how the gradient of a loss shrinks with the distance to what was read, in a sigmoid,
a tanh and a relu RNN, a GRU and an LSTM, before and after training on one text.

FILE is a text ("-" is stdin); without it the text that a run was trained on is taken, where it was kept. With --steps
nothing depends on time, and the same command gives the same figures on the same machine. Up to 128 units one processor is
used unless --threads says more.

\b
Examples:
  seqgen explain gradients corpus.txt
  seqgen explain gradients -m checkpoints/books --hidden 128 --seconds 120 -o gradients.svg
  seqgen explain gradients corpus.txt --steps 300 --seed 2 --json
"""

# Ratios below are not drawn: the sigmoid's would press all others together.
LOWEST_DRAWN = 1e-12
TABLED = (1, 10, 50, 100)  # distances
# Up to this width the products are too small to share out: two threads took ten times as long as one on a busy machine.
SMALL = 128


@click.command("gradients", help=HELP, short_help="Why a plain RNN forgets: gradients by distance in time.")
@click.argument("file", required=False)
@click.option("--hidden", type=click.IntRange(1, 1024), default=64, show_default=True, help="Units of each network.")
@click.option("--distance", type=click.IntRange(1, 1000), default=100, show_default=True, help="Look back so many symbols.")
@click.option("--seconds", type=click.FloatRange(min=5), default=40.0, show_default=True, help="For all of it together.")
@click.option("--steps", type=click.IntRange(min=1), help="Train so many steps, however long they take.")
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=1, show_default=True, help="Of weights and places.")
@click.option("--encoding", default="utf-8", show_default=True, help="Of the file.")
@model_option
@showing_options
@threads_with("one up to 128 units, else all")
@runs_dir_option
@common
@click.pass_obj
def command(
    console: Console,
    /,
    file: str | None,
    hidden: int,
    distance: int,
    seconds: float,
    steps: int | None,
    seed: int,
    encoding: str,
    model: str | None,
    output: Path | None,
    as_json: bool,
    threads: int | None,
    runs_dir: Path,
    quiet: bool,
) -> None:
    """Parse, measure, show."""
    until = time.monotonic() + seconds
    console.quiet = quiet
    if file is not None and model is not None:
        raise click.UsageError("name a text or a run with -m, not both")
    if threads is None and hidden <= SMALL:
        from seqgen.threads import limit_threads

        limit_threads(1)
    name, text = text_of(console, file, model, runs_dir, encoding)
    from seqgen.explain.gradients import check_length, measure
    from seqgen.tokenizers.char import CharTokenizer

    tokenizer = CharTokenizer.train([text])
    ids = tokenizer.encode(text)
    check_length(len(ids), distance)  # before torch is loaded
    with console.progress("training five networks") as progress:
        found = measure(ids, len(tokenizer), hidden=hidden, distance=distance, seed=seed, steps=steps, until=until,
                        tell=progress)  # fmt: skip
    settings = {"text": name, "symbols": len(ids), "hidden": hidden, "distance": distance, "seed": seed}
    show(console, exhibit_of(found, name, hidden), record_of(found, settings), output=output, as_json=as_json)


def text_of(console: Console, file: str | None, model: str | None, runs_dir: Path, encoding: str) -> tuple[str, str]:
    """The text and its name: a file's, or what a run has kept. Raises CorpusError where there is neither."""
    from seqgen.data.formats import read_texts
    from seqgen.errors import CheckpointError, CorpusError

    if file is not None:
        corpus = read_texts([file], encoding=encoding)
        for note in corpus.notes:
            console.note(note)
        return corpus.names[0], corpus.text
    hint = "name a text file: seqgen explain gradients FILE"
    try:
        run = chosen_run(console, model, runs_dir)
    except CheckpointError as error:
        raise error if model else CorpusError(f"no text: {error.message} to take one from", hint) from None
    if not run.has("text"):
        raise CorpusError(f"{run.path}: keeps no text", hint)
    return f"the text of {run.info.name}", run.tokenizer().decode(run.arrays("text")["train"])


def exhibit_of(found: Gradients, name: str, hidden: int) -> Exhibit:
    """Two charts, two tables, and what they say."""
    from seqgen.draw.panels import Exhibit

    stages = (("At the start", [n.start for n in found.networks]), ("After training", [n.trained for n in found.networks]))
    charts = [_chart(title, found.networks, norms) for title, norms in stages]
    tables = [_table(title, found.networks, norms) for title, norms in stages]
    return Exhibit(f"Gradients by distance: {name}", [*charts, *tables], _sentences(found, hidden))


def _chart(title: str, networks: tuple[Carried, ...], norms: list[Norms]) -> Chart:
    from seqgen.draw.panels import Chart, Series
    from seqgen.explain.gradients import relative

    series = []
    for network, values in zip(networks, norms, strict=True):
        points = [(float(k), float(ratio)) for k, ratio in enumerate(relative(values))]
        series.append(Series(network.name, [point for point in points if point[1] >= LOWEST_DRAWN]))
    return Chart(title, series, "distance in symbols", "gradient over that at distance 0", log_y=True)


def _table(title: str, networks: tuple[Carried, ...], norms: list[Norms]) -> Table:
    from seqgen.draw.panels import Table
    from seqgen.explain.gradients import judged_at, relative, verdict

    last = len(norms[0]) - 1
    distances = sorted({k for k in TABLED if k < last} | {last})
    at = judged_at(last)
    rows = []
    for network, values in zip(networks, norms, strict=True):
        ratios = relative(values)
        rows.append((network.name, *(_number(ratios[k]) for k in distances), verdict(ratios[at])))
    return Table(f"{title}: gradient over that at distance 0", ("network", *map(str, distances), f"at {at} it"), rows)


def _sentences(found: Gradients, hidden: int) -> list[str]:
    """What has been measured, and no more."""
    from seqgen.explain.gradients import BATCH, EXPLODES, SHRINKS, STREAMS, VANISHES, judged_at, relative, verdict

    networks = {network.name: network for network in found.networks}
    at = judged_at(len(found.networks[0].start) - 1)
    words: dict[str, list[str]] = {}
    for network in found.networks:
        words.setdefault(verdict(relative(network.trained)[at]), []).append(network.name)
    verdicts = "; ".join(f"it {word} in {', '.join(names)}" for word, names in words.items())
    losses = ", ".join(f"{network.name} {network.loss:.2f}" for network in found.networks)
    said = [
        f"Each network is {hidden} wide and was trained for {found.steps:,} steps of {BATCH} x {found.stretch} symbols; "
        f"nats a symbol at the end: {losses}.",
        f"The gradient at distance {at} after training: {verdicts}.",
        _compared(networks["LSTM"], networks["tanh RNN"], at),
        f"Of its size at distance 0, it vanishes below {VANISHES:g}, shrinks below {SHRINKS:g}, explodes above {EXPLODES:g} "
        f"and stays between; a mean over {STREAMS} places; not drawn below {LOWEST_DRAWN:g}.",
    ]
    undone = [f"{network.name} {network.undone}" for network in found.networks if network.undone]
    return [*said, f"Steps that exploded and were undone: {', '.join(undone)}."] if undone else said


def _compared(lstm: Carried, plain: Carried, at: int) -> str:
    """The LSTM against the plain RNN, before and after training."""
    from seqgen.explain.gradients import relative

    stages = {"at the start": (lstm.start, plain.start), "after training": (lstm.trained, plain.trained)}
    figures, further = [], []
    for when, (above, below) in stages.items():
        one, other = float(relative(above)[at]), float(relative(below)[at])
        figures.append(f"{_number(one / other) if other else 'infinitely many'} times {when}")
        further += [when] * (one > other)
    claim = f": the LSTM carries it further {' and '.join(further)}" if further else ""
    return f"At distance {at} the LSTM's ratio is that of the tanh RNN {' and '.join(figures)}{claim}."


def _number(value: float) -> str:
    """Three digits where that can be read, else a power of ten."""
    return f"{value:.3g}" if 1e-3 <= abs(value) < 1e4 or value == 0 else f"{value:.1e}"


def record_of(found: Gradients, settings: dict[str, Any]) -> dict[str, Any]:
    """The numbers, with four digits each."""
    import math

    from seqgen.explain.gradients import judged_at, relative, verdict

    def rounded(values: Norms) -> list[float]:
        return [float(f"{value:.4g}") for value in values.tolist()]

    at = judged_at(len(found.networks[0].start) - 1)
    networks = [
        {
            "network": network.name,
            "loss": round(network.loss, 4) if math.isfinite(network.loss) else None,
            "undone": network.undone,
            **{
                stage: {
                    "norms": rounded(norms),
                    "relative": rounded(relative(norms)),
                    "verdict": verdict(float(relative(norms)[at])),
                }
                for stage, norms in (("start", network.start), ("trained", network.trained))
            },
        }
        for network in found.networks
    ]
    return {**settings, "steps": found.steps, "stretch": found.stretch, "judged_at": at, "networks": networks}
