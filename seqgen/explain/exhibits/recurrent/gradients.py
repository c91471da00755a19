"""Gradients shown: how far back in time a loss still has one, in five kinds of recurrent network."""

from __future__ import annotations

import math

from seqgen.draw.panels import Chart, Exhibit, Series, Table
from seqgen.errors import CorpusError
from seqgen.explain.exhibits.seen import Record, Seen, Tell
from seqgen.explain.gradients import (
    BATCH,
    EXPLODES,
    SHRINKS,
    STREAMS,
    VANISHES,
    Carried,
    Gradients,
    Norms,
    check_length,
    explodes_at,
    judged_at,
    measure,
    reach,
    relative,
    verdict,
)
from seqgen.run import Run
from seqgen.tokenizers.char import CharTokenizer

# Ratios below are not drawn: the sigmoid's would press all others together.
LOWEST_DRAWN = 1e-12
TABLED = (1, 10, 50, 100)  # distances
# What to do where there is no text to look at.
HINT = "name a text file: seqgen explain gradients FILE"


def kept_text(run: Run) -> tuple[str, str]:
    """A name for the text that a run was trained on, and the text. Raises CorpusError where it was not kept."""
    if not run.has("text"):
        raise CorpusError(f"{run.path}: keeps no text", HINT)
    return f"the text of {run.info.name}", run.tokenizer().decode(run.arrays("text")["train"])


def see(
    name: str, text: str, *, hidden: int, distance: int, seed: int, steps: int | None, until: float, scale: float, tell: Tell
) -> Seen:
    """Train on a text, measure, show; the arguments are those of measure(). Raises CorpusError for a text that is too short."""
    tokenizer = CharTokenizer.train([text])
    ids = tokenizer.encode(text)
    check_length(len(ids), distance)  # before torch is loaded
    found = measure(
        ids, len(tokenizer), hidden=hidden, distance=distance, seed=seed, steps=steps, until=until, scale=scale, tell=tell
    )
    settings = {"text": name, "symbols": len(ids), "hidden": hidden, "distance": distance, "seed": seed, "scale": scale}
    return exhibit_of(found, name, hidden, scale), record_of(found, settings)


def exhibit_of(found: Gradients, name: str, hidden: int, scale: float = 1.0) -> Exhibit:
    """Two charts, two tables, and what they mean."""
    stages = (("At the start", [n.start for n in found.networks]), ("After training", [n.trained for n in found.networks]))
    charts = [_chart(title, found.networks, norms) for title, norms in stages]
    tables = [_table(title, found.networks, norms) for title, norms in stages]
    return Exhibit(f"Gradients by distance: {name}", [*charts, *tables], _sentences(found, hidden, scale))


def _chart(title: str, networks: tuple[Carried, ...], norms: list[Norms]) -> Chart:
    series = []
    for network, values in zip(networks, norms, strict=True):
        points = [(float(k), float(ratio)) for k, ratio in enumerate(relative(values))]
        series.append(Series(network.name, [point for point in points if point[1] >= LOWEST_DRAWN]))
    return Chart(title, series, "distance in symbols", "gradient over that at distance 0", log_y=True)


def _table(title: str, networks: tuple[Carried, ...], norms: list[Norms]) -> Table:
    last = len(norms[0]) - 1
    distances = sorted({k for k in TABLED if k < last} | {last})
    at = judged_at(last)
    rows = []
    for network, values in zip(networks, norms, strict=True):
        ratios = relative(values)
        rows.append((network.name, *(_number(ratios[k]) for k in distances), _label(values, at)))
    return Table(f"{title}: gradient over that at distance 0", ("network", *map(str, distances), f"at {at} it"), rows)


def _label(norms: Norms, at: int) -> str:
    """The verdict at a distance, with the distance from which on it holds where it says that something is gone or too much."""
    word = verdict(float(relative(norms)[at]))
    first = {"vanishes": reach(norms), "explodes": explodes_at(norms)}.get(word)
    return word if first is None else f"{word} from {first} on"


def _sentences(found: Gradients, hidden: int, scale: float) -> list[str]:
    """What has been measured, and no more."""
    networks = {network.name: network for network in found.networks}
    at = judged_at(len(found.networks[0].start) - 1)
    words: dict[str, list[str]] = {}
    for network in found.networks:
        words.setdefault(verdict(relative(network.trained)[at]), []).append(network.name)
    verdicts = "; ".join(f"it {word} in {', '.join(names)}" for word, names in words.items())
    losses = ", ".join(f"{network.name} {network.loss:.2f}" for network in found.networks)
    said = [
        f"Each network is {hidden} wide and was trained for {found.steps:,} steps of {BATCH} x {found.stretch} symbols; "
        f"nats a symbol at the end: {losses}."
        + (f" Their recurrent matrices began {scale:g} times as large as seqgen begins them." if scale != 1 else ""),
        f"The gradient at distance {at} after training: {verdicts}.",
        *_carried(found),
        _compared(networks["LSTM"], networks["tanh RNN"], at),
        f"Relative to distance 0, it vanishes below {VANISHES:g}, shrinks below {SHRINKS:g}, explodes above {EXPLODES:g} "
        f"and stays in between; figures are means over {STREAMS} places, and not drawn below {LOWEST_DRAWN:g}.",
    ]
    undone = [f"{network.name} {network.undone}" for network in found.networks if network.undone]
    return [*said, f"Steps that exploded and were undone: {', '.join(undone)}."] if undone else said


def _carried(found: Gradients) -> list[str]:
    """How far each network carries, in symbols, against the tanh RNN; where something explodes, how much."""
    said = []
    for when in ("start", "trained"):
        norms: dict[str, Norms] = {network.name: getattr(network, when) for network in found.networks}
        last = len(norms["LSTM"]) - 1
        at = judged_at(last)
        ends = {name: reach(values) for name, values in norms.items()}
        listed = ", ".join(f"{name} {f'over {last}' if end is None else end}" for name, end in ends.items())
        stage, plain = "At the start" if when == "start" else "After training", ends["tanh RNN"]
        against = ""
        if plain:
            times = {name: "over " * (end is None) + f"{(end or last) / plain:.1f}" for name, end in ends.items()}
            against = f": the GRU carries {times['GRU']} times as far as the tanh RNN, the LSTM {times['LSTM']} times"
        said.append(f"{stage}, it first falls to a thousandth of that at distance 0 after so many symbols: {listed}{against}.")
        for name, values in norms.items():
            if verdict(ratio := float(relative(values)[at])) == "explodes":
                much = _number(ratio)
                said.append(f"{stage}, it explodes in the {name}: at distance {at} it is {much} times that at distance 0.")
    return [*said, "What has vanished far away is still there near by: a network learns from so many symbols, not from none."]


def _compared(lstm: Carried, plain: Carried, at: int) -> str:
    """The LSTM against the plain RNN, before and after training."""
    stages = {"at the start": (lstm.start, plain.start), "after training": (lstm.trained, plain.trained)}
    figures, further = [], []
    for when, (above, below) in stages.items():
        one, other = float(relative(above)[at]), float(relative(below)[at])
        figures.append(f"{_number(one / other) if other else 'infinitely many'} times as large {when}")
        further += [when] * (one > other)
    claim = f": the LSTM carries it further {' and '.join(further)}" if further else ""
    return f"At distance {at}, against the tanh RNN's, the LSTM's ratio is {' and '.join(figures)}{claim}."


def _number(value: float) -> str:
    """Three digits where that is readable, else a power of ten."""
    return f"{value:.3g}" if 1e-3 <= abs(value) < 1e4 or value == 0 else f"{value:.1e}"


def record_of(found: Gradients, settings: Record) -> Record:
    """The numbers, with four digits each."""

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
                    "reach": reach(norms),
                }
                for stage, norms in (("start", network.start), ("trained", network.trained))
            },
        }
        for network in found.networks
    ]
    return {**settings, "steps": found.steps, "stretch": found.stretch, "judged_at": at, "networks": networks}
